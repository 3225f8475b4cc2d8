//! The SQLite file: who may open it, as what, and what it refuses.

use std::thread;

use journal::sqlite::{SqliteReader, SqliteStore, books};
use journal::{Head, OpenError, Outcome, Reader, Store};
use ledger::{BookId, Position};
use rusqlite::Connection;

use crate::entries::{batch, end};
use crate::suite::{assert_same, committed, fill};
use crate::{BOOK, INCARNATION, Place, Sqlite, WRITER};

const OTHER_BOOK: BookId = BookId([8; 16]);

#[test]
fn one_file_holds_several_books() {
    let place = Sqlite::new();
    let mut other = SqliteStore::create(&place.path(), OTHER_BOOK, [1; 16]).unwrap();
    let mut store = place.open();
    let written = fill(&mut store, [3]);
    let written_there = fill(&mut other, [1, 4]);

    assert_eq!(books(&place.path()).unwrap(), [BOOK, OTHER_BOOK]);
    assert_same(&store.read(Position(1), 10).unwrap(), &written);
    assert_same(&other.read(Position(1), 10).unwrap(), &written_there);
    assert_eq!((store.incarnation(), other.incarnation()), (INCARNATION, [1; 16]));

    // The same ids count once in each of them, and a claim concerns its own book.
    let epoch = other.claim(WRITER).unwrap();
    store.claim(WRITER).unwrap();
    let more = batch(end(&written_there), 1);
    committed(other.append(&more, end(&written_there), epoch));
}

#[test]
fn a_book_is_created_once_and_opened_only_where_it_is() {
    let place = Sqlite::new();
    let again = SqliteStore::create(&place.path(), BOOK, [1; 16]);
    assert!(matches!(again, Err(OpenError::BookExists { book: BOOK })));
    assert_eq!(place.open().incarnation(), INCARNATION);

    let unknown = SqliteStore::open(&place.path(), OTHER_BOOK);
    assert!(matches!(unknown, Err(OpenError::UnknownBook { book: OTHER_BOOK })));
    let unknown = SqliteReader::open(&place.path(), OTHER_BOOK);
    assert!(matches!(unknown, Err(OpenError::UnknownBook { book: OTHER_BOOK })));
}

#[test]
fn opening_makes_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.sqlite");
    assert!(matches!(SqliteStore::open(&path, BOOK), Err(OpenError::Database(_))));
    assert!(matches!(SqliteReader::open(&path, BOOK), Err(OpenError::Database(_))));
    assert!(matches!(books(&path), Err(OpenError::Database(_))));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_file_of_another_version_is_refused_and_left_alone() {
    for version in [0, 99] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.sqlite");
        let connection = Connection::open(&path).unwrap();
        connection.pragma_update(None, "user_version", version).unwrap();
        drop(connection);
        let before = std::fs::read(&path).unwrap();

        let refused = |error| matches!(error, OpenError::Version { found } if found == version);
        assert!(refused(SqliteStore::open(&path, BOOK).unwrap_err()));
        assert!(refused(SqliteReader::open(&path, BOOK).unwrap_err()));
        assert!(refused(books(&path).unwrap_err()));
        if version != 0 {
            assert!(refused(SqliteStore::create(&path, BOOK, INCARNATION).unwrap_err()));
        }
        assert_eq!(std::fs::read(&path).unwrap(), before);
    }
}

#[test]
fn an_older_file_is_read_as_it_is_and_brought_to_this_version_by_who_writes() {
    let place = Sqlite::new();
    let written = fill(&mut place.open(), [3]);
    let connection = Connection::open(place.path()).unwrap();
    let older = "alter table book drop column writer; pragma user_version = 2";
    connection.execute_batch(older).unwrap();
    drop(connection);
    let before = std::fs::read(place.path()).unwrap();

    assert_eq!(books(&place.path()).unwrap(), [BOOK]);
    let mut reader = SqliteReader::open(&place.path(), BOOK).unwrap();
    assert_eq!(reader.incarnation(), INCARNATION);
    assert_same(&reader.read(Position(1), 10).unwrap(), &written);
    drop(reader);
    assert_eq!(std::fs::read(place.path()).unwrap(), before);
    place.open().claim(WRITER).unwrap();
}

#[test]
fn a_place_that_can_not_keep_a_log_is_refused() {
    let refused = SqliteStore::create(":memory:".as_ref(), BOOK, INCARNATION);
    assert!(matches!(refused, Err(OpenError::Setting { name: "journal_mode", .. })));
}

#[test]
fn what_was_recorded_can_not_be_updated_or_deleted() {
    let place = Sqlite::new();
    fill(&mut place.open(), [3]);
    let connection = Connection::open(place.path()).unwrap();
    for (statement, refusal) in [
        ("update entry set bytes = x'00' where position = 2", "an entry is never updated"),
        ("update entry set position = 9 where position = 3", "an entry is never updated"),
        ("delete from entry where position = 3", "an entry is never deleted"),
        ("update lookup set position = 2", "a lookup is never updated"),
        ("delete from lookup", "a lookup is never deleted"),
        ("delete from book", "FOREIGN KEY constraint failed"),
    ] {
        let refused = connection.execute(statement, ()).unwrap_err();
        assert_eq!(refused.to_string(), refusal, "{statement}");
    }
    assert_eq!(place.open().read(Position(1), 10).unwrap().len(), 3);
}

#[test]
fn a_reader_reads_while_the_writer_writes() {
    let place = Sqlite::new();
    let mut store = place.open();
    let path = place.path();
    let epoch = store.claim(WRITER).unwrap();
    const BATCHES: u64 = 50;

    thread::scope(|scope| {
        scope.spawn(|| {
            let mut reader = SqliteReader::open(&path, BOOK).unwrap();
            let mut last = Head::EMPTY;
            while last.position.0 < 3 * BATCHES {
                let head = reader.head().unwrap();
                assert_eq!(head.position.0 % 3, 0, "a batch is seen as a whole");
                let read = reader.read(last.position.next(), 1_000).unwrap();
                assert!(head.position.0 - last.position.0 <= read.len() as u64);
                if !read.is_empty() {
                    assert_eq!(read[0].previous, last.hash);
                    last = end(&read);
                }
                thread::yield_now();
            }
        });
        let mut head = Head::EMPTY;
        for _ in 0..BATCHES {
            let batch = batch(head, 3);
            assert!(matches!(store.append(&batch, head, epoch), Outcome::Committed));
            head = end(&batch);
        }
    });
}
