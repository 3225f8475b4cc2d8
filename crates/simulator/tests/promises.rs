//! The simulation as a test: the figure of the promises, what failed once, and that a seed is one world only.
//!
//! A failing test says which command plays its world again.

use std::env;
use std::time::Instant;

use simulator::campaign::{self, Sum};
use simulator::options::{COMMANDS, Options, Wanted};
use simulator::{Outcome, play, regressions, shrink};

/// How many commands are simulated, unless `LEDGEROS_SIMULATED` says otherwise: less than three minutes on two idle cores.
const SIMULATED: u64 = 5_000_000;
/// The first seed, unless `LEDGEROS_SEED` says otherwise: each run plays the same worlds, so that what fails is the change. Others are
/// for whoever looks for more.
const FIRST: u64 = 1;

fn number_of(variable: &str) -> Option<u64> {
    let text = env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("`{variable}` is no number: `{text}`")))
}

fn expect_sound(sum: &Sum) {
    if let Some((options, breach)) = sum.failed.first() {
        let arguments = shrink::arguments(options);
        panic!("{breach}\ncargo run --release -p simulator -- {arguments}");
    }
}

fn nothing(_: &Options, _: &Outcome) {}

#[test]
fn millions_of_commands_under_faults_break_nothing() {
    let commands = number_of("LEDGEROS_SIMULATED").unwrap_or(SIMULATED);
    let first = number_of("LEDGEROS_SEED").unwrap_or(FIRST);
    println!("LEDGEROS_SEED={first}");
    let begun = Instant::now();
    let worlds = (first..).map(|seed| Options::of(seed, COMMANDS, &Wanted::Swarm));
    let sum =
        campaign::run(worlds, |sum| commands <= sum.commands || !sum.failed.is_empty(), nothing);
    let rate = sum.commands as f64 / begun.elapsed().as_secs_f64();
    println!("{}{} seeds, {} commands: {rate:.0}/s", sum.counters, sum.seeds, sum.commands);
    expect_sound(&sum);
    if SIMULATED <= commands {
        assert_eq!(sum.counters.missing(), Vec::new(), "every rare path is gone");
    }
}

#[test]
fn what_has_failed_once_does_so_no_more() {
    let worlds = regressions::read().expect("the file can be read");
    expect_sound(&campaign::run(worlds.into_iter(), |_| false, nothing));
}

#[test]
fn a_seed_is_one_world() {
    for seed in 1..6 {
        let options = Options::of(seed, 800, &Wanted::All);
        let (once, again) = (play(&options), play(&options));
        assert_eq!(once, again, "seed {seed}");
        assert_eq!(once.breach, None);
    }
}

#[test]
fn another_seed_is_another_world() {
    let of = |seed| play(&Options::of(seed, 200, &Wanted::default())).trace;
    assert_ne!(of(1), of(2));
}
