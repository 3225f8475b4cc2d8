//! Why a read model can't go on, or can't be read.

use journal::{Hash, Head, ReadError};
use ledger::Position;

/// A failure of a read model. Nothing was changed by what failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database said no.
    #[error("the read model's database failed")]
    Database(#[from] rusqlite::Error),
    /// SQLite does not keep a setting that a promise rests on.
    #[error("SQLite leaves `{name}` at `{found}`")]
    Setting {
        /// The pragma.
        name: &'static str,
        /// What it is.
        found: String,
    },
    /// The file was made by another version of the program.
    #[error(
        "the read model has version `{found}`, not `{expected}`: delete its files to have it \
         rebuilt"
    )]
    Version {
        /// The version in the file.
        found: i64,
        /// The one that this program writes.
        expected: i64,
    },
    /// A value that no row of ours has.
    #[error("column `{column}` of table `{table}` has a value that it can't have")]
    Unreadable {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
    },
    /// The journal can't be read.
    #[error("the journal can't be read")]
    Journal(#[from] ReadError),
    /// The journal was cut or replaced by an older copy after the read model had followed it.
    #[error(
        "the read model is at `{}`, but the journal ends at `{}`: delete its files to have it \
         rebuilt",
        checkpoint.position,
        head.position
    )]
    Ahead {
        /// Where the read model is.
        checkpoint: Head,
        /// Where the journal ends.
        head: Head,
    },
    /// The journal holds another entry at the position that the read model has reached.
    #[error("entry `{position}` of the journal is not the one that the read model has followed")]
    OtherEntry {
        /// The position.
        position: Position,
    },
    /// An entry does not follow the one that the read model shows.
    #[error("entry `{position}` names `{named}` as the entry before it, not `{followed}`")]
    Broken {
        /// The entry.
        position: Position,
        /// The hash that it names.
        named: Hash,
        /// The hash of the entry that the read model shows.
        followed: Hash,
    },
    /// An entry speaks of something that no entry before it has made.
    #[error("entry `{position}` speaks of a row of `{table}` that is not there")]
    NoSuchRow {
        /// The entry.
        position: Position,
        /// The table.
        table: &'static str,
    },
    /// An entry takes away more than there is, or adds up to more than 128 bits.
    #[error("entry `{position}` brings an amount of `{table}` below zero or beyond 128 bits")]
    OutOfRange {
        /// The entry.
        position: Position,
        /// The table.
        table: &'static str,
    },
    /// Someone else has brought the read model further.
    #[error("another projector has moved the read model")]
    Moved,
    /// The system starts no thread.
    #[error("no thread can be started")]
    Thread(#[source] std::io::Error),
}

impl Error {
    /// The message with those of its causes.
    pub(crate) fn chain(&self) -> String {
        let mut text = self.to_string();
        let mut source = std::error::Error::source(self);
        while let Some(cause) = source {
            text = format!("{text}: {cause}");
            source = cause.source();
        }
        text
    }
}
