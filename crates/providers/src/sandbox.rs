//! The outside world of a test book, played by hand.

pub mod bank;
pub mod custody;
pub mod identity;
pub mod issuer;
pub mod network;
pub mod rates;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// What follows from the seed for one purpose and owner.
fn derive(seed: &[u8; 32], purpose: &str, owner: [u8; 16]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(seed).expect("HMAC takes a key of any length");
    mac.update(&owner);
    mac.update(purpose.as_bytes());
    mac.finalize().into_bytes().into()
}
