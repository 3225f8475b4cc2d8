//! What the roles say to one another: commands to the writer, and committed entries to whoever follows the journal.
//!
//! In one process both are channels: [`Commands`] and [`Publisher`]. Between processes, commands go over gRPC, as
//! `proto/ledgeros/v1` has it: a [`server`] in the process that has the writer, a [`client`] at the other end of the
//! channel in one that has none. Whoever holds a [`Commands`] can't tell which.
//!
//! # Promises
//!
//! - Neither loses or doubles an effect when a message is lost or repeated: a command has an id that counts once, and an
//!   entry has a position and the hash of the one before.
//! - [`Refusal::Unavailable`] is certain: this sending did nothing, whatever an earlier one has done. What is not certain is [`Refusal::Unknown`].
//! - What a server reads is exactly what was sent, or refused: it never does less than was asked.
//! - A server answers every command that it has taken: for half a second when it leads no more, for five when it is to end.
//!   Whoever waits for longer asks again.
//! - Nothing waits without a limit: queues, streams, messages and times have one.
//!
//! # Map
//!
//! [`commands`] and [`feed`] are the channels, [`role`] says what a process is to a book. [`proto`] is generated;
//! `form` converts, `codec` refuses what is not known, `status` says what went wrong. [`tls`] says who may talk to whom.

pub mod client;
pub mod commands;
pub mod feed;
pub mod proto;
pub mod role;
pub mod server;
pub mod tls;

mod codec;
mod form;
mod limits;
mod status;

pub use commands::{Answer, Commands, PATIENCE, Refusal, Submission};
pub use feed::{Feed, Publisher};
pub use role::{Role, RoleWatch};
