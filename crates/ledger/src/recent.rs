//! What is remembered for a while only.

use std::collections::VecDeque;
use std::hash::Hash;

use borsh::{BorshDeserialize, BorshSerialize};

use crate::Timestamp;
use crate::table::Table;

/// Values by key, each until a time of its own. What is over leaves when something new comes.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct Recent<K: Copy + Ord + Hash, V> {
    values: Table<K, (V, Timestamp)>,
    /// Ends in the order of the insertions.
    ends: VecDeque<(Timestamp, K)>,
}

impl<K: Copy + Ord + Hash, V> Default for Recent<K, V> {
    fn default() -> Self {
        Self { values: Table::default(), ends: VecDeque::new() }
    }
}

impl<K: Copy + Ord + Hash, V> Recent<K, V> {
    /// The value, if its time is not over at `now`.
    pub(crate) fn get(&self, key: K, now: Timestamp) -> Option<&V> {
        self.values.get(key).filter(|(_, until)| now < *until).map(|(value, _)| value)
    }

    /// Remembers a value that comes at the time `now`. Another one under the same key is forgotten.
    pub(crate) fn insert(&mut self, key: K, value: V, until: Timestamp, now: Timestamp) {
        while let Some((_, over)) = self.ends.pop_front_if(|(end, _)| *end <= now) {
            if self.values.get(over).is_some_and(|(_, until)| *until <= now) {
                self.values.remove(over);
            }
        }
        self.values.remove(key);
        self.values.insert(key, (value, until));
        self.ends.push_back((until, key));
    }

    pub(crate) fn remove(&mut self, key: K) -> Option<V> {
        self.values.remove(key).map(|(value, _)| value)
    }
}

#[cfg(test)]
mod tests;
