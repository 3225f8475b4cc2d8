use std::path::Path;
use std::sync::Arc;

use journal::Hash;
use ledger::cards::CardKind;
use ledger::{Account, Position};
use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::balances::BalancesModel;
use crate::directory::DirectoryModel;
use crate::intents::IntentsModel;
use crate::testing::{Play, history};
use crate::transactions::TransactionsModel;
use crate::{Verification, verify};

/// A purchase from the first entry to the clearing.
fn purchase() -> Play {
    let mut play = Play::new();
    let (_, _, card) = play.spender(500_00, CardKind::Single);
    play.intent(card, 349_99, "Amazon");
    play.attest(card, 349_99, "Amazon");
    let transaction = play.authorize(card, 349_99, "AMAZON.COM");
    play.clear(transaction, 349_99, true);
    play
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn open(folder: &TempDir) -> Projection<BalancesModel> {
    Projection::open(folder.path()).unwrap()
}

#[track_caller]
fn assert_sound(model: ReadModel, folder: &Path, checkpoint: Checkpoint) {
    let Verification { position, kept, found } = verify(model, folder).unwrap();
    assert_eq!((position, kept), (checkpoint.head.position, checkpoint.digest));
    assert_eq!(found, kept, "the digest of {model} is that of its rows");
}

#[test]
fn an_entry_that_was_followed_is_skipped() {
    let (play, folder) = (purchase(), folder());
    let mut projection = open(&folder);
    projection.follow(&play.entries[..6]).unwrap();
    let checkpoint = projection.checkpoint();
    assert!(!projection.follow(&play.entries[..6]).unwrap());
    assert_eq!(projection.checkpoint(), checkpoint);

    projection.follow(&play.entries[3..]).unwrap();
    let last = play.entries.last().unwrap();
    assert_eq!(projection.checkpoint().head.position, last.entry.position);
    assert_sound(ReadModel::Balances, folder.path(), projection.checkpoint());
}

#[test]
fn what_comes_after_a_gap_waits_for_what_is_missing() {
    let (play, folder) = (purchase(), folder());
    let mut projection = open(&folder);
    let torn = play.entries[..4].iter().chain(&play.entries[5..]);
    assert!(projection.follow(torn).unwrap());
    assert_eq!(projection.checkpoint().head.hash, play.entries[3].hash);
    assert!(!projection.follow(&play.entries[4..]).unwrap());
}

#[test]
fn an_entry_of_another_history_is_refused_and_its_batch_is_not_followed() {
    let (play, folder) = (purchase(), folder());
    let mut projection = open(&folder);
    projection.follow(&play.entries[..3]).unwrap();
    let before = projection.checkpoint();

    let mut forged = play.entries.clone();
    forged[5].previous = Hash([9; 32]);
    let error = projection.follow(&forged[3..]).unwrap_err();
    let (named, followed) = (Hash([9; 32]), play.entries[4].hash);
    let Error::Broken { position: Position(6), named: n, followed: f } = error else {
        panic!("{error}")
    };
    assert_eq!((n, f), (named, followed));
    assert_eq!(open(&folder).checkpoint(), before);
}

#[test]
fn a_restart_goes_on_where_the_last_commit_was() {
    let (play, one, other) = (purchase(), folder(), folder());
    for entry in &play.entries {
        open(&one).follow([entry]).unwrap();
    }
    let mut whole = open(&other);
    whole.follow(&play.entries).unwrap();
    assert_eq!(open(&one).checkpoint(), whole.checkpoint());
}

#[test]
fn rows_that_were_written_without_the_checkpoint_are_not_there() {
    let (play, folder) = (purchase(), folder());
    let mut projection = open(&folder);
    projection.follow(&play.entries[..3]).unwrap();
    let before = projection.checkpoint();

    let tx = Transaction::new_unchecked(&projection.db, TransactionBehavior::Immediate).unwrap();
    let mut digest = before.digest;
    for stored in &play.entries[3..] {
        projection.model.apply(&tx, &stored.entry).unwrap();
    }
    projection.model.flush(&tx, &mut digest).unwrap();
    assert_ne!(digest, before.digest);
    drop(tx);
    drop(projection);

    let mut projection = open(&folder);
    assert_eq!(projection.checkpoint(), before);
    assert_sound(ReadModel::Balances, folder.path(), before);
    projection.follow(&play.entries).unwrap();
    assert_sound(ReadModel::Balances, folder.path(), projection.checkpoint());
}

#[test]
fn a_journal_that_ends_before_the_read_model_is_refused() {
    let (play, folder) = (purchase(), folder());
    let projection = play.project::<BalancesModel>(folder.path());
    let length = play.entries.len();
    projection.check_against(&mut play.journal(length)).unwrap();
    let error = projection.check_against(&mut play.journal(length - 1)).unwrap_err();
    assert!(matches!(error, Error::Ahead { .. }), "{error}");
    assert!(error.to_string().contains("rebuilt"), "{error}");
}

#[test]
fn a_journal_that_ends_at_another_entry_is_refused() {
    let (play, folder) = (purchase(), folder());
    let projection = play.project::<BalancesModel>(folder.path());
    let mut other = purchase();
    other.entries.last_mut().unwrap().hash = Hash([9; 32]);
    let error = projection.check_against(&mut other.journal(other.entries.len())).unwrap_err();
    assert!(matches!(error, Error::OtherEntry { .. }), "{error}");
}

#[test]
fn of_two_projectors_one_works() {
    let (play, folder) = (purchase(), folder());
    let (mut one, mut other) = (open(&folder), open(&folder));
    one.follow(&play.entries).unwrap();
    assert!(matches!(other.follow(&play.entries), Err(Error::Moved)));
    assert_sound(ReadModel::Balances, folder.path(), one.checkpoint());
}

#[test]
fn an_entry_about_what_is_not_there_is_refused() {
    let (play, folder) = (purchase(), folder());
    let mut entries = play.entries.clone();
    // The entry that creates the holder is made to say nothing.
    entries[1].entry = Arc::new(Entry { events: Vec::new(), ..(*entries[1].entry).clone() });
    let mut projection = Projection::<DirectoryModel>::open(folder.path()).unwrap();
    let error = projection.follow(&entries).unwrap_err();
    let Error::NoSuchRow { position: Position(3), table: "holder" } = error else {
        panic!("{error}")
    };
}

/// How many rows one more authorization changes, after so many that are still open.
fn rows_of_one_more<M: Model>(open: usize) -> u64 {
    const BATCH: usize = 10_000;
    let folder = folder();
    let mut projection = Projection::<M>::open(folder.path()).unwrap();
    let mut play = Play::new();
    let (holder, _, card) = play.spender(50_000_00, CardKind::Multi);
    for number in 1..=open {
        play.authorize(card, 1, "Bistro");
        if number % BATCH == 0 {
            projection.follow(&play.entries).unwrap();
            play.entries.drain(..play.entries.len() - 1);
        }
    }
    projection.follow(&play.entries).unwrap();
    let before = projection.db.total_changes();

    let last = play.authorize(card, 1, "Bistro");
    let postings = &play.entries.last().unwrap().entry.postings;
    let accounts: Vec<_> = postings.iter().map(|posting| posting.account).collect();
    assert_eq!(accounts, [Account::Available(holder), Account::Held(holder, last)]);
    projection.follow(&play.entries).unwrap();
    projection.db.total_changes() - before
}

/// pgledger#149: can there be hundreds of thousands of sub-accounts? Here each hold has one.
#[test]
fn pgledger_149_a_hold_after_100_000_open_ones_changes_no_more_rows_than_after_one() {
    assert_eq!(rows_of_one_more::<BalancesModel>(100_000), rows_of_one_more::<BalancesModel>(1));
    let (many, one) =
        (rows_of_one_more::<TransactionsModel>(100_000), rows_of_one_more::<TransactionsModel>(1));
    assert_eq!(many, one);
}

fn follow_in_batches<M: Model>(entries: &[Stored], lengths: &[usize]) -> Checkpoint {
    let folder = folder();
    let mut projection = Projection::<M>::open(folder.path()).unwrap();
    let mut rest = entries;
    for length in lengths.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (batch, after) = rest.split_at((*length).min(rest.len()));
        projection.follow(batch).unwrap();
        assert_sound(M::MODEL, folder.path(), projection.checkpoint());
        rest = after;
    }
    projection.checkpoint()
}

fn batches_leave_no_trace<M: Model>(entries: &[Stored], lengths: &[usize]) {
    let whole = follow_in_batches::<M>(entries, &[entries.len()]);
    assert_eq!(follow_in_batches::<M>(entries, &[1]), whole);
    assert_eq!(follow_in_batches::<M>(entries, lengths), whole);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn rows_depend_on_the_entries_alone_whatever_the_batches(
        choices in prop::collection::vec(any::<(u8, u8, u16)>(), 1..60),
        lengths in prop::collection::vec(1_usize..20, 1..6),
    ) {
        let play = history(&choices);
        batches_leave_no_trace::<BalancesModel>(&play.entries, &lengths);
        batches_leave_no_trace::<TransactionsModel>(&play.entries, &lengths);
        batches_leave_no_trace::<IntentsModel>(&play.entries, &lengths);
        batches_leave_no_trace::<DirectoryModel>(&play.entries, &lengths);
    }
}
