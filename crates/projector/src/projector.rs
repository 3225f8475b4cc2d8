//! The thread that keeps a read model up with the journal.

use std::path::Path;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use journal::{Reader, Stored};
use rpc::Feed;
use rpc::feed::Delivery;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::balances::BalancesModel;
use crate::database::Checkpoint;
use crate::directory::DirectoryModel;
use crate::intents::IntentsModel;
use crate::projection::{Model, Projection};
use crate::transactions::TransactionsModel;
use crate::{Error, Progress, ReadModel};

/// How many entries of a backlog go into one transaction: enough that its fixed cost does not count, few enough that
/// their rows take some megabytes.
const ENTRIES_MAX: usize = 4_096;

/// How long to wait after a transaction before the next one. A single entry is shown at once; under load, what gathers
/// meanwhile shares the transaction's cost, and pages that it changes again are written once.
const PACE: Duration = Duration::from_millis(5);

/// A read model that follows the journal on a thread of its own.
///
/// Dropping it ends the thread after the transaction at hand, and waits for that.
#[derive(Debug)]
pub struct Projector {
    progress: watch::Receiver<Progress>,
    /// Dropped to end the thread.
    stop: Option<watch::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Projector {
    /// Opens a read model in `folder`, or makes an empty one, and lets it follow the journal: first what `reader` has,
    /// then what comes by `feed`, and `reader` again wherever the feed has lost something.
    ///
    /// It ends when the feed does, or at the first error, which its [`Progress`] then tells.
    ///
    /// # Errors
    ///
    /// When the file can't be used, or shows what is not in the journal.
    pub fn start(
        model: ReadModel,
        folder: &Path,
        reader: Box<dyn Reader>,
        feed: Feed,
    ) -> Result<Self, Error> {
        match model {
            ReadModel::Balances => start::<BalancesModel>(folder, reader, feed),
            ReadModel::Transactions => start::<TransactionsModel>(folder, reader, feed),
            ReadModel::Intents => start::<IntentsModel>(folder, reader, feed),
            ReadModel::Directory => start::<DirectoryModel>(folder, reader, feed),
        }
    }

    /// How far it is, now and later.
    pub fn progress(&self) -> watch::Receiver<Progress> {
        self.progress.clone()
    }
}

impl Drop for Projector {
    fn drop(&mut self) {
        self.stop.take();
        if let Some(thread) = self.thread.take() {
            // A panic there was reported by its own hook.
            let _ = thread.join();
        }
    }
}

fn start<M: Model + Send + 'static>(
    folder: &Path,
    mut reader: Box<dyn Reader>,
    feed: Feed,
) -> Result<Projector, Error> {
    let projection = Projection::<M>::open(folder)?;
    projection.check_against(&mut *reader)?;
    let Checkpoint { head, digest } = projection.checkpoint();
    let (publisher, progress) =
        watch::channel(Progress { position: head.position, digest, stopped: None });
    let (stop, stopped) = watch::channel(());
    // Waits for several things at once.
    let runtime = Builder::new_current_thread().enable_time().build().map_err(Error::Thread)?;
    let next_at = Instant::now();
    let runner =
        Runner { projection, reader, feed, runtime, stopped, next_at, progress: publisher };
    let thread = thread::Builder::new()
        .name(format!("projector {}", M::MODEL))
        .spawn(|| runner.run())
        .map_err(Error::Thread)?;
    Ok(Projector { progress, stop: Some(stop), thread: Some(thread) })
}

struct Runner<M> {
    projection: Projection<M>,
    reader: Box<dyn Reader>,
    feed: Feed,
    runtime: Runtime,
    /// Closed to end the thread.
    stopped: watch::Receiver<()>,
    /// When the next transaction may begin.
    next_at: Instant,
    progress: watch::Sender<Progress>,
}

/// What the feed had at one time.
#[derive(Default)]
struct Deliveries {
    batches: Vec<Arc<[Stored]>>,
    is_last: bool,
}

impl<M: Model> Runner<M> {
    fn run(mut self) {
        let reason = match self.keep_up() {
            Ok(()) => "it was told to, or the writer is gone".to_owned(),
            Err(error) => {
                let error = error.chain();
                let position = self.projection.checkpoint().head.position.0;
                tracing::error!(model = %M::MODEL, position, error, "read model stopped");
                error
            }
        };
        self.progress.send_modify(|progress| progress.stopped = Some(reason.into()));
    }

    fn keep_up(&mut self) -> Result<(), Error> {
        self.back_fill()?;
        while let Some(deliveries) = self.receive() {
            let entries = deliveries.batches.iter().flat_map(|batch| batch.iter());
            let has_gap = self.follow(entries)?;
            if has_gap {
                self.back_fill()?;
            }
            if deliveries.is_last {
                break;
            }
        }
        Ok(())
    }

    /// Follows the journal itself to its end.
    fn back_fill(&mut self) -> Result<(), Error> {
        while !self.is_stopped() {
            let next = self.projection.checkpoint().head.position.next();
            let entries = self.reader.read(next, ENTRIES_MAX)?;
            if entries.is_empty() {
                break;
            }
            self.follow(&entries)?;
        }
        Ok(())
    }

    fn follow<'a>(&mut self, entries: impl IntoIterator<Item = &'a Stored>) -> Result<bool, Error> {
        let has_gap = self.projection.follow(entries)?;
        self.next_at = Instant::now() + PACE;
        let Checkpoint { head, digest } = self.projection.checkpoint();
        self.progress.send_if_modified(|progress| {
            let moved = progress.position != head.position;
            (progress.position, progress.digest) = (head.position, digest);
            moved
        });
        Ok(has_gap)
    }

    /// Waits for the feed, then takes what it has up to [`ENTRIES_MAX`] entries and the rest of a batch. `None` when the
    /// thread is to end.
    fn receive(&mut self) -> Option<Deliveries> {
        let (feed, stopped, next_at) = (&mut self.feed, &mut self.stopped, self.next_at);
        let first = self.runtime.block_on(async {
            let paced = async {
                let delivery = feed.next().await;
                tokio::time::sleep_until(next_at).await;
                delivery
            };
            tokio::select! {
                biased;
                _ = stopped.changed() => None,
                delivery = paced => Some(delivery),
            }
        });
        let mut deliveries = Deliveries::default();
        let mut count = 0;
        let mut next = first;
        next.as_ref()?;
        while let Some(delivery) = next {
            match delivery {
                Delivery::Batch(batch) => {
                    count += batch.len();
                    deliveries.batches.push(batch);
                }
                // What comes next shows the gap.
                Delivery::Missed => {}
                Delivery::Closed => {
                    deliveries.is_last = true;
                    break;
                }
            }
            next = if count < ENTRIES_MAX { self.feed.try_next() } else { None };
        }
        Some(deliveries)
    }

    fn is_stopped(&self) -> bool {
        self.stopped.has_changed().is_err()
    }
}

#[cfg(test)]
mod tests;
