use std::fmt;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

pub(crate) const SALT_BYTES: usize = 32;

/// The longest content, in bytes: the gateway takes no upload beyond 10 MiB.
pub const CONTENT_BYTES_MAX: usize = 10 * 1024 * 1024;

/// A person, a card or a webhook: the owner of a key, and what can be erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject(pub [u8; 16]);

/// Names an item; drawn at random when the item is stored, and never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference(pub [u8; 16]);

/// What an item is. A reference to one kind can't be read as another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Name, contact, address, date of birth, tax id.
    Profile,
    /// An uploaded document.
    Document,
    /// The digits of a [`CardNumber`](crate::CardNumber).
    CardNumber,
    /// The address or the account that a transfer goes to.
    Destination,
    /// Where a webhook is told of what happens: an address that may carry a token.
    WebhookUrl,
    /// What a webhook's messages are signed with.
    WebhookSecret,
}

/// What an entry records of an item. It tells nothing about the content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sealed {
    /// Whose it is.
    pub subject: Subject,
    /// Which it is.
    pub reference: Reference,
    /// SHA-256 over the content and a random salt that only the vault knows: it can't be guessed
    /// at, and binds the entry to what was stored.
    pub commitment: [u8; 32],
}

/// A decrypted item, overwritten when dropped.
pub struct Plaintext {
    /// Salt, then content, as they were encrypted.
    salted: Zeroizing<Vec<u8>>,
}

impl Plaintext {
    /// `None` when too short to hold a salt.
    pub(crate) fn new(salted: Zeroizing<Vec<u8>>) -> Option<Self> {
        (SALT_BYTES <= salted.len()).then_some(Self { salted })
    }

    /// The content. Mind where it goes.
    pub fn expose(&self) -> &[u8] {
        &self.salted[SALT_BYTES..]
    }

    /// Whether this is what the commitment was made over.
    pub(crate) fn opens(&self, commitment: &[u8; 32]) -> bool {
        let (salt, content) = self.salted.split_at(SALT_BYTES);
        commit(salt, content).ct_eq(commitment).into()
    }
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Profile => "profile",
            Self::Document => "document",
            Self::CardNumber => "card_number",
            Self::Destination => "destination",
            Self::WebhookUrl => "webhook_url",
            Self::WebhookSecret => "webhook_secret",
        }
    }
}

pub(crate) fn commit(salt: &[u8], content: &[u8]) -> [u8; 32] {
    Sha256::new()
        .chain_update(b"ledgeros vault 1: commitment")
        .chain_update(salt)
        .chain_update(content)
        .finalize()
        .into()
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}
