//! What the roles say to one another: commands to the writer, and committed entries to whoever follows the journal.
//!
//! In one process both are channels. Neither loses or doubles an effect when a message is lost or repeated: a command
//! has an id that counts once, and an entry has a position and the hash of the one before.

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

pub use commands::{Answer, Commands, Refusal, Submission};
pub use feed::{Feed, Publisher};
pub use role::{Role, RoleWatch};
