//! What a webhook's messages are signed with.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// As long as what HMAC-SHA256 gives; Standard Webhooks takes 24 to 64.
const BYTES: usize = 32;

/// A new one, in the form of Standard Webhooks: `whsec_` and its random bytes in base 64.
pub(super) fn generate() -> String {
    format!("whsec_{}", STANDARD.encode(crate::random::<BYTES>()))
}
