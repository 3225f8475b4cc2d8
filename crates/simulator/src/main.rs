//! Plays seeds, and says which one fails.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "it is what a command line does")]

use std::ops::Range;
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use simulator::campaign::{self, Sum};
use simulator::options::{COMMANDS, Options, Wanted};
use simulator::{Outcome, regressions, shrink};

/// From so many seeds on, each rare path must have been gone.
const LONG: u64 = 64;

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
    /// Stops at the first that fails, and says after how many commands. Nothing is made short, and nothing kept.
    #[arg(long)]
    find: bool,
}

fn range(text: &str) -> Result<Range<u64>, String> {
    let (first, end) = text.split_once("..").ok_or("it is not of the form `A..B`")?;
    let number = |text: &str| text.parse::<u64>().map_err(|error| error.to_string());
    Ok(number(first)?..number(end)?)
}

fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    let (commands, wanted) = (arguments.commands, &arguments.faults);
    let mut worlds = Vec::new();
    let seeds = match (arguments.seed, &arguments.seeds) {
        (Some(seed), _) => seed..seed + 1,
        (None, Some(seeds)) => seeds.clone(),
        (None, None) => 0..LONG,
    };
    if arguments.seed.is_none() && !arguments.find {
        worlds = regressions::read()?;
        println!("{} regressions first", worlds.len());
    }
    let is_long = LONG <= seeds.end.saturating_sub(seeds.start) && *wanted == Wanted::Swarm;
    let worlds = worlds.into_iter().chain(seeds.map(|seed| Options::of(seed, commands, wanted)));

    if arguments.find {
        let sum = campaign::run(worlds, |sum| !sum.failed.is_empty(), |_, _| {});
        return Ok(found(&sum));
    }
    let begun = Instant::now();
    let sum = campaign::run(worlds, |_| false, tell);
    let seconds = begun.elapsed().as_secs_f64();
    print!("{}", sum.counters);
    let Sum { seeds, commands, entries, .. } = sum;
    let rate = commands as f64 / seconds;
    println!(
        "{seeds} seeds, {commands} commands, {entries} entries in {seconds:.1} s: {rate:.0} commands/s"
    );

    let missing = if is_long { sum.counters.missing() } else { Vec::new() };
    missing.iter().for_each(|path| eprintln!("never gone: {}", path.name()));
    sum.failed.first().map_or(Ok(()), |(options, _)| keep(options))?;
    let is_well = sum.failed.is_empty() && missing.is_empty();
    Ok(if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Says what was found first. To have found something is what was wanted.
fn found(sum: &Sum) -> ExitCode {
    let commands = sum.commands;
    match sum.failed.first() {
        Some((_, breach)) => {
            println!(
                "found after {commands} commands: {}",
                breach.lines().next().unwrap_or_default()
            );
            ExitCode::SUCCESS
        }
        None => {
            println!("nothing found in {commands} commands");
            ExitCode::FAILURE
        }
    }
}

/// Makes a failure short, and keeps it.
fn keep(failed: &Options) -> anyhow::Result<()> {
    println!("shortening seed {}", failed.seed);
    let (shortest, breach) = shrink::shrink(failed);
    let (arguments, breach) = match breach.is_empty() {
        true => (shrink::arguments(failed), "it fails in this length only".to_owned()),
        false => (shrink::arguments(&shortest), breach),
    };
    let line = regressions::add(&arguments, &breach)?;
    println!("{breach}\nagain: cargo run --release -p simulator -- {arguments}");
    println!("kept in crates/simulator/regressions.txt: {line}");
    Ok(())
}

fn tell(options: &Options, outcome: &Outcome) {
    println!("{options}");
    if let Some(breach) = &outcome.breach {
        let arguments = shrink::arguments(options);
        println!("seed {} FAILS: {breach}", options.seed);
        println!("again: cargo run --release -p simulator -- {arguments}");
    }
}
