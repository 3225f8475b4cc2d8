//! What only the anchor notices: a journal that is valid, and not the one that was acknowledged.

use std::fs;
use std::path::Path;

use journal::anchor::{Mark, Mismatch, check};
use journal::sqlite::{SqliteReader, SqliteStore};
use journal::{Hash, Head, ReadError, Reader};
use ledger::{BookId, Position};
use rusqlite::Connection;

use crate::damage::{overwrite, unprotected};
use crate::entries::end;
use crate::suite::fill;
use crate::{BOOK, INCARNATION, Memory, Place, Sqlite, WRITER};

fn mark(head: Head) -> Mark {
    Mark { book: BOOK, incarnation: INCARNATION, head }
}

#[test]
fn a_journal_that_contains_the_mark_is_accepted() {
    let mut store = Memory::new().open();
    check(&mut store, INCARNATION, mark(Head::EMPTY)).unwrap();
    let written = fill(&mut store, [5]);
    for head in [Head::EMPTY, end(&written[..1]), end(&written[..3]), end(&written)] {
        check(&mut store, INCARNATION, mark(head)).unwrap();
    }
}

#[test]
fn a_journal_of_another_book_or_incarnation_is_refused() {
    let mut store = Memory::new().open();
    let head = end(&fill(&mut store, [2]));
    let foreign = Mark { book: BookId([1; 16]), ..mark(head) };
    assert!(matches!(check(&mut store, INCARNATION, foreign), Err(Mismatch::OtherBook { .. })));
    assert!(matches!(check(&mut store, [1; 16], mark(head)), Err(Mismatch::OtherIncarnation)));
}

#[test]
fn a_journal_that_lacks_what_the_mark_names_is_refused() {
    let mut store = Memory::new().open();
    let head = end(&fill(&mut store, [2]));
    let later = Head { position: Position(3), ..head };
    assert!(matches!(
        check(&mut store, INCARNATION, mark(later)),
        Err(Mismatch::Behind { anchored: Position(3), found: Position(2) })
    ));
    let other = Head { hash: Hash([1; 32]), ..head };
    assert!(matches!(
        check(&mut store, INCARNATION, mark(other)),
        Err(Mismatch::Differs { position: Position(2) })
    ));
}

#[test]
fn a_changed_last_entry_is_found() {
    let place = Sqlite::new();
    let written = fill(&mut place.open(), [3]);
    let connection = unprotected(&place);
    let mut reader = SqliteReader::open(&place.path(), BOOK).unwrap();
    let original = &written[2];
    for index in 0..original.bytes.len() {
        let mut bytes = original.bytes.clone();
        bytes[index] ^= 1 << (index % 8);
        overwrite(&connection, Position(3), &bytes);
        match check(&mut reader, INCARNATION, mark(end(&written))).unwrap_err() {
            Mismatch::Differs { position: Position(3) } => {}
            Mismatch::Unreadable(ReadError::Undecodable { position: Position(3), .. }) => {}
            error => panic!("byte {index}: {error:?}"),
        }
    }
}

#[test]
fn entries_that_were_cut_off_are_missed() {
    let place = Sqlite::new();
    let written = fill(&mut place.open(), [8]);
    unprotected(&place).execute("delete from entry where 6 < position", ()).unwrap();
    let mut store = place.open();
    assert_eq!(store.read(Position(1), 100).unwrap().len(), 6, "what is left is valid");
    assert!(matches!(
        check(&mut store, INCARNATION, mark(end(&written))),
        Err(Mismatch::Behind { anchored: Position(8), found: Position(6) })
    ));
}

/// Cuts the log at every multiple of 512 bytes. What was in its last transactions is then gone without a word from
/// SQLite.
#[test]
fn a_cut_log_is_missed() {
    let place = Sqlite::new();
    let mut store = place.open();
    let written = fill(&mut store, [2; 6]);
    let copy = tempfile::tempdir().unwrap();
    let path = copy.path().join("journal.sqlite");
    let wal = log_of(&place.path());
    let bytes = fs::read(&wal).unwrap();
    let mut shorter = 0;
    for length in (0..bytes.len()).step_by(512) {
        fs::copy(place.path(), &path).unwrap();
        fs::write(log_of(&path), &bytes[..length]).unwrap();
        // With too little of the log the tables are not there either.
        let Ok(mut cut) = SqliteStore::open(&path, BOOK) else { continue };
        let error = check(&mut cut, INCARNATION, mark(end(&written))).unwrap_err();
        assert!(matches!(error, Mismatch::Behind { .. }), "{length}: {error:?}");
        shorter += 1;
    }
    assert_ne!(shorter, 0, "some cuts leave a valid journal");
}

#[test]
fn a_truncated_file_is_noticed() {
    let place = Sqlite::new();
    let written = fill(&mut place.open(), [100, 100]);
    let bytes = fs::read(place.path()).unwrap();
    assert!(!log_of(&place.path()).exists(), "the last to close takes the log away");
    for length in (0..bytes.len()).step_by(1_024) {
        let copy = tempfile::tempdir().unwrap();
        let path = copy.path().join("journal.sqlite");
        fs::write(&path, &bytes[..length]).unwrap();
        assert!(!is_sound(&path, end(&written)), "{length} of {} bytes", bytes.len());
    }
}

#[test]
fn an_older_copy_is_noticed() {
    let place = Sqlite::new();
    let written = fill(&mut place.open(), [3]);
    let older = place.path().with_extension("older");
    fs::copy(place.path(), &older).unwrap();
    let mut store = place.open();
    let epoch = journal::Store::claim(&mut store, WRITER).unwrap();
    let head = end(&written);
    let more = crate::entries::batch(head, 1);
    crate::suite::committed(journal::Store::append(&mut store, &more, head, epoch));
    drop(store);
    assert!(is_sound(&place.path(), end(&more)));
    assert!(!is_sound(&older, end(&more)));
}

/// Whether a journal opens, has what the mark names, and can be read from the first entry to the last, with its ids.
fn is_sound(path: &Path, head: Head) -> bool {
    let Ok(mut store) = SqliteStore::open(path, BOOK) else { return false };
    check(&mut store, INCARNATION, mark(head)).is_ok()
        && store.read(Position(1), usize::MAX).is_ok_and(|read| end(&read) == head)
        && store.references(&mut |_, _| {}).is_ok()
}

fn log_of(path: &Path) -> std::path::PathBuf {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    log.into()
}

#[test]
fn the_log_is_where_a_running_journal_keeps_its_last_commits() {
    let place = Sqlite::new();
    let mut store = place.open();
    fill(&mut store, [1]);
    let mode: String = Connection::open(place.path())
        .unwrap()
        .pragma_query_value(None, "journal_mode", |row| row.get(0))
        .unwrap();
    assert_eq!(mode, "wal");
    assert_ne!(fs::metadata(log_of(&place.path())).unwrap().len(), 0);
}
