//! A quick answer to "was this id seen before?".

use ledger::Reference;
use rustc_hash::FxHashSet;

/// The ids that count once of a whole journal, by eight bytes of their hash: 9 to 18 bytes each in memory.
///
/// `false` is certain. `true` must be looked up in the journal: another id may share the eight bytes.
#[derive(Debug, Default)]
pub struct Seen(FxHashSet<u64>);

impl Seen {
    /// Whether the id, or another one with the same eight bytes, was inserted.
    pub fn contains(&self, reference: Reference) -> bool {
        self.0.contains(&prefix(reference))
    }

    /// Remembers an id.
    pub fn insert(&mut self, reference: Reference) {
        self.0.insert(prefix(reference));
    }
}

fn prefix(reference: Reference) -> u64 {
    let hash = reference.hash();
    u64::from_le_bytes(hash[8..].try_into().expect("half of sixteen bytes"))
}
