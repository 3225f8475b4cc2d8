//! The sets of tables that a read model may have side by side.

use std::fmt;
use std::path::{Path, PathBuf};

use ledger::BookId;

use crate::ReadModel;

/// A set of a read model's tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Set {
    /// The one that is read, and that a projector keeps up with the journal.
    Live,
    /// The one that a rebuild fills.
    Next,
    /// The one that was live before the last rebuild.
    Old,
}

impl Set {
    /// Every set.
    pub const ALL: [Self; 3] = [Self::Live, Self::Next, Self::Old];

    /// Its file in a folder of read models.
    pub fn file(self, model: ReadModel, folder: &Path) -> PathBuf {
        folder.join(format!("{model}{}", self.ending())).with_extension("sqlite")
    }

    /// Its schema in a PostgreSQL database, a plain name.
    pub fn schema(self, model: ReadModel, book: BookId) -> String {
        format!("{}{}", model.schema(book), self.ending())
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Next => "next",
            Self::Old => "old",
        }
    }

    fn ending(self) -> &'static str {
        match self {
            Self::Live => "",
            Self::Next => "_next",
            Self::Old => "_old",
        }
    }
}

impl fmt::Display for Set {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
