//! Fifty commits, one after the other, by a writer that does not know what becomes of its disk.

use std::path::Path;

use journal::anchor::{self, Anchor, AnchorError, Mark};
use journal::{Epoch, Head, OpenError, Outcome, Reader, Store, Stored};
use ledger::Position;

use crate::entries::{chain, deposit, end};
use crate::{BOOK, INCARNATION, WRITER};

pub(crate) const COMMITS: u64 = 50;
/// How often a journal is opened before the script gives up.
const TRIES: usize = 10;

/// What has happened beside plain commits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Incident {
    ClaimFailed,
    NotOpened,
    Failed,
    UnknownAndThere,
    UnknownAndNotThere,
    AnchorFailed,
}

/// Makes an anchor for an empty journal.
pub(crate) fn make_anchor(path: &Path) {
    let mark = Mark { book: BOOK, incarnation: INCARNATION, head: Head::EMPTY };
    Anchor::create(path, mark).unwrap();
}

/// Appends the entries, each until it is acknowledged. `claimed` is called once, before the first append.
pub(crate) fn play<S: Store>(
    mut open: impl FnMut() -> Result<S, OpenError>,
    anchor: &Path,
    claimed: impl FnOnce(),
    mut tell: impl FnMut(Incident),
) {
    let (mut store, mut mark, mut epoch) = start(&mut open, anchor, &mut tell);
    claimed();
    let mut head = Head::EMPTY;
    let mut number = 1;
    while number <= COMMITS {
        let batch = chain(head, [(number, deposit(number))]);
        let is_there = match store.append(&batch, head, epoch) {
            Outcome::Committed => match mark.advance(end(&batch)) {
                Ok(()) => {
                    (head, number) = (end(&batch), number + 1);
                    continue;
                }
                Err(_) => {
                    tell(Incident::AnchorFailed);
                    Some(true)
                }
            },
            Outcome::Failed(_) => Some(false),
            Outcome::Unknown(_) => None,
        };
        drop((store, mark));
        (store, mark, epoch) = start(&mut open, anchor, &mut tell);
        let found = is_in(&mut store, &batch);
        match is_there {
            Some(true) => assert!(found, "what was committed is there"),
            Some(false) => {
                assert!(!found, "what has failed is not there");
                tell(Incident::Failed);
            }
            None if found => tell(Incident::UnknownAndThere),
            None => tell(Incident::UnknownAndNotThere),
        }
        if found {
            // The start has told the anchor.
            (head, number) = (end(&batch), number + 1);
        }
        assert_eq!(store.head().unwrap(), head);
    }
}

/// Opens journal and anchor as a writer does, as often as it takes.
fn start<S: Store>(
    open: &mut impl FnMut() -> Result<S, OpenError>,
    path: &Path,
    tell: &mut impl FnMut(Incident),
) -> (S, Anchor, Epoch) {
    for _ in 0..TRIES {
        let Ok(mut store) = open() else {
            tell(Incident::NotOpened);
            continue;
        };
        let Ok(epoch) = store.claim(WRITER) else {
            tell(Incident::ClaimFailed);
            continue;
        };
        // It is synced when it is opened.
        let (mut anchor, mark) = match Anchor::open(path) {
            Ok(opened) => opened,
            Err(AnchorError::Io(_)) => {
                tell(Incident::AnchorFailed);
                continue;
            }
            Err(AnchorError::Unreadable) => panic!("one of the two blocks is whole"),
        };
        anchor::check(&mut store, INCARNATION, mark).unwrap();
        let head = store.head().unwrap();
        if anchor.advance(head).is_ok() {
            return (store, anchor, epoch);
        }
        tell(Incident::AnchorFailed);
    }
    panic!("the journal does not open");
}

fn is_in(store: &mut impl Reader, batch: &[Stored]) -> bool {
    let found = store.read(batch[0].entry.position, 1).unwrap();
    found.first().is_some_and(|found| found.hash == batch[0].hash)
}

/// Every entry of the script is there once, and nothing else; so is what the anchor says.
pub(crate) fn assert_played(reader: &mut dyn Reader, path: &Path) {
    anchor::check(reader, INCARNATION, anchor::read(path).unwrap()).unwrap();
    let found = reader.read(Position(1), usize::MAX).unwrap();
    let written = chain(Head::EMPTY, (1..=COMMITS).map(|number| (number, deposit(number))));
    assert_eq!(found.len(), written.len());
    for (found, written) in found.iter().zip(&written) {
        assert_eq!(found.bytes, written.bytes);
    }
    assert_eq!(anchor::read(path).unwrap().head, end(&written));
    let tree = written.iter().map(|stored| stored.hash).collect();
    assert_eq!(reader.tree().unwrap(), tree);
}
