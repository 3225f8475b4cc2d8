//! Read models that follow the stream, and the journal where that lacks something: what `projector::projector` does, cut where it
//! waits.

use std::fs;
use std::path::PathBuf;

use journal::{Reader, Stored};
use ledger::Position;
use projector::projection::{self, Following};
use projector::{Error, Place, ReadModel, Set};

use crate::counters::Path;
use crate::database::SimulatedStore;
use crate::followers::Follower;
use crate::heap::{MS, SECOND, Time};
use crate::options::Fault;
use crate::power_cut::Files;
use crate::world::{Event, World};

/// Entries of one look at the journal.
const ENTRIES_MAX: usize = 512;
/// How long to wait after a transaction before the next one, at least.
const PACE: Time = 5 * MS;
/// After what time without progress the journal is looked at.
const IDLE_MAX: Time = SECOND;

/// A process that keeps a read model.
pub(crate) struct Projector {
    model: ReadModel,
    folder: PathBuf,
    running: Option<Running>,
    not_before: Time,
    /// When it is to wake up by itself.
    wake_at: Time,
}

struct Running {
    projection: Box<dyn Following>,
    reader: SimulatedStore,
    follower: Follower,
    /// What was brought and not followed.
    feed: Vec<Stored>,
    /// When the next transaction may begin.
    next_at: Time,
    /// When the journal is looked at, unless there is progress before.
    look_at: Time,
}

impl Running {
    /// Follows what the feed has, and the journal itself where that lacks something or has brought nothing for long. Says whether
    /// it lacked something.
    fn keep_up(&mut self, now: Time) -> Result<bool, Error> {
        let feed = std::mem::take(&mut self.feed);
        let before = self.projection.head();
        let has_gap = !feed.is_empty() && self.projection.follow(&feed)?;
        if self.projection.head() != before {
            self.look_at = now + IDLE_MAX;
        }
        if has_gap || self.look_at <= now {
            loop {
                let next = self.projection.head().position.next();
                let entries = self.reader.read(next, ENTRIES_MAX)?;
                if entries.is_empty() {
                    break;
                }
                self.projection.follow(&entries)?;
            }
            self.look_at = now + IDLE_MAX;
        }
        Ok(has_gap)
    }
}

impl Projector {
    pub(crate) fn new(model: ReadModel, folder: PathBuf) -> Self {
        Self { model, folder, running: None, not_before: 0, wake_at: Time::MAX }
    }

    fn place(&self) -> Place {
        Place::Folder(self.folder.clone())
    }
}

impl World {
    /// A projector does what there is to be done.
    pub(crate) fn project(&mut self, projector: usize) {
        let now = self.now;
        let mut found = std::mem::replace(
            &mut self.projectors[projector],
            Projector::new(ReadModel::Balances, PathBuf::new()),
        );
        if found.wake_at <= now {
            found.wake_at = Time::MAX;
        }
        if found.not_before <= now {
            if found.running.is_some() && self.hits(Fault::ProjectorCrash) {
                self.count(Path::ProjectorDied);
                if self.random_below(2) == 0 {
                    self.count(Path::PowerCut);
                    self.cut_power(&mut found);
                } else {
                    found.running = None;
                }
            }
            if let Err(error) = self.go_on(projector, &mut found) {
                self.interrupted(&mut found, &error);
            }
        }
        self.projectors[projector] = found;
    }

    fn go_on(&mut self, projector: usize, found: &mut Projector) -> Result<(), Error> {
        let (now, gate) = (self.now, self.processes.len() + projector);
        let (model, place) = (found.model, found.place());
        let running = match &mut found.running {
            Some(running) => running,
            none => {
                let opened = SimulatedStore::open(&self.shared, gate);
                let mut reader = opened.map_err(journal::ReadError::from)?;
                let projection = projection::open(model, &place)?;
                projection.check_against(&mut reader)?;
                none.insert(Running {
                    projection,
                    reader,
                    follower: Follower::new(self.shared.clone(), projector),
                    feed: Vec::new(),
                    next_at: 0,
                    look_at: 0,
                })
            }
        };
        let done = running.projection.head().position;
        running.feed.extend(running.follower.bring(done, &mut running.reader));
        if running.next_at <= now {
            if running.keep_up(now)? {
                self.count(Path::GapFilled);
            }
            running.next_at = now + PACE + self.random_below(PACE);
        }
        running.follower.done(running.projection.head().position);
        let wake_at = if running.feed.is_empty() { running.look_at } else { 0 };
        let wake_at = wake_at.max(running.next_at);
        if wake_at < found.wake_at {
            found.wake_at = wake_at;
            self.heap.push(wake_at, Event::Projector { projector });
        }
        Ok(())
    }

    /// The power of a projector's machine fails.
    fn cut_power(&mut self, found: &mut Projector) {
        let files = Files::read(&found.folder);
        // Whoever closes the file folds its log into it.
        found.running = None;
        let put_back = |files: Files| files.put_back(&found.folder, &mut self.shared.lock().random);
        let cut = files.and_then(put_back);
        if let Err(error) = cut {
            self.fail(format!("the files of {} can't be cut: {error}", found.model));
        }
    }

    /// All is opened again later. A read model that shows what the journal lost is made again, as it asks for.
    fn interrupted(&mut self, found: &mut Projector, error: &Error) {
        found.running = None;
        let is_ahead =
            matches!(error, Error::Ahead { .. } | Error::OtherEntry { .. } | Error::Broken { .. });
        let outside = self.shared.lock();
        let has_lost = outside.database.is_restored() || 0 < outside.counters.of(Path::FailedOver);
        drop(outside);
        if is_ahead && has_lost {
            if !self.shared.lock().database.is_restored() {
                self.count(Path::ModelMadeAgain);
                // Made again at the next start.
                let _ = fs::remove_dir_all(&found.folder).and(fs::create_dir(&found.folder));
            }
        } else if !matches!(error, Error::Journal(journal::ReadError::Database(_))) {
            self.fail(format!("the read model {} stops: {error:?}", found.model));
        }
        found.not_before = self.now + SECOND / 2;
        (0..self.projectors.len())
            .for_each(|projector| self.after(SECOND / 2 + MS, Event::Projector { projector }));
    }

    /// Whether every read model shows this entry.
    pub(crate) fn are_projected(&self, head: Position) -> bool {
        self.projectors.iter().all(|found| {
            let running = found.running.as_ref();
            running.is_some_and(|running| running.projection.head().position == head)
        })
    }

    /// Compares every read model with a fold of the journal in other code.
    pub(crate) fn compare_models(&mut self) {
        let projectors = std::mem::take(&mut self.projectors);
        for found in projectors {
            let place = found.place();
            drop(found.running);
            let Ok(mut reader) = SimulatedStore::open(&self.shared, 0) else {
                return self.fail("nobody can read the journal".to_owned());
            };
            let report =
                audit::verify_read_model(found.model, Set::Live, &place, &mut reader, &mut |_| {});
            match report {
                Ok(report) if report.sound() => self.count(Path::ModelCompared),
                Ok(report) => self.fail(format!("{}: {:?}", found.model, report.discrepancies)),
                Err(error) => self.fail(format!("{}: {error:?}", found.model)),
            }
        }
    }
}
