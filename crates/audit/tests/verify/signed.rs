//! Frauds that every hash and every balance allows, and that somebody who kept a checkpoint notices.

use std::fs;

use audit::{EntryProof, Evidence, InvalidEntryProof, NoProof, Report, prove, prove_consistency};
use journal::checkpoint::{Checkpoint, Origin, SigningKey};
use journal::tree::Tree;
use journal::{Hash, Head, Reader, Stored};
use ledger::{Event, Position, Text};
use projector::ReadModel;
use rusqlite::Connection;

use crate::forgery::{deposit, deposit_of, forge, replace};
use crate::play::purchase;
use crate::support::{Altered, BOOK, INCARNATION, Kept, assert_first, assert_only, verify, wrong};

fn key() -> SigningKey {
    SigningKey::new(Origin::new(BOOK, INCARNATION), &[6; 32])
}

fn another_key() -> SigningKey {
    SigningKey::new(Origin::new(BOOK, INCARNATION), &[7; 32])
}

/// A signed journal with the same history as [`purchase`].
fn kept() -> (Kept, Vec<Stored>) {
    let entries = purchase().entries;
    (Kept::signed(&entries, key()), entries)
}

fn last_checkpoint(kept: &Kept) -> String {
    kept.reader().last_checkpoint().unwrap().unwrap()
}

fn verify_with(kept: &Kept, key: &SigningKey, checkpoints: Vec<String>) -> Report {
    let keys = vec![key.verifying_key()];
    verify(Evidence { keys, checkpoints, ..kept.evidence() }).unwrap()
}

/// Rewrites the history so that a deposit was ten times as large: every balance and every hash fits.
fn rewrite(kept: &Kept, entries: &[Stored]) -> Vec<Stored> {
    let forged = forge(entries, deposit(entries), deposit_of(3_000_00));
    replace(kept, &forged);
    kept.anchor_anew();
    fs::remove_dir_all(kept.models()).unwrap();
    fs::create_dir(kept.models()).unwrap();
    kept.project(ReadModel::ALL);
    forged
}

/// A journal of which a checkpoint of its first entries is kept besides that of its end.
fn kept_in_parts(first: usize, keys: [SigningKey; 2]) -> (Kept, Vec<Stored>) {
    let entries = purchase().entries;
    let (before, after) = entries.split_at(first);
    let kept = Kept::journal_of(&[]);
    for (part, key) in [before, after].into_iter().zip(keys) {
        kept.append_signed(part, key);
    }
    kept.advance();
    (kept, entries)
}

/// Makes another merchant of that in the last entry, and removes whatever is signed of that.
fn remove_signatures(kept: &Kept, entries: &[Stored], from: u64) {
    let end = entries.len() as u64;
    let forged = forge(entries, end, |entry| {
        let Event::AuthorizationApproved(event) = &mut entry.events[0] else { panic!() };
        event.terms.merchant.name = Text::new("Casino").unwrap();
    });
    replace(kept, &forged);
    kept.anchor_anew();
    let tree: Tree = forged.iter().map(|stored| stored.hash).collect();
    let peaks: Vec<u8> = tree.peaks().iter().flat_map(|peak| peak.0).collect();
    kept.force("update tree set peaks = ?1, note = null", [peaks]);
    let checkpoints = Connection::open(kept.journal()).unwrap();
    checkpoints.execute("delete from checkpoint where ?1 <= size", [from.cast_signed()]).unwrap();
}

/// Signs the journal anew, as it is.
fn sign_anew(kept: &Kept, entries: &[Stored], key: &SigningKey) {
    let tree: Tree = entries.iter().map(|stored| stored.hash).collect();
    let peaks: Vec<u8> = tree.peaks().iter().flat_map(|peak| peak.0).collect();
    let note = key.sign(tree.size(), tree.root());
    kept.force("delete from checkpoint", ());
    let size = tree.size().cast_signed();
    kept.force("update tree set size = ?1, peaks = ?2, note = ?3", (size, peaks, note));
}

#[test]
fn a_signed_journal_is_sound() {
    let (kept, entries) = kept();
    let report = verify_with(&kept, &key(), vec![last_checkpoint(&kept)]);
    assert!(report.sound(), "{report:?}");
    assert_eq!(report.notes, [""; 0]);
    assert_eq!(report.entries, entries.len() as u64);
}

