//! The tree and its signed checkpoints, in any store.

use std::fs;

use journal::checkpoint::{EVERY_ENTRIES, EVERY_MS, Origin, SigningKey, open};
use journal::sqlite::{SqliteReader, SqliteStore, books};
use journal::tree::Tree;
use journal::{Failure, Head, OpenError, Outcome, Reader, Store, Stored, encode};
use ledger::{Position, Timestamp};
use rusqlite::Connection;

use crate::entries::{batch, end};
use crate::suite::{committed, fill};
use crate::{BOOK, INCARNATION, Place, Sqlite, WRITER};

pub(crate) fn key() -> SigningKey {
    SigningKey::new(Origin::new(BOOK, INCARNATION), &[6; 32])
}

pub(crate) fn the_tree_is_over_all_entries<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    assert_eq!(store.tree().unwrap(), Tree::default());
    let mut written = fill(&mut store, [1, 5, 1, 3]);
    assert_eq!(store.tree().unwrap(), tree(&written));

    let epoch = store.claim(WRITER).unwrap();
    let refused = store.append(&batch(Head::EMPTY, 2), Head::EMPTY, epoch);
    assert!(matches!(refused, Outcome::Failed(_)));
    assert_eq!(store.tree().unwrap(), tree(&written));

    drop(store);
    let mut store = place.open();
    let more = batch(end(&written), 4);
    committed(store.append(&more, end(&written), epoch));
    written.extend(more);
    assert_eq!(store.reader().unwrap().tree().unwrap(), tree(&written));
}

pub(crate) fn without_a_key_nothing_is_signed<P: Place>() {
    let mut store = P::new().open();
    fill(&mut store, [1, 2]);
    assert_eq!(sizes(&mut store), []);
    assert_eq!(store.last_checkpoint().unwrap(), None);
}

pub(crate) fn the_end_is_signed_and_a_checkpoint_is_kept_when_it_is_due<P: Place>() {
    let place = P::new();
    let mut store = place.open_with_key(key());
    let epoch = store.claim(WRITER).unwrap();
    let mut written = Vec::new();
    let mut append = |count: u64, at_ms: u64| {
        let head =
            written.last().map_or(Head::EMPTY, |last: &Stored| end(std::slice::from_ref(last)));
        let batch = at(batch(head, count), at_ms);
        committed(store.append(&batch, head, epoch));
        written.extend(batch);
        let last = open(&[key().verifying_key()], &store.last_checkpoint().unwrap().unwrap());
        assert_eq!(last.unwrap().root, tree(&written).root());
    };
    append(2, 0); // the first
    append(3, EVERY_MS - 1); // neither long enough after it nor many enough
    append(1, EVERY_MS); // long enough
    append(EVERY_ENTRIES - 1, EVERY_MS); // one too few
    append(1, EVERY_MS); // enough
    let many = 6 + EVERY_ENTRIES;
    append(EVERY_ENTRIES + 5, EVERY_MS); // a batch is not divided
    let expected = [2, 6, many, many + EVERY_ENTRIES + 5];
    assert_eq!(sizes(&mut store), expected);
    let last = store.last_checkpoint().unwrap();

    let mut reader = place.open().reader().unwrap();
    assert_eq!(sizes(&mut *reader), expected);
    assert_eq!(reader.last_checkpoint().unwrap(), last);
    let keys = [key().verifying_key()];
    reader
        .checkpoints(&mut |size, note| {
            let checkpoint = open(&keys, note).unwrap();
            assert_eq!(checkpoint.size, size);
            assert_eq!(checkpoint.root, tree(&written[..size as usize]).root());
        })
        .unwrap();
}

#[test]
fn a_file_from_before_the_tree_gets_one() {
    let place = Sqlite::new();
    let written = fill(&mut place.open(), [7, 4]);
    let connection = Connection::open(place.path()).unwrap();
    connection
        .execute_batch(
            "drop table tree; drop table checkpoint; alter table book drop column writer;
             pragma user_version = 1",
        )
        .unwrap();
    drop(connection);
    assert_eq!(books(&place.path()).unwrap(), [BOOK]);
    let unread = SqliteReader::open(&place.path(), BOOK);
    assert!(matches!(unread, Err(OpenError::Version { found: 1 })), "what it lacks is not read");

    assert_eq!(place.open().tree().unwrap(), tree(&written));
    let mut store = place.open();
    let epoch = store.claim(WRITER).unwrap();
    committed(store.append(&batch(end(&written), 1), end(&written), epoch));
}

#[test]
fn nothing_is_appended_to_another_tree() {
    for damage in ["size = size - 1", "size = 0, peaks = x''", "peaks = x'00'"] {
        let place = Sqlite::new();
        let written = fill(&mut place.open(), [3]);
        let connection = Connection::open(place.path()).unwrap();
        // The length of the peaks is checked when they are written; a disk does not ask.
        connection.pragma_update(None, "ignore_check_constraints", true).unwrap();
        connection.execute(&format!("update tree set {damage}"), ()).unwrap();
        drop(connection);

        let mut store = place.open();
        let epoch = store.claim(WRITER).unwrap();
        let outcome = store.append(&batch(end(&written), 1), end(&written), epoch);
        let entries = Position(3);
        assert!(
            matches!(outcome, Outcome::Failed(Failure::TreeDiffers { entries: found }) if found == entries),
            "{damage}: {outcome:?}"
        );
        assert_eq!(store.head().unwrap(), end(&written));
    }
}

#[test]
fn checkpoints_can_not_be_updated_or_deleted() {
    let place = Sqlite::new();
    fill(&mut place.open_with_key(key()), [3]);
    let connection = Connection::open(place.path()).unwrap();
    for (statement, refusal) in [
        ("update checkpoint set note = ''", "a checkpoint is never updated"),
        ("delete from checkpoint", "a checkpoint is never deleted"),
    ] {
        assert_eq!(connection.execute(statement, ()).unwrap_err().to_string(), refusal);
    }
}

#[test]
fn the_key_is_not_in_the_file() {
    let place = Sqlite::new();
    let mut store: SqliteStore = place.open_with_key(key());
    fill(&mut store, [3]);
    drop(store);
    let bytes = fs::read(place.path()).unwrap();
    assert!(!bytes.windows(32).any(|window| window == [6; 32]));
}

pub(crate) fn at(batch: Vec<Stored>, millis: u64) -> Vec<Stored> {
    let mut previous = batch[0].previous;
    let mut moved = Vec::new();
    for stored in batch {
        let mut entry = stored.entry.as_ref().clone();
        entry.at = Timestamp::from_millis(1_800_000_000_000 + millis);
        let stored = encode(entry.into(), previous);
        previous = stored.hash;
        moved.push(stored);
    }
    moved
}

fn tree(written: &[Stored]) -> Tree {
    written.iter().map(|stored| stored.hash).collect()
}

fn sizes(reader: &mut dyn Reader) -> Vec<u64> {
    let mut sizes = Vec::new();
    reader.checkpoints(&mut |size, _| sizes.push(size)).unwrap();
    sizes.dedup();
    sizes
}
