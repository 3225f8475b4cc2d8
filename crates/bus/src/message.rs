//! The form of a message.

use async_nats::HeaderMap;
use async_nats::header::NATS_MESSAGE_ID;
use journal::anchor::Mark;
use journal::{Hash, Head, Stored, Undecodable};
use ledger::{BookId, Position};

use crate::kind;

/// What every subject begins with.
pub(crate) const PREFIX: &str = "ledgeros";

const POSITION: &str = "Ledger-Position";
const HASH: &str = "Ledger-Hash";
const INCARNATION: &str = "Ledger-Incarnation";

/// Why a message is no entry.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unreadable {
    /// It was not sent by a relay.
    #[error("a header is missing, or not what it should be")]
    Headers,
    /// A newer program has sent it, or nobody of ours.
    #[error("the payload is no entry")]
    Payload(#[from] Undecodable),
    /// The headers speak of something else than the payload.
    #[error("the payload is not the entry that the headers name")]
    Other,
}

/// Where an entry is sent.
pub(crate) fn subject(book: BookId, stored: &Stored) -> String {
    format!("{PREFIX}.{book}.{}", kind(&stored.entry))
}

/// Where all entries of a book are sent.
pub(crate) fn subjects(book: BookId) -> String {
    format!("{PREFIX}.{book}.*")
}

/// What stands beside an entry. Its id names its hash: the same position of another history is another message.
pub(crate) fn headers(book: BookId, incarnation: [u8; 16], stored: &Stored) -> HeaderMap {
    let (position, hash) = (stored.entry.position.0.to_string(), stored.hash.to_string());
    let mut headers = HeaderMap::new();
    headers.insert(NATS_MESSAGE_ID, format!("{book}.{position}.{hash}"));
    headers.insert(POSITION, position);
    headers.insert(HASH, hash);
    headers.insert(
        INCARNATION,
        incarnation.iter().map(|byte| format!("{byte:02x}")).collect::<String>(),
    );
    headers
}

/// Which entry a message says that it carries.
pub(crate) fn head(headers: &HeaderMap) -> Option<Head> {
    let position = headers.get(POSITION)?.as_str().parse().ok()?;
    Some(Head { position: Position(position), hash: Hash(bytes(headers.get(HASH)?.as_str())?) })
}

/// The same, and of which journal of the book.
pub(crate) fn mark(book: BookId, headers: &HeaderMap) -> Option<Mark> {
    let incarnation = bytes(headers.get(INCARNATION)?.as_str())?;
    Some(Mark { book, incarnation, head: head(headers)? })
}

/// The entry of a message.
pub(crate) fn read(head: Head, payload: &[u8]) -> Result<Stored, Unreadable> {
    let stored = journal::decode(payload.to_vec())?;
    let found = Head { position: stored.entry.position, hash: stored.hash };
    if found == head { Ok(stored) } else { Err(Unreadable::Other) }
}

fn bytes<const COUNT: usize>(hex: &str) -> Option<[u8; COUNT]> {
    let mut bytes = [0; COUNT];
    if hex.len() != 2 * COUNT || !hex.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    for (byte, digits) in bytes.iter_mut().zip(hex.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some(bytes)
}
