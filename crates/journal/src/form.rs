//! The stored form of an entry: bytes of the messages in `proto/ledgeros/journal/v1`, and their hash.

use std::sync::Arc;

use ledger::Entry;
use prost::Message;
use prost::bytes::Bytes;
use sha2::{Digest, Sha256};

use crate::proto;

pub use words::Word;

/// SHA-256 over a zero byte and the stored bytes: the leaf hash of RFC 6962.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// Of stored bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::new().chain_update([0]).chain_update(bytes).finalize().into())
    }
}

impl std::fmt::Display for Hash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// An entry with the bytes that stand for it in a store.
#[derive(Debug, Clone)]
pub struct Stored {
    /// The entry.
    pub entry: Arc<Entry>,
    /// The hash of the entry before.
    pub previous: Hash,
    /// The bytes, as they were or will be written.
    pub bytes: Vec<u8>,
    /// Their hash.
    pub hash: Hash,
}

/// Encodes a new entry that follows the one with the hash `previous`.
///
/// # Panics
///
/// When [`decode`] would refuse the bytes, for one of the few reasons that the domain's types don't exclude: no event,
/// a position that no entry has, a `previous` that does not fit the position, a card's digits or month that are none.
pub fn encode(entry: Arc<Entry>, previous: Hash) -> Stored {
    let bytes = entry::write(&entry, previous).encode_to_vec();
    let hash = Hash::of(&bytes);
    Stored { entry, previous, bytes, hash }
}

/// Reads stored bytes. Old versions are read as what they mean today.
///
/// What is read is all that the bytes say: a field that this build does not know is an error.
pub fn decode(bytes: Vec<u8>) -> Result<Stored, Undecodable> {
    let hash = Hash::of(&bytes);
    let bytes = Bytes::from(bytes);
    let message = proto::Entry::decode(bytes.clone())?;
    let (entry, previous) = entry::read(&message)?;
    // Unknown fields are left out of the message, which is then shorter than what it was read from.
    if message.encoded_len() != bytes.len() {
        return Err(Undecodable::Unknown { field: "entry" });
    }
    // Its parts point into the bytes, which can be taken back once it is gone.
    drop(message);
    Ok(Stored { entry: Arc::new(entry), previous, bytes: bytes.into(), hash })
}

/// Why bytes are no entry.
#[derive(Debug, thiserror::Error)]
pub enum Undecodable {
    /// They are not protobuf of the stored form.
    #[error("the bytes are no protobuf message of the stored form")]
    Malformed(#[from] prost::DecodeError),
    /// A field that must be there is missing, or has a value that it can't have.
    #[error("`{field}` is missing or has a value that it can't have")]
    Invalid {
        /// The field's name in `proto/`.
        field: &'static str,
    },
    /// A kind of event, account or asset that this build does not know: a newer one wrote it.
    #[error("`{field}` has a value that this version does not know")]
    Unknown {
        /// The field's name in `proto/`.
        field: &'static str,
    },
    /// The postings don't balance.
    #[error("the postings don't balance")]
    Postings(#[from] ledger::posting::InvalidPostings),
}

mod agents;
mod authorizations;
mod book;
mod cards;
mod clearings;
mod deposits;
mod entry;
mod fields;
mod holders;
mod intents;
mod ledgers;
mod posting;
mod refunds;
mod transfers;
mod wallets;
mod webhooks;
mod words;
