//! Names of requests.

use std::fmt;

use ledger::{Timestamp, id};

/// Names a request in its answer, in the log, and in the entry that it wrote: a UUIDv7.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RequestId(pub(crate) [u8; 16]);

impl RequestId {
    /// A new one.
    pub(crate) fn new(now: Timestamp) -> Self {
        let mut bytes: [u8; 16] = crate::random();
        bytes[..6].copy_from_slice(&now.as_millis().to_be_bytes()[2..]);
        bytes[6] = 0x70 | bytes[6] & 0x0f;
        bytes[8] = 0x80 | bytes[8] & 0x3f;
        Self(bytes)
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "req_{}", id::encode(self.0))
    }
}
