//! Random numbers that can be had again.

use std::hash::{BuildHasher, RandomState};
use std::str::FromStr;

/// A generator of which a seed decides everything (SplitMix64).
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// With the seed in `LEDGEROS_SEED`, or a new one. Prints the command that repeats the test.
    #[expect(clippy::print_stdout, reason = "a failing test shows what it printed")]
    pub fn for_test(package: &str, test: &str) -> Self {
        let seed =
            from_environment("LEDGEROS_SEED").unwrap_or_else(|| RandomState::new().hash_one(()));
        println!("LEDGEROS_SEED={seed} cargo test --release -p {package} -- {test}");
        Self(seed)
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`.
    ///
    /// # Panics
    ///
    /// When `end` is zero.
    pub fn below(&mut self, end: usize) -> usize {
        (self.number() % end as u64) as usize
    }

    /// One of these.
    ///
    /// # Panics
    ///
    /// When there is none.
    pub fn one_of<'a, T>(&mut self, these: &'a [T]) -> &'a T {
        &these[self.below(these.len())]
    }
}

/// How often something is tried: so often, or as the environment says.
pub fn times(variable: &str, quick: usize) -> usize {
    from_environment(variable).unwrap_or(quick)
}

fn from_environment<T: FromStr>(variable: &str) -> Option<T> {
    let text = std::env::var(variable).ok()?;
    let Ok(number) = text.parse() else { panic!("`{variable}` is no number: `{text}`") };
    Some(number)
}
