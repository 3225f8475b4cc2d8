//! How many books a process leads.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The number of books that a process leads. A clone counts the same ones.
#[derive(Debug, Clone, Default)]
pub struct LedBooks(Arc<AtomicUsize>);

/// One of the books; no more once it is dropped.
#[derive(Debug)]
pub(super) struct Led(LedBooks);

impl LedBooks {
    /// How many there are, those that are being taken over included.
    pub fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    /// One more than `count`. `None` when another seat of the process was quicker: this one has to wait longer than it has.
    pub(super) fn one_more_than(&self, count: usize) -> Option<Led> {
        let (order, then) = (Ordering::Relaxed, count + 1);
        let counted = self.0.compare_exchange(count, then, order, order);
        counted.is_ok().then(|| Led(self.clone()))
    }
}

impl Drop for Led {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}
