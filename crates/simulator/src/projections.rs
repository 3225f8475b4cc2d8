//! Read models that follow the stream, and the journal where that lacks something: what `bus::follower` and
//! `projector::projector` do, cut where they wait.

use std::fs;
use std::path::PathBuf;

use bus::follower::machine::{Brought, runs};
use journal::{Reader, Stored};
use ledger::Position;
use projector::projection::{self, Following};
use projector::{Error, Place, ReadModel, Set};

use crate::counters::Path;
use crate::database::SimulatedStore;
use crate::heap::{MS, SECOND, Time};
use crate::options::Fault;
use crate::world::{Event, World};

/// Entries of one transaction, and of one look at the journal.
const ENTRIES_MAX: usize = 512;
/// After what time without progress the journal is looked at.
const IDLE_MAX: Time = SECOND;

/// A process that keeps a read model.
pub(crate) struct Projector {
    model: ReadModel,
    folder: PathBuf,
    running: Option<Running>,
    not_before: Time,
}

struct Running {
    projection: Box<dyn Following>,
    reader: SimulatedStore,
    generation: u64,
    /// Up to where the stream was brought.
    place: usize,
    brought: Brought<usize>,
    look_at: Time,
}

impl Projector {
    pub(crate) fn new(model: ReadModel, folder: PathBuf) -> Self {
        Self { model, folder, running: None, not_before: 0 }
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
        if found.not_before <= now {
            if found.running.is_some() && self.hits(Fault::ProjectorCrash) {
                self.count(Path::ProjectorDied);
                found.running = None;
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
                    generation: u64::MAX,
                    place: 0,
                    brought: Brought::new(),
                    look_at: 0,
                })
            }
        };
        let entries = self.take(projector, running);
        let mut has_gap = false;
        for run in runs(entries) {
            let Some(last) = run.last() else { continue };
            let there = running.reader.read(last.entry.position, 1)?;
            if there.first().is_some_and(|there| there.hash == last.hash) {
                has_gap |= running.projection.follow(&run)?;
                running.look_at = now + IDLE_MAX;
            }
        }
        if has_gap {
            self.count(Path::GapFilled);
        }
        if has_gap || running.look_at <= now {
            loop {
                let next = running.projection.head().position.next();
                let entries = running.reader.read(next, ENTRIES_MAX)?;
                if entries.is_empty() {
                    break;
                }
                running.projection.follow(&entries)?;
            }
            running.look_at = now + IDLE_MAX;
        }
        let done = running.brought.done(running.projection.head().position);
        if let Some(place) = done {
            self.shared.lock().stream.acknowledge(projector, place);
        }
        let look_at = running.look_at;
        self.heap.push(look_at, Event::Projector { projector });
        Ok(())
    }

    /// What the stream brings.
    fn take(&mut self, projector: usize, running: &mut Running) -> Vec<Stored> {
        let done = running.projection.head().position;
        let outside = &mut *self.shared.lock();
        if outside.stream.is_away(outside.now) {
            return Vec::new();
        }
        if running.generation != outside.stream.generation() {
            running.generation = outside.stream.generation();
            running.place = outside.stream.done(projector);
            running.brought = Brought::new();
        }
        if outside.hits(Fault::BusRepeats) {
            running.place = running.place.saturating_sub(8);
            outside.counters.add(Path::BusRepeated);
        }
        let mut entries = Vec::new();
        let now = outside.now;
        let ready = outside.stream.from(running.place).iter();
        for message in ready.take(ENTRIES_MAX).take_while(|message| message.at <= now) {
            running.place += 1;
            let position = message.stored.entry.position;
            let is_new = done < position;
            running.brought.push(is_new.then_some(position), running.place);
            if is_new {
                entries.push(message.stored.clone());
            }
        }
        if 1 < entries.len() && outside.hits(Fault::BusReorders) {
            let (one, other) =
                (outside.random.index(entries.len()), outside.random.index(entries.len()));
            entries.swap(one, other);
            outside.counters.add(Path::BusReordered);
        }
        entries
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
