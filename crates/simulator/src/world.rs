//! One world: all that exists, and what happens next in it.

use std::path::Path as FilePath;
use std::sync::Arc;

use journal::Head;
use journal::anchor::{Anchor, Mark};
use ledger::time::DAY_MS;
use ledger::{Request, Timestamp};
use tempfile::TempDir;
use testkit::books::Breach;
use testkit::requests::BOOK;

use crate::anchor_file::AnchorFile;
use crate::auditor::{Auditor, Ticket};
use crate::clients::Clients;
use crate::counters::{Counters, Path};
use crate::heap::{Heap, MS, SECOND, Time};
use crate::options::{Fault, Options};
use crate::outside::Shared;
use crate::projections::Projector;
use crate::random::Random;
use crate::workload::Workload;
use crate::writers::Process;
use crate::writers::Waiting;

/// Which life of the book it is.
pub(crate) const INCARNATION: [u8; 16] = [7; 16];
/// How long the safety phase lasts at most, whatever is left to be asked.
const SAFETY_MAX: Time = 900 * SECOND;
/// How long everything may take to agree once nothing goes wrong any more.
const LIVENESS_MAX: Time = 20 * SECOND;

/// Something that happens. What happens to a process names the life for which it was meant.
#[derive(Debug)]
pub(crate) enum Event {
    Client { client: usize },
    Again { client: usize, job: u64 },
    Timeout { ticket: Ticket },
    Hear { ticket: Ticket, is_told: bool },
    Arrive { process: usize, life: u64, ticket: Ticket, request: Arc<Request>, answer_by: Time },
    Seat { process: usize, life: u64, number: u64 },
    Turn { process: usize, life: u64, tenure: u64, number: u64 },
    Commit { process: usize, life: u64, tenure: u64 },
    Anchor { process: usize, life: u64, tenure: u64 },
    Appended { process: usize, life: u64, tenure: u64 },
    Reopen { process: usize, life: u64, tenure: u64 },
    Resume { process: usize, life: u64 },
    Start { process: usize, life: u64 },
    Looked { process: usize, life: u64 },
    Relay { process: usize, life: u64, number: u64 },
    Projector { projector: usize },
    Settle,
    Failover,
    Disaster,
    BringBack,
}

impl Event {
    /// A number for what it is.
    fn kind(&self) -> u64 {
        match self {
            Self::Client { .. } => 1,
            Self::Again { .. } => 2,
            Self::Timeout { .. } => 3,
            Self::Hear { .. } => 4,
            Self::Arrive { .. } => 5,
            Self::Seat { .. } => 6,
            Self::Turn { .. } => 7,
            Self::Commit { .. } => 8,
            Self::Anchor { .. } => 9,
            Self::Appended { .. } => 10,
            Self::Reopen { .. } => 11,
            Self::Resume { .. } => 12,
            Self::Start { .. } => 13,
            Self::Looked { .. } => 14,
            Self::Settle => 15,
            Self::Disaster => 16,
            Self::BringBack => 17,
            Self::Relay { .. } => 18,
            Self::Projector { .. } => 19,
            Self::Failover => 20,
        }
    }
}

/// What a world has come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// What was wrong, if anything was.
    pub breach: Option<Breach>,
    /// How many commands were begun.
    pub commands: usize,
    /// How many entries the journal has.
    pub entries: usize,
    /// How often rare paths were gone.
    pub counters: Counters,
    /// The last hash of the journal, and a sum over all that has happened.
    pub trace: ([u8; 32], u64),
    /// How long it has lasted, by its own time.
    pub lasted: Time,
}

impl Outcome {
    /// Of a world that has not come to an end.
    pub(crate) fn failed(breach: Breach) -> Self {
        Self {
            breach: Some(breach),
            commands: 0,
            entries: 0,
            counters: Counters::default(),
            trace: ([0; 32], 0),
            lasted: 0,
        }
    }
}

/// Everything there is.
pub(crate) struct World {
    pub(crate) shared: Shared,
    pub(crate) heap: Heap<Event>,
    pub(crate) now: Time,
    pub(crate) processes: Vec<Process>,
    pub(crate) projectors: Vec<Projector>,
    pub(crate) clients: Clients,
    pub(crate) auditor: Auditor,
    /// Removed with the world.
    _folder: TempDir,
    breach: Option<Breach>,
    trace: u64,
}

