//! Storing a batch, and looking whether it was stored.

use std::error::Error;

use journal::{Anchor, Epoch, Failure, Head, Outcome, ReadError, Reader, Store};
use tracing::error;

use crate::machine::Batch;

/// What became of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Appended {
    /// It is in the journal, and the anchor knows.
    Durable,
    /// It may be or not.
    InDoubt,
    /// It is not: another writer has claimed the book.
    Fenced,
}

/// Stores a batch, and lets the anchor know. One without entries only asks whether it could be stored.
pub fn append(
    store: &mut dyn Store,
    anchor: Option<&mut Anchor>,
    batch: &Batch,
    epoch: Epoch,
) -> Appended {
    match commit(store, batch, epoch) {
        Appended::Durable => anchor_to(anchor, batch),
        Appended::InDoubt => Appended::InDoubt,
        Appended::Fenced => Appended::Fenced,
    }
}

/// The first half of [`append`]: the journal has the batch.
pub fn commit(store: &mut dyn Store, batch: &Batch, epoch: Epoch) -> Appended {
    if batch.entries.is_empty() {
        return confirm(store, epoch);
    }
    match store.append(&batch.entries, batch.expected, epoch) {
        Outcome::Committed => Appended::Durable,
        Outcome::Failed(Failure::Fenced) => Appended::Fenced,
        Outcome::Failed(failure) => {
            error!(error = &failure as &dyn Error, "a batch was not stored");
            Appended::InDoubt
        }
        Outcome::Unknown(failure) => {
            error!(error = &failure as &dyn Error, "nobody knows whether a batch was stored");
            Appended::InDoubt
        }
    }
}

/// The second half: the anchor knows of it.
pub fn anchor_to(anchor: Option<&mut Anchor>, batch: &Batch) -> Appended {
    let (Some(anchor), Some(last)) = (anchor, batch.entries.last()) else {
        return Appended::Durable;
    };
    let head = Head { position: last.entry.position, hash: last.hash };
    match anchor.advance(head) {
        Ok(()) => Appended::Durable,
        Err(error) => {
            let error = &error as &dyn Error;
            error!(error, "the anchor was not written");
            Appended::InDoubt
        }
    }
}

/// Whether a batch stands in the journal: all of it does, or nothing.
pub fn is_there(batch: &Batch, reader: &mut dyn Reader) -> Result<bool, ReadError> {
    let Some(last) = batch.entries.last() else { return Ok(true) };
    let found = reader.read(last.entry.position, 1)?;
    Ok(found.first().is_some_and(|found| found.hash == last.hash))
}

/// There is nothing to store: whether it could be.
fn confirm(store: &mut dyn Store, epoch: Epoch) -> Appended {
    match store.confirm(epoch) {
        Ok(()) => Appended::Durable,
        Err(Failure::Fenced) => Appended::Fenced,
        Err(failure) => {
            error!(
                error = &failure as &dyn Error,
                "nobody knows whether another writer has claimed the book"
            );
            Appended::InDoubt
        }
    }
}
