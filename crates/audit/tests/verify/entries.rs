//! Entries that are not what was written, or not there.

use journal::{Undecodable, decode};
use projector::ReadModel;

use crate::play::purchase;
use crate::support::{Kept, assert_first, assert_only, verify, wrong};

#[test]
fn one_changed_bit_is_found_at_its_entry_wherever_it_is() {
    let entries = purchase().entries;
    let last = entries.len() as u64;
    let kept = Kept::journal_of(&entries);
    for position in [1, 2, last / 2, last - 1, last] {
        let bytes = kept.bytes(position);
        // The position and the hash of the entry before come first; then some bits of everything.
        for index in (0..40).chain((40..bytes.len()).step_by(11)) {
            let mut changed = bytes.clone();
            changed[index] ^= 1 << (index % 8);
            kept.set_bytes(position, &changed);
            let wrong = kept.wrong();
            assert_eq!(wrong[0].0, position, "byte {index}: {wrong:?}");
            assert_eq!(wrong.len(), 1, "byte {index}: {wrong:?}");
        }
        kept.set_bytes(position, &bytes);
    }
    assert!(kept.verify().unwrap().sound());
}

#[test]
fn without_an_anchor_the_read_models_tell_that_the_last_entry_was_changed() {
    let entries = purchase().entries;
    let last = entries.len() as u64;
    let kept = Kept::of(&entries);
    let mut bytes = kept.bytes(last);
    // A letter of the merchant's name: it can be read, and follows.
    let name = bytes.windows(6).position(|window| window == b"AMAZON").unwrap();
    bytes[name] = b'E';
    kept.set_bytes(last, &bytes);
    let mut evidence = kept.evidence();
    evidence.anchor = None;
    let wrong = wrong(&verify(evidence).unwrap());
    assert_first(&wrong, last, "balances: it has followed another entry");
}

#[test]
fn an_entry_that_does_not_balance_is_found() {
    let entries = purchase().entries;
    let last = entries.len() as u64;
    let kept = Kept::journal_of(&entries);
    let bytes = kept.bytes(last);
    let unbalanced = (0..bytes.len() * 8).find_map(|bit| {
        let mut changed = bytes.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        let refused = decode(changed.clone());
        matches!(refused, Err(Undecodable::Postings(_))).then_some(changed)
    });
    kept.set_bytes(last, &unbalanced.unwrap());
    assert_only(&kept.wrong(), last, "in `USD` debits of");
}

#[test]
fn swapped_entries_are_found_at_the_first_of_them() {
    for (one, other) in [(5, 6), (5, 12), (1, 30)] {
        let kept = Kept::journal_of(&purchase().entries);
        let (bytes, others) = (kept.bytes(one), kept.bytes(other));
        kept.set_bytes(one, &others);
        kept.set_bytes(other, &bytes);
        assert_only(&kept.wrong(), one, "can't be read");
    }
}

#[test]
fn a_missing_entry_is_found() {
    for position in [1_u64, 7] {
        let kept = Kept::journal_of(&purchase().entries);
        kept.force("delete from entry where position = ?1", [position.cast_signed()]);
        assert_only(&kept.wrong(), position, "missing");
    }
}

#[test]
fn what_was_not_checked_is_told() {
    let kept = Kept::of(&purchase().entries);
    kept.force("delete from entry where position = 7", ());
    let report = kept.verify().unwrap();
    assert_only(&wrong(&report), 7, "missing");
    // The hash of the sixth is named by none.
    assert_eq!(report.entries, 5);
    let told = ["after entry `5`", "look-ups", "balances", "transactions", "intents", "directory"];
    assert_eq!(report.notes.len(), told.len(), "{report:?}");
    for (words, note) in told.iter().zip(&report.notes) {
        assert!(note.contains(words), "{report:?}");
    }
}

#[test]
fn what_comes_before_a_missing_entry_is_checked() {
    let entries = purchase().entries;
    let kept = Kept::journal_of(&entries[..6]);
    kept.project([ReadModel::Directory]);
    kept.append(&entries[6..]);
    kept.change(ReadModel::Directory, "update holder set status = 'denied'", ());
    kept.force("delete from entry where position = 30", ());
    let wrong = kept.wrong();
    assert_first(&wrong, 30, "missing");
    assert!(wrong[1].1.contains("directory: the row"), "{wrong:?}");
}
