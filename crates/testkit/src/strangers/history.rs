//! Forged journals: any entries at all, well formed and chained, handed to auditors as an export.

use std::collections::BTreeSet;
use std::io::Cursor;
use std::sync::Arc;

use audit::{Exported, Format, verify_export};
use journal::memory::MemoryStore;
use journal::{Head, Outcome, Reader, Store, Stored, WriterId, decode};
use ledger::{Entry, Position};

use super::history_of_a_player::{chained, entries};
use super::{Target, next_part, part};
use crate::requests::BOOK;

pub(super) const TARGET: Target = Target { name: "history", seeds, try_on };

/// Longer ones say no more and take longer.
const ENTRIES_MAX: usize = 64;

fn seeds() -> Vec<Vec<u8>> {
    let seeds = (1..=8).map(|seed| {
        let entries = entries(40, seed);
        let few = entries.iter().take(ENTRIES_MAX);
        // After a byte for what is changed in the export's text.
        [vec![0], few.flat_map(|stored| part(&stored.bytes)).collect()].concat()
    });
    seeds.collect()
}

/// The audit ends, with a report or with a reason. What it calls sound can be read back to the same end.
fn try_on(bytes: &[u8]) {
    let Some((change, mut rest)) = bytes.split_first() else { return };
    let mut forged: Vec<Arc<Entry>> = Vec::new();
    while let Some(part) = next_part(&mut rest) {
        if let Ok(stored) = decode(part.to_vec())
            && forged.len() < ENTRIES_MAX
        {
            let position = Position(forged.len() as u64 + 1);
            forged.push(Arc::new(Entry { position, ..(*stored.entry).clone() }));
        }
    }
    let Some(mut text) = exported(forged) else { return };
    if 0 < *change {
        let place = usize::from(*change) * text.len() / 256;
        text[place] ^= change.rotate_left(3) | 1;
    }
    let Ok(export) = Exported::open(Cursor::new(text)) else { return };
    let report = verify_export(export, &[], None, &[], &mut |_| {});
    let report = report.expect("a text in memory can always be read");
    assert!(*change == 0 || !report.sound(), "a changed export is noticed");
}

/// The export of a journal with these entries. `None` where a store would not take them.
fn exported(entries: Vec<Arc<Entry>>) -> Option<Vec<u8>> {
    if entries.is_empty() {
        return None;
    }
    let stored = chained(entries);
    let mut store = MemoryStore::new(BOOK);
    let epoch = store.claim(WriterId([1; 16])).ok()?;
    let mut references = BTreeSet::new();
    let is_once = |stored: &Stored| {
        let mut all = stored.entry.references().collect::<Vec<_>>().into_iter();
        all.all(|reference| references.insert(reference))
    };
    if !stored.iter().all(is_once) {
        return None;
    }
    let Outcome::Committed = store.append(&stored, Head::EMPTY, epoch) else { return None };
    let head = store.head().ok()?;
    let mut text = Vec::new();
    audit::export(&mut store, Some(head), Format::Jsonl, &mut text).ok()?;
    (!text.is_empty()).then_some(text)
}
