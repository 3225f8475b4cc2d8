//! Journals that are read.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use journal::tree::Tree;
use journal::{Hash, Head, ReadError, Reader, Stored};
use ledger::{BookId, Entry, Position, Reference};
use sha2::{Digest as _, Sha256};

/// An entry with bytes that stand for it here.
pub(super) fn stored(entry: Arc<Entry>, previous: Hash) -> Stored {
    let bytes = format!("{previous} {entry:?}").into_bytes();
    let hash = Hash(Sha256::digest([&[0], &bytes[..]].concat()).into());
    Stored { entry, previous, bytes, hash }
}

/// A journal that grows when it is told to.
#[derive(Clone)]
pub(crate) struct Journal {
    entries: Arc<[Stored]>,
    pub(crate) written: Arc<AtomicUsize>,
    /// How often it can't be read before it can.
    pub(crate) failures: Arc<AtomicUsize>,
}

impl Journal {
    pub(super) fn new(entries: &[Stored], written: usize) -> Self {
        let (written, failures) = (Arc::new(written.into()), Arc::default());
        Self { entries: entries.into(), written, failures }
    }

    fn written(&self) -> Result<&[Stored], ReadError> {
        let one_less = |failures: usize| failures.checked_sub(1);
        if self.failures.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less).is_ok() {
            let busy = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY);
            return Err(rusqlite::Error::SqliteFailure(busy, None).into());
        }
        Ok(&self.entries[..self.written.load(Ordering::SeqCst)])
    }
}

impl Reader for Journal {
    fn book(&self) -> BookId {
        BookId([7; 16])
    }

    fn head(&mut self) -> Result<Head, ReadError> {
        let head = |stored: &Stored| Head { position: stored.entry.position, hash: stored.hash };
        Ok(self.written()?.last().map_or(Head::EMPTY, head))
    }

    fn read(&mut self, from: Position, limit: usize) -> Result<Vec<Stored>, ReadError> {
        Ok(self.written()?.iter().skip(from.0 as usize - 1).take(limit).cloned().collect())
    }

    fn find(&mut self, _: Reference) -> Result<Option<Stored>, ReadError> {
        unreachable!("projectors look for no reference")
    }

    fn tree(&mut self) -> Result<Tree, ReadError> {
        unreachable!("projectors look at no tree")
    }

    fn checkpoints(&mut self, _: &mut dyn FnMut(u64, &str)) -> Result<(), ReadError> {
        unreachable!("projectors look at no checkpoint")
    }

    fn last_checkpoint(&mut self) -> Result<Option<String>, ReadError> {
        unreachable!("projectors look at no checkpoint")
    }

    fn references(&mut self, _: &mut dyn FnMut(Reference, Position)) -> Result<(), ReadError> {
        unreachable!("projectors look for no reference")
    }
}
