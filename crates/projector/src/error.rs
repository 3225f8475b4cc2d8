//! Why a read model can't go on, or can't be read.

use journal::{DatabaseError, Hash, Head, ReadError, causes, outage};
use ledger::Position;

/// A failure of a read model. Nothing was changed by what failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database said no.
    #[error("the read model's database failed")]
    Database(#[source] DatabaseError),
    /// The connection to the database is lost, or none comes about.
    #[error("the read model's database can't be reached")]
    Unreachable(#[source] postgres::Error),
    /// The database was waited for in vain, by this query or by others: it was not asked.
    #[error("the read model's database does not answer")]
    Silent,
    /// The database does not have a setting that a promise rests on.
    #[error("the read model's database has `{name}` at `{found}`")]
    Setting {
        /// The setting.
        name: &'static str,
        /// What it is.
        found: String,
    },
    /// The tables were made by another version of the program.
    #[error(
        "the read model has version `{found}`, not `{expected}`: delete its files or its schema to \
         have it rebuilt"
    )]
    Version {
        /// The version in the database.
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
        "the read model is at `{}`, but the journal ends at `{}`: if that is the right journal, put a new set in its place \
         with `ledgeros projections rebuild --replace`",
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
    /// The file of a read model was damaged.
    #[error(
        "the file of the read model is not what was written: {what}; delete the read model's files to have it rebuilt"
    )]
    Damaged {
        /// What was found.
        what: String,
    },
    /// Someone else has brought the read model further.
    #[error("another projector has moved the read model")]
    Moved,
    /// A rebuild has put other tables in the place of those that were followed.
    #[error("the read model was rebuilt")]
    Switched,
    /// Another projector keeps the read model up with the journal.
    #[error("another projector has the read model")]
    Taken,
    /// What was live before the last rebuild was kept, and is in the way.
    #[error("the set of tables before the last rebuild is still there: drop it first")]
    OldSet,
    /// Somebody reads the live tables all the time.
    #[error("the read model's tables can't be switched: somebody does not leave the live ones")]
    InUse,
    /// The files can't be changed, or looked at.
    #[error("the read models' files can't be used")]
    Files(#[source] std::io::Error),
    /// The system starts no thread.
    #[error("no thread can be started")]
    Thread(#[source] std::io::Error),
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(DatabaseError::Sqlite(error))
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
            Self::Unreachable(_) | Self::Silent | Self::Taken | Self::Switched => true,
            Self::Database(_) | Self::Journal(_) => outage::is_passing(self),
            Self::Setting { .. }
            | Self::Version { .. }
            | Self::Unreadable { .. }
            | Self::Ahead { .. }
            | Self::OtherEntry { .. }
            | Self::Broken { .. }
            | Self::NoSuchRow { .. }
            | Self::OutOfRange { .. }
            | Self::Damaged { .. }
            | Self::Moved
            | Self::OldSet
            | Self::InUse
            | Self::Files(_)
            | Self::Thread(_) => false,
        }
    }

    /// The message with those of its causes.
    pub(crate) fn chain(&self) -> String {
        causes::in_one_line(self)
    }
}
