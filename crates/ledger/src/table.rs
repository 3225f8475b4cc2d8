//! A map that can't be iterated in the order of its hashes.

use std::hash::Hash;
use std::io;

use borsh::{BorshDeserialize, BorshSerialize};
use rustc_hash::FxHashMap;

/// Values by key, found in constant time. What walks over it does so in the order of the keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Table<K: Eq + Hash, V>(FxHashMap<K, V>);

impl<K: Eq + Hash, V> Default for Table<K, V> {
    fn default() -> Self {
        Self(FxHashMap::default())
    }
}

impl<K: Copy + Ord + Hash, V> Table<K, V> {
    pub(crate) fn get(&self, key: K) -> Option<&V> {
        self.0.get(&key)
    }

    pub(crate) fn get_mut(&mut self, key: K) -> Option<&mut V> {
        self.0.get_mut(&key)
    }

    pub(crate) fn get_or_default(&mut self, key: K) -> &mut V
    where
        V: Default,
    {
        self.0.entry(key).or_default()
    }

    /// # Panics
    ///
    /// When the key is taken: ids are made once.
    pub(crate) fn insert(&mut self, key: K, value: V) {
        let before = self.0.insert(key, value);
        assert!(before.is_none(), "an id is given once");
    }

    pub(crate) fn remove(&mut self, key: K) -> Option<V> {
        self.0.remove(&key)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Sorts first: for snapshots and checks, not for rules.
    pub(crate) fn sorted(&self) -> Vec<(&K, &V)> {
        let mut all: Vec<_> = self.0.iter().collect();
        all.sort_by_key(|(key, _)| **key);
        all
    }
}

impl<K: BorshSerialize + Copy + Ord + Hash, V: BorshSerialize> BorshSerialize for Table<K, V> {
    fn serialize<W: io::Write>(&self, writer: &mut W) -> io::Result<()> {
        self.sorted().serialize(writer)
    }
}

impl<K: BorshDeserialize + Eq + Hash, V: BorshDeserialize> BorshDeserialize for Table<K, V> {
    fn deserialize_reader<R: io::Read>(reader: &mut R) -> io::Result<Self> {
        let count = u32::deserialize_reader(reader)?;
        let mut map = FxHashMap::default();
        for _ in 0..count {
            map.insert(K::deserialize_reader(reader)?, V::deserialize_reader(reader)?);
        }
        Ok(Self(map))
    }
}
