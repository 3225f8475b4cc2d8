//! What is as it should be.

use std::fs;
use std::sync::Arc;

use audit::Progress;
use journal::Stored;
use journal::sqlite::SqliteStore;
use journal::{Anchor, Head, Outcome, Reader, Store};
use projector::{Projector, ReadModel};
use proptest::prelude::*;
use rpc::Publisher;

use crate::play::{everything, history, purchase};
use crate::support::{Altered, BOOK, Kept, WRITER, told, verify};

#[test]
fn what_the_rules_wrote_is_sound() {
    let play = purchase();
    let report = Kept::of(&play.entries).verify().unwrap();
    assert!(report.sound(), "{report:?}");
    assert_eq!((report.book, report.entries), (BOOK, play.entries.len() as u64));
    assert_eq!(report.head.hash, play.entries.last().unwrap().hash);
    assert_eq!(told(&report), [""; 0]);
}

#[test]
fn everything_that_can_happen_is_sound() {
    let play = everything();
    let report = Kept::of(&play.entries).verify().unwrap();
    assert!(report.sound(), "{report:?}");
    assert_eq!((report.entries, told(&report)), (play.entries.len() as u64, Vec::new()));
}

#[test]
fn read_models_are_sound_wherever_they_stand_still() {
    let entries = everything().entries;
    for shown in (0..entries.len()).step_by(13) {
        let kept = Kept::of(&entries[..shown]);
        kept.append(&entries[shown..]);
        let report = kept.verify().unwrap();
        assert!(report.sound(), "{shown}: {report:?}");
    }
}

#[test]
fn a_journal_without_entries_is_sound() {
    let report = Kept::of(&[]).verify().unwrap();
    assert!(report.sound(), "{report:?}");
    assert_eq!((report.entries, report.head), (0, Head::EMPTY));
}

#[test]
fn read_models_that_are_not_there_are_not_missed_and_told() {
    let kept = Kept::of(&purchase().entries);
    fs::remove_file(ReadModel::Intents.file(&kept.models())).unwrap();
    let report = kept.verify().unwrap();
    assert!(report.sound(), "{report:?}");
    assert!(matches!(&told(&report)[..], [note] if note.contains("intents")), "{report:?}");

    fs::remove_dir_all(kept.models()).unwrap();
    let report = kept.verify().unwrap();
    assert!(report.sound(), "{report:?}");
    assert_eq!(told(&report).len(), ReadModel::ALL.len());
}

#[test]
fn a_missing_anchor_is_told() {
    let kept = Kept::of(&purchase().entries);
    let mut evidence = kept.evidence();
    evidence.anchor = None;
    let report = verify(evidence).unwrap();
    assert!(report.sound(), "{report:?}");
    assert!(matches!(&told(&report)[..], [note] if note.contains("anchor")), "{report:?}");
}

#[test]
fn progress_ends_at_the_last_entry() {
    let entries = many(1_500);
    let count = entries.len() as u64;
    let kept = Kept::journal_of(&entries);
    let mut told: Vec<Progress> = Vec::new();
    audit::verify(kept.evidence(), &mut |progress| told.push(progress)).unwrap();
    assert!(1 < told.len());
    assert!(told.is_sorted_by(|one, next| one.entries < next.entries));
    assert_eq!(told.last(), Some(&Progress { entries: count, of: count }));
}

#[test]
fn a_book_that_is_being_written_is_sound() {
    let entries = many(2_000);
    let kept = Kept::journal_of(&entries[..1]);
    let publisher = Publisher::new(kept.reader().head().unwrap().position);
    let projectors = ReadModel::ALL.map(|model| {
        let reader = Box::new(kept.reader());
        Projector::start(model, &kept.place(), reader, publisher.subscribe()).unwrap()
    });
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| write(&kept, &entries, publisher));
        let mut audits = 0;
        while !writer.is_finished() || audits < 2 {
            let report = kept.verify().unwrap();
            assert!(report.sound(), "{report:?}");
            audits += 1;
        }
        writer.join().unwrap();
    });
    drop(projectors);
}

#[test]
fn what_is_written_during_an_audit_is_of_no_concern() {
    let entries = many(600);
    let kept = Kept::journal_of(&entries);
    let end = |stored: &Stored| Head { position: stored.entry.position, hash: stored.hash };
    for seen in [40, 300, 512] {
        let mut evidence = kept.evidence();
        evidence.anchor.as_mut().unwrap().head = end(&entries[seen / 2]);
        let end = Some(end(&entries[seen - 1]));
        evidence.journal = Box::new(Altered { end, ..Altered::of(evidence.journal) });
        let report = verify(evidence).unwrap();
        assert!(report.sound(), "{report:?}");
        assert_eq!((report.entries, Some(report.head)), (seen as u64, end));
    }
}

/// Appends all but the first entry as the writer does: journal, anchor, feed.
fn write(kept: &Kept, entries: &[Stored], publisher: Publisher) {
    let mut store = SqliteStore::open(&kept.journal(), BOOK).unwrap();
    let mut anchor = Anchor::open(&kept.anchor()).unwrap().0;
    let epoch = store.claim(WRITER).unwrap();
    for batch in entries[1..].chunks(7) {
        let expected = store.head().unwrap();
        let Outcome::Committed = store.append(batch, expected, epoch) else { panic!() };
        anchor.advance(store.head().unwrap()).unwrap();
        publisher.publish(Arc::from(batch));
    }
}

/// A purchase, and so many authorizations.
fn many(count: usize) -> Vec<Stored> {
    let mut play = purchase();
    let card = play.last_card();
    for _ in 0..count {
        play.authorize(card, 1);
    }
    play.entries
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn read_models_are_what_the_folds_make_of_any_history(
        choices in prop::collection::vec(any::<(u8, u8, u16)>(), 0..300),
        shown in any::<prop::sample::Index>(),
    ) {
        let entries = history(&choices).entries;
        // Read models stand still at some point, and the journal and one of them go on.
        let (before, after) = entries.split_at(1 + shown.index(entries.len()));
        let kept = Kept::of(before);
        kept.append(after);
        kept.project([ReadModel::Directory]);
        let report = kept.verify().unwrap();
        prop_assert!(report.sound(), "{:?}", report);
        prop_assert_eq!(report.entries, entries.len() as u64);
    }
}
