//! Which row of a read model is not what the journal says.

use std::hash::RandomState;

use journal::Reader;
use projector::{Error, Place, ReadModel, Snapshot};
use rustc_hash::FxHashSet;

use super::fold;
use super::rows::{self, Half, Rows};
use crate::pages;
use crate::sums::Sums;

/// Looks at the read model and folds the journal once more, and says which row differs, the first in the order of tables
/// and keys.
///
/// Takes sixteen bytes of memory a row.
pub(super) fn first_difference(
    model: ReadModel,
    place: &Place,
    journal: &mut dyn Reader,
) -> Result<String, Error> {
    let key = RandomState::new();
    let found = projector::read(model, place, |snapshot| {
        let mut said = Known::new(&key);
        fold(model, snapshot, journal, &mut said)?;
        let mut wrong = Strange::to(&said);
        rows::scan(model, snapshot, &mut wrong)?;
        if let Some(row) = wrong.first {
            return Ok(format!("{row} is not what the journal says"));
        }
        let mut shown = Known::new(&key);
        rows::scan(model, snapshot, &mut shown)?;
        let mut missing = Strange::to(&shown);
        fold(model, snapshot, journal, &mut missing)?;
        Ok(match missing.first {
            Some(row) => format!("{row} is missing"),
            None => "rows were not what the journal says, and are now".to_owned(),
        })
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
    first: Option<String>,
    bytes: Vec<u8>,
}

impl<'a> Strange<'a> {
    fn to(known: &'a Known<'a>) -> Self {
        Self { known, first: None, bytes: Vec::new() }
    }
}

impl Rows for Strange<'_> {
    fn add(&mut self, half: Half<'_>) {
        if !self.known.hashes.contains(&half.hash(self.known.key, &mut self.bytes)) {
            let name = half.name();
            self.first = Some(self.first.take().map_or(name.clone(), |first| first.min(name)));
        }
    }
}
