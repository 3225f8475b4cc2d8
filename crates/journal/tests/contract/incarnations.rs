//! A journal goes on as another incarnation after a loss, in any store.

use journal::checkpoint::{Origin, SigningKey, open};
use journal::{Failure, Head, Outcome, Reader, Store, Stored};

use crate::entries::{batch, end};
use crate::suite::{committed, fill};
use crate::{BOOK, INCARNATION, Place, WRITER};

const NEXT: [u8; 16] = [10; 16];

fn key() -> SigningKey {
    SigningKey::new(Origin::new(BOOK, NEXT), &[6; 32])
}

/// The entry after `written`.
fn next(written: &[Stored]) -> Stored {
    batch(end(written), 1).remove(0)
}

pub(crate) fn another_incarnation_begins_with_its_entry<P: Place>() {
    let place = P::new();
    let written = fill(&mut place.open(), [2, 3]);
    let before = place.incarnation();
    let mut store = place.open_with_key(key());
    let (epoch, entry) = (store.claim(WRITER).unwrap(), next(&written));
    committed(store.begin_incarnation(NEXT, &entry, end(&written), epoch));
    assert_ne!(before, NEXT);
    assert_eq!(place.incarnation(), NEXT);
    let head = end(std::slice::from_ref(&entry));
    assert_eq!(place.open().head().unwrap(), head);
    let note = store.last_checkpoint().unwrap().unwrap();
    let checkpoint = open(&[key().verifying_key()], &note).unwrap();
    assert_eq!((checkpoint.origin, checkpoint.size), (Origin::new(BOOK, NEXT), 6));

    let more = batch(head, 2);
    committed(store.append(&more, head, epoch));
    assert_eq!(place.incarnation(), NEXT);
}

pub(crate) fn no_other_incarnation_begins_without_its_entry<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    let written = fill(&mut store, [2]);
    let before = place.incarnation();
    let (epoch, entry) = (store.claim(WRITER).unwrap(), next(&written));
    place.open().claim(WRITER).unwrap();
    let fenced = store.begin_incarnation(NEXT, &entry, end(&written), epoch);
    assert!(matches!(fenced, Outcome::Failed(Failure::Fenced)), "{fenced:?}");
    let epoch = store.claim(WRITER).unwrap();
    let (elsewhere, first) = (Head::EMPTY, batch(Head::EMPTY, 1).remove(0));
    let moved = store.begin_incarnation(NEXT, &first, elsewhere, epoch);
    assert!(matches!(moved, Outcome::Failed(Failure::HeadMoved { .. })), "{moved:?}");
    assert_eq!(place.incarnation(), before);
    assert_eq!(place.open().head().unwrap(), end(&written));
}

#[test]
fn a_file_keeps_the_incarnation_that_it_was_made_with() {
    assert_eq!(crate::Sqlite::new().incarnation(), INCARNATION);
}
