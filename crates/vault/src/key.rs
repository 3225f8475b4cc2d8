//! All the cryptography of the crate: one key, and what it can do.

use aes_gcm::aead::{AeadInOut, KeyInit, Nonce};
use aes_gcm::{Aes256Gcm, Key as AesKey};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

pub(crate) const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 12;
const TAG_BYTES: usize = 16;

/// A 256-bit key, overwritten when dropped; on the heap, so that moving it leaves no copy behind.
#[derive(Default)]
pub(crate) struct Key(Box<Zeroizing<[u8; KEY_BYTES]>>);

impl Key {
    pub(crate) fn random() -> Self {
        let mut key = Self::default();
        fill_random(key.bytes_mut());
        key
    }

    /// `None` when there are not exactly [`KEY_BYTES`].
    pub(crate) fn from_slice(bytes: &[u8]) -> Option<Self> {
        if bytes.len() != KEY_BYTES {
            return None;
        }
        let mut key = Self::default();
        key.bytes_mut().copy_from_slice(bytes);
        Some(key)
    }

    /// A key of its own for one purpose: it gives away neither this key nor another purpose's.
    pub(crate) fn derive(&self, purpose: &str) -> Self {
        Self(Box::new(self.mac(&[purpose.as_bytes()])))
    }

    pub(crate) fn bytes(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }

    pub(crate) fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.0[..]
    }

    /// HMAC-SHA256 over the parts, each after its length: no two lists of parts read alike.
    pub(crate) fn mac(&self, parts: &[&[u8]]) -> Zeroizing<[u8; 32]> {
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(self.bytes())
            .expect("HMAC takes a key of any length");
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        Zeroizing::new(mac.finalize().into_bytes().into())
    }

    /// AES-256-GCM of the parts in a row, which opens with the same context only:
    /// `nonce ‖ ciphertext ‖ tag`.
    ///
    /// The nonce is random, which NIST SP 800-38D allows for 2^32 calls with one key: far more than
    /// subjects under the wrapping key, or items under a subject's.
    pub(crate) fn seal(&self, context: &[u8], parts: &[&[u8]]) -> Vec<u8> {
        let nonce: [u8; NONCE_BYTES] = random();
        // Its whole length at once: a buffer that grew would leave plaintext in what it gave back.
        let bytes: usize = parts.iter().map(|part| part.len()).sum();
        let mut sealed = Vec::with_capacity(NONCE_BYTES + bytes + TAG_BYTES);
        sealed.extend_from_slice(&nonce);
        for part in parts {
            sealed.extend_from_slice(part);
        }
        let tag = self
            .cipher()
            .encrypt_inout_detached(
                &Nonce::<Aes256Gcm>::from(nonce),
                context,
                (&mut sealed[NONCE_BYTES..]).into(),
            )
            .expect("the parts are in memory, so shorter than the 64 GiB that GCM takes");
        sealed.extend_from_slice(&tag);
        sealed
    }

    /// What [`seal`](Self::seal) sealed; `None` when a byte, the key or the context is another.
    pub(crate) fn open(&self, context: &[u8], mut sealed: Vec<u8>) -> Option<Zeroizing<Vec<u8>>> {
        let nonce = Nonce::<Aes256Gcm>::try_from(sealed.get(..NONCE_BYTES)?).ok()?;
        sealed.drain(..NONCE_BYTES);
        let mut opened = Zeroizing::new(sealed);
        self.cipher().decrypt_in_place(&nonce, context, &mut *opened).ok()?;
        Some(opened)
    }

    fn cipher(&self) -> Aes256Gcm {
        Aes256Gcm::new(<&AesKey<Aes256Gcm>>::from(self.bytes()))
    }
}

/// Random bytes for a name, a salt, a nonce.
pub(crate) fn random<const BYTES: usize>() -> [u8; BYTES] {
    let mut bytes = [0; BYTES];
    fill_random(&mut bytes);
    bytes
}

/// # Panics
///
/// Where the operating system has no source of randomness: nothing can be kept secret there.
fn fill_random(bytes: &mut [u8]) {
    getrandom::fill(bytes).expect("the operating system gives random bytes");
}