#[test]
fn rewritten_history_does_not_fit_its_checkpoints() {
    let (kept, entries) = kept();
    rewrite(&kept, &entries);
    let wrong = wrong(&verify_with(&kept, &key(), Vec::new()));
    assert_first(&wrong, entries.len() as u64, "the journal's checkpoint was signed for");
}

#[test]
fn who_rewrites_history_can_not_sign_it() {
    let (kept, entries) = kept();
    let forged = rewrite(&kept, &entries);
    sign_anew(&kept, &forged, &another_key());
    let wrong = wrong(&verify_with(&kept, &key(), Vec::new()));
    assert_only(&wrong, 0, "is not signed with this key");
}

#[test]
fn who_removes_the_signatures_of_rewritten_history_leaves_its_end_unsigned() {
    let (kept, entries) = kept_in_parts(9, [key(), key()]);
    assert!(verify_with(&kept, &key(), Vec::new()).sound());
    remove_signatures(&kept, &entries, 10);
    assert_only(&wrong(&verify_with(&kept, &key(), Vec::new())), 10, "no trusted key has signed");
}

#[test]
fn that_all_signatures_were_removed_is_known_to_who_kept_one() {
    let (kept, entries) = kept_in_parts(9, [key(), key()]);
    let tree: Tree = entries[..9].iter().map(|stored| stored.hash).collect();
    let older = key().sign(tree.size(), tree.root());
    remove_signatures(&kept, &entries, 0);
    assert_only(&wrong(&verify_with(&kept, &key(), vec![older])), 10, "no trusted key has signed");
    // A journal of an older version never had any.
    let report = verify_with(&kept, &key(), Vec::new());
    assert!(report.sound(), "{report:?}");
    assert!(report.notes.iter().any(|note| note.starts_with("nothing is signed")), "{report:?}");
}

#[test]
fn a_journal_whose_key_was_changed_is_signed_up_to_its_end() {
    let keys = [key(), another_key()];
    let (kept, _) = kept_in_parts(9, keys.clone());
    let keys = keys.each_ref().map(SigningKey::verifying_key).to_vec();
    let report = verify(Evidence { keys, ..kept.evidence() }).unwrap();
    assert!(report.sound(), "{report:?}");
}

#[test]
fn what_was_signed_during_an_audit_is_of_no_concern() {
    let (kept, entries) = kept_in_parts(9, [key(), key()]);
    for seen in [3, 9, 20] {
        let last = &entries[seen - 1];
        let head = Head { position: last.entry.position, hash: last.hash };
        let mut evidence = Evidence { keys: vec![key().verifying_key()], ..kept.evidence() };
        evidence.anchor.as_mut().unwrap().head = head;
        evidence.journal = Box::new(Altered { end: Some(head), ..Altered::of(evidence.journal) });
        let report = verify(evidence).unwrap();
        assert!(report.sound(), "{seen}: {report:?}");
        assert_eq!(report.entries, seen as u64);
    }
}

#[test]
fn history_that_was_signed_with_a_stolen_key_does_not_fit_an_older_checkpoint() {
    let (kept, entries) = kept();
    let older = last_checkpoint(&kept);
    let forged = rewrite(&kept, &entries);
    sign_anew(&kept, &forged, &key());
    let deceived = verify_with(&kept, &key(), Vec::new());
    assert!(deceived.sound(), "nothing in the folder tells: {deceived:?}");

    let wrong = wrong(&verify_with(&kept, &key(), vec![older]));
    assert_only(&wrong, entries.len() as u64, "the checkpoint that was handed in was signed for");
}

#[test]
fn a_journal_that_was_cut_misses_what_a_checkpoint_speaks_of() {
    let (kept, entries) = kept();
    let older = last_checkpoint(&kept);
    let end = entries.len() as u64;
    kept.force("delete from entry where position = ?1", [end.cast_signed()]);
    kept.force("delete from lookup where position = ?1", [end.cast_signed()]);
    sign_anew(&kept, &entries[..entries.len() - 1], &key());
    kept.anchor_anew();
    let wrong = wrong(&verify_with(&kept, &key(), vec![older]));
    assert_first(&wrong, end, "the entry is missing");
}

