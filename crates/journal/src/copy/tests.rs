use std::sync::Arc;

use ledger::clock::ClockAdvanced;
use ledger::{BookId, CommandId, Entry, Event, Origin, Postings, Timestamp};

use super::*;
use crate::form::encode;
use crate::memory::MemoryStore;
use crate::store::{Outcome, Store, WriterId};

/// How many entries were added at once, each time.
#[derive(Default)]
struct Counts(Vec<usize>);

impl Target for Counts {
    fn add(&mut self, page: &[Stored]) -> Result<(), CopyError> {
        self.0.push(page.len());
        Ok(())
    }

    fn keep(&mut self, _: &[(u64, String)]) -> Result<(), CopyError> {
        Ok(())
    }
}

/// How a copy of `count` entries with so many `events` each is written.
fn written(count: usize, events: usize) -> Vec<usize> {
    let mut store = MemoryStore::new(BookId([1; 16]));
    let epoch = store.claim(WriterId([1; 16])).unwrap();
    let mut previous = Head::EMPTY.hash;
    let entries: Vec<_> = (1..=count as u64)
        .map(|position| {
            let entry = Entry {
                position: Position(position),
                at: Timestamp::from_millis(position),
                command: CommandId(u128::from(position).to_be_bytes()),
                origin: Origin::LEDGER,
                events: vec![Event::ClockAdvanced(ClockAdvanced { by_ms: 1 }); events],
                postings: Postings::NONE,
            };
            let stored = encode(Arc::new(entry), previous);
            previous = stored.hash;
            stored
        })
        .collect();
    assert!(matches!(store.append(&entries, Head::EMPTY, epoch), Outcome::Committed));
    let mut counts = Counts::default();
    copy(&mut store, &mut counts).unwrap();
    counts.0
}

#[test]
fn what_is_written_at_once_is_bounded_by_entries_and_by_bytes() {
    let first = WRITTEN.next_multiple_of(PAGE);
    assert_eq!(written(first + 1, 1), [first, 1]);
    // 40 KB each: a page of them is more than is written at once.
    assert_eq!(written(PAGE + 1, 10_000), [PAGE, 1]);
}
