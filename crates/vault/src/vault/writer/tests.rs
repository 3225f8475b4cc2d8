use std::path::Path;
use std::{fs, thread};

use super::*;

fn writer(folder: &Path) -> Writer {
    let key = crate::MasterKey::open_or_create(&folder.join("master.key")).unwrap();
    Writer::new(super::super::database::open_or_create(&folder.join("vault.db"), &key).unwrap())
}

fn row(name: u8, wrapped_key: Option<Vec<u8>>) -> Row {
    Row {
        subject: Subject([name; 16]),
        wrapped_key,
        reference: Reference([name; 16]),
        kind: Kind::Profile,
        stored_at_ms: 0,
        ciphertext: vec![name],
    }
}

/// Lets all rows queue up behind the connection, then lets them go; the answers in order of rows.
fn insert_together(writer: &Writer, rows: Vec<Row>) -> Vec<Result<(), Error>> {
    thread::scope(|scope| {
        let count = rows.len();
        let connection = lock(&writer.connection);
        let callers: Vec<_> =
            rows.into_iter().map(|row| scope.spawn(|| writer.insert(row))).collect();
        while lock(&writer.waiting).len() < count {
            thread::yield_now();
        }
        drop(connection);
        callers.into_iter().map(|c| c.join().unwrap()).collect()
    })
}

/// How many frames of the write-ahead log end a transaction (<https://sqlite.org/walformat.html>).
fn commits(folder: &Path) -> usize {
    let log = fs::read(folder.join("vault.db-wal")).unwrap();
    let (header, frames) = log.split_at(32);
    let page_bytes = u32::from_be_bytes(*header[8..].first_chunk().unwrap()) as usize;
    frames.chunks(24 + page_bytes).filter(|frame| frame[4..8] != [0; 4]).count()
}

#[test]
fn rows_that_wait_together_are_committed_together() {
    let folder = tempfile::tempdir().unwrap();
    let writer = writer(folder.path());
    let rows = (0..20).map(|name| row(name, Some(vec![name; 60])));

    let answers = insert_together(&writer, rows.collect());

    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(commits(folder.path()), 1);
}

#[test]
fn a_row_without_a_subject_fails_alone() {
    let folder = tempfile::tempdir().unwrap();
    let writer = writer(folder.path());
    let rows = vec![row(1, Some(vec![1; 60])), row(2, None), row(3, Some(vec![3; 60]))];

    let answers = insert_together(&writer, rows);

    assert!(matches!(answers[..], [Ok(()), Err(Error::LostKey { .. }), Ok(())]));
}

#[test]
fn when_the_database_fails_nobody_who_waited_is_told_otherwise() {
    let folder = tempfile::tempdir().unwrap();
    let writer = writer(folder.path());
    let rows =
        vec![row(1, Some(vec![1; 60])), row(2, Some(vec![2; 59])), row(3, Some(vec![3; 60]))];

    let answers = insert_together(&writer, rows);

    assert!(answers.iter().all(|a| matches!(a, Err(Error::Database(_)))));
    let stored: i64 = lock(&writer.connection)
        .query_row(
            "select (select count(*) from subject) + (select count(*) from item)",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(stored, 0);
}
