//! Committed entries on their way to those who follow the journal from other processes, over NATS JetStream.
//!
//! A carrier and nothing more: it may lose, repeat, reorder and forget what it likes. Who follows accepts an entry by its
//! position and the hash before it, and fills gaps from the journal.
//!
//! # Promises
//!
//! - Nobody waits for the bus: a [`Relay`] reads a feed that it may fall behind, and what it has missed, the journal.
//! - Entries of a book go out in order, only after they were committed, and as the bytes that are stored. A stream that was
//!   emptied or put back is filled again, as far back as followers would look for it there ([`REFILL_MAX`]). What a cut connection
//!   has lost between others stays lost: followers find it in the journal.
//! - What the stream ends with stays a witness: nothing older is sent after it, and nothing at all while the journal lacks it.
//! - What a [`Follower`] passes on stands in the journal: it asks for the last entry of what came together, and the others are
//!   chained to it. Messages of somebody else's, of a history that was given up, or that nobody can read change nothing.
//! - NATS may be away, wiped, or put back to an older copy at any time. It costs time only.
//! - Nothing personal and no secret is carried: what the journal does not have, no message has.
//!
//! # Map
//!
//! A [`Stream`] is the connection, what the stream must be like, and its last message of a book: a witness of how far the
//! journal once was. [`kind`] is the last word of a subject. [`relay::machine`] is the relay's logic, without IO.

pub mod follower;
pub mod relay;

mod kind;
mod message;
mod options;
mod reading;
mod stream;

pub use crate::follower::Follower;
pub use crate::kind::kind;
pub use crate::options::Options;
pub use crate::relay::{REFILL_MAX, Relay};
pub use crate::stream::{ConnectError, Stream, StreamError};
