//! The thread that keeps a read model up with the journal.

use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use journal::{Reader, Stored};
use ledger::Position;
use rpc::Feed;
use rpc::feed::Delivery;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;
use tokio::time::{Instant, timeout, timeout_at};

use crate::balances::BalancesModel;
use crate::database::Checkpoint;
use crate::directory::DirectoryModel;
use crate::intents::IntentsModel;
use crate::measures::Measures;
use crate::projection::{Model, Projection};
use crate::transactions::TransactionsModel;
use crate::verify::look_through;
use crate::{Error, Place, Progress, ReadModel};

/// How many entries of a backlog go into one transaction: enough that its fixed cost does not count, few enough that
/// their rows take some megabytes.
const ENTRIES_MAX: usize = 4_096;

/// How long to wait after a transaction before the next one. A single entry is shown at once; under load, what gathers
/// meanwhile shares the transaction's cost, and pages that it changes again are written once.
const PACE: Duration = Duration::from_millis(5);

/// After what time without progress the journal and the database are looked at: the feed may come over a bus that is away,
/// and a server that has crashed may have lost the last it was told. Nobody would notice before the next entry.
const IDLE_MAX: Duration = Duration::from_secs(1);

/// The same, when the last look has found what the feed did not tell of. Under load, what shows behind a bus that is away
/// is then old by a second once, and by this afterwards.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

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
    /// When the database can't be used, or shows what is not in the journal, or another projector has the read model; when a
    /// small file has other rows than were written into it.
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

    /// The same for one of several processes: while another has the read model, it waits, and takes over from where that
    /// one was. All else that keeps it from starting, its [`Progress`] tells.
    ///
    /// # Errors
    ///
    /// When the system starts no thread.
    pub fn start_waiting(
        model: ReadModel,
        place: &Place,
        reader: Box<dyn Reader>,
        feed: Feed,
    ) -> Result<Self, Error> {
        let waiting = Progress { is_waiting: true, ..Progress::default() };
        match model {
            ReadModel::Balances => spawn::<BalancesModel>(place, reader, feed, waiting, None),
            ReadModel::Transactions => {
                spawn::<TransactionsModel>(place, reader, feed, waiting, None)
            }
            ReadModel::Intents => spawn::<IntentsModel>(place, reader, feed, waiting, None),
            ReadModel::Directory => spawn::<DirectoryModel>(place, reader, feed, waiting, None),
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
    look_through(M::MODEL, place)?;
    let Checkpoint { head, digest } = projection.checkpoint();
    let progress = Progress { position: head.position, digest, ..Progress::default() };
    spawn(place, reader, feed, progress, Some(projection))
}

/// Starts the thread, with a read model that is open already, or without.
fn spawn<M: Model + Send + 'static>(
    place: &Place,
    reader: Box<dyn Reader>,
    feed: Feed,
    progress: Progress,
    projection: Option<Projection<M>>,
) -> Result<Projector, Error> {
    let (publisher, progress) = watch::channel(progress);
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
        look_at: Instant::now() + IDLE_MAX,
        pause: PAUSE,
        end: Position::START,
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
    /// When the journal is looked at, unless there is progress before.
    look_at: Instant,
    /// How long the next pause is.
    pause: Duration,
    /// Where the journal ended when it was last asked.
    end: Position,
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
    fn run<M: Model>(mut self, mut projection: Option<Projection<M>>) {
        let mut result = self.keep_up(&mut projection);
        while let Err(error) = &result
            && error.is_passing()
            && !self.is_stopped()
        {
            self.tell_of::<M>(error);
            self.measure();
            self.rest(matches!(error, Error::Taken));
            projection = None;
            result = self.keep_up(&mut projection);
        }
        let reason = match result {
            Err(error) if !error.is_passing() => {
                let (position, error) = (self.progress.borrow().position.0, error.chain());
                tracing::error!(model = %M::MODEL, position, error, "read model stopped");
                if let Some(projection) = projection
                    && let Err(untold) = projection.set_stopped(Some(&error))
                {
                    let untold = untold.chain();
                    tracing::warn!(model = %M::MODEL, error = untold, "other processes do not hear of it");
                }
                error
            }
            _ => "it was told to, or the writer is gone".to_owned(),
        };
        self.progress.send_modify(|progress| progress.stopped = Some(reason.into()));
    }

    /// Another process at work is told of once.
    fn tell_of<M: Model>(&self, error: &Error) {
        let is_taken = matches!(error, Error::Taken);
        let waits = self.progress.borrow().is_waiting && is_taken;
        let error = error.chain();
        if !waits {
            let (position, pause_ms) = (self.progress.borrow().position.0, self.pause.as_millis());
            tracing::warn!(model = %M::MODEL, position, error, pause_ms, "read model interrupted");
        }
        // Until it is opened again: nobody knows who has it while it can't be reached.
        self.progress.send_if_modified(|progress| {
            let began = is_taken && !progress.is_waiting;
            progress.is_waiting |= is_taken;
            let interrupted: Option<Arc<str>> = (!is_taken).then(|| error.into());
            let changed = began || progress.interrupted != interrupted;
            progress.interrupted = interrupted;
            changed
        });
    }

    /// Tells how far behind it is while it follows nothing. When the journal does not say where it ends either, the feed may. Who
    /// waits for another process knows nothing.
    fn measure(&mut self) {
        if self.progress.borrow().is_waiting {
            return;
        }
        if let Ok(head) = self.reader.head() {
            self.end = head.position;
        }
        self.tell_lag();
    }

    fn tell_lag(&self) {
        let position = self.progress.borrow().position;
        self.measures.at(position, self.end.max(self.feed.head()));
    }

    /// Waits before all is opened again, the longer the more often it has failed in a row. Another projector was waited for
    /// already.
    fn rest(&mut self, was_taken: bool) {
        let Self { runtime, stopped, pause, .. } = self;
        if was_taken {
            *pause = PAUSE;
        }
        // It is cut short when the thread is to end.
        let _ = runtime.block_on(async { timeout(*pause, stopped.changed()).await });
        *pause = PAUSE_MAX.min(*pause * 2);
    }

    /// Opens the read model, unless that was done, and follows the journal.
    fn keep_up<M: Model>(&mut self, projection: &mut Option<Projection<M>>) -> Result<(), Error> {
        let projection = match projection {
            Some(projection) => projection,
            none => none.insert(Projection::open(&self.place)?),
        };
        // A server that has crashed may have lost the last it was told.
        projection.check_against(&mut *self.reader)?;
        projection.set_stopped(None)?;
        self.publish(projection.checkpoint());
        self.look(projection)?;
        while let Some(deliveries) = self.receive() {
            let entries = deliveries.batches.iter().flat_map(|batch| batch.iter());
            let has_gap = self.follow(projection, entries)?;
            if has_gap || self.look_at <= Instant::now() {
                self.look(projection)?;
            }
            if deliveries.is_last {
                break;
            }
        }
        Ok(())
    }

    /// Follows the journal itself to its end.
    fn look<M: Model>(&mut self, projection: &mut Projection<M>) -> Result<(), Error> {
        let before = projection.checkpoint();
        // The feed tells nothing where there is no bus, or while it is away.
        self.end = self.reader.head()?.position;
        self.tell_lag();
        while !self.is_stopped() {
            let next = projection.checkpoint().head.position.next();
            let entries = self.reader.read(next, ENTRIES_MAX)?;
            if entries.is_empty() {
                break;
            }
            self.follow(projection, &entries)?;
        }
        let has_found = projection.checkpoint() != before;
        self.look_at = Instant::now() + if has_found { LOOK_AGAIN } else { IDLE_MAX };
        self.pause = PAUSE;
        self.progress.send_if_modified(|progress| progress.interrupted.take().is_some());
        Ok(())
    }

    fn follow<'a, M: Model>(
        &mut self,
        projection: &mut Projection<M>,
        entries: impl IntoIterator<Item = &'a Stored> + Clone,
    ) -> Result<bool, Error> {
        let before = projection.checkpoint();
        let following = self.measures.begin(entries.clone().into_iter());
        let has_gap = projection.follow(entries)?;
        self.measures.followed(following);
        let now = Instant::now();
        self.next_at = now + PACE;
        if projection.checkpoint() != before {
            self.look_at = now + IDLE_MAX;
        }
        self.publish(projection.checkpoint());
        Ok(has_gap)
    }

    fn publish(&self, checkpoint: Checkpoint) {
        let Checkpoint { head, digest } = checkpoint;
        self.measures.at(head.position, self.end.max(self.feed.head()));
        self.progress.send_if_modified(|progress| {
            let moved = progress.position != head.position || progress.is_waiting;
            (progress.position, progress.digest) = (head.position, digest);
            progress.is_waiting = false;
            // That it was opened again is not to go on.
            if moved {
                progress.interrupted = None;
            }
            moved
        });
    }

    /// Waits for the feed, then takes what it has up to [`ENTRIES_MAX`] entries and the rest of a batch: nothing, when it is
    /// time to look at the journal. `None` when the thread is to end.
    fn receive(&mut self) -> Option<Deliveries> {
        let Self { feed, stopped, next_at, look_at, .. } = self;
        let woken = self.runtime.block_on(async {
            let paced = async {
                let delivery = timeout_at(*look_at, feed.next()).await;
                tokio::time::sleep_until(*next_at).await;
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
