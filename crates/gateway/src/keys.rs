//! API keys: their form, and who they are.
//!
//! `lk_test_<prefix>_<secret>`: the family, whether money is real, eight bytes by which the key is found, and 256 random
//! bits with a checksum over everything before it, in hexadecimal. What was mistyped or made up is refused by its
//! checksum, before anything is looked up. Of the secret only its SHA-256 is recorded.
//!
//! `ls_<prefix>_<secret>` is the key of a service; see [`ServiceKey`].

use ledger::book::Environment;
use ledger::keys::{Family, NewKey, Scope};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::hex;

mod ring;
mod service;

pub use ring::FRESH;
pub(crate) use ring::{Caller, Ring};
pub use service::ServiceKey;

const PREFIX_BYTES: usize = 8;
const SECRET_BYTES: usize = 32;
const CHECKSUM_BYTES: usize = 4;

/// Makes a key: its text, which is shown once, and what is recorded of it.
///
/// # Panics
///
/// Where the operating system has no source of randomness.
pub fn generate(family: Family, environment: Environment, scope: Scope) -> (String, NewKey) {
    let prefix: [u8; PREFIX_BYTES] = crate::random();
    let secret: [u8; SECRET_BYTES] = crate::random();
    let mut text = start(family, environment).to_owned();
    text += &hex::encode(&prefix);
    text += "_";
    text += &hex::encode(&secret);
    text += &hex::encode(&checksum(&text));
    (text, NewKey { family, scope, prefix, digest: Sha256::digest(secret).into() })
}

/// A key as a client sent it, well formed. Whether it is one of ours is for the [`Ring`] to say.
pub(crate) struct Presented {
    pub(crate) environment: Environment,
    pub(crate) prefix: [u8; PREFIX_BYTES],
    family: Family,
    digest: [u8; 32],
}

impl Presented {
    /// `None` for what no [`generate`] has made.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (family, environment) = FORMS.into_iter().find_map(|(family, environment)| {
            text.starts_with(start(family, environment)).then_some((family, environment))
        })?;
        let (prefix, secret) = parts(text, start(family, environment))?;
        Some(Self { environment, prefix, family, digest: Sha256::digest(secret).into() })
    }

    /// Whether this is the recorded key. Takes as long whatever differs.
    pub(crate) fn is(&self, family: Family, digest: &[u8; 32]) -> bool {
        self.family == family && bool::from(self.digest.ct_eq(digest))
    }
}

const FORMS: [(Family, Environment); 4] = [
    (Family::LedgerOs, Environment::Sandbox),
    (Family::LedgerOs, Environment::Live),
    (Family::LedgerApi, Environment::Sandbox),
    (Family::LedgerApi, Environment::Live),
];

fn start(family: Family, environment: Environment) -> &'static str {
    match (family, environment) {
        (Family::LedgerOs, Environment::Sandbox) => "lk_test_",
        (Family::LedgerOs, Environment::Live) => "lk_live_",
        (Family::LedgerApi, Environment::Sandbox) => "ld_test_",
        (Family::LedgerApi, Environment::Live) => "ld_live_",
    }
}

/// The prefix and the secret of a key, if it begins with `start` and its checksum is right.
fn parts(text: &str, start: &str) -> Option<([u8; PREFIX_BYTES], [u8; SECRET_BYTES])> {
    let (prefix, secret) = text.strip_prefix(start)?.split_once('_')?;
    let prefix = unhex(prefix)?;
    let (secret, sum) = secret.split_at_checked(2 * SECRET_BYTES)?;
    let secret = unhex(secret)?;
    let is_whole = unhex(sum)? == checksum(&text[..text.len() - 2 * CHECKSUM_BYTES]);
    is_whole.then_some((prefix, secret))
}

fn checksum(text: &str) -> [u8; CHECKSUM_BYTES] {
    let hash = Sha256::new().chain_update(b"ledgeros key 1").chain_update(text).finalize();
    *hash.first_chunk().expect("SHA-256 has 32 bytes")
}

/// Exactly `N` bytes.
fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    hex::decode(text)?.try_into().ok()
}

#[cfg(test)]
mod tests;
