//! What a process is to a book: told by the writer's side, asked by whoever serves others.

use journal::Epoch;
use tokio::sync::watch;

use crate::{Commands, Publisher};

/// What this process is to a book, as far as it knows.
#[derive(Debug, Clone)]
pub enum Role {
    /// It decides the book's commands.
    Leads {
        /// Under which claim.
        epoch: Epoch,
        /// The way to its writer.
        commands: Commands,
        /// What its writer has committed.
        publisher: Publisher,
    },
    /// It keeps the book's state, ready to take over.
    Follows {
        /// Where the leader is reached, if there is one.
        leader: Option<String>,
    },
}

/// How that changes. Closed when this process will never be anything to the book again.
pub type RoleWatch = watch::Receiver<Role>;
