//! One random history after the other, each with a seed of its own.

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

use super::reach::Reach;
use super::{Player, Step, steps};
use crate::books::Breach;
use crate::property;

/// The most operations of a history: enough for everything to meet everything, few enough for books that are summed up
/// anew after each.
const STEPS_MAX: usize = 800;
/// How often a failing history is shortened, at most.
const SHORTER_MAX: u32 = 4_096;

/// Plays histories of random operations, as many as are asked for in all. What they have reached.
///
/// # Panics
///
/// When a rule of the ledger is broken, with the shortest history that was found; `again` says which command plays it
/// again, when it is told the seed of that history.
pub fn play(operations: usize, seed: u64, again: impl Fn(u64) -> String) -> Reach {
    let mut reach = Reach::default();
    let mut played = 0;
    for seed in (0..).map(|number| seed.wrapping_add(number)) {
        let mut runner = runner(seed);
        let history = steps(STEPS_MAX).new_tree(&mut runner).expect("steps are not refused");
        let all = history.current();
        played += all.len();
        if property::attempt(|| play_one(&all, &mut reach)).is_err() {
            let shorter = |steps: Vec<Step>| {
                let result = property::attempt(|| play_one(&steps, &mut Reach::default()));
                result.map_err(TestCaseError::fail)
            };
            let failure = runner.run_one(history, shorter).expect_err("it fails once more");
            panic!("{failure}\n{}", again(seed));
        }
        if operations <= played {
            break;
        }
    }
    reach
}

fn play_one(steps: &[Step], reach: &mut Reach) -> Result<(), Breach> {
    let mut player = Player::new();
    for step in steps {
        if let Some(Err(rejection)) = player.take(step)? {
            reach.add_rejection(&rejection);
        }
    }
    player.core.journal().iter().for_each(|entry| reach.add_entry(entry));
    player.core.books().sound()?;
    player.core.replay()
}

fn runner(seed: u64) -> TestRunner {
    let config =
        Config { failure_persistence: None, max_shrink_iters: SHORTER_MAX, ..Config::default() };
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
}
