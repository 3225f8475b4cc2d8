//! Which row of a read model is not what the journal says.

use std::collections::BTreeSet;
use std::hash::RandomState;

use journal::Reader;
use projector::{Error, Place, ReadModel, Snapshot};
use rustc_hash::FxHashSet;

use super::rows::{self, Half, Rows};
use super::{Tables, fold};
use crate::pages;
use crate::sums::Sums;

/// Rows that differ.
pub(super) struct Differences {
    /// What is said of each that is told of.
    pub(super) told: Vec<String>,
    pub(super) are_more: bool,
}

/// Looks at the read model and folds the journal once more, and says which rows differ, the first in the order of tables
/// and keys.
///
/// Takes sixteen bytes of memory a row.
pub(super) fn differences(
    tables: Tables,
    place: &Place,
    journal: &mut dyn Reader,
) -> Result<Differences, Error> {
    let Tables { model, set, rows_told_max } = tables;
    let key = RandomState::new();
    let found = projector::read_set(model, set, place, |snapshot| {
        let mut said = Known::new(&key);
        fold(model, snapshot, journal, &mut said)?;
        let mut wrong = Strange::to(&said, rows_told_max);
        rows::scan(model, snapshot, &mut wrong)?;
        let mut told: Vec<_> = wrong.tell("is not what the journal says").collect();
        let mut are_more = wrong.are_more;
        if told.len() < rows_told_max {
            let mut shown = Known::new(&key);
            rows::scan(model, snapshot, &mut shown)?;
            let mut missing = Strange::to(&shown, rows_told_max - told.len());
            missing.but_for(&wrong);
            fold(model, snapshot, journal, &mut missing)?;
            told.extend(missing.tell("is missing"));
            are_more |= missing.are_more;
        }
        if told.is_empty() {
            told.push("rows were not what the journal says, and are now".to_owned());
        }
        Ok(Differences { told, are_more })
    })?;
    Ok(found.value)
}

/// Folds the journal up to what the read model shows. The walk has told of entries that are wrong.
fn fold(
    model: ReadModel,
    snapshot: &Snapshot<'_>,
    journal: &mut dyn Reader,
    rows: &mut dyn Rows,
) -> Result<(), Error> {
    let mut sums = Sums::default();
    let mut fold = fold::of(model);
    pages::walk(pages::of(journal, snapshot.head().position), |stored| {
        let _ = sums.post(&stored.entry.postings);
        let _ = fold.follow(&stored.entry, rows);
    })?;
    fold.finish(&sums, rows);
    Ok(())
}

/// Rows that can be recognised.
struct Known<'a> {
    key: &'a RandomState,
    hashes: FxHashSet<u64>,
    bytes: Vec<u8>,
}

impl<'a> Known<'a> {
    fn new(key: &'a RandomState) -> Self {
        Self { key, hashes: FxHashSet::default(), bytes: Vec::new() }
    }
}

impl Rows for Known<'_> {
    fn add(&mut self, half: Half<'_>) {
        self.hashes.insert(half.hash(self.key, &mut self.bytes));
    }
}

/// The first of the rows that are not known.
struct Strange<'a> {
    known: &'a Known<'a>,
    /// Those that are known to be wrong.
    but: Vec<String>,
    first: BTreeSet<String>,
    max: usize,
    are_more: bool,
    bytes: Vec<u8>,
}

impl<'a> Strange<'a> {
    fn to(known: &'a Known<'a>, max: usize) -> Self {
        let (but, first, are_more, bytes) = Default::default();
        Self { known, but, first, max, are_more, bytes }
    }

    /// Leaves out the rows that were found already, in what they should be.
    fn but_for(&mut self, found: &Strange<'_>) {
        self.but = found.first.iter().cloned().collect();
    }

    /// Says the same of each.
    fn tell(&self, what: &str) -> impl Iterator<Item = String> {
        self.first.iter().map(move |row| format!("{row} {what}"))
    }
}

impl Rows for Strange<'_> {
    fn add(&mut self, half: Half<'_>) {
        if self.known.hashes.contains(&half.hash(self.known.key, &mut self.bytes)) {
            return;
        }
        let name = half.name();
        if self.but.contains(&name) {
            return;
        }
        self.first.insert(name);
        if self.max < self.first.len() {
            self.first.pop_last();
            self.are_more = true;
        }
    }
}
