//! Appends that end otherwise than committed, in memory.

use journal::memory::Fault;
use journal::{Failure, Head, Outcome, Reader, Store};

use crate::entries::{batch, end};
use crate::suite::committed;
use crate::{Memory, Place, WRITER};

#[test]
fn a_failed_append_leaves_nothing() {
    let (outcome, head) = append_with(Fault::Fail);
    assert!(matches!(outcome, Outcome::Failed(Failure::Database(_))));
    assert_eq!(head, Head::EMPTY);
}

#[test]
fn an_unknown_append_is_there_or_not() {
    let (outcome, head) = append_with(Fault::UnknownAndThere);
    assert!(matches!(outcome, Outcome::Unknown(_)));
    assert_eq!(head, end(&batch(Head::EMPTY, 2)));

    let (outcome, head) = append_with(Fault::UnknownAndNotThere);
    assert!(matches!(outcome, Outcome::Unknown(_)));
    assert_eq!(head, Head::EMPTY);
}

#[test]
fn a_fault_strikes_once_and_only_what_could_be_committed() {
    let place = Memory::new();
    let mut store = place.open();
    let old = store.claim(WRITER).unwrap();
    let epoch = store.claim(WRITER).unwrap();
    place.0.inject(Fault::Fail);
    let first = batch(Head::EMPTY, 1);
    let fenced = store.append(&first, Head::EMPTY, old);
    assert!(matches!(fenced, Outcome::Failed(Failure::Fenced)));
    let struck = store.append(&first, Head::EMPTY, epoch);
    assert!(matches!(struck, Outcome::Failed(Failure::Database(_))));
    committed(store.append(&first, Head::EMPTY, epoch));
}

/// The outcome of an append to an empty journal, and the head that is found after the journal was opened again.
fn append_with(fault: Fault) -> (Outcome, Head) {
    let place = Memory::new();
    let mut store = place.open();
    let epoch = store.claim(WRITER).unwrap();
    place.0.inject(fault);
    let outcome = store.append(&batch(Head::EMPTY, 2), Head::EMPTY, epoch);
    drop(store);
    (outcome, place.open().head().unwrap())
}
