//! Files that were changed behind the store's back: nothing of it is served.

use journal::sqlite::SqliteReader;
use journal::{Head, ReadError, Reader, Store};
use ledger::{CommandId, Position, Reference};
use rusqlite::Connection;

use crate::entries::hash;
use crate::suite::{fill, found};
use crate::{BOOK, Place, Sqlite, WRITER};

#[test]
fn a_changed_bit_is_found_at_its_entry() {
    let place = Sqlite::new();
    let written = fill(&mut place.open(), [7]);
    let connection = unprotected(&place);
    let mut reader = SqliteReader::open(&place.path(), BOOK).unwrap();
    let original = &written[3];
    for index in 0..original.bytes.len() {
        let mut bytes = original.bytes.clone();
        bytes[index] ^= 1 << (index % 8);
        overwrite(&connection, original.entry.position, &bytes);

        let error = reader.read(Position(1), 100).unwrap_err();
        assert_eq!(blamed(&error), Some(Position(4)), "byte {index}: {error}");
        let error = reader.read(Position(4), 1).unwrap_err();
        assert_eq!(blamed(&error), Some(Position(4)), "byte {index}: {error}");
        assert!(reader.find(Reference::Command(CommandId(hash(4)))).is_err());

        // What lies elsewhere is served.
        assert_eq!(reader.read(Position(1), 2).unwrap().len(), 2);
        assert_eq!(reader.read(Position(5), 100).unwrap().len(), 3);
    }
}

#[test]
fn an_entry_in_the_place_of_another_is_found() {
    let place = Sqlite::new();
    let written = fill(&mut place.open(), [7]);
    overwrite(&unprotected(&place), Position(4), &written[4].bytes);
    let error = place.open().read(Position(1), 100).unwrap_err();
    assert_eq!(blamed(&error), Some(Position(4)), "{error}");
}

#[test]
fn a_removed_entry_is_missing() {
    let place = Sqlite::new();
    fill(&mut place.open(), [7]);
    let connection = unprotected(&place);
    connection.execute("delete from entry where position = 4", ()).unwrap();
    let mut store = place.open();
    for from in [1, 3, 4] {
        let error = store.read(Position(from), 100).unwrap_err();
        assert!(matches!(error, ReadError::Missing { position: Position(4) }), "{error}");
    }
}

#[test]
fn a_changed_last_entry_stops_the_writer() {
    let place = Sqlite::new();
    let mut store = place.open();
    let written = fill(&mut store, [3]);
    let epoch = store.claim(WRITER).unwrap();
    let head = store.head().unwrap();
    let mut bytes = written[2].bytes.clone();
    bytes[40] ^= 1;
    overwrite(&unprotected(&place), Position(3), &bytes);
    let outcome = store.append(&crate::entries::batch(head, 1), head, epoch);
    assert!(
        matches!(
            outcome,
            journal::Outcome::Failed(journal::Failure::HeadMoved { found: Head { hash, .. }, .. })
                if hash != head.hash
        ),
        "{outcome:?}"
    );
}

#[test]
fn an_id_that_leads_to_another_entry_is_found_out() {
    let place = Sqlite::new();
    fill(&mut place.open(), [5]);
    let connection = unprotected(&place);
    connection.execute("update lookup set position = 2 where position = 4", ()).unwrap();
    let mut store = place.open();
    let error = store.find(Reference::Deposit(hash(4))).unwrap_err();
    assert!(matches!(error, ReadError::Misfiled { position: Position(2) }), "{error}");
    assert_eq!(found(&mut store, Reference::Deposit(hash(2))), Some(Position(2)));
}

/// A connection for which the file has no triggers.
pub(crate) fn unprotected(place: &Sqlite) -> Connection {
    let connection = Connection::open(place.path()).unwrap();
    connection
        .execute_batch(
            "pragma foreign_keys = off;
             drop trigger entry_is_never_updated;
             drop trigger entry_is_never_deleted;
             drop trigger lookup_is_never_updated;",
        )
        .unwrap();
    connection
}

pub(crate) fn overwrite(connection: &Connection, position: Position, bytes: &[u8]) {
    let changed = connection
        .execute("update entry set bytes = ?1 where position = ?2", (bytes, position.0 as i64))
        .unwrap();
    assert_eq!(changed, 1);
}

fn blamed(error: &ReadError) -> Option<Position> {
    match error {
        ReadError::Changed { position, .. } | ReadError::Undecodable { position, .. } => {
            Some(*position)
        }
        ReadError::Missing { .. }
        | ReadError::Misfiled { .. }
        | ReadError::NoTree
        | ReadError::Database(_) => None,
    }
}
