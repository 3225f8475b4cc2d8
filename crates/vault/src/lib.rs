//! What must never stand in the journal: personal data, documents, card numbers.
//!
//! A journal is for ever; a person may ask to be erased, and a card number must not leak. So the
//! journal holds a reference and a commitment, and what they stand for is here, encrypted. The
//! gateway writes here first, then sends its command with the [`Sealed`] that it got; what no entry
//! comes to name is [discarded](Vault::discard), or [swept](Vault::sweep) before somebody is erased.
//!
//! # Promises
//!
//! To who writes:
//!
//! - What [`Vault::put`] returned is on disk. Puts that wait together share one sync.
//! - An item never changes. Each put makes another one under a random reference, so no retry, race
//!   or crash can give a recorded reference a second meaning, or bring back what was erased.
//!
//! To who reads:
//!
//! - A byte that was changed, an item moved to another reference, subject or kind, a key moved to
//!   another subject: an error, never another content. What is read is what the entry was about.
//! - What is not there and was not erased: an error. A vault that was lost, cut or put back is not taken for one whose people
//!   were erased.
//!
//! To the person whose data it is:
//!
//! - Everything is AES-256-GCM under a key per subject, itself sealed under a master key which is
//!   kept outside the database. The files alone tell lengths, times and counts.
//! - [`Vault::forget`] leaves neither key nor items in any of the vault's files.
//! - Contents and keys are overwritten in memory when they are let go, and their types can't be
//!   printed. No error holds any of them. A [`Cvv`] is computed, never stored.
//!
//! # What it does not do
//!
//! It does not reach into [`copy`]s: a backup forgets when it is deleted; who opens one says again
//! who was erased. Who may read what is the gateway's to decide.

mod card_number;
mod item;
mod key;
mod master_key;
mod vault;

pub use card_number::{CardNumber, Cvv, Expiry, InvalidCardNumber};
pub use item::{CONTENT_BYTES_MAX, Kind, Plaintext, Reference, Sealed, Subject};
pub use master_key::{MasterKey, MasterKeyError};
pub use vault::{Error, Vault, copy};
