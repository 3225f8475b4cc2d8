//! Whether each read model shows what the journal says.

use std::hash::RandomState;
use std::panic::resume_unwind;
use std::sync::mpsc::{self, Receiver};
use std::thread::{Scope, ScopedJoinHandle};

use journal::{Head, Reader, Stored};
use ledger::Position;
use projector::{Digest, Place, ReadModel, Set};

use crate::findings::Findings;
use crate::sums::Sums;

mod balances;
mod directory;
mod fold;
mod intents;
mod locate;
mod rows;
mod sets;
mod transactions;

use fold::Fold;
use locate::Differences;
use rows::Tally;
pub use sets::{RowDifference, compare_with_next};

/// What is to be compared.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tables {
    pub(crate) model: ReadModel,
    pub(crate) set: Set,
    /// How many rows that differ are told of.
    pub(crate) rows_told_max: usize,
}

/// A read model that is being compared with a fold of the journal, at the position that it shows.
pub(crate) struct Check<'scope> {
    tables: Tables,
    /// The last entry that it shows.
    shown: Head,
    stage: Stage,
    /// The rows that it should have.
    expected: Tally,
    scan: ScopedJoinHandle<'scope, Result<Scan, projector::Error>>,
}

/// How far the fold is.
enum Stage {
    /// It goes on.
    Folding(Box<dyn Fold>),
    /// All its rows are known.
    Folded,
    /// They will not be.
    GivenUp,
}

/// All rows of a read model, as they stand there.
struct Scan {
    /// The digest that is kept along with them.
    kept: Digest,
    found: Digest,
    rows: Tally,
}

/// Begins to scan the live read models, each on a thread of its own, and to fold the journal for them.
///
/// When this returns, what each of them shows is fixed, whatever is written meanwhile.
pub(crate) fn start_all<'scope>(
    scope: &'scope Scope<'scope, '_>,
    place: &Place,
    findings: &mut Findings,
) -> Vec<Check<'scope>> {
    let mut started = Vec::with_capacity(ReadModel::ALL.len());
    for model in ReadModel::ALL {
        let tables = Tables { model, set: Set::Live, rows_told_max: 1 };
        match start_scan(scope, tables, place) {
            Some(scan) => started.push(scan),
            None => findings.note(format!("{model}: there is no such read model")),
        }
    }
    started.into_iter().map(Started::wait).collect()
}

/// The same with some set of one read model's tables. `None`, when there is no such set.
pub(crate) fn start<'scope>(
    scope: &'scope Scope<'scope, '_>,
    tables: Tables,
    place: &Place,
) -> Option<Check<'scope>> {
    start_scan(scope, tables, place).map(Started::wait)
}

/// A scan that may not have seen yet what the read model shows.
struct Started<'scope> {
    tables: Tables,
    key: RandomState,
    shown: Receiver<Head>,
    scan: ScopedJoinHandle<'scope, Result<Scan, projector::Error>>,
}

fn start_scan<'scope>(
    scope: &'scope Scope<'scope, '_>,
    tables: Tables,
    place: &Place,
) -> Option<Started<'scope>> {
    let Tables { model, set, .. } = tables;
    // When that can't be told, reading it says why.
    if matches!(place.has(model, set), Ok(false)) {
        return None;
    }
    let key = RandomState::new();
    let (fixed, shown) = mpsc::channel();
    let (place, mut rows) = (place.clone(), Tally::new(key.clone()));
    let scan = scope.spawn(move || {
        let scan = projector::read_set(model, set, &place, |snapshot| {
            // Nobody waits for it any more when this one is ended.
            let _ = fixed.send(snapshot.head());
            let found = rows::scan(model, snapshot, &mut rows)?;
            Ok(Scan { kept: snapshot.digest(), found, rows })
        })?;
        Ok(scan.value)
    });
    Some(Started { tables, key, shown, scan })
}

impl<'scope> Started<'scope> {
    fn wait(self) -> Check<'scope> {
        let Self { tables, key, shown, scan } = self;
        // An end without it is an error, which the scan brings.
        let shown = shown.recv().ok();
        let stage = match shown {
            None => Stage::GivenUp,
            Some(Head { position: Position::START, .. }) => Stage::Folded,
            Some(_) => Stage::Folding(fold::of(tables.model)),
        };
        let (shown, expected) = (shown.unwrap_or(Head::EMPTY), Tally::new(key));
        Check { tables, shown, stage, expected, scan }
    }
}

impl Check<'_> {
    /// The last entry that the read model shows.
    pub(crate) fn shown(&self) -> Head {
        self.shown
    }

    /// Follows the journal up to the entry that the read model shows last. `sums` are those after this entry.
    pub(crate) fn follow(&mut self, stored: &Stored, sums: &Sums, findings: &mut Findings) {
        let Stage::Folding(fold) = &mut self.stage else { return };
        let (model, position) = (self.tables.model, stored.entry.position);
        if let Err(what) = fold.follow(&stored.entry, &mut self.expected) {
            findings.wrong_at(position, format!("{model}: {what}"));
            self.stage = Stage::GivenUp;
        } else if position == self.shown.position {
            fold.finish(sums, &mut self.expected);
            self.stage = Stage::Folded;
            if stored.hash != self.shown.hash {
                findings.wrong_at(position, format!("{model}: it has followed another entry"));
            }
        }
    }

    /// Compares the rows. Where they differ, says which one does.
    pub(crate) fn finish(
        self,
        end: Head,
        place: &Place,
        journal: &mut dyn Reader,
        findings: &mut Findings,
    ) {
        let Self { tables, shown, stage, expected, scan } = self;
        let model = tables.model;
        let shown = shown.position;
        let scan = match scan.join().unwrap_or_else(|panic| resume_unwind(panic)) {
            Ok(scan) => scan,
            Err(error) => return findings.unreadable_model(model, error),
        };
        match stage {
            Stage::Folding(_) if end.position < shown => findings.wrong(format!(
                "{model}: it shows entry `{shown}`, but the journal ends at `{}`",
                end.position
            )),
            Stage::Folding(_) => {
                findings.note(format!("{model}: it shows entry `{shown}`, and was not compared"));
            }
            Stage::GivenUp => {}
            Stage::Folded if scan.rows != expected => {
                match locate::differences(tables, place, journal) {
                    Ok(Differences { told, are_more }) => {
                        told.iter().for_each(|what| findings.wrong(format!("{model}: {what}")));
                        if are_more && 1 < tables.rows_told_max {
                            findings.note(format!("{model}: more rows differ"));
                        }
                    }
                    Err(error) => findings.unreadable_model(model, error),
                }
            }
            Stage::Folded if scan.found != scan.kept => {
                findings
                    .wrong(format!("{model}: the digest that it keeps is not that of its rows"));
            }
            Stage::Folded => {}
        }
    }
}