#[test]
fn a_journal_that_was_cut_misses_what_its_own_checkpoint_speaks_of() {
    let (kept, entries) = kept();
    let end = entries.len() as u64;
    for table in ["entry", "lookup"] {
        kept.force(&format!("delete from {table} where position = ?1"), [end.cast_signed()]);
    }
    kept.anchor_anew();
    fs::remove_dir_all(kept.models()).unwrap();
    fs::create_dir(kept.models()).unwrap();
    let found = wrong(&verify_with(&kept, &key(), Vec::new()));
    assert_only(&found, end, "the entry is missing: the journal's checkpoint");
}

#[test]
fn a_checkpoint_of_another_journal_is_refused() {
    let (kept, _) = kept();
    let other = SigningKey::new(Origin::new(BOOK, [1; 16]), &[6; 32]);
    let note = other.sign(3, Hash([0; 32]));
    let keys = vec![key().verifying_key(), other.verifying_key()];
    let evidence = Evidence { keys, checkpoints: vec![note], ..kept.evidence() };
    assert_only(&wrong(&verify(evidence).unwrap()), 0, "the checkpoint that was handed in is of");
}

#[test]
fn a_tree_that_is_not_that_of_the_entries_is_found() {
    let (kept, _) = kept();
    kept.force("update tree set peaks = zeroblob(length(peaks))", ());
    let wrong = wrong(&verify_with(&kept, &key(), Vec::new()));
    assert_only(&wrong, 0, "the tree that is kept");
}

#[test]
fn every_entry_is_proved_to_who_has_the_key_only() {
    let (kept, entries) = kept();
    let keys = [key().verifying_key()];
    for stored in &entries {
        let position = stored.entry.position;
        let text = prove(&mut kept.reader(), position).unwrap().to_string();
        let shown = EntryProof::parse(&text).unwrap().check(&keys).unwrap();
        assert_eq!(shown.entry.entry, stored.entry);
        assert_eq!(shown.checkpoint.size, entries.len() as u64);
    }
}

#[test]
fn no_byte_of_a_proof_can_be_changed() {
    let (kept, _) = kept();
    let keys = [key().verifying_key()];
    let text = prove(&mut kept.reader(), Position(5)).unwrap().to_string();
    for place in 0..text.len() {
        for changed in [text.as_bytes()[place] ^ 1, b'A', b'\n'] {
            let mut other = text.clone().into_bytes();
            other[place] = changed;
            let Ok(other) = String::from_utf8(other) else { continue };
            if other != text {
                let believed = EntryProof::parse(&other).and_then(|proof| proof.check(&keys));
                assert!(believed.is_err(), "{place}: {other}");
            }
        }
    }
    let proof = EntryProof::parse(&text).unwrap();
    let unknown = proof.check(&[another_key().verifying_key()]);
    assert!(matches!(unknown, Err(InvalidEntryProof::Note(_))));
}

#[test]
fn what_is_not_there_or_not_signed_is_not_proved() {
    let (kept, entries) = kept();
    let beyond = Position(entries.len() as u64 + 1);
    for position in [Position::START, beyond] {
        let refused = prove(&mut kept.reader(), position);
        assert!(matches!(refused, Err(NoProof::NoSuchEntry { .. })), "{refused:?}");
    }
    let unsigned = Kept::journal_of(&entries);
    let refused = prove(&mut unsigned.reader(), Position(1));
    assert!(matches!(refused, Err(NoProof::NotSigned { .. })), "{refused:?}");
}

#[test]
fn a_newer_journal_is_shown_to_begin_with_an_older_one() {
    let (kept, entries) = kept();
    let of = |entries: &[Stored]| {
        let tree: Tree = entries.iter().map(|stored| stored.hash).collect();
        let origin = Origin::new(BOOK, INCARNATION);
        Checkpoint { origin, size: tree.size(), root: tree.root() }
    };
    let (old, new) = (of(&entries[..7]), of(&entries));
    let proof = prove_consistency(&mut kept.reader(), &old, &new).unwrap();
    assert_eq!(proof.check_consistency(old.size, old.root, new.size, new.root), Ok(()));

    let forged = of(&forge(&entries, deposit(&entries), deposit_of(3_000_00)));
    let proof = prove_consistency(&mut kept.reader(), &old, &forged).unwrap();
    assert!(proof.check_consistency(old.size, old.root, new.size, forged.root).is_err());
}
