//! Where a courier keeps what it has to deliver.

use std::fmt;
use std::path::PathBuf;

use ledger::BookId;

use crate::{Error, database};

/// Where a courier keeps what it has to deliver.
#[derive(Clone, PartialEq, Eq)]
pub enum Place {
    /// An SQLite file; its folder must be there. Beside it lies the lock of the courier that works.
    File(PathBuf),
    /// A schema of a PostgreSQL database.
    Postgres {
        /// How it is reached. It may hold a password, and is never shown.
        url: String,
        /// Whose messages.
        book: BookId,
    },
}

impl Place {
    /// Removes what a courier keeps: the next one fills it from the journal, and tells all once more. Nobody may be using it.
    pub fn remove(&self) -> Result<(), Error> {
        database::remove(self)
    }

    /// The schema of a book's courier, a plain name.
    pub(crate) fn schema(book: BookId) -> String {
        let hex: String = book.0.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("courier_{hex}")
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
            Self::Postgres { url: _, book } => {
                f.debug_struct("Postgres").field("book", book).finish_non_exhaustive()
            }
        }
    }
}
