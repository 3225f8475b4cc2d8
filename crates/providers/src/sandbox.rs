//! The outside world of a test book, played by hand.

pub mod custody;
pub mod identity;
pub mod issuer;

use hmac::{Hmac, KeyInit, Mac};
use ledger::HolderId;
use sha2::Sha256;

/// What follows from the seed for one purpose and holder.
fn derive(seed: &[u8; 32], purpose: &str, holder: HolderId) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(seed).expect("HMAC takes a key of any length");
    mac.update(&holder.0);
    mac.update(purpose.as_bytes());
    mac.finalize().into_bytes().into()
}
