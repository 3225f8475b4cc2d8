//! What will happen, in the order of simulated time.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// Microseconds since the world began.
pub type Time = u64;

/// A millisecond.
pub const MS: Time = 1_000;
/// A second.
pub const SECOND: Time = 1_000_000;

/// Events that are to come. Those of one time come in the order in which they were pushed.
#[derive(Debug)]
pub struct Heap<E> {
    items: BinaryHeap<Item<E>>,
    pushed: u64,
}

#[derive(Debug)]
struct Item<E> {
    at: Time,
    number: u64,
    event: E,
}

impl<E> Default for Heap<E> {
    fn default() -> Self {
        Self { items: BinaryHeap::new(), pushed: 0 }
    }
}

impl<E> Heap<E> {
    /// Lets something happen at a time.
    pub fn push(&mut self, at: Time, event: E) {
        let number = self.pushed;
        self.pushed += 1;
        self.items.push(Item { at, number, event });
    }

    /// What happens next, and when.
    pub fn pop(&mut self) -> Option<(Time, E)> {
        self.items.pop().map(|item| (item.at, item.event))
    }
}

impl<E> Item<E> {
    fn order(&self) -> (Time, u64) {
        (self.at, self.number)
    }
}

/// The earliest is the greatest.
impl<E> Ord for Item<E> {
    fn cmp(&self, other: &Self) -> Ordering {
        other.order().cmp(&self.order())
    }
}

impl<E> PartialOrd for Item<E> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<E> PartialEq for Item<E> {
    fn eq(&self, other: &Self) -> bool {
        self.order() == other.order()
    }
}

impl<E> Eq for Item<E> {}
