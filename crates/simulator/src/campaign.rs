//! Many seeds, side by side.

use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::counters::Counters;
use crate::options::Options;
use crate::{Outcome, play_checked};

/// Seeds that are played side by side: one for each core of a small machine.
const THREADS: usize = 2;

/// What seeds have come to.
#[derive(Debug, Default)]
pub struct Sum {
    /// How many were played.
    pub seeds: u64,
    /// How many commands were begun.
    pub commands: u64,
    /// How many entries were written.
    pub entries: u64,
    /// How often rare paths were gone.
    pub counters: Counters,
    /// What was played and failed, and how.
    pub failed: Vec<(Options, String)>,
}

impl Sum {
    fn add(&mut self, options: Options, outcome: Outcome) {
        self.seeds += 1;
        self.commands += outcome.commands as u64;
        self.entries += outcome.entries as u64;
        self.counters.add_all(&outcome.counters);
        self.failed.extend(outcome.breach.map(|breach| (options, breach)));
    }
}

/// Plays what comes, each world on one thread, until `is_enough` or there is no more. `each` hears of every one.
pub fn run(
    worlds: impl Iterator<Item = Options> + Send,
    is_enough: impl Fn(&Sum) -> bool + Sync,
    each: impl Fn(&Options, &Outcome) + Sync,
) -> Sum {
    let (worlds, sum) = (Mutex::new(worlds), Mutex::new(Sum::default()));
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                loop {
                    if is_enough(&sum.lock().unwrap_or_else(PoisonError::into_inner)) {
                        break;
                    }
                    let next = worlds.lock().unwrap_or_else(PoisonError::into_inner).next();
                    let Some(options) = next else { break };
                    let outcome = play_checked(&options);
                    let mut sum = sum.lock().unwrap_or_else(PoisonError::into_inner);
                    each(&options, &outcome);
                    sum.add(options, outcome);
                }
            });
        }
    });
    sum.into_inner().unwrap_or_else(PoisonError::into_inner)
}
