//! Whether ids that count once do, and whether the journal's look-ups lead to them.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hasher, RandomState};

use journal::{ReadError, Reader, Stored};
use ledger::{Entry, Position, Reference};
use rustc_hash::FxHashSet;

use crate::findings::Findings;
use crate::pages;

/// The ids that entries carry.
///
/// They are compared by eight bytes of a hash under a random key, so that nobody can plant what looks alike. An id costs
/// eight bytes of memory, a hash, and its share of a sort; a look-up costs a row of one scan, and a hash.
#[derive(Debug, Default)]
pub(crate) struct References {
    key: RandomState,
    ids: Vec<u64>,
    places: Places,
}

/// Ids with their places, whatever their order: equal sums, equal places, but for one chance in 2^64.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Places {
    count: u64,
    sum: u64,
}

impl References {
    pub(crate) fn add(&mut self, entry: &Entry) {
        for reference in references(entry) {
            let id = self.id(reference);
            self.ids.push(id);
            self.places.add(place(id, entry.position));
        }
    }

    /// Finds ids that stand in two entries. Where there are some, the entries are read once more to say in which.
    pub(crate) fn check_once<E>(
        &mut self,
        entries: impl Iterator<Item = Result<Vec<Stored>, E>>,
        findings: &mut Findings,
    ) -> Result<(), E> {
        self.ids.sort_unstable();
        let alike = self.ids.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]);
        let alike: FxHashSet<u64> = alike.collect();
        if alike.is_empty() {
            return Ok(());
        }
        let mut places: BTreeMap<Reference, Position> = BTreeMap::new();
        let mut repeated = None;
        pages::walk(entries, |stored| {
            for reference in references(&stored.entry) {
                if alike.contains(&self.id(reference))
                    && let Some(first) = places.insert(reference, stored.entry.position)
                {
                    repeated.get_or_insert((stored.entry.position, reference, first));
                }
            }
        })?;
        if let Some((position, reference, first)) = repeated {
            let what = format!("its {} stands in entry `{first}`, too", name(reference));
            findings.wrong_at(position, what);
        }
        Ok(())
    }

    /// Compares what was added, all entries up to `end`, with the journal's look-ups up to there. Where they differ, the
    /// journal is read once more to say which.
    pub(crate) fn check_look_ups(
        &self,
        journal: &mut dyn Reader,
        end: Position,
        findings: &mut Findings,
    ) -> Result<(), ReadError> {
        let mut found = Places::default();
        let mut last = Position::START;
        journal.references(&mut |reference, position| {
            last = last.max(position);
            // What was written since the audit began is of no concern.
            if position <= end {
                found.add(place(self.id(reference), position));
            }
        })?;
        if found != self.places {
            self.find_astray(journal, end, findings)?;
        }
        let head = journal.head()?.position;
        if head < last {
            findings.wrong(format!("look-ups lead to `{last}`, but the journal ends at `{head}`"));
        }
        Ok(())
    }

    /// Finds the first entry to which a look-up is missing; or else a look-up that leads where it should not.
    fn find_astray(
        &self,
        journal: &mut dyn Reader,
        end: Position,
        findings: &mut Findings,
    ) -> Result<(), ReadError> {
        let mut found = FxHashSet::default();
        journal.references(&mut |reference, position| {
            found.insert(place(self.id(reference), position));
        })?;
        let mut missing = None;
        let mut carried = FxHashSet::default();
        pages::walk(pages::of(journal, end), |stored| {
            for reference in references(&stored.entry) {
                let place = place(self.id(reference), stored.entry.position);
                carried.insert(place);
                if !found.contains(&place) {
                    missing.get_or_insert((stored.entry.position, reference));
                }
            }
        })?;
        if let Some((position, reference)) = missing {
            let name = name(reference);
            findings.wrong_at(position, format!("the look-up of its {name} does not lead here"));
        }
        let mut strange = None;
        journal.references(&mut |reference, position| {
            if position <= end && !carried.contains(&place(self.id(reference), position)) {
                strange.get_or_insert((position, reference));
            }
        })?;
        if let Some((position, reference)) = strange {
            let name = name(reference);
            findings.wrong_at(position, format!("the look-up of a {name} leads here in vain"));
        }
        Ok(())
    }

    /// Of the reference's kind and its bytes, in one piece: the hasher takes as long for each piece as for many bytes.
    fn id(&self, reference: Reference) -> u64 {
        let kind = match reference {
            Reference::Command(_) => 1,
            Reference::Deposit(_) => 2,
            Reference::Network(_) => 3,
            Reference::Agent(_) => 4,
        };
        let mut bytes = [kind; 17];
        bytes[1..].copy_from_slice(&reference.hash());
        let mut hasher = self.key.build_hasher();
        hasher.write(&bytes);
        hasher.finish()
    }
}

/// An id in its place. Nobody knows an id's hash before the audit, and each is mixed with its position so that no two places
/// can be exchanged for two others: the finalizer of SplitMix64.
fn place(id: u64, position: Position) -> u64 {
    let mut mixed = id.wrapping_add(position.0.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ mixed >> 31
}

impl Places {
    fn add(&mut self, place: u64) {
        self.count += 1;
        self.sum = self.sum.wrapping_add(place);
    }
}

/// Each id that an entry carries, once.
fn references(entry: &Entry) -> impl Iterator<Item = Reference> {
    let is_first = |(index, reference): &(usize, Reference)| {
        entry.references().take(*index).all(|earlier| earlier != *reference)
    };
    entry.references().enumerate().filter(is_first).map(|(_, reference)| reference)
}

fn name(reference: Reference) -> &'static str {
    match reference {
        Reference::Command(_) => "command id",
        Reference::Deposit(_) => "deposit reference",
        Reference::Network(_) => "network id",
        Reference::Agent(_) => "agent reference",
    }
}
