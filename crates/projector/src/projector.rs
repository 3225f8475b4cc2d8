//! The thread that keeps a read model up with the journal.

use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use journal::{Reader, Stored};
use rpc::Feed;
use rpc::feed::Delivery;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;
use tokio::time::{Instant, timeout};

use crate::balances::BalancesModel;
use crate::database::Checkpoint;
use crate::directory::DirectoryModel;
use crate::intents::IntentsModel;
use crate::measures::Measures;
use crate::projection::{Model, Projection};
use crate::transactions::TransactionsModel;
use crate::{Error, Place, Progress, ReadModel};

/// How many entries of a backlog go into one transaction: enough that its fixed cost does not count, few enough that
/// their rows take some megabytes.
const ENTRIES_MAX: usize = 4_096;

/// How long to wait after a transaction before the next one. A single entry is shown at once; under load, what gathers
/// meanwhile shares the transaction's cost, and pages that it changes again are written once.
const PACE: Duration = Duration::from_millis(5);

/// After what time without entries the database is looked at: a server that has crashed may have lost the last it was
/// told, and nobody would notice before the next entry.
const IDLE_MAX: Duration = Duration::from_secs(1);

/// How long to wait after a failure before all is opened again: at first, and at most after it has failed again and
/// again. A server that was killed is back within a second or so; one that stays away costs a line in the log each time.
const PAUSE: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(5);

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
    /// Opens a read model, or makes an empty one, and lets it follow the journal: first what `reader` has, then what
    /// comes by `feed`, and `reader` again wherever the feed has lost something.
    ///
    /// It ends when the feed does, or at the first error that does not pass, which its [`Progress`] then tells. After
    /// one that does, such as a lost connection, it opens the read model again and goes on; `reader` must be one that
    /// can be asked again after a failure.
    ///
    /// Like all that speaks to a read model, it blocks, and must not be called on a thread that runs async tasks.
    ///
    /// # Errors
    ///
    /// When the database can't be used, or shows what is not in the journal.
    pub fn start(
        model: ReadModel,
        place: &Place,
        reader: Box<dyn Reader>,
        feed: Feed,
    ) -> Result<Self, Error> {
        match model {
            ReadModel::Balances => start::<BalancesModel>(place, reader, feed),
            ReadModel::Transactions => start::<TransactionsModel>(place, reader, feed),
            ReadModel::Intents => start::<IntentsModel>(place, reader, feed),
            ReadModel::Directory => start::<DirectoryModel>(place, reader, feed),
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
    place: &Place,
    mut reader: Box<dyn Reader>,
    feed: Feed,
) -> Result<Projector, Error> {
    let projection = Projection::<M>::open(place)?;
    projection.check_against(&mut *reader)?;
    let Checkpoint { head, digest } = projection.checkpoint();
    let (publisher, progress) =
        watch::channel(Progress { position: head.position, digest, stopped: None });
    let (stop, stopped) = watch::channel(());
    // Waits for several things at once.
    let runtime = Builder::new_current_thread().enable_time().build().map_err(Error::Thread)?;
    let runner = Runner {
        measures: Measures::of(reader.book(), M::MODEL),
        place: place.clone(),
        reader,
        feed,
        runtime,
        stopped,
        next_at: Instant::now(),
        pause: PAUSE,
        progress: publisher,
    };
    let thread = thread::Builder::new()
        .name(format!("projector {}", M::MODEL))
        .spawn(|| runner.run(projection))
        .map_err(Error::Thread)?;
    Ok(Projector { progress, stop: Some(stop), thread: Some(thread) })
}

struct Runner {
    place: Place,
    reader: Box<dyn Reader>,
    feed: Feed,
    runtime: Runtime,
    /// Closed to end the thread.
    stopped: watch::Receiver<()>,
    /// When the next transaction may begin.
    next_at: Instant,
    /// How long the next pause is.
    pause: Duration,
    progress: watch::Sender<Progress>,
    measures: Measures,
}

/// What the feed had at one time.
#[derive(Default)]
struct Deliveries {
    batches: Vec<Arc<[Stored]>>,
    is_last: bool,
}

impl Runner {
    fn run<M: Model>(mut self, projection: Projection<M>) {
        let mut result = self.keep_up(projection);
        while let Err(error) = &result
            && error.is_passing()
            && !self.is_stopped()
        {
            let (position, pause_ms) = (self.progress.borrow().position.0, self.pause.as_millis());
            let error = error.chain();
            tracing::warn!(model = %M::MODEL, position, error, pause_ms, "read model interrupted");
            self.rest();
            result = self.open::<M>().and_then(|projection| self.keep_up(projection));
        }
        let reason = match result {
            Err(error) if !error.is_passing() => {
                let (position, error) = (self.progress.borrow().position.0, error.chain());
                tracing::error!(model = %M::MODEL, position, error, "read model stopped");
                error
            }
            _ => "it was told to, or the writer is gone".to_owned(),
        };
        self.progress.send_modify(|progress| progress.stopped = Some(reason.into()));
    }

    /// Waits before all is opened again, the longer the more often it has failed in a row.
    fn rest(&mut self) {
        let Self { runtime, stopped, pause, .. } = self;
        // It is cut short when the thread is to end.
        let _ = runtime.block_on(async { timeout(*pause, stopped.changed()).await });
        *pause = PAUSE_MAX.min(*pause * 2);
    }

    /// Opens the read model again. A server that has crashed may have lost the last it was told.
    fn open<M: Model>(&mut self) -> Result<Projection<M>, Error> {
        let projection = Projection::open(&self.place)?;
        projection.check_against(&mut *self.reader)?;
        self.publish(projection.checkpoint());
        Ok(projection)
    }

    fn keep_up<M: Model>(&mut self, mut projection: Projection<M>) -> Result<(), Error> {
        self.back_fill(&mut projection)?;
        while let Some(deliveries) = self.receive() {
            let entries = deliveries.batches.iter().flat_map(|batch| batch.iter());
            let has_gap = self.follow(&mut projection, entries)?;
            if has_gap {
                self.back_fill(&mut projection)?;
            }
            if deliveries.is_last {
                break;
            }
        }
        Ok(())
    }

    /// Follows the journal itself to its end.
    fn back_fill<M: Model>(&mut self, projection: &mut Projection<M>) -> Result<(), Error> {
        while !self.is_stopped() {
            let next = projection.checkpoint().head.position.next();
            let entries = self.reader.read(next, ENTRIES_MAX)?;
            if entries.is_empty() {
                break;
            }
            self.follow(projection, &entries)?;
        }
        self.pause = PAUSE;
        Ok(())
    }

    fn follow<'a, M: Model>(
        &mut self,
        projection: &mut Projection<M>,
        entries: impl IntoIterator<Item = &'a Stored> + Clone,
    ) -> Result<bool, Error> {
        let following = self.measures.begin(entries.clone().into_iter());
        let has_gap = projection.follow(entries)?;
        self.measures.followed(following);
        self.next_at = Instant::now() + PACE;
        self.publish(projection.checkpoint());
        Ok(has_gap)
    }

    fn publish(&self, checkpoint: Checkpoint) {
        let Checkpoint { head, digest } = checkpoint;
        self.measures.at(head.position, self.feed.head());
        self.progress.send_if_modified(|progress| {
            let moved = progress.position != head.position;
            (progress.position, progress.digest) = (head.position, digest);
            moved
        });
    }

    /// Waits for the feed, then takes what it has up to [`ENTRIES_MAX`] entries and the rest of a batch: nothing, when it
    /// was idle for long. `None` when the thread is to end.
    fn receive(&mut self) -> Option<Deliveries> {
        let (feed, stopped, next_at) = (&mut self.feed, &mut self.stopped, self.next_at);
        let woken = self.runtime.block_on(async {
            let paced = async {
                let delivery = timeout(IDLE_MAX, feed.next()).await;
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
        let mut next = woken?.ok();
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
