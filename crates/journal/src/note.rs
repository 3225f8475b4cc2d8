//! Signed notes: a text, and lines with signatures of it.
//!
//! The form is that of [C2SP signed-note](https://c2sp.org/signed-note), with Ed25519:
//!
//! ```text
//! What is signed: one or more lines.
//!
//! — name Az3grl…
//! — other-name x08go…
//! ```

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use ed25519_dalek::{Signature, Signer};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// What C2SP calls the kind of an Ed25519 key.
const ED25519: u8 = 1;
/// What a line with a signature begins with.
const SIGNED_BY: &str = "\u{2014} ";
/// What the text form of a secret begins with, as the Go implementation writes it.
const SECRET: &str = "PRIVATE+KEY+";

/// A text with signatures, none of which is checked yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Note<'a> {
    text: &'a str,
    signatures: &'a str,
}

impl<'a> Note<'a> {
    /// Parts the text from the lines after it. Nothing of either is checked.
    pub fn parse(note: &'a str) -> Result<Self, InvalidNote> {
        let (text, signatures) = note.rsplit_once("\n\n").ok_or(InvalidNote::Form)?;
        Ok(Self { text: &note[..text.len() + 1], signatures })
    }

    /// What is signed; it ends with a line feed.
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// Whose signatures there are, by their own word.
    pub fn signers(&self) -> impl Iterator<Item = &'a str> {
        let lines = self.signatures.lines().filter_map(|line| line.strip_prefix(SIGNED_BY));
        lines.filter_map(|line| Some(line.split_once(' ')?.0))
    }

    /// Checks that a key has signed the text. Signatures by others are passed over.
    pub fn check(&self, key: &VerifyingKey) -> Result<(), InvalidNote> {
        let mut lines = self.signatures.split_inclusive('\n');
        let signature = lines.find_map(|line| key.signature(line)).ok_or(InvalidNote::NotSigned)?;
        let checked = key.key.verify_strict(self.text.as_bytes(), &signature);
        checked.map_err(|_| InvalidNote::BadSignature)
    }
}

/// Signs texts under a name.
#[derive(Clone)]
pub struct SigningKey {
    name: String,
    key: ed25519_dalek::SigningKey,
}

impl SigningKey {
    /// The key with this secret.
    ///
    /// # Panics
    ///
    /// When the name is empty, or has white space or a plus sign.
    pub fn new(name: impl Into<String>, secret: &[u8; 32]) -> Self {
        let name = name.into();
        assert!(is_name(&name), "a key's name is one word");
        Self { name, key: ed25519_dalek::SigningKey::from_bytes(secret) }
    }

    /// Reads the text form of the secret. `None` for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        let (name, rest) = text.strip_prefix(SECRET)?.split_once('+')?;
        let (id, secret) = rest.split_once('+')?;
        let secret = Zeroizing::new(BASE64.decode(secret).ok()?);
        let (kind, secret) = secret.split_first()?;
        let key = ed25519_dalek::SigningKey::from_bytes(secret.try_into().ok()?);
        let found = Self { name: name.to_owned(), key };
        (*kind == ED25519 && is_name(name) && hex(found.verifying_key().id()) == id)
            .then_some(found)
    }

    /// The text form of the secret: name, key id, secret.
    pub fn secret_text(&self) -> Zeroizing<String> {
        let secret = Zeroizing::new(self.key.to_bytes());
        let bytes = Zeroizing::new([&[ED25519], secret.as_slice()].concat());
        let encoded = Zeroizing::new(BASE64.encode(&*bytes));
        let id = hex(self.verifying_key().id());
        Zeroizing::new(format!("{SECRET}{}+{id}+{}", self.name, *encoded))
    }

    /// What its signatures are checked with.
    pub fn verifying_key(&self) -> VerifyingKey {
        VerifyingKey { name: self.name.clone(), key: self.key.verifying_key() }
    }

    /// The line that says that this key has signed the text.
    pub fn sign(&self, text: &str) -> String {
        let signature = self.key.sign(text.as_bytes()).to_bytes();
        let signed = [self.verifying_key().id().as_slice(), &signature].concat();
        format!("{SIGNED_BY}{} {}\n", self.name, BASE64.encode(signed))
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Checks signatures. Its text form is that of C2SP: name, key id, key.
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

    /// Who signs with it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The key itself, whatever its name.
    pub fn bytes(&self) -> &[u8; 32] {
        self.key.as_bytes()
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

/// Why a note can't be relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidNote {
    /// It does not read like one.
    #[error("the text is no signed note")]
    Form,
    /// This key has not signed it.
    #[error("the note is not signed with this key")]
    NotSigned,
    /// The text or the signature was changed.
    #[error("the signature is not one of this text")]
    BadSignature,
}

fn hex(id: [u8; 4]) -> String {
    format!("{:08x}", u32::from_be_bytes(id))
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|letter: char| letter.is_whitespace() || letter == '+')
}

#[cfg(test)]
mod tests;
