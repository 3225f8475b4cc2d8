//! The verifier of identities.

use ledger::{HolderId, id};

use super::derive;

/// Where a holder is verified: the same page whenever it is asked for, and no one else's to guess.
///
/// `base` has no slash at its end.
pub fn verification_url(base: &str, seed: &[u8; 32], holder: HolderId) -> String {
    format!("{base}/verify/{}", token(seed, "verification", holder))
}

/// Where a holder accepts the terms, as [`verification_url`].
pub fn terms_url(base: &str, seed: &[u8; 32], holder: HolderId) -> String {
    format!("{base}/terms/{}", token(seed, "terms", holder))
}

fn token(seed: &[u8; 32], purpose: &str, holder: HolderId) -> String {
    let derived = derive(seed, purpose, holder.0);
    id::encode(*derived.first_chunk().expect("a hash has more than 16 bytes"))
}

#[cfg(test)]
mod tests;
