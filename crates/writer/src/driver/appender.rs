//! The thread that stores.

use std::thread::{self, JoinHandle};

use journal::{Anchor, Epoch, Store};
use tokio::sync::mpsc;
use tracing::error;

use crate::append::{Appended, append};
use crate::machine::Batch;

/// The thread that stores one batch at a time.
pub(super) struct Appender {
    batches: mpsc::Sender<Batch>,
    results: mpsc::Receiver<Appended>,
    thread: JoinHandle<()>,
    /// What it is at.
    batch: Option<Batch>,
}

impl Appender {
    pub(super) fn start(
        mut store: Box<dyn Store>,
        mut anchor: Option<Anchor>,
        epoch: Epoch,
    ) -> Self {
        let (batches, mut next) = mpsc::channel::<Batch>(1);
        let (finished, results) = mpsc::channel(1);
        let thread = thread::spawn(move || {
            while let Some(batch) = next.blocking_recv() {
                let appended = append(store.as_mut(), anchor.as_mut(), &batch, epoch);
                let goes_on = matches!(appended, Appended::Durable);
                if finished.blocking_send(appended).is_err() || !goes_on {
                    break;
                }
            }
        });
        Self { batches, results, thread, batch: None }
    }

    pub(super) fn is_free(&self) -> bool {
        self.batch.is_none()
    }

    /// A thread that has died is noticed when the result does not come.
    pub(super) fn append(&mut self, batch: Batch) {
        let _ = self.batches.try_send(batch.clone());
        self.batch = Some(batch);
    }

    /// Waits for the batch that is being stored; for ever, when there is none.
    pub(super) async fn done(&mut self) -> (Batch, Appended) {
        if self.batch.is_none() {
            std::future::pending::<()>().await;
        }
        let appended = self.results.recv().await.unwrap_or(Appended::InDoubt);
        (self.batch.take().expect("it was waited for"), appended)
    }

    /// Waits until the store and the anchor are closed.
    pub(super) fn stop(self) {
        drop(self.batches);
        if self.thread.join().is_err() {
            error!("the thread that stores has panicked");
        }
    }
}
