//! Checkpoints: signed statements of how long a journal is and what its [tree](crate::tree)'s root is.
//!
//! The text is a checkpoint of [C2SP tlog-checkpoint](https://c2sp.org/tlog-checkpoint) in a note of
//! [C2SP signed-note](https://c2sp.org/signed-note), signed with Ed25519. Tools for transparency logs read it.
//!
//! ```text
//! ledgeros/book_01…/0123456789abcdef0123456789abcdef
//! 1000
//! CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
//!
//! — ledgeros/book_01…/0123456789abcdef0123456789abcdef Az3grl…
//! ```
//!
//! The first line, the origin, names the book and its incarnation: a journal that began anew is another log.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use ed25519_dalek::{Signature, Signer};
use ledger::{BookId, Timestamp};
use sha2::{Digest, Sha256};

use crate::form::Hash;

/// The end of a journal with a key always has a checkpoint. One is kept at least every so many entries; a batch is not
/// divided.
pub const EVERY_ENTRIES: u64 = 1_000;
/// And with every batch that ends so long after the last one, on the book's clock.
pub const EVERY_MS: u64 = 1_000;

/// What C2SP calls the kind of an Ed25519 key.
const ED25519: u8 = 1;
/// What a line with a signature begins with.
const SIGNED_BY: &str = "\u{2014} ";

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
}

/// Signs the checkpoints of one journal.
#[derive(Clone)]
pub struct SigningKey {
    origin: Origin,
    key: ed25519_dalek::SigningKey,
}

impl SigningKey {
    /// The key with this secret.
    pub fn new(origin: Origin, secret: &[u8; 32]) -> Self {
        Self { origin, key: ed25519_dalek::SigningKey::from_bytes(secret) }
    }

    /// What its signatures are checked with.
    pub fn verifying_key(&self) -> VerifyingKey {
        VerifyingKey { name: self.origin.0.clone(), key: self.key.verifying_key() }
    }

    /// The note that says that the journal has `size` entries and its tree this root.
    pub fn sign(&self, size: u64, root: Hash) -> String {
        let body = Checkpoint { origin: self.origin.clone(), size, root }.body();
        let signature = self.key.sign(body.as_bytes()).to_bytes();
        let signed = [self.verifying_key().id().as_slice(), &signature].concat();
        format!("{body}\n{SIGNED_BY}{} {}\n", self.origin, BASE64.encode(signed))
    }
}

/// The checkpoint of a note that one of the keys has signed. Where none has, what the first says that knows the note.
pub fn open(keys: &[VerifyingKey], note: &str) -> Result<Checkpoint, InvalidNote> {
    let mut found = Err(InvalidNote::NotSigned);
    for key in keys {
        found = key.open(note);
        if found != Err(InvalidNote::NotSigned) {
            break;
        }
    }
    found
}

/// Whether the checkpoint of a journal of `size` entries, made at the time `at`, is to be kept when `last` was the last one
/// that was.
pub(crate) fn is_due(last: Option<(u64, Timestamp)>, size: u64, at: Timestamp) -> bool {
    last.is_none_or(|(last_size, last_at)| {
        EVERY_ENTRIES <= size - last_size || last_at.plus_ms(EVERY_MS) <= at
    })
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("origin", &self.origin).finish_non_exhaustive()
    }
}

/// Checks the checkpoints of one journal. Its text form is that of C2SP: name, key id, key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyingKey {
    name: String,
    key: ed25519_dalek::VerifyingKey,
}

impl VerifyingKey {
    /// Reads the text form. `None` for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        let (name, rest) = text.split_once('+')?;
        let (id, key) = rest.split_once('+')?;
        let key = BASE64.decode(key).ok()?;
        let (kind, key) = key.split_first()?;
        let key = ed25519_dalek::VerifyingKey::from_bytes(key.try_into().ok()?).ok()?;
        let found = Self { name: name.to_owned(), key };
        (*kind == ED25519 && is_name(name) && hex(found.id()) == id).then_some(found)
    }

    /// The checkpoint of a note, once its signature by this key is checked. Signatures by others are passed over.
    pub fn open(&self, note: &str) -> Result<Checkpoint, InvalidNote> {
        let (body, signatures) = note.rsplit_once("\n\n").ok_or(InvalidNote::Form)?;
        let body = format!("{body}\n");
        let signature = signatures
            .split_inclusive('\n')
            .find_map(|line| self.signature(line))
            .ok_or(InvalidNote::NotSigned)?;
        self.key
            .verify_strict(body.as_bytes(), &signature)
            .map_err(|_| InvalidNote::BadSignature)?;

        let mut lines = body.lines();
        let (origin, size, root) = (lines.next(), lines.next(), lines.next());
        let (Some(origin), Some(size), Some(root), None) = (origin, size, root, lines.next())
        else {
            return Err(InvalidNote::Form);
        };
        let root = BASE64.decode(root).ok().and_then(|root| root.try_into().ok());
        let checkpoint = Checkpoint {
            origin: Origin(origin.to_owned()),
            size: size.parse().map_err(|_| InvalidNote::Form)?,
            root: Hash(root.ok_or(InvalidNote::Form)?),
        };
        match checkpoint.body() == body {
            _ if origin != self.name => Err(InvalidNote::OtherOrigin),
            true => Ok(checkpoint),
            false => Err(InvalidNote::Form),
        }
    }

    /// The signature in a line, if it is by this key.
    fn signature(&self, line: &str) -> Option<Signature> {
        let line = line.strip_prefix(SIGNED_BY)?.strip_suffix('\n')?;
        let (name, signed) = line.split_once(' ')?;
        let signed = BASE64.decode(signed).ok()?;
        let (id, signature) = signed.split_first_chunk()?;
        let is_ours = name == self.name && *id == self.id();
        is_ours.then(|| Signature::from_slice(signature).ok()).flatten()
    }

    /// The first four bytes of a hash of name and key: tells keys of one name apart.
    fn id(&self) -> [u8; 4] {
        let hash = Sha256::new()
            .chain_update(self.name.as_bytes())
            .chain_update([b'\n', ED25519])
            .chain_update(self.key.as_bytes())
            .finalize();
        *hash.first_chunk().expect("SHA-256 has 32 bytes")
    }
}

impl fmt::Display for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = [&[ED25519], self.key.as_bytes().as_slice()].concat();
        write!(f, "{}+{}+{}", self.name, hex(self.id()), BASE64.encode(key))
    }
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

fn hex(id: [u8; 4]) -> String {
    format!("{:08x}", u32::from_be_bytes(id))
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|letter: char| letter.is_whitespace() || letter == '+')
}

#[cfg(test)]
mod tests;
