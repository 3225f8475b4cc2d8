//! Makes a failure short: fewer faults, fewer commands.

use crate::options::{Options, Wanted};
use crate::play_checked;

/// Plays at most so many worlds.
const TRIALS_MAX: usize = 200;

/// The same seed with as few faults and as few commands as are needed for it to fail, and how it fails then.
pub fn shrink(failed: &Options) -> (Options, String) {
    let mut trials = 0;
    let mut shortest = (failed.clone(), String::new());
    let mut fails = |options: &Options| {
        trials += 1;
        if TRIALS_MAX < trials { None } else { play_checked(options).breach }
    };
    // Commands first: what is short is quick. One that does not fail any more has lost what it was about.
    let mut step = failed.commands / 2;
    while 0 < step {
        let commands = shortest.0.commands - step;
        let shorter = Options { commands, ..shortest.0.clone() };
        match fails(&shorter) {
            Some(breach) if 0 < commands => shortest = (shorter, breach),
            Some(_) | None => step /= 2,
        }
        step = step.min(shortest.0.commands.saturating_sub(1));
    }
    for fault in failed.faults.keys() {
        let mut fewer = shortest.0.clone();
        fewer.faults.remove(fault);
        if let Some(breach) = fails(&fewer) {
            shortest = (fewer, breach);
        }
    }
    shortest
}

/// The arguments that play a world again.
pub fn arguments(options: &Options) -> String {
    let swarm = Options::of(options.seed, options.commands, &Wanted::Swarm);
    let faults = if swarm.faults == options.faults {
        "swarm".to_owned()
    } else if options.faults.is_empty() {
        "none".to_owned()
    } else {
        let names: Vec<_> = options.faults.keys().map(|fault| fault.name()).collect();
        names.join(",")
    };
    format!("--seed {} --commands {} --faults {faults}", options.seed, options.commands)
}
