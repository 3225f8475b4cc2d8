//! The append-only record of a book, and its proof that nothing in it was changed.
//!
//! # Promises
//!
//! - Positions are 1, 2, 3 … without a gap. Each stored entry carries the hash of the one before, so a changed entry
//!   is noticed when it is read.
//! - Stored bytes are hashed as they were written, and never changed or encoded again.
//! - An append ends in one of three ways: committed, known not to have happened, or unknown ([`Outcome`]).
//! - A writer that was replaced appends nothing: every append names the [`Epoch`] that its writer claimed. It can also ask,
//!   without writing, whether it was.
//! - An id from outside ([`ledger::Reference`]) stands in one entry at most: the store refuses a second one.
//! - What was acknowledged and then lost is noticed at start, by the [`anchor`] that lies outside the store.
//!
//! # Map
//!
//! [`form`] is the stored form of an entry and its hash; [`store`] what every store does; [`sqlite`], [`postgres`] and
//! [`memory`] are the stores, [`chain`] what they all check, [`outage`] which of their errors pass, and [`causes`] how they are told; [`copy`] is how a journal
//! comes from one into another; [`anchor`] keeps the head outside the store. [`checkpoint`]s of the [`tree`] over all entries and the
//! [`statement`]s of operators' acts are signed [`note`]s.

pub mod anchor;
pub mod causes;
pub mod chain;
pub mod checkpoint;
pub mod copy;
pub mod form;
pub mod memory;
pub mod note;
pub mod outage;
pub mod postgres;
pub mod proto;
pub mod sqlite;
pub mod statement;
pub mod store;
pub mod tree;

mod lookup;
mod whole;

pub use anchor::Anchor;
pub use form::{Hash, Stored, Undecodable, Word, decode, encode};
pub use store::{
    DatabaseError, Epoch, Failure, Head, OpenError, Outcome, ReadError, Reader, Store, WriterId,
};
