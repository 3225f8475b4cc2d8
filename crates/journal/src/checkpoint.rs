//! Checkpoints: signed statements of how long a journal is and what its [tree](crate::tree)'s root is.
//!
//! The text is a checkpoint of [C2SP tlog-checkpoint](https://c2sp.org/tlog-checkpoint) in a [signed note](crate::note).
//! Tools for transparency logs read it.
//!
//! ```text
//! ledgeros/book_01…/0123456789abcdef0123456789abcdef
//! 1000
//! CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
//!
//! — ledgeros/book_01…/0123456789abcdef0123456789abcdef Az3grl…
//! ```
//!
//! The first line, the origin, names the book and its incarnation: a journal that goes on after a loss is another log.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use ledger::{BookId, Timestamp};

use crate::form::Hash;
use crate::note::{self, Note};

pub use crate::note::VerifyingKey;

/// The end of a journal with a key always has a checkpoint. One is kept at least every so many entries; a batch is not
/// divided.
pub const EVERY_ENTRIES: u64 = 1_000;
/// And with every batch that ends so long after the last one, on the book's clock.
pub const EVERY_MS: u64 = 1_000;

/// A journal's length and its tree's root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which journal.
    pub origin: Origin,
    /// How many entries it has.
    pub size: u64,
    /// The root of the tree over them.
    pub root: Hash,
}

/// The name of a journal among all: its book and its incarnation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(String);

impl Origin {
    /// Of a book's journal with this incarnation.
    pub fn new(book: BookId, incarnation: [u8; 16]) -> Self {
        let incarnation: String = incarnation.iter().map(|byte| format!("{byte:02x}")).collect();
        Self(format!("ledgeros/{book}/{incarnation}"))
    }

    /// Whether it is that of a journal of this book, of whatever incarnation.
    pub fn is_of(&self, book: BookId) -> bool {
        let incarnation = self.0.strip_prefix(&format!("ledgeros/{book}/"));
        incarnation.is_some_and(|incarnation| !incarnation.contains('/'))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Checkpoint {
    /// What is signed: everything before the empty line.
    fn body(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, BASE64.encode(self.root.0))
    }

    /// Reads such a body, and no other way to write the same.
    fn parse(body: &str) -> Result<Self, InvalidNote> {
        let mut lines = body.lines();
        let (origin, size, root) = (lines.next(), lines.next(), lines.next());
        let (Some(origin), Some(size), Some(root), None) = (origin, size, root, lines.next())
        else {
            return Err(InvalidNote::Form);
        };
        let root = BASE64.decode(root).ok().and_then(|root| root.try_into().ok());
        let checkpoint = Self {
            origin: Origin(origin.to_owned()),
            size: size.parse().map_err(|_| InvalidNote::Form)?,
            root: Hash(root.ok_or(InvalidNote::Form)?),
        };
        if checkpoint.body() == body { Ok(checkpoint) } else { Err(InvalidNote::Form) }
    }
}

/// Signs the checkpoints of one journal.
#[derive(Debug, Clone)]
pub struct SigningKey {
    origin: Origin,
    key: note::SigningKey,
}

impl SigningKey {
    /// The key with this secret.
    pub fn new(origin: Origin, secret: &[u8; 32]) -> Self {
        let key = note::SigningKey::new(origin.to_string(), secret);
        Self { origin, key }
    }

    /// What its signatures are checked with.
    pub fn verifying_key(&self) -> VerifyingKey {
        self.key.verifying_key()
    }

    /// The note that says that the journal has `size` entries and its tree this root.
    pub fn sign(&self, size: u64, root: Hash) -> String {
        let body = Checkpoint { origin: self.origin.clone(), size, root }.body();
        format!("{body}\n{}", self.key.sign(&body))
    }
}

/// The checkpoint of a note that one of the keys has signed. Where none has, what the first says that knows the note.
pub fn open(keys: &[VerifyingKey], note: &str) -> Result<Checkpoint, InvalidNote> {
    let note = Note::parse(note)?;
    let mut found = Err(InvalidNote::NotSigned);
    for key in keys {
        found = note.check(key).map_err(InvalidNote::from).and_then(|()| {
            let checkpoint = Checkpoint::parse(note.text())?;
            match checkpoint.origin.0 == key.name() {
                true => Ok(checkpoint),
                false => Err(InvalidNote::OtherOrigin),
            }
        });
        if found != Err(InvalidNote::NotSigned) {
            break;
        }
    }
    found
}

/// What a note says, whoever has signed it.
pub(crate) fn read(note: &str) -> Result<Checkpoint, InvalidNote> {
    let (body, _) = note.rsplit_once("\n\n").ok_or(InvalidNote::Form)?;
    Checkpoint::parse(&format!("{body}\n"))
}

/// Whether the checkpoint of a journal of `size` entries, made at the time `at`, is to be kept when `last` was the last one
/// that was.
pub(crate) fn is_due(last: Option<(u64, Timestamp)>, size: u64, at: Timestamp) -> bool {
    last.is_none_or(|(last_size, last_at)| {
        // One of a longer journal is a damaged row's: it is no reason to panic.
        EVERY_ENTRIES <= size.saturating_sub(last_size) || last_at.plus_ms(EVERY_MS) <= at
    })
}

/// Why a note is no checkpoint that can be relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidNote {
    /// It does not read like one.
    #[error("the text is no signed checkpoint")]
    Form,
    /// Nobody whom we know has signed it.
    #[error("the checkpoint is not signed with this key")]
    NotSigned,
    /// The text or the signature was changed.
    #[error("the signature is not one of this text")]
    BadSignature,
    /// It is another journal's, signed with this one's key.
    #[error("the checkpoint is of another journal")]
    OtherOrigin,
}

impl From<note::InvalidNote> for InvalidNote {
    fn from(invalid: note::InvalidNote) -> Self {
        match invalid {
            note::InvalidNote::Form => Self::Form,
            note::InvalidNote::NotSigned => Self::NotSigned,
            note::InvalidNote::BadSignature => Self::BadSignature,
        }
    }
}

#[cfg(test)]
mod tests;
