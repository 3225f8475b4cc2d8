use std::sync::Arc;

use journal::Hash;
use ledger::cards::CardKind;
use ledger::{Account, Position};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::*;
use crate::balances::BalancesModel;
use crate::directory::DirectoryModel;
use crate::intents::IntentsModel;
use crate::testing::{Home, Play, Store, history, holds, on_each_store};
use crate::transactions::TransactionsModel;
use crate::{Set, Verification, verify};

on_each_store! {
    an_entry_that_was_followed_is_skipped
    what_comes_after_a_gap_waits_for_what_is_missing
    an_entry_of_another_history_is_refused_and_its_batch_is_not_followed
    a_restart_goes_on_where_the_last_commit_was
    rows_that_were_written_without_the_checkpoint_are_not_there
    a_journal_that_ends_before_the_read_model_is_refused
    a_journal_that_ends_at_another_entry_is_refused
    of_two_projectors_one_works
    an_entry_about_what_is_not_there_is_refused
    rows_depend_on_the_entries_alone_whatever_the_batches
}

/// A purchase from the first entry to the clearing.
fn purchase(store: Store) -> Play {
    let mut play = Play::new(store);
    let (_, _, card) = play.spender(500_00, CardKind::Single);
    play.intent(card, 349_99, "Amazon");
    play.attest(card, 349_99, "Amazon");
    let transaction = play.authorize(card, 349_99, "AMAZON.COM");
    play.clear(transaction, 349_99, true);
    play
}

fn open(home: &Home) -> Projection<BalancesModel> {
    Projection::open(home.place()).unwrap()
}

/// What everybody else sees.
fn stored(home: &Home) -> Checkpoint {
    Connection::open_reader(ReadModel::Balances, Set::Live, home.place())
        .unwrap()
        .checkpoint()
        .unwrap()
}

#[track_caller]
fn assert_sound(model: ReadModel, home: &Home, checkpoint: Checkpoint) {
    let Verification { position, kept, found } = verify(model, home.place()).unwrap();
    assert_eq!((position, kept), (checkpoint.head.position, checkpoint.digest));
    assert_eq!(found, kept, "the digest of {model} is that of its rows");
}

fn an_entry_that_was_followed_is_skipped(store: Store) {
    let (play, home) = (purchase(store), store.home());
    let mut projection = open(&home);
    projection.follow(&play.entries[..6]).unwrap();
    let checkpoint = projection.checkpoint();
    assert!(!projection.follow(&play.entries[..6]).unwrap());
    assert_eq!(projection.checkpoint(), checkpoint);

    projection.follow(&play.entries[3..]).unwrap();
    let last = play.entries.last().unwrap();
    assert_eq!(projection.checkpoint().head.position, last.entry.position);
    assert_sound(ReadModel::Balances, &home, projection.checkpoint());
}

fn what_comes_after_a_gap_waits_for_what_is_missing(store: Store) {
    let (play, home) = (purchase(store), store.home());
    let mut projection = open(&home);
    let torn = play.entries[..4].iter().chain(&play.entries[5..]);
    assert!(projection.follow(torn).unwrap());
    assert_eq!(projection.checkpoint().head.hash, play.entries[3].hash);
    assert!(!projection.follow(&play.entries[4..]).unwrap());
}

fn an_entry_of_another_history_is_refused_and_its_batch_is_not_followed(store: Store) {
    let (play, home) = (purchase(store), store.home());
    let mut projection = open(&home);
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
    assert_eq!(stored(&home), before);
}

fn a_restart_goes_on_where_the_last_commit_was(store: Store) {
    let (play, one, other) = (purchase(store), store.home(), store.home());
    for entry in &play.entries {
        open(&one).follow([entry]).unwrap();
    }
    let mut whole = open(&other);
    whole.follow(&play.entries).unwrap();
    assert_eq!(stored(&one), whole.checkpoint());
}

fn rows_that_were_written_without_the_checkpoint_are_not_there(store: Store) {
    let (play, home) = (purchase(store), store.home());
    let mut projection = open(&home);
    projection.follow(&play.entries[..3]).unwrap();
    let before = projection.checkpoint();

    let db = &projection.db;
    let tx = db.begin().unwrap();
    let mut digest = before.digest;
    for stored in &play.entries[3..] {
        projection.model.apply(db, &stored.entry).unwrap();
    }
    projection.model.flush(db, &mut digest).unwrap();
    assert_ne!(digest, before.digest);
    drop(tx);
    drop(projection);

    let mut projection = open(&home);
    assert_eq!(projection.checkpoint(), before);
    assert_sound(ReadModel::Balances, &home, before);
    projection.follow(&play.entries).unwrap();
    assert_sound(ReadModel::Balances, &home, projection.checkpoint());
}

fn a_journal_that_ends_before_the_read_model_is_refused(store: Store) {
    let (play, home) = (purchase(store), store.home());
    let projection = play.project::<BalancesModel>(&home);
    let length = play.entries.len();
    projection.check_against(&mut play.journal(length)).unwrap();
    let error = projection.check_against(&mut play.journal(length - 1)).unwrap_err();
    assert!(matches!(error, Error::Ahead { .. }), "{error}");
    assert!(error.to_string().contains("rebuild --replace"), "{error}");
}

fn a_journal_that_ends_at_another_entry_is_refused(store: Store) {
    let (play, home) = (purchase(store), store.home());
    let projection = play.project::<BalancesModel>(&home);
    let mut other = purchase(store);
    other.entries.last_mut().unwrap().hash = Hash([9; 32]);
    let error = projection.check_against(&mut other.journal(other.entries.len())).unwrap_err();
    assert!(matches!(error, Error::OtherEntry { .. }), "{error}");
}

