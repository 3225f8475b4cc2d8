//! Plays seeds, and says which one fails.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "it is what a command line does")]

use std::ops::Range;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use clap::Parser;
use simulator::counters::Counters;
use simulator::options::{COMMANDS, Options, Wanted};
use simulator::{Outcome, play};

/// From so many seeds on, each rare path must have been gone.
const LONG: u64 = 64;
/// Seeds that are played side by side.
const THREADS: usize = 2;

/// Plays the whole system on one thread, under random faults.
#[derive(Debug, Parser)]
struct Arguments {
    /// The seed to play.
    #[arg(long, conflicts_with = "seeds")]
    seed: Option<u64>,
    /// The seeds to play, from the first to the one before the last.
    #[arg(long, value_parser = range)]
    seeds: Option<Range<u64>>,
    /// How many commands each of them sends.
    #[arg(long, default_value_t = COMMANDS)]
    commands: usize,
    /// `swarm` for those that each seed has, `none`, `all`, or names with commas between.
    #[arg(long, default_value = "swarm")]
    faults: Wanted,
}

fn range(text: &str) -> Result<Range<u64>, String> {
    let (first, end) = text.split_once("..").ok_or("it is not of the form `A..B`")?;
    let number = |text: &str| text.parse::<u64>().map_err(|error| error.to_string());
    Ok(number(first)?..number(end)?)
}

#[derive(Default)]
struct Sum {
    commands: usize,
    entries: usize,
    counters: Counters,
    failed: Vec<(u64, String)>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let seeds = match (arguments.seed, &arguments.seeds) {
        (Some(seed), _) => seed..seed + 1,
        (None, Some(seeds)) => seeds.clone(),
        (None, None) => 0..LONG,
    };
    // What a breach is made of is told with it.
    std::panic::set_hook(Box::new(|_| {}));
    let begun = Instant::now();
    let (next, sum) = (AtomicU64::new(seeds.start), Mutex::new(Sum::default()));
    thread::scope(|scope| {
        for _ in 0..THREADS.min((seeds.end - seeds.start) as usize) {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seeds.end <= seed {
                        break;
                    }
                    let options = Options::of(seed, arguments.commands, &arguments.faults);
                    let outcome = play(&options);
                    let mut sum = sum.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
                    tell(&options, &outcome);
                    sum.commands += outcome.commands;
                    sum.entries += outcome.entries;
                    sum.counters.add_all(&outcome.counters);
                    sum.failed.extend(outcome.breach.map(|breach| (seed, breach)));
                }
            });
        }
    });
    let sum = sum.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
    let seconds = begun.elapsed().as_secs_f64();
    let rate = sum.commands as f64 / seconds;
    print!("{}", sum.counters);
    println!(
        "{} seeds, {} commands, {} entries in {seconds:.1} s: {rate:.0} commands/s",
        seeds.end - seeds.start,
        sum.commands,
        sum.entries,
    );
    let missing = sum.counters.missing();
    let is_long = LONG <= seeds.end - seeds.start && arguments.faults == Wanted::Swarm;
    if is_long {
        missing.iter().for_each(|path| eprintln!("never: {}", path.name()));
    }
    for (seed, breach) in &sum.failed {
        eprintln!("seed {seed} fails: {breach}");
    }
    let is_well = sum.failed.is_empty() && !(is_long && !missing.is_empty());
    if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn tell(options: &Options, outcome: &Outcome) {
    println!("{options}");
    if let Some(breach) = &outcome.breach {
        println!("seed {} FAILS: {breach}", options.seed);
        println!(
            "again: cargo run --release -p simulator -- --seed {} --commands {}",
            options.seed, options.commands
        );
    }
}
