//! Claims that are confirmed, and claims that follow one another.

use journal::{Epoch, Failure, Head, Outcome, Reader, Store, WriterId};

use crate::entries::batch;
use crate::suite::committed;
use crate::{Memory, Place, Sqlite, WRITER};

const OTHER: WriterId = WriterId([2; 16]);

pub(crate) fn a_claim_is_confirmed_until_there_is_a_later_one<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    let first = store.claim(WRITER).unwrap();
    store.confirm(first).unwrap();
    committed(store.append(&batch(Head::EMPTY, 2), Head::EMPTY, first));
    store.confirm(first).unwrap();

    let second = place.open().claim(OTHER).unwrap();
    assert!(matches!(store.confirm(first), Err(Failure::Fenced)));
    store.confirm(second).unwrap();
    assert!(matches!(store.confirm(Epoch(second.0 + 1)), Err(Failure::Fenced)));
}

pub(crate) fn of_two_who_take_over_the_first_one_has_the_book<P: Place>() {
    let place = P::new();
    let mut led = place.open();
    let orphaned = led.claim(WRITER).unwrap();
    let mut first = place.open();
    let taken = first.succeed(OTHER, orphaned).unwrap();
    assert!(orphaned < taken);

    let mut late = place.open();
    assert!(matches!(late.succeed(WriterId([3; 16]), orphaned), Err(Failure::Fenced)));
    assert!(matches!(late.reclaim(WRITER), Err(Failure::Fenced)));
    let fenced = late.append(&batch(Head::EMPTY, 1), Head::EMPTY, orphaned);
    assert!(matches!(fenced, Outcome::Failed(Failure::Fenced)));
    assert_eq!(late.head().unwrap(), Head::EMPTY);
    committed(first.append(&batch(Head::EMPTY, 1), Head::EMPTY, taken));
    first.reclaim(OTHER).unwrap();
}

/// What a writer asks before it answers a question without writing.
#[test]
fn a_file_is_its_writers_alone_and_memory_stands_for_a_database() {
    assert!(!Sqlite::new().open().is_shared());
    assert!(Memory::new().open().is_shared());
}
