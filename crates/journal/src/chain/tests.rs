use std::sync::Arc;

use ledger::clock::ClockAdvanced;
use ledger::{CommandId, Entry, Event, Origin, Postings, Timestamp};

use super::*;
use crate::form::{Hash, encode};

fn chain(count: u64) -> Vec<Stored> {
    let mut previous = Head::EMPTY.hash;
    let entries = (1..=count).map(|position| {
        let entry = Entry {
            position: Position(position),
            at: Timestamp::from_millis(position),
            command: CommandId([position as u8; 16]),
            origin: Origin::LEDGER,
            events: vec![Event::ClockAdvanced(ClockAdvanced { by_ms: position })],
            postings: Postings::NONE,
        };
        let stored = encode(Arc::new(entry), previous);
        previous = stored.hash;
        stored
    });
    entries.collect()
}

fn rows(chain: &[Stored]) -> Vec<Row> {
    chain.iter().map(|stored| (stored.entry.position, stored.bytes.clone())).collect()
}

/// What is read of rows, and how many of them were asked for.
fn verified(from: u64, limit: usize, rows: Vec<Row>) -> (Result<Vec<Stored>, ReadError>, usize) {
    let count = rows.len();
    let mut rows = rows.into_iter();
    let read = verify(Position(from), limit, || Ok(rows.next()));
    (read, count - rows.len())
}

fn blamed(from: u64, rows: Vec<Row>) -> Position {
    match verified(from, usize::MAX, rows).0 {
        Err(ReadError::Changed { position, .. }) => position,
        other => panic!("{other:?}"),
    }
}

#[test]
fn no_more_rows_are_asked_for_than_prove_what_is_wanted() {
    let chain = chain(9);
    for (limit, asked) in [(0, 1), (1, 2), (3, 4), (8, 9), (9, 9)] {
        let (read, fetched) = verified(1, limit, rows(&chain));
        assert_eq!((read.unwrap().len(), fetched), (limit, asked));
    }
}

#[test]
fn the_successor_of_the_last_one_is_looked_at() {
    let chain = chain(4);
    let mut rows = rows(&chain);
    rows[1] = (Position(2), encode(chain[1].entry.clone(), Hash([1; 32])).bytes);
    assert!(matches!(
        verified(2, 1, rows[1..].to_vec()).0,
        Err(ReadError::Changed { position: Position(2), .. })
    ));
    assert!(matches!(
        verified(1, 1, rows).0,
        Err(ReadError::Changed { position: Position(2), .. })
    ));
}

#[test]
fn the_witness_after_two_that_differ_tells_which_was_changed() {
    let chain = chain(4);
    let mut swapped = rows(&chain);
    let mut changed = Entry::clone(&chain[1].entry);
    changed.at = Timestamp::from_millis(7);
    swapped[1].1 = encode(Arc::new(changed), chain[1].previous).bytes;
    assert_eq!(blamed(1, swapped.clone()), Position(2));

    // With nobody after the second, the first is all that its hash speaks against.
    let mut relinked = rows(&chain[..2]);
    relinked[1].1 = encode(chain[1].entry.clone(), Hash([1; 32])).bytes;
    assert_eq!(blamed(1, relinked), Position(1));
}

#[test]
fn a_row_whose_entry_has_another_position_is_refused() {
    let chain = chain(3);
    let row = (Position(1), chain[1].bytes.clone());
    assert!(matches!(
        verified(1, 1, vec![row]).0,
        Err(ReadError::Undecodable { position: Position(1), .. })
    ));
}

#[test]
fn a_gap_is_named_by_its_first_position() {
    let mut rows = rows(&chain(6));
    rows.drain(2..4);
    assert!(matches!(
        verified(1, 9, rows.clone()).0,
        Err(ReadError::Missing { position: Position(3) })
    ));
    assert!(matches!(
        verified(4, 9, rows[2..].to_vec()).0,
        Err(ReadError::Missing { position: Position(4) })
    ));
}
