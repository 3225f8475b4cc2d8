//! Where the read models of a book are.

use std::fmt;
use std::path::PathBuf;

use ledger::BookId;

use crate::{Error, ReadModel, database};

/// Where the read models of a book are.
#[derive(Clone, PartialEq, Eq)]
pub enum Place {
    /// A folder with an SQLite file for each. It must be there.
    Folder(PathBuf),
    /// A PostgreSQL database with a schema for each.
    Postgres {
        /// How it is reached. It may hold a password, and is never shown.
        url: String,
        /// Whose read models.
        book: BookId,
    },
}

impl Place {
    /// Whether a projector has made the read model there.
    pub fn has(&self, model: ReadModel) -> Result<bool, Error> {
        database::exists(self, model)
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => f.debug_tuple("Folder").field(folder).finish(),
            Self::Postgres { url: _, book } => {
                f.debug_struct("Postgres").field("book", book).finish_non_exhaustive()
            }
        }
    }
}
