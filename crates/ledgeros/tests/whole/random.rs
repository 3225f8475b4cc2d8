//! Random choices that can be made again.

use std::env;
use std::hash::{BuildHasher, RandomState};
use std::thread;

const SEED: &str = "LEDGEROS_TEST_SEED";

/// Random numbers. When the test fails, it says how to have the same again.
pub(crate) struct Random {
    seed: u64,
    state: u64,
}

impl Random {
    pub(crate) fn new() -> Self {
        let given = env::var(SEED).ok().map(|seed| seed.parse().expect("a seed is a number"));
        let seed = given.unwrap_or_else(|| RandomState::new().hash_one(()));
        Self { seed, state: seed }
    }

    /// A number below `end` (SplitMix64).
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }
}

impl Drop for Random {
    #[expect(clippy::print_stdout, reason = "a test that fails says how to have that again")]
    fn drop(&mut self) {
        if thread::panicking() {
            println!("{SEED}={} before the same command makes the same choices", self.seed);
        }
    }
}
