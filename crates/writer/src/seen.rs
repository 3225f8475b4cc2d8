//! A quick answer to "was this id seen before?", and whether the journal's index of ids can be believed.

use ledger::{Entry, Position, Reference};
use rustc_hash::FxHashSet;

/// Spreads every bit over those above it: the golden ratio's.
const ODD: u128 = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835;

/// The ids that count once of a whole journal, by eight bytes for kind and hash: 9 to 18 bytes each in memory.
///
/// `false` is certain. `true` is as good as certain: of a thousand million ids, a new one shares the eight bytes of another
/// once in twenty thousand million. So what is seen and not found has been lost.
#[derive(Debug, Default)]
pub struct Seen {
    digests: FxHashSet<u64>,
    filed: Filed,
}

impl Seen {
    /// Whether the id was inserted.
    pub fn contains(&self, reference: Reference) -> bool {
        self.digests.contains(&digest(reference))
    }

    /// Remembers an id, and where it stands.
    pub fn insert(&mut self, reference: Reference, position: Position) {
        self.digests.insert(digest(reference));
        self.filed.add(reference, position);
    }

    /// Remembers the ids of an entry.
    pub fn insert_all_of(&mut self, entry: &Entry) {
        references(entry).into_iter().for_each(|it| self.insert(it, entry.position));
    }

    /// The sum over all that was inserted.
    pub fn filed(&self) -> Filed {
        self.filed
    }
}

/// A sum over ids and where they stand, in any order. Another one when a row of an index is lost or damaged: an id that
/// is not found where it was filed would be done a second time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Filed(u128);

impl Filed {
    /// Adds the ids of an entry.
    pub fn add_all_of(&mut self, entry: &Entry) {
        references(entry).into_iter().for_each(|it| self.add(it, entry.position));
    }

    /// As it stands in a snapshot.
    pub fn to_bytes(self) -> [u8; 16] {
        self.0.to_be_bytes()
    }

    /// What [`to_bytes`](Self::to_bytes) has made.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(u128::from_be_bytes(bytes))
    }

    /// Each step can be undone, so that a changed bit always changes what is added.
    fn add(&mut self, reference: Reference, position: Position) {
        let mut row = u128::from_le_bytes(reference.hash());
        row ^= u128::from(position.0) << 8 | u128::from(kind(reference));
        for _ in 0..2 {
            row = row.wrapping_mul(ODD);
            row ^= row >> 64;
        }
        self.0 = self.0.wrapping_add(row);
    }
}

/// Each id of an entry once, as an index has them.
fn references(entry: &Entry) -> Vec<Reference> {
    let mut references: Vec<_> = entry.references().collect();
    references.sort_unstable();
    references.dedup();
    references
}

fn kind(reference: Reference) -> u8 {
    match reference {
        Reference::Command(_) => 1,
        Reference::Deposit(_) => 2,
        Reference::Network(_) => 3,
        Reference::Agent(_) => 4,
    }
}

/// Of all sixteen bytes: those of whoever makes ids by counting may differ in any of them.
fn digest(reference: Reference) -> u64 {
    let hash = u128::from_le_bytes(reference.hash());
    // The same hash of another kind is another id.
    let mixed = (hash ^ u128::from(kind(reference))).wrapping_mul(ODD);
    (mixed >> 64) as u64
}
