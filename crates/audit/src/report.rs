//! What an audit says.

use std::io;

use journal::{Head, ReadError};
use ledger::{BookId, Position};
use projector::ReadModel;

/// What was found in one book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The book.
    pub book: BookId,
    /// How many entries were read and follow each other.
    pub entries: u64,
    /// The end of the journal when the audit began.
    pub head: Head,
    /// What is wrong. What was found first comes first.
    pub discrepancies: Vec<Discrepancy>,
    /// What could not be checked, and why.
    pub notes: Vec<String>,
}

impl Report {
    /// Whether nothing is wrong.
    pub fn sound(&self) -> bool {
        self.discrepancies.is_empty()
    }
}

/// Something that is not as it must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discrepancy {
    /// The entry, where it is one that is wrong.
    pub position: Option<Position>,
    /// What is wrong.
    pub what: String,
}

/// How far an audit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// How many entries were checked.
    pub entries: u64,
    /// How many there are.
    pub of: u64,
}

/// Why nothing wrong was found, and yet nobody can say that nothing is.
#[derive(Debug, thiserror::Error)]
pub enum CouldNotTell {
    /// The journal's file is locked, or the system does not let it be read.
    #[error("the journal can't be read")]
    Journal(#[from] ReadError),
    /// The same with an export.
    #[error("the export can't be read")]
    Export(#[from] io::Error),
    /// The same with a read model's file, or another version of the program has made it.
    #[error("the read model `{model}` can't be read")]
    ReadModel {
        /// Which.
        model: ReadModel,
        /// Why not.
        #[source]
        source: projector::Error,
    },
}
