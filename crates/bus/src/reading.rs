//! Asking the journal, which blocks, from a task, which must not.

use std::panic::resume_unwind;

use journal::{ReadError, Reader};
use ledger::BookId;
use tokio::task::spawn_blocking;

/// A journal that is asked on threads that may block.
pub(crate) struct Reading {
    book: BookId,
    /// Taken while it is asked.
    reader: Option<Box<dyn Reader>>,
}

impl Reading {
    pub(crate) fn new(reader: Box<dyn Reader>) -> Self {
        Self { book: reader.book(), reader: Some(reader) }
    }

    pub(crate) fn book(&self) -> BookId {
        self.book
    }

    /// Must be waited for to its end.
    pub(crate) async fn ask<T: Send + 'static>(
        &mut self,
        question: impl FnOnce(&mut dyn Reader) -> Result<T, ReadError> + Send + 'static,
    ) -> Result<T, ReadError> {
        let mut reader = self.reader.take().expect("the last question was waited for");
        let asked = spawn_blocking(move || {
            let answer = question(reader.as_mut());
            (reader, answer)
        });
        let (reader, answer) =
            asked.await.unwrap_or_else(|error| resume_unwind(error.into_panic()));
        self.reader = Some(reader);
        answer
    }
}