impl World {
    /// Before anything has happened.
    pub(crate) fn new(options: Options) -> std::io::Result<Self> {
        let mut random = Random::new(options.seed);
        let workload = Workload::new(random.any(), options.commands);
        let clients = Clients::new(workload, options.clients);
        let (seed, writers, models) = (options.seed, options.writers, options.models.clone());
        let shared = Shared::new(options, random);
        let folder = folder(seed)?;
        shared.lock().is_calm = true;
        for process in 0..writers {
            let file = AnchorFile { shared: shared.clone(), process };
            let mark = Mark { book: BOOK, incarnation: INCARNATION, head: Head::EMPTY };
            Anchor::begin(Box::new(file), mark).map_err(std::io::Error::other)?;
            shared.lock().disks[process].begin();
        }
        shared.lock().is_calm = false;
        let processes = (0..writers).map(|number| Process::new(number, folder.path())).collect();
        let projectors = models.iter().map(|model| {
            let folder = folder.path().join(model.name());
            std::fs::create_dir(&folder)?;
            Ok(Projector::new(*model, folder))
        });
        let projectors = projectors.collect::<std::io::Result<Vec<_>>>()?;
        let mut world = Self {
            shared,
            heap: Heap::default(),
            now: 0,
            processes,
            projectors,
            clients,
            auditor: Auditor::default(),
            _folder: folder,
            breach: None,
            trace: 0,
        };
        (0..writers).for_each(|process| world.begin(process));
        (0..world.clients.count()).for_each(|client| world.after(SECOND, Event::Client { client }));
        (0..world.projectors.len())
            .for_each(|projector| world.after(SECOND, Event::Projector { projector }));
        world.after(SECOND, Event::Disaster);
        Ok(world)
    }

    /// Lets everything happen, and says what has come of it.
    pub(crate) fn run(mut self) -> Outcome {
        while !self.clients.workload.is_over() && self.now < SAFETY_MAX && self.breach.is_none() {
            self.step();
        }
        self.clients.workload.end();
        self.calm_down();
        let end = self.now + LIVENESS_MAX;
        while !self.is_settled() && self.breach.is_none() {
            if end < self.now {
                let what = self.unsettled();
                self.fail(format!("twenty seconds after the last fault: {what}"));
            }
            self.step();
        }
        let journal = self.finish();
        if self.breach.is_none() {
            self.compare_models();
        }
        let outside = self.shared.lock();
        Outcome {
            breach: self.breach.clone(),
            commands: self.clients.begun,
            entries: outside.database.rows().len(),
            counters: outside.counters.clone(),
            trace: (journal, self.trace),
            lasted: self.now,
        }
    }

    fn finish(&mut self) -> [u8; 32] {
        if self.breach.is_some() {
            return [0; 32];
        }
        let head = self.shared.lock().database.head();
        self.follow(head.position);
        let outside = self.shared.lock();
        let finished = self.auditor.finish(outside.database.rows());
        drop(outside);
        finished.unwrap_or_else(|breach| {
            self.fail(breach);
            [0; 32]
        })
    }

