//! What is as it should be.

use projector::ReadModel;
use proptest::prelude::*;

use crate::play::{Play, history, purchase};
use crate::support::{BOOK, Kept};

#[test]
fn what_the_rules_wrote_is_sound() {
    let play = purchase();
    let kept = Kept::of(&play.entries);
    let report = kept.verify().unwrap();
    assert!(report.sound(), "{report:?}");
    assert_eq!((report.book, report.entries), (BOOK, play.entries.len() as u64));
    assert_eq!(report.head.hash, play.entries.last().unwrap().hash);
    assert_eq!(report.notes, [""; 0]);
}

#[test]
fn a_journal_without_entries_is_sound() {
    let kept = Kept::journal_of(&Play::new().entries[..0]);
    kept.project(ReadModel::ALL);
    let report = kept.verify().unwrap();
    assert!(report.sound(), "{report:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn read_models_are_what_the_folds_make_of_any_history(
        choices in prop::collection::vec(any::<(u8, u8, u16)>(), 0..120),
        shown in any::<prop::sample::Index>(),
    ) {
        let entries = history(&choices).entries;
        // Each read model stands still at some point, and the journal goes on.
        let (before, after) = entries.split_at(1 + shown.index(entries.len()));
        let kept = Kept::of(before);
        kept.append(after);
        kept.project([ReadModel::Directory]);
        let report = kept.verify().unwrap();
        prop_assert!(report.sound(), "{:?}", report);
        prop_assert_eq!(report.entries, entries.len() as u64);
    }
}
