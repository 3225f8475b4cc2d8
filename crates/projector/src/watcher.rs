//! How far a read model is that another process keeps.

use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use crate::database::{Checkpoint, Connection, Standing};
use crate::progress::{Asked, Wanted};
use crate::{Error, Place, Progress, ReadModel, Set};

/// How often the database is asked while somebody waits for an entry: as often as a projector commits.
const PACE: Duration = Duration::from_millis(5);

/// How often otherwise, and how soon again after a failure.
const IDLE: Duration = Duration::from_secs(1);

/// Asks the database how far a read model is, on a thread of its own: for processes that read it while another follows the
/// journal. A connection that is lost is replaced, and a read model that is not there yet is waited for.
///
/// Dropping it ends the thread after the question at hand.
#[derive(Debug)]
pub struct Watcher {
    progress: watch::Receiver<Progress>,
    /// Dropped to end the thread.
    stop: Option<watch::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Watcher {
    /// Starts to ask.
    ///
    /// # Errors
    ///
    /// When the system starts no thread.
    pub fn start(model: ReadModel, place: &Place) -> Result<Self, Error> {
        let (asked, wanted) = Asked::channel();
        let (publisher, progress) = watch::channel(Progress { asked, ..Progress::default() });
        let (stop, stopped) = watch::channel(());
        let runtime = Builder::new_current_thread().enable_time().build().map_err(Error::Thread)?;
        let runner = Runner {
            model,
            place: place.clone(),
            runtime,
            stopped,
            wanted,
            progress: publisher,
            db: None,
            is_away: false,
        };
        let thread = thread::Builder::new()
            .name(format!("watcher {model}"))
            .spawn(|| runner.run())
            .map_err(Error::Thread)?;
        Ok(Self { progress, stop: Some(stop), thread: Some(thread) })
    }

    /// How far it is, now and later: at the start, until the database has answered once. While somebody
    /// [waits](crate::wait_for), it is at most some milliseconds old.
    pub fn progress(&self) -> watch::Receiver<Progress> {
        self.progress.clone()
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.stop.take();
        if let Some(thread) = self.thread.take() {
            // A panic there was reported by its own hook.
            let _ = thread.join();
        }
    }
}

struct Runner {
    model: ReadModel,
    place: Place,
    runtime: Runtime,
    /// Closed to end the thread.
    stopped: watch::Receiver<()>,
    wanted: watch::Receiver<Wanted>,
    progress: watch::Sender<Progress>,
    db: Option<Connection>,
    /// Whether it was told that the database can't be asked.
    is_away: bool,
}

impl Runner {
    fn run(mut self) {
        while self.stopped.has_changed().is_ok() {
            let asked = self.ask();
            let has_failed = asked.is_err();
            match asked {
                Ok(standing) => self.tell(standing),
                Err(error) => self.failed(&error),
            }
            self.rest(has_failed);
        }
    }

    fn ask(&mut self) -> Result<Standing, Error> {
        let db = match &mut self.db {
            Some(db) => db,
            none => none.insert(Connection::open_reader(self.model, Set::Live, &self.place)?),
        };
        db.standing()
    }

    fn tell(&mut self, standing: Standing) {
        let Standing { checkpoint: Checkpoint { head, digest }, stopped } = standing;
        self.is_away = false;
        self.progress.send_if_modified(|progress| {
            let stopped = stopped.map(Into::into);
            let changed = progress.position != head.position || progress.stopped != stopped;
            (progress.position, progress.digest, progress.stopped) =
                (head.position, digest, stopped);
            changed
        });
    }

    /// What was known is kept until the database answers again. It may be too much by then: a server that crashes loses its last
    /// commits, and a set that was ahead of the journal may be replaced. Every answer says what it shows itself.
    fn failed(&mut self, error: &Error) {
        self.db = None;
        if !self.is_away {
            let error = error.chain();
            tracing::warn!(model = %self.model, error, "how far a read model is can't be asked");
        }
        self.is_away = true;
    }

    /// Waits until it is time to ask again.
    fn rest(&mut self, has_failed: bool) {
        let Self { runtime, stopped, wanted, progress, .. } = self;
        let now = Instant::now();
        let is_waited_for = |wanted: &Wanted| {
            let progress = progress.borrow();
            now < wanted.until && progress.position < wanted.position && progress.stopped.is_none()
        };
        runtime.block_on(async {
            let wanted = async {
                if has_failed || wanted.wait_for(is_waited_for).await.is_err() {
                    std::future::pending::<()>().await;
                }
                sleep_until(now + PACE).await;
            };
            tokio::select! {
                _ = stopped.changed() => {}
                () = wanted => {}
                () = sleep_until(now + IDLE) => {}
            }
        });
    }
}

#[cfg(test)]
mod tests;