    /// Lets the next event happen.
    fn step(&mut self) {
        let Some((at, event)) = self.heap.pop() else {
            return self.fail("nothing happens any more".to_owned());
        };
        self.now = at;
        self.shared.lock().now = at;
        self.trace(event.kind(), 0);
        self.happen(event);
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Client { client } => self.client_acts(client),
            Event::Again { client, job } => self.asks_again(client, job),
            Event::Timeout { ticket } => self.timed_out(ticket),
            Event::Hear { ticket, is_told } => self.hears(ticket, is_told),
            Event::Settle => self.settle(),
            Event::Failover => self.fail_over(),
            Event::Disaster => self.disaster(),
            Event::BringBack => self.bring_back(),
            Event::Projector { projector } => self.project(projector),
            Event::Resume { process, life } => self.resume(process, life),
            Event::Start { process, life } => {
                if self.processes[process].life == life {
                    self.begin(process);
                }
            }
            Event::Looked { process, life } => {
                if self.processes[process].life == life
                    && !self.shared.lock().database.is_restored()
                {
                    self.kill(process);
                }
            }
            Event::Arrive { process, life, .. }
            | Event::Seat { process, life, .. }
            | Event::Turn { process, life, .. }
            | Event::Commit { process, life, .. }
            | Event::Anchor { process, life, .. }
            | Event::Appended { process, life, .. }
            | Event::Relay { process, life, .. }
            | Event::Reopen { process, life, .. } => {
                let is_on_the_wire = matches!(event, Event::Commit { .. });
                let found = &self.processes[process];
                if found.life != life || found.is_down {
                    return;
                }
                match found.paused_until {
                    Some(_) if !is_on_the_wire => self.processes[process].deferred.push(event),
                    _ => self.happen_to(process, event),
                }
            }
        }
    }

    fn happen_to(&mut self, process: usize, event: Event) {
        match event {
            Event::Arrive { ticket, request, answer_by, .. } => {
                self.arrive(process, Waiting { ticket, request, answer_by });
            }
            Event::Seat { number, .. } => self.sit(process, number),
            Event::Turn { tenure, number, .. } => self.turn(process, tenure, number),
            Event::Commit { tenure, .. } => self.commit(process, tenure),
            Event::Anchor { tenure, .. } => self.anchor(process, tenure),
            Event::Appended { tenure, .. } => self.appended(process, tenure),
            Event::Relay { number, .. } => self.relay_steps(process, number),
            Event::Reopen { tenure, .. } => self.reopen(process, tenure),
            _ => {}
        }
        // It has died in the middle of that.
        if self.shared.lock().is_dead(process) {
            self.kill(process);
        }
    }

    /// Lets the auditor walk on to what an anchor knows.
    pub(crate) fn follow(&mut self, position: ledger::Position) {
        let outside = &mut *self.shared.lock();
        let followed = self.auditor.follow(&outside.database, position, &mut outside.counters);
        if let Err(breach) = followed {
            self.breach.get_or_insert(breach);
        }
    }

    /// Something is wrong.
    pub(crate) fn fail(&mut self, breach: Breach) {
        let at = self.now as f64 / SECOND as f64;
        self.breach.get_or_insert_with(|| format!("after {at:.6} s: {breach}"));
    }

    /// Adds to the sum over all that has happened.
    pub(crate) fn trace(&mut self, what: u64, how: u64) {
        for word in [self.now, what, how] {
            self.trace = (self.trace ^ word).wrapping_mul(0x0100_0000_01b3).rotate_left(23);
        }
    }

    pub(crate) fn after(&mut self, wait: Time, event: Event) {
        self.heap.push(self.now + wait, event);
    }

    pub(crate) fn hits(&self, fault: Fault) -> bool {
        self.shared.lock().hits(fault)
    }

    pub(crate) fn random_below(&self, end: u64) -> u64 {
        self.shared.lock().random.below(end)
    }

    pub(crate) fn random_between(&self, first: u64, last: u64) -> u64 {
        self.shared.lock().random.between(first, last)
    }

    pub(crate) fn random_hits(&self, per_million: u32) -> bool {
        self.shared.lock().random.hits(per_million)
    }

    pub(crate) fn count(&self, path: Path) {
        self.shared.lock().counters.add(path);
    }

    /// How long a message takes.
    pub(crate) fn delay(&self) -> Time {
        self.random_between(50, 2 * MS)
    }

    /// What a clock that is right shows.
    pub(crate) fn true_wall(&self) -> Timestamp {
        Timestamp::of_month(2028, 2).plus_ms(26 * DAY_MS + self.now / MS)
    }
}

/// In memory, where there is such a place: it is made anew for each world.
fn folder(seed: u64) -> std::io::Result<TempDir> {
    let memory = FilePath::new("/dev/shm");
    let mut builder = tempfile::Builder::new();
    let name = format!("world-{seed}-");
    let builder = builder.prefix(&name);
    if memory.is_dir() { builder.tempdir_in(memory) } else { builder.tempdir() }
}