fn of_two_projectors_one_works(store: Store) {
    let (play, home) = (purchase(store), store.home());
    let mut one = open(&home);
    let other = Projection::<BalancesModel>::open(home.place());
    one.follow(&play.entries).unwrap();
    let refused = match store {
        // The second one is let in, and finds out when it has something to write.
        Store::Sqlite => other.unwrap().follow(&play.entries).unwrap_err(),
        Store::Postgres => other.err().unwrap(),
    };
    assert!(matches!(refused, Error::Moved | Error::Taken), "{refused}");
    assert_sound(ReadModel::Balances, &home, one.checkpoint());
}

fn an_entry_about_what_is_not_there_is_refused(store: Store) {
    let (play, home) = (purchase(store), store.home());
    let mut entries = play.entries.clone();
    // The entry that creates the holder is made to say nothing.
    entries[1].entry = Arc::new(Entry { events: Vec::new(), ..(*entries[1].entry).clone() });
    let mut projection = Projection::<DirectoryModel>::open(home.place()).unwrap();
    let error = projection.follow(&entries).unwrap_err();
    let Error::NoSuchRow { position: Position(3), table: "holder" } = error else {
        panic!("{error}")
    };
}

/// How many rows were ever changed.
fn changes(db: &Connection) -> u64 {
    db.total_changes()
}

/// How many rows one more authorization changes, after so many that are still open.
fn rows_of_one_more<M: Model>(open: usize) -> u64 {
    const BATCH: usize = 10_000;
    let home = Store::Sqlite.home();
    let mut projection = Projection::<M>::open(home.place()).unwrap();
    let mut play = Play::new(Store::Sqlite);
    let (holder, _, card) = play.spender(50_000_00, CardKind::Multi);
    for number in 1..=open {
        play.authorize(card, 1, "Bistro");
        if number % BATCH == 0 {
            projection.follow(&play.entries).unwrap();
            play.entries.drain(..play.entries.len() - 1);
        }
    }
    projection.follow(&play.entries).unwrap();
    let before = changes(&projection.db);

    let last = play.authorize(card, 1, "Bistro");
    let postings = &play.entries.last().unwrap().entry.postings;
    let accounts: Vec<_> = postings.iter().map(|posting| posting.account).collect();
    assert_eq!(accounts, [Account::Available(holder), Account::Held(holder, last)]);
    projection.follow(&play.entries).unwrap();
    changes(&projection.db) - before
}

/// pgledger#149: can there be hundreds of thousands of sub-accounts? Here each hold has one.
#[test]
fn pgledger_149_a_hold_after_100_000_open_ones_changes_no_more_rows_than_after_one() {
    assert_eq!(rows_of_one_more::<BalancesModel>(100_000), rows_of_one_more::<BalancesModel>(1));
    let (many, one) =
        (rows_of_one_more::<TransactionsModel>(100_000), rows_of_one_more::<TransactionsModel>(1));
    assert_eq!(many, one);
}

fn digest<M: Model>(store: Store, entries: &[Stored]) -> Digest {
    let home = store.home();
    let mut projection = Projection::<M>::open(home.place()).unwrap();
    for batch in entries.chunks(700) {
        projection.follow(batch).unwrap();
    }
    assert_sound(M::MODEL, &home, projection.checkpoint());
    projection.checkpoint().digest
}

/// What is published as the digest at a position must not tell where it was made.
#[test]
fn the_same_history_has_the_same_digests_on_every_store() {
    fn is_equal<M: Model>(entries: &[Stored]) {
        let [one, other] =
            [Store::Sqlite, Store::Postgres].map(|store| digest::<M>(store, entries));
        assert_ne!(one, Digest::default());
        assert_eq!(one, other, "{}", M::MODEL);
    }
    let choices = prop::collection::vec(any::<(u8, u8, u16)>(), 10_000);
    let choices = choices.new_tree(&mut TestRunner::deterministic()).unwrap().current();
    let play = history(Store::Sqlite, &choices);
    assert!(3_000 < play.entries.len(), "{}", play.entries.len());
    is_equal::<BalancesModel>(&play.entries);
    is_equal::<TransactionsModel>(&play.entries);
    is_equal::<IntentsModel>(&play.entries);
    is_equal::<DirectoryModel>(&play.entries);
}

fn follow_in_batches<M: Model>(store: Store, entries: &[Stored], lengths: &[usize]) -> Checkpoint {
    let home = store.home();
    let mut projection = Projection::<M>::open(home.place()).unwrap();
    let mut rest = entries;
    for length in lengths.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (batch, after) = rest.split_at((*length).min(rest.len()));
        projection.follow(batch).unwrap();
        assert_sound(M::MODEL, &home, projection.checkpoint());
        rest = after;
    }
    projection.checkpoint()
}

fn batches_leave_no_trace<M: Model>(store: Store, entries: &[Stored], lengths: &[usize]) {
    let whole = follow_in_batches::<M>(store, entries, &[entries.len()]);
    assert_eq!(follow_in_batches::<M>(store, entries, &[1]), whole);
    assert_eq!(follow_in_batches::<M>(store, entries, lengths), whole);
}

fn rows_depend_on_the_entries_alone_whatever_the_batches(store: Store) {
    let choices = prop::collection::vec(any::<(u8, u8, u16)>(), 1..60);
    let lengths = prop::collection::vec(1_usize..20, 1..6);
    holds(store, 24, (choices, lengths), |(choices, lengths)| {
        let play = history(store, &choices);
        batches_leave_no_trace::<BalancesModel>(store, &play.entries, &lengths);
        batches_leave_no_trace::<TransactionsModel>(store, &play.entries, &lengths);
        batches_leave_no_trace::<IntentsModel>(store, &play.entries, &lengths);
        batches_leave_no_trace::<DirectoryModel>(store, &play.entries, &lengths);
    });
}
