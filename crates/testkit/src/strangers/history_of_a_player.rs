//! A random history that is always the same.

use std::sync::Arc;

use journal::{Head, Stored, encode};
use ledger::Entry;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::generate::{Player, steps};

/// Its entries, chained.
pub(super) fn entries(steps_max: usize, seed: u8) -> Vec<Stored> {
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), random);
    let history = steps(steps_max).new_tree(&mut runner).expect("steps are not refused");
    let mut player = Player::new();
    for step in history.current() {
        player.take(&step).expect("the rules hold");
    }
    chained(player.core.journal().iter().cloned())
}

/// Each with the hash of the one before.
pub(super) fn chained(entries: impl IntoIterator<Item = Arc<Entry>>) -> Vec<Stored> {
    let mut last = Head::EMPTY.hash;
    let stored = entries.into_iter().map(|entry| {
        let stored = encode(entry, last);
        last = stored.hash;
        stored
    });
    stored.collect()
}
