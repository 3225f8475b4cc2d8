//! Why a courier can't go on, or its log can't be read.

use journal::{DatabaseError, Hash, Head, ReadError, causes, outage};
use ledger::Position;
use rusqlite::ErrorCode;

/// A failure of a courier. Nothing was changed by what failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database said no.
    #[error("the courier's database failed")]
    Database(#[source] DatabaseError),
    /// The connection to the database is lost, or none comes about.
    #[error("the courier's database can't be reached")]
    Unreachable(#[source] postgres::Error),
    /// The database was waited for in vain, by this reader or by others: it was not asked.
    #[error("the courier's database does not answer")]
    Silent,
    /// The tables were made by another version of the program.
    #[error("the courier's tables have version `{found}`, not `{expected}`")]
    Version {
        /// The version in the database.
        found: i64,
        /// The one that this program writes.
        expected: i64,
    },
    /// The SQLite file is not what was written into it.
    #[error(
        "the courier's file is damaged: {what}; delete it, and all is told again from the journal, under the same ids"
    )]
    Damaged {
        /// What was found.
        what: String,
    },
    /// A value that no row of ours has.
    #[error("a row of `{table}` has a value that it can't have")]
    Unreadable {
        /// The table.
        table: &'static str,
    },
    /// The journal can't be read.
    #[error("the journal can't be read")]
    Journal(#[from] ReadError),
    /// The journal was cut or replaced by an older copy after the courier had followed it.
    #[error("the courier is at `{}`, but the journal ends at `{}`", checkpoint.position, head.position)]
    Ahead {
        /// Where the courier is.
        checkpoint: Head,
        /// Where the journal ends.
        head: Head,
    },
    /// The journal holds another entry at the position that the courier has reached.
    #[error("entry `{position}` of the journal is not the one that the courier has followed")]
    OtherEntry {
        /// The position.
        position: Position,
    },
    /// An entry does not follow the one that the courier has followed.
    #[error("entry `{position}` names `{named}` as the entry before it, not `{followed}`")]
    Broken {
        /// The entry.
        position: Position,
        /// The hash that it names.
        named: Hash,
        /// The hash of the entry that was followed.
        followed: Hash,
    },
    /// An entry speaks of something that no entry before it has made.
    #[error("entry `{position}` speaks of `{name}`, of which no entry before it does")]
    NoSuchFact {
        /// The entry.
        position: Position,
        /// What it speaks of.
        name: String,
    },
    /// Another courier delivers the book's messages.
    #[error("another courier delivers the book's messages")]
    Taken,
    /// A file can't be made or removed.
    #[error("the courier's files can't be used")]
    File(#[source] std::io::Error),
    /// There is no way to send anything.
    #[error("the courier can't send")]
    Client(#[source] reqwest::Error),
    /// The system starts no thread.
    #[error("no thread can be started")]
    Thread(#[source] std::io::Error),
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Self::Damaged { what: error.to_string() }
            }
            _ => Self::Database(DatabaseError::Sqlite(error)),
        }
    }
}

impl From<postgres::Error> for Error {
    fn from(error: postgres::Error) -> Self {
        if outage::is_lost(&error) {
            Self::Unreachable(error)
        } else {
            Self::Database(DatabaseError::Postgres(error))
        }
    }
}

impl Error {
    /// Whether the same may succeed later: nothing is wrong with what was read or written.
    pub(crate) fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::Silent | Self::Taken => true,
            Self::Database(_) | Self::Journal(_) => outage::is_passing(self),
            Self::Version { .. }
            | Self::Damaged { .. }
            | Self::Unreadable { .. }
            | Self::Ahead { .. }
            | Self::OtherEntry { .. }
            | Self::Broken { .. }
            | Self::NoSuchFact { .. }
            | Self::File(_)
            | Self::Client(_)
            | Self::Thread(_) => false,
        }
    }

    /// The message with those of its causes.
    pub(crate) fn chain(&self) -> String {
        causes::in_one_line(self)
    }
}
