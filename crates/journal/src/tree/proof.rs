//! Proofs: that an entry is in a journal, and that a journal begins with another.

use std::ops::Range;

use super::{Tree, parent};
use crate::form::Hash;

/// The roots of the subtrees that lead from what is known to the root of a tree (RFC 6962, sections 2.1.1 and 2.1.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof(pub Vec<Hash>);

/// A proof does not show what it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidProof {
    /// A leaf beyond the end, or a longer journal that is shorter.
    #[error("the sizes make no sense")]
    Sizes,
    /// Too few hashes, or too many.
    #[error("the proof has the wrong length")]
    Length,
    /// It leads to another root.
    #[error("the proof leads to another root")]
    Root,
}

impl Proof {
    /// That the leaf `index` is in the tree of the first `size` leaves. They are read once, in order; only their subtrees'
    /// roots are kept.
    ///
    /// # Panics
    ///
    /// When `index` is not below `size`, or there are fewer leaves.
    pub fn of_inclusion(index: u64, size: u64, leaves: impl Iterator<Item = Hash>) -> Self {
        assert!(index < size, "the leaf is in the tree");
        let mut path = Vec::new();
        inclusion_path(index, 0..size, &mut path);
        Self(roots(path, leaves))
    }

    /// That the tree of the first `new` leaves begins with the tree of the first `old`. They are read once, in order.
    ///
    /// # Panics
    ///
    /// When `old` is above `new`, or there are fewer leaves.
    pub fn of_consistency(old: u64, new: u64, leaves: impl Iterator<Item = Hash>) -> Self {
        assert!(old <= new, "a tree grows");
        let mut path = Vec::new();
        if 0 < old {
            consistency_path(old, 0..new, true, &mut path);
        }
        Self(roots(path, leaves))
    }

    /// Checks that `leaf` is the leaf `index` of the tree of `size` leaves with this root (RFC 9162, section 2.1.3.2).
    pub fn check_inclusion(
        &self,
        leaf: Hash,
        index: u64,
        size: u64,
        root: Hash,
    ) -> Result<(), InvalidProof> {
        if size <= index {
            return Err(InvalidProof::Sizes);
        }
        let (mut place, mut last, mut node) = (index, size - 1, leaf);
        for sibling in &self.0 {
            if last == 0 {
                return Err(InvalidProof::Length);
            }
            if place & 1 == 1 || place == last {
                node = parent(*sibling, node);
                while place & 1 == 0 && place != 0 {
                    (place, last) = (place >> 1, last >> 1);
                }
            } else {
                node = parent(node, *sibling);
            }
            (place, last) = (place >> 1, last >> 1);
        }
        match (last, node == root) {
            (0, true) => Ok(()),
            (0, false) => Err(InvalidProof::Root),
            _ => Err(InvalidProof::Length),
        }
    }

    /// Checks that the tree of `new` leaves begins with the one of `old` (RFC 9162, section 2.1.4.2).
    pub fn check_consistency(
        &self,
        old: u64,
        old_root: Hash,
        new: u64,
        new_root: Hash,
    ) -> Result<(), InvalidProof> {
        if new < old {
            return Err(InvalidProof::Sizes);
        }
        if old == 0 || old == new {
            let expected = if old == 0 { Tree::default().root() } else { new_root };
            return match self.0.is_empty() {
                true if old_root == expected => Ok(()),
                true => Err(InvalidProof::Root),
                false => Err(InvalidProof::Length),
            };
        }
        let whole = old.is_power_of_two().then_some(old_root);
        let mut nodes = whole.into_iter().chain(self.0.iter().copied());
        let (mut place, mut last) = (old - 1, new - 1);
        while place & 1 == 1 {
            (place, last) = (place >> 1, last >> 1);
        }
        let first = nodes.next().ok_or(InvalidProof::Length)?;
        let (mut old_node, mut new_node) = (first, first);
        for sibling in nodes {
            if last == 0 {
                return Err(InvalidProof::Length);
            }
            if place & 1 == 1 || place == last {
                old_node = parent(sibling, old_node);
                new_node = parent(sibling, new_node);
                while place & 1 == 0 && place != 0 {
                    (place, last) = (place >> 1, last >> 1);
                }
            } else {
                new_node = parent(new_node, sibling);
            }
            (place, last) = (place >> 1, last >> 1);
        }
        match (last, old_node == old_root && new_node == new_root) {
            (0, true) => Ok(()),
            (0, false) => Err(InvalidProof::Root),
            _ => Err(InvalidProof::Length),
        }
    }
}

/// The subtrees beside the way from a leaf to the root of `leaves`, from the leaf upwards.
fn inclusion_path(index: u64, leaves: Range<u64>, path: &mut Vec<Range<u64>>) {
    if leaves.end - leaves.start == 1 {
        return;
    }
    let middle = leaves.start + split(leaves.end - leaves.start);
    if index < middle {
        inclusion_path(index, leaves.start..middle, path);
        path.push(middle..leaves.end);
    } else {
        inclusion_path(index, middle..leaves.end, path);
        path.push(leaves.start..middle);
    }
}

/// The subtrees that make both the tree of the first `old` leaves and that of `leaves`. The old tree itself is left out
/// where it is one of them (`is_known`): its root is known to who checks.
fn consistency_path(old: u64, leaves: Range<u64>, is_known: bool, path: &mut Vec<Range<u64>>) {
    if old == leaves.end {
        if !is_known {
            path.push(leaves);
        }
        return;
    }
    let middle = leaves.start + split(leaves.end - leaves.start);
    if old <= middle {
        consistency_path(old, leaves.start..middle, is_known, path);
        path.push(middle..leaves.end);
    } else {
        consistency_path(old, middle..leaves.end, false, path);
        path.push(leaves.start..middle);
    }
}

/// How many leaves are on the left: the largest power of two that is less than `count`.
fn split(count: u64) -> u64 {
    1 << (u64::BITS - 1 - (count - 1).leading_zeros())
}

/// The roots of subtrees that don't overlap.
fn roots(path: Vec<Range<u64>>, leaves: impl Iterator<Item = Hash>) -> Vec<Hash> {
    let mut trees = vec![Tree::default(); path.len()];
    let end = path.iter().map(|range| range.end).max().unwrap_or(0);
    let mut in_order: Vec<usize> = (0..path.len()).collect();
    in_order.sort_unstable_by_key(|number| path[*number].start);
    let mut in_order = in_order.into_iter().peekable();
    let mut read = 0;
    for (place, leaf) in (0..end).zip(leaves) {
        while in_order.peek().is_some_and(|number| path[*number].end <= place) {
            in_order.next();
        }
        if let Some(number) = in_order.peek()
            && path[*number].contains(&place)
        {
            trees[*number].push(leaf);
        }
        read = place + 1;
    }
    assert_eq!(read, end, "every leaf of the tree is there");
    trees.iter().map(Tree::root).collect()
}
