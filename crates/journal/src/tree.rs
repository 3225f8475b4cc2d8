//! The Merkle tree over the entries of a journal (RFC 6962, section 2.1).
//!
//! Its leaves are the entries' [hashes](crate::Hash), in the order of their positions: the entry at position 1 is leaf 0.
//! An auditor who has kept the root of a shorter journal can be shown that a longer one begins with it, and that an entry
//! is in it, without reading either.

use sha2::{Digest, Sha256};

use crate::form::Hash;

mod proof;

pub use proof::{InvalidProof, Proof};

/// A tree to which leaves are added: the roots of its perfect subtrees, largest first.
///
/// It takes 32 bytes for each bit that is set in its size, and the work of one hash for each leaf.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree {
    size: u64,
    peaks: Vec<Hash>,
}

impl Tree {
    /// The tree of so many leaves whose perfect subtrees have these roots. `None` when they are too few or too many.
    pub fn from_peaks(size: u64, peaks: Vec<Hash>) -> Option<Self> {
        (size.count_ones() as usize == peaks.len()).then_some(Self { size, peaks })
    }

    /// How many leaves it has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The roots of its perfect subtrees, largest first: one for each bit that is set in its size.
    pub fn peaks(&self) -> &[Hash] {
        &self.peaks
    }

    /// Adds the next leaf.
    pub fn push(&mut self, leaf: Hash) {
        let mut node = leaf;
        // Each bit that carries is a subtree which is as large as the one that was just made.
        for _ in 0..self.size.trailing_ones() {
            let left = self.peaks.pop().expect("a subtree stands for each bit of the size");
            node = parent(left, node);
        }
        self.peaks.push(node);
        self.size += 1;
    }

    /// The root; of an empty tree, the hash of nothing.
    pub fn root(&self) -> Hash {
        let smallest_first = self.peaks.iter().rev().copied();
        smallest_first
            .reduce(|right, left| parent(left, right))
            .unwrap_or_else(|| Hash(Sha256::digest([]).into()))
    }
}

impl Extend<Hash> for Tree {
    fn extend<T: IntoIterator<Item = Hash>>(&mut self, leaves: T) {
        leaves.into_iter().for_each(|leaf| self.push(leaf));
    }
}

impl FromIterator<Hash> for Tree {
    fn from_iter<T: IntoIterator<Item = Hash>>(leaves: T) -> Self {
        let mut tree = Self::default();
        tree.extend(leaves);
        tree
    }
}

fn parent(left: Hash, right: Hash) -> Hash {
    let hash = Sha256::new().chain_update([1]).chain_update(left.0).chain_update(right.0);
    Hash(hash.finalize().into())
}

#[cfg(test)]
mod tests;
