//! Properties that are held against random values.

use std::env;
use std::fmt::Debug;
use std::hash::{BuildHasher, RandomState};
use std::panic::{AssertUnwindSafe, catch_unwind};

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestRunner};

/// Holds a property against `cases` random values, or as many as `PROPTEST_CASES` says.
///
/// # Panics
///
/// When it does not hold, with the shortest value that was found, and with the seed: `PROPTEST_RNG_SEED=<seed>`
/// before the same command tries the same values again.
#[track_caller]
pub fn for_all<S: Strategy>(
    cases: u32,
    values: S,
    property: impl Fn(S::Value) -> Result<(), String>,
) where
    S::Value: Debug,
{
    let mut config = Config { failure_persistence: None, ..Config::default() };
    if env::var_os("PROPTEST_CASES").is_none() {
        config.cases = cases;
    }
    let seed = match config.rng_seed {
        RngSeed::Fixed(seed) => seed,
        RngSeed::Random => RandomState::new().hash_one(()),
    };
    config.rng_seed = RngSeed::Fixed(seed);
    let result = TestRunner::new(config)
        .run(&values, |value| attempt(|| property(value)).map_err(TestCaseError::fail));
    if let Err(error) = result {
        panic!("{error}\nPROPTEST_RNG_SEED={seed} tries the same values again");
    }
}

/// Tries something that may panic.
pub fn attempt(property: impl FnOnce() -> Result<(), String>) -> Result<(), String> {
    let outcome = catch_unwind(AssertUnwindSafe(property));
    // What the panic says stands in the output already.
    outcome.unwrap_or_else(|_| Err("panicked".to_owned()))
}
