//! Plays seeds.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::options::Options;
use crate::world::{Outcome, World};

/// Plays a world to its end. A rule that panics is a breach.
pub fn play(options: &Options) -> Outcome {
    let played = catch_unwind(AssertUnwindSafe(|| World::new(options.clone()).map(World::run)));
    match played {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(error)) => Outcome::failed(format!("the world does not begin: {error}")),
        Err(panic) => Outcome::failed(format!("panicked: {}", words(panic.as_ref()))),
    }
}

/// How many seeds there are to one that is played twice.
const TWICE_EVERY: u64 = 100;

/// The same; one of a hundred seeds twice, which must be the same to the byte.
pub fn play_checked(options: &Options) -> Outcome {
    let mut outcome = play(options);
    if options.seed.is_multiple_of(TWICE_EVERY)
        && outcome.breach.is_none()
        && play(options) != outcome
    {
        outcome.breach = Some("the second run of the seed is another one".to_owned());
    }
    outcome
}

fn words(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or(panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("without words")
}
