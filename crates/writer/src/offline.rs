//! What operators do while nobody serves the book: a single entry.

use std::io;
use std::sync::Arc;

use journal::{Failure, Head, Outcome, Stored};
use ledger::{Book, Rejection, Request};

use crate::start::{self, Home, StartError, Started};
use crate::wall_clock::wall_clock;

/// A book that this process has claimed, and does not serve.
pub struct Offline(Started);

/// Why an entry is not certainly in the journal, or the anchor does not know of it.
#[derive(Debug, thiserror::Error)]
pub enum NotWritten {
    /// It is not there.
    #[error("the entry was not written")]
    Failed(#[source] Failure),
    /// Nobody can tell until the book is opened again.
    #[error("nobody knows whether the entry was written: do it again")]
    Unknown(#[source] Failure),
    /// It is there. The next start tells the anchor.
    #[error("the entry is written, but the anchor can't be")]
    Anchor(#[source] io::Error),
}

impl Offline {
    /// Opens the book as a writer does. A home without an anchor is not asked whether anything is lost.
    pub fn open(home: Home) -> Result<Self, StartError> {
        start::start(home, start::new_writer()?).map(Self)
    }

    /// The book after its last entry.
    pub fn book(&self) -> &Book {
        &self.0.book
    }

    /// The end of the journal.
    pub fn head(&self) -> Head {
        self.0.head
    }

    /// The entry that a request would write now, right after the head: what has fallen due since then is written by
    /// whoever serves the book next, as if the book had been stopped a moment later.
    pub fn decide(&self, request: &Request) -> Result<Stored, Rejection> {
        let book = self.book();
        let entry = book.decide(request, book.now(wall_clock()))?;
        Ok(journal::encode(Arc::new(entry), self.head().hash))
    }

    /// Writes the entry.
    pub fn write(mut self, entry: &Stored) -> Result<(), NotWritten> {
        let (head, epoch) = (self.head(), self.0.epoch);
        written(self.0.home.store.append(std::slice::from_ref(entry), head, epoch))?;
        let head = Head { position: entry.entry.position, hash: entry.hash };
        let anchor = self.0.home.anchor.as_mut();
        anchor.map_or(Ok(()), |(anchor, _)| anchor.advance(head)).map_err(NotWritten::Anchor)
    }

    /// Writes the entry with which another incarnation begins. Its anchor is the caller's to make.
    pub fn begin_incarnation(
        mut self,
        incarnation: [u8; 16],
        entry: &Stored,
    ) -> Result<(), NotWritten> {
        let (head, epoch) = (self.head(), self.0.epoch);
        written(self.0.home.store.begin_incarnation(incarnation, entry, head, epoch))
    }
}

fn written(outcome: Outcome) -> Result<(), NotWritten> {
    match outcome {
        Outcome::Committed => Ok(()),
        Outcome::Failed(failure) => Err(NotWritten::Failed(failure)),
        Outcome::Unknown(failure) => Err(NotWritten::Unknown(failure)),
    }
}
