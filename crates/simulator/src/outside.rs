//! Everything that outlives a process: the database, the files, and what may go wrong with them.
//!
//! What a process does to it goes through a gate. A process can die at each of these effects, before it or after it: from
//! then on nothing that it does has an effect, and what it is told is a failure. The world then forgets the process.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::anchor_file::Disk;
use crate::counters::{Counters, Path};
use crate::database::Database;
use crate::heap::Time;
use crate::options::{Fault, Options};
use crate::random::Random;
use crate::stream::Stream;

/// What is outside of all processes.
#[derive(Debug)]
pub struct Outside {
    /// The time.
    pub now: Time,
    /// Whether nothing goes wrong any more.
    pub is_calm: bool,
    /// The generator.
    pub random: Random,
    /// What the seed expands to.
    pub options: Options,
    /// How often rare paths were gone.
    pub counters: Counters,
    /// The database.
    pub database: Database,
    /// The bus.
    pub stream: Stream,
    /// Each process's anchor.
    pub disks: Vec<Disk>,
    gates: Vec<Gate>,
}

/// What a process's effects go through.
#[derive(Debug, Clone, Copy, Default)]
struct Gate {
    /// It dies at the effect after so many.
    dies_in: Option<u32>,
    is_dead: bool,
}

/// Whether an effect takes place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It does.
    Happens,
    /// It does, and nobody hears of it.
    HappensUnheard,
    /// It does not.
    Never,
}

/// A handle of it. Everything runs on one thread: the lock is always free.
#[derive(Debug, Clone)]
pub struct Shared(Arc<Mutex<Outside>>);

impl Shared {
    /// A world's outside, with an anchor for each process.
    pub fn new(options: Options, random: Random) -> Self {
        let (writers, gates) = (options.writers, options.writers + options.models.len());
        Self(Arc::new(Mutex::new(Outside {
            now: 0,
            is_calm: false,
            random,
            options,
            counters: Counters::default(),
            database: Database::default(),
            stream: Stream::default(),
            disks: (0..writers).map(|_| Disk::default()).collect(),
            gates: vec![Gate::default(); gates],
        })))
    }

    /// A panic of a rule under test may have passed through: what is behind the lock is whole all the same.
    pub fn lock(&self) -> MutexGuard<'_, Outside> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Outside {
    /// Whether this goes wrong now.
    pub fn hits(&mut self, fault: Fault) -> bool {
        !self.is_calm && self.random.hits(self.options.rate(fault))
    }

    /// What becomes of an effect of a process.
    pub fn effect(&mut self, process: usize) -> Effect {
        let gate = &mut self.gates[process];
        if gate.is_dead {
            return Effect::Never;
        }
        match &mut gate.dies_in {
            None => Effect::Happens,
            Some(0) => {
                gate.is_dead = true;
                self.counters.add(Path::DiedAtEffect);
                if self.random.below(2) == 0 { Effect::HappensUnheard } else { Effect::Never }
            }
            Some(left) => {
                *left -= 1;
                Effect::Happens
            }
        }
    }

    /// Lets a process die at the effect after so many.
    pub fn doom(&mut self, process: usize, effects: u32) {
        self.gates[process].dies_in = Some(effects);
    }

    /// Whether a process has died at an effect.
    pub fn is_dead(&self, process: usize) -> bool {
        self.gates[process].is_dead
    }

    /// Whether it will.
    pub fn is_doomed(&self, process: usize) -> bool {
        self.gates[process].dies_in.is_some()
    }

    /// A new process in the place of one that is gone.
    pub fn revive(&mut self, process: usize) {
        self.gates[process] = Gate::default();
    }
}
