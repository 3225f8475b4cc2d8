//! A sum over rows that does not depend on their order.

use std::fmt;
use std::ops::{AddAssign, SubAssign};

use sha2::{Digest as _, Sha256};

/// The sum modulo 2^256 of SHA-256 over each row's canonical bytes: the same rows give the same digest, in every order,
/// on every database.
///
/// It finds faults, not forgers: who chooses rows can choose some that sum up to anything.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Digest {
    /// The upper and the lower half.
    high: u128,
    low: u128,
}

impl Digest {
    /// Of one row alone.
    pub fn of(canonical: &[u8]) -> Self {
        Self::from_bytes(Sha256::digest(canonical).into())
    }

    /// Reads what [`Digest::to_bytes`] writes.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        let half = |half: &[u8]| u128::from_be_bytes(half.try_into().expect("16 of 32 bytes"));
        Self { high: half(&bytes[..16]), low: half(&bytes[16..]) }
    }

    /// The number, most significant byte first.
    pub fn to_bytes(self) -> [u8; 32] {
        let mut bytes = [0; 32];
        bytes[..16].copy_from_slice(&self.high.to_be_bytes());
        bytes[16..].copy_from_slice(&self.low.to_be_bytes());
        bytes
    }
}

impl AddAssign for Digest {
    fn add_assign(&mut self, row: Self) {
        let (low, carry) = self.low.overflowing_add(row.low);
        let high = self.high.wrapping_add(row.high).wrapping_add(u128::from(carry));
        *self = Self { high, low };
    }
}

impl SubAssign for Digest {
    fn sub_assign(&mut self, row: Self) {
        let (low, borrow) = self.low.overflowing_sub(row.low);
        let high = self.high.wrapping_sub(row.high).wrapping_sub(u128::from(borrow));
        *self = Self { high, low };
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}{:032x}", self.high, self.low)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sum(rows: impl IntoIterator<Item = Digest>) -> Digest {
        let mut sum = Digest::default();
        rows.into_iter().for_each(|row| sum += row);
        sum
    }

    #[test]
    fn a_row_alone_is_its_sha_256() {
        let hex = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(Digest::of(b"abc").to_string(), hex);
    }

    #[test]
    fn the_sum_wraps_around() {
        let mut digest = Digest::from_bytes([0xff; 32]);
        digest += Digest::from_bytes(
            *b"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x02",
        );
        assert_eq!(digest, Digest { high: 0, low: 1 });
        digest -= Digest { high: 0, low: 2 };
        assert_eq!(digest.to_bytes(), [0xff; 32]);
    }

    proptest! {
        #[test]
        fn the_order_of_rows_does_not_count(
            rows in prop::collection::vec(any::<[u8; 32]>(), 0..20),
            split in any::<prop::sample::Index>(),
        ) {
            let rows: Vec<_> = rows.into_iter().map(Digest::from_bytes).collect();
            let mut other = rows.clone();
            other.rotate_left(split.index(rows.len().max(1)).min(rows.len()));
            other.reverse();
            prop_assert_eq!(sum(rows), sum(other));
        }

        #[test]
        fn what_was_added_can_be_taken_away(one in any::<[u8; 32]>(), other in any::<[u8; 32]>()) {
            let (one, other) = (Digest::from_bytes(one), Digest::from_bytes(other));
            let mut digest = one;
            digest += other;
            digest -= other;
            prop_assert_eq!(digest, one);
            prop_assert_eq!(Digest::from_bytes(digest.to_bytes()), digest);
        }
    }
}
