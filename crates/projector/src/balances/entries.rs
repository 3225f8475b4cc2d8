//! The journal's entries, for what the rows don't hold.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use journal::{ReadError, Reader, Stored};
use ledger::{Entry, Position};

use crate::Error;

/// The way to the entries that a read model has followed. Those who ask take turns, for a few thousand entries each.
pub(super) struct Entries(Mutex<Box<dyn Reader>>);

impl Entries {
    /// Through a reader that can be asked again after a failure.
    pub(super) fn new(reader: Box<dyn Reader>) -> Self {
        Self(Mutex::new(reader))
    }

    /// Up to `limit` entries from `from` on.
    pub(super) fn read(&self, from: Position, limit: usize) -> Result<Vec<Stored>, Error> {
        // A reader keeps nothing that a panic could leave half done.
        let mut reader = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(reader.read(from, limit)?)
    }

    /// One that was followed.
    pub(super) fn at(&self, position: Position) -> Result<Arc<Entry>, Error> {
        let found = self.read(position, 1)?.into_iter().next();
        let missing = Error::Journal(ReadError::Missing { position });
        found.map(|stored| stored.entry).ok_or(missing)
    }
}

impl fmt::Debug for Entries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Entries")
    }
}
