//! Snapshots of a book, whose checksum anybody can make.

use std::fs;

use journal::Head;
use ledger::Book;
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use writer::{Filed, snapshot};

use super::Target;
use super::history_of_a_player::entries;

pub(super) const TARGET: Target = Target { name: "snapshot", seeds, try_on };

const INCARNATION: [u8; 16] = [2; 16];
const CHECKSUM_BYTES: usize = 32;

/// Without the checksum.
fn seeds() -> Vec<Vec<u8>> {
    let books = [0, 20, 60].map(|steps| {
        let mut book = Book::default();
        let mut hash = Head::EMPTY.hash;
        if 0 < steps {
            for stored in entries(steps, 1) {
                book.apply(&stored.entry);
                hash = stored.hash;
            }
        }
        written(&book, Head { position: book.position(), hash }, Filed::default())
    });
    books.into_iter().collect()
}

/// The file without its checksum.
fn written(book: &Book, head: Head, filed: Filed) -> Vec<u8> {
    let folder = TempDir::new().expect("a folder can be made");
    let path = folder.path().join("snapshot");
    snapshot::write(&path, INCARNATION, book, head, filed).expect("a snapshot can be written");
    let mut file = fs::read(path).expect("a snapshot can be read");
    file.truncate(file.len() - CHECKSUM_BYTES);
    file
}

fn try_on(bytes: &[u8]) {
    let folder = TempDir::new().expect("a folder can be made");
    let path = folder.path().join("snapshot");
    let file = [bytes, Sha256::digest(bytes).as_slice()].concat();
    fs::write(&path, file).expect("a file can be written");
    let Some((book, head, filed)) = snapshot::read(&path, INCARNATION) else { return };
    let again = written(&book, head, filed);
    let reread = Sha256::digest(&again);
    fs::write(&path, [&again[..], reread.as_slice()].concat()).expect("a file can be written");
    let read = snapshot::read(&path, INCARNATION).expect("what was written can be read");
    assert!(read == (book, head, filed), "the same book is read again");
}
