//! The key of the service itself: it makes books and lists them, and opens none.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::{PREFIX_BYTES, SECRET_BYTES, checksum, parts};
use crate::hex;

const START: &str = "ls_";

/// What the service's key is recognised by.
#[derive(Clone)]
pub struct ServiceKey {
    pub(crate) prefix: [u8; PREFIX_BYTES],
    digest: [u8; 32],
}

impl ServiceKey {
    /// Makes the text of a key: of the form of the others, with a start of its own.
    ///
    /// # Panics
    ///
    /// Where the operating system has no source of randomness.
    pub fn generate() -> String {
        let prefix: [u8; PREFIX_BYTES] = crate::random();
        let secret: [u8; SECRET_BYTES] = crate::random();
        let text = format!("{START}{}_{}", hex::encode(&prefix), hex::encode(&secret));
        format!("{text}{}", hex::encode(&checksum(&text)))
    }

    /// `None` for what no [`ServiceKey::generate`] has made.
    pub fn parse(text: &str) -> Option<Self> {
        let (prefix, secret) = parts(text, START)?;
        Some(Self { prefix, digest: Sha256::digest(secret).into() })
    }

    /// Whether both are the same key. Takes as long whatever differs.
    pub(crate) fn is(&self, other: &Self) -> bool {
        self.digest.ct_eq(&other.digest).into()
    }
}
