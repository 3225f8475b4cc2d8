//! The book as a file, so that a start needs not read the whole journal. It can be thrown away at any time.

use std::fs;
use std::io;
use std::path::Path;

use journal::{Hash, Head};
use ledger::{Book, Position, RULES};
use sha2::{Digest, Sha256};

use crate::Filed;

const MAGIC: &[u8; 8] = b"ledgerb2";
const HASH_LENGTH: usize = 32;

/// Writes the book at the journal's end `head`, and the sum over the ids up to there.
///
/// The file is not synced: after a power loss it is either whole or recognised as broken.
pub fn write(
    path: &Path,
    incarnation: [u8; 16],
    book: &Book,
    head: Head,
    filed: Filed,
) -> io::Result<()> {
    let mut bytes = header(incarnation);
    bytes.extend_from_slice(&head.position.0.to_be_bytes());
    bytes.extend_from_slice(&head.hash.0);
    bytes.extend_from_slice(&filed.to_bytes());
    borsh::to_writer(&mut bytes, book)?;
    let checksum = Sha256::digest(&bytes);
    bytes.extend_from_slice(&checksum);
    let unfinished = path.with_extension("new");
    fs::write(&unfinished, bytes)?;
    fs::rename(unfinished, path)
}

/// Reads what [`write()`] wrote. `None` when there is nothing that these rules and this incarnation can use.
pub fn read(path: &Path, incarnation: [u8; 16]) -> Option<(Book, Head, Filed)> {
    let bytes = fs::read(path).ok()?;
    let (body, checksum) = bytes.split_at_checked(bytes.len().checked_sub(HASH_LENGTH)?)?;
    if Sha256::digest(body).as_slice() != checksum {
        return None;
    }
    let body = body.strip_prefix(header(incarnation).as_slice())?;
    let (position, body) = body.split_first_chunk()?;
    let (hash, body) = body.split_first_chunk()?;
    let (filed, body) = body.split_first_chunk()?;
    let book: Book = borsh::from_slice(body).ok()?;
    let head = Head { position: Position(u64::from_be_bytes(*position)), hash: Hash(*hash) };
    (book.position() == head.position).then_some((book, head, Filed::from_bytes(*filed)))
}

fn header(incarnation: [u8; 16]) -> Vec<u8> {
    [MAGIC.as_slice(), RULES.as_bytes(), &incarnation].concat()
}

#[cfg(test)]
mod tests;
