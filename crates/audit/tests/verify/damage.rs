//! Journals that were cut or replaced, files that are broken, and what can't be told.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::FileExt;

use audit::CouldNotTell;
use ledger::BookId;
use projector::ReadModel;

use crate::play::purchase;
use crate::support::{Altered, Kept, assert_first, assert_only, told, verify, wrong};

#[test]
fn a_cut_tail_is_found_through_the_anchor() {
    let entries = purchase().entries;
    let last = entries.len() as i64;
    let kept = Kept::journal_of(&entries);
    kept.force("delete from entry where ?1 < position", [last - 10]);
    let found = kept.wrong();
    assert_first(&found, last.cast_unsigned() - 9, "anchor");
    assert!(found[1].1.contains("look-ups lead to"), "{found:?}");

    kept.force("delete from lookup where ?1 < position", [last - 10]);
    let found = kept.wrong();
    assert_first(&found, last.cast_unsigned() - 9, "anchor");
    assert_eq!(found.len(), 2);
    assert!(found[1].1.contains("the tree that is kept says that there were"), "{found:?}");
}

#[test]
fn read_models_that_are_ahead_of_a_cut_journal_are_found() {
    let entries = purchase().entries;
    let kept = Kept::of(&entries);
    for table in ["lookup", "entry"] {
        kept.force(&format!("delete from {table} where 20 < position"), ());
    }
    let mut evidence = kept.evidence();
    evidence.anchor = None;
    let found = wrong(&verify(evidence).unwrap());
    assert_first(&found, 21, "the tree that is kept says that there were");
    assert_eq!(found.len(), 1 + ReadModel::ALL.len());
    assert_first(&found[1..], 0, "balances: it shows entry");
}

#[test]
fn an_older_copy_is_found_through_the_anchor() {
    let entries = purchase().entries;
    let (yesterday, today) = entries.split_at(entries.len() - 5);
    let kept = Kept::journal_of(yesterday);
    let copy = kept.copy();
    kept.append(today);
    kept.advance();
    assert!(kept.verify().unwrap().sound());
    for file in ["", "-wal", "-shm"] {
        let name = |journal: std::path::PathBuf| format!("{}{file}", journal.display());
        let _ = fs::remove_file(name(kept.journal()));
        let _ = fs::copy(name(copy.journal()), name(kept.journal()));
    }
    assert_only(&kept.wrong(), yesterday.len() as u64 + 1, "anchor");
}

#[test]
fn the_journal_of_another_incarnation_or_book_is_found() {
    let kept = Kept::journal_of(&purchase().entries);
    let mut evidence = kept.evidence();
    evidence.incarnation = [9; 16];
    let found = wrong(&verify(evidence).unwrap());
    assert_only(&found, 0, "the anchor is of another incarnation");

    let mut evidence = kept.evidence();
    evidence.anchor.as_mut().unwrap().book = BookId([9; 16]);
    let found = wrong(&verify(evidence).unwrap());
    assert_only(&found, 0, "the anchor is of `book_");
}

#[test]
fn a_journal_under_the_name_of_another_book_is_found() {
    let kept = Kept::journal_of(&purchase().entries);
    let mut evidence = kept.evidence();
    evidence.anchor = None;
    let book = BookId([9; 16]);
    evidence.journal = Box::new(Altered { book, ..Altered::of(evidence.journal) });
    let found = wrong(&verify(evidence).unwrap());
    assert_only(&found, 0, "the entries are those of `book_");
}

#[test]
fn a_broken_database_is_damage() {
    let kept = Kept::of(&purchase().entries);
    let file = OpenOptions::new().write(true).open(kept.journal()).unwrap();
    let pages = file.metadata().unwrap().len() / 4096;
    for page in 3..pages {
        file.write_all_at(&[0xff; 4096], page * 4096).unwrap();
    }
    assert_first(&kept.wrong(), 1, "the database can't be read");

    let kept = Kept::of(&purchase().entries);
    fs::write(ReadModel::Intents.file(&kept.models()), [0xff; 4096]).unwrap();
    assert_only(&kept.wrong(), 0, "intents: ");
}

#[test]
fn a_read_model_without_its_checkpoint_is_damage() {
    let kept = Kept::of(&purchase().entries);
    kept.change(ReadModel::Directory, "delete from checkpoint", ());
    assert_only(&kept.wrong(), 0, "directory: ");
}

#[test]
fn what_can_t_be_read_now_can_t_be_told() {
    let kept = Kept::of(&purchase().entries);
    let mut evidence = kept.evidence();
    evidence.journal = Box::new(Altered { is_busy: true, ..Altered::of(evidence.journal) });
    let refused = verify(evidence);
    assert!(matches!(refused, Err(CouldNotTell::Journal(_))), "{refused:?}");

    kept.set_version(ReadModel::Intents, 99);
    let refused = kept.verify();
    let Err(CouldNotTell::ReadModel { model, .. }) = refused else { panic!("{refused:?}") };
    assert_eq!(model, ReadModel::Intents);
}

#[test]
fn what_is_wrong_outweighs_what_can_t_be_told() {
    let kept = Kept::of(&purchase().entries);
    kept.set_version(ReadModel::Intents, 99);
    kept.force("delete from lookup where position = 4", ());
    let report = kept.verify().unwrap();
    assert_only(&wrong(&report), 4, "look-up");
    assert!(told(&report)[0].contains("`intents` can't be read"), "{report:?}");
}
