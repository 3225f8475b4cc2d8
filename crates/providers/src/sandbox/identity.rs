//! The verifier of identities.

use ledger::{HolderId, id};

use super::derive;

/// Where a holder is verified: the same page whenever it is asked for, and no one else's to guess.
///
/// `base` has no slash at its end.
pub fn verification_url(base: &str, seed: &[u8; 32], holder: HolderId) -> String {
    let derived = derive(seed, "verification", holder);
    let token = derived.first_chunk().expect("a hash has more than 16 bytes");
    format!("{base}/verify/{}", id::encode(*token))
}

#[cfg(test)]
mod tests;
