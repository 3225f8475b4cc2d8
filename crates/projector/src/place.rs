//! Where the read models of a book are.

use std::fmt;
use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

use ledger::BookId;

use crate::{Error, ReadModel, Set, database};

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
    /// Removes all read models, wherever they are: the next projectors make them again. Nobody may be using them.
    pub fn remove(&self) -> Result<(), Error> {
        match self {
            Self::Folder(folder) => match fs::remove_dir_all(folder) {
                Err(error) if error.kind() != ErrorKind::NotFound => Err(Error::Files(error)),
                _ => Ok(()),
            },
            Self::Postgres { .. } => ReadModel::ALL.into_iter().try_for_each(|model| {
                Set::ALL.into_iter().try_for_each(|set| database::remove(self, model, set))
            }),
        }
    }

    /// Whether there is such a set of the read model's tables.
    pub fn has(&self, model: ReadModel, set: Set) -> Result<bool, Error> {
        database::exists(self, model, set)
    }
}

/// Lets a role of a PostgreSQL database keep read models there. `url` is of the database's owner.
pub fn prepare(url: &str, role: &str) -> Result<(), Error> {
    database::prepare(url, role)
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
