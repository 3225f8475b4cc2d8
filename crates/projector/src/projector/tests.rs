use std::sync::atomic::Ordering;
use std::time::Duration;

use journal::Hash;
use ledger::Position;
use ledger::cards::CardKind;
use rpc::Publisher;
use tokio::time::Instant;

use super::*;
use crate::database::Connection;
use crate::testing::{Home, Journal, Play, Store, on_each_store};
use crate::{Late, Set, verify, wait_for};

mod outages;

on_each_store! {
    a_read_model_that_was_deleted_is_made_again_from_the_journal
    a_journal_that_can_not_be_read_for_a_while_costs_time_only
    every_model_follows_the_journal_and_then_the_feed
    what_the_feed_has_lost_is_read_from_the_journal
    a_feed_that_was_too_fast_costs_time_only
    another_history_stops_it_and_it_says_so
    a_read_model_ahead_of_the_journal_does_not_start
    dropping_it_ends_the_thread_while_the_feed_is_silent
    the_end_of_the_feed_ends_it_after_the_last_entry
    what_the_feed_does_not_tell_of_is_found_in_the_journal
    repeated_entries_keep_nobody_from_looking_at_the_journal
    why_it_has_stopped_stands_beside_the_rows_until_it_starts_again
}

/// Long enough for a machine that is busy with something else; who passes a test does not wait for it.
const PATIENCE: Duration = Duration::from_secs(60);

fn wait(projector: &Projector, position: Position) -> Result<(), Late> {
    let runtime = Builder::new_current_thread().enable_time().build().unwrap();
    let mut progress = projector.progress();
    runtime.block_on(wait_for(&mut progress, position, Instant::now() + PATIENCE))
}

fn stopped(projector: &Projector) -> Arc<str> {
    match wait(projector, Position(u64::MAX)) {
        Err(Late::Stopped { reason, .. }) => reason,
        other => panic!("{other:?}"),
    }
}

struct Stage {
    play: Play,
    journal: Journal,
    home: Home,
    publisher: Publisher,
}

impl Stage {
    /// A purchase, of which so many entries are in the journal.
    fn set(store: Store, written: usize) -> Self {
        let mut play = Play::new(store);
        let (_, _, card) = play.spender(500_00, CardKind::Multi);
        for amount in 1..20 {
            let transaction = play.authorize(card, amount, "Amazon");
            play.clear(transaction, amount, true);
        }
        let journal = play.journal(written);
        let publisher = Publisher::new(Position(written as u64));
        Self { play, journal, home: store.home(), publisher }
    }

    fn in_database(url: String, written: usize) -> Self {
        Self { home: Home::in_database(url), ..Self::set(Store::Postgres, written) }
    }

    fn start(&self, model: ReadModel) -> Result<Projector, Error> {
        let reader = Box::new(self.journal.clone());
        Projector::start(model, self.home.place(), reader, self.publisher.subscribe())
    }

    fn last(&self) -> Position {
        self.play.book().position()
    }

    /// All entries are in the journal; the feed tells of those from `from` on.
    fn write(&self, from: usize) {
        self.journal.written.store(self.play.entries.len(), Ordering::SeqCst);
        self.publisher.publish(self.play.entries[from..].into());
    }
}

fn every_model_follows_the_journal_and_then_the_feed(store: Store) {
    let stage = Stage::set(store, 3);
    for model in ReadModel::ALL {
        stage.journal.written.store(3, Ordering::SeqCst);
        let projector = stage.start(model).unwrap();
        wait(&projector, Position(3)).unwrap();
        stage.write(3);
        wait(&projector, stage.last()).unwrap();
        let Progress { position, digest, stopped, .. } = projector.progress().borrow().clone();
        assert_eq!((position, stopped), (stage.last(), None));
        let verification = verify(model, stage.home.place()).unwrap();
        assert!(verification.is_sound());
        assert_eq!(verification.kept, digest);
    }
}

fn what_the_feed_has_lost_is_read_from_the_journal(store: Store) {
    let stage = Stage::set(store, 3);
    let projector = stage.start(ReadModel::Balances).unwrap();
    wait(&projector, Position(3)).unwrap();
    stage.write(10);
    wait(&projector, stage.last()).unwrap();
    assert!(verify(ReadModel::Balances, stage.home.place()).unwrap().is_sound());
}

fn a_feed_that_was_too_fast_costs_time_only(store: Store) {
    let stage = Stage::set(store, 3);
    let feed = stage.publisher.subscribe();
    for stored in stage.play.entries[3..].iter().cycle().take(1_000) {
        stage.publisher.publish([stored.clone()].into());
    }
    let reader = stage.journal.clone();
    let projector =
        Projector::start(ReadModel::Balances, stage.home.place(), Box::new(reader), feed).unwrap();
    stage.write(stage.play.entries.len() - 1);
    wait(&projector, stage.last()).unwrap();
}

fn another_history_stops_it_and_it_says_so(store: Store) {
    let stage = Stage::set(store, 3);
    let projector = stage.start(ReadModel::Balances).unwrap();
    let mut forged = stage.play.entries[3].clone();
    forged.previous = Hash([9; 32]);
    stage.publisher.publish([forged].into());
    let reason = stopped(&projector);
    assert!(reason.contains("entry `4`") && reason.contains("before it"), "{reason}");
    assert_eq!(projector.progress().borrow().position, Position(3));
}

fn what_the_feed_does_not_tell_of_is_found_in_the_journal(store: Store) {
    let stage = Stage::set(store, 3);
    let projector = stage.start(ReadModel::Balances).unwrap();
    for written in [10, 20, stage.play.entries.len()] {
        stage.journal.written.store(written, Ordering::SeqCst);
        wait(&projector, Position(written as u64)).unwrap();
    }
    assert!(verify(ReadModel::Balances, stage.home.place()).unwrap().is_sound());
}

fn repeated_entries_keep_nobody_from_looking_at_the_journal(store: Store) {
    let stage = Stage::set(store, 3);
    let projector = stage.start(ReadModel::Balances).unwrap();
    wait(&projector, Position(3)).unwrap();
    stage.journal.written.store(10, Ordering::SeqCst);
    while projector.progress().borrow().position != Position(10) {
        stage.publisher.publish(stage.play.entries[..3].into());
    }
}

fn why_it_has_stopped_stands_beside_the_rows_until_it_starts_again(store: Store) {
    let stage = Stage::set(store, 3);
    let projector = stage.start(ReadModel::Balances).unwrap();
    let mut forged = stage.play.entries[3].clone();
    forged.previous = Hash([9; 32]);
    stage.publisher.publish([forged].into());
    let reason = stopped(&projector);
    drop(projector);
    let reader =
        Connection::open_reader(ReadModel::Balances, Set::Live, stage.home.place()).unwrap();
    let standing = reader.standing().unwrap();
    assert_eq!(standing.checkpoint.head.position, Position(3));
    assert_eq!(standing.stopped.as_deref(), Some(&*reason));

    let projector = stage.start(ReadModel::Balances).unwrap();
    stage.write(3);
    wait(&projector, stage.last()).unwrap();
    assert_eq!(reader.standing().unwrap().stopped, None);
    drop(projector);
    assert_eq!(reader.standing().unwrap().stopped, None, "being told to end is no reason");
}

fn a_read_model_ahead_of_the_journal_does_not_start(store: Store) {
    let stage = Stage::set(store, 3);
    let projector = stage.start(ReadModel::Balances).unwrap();
    wait(&projector, Position(3)).unwrap();
    drop(projector);
    stage.journal.written.store(2, Ordering::SeqCst);
    assert!(matches!(stage.start(ReadModel::Balances), Err(Error::Ahead { .. })));
}

fn dropping_it_ends_the_thread_while_the_feed_is_silent(store: Store) {
    let stage = Stage::set(store, 3);
    let projector = stage.start(ReadModel::Balances).unwrap();
    let mut progress = projector.progress();
    drop(projector);
    assert!(progress.borrow_and_update().stopped.is_some());
    assert!(progress.has_changed().is_err(), "the thread has ended");
}

fn the_end_of_the_feed_ends_it_after_the_last_entry(store: Store) {
    let Stage { play, journal, home, publisher } = Stage::set(store, 3);
    let feed = publisher.subscribe();
    publisher.publish(play.entries[3..].into());
    drop(publisher);
    let projector =
        Projector::start(ReadModel::Balances, home.place(), Box::new(journal), feed).unwrap();
    stopped(&projector);
    assert_eq!(projector.progress().borrow().position, play.book().position());
}

fn a_read_model_that_was_deleted_is_made_again_from_the_journal(store: Store) {
    let stage = Stage::set(store, 30);
    for model in ReadModel::ALL {
        assert!(!stage.home.place().has(model, Set::Live).unwrap());
        let digests = [(), ()].map(|()| {
            let projector = stage.start(model).unwrap();
            wait(&projector, Position(30)).unwrap();
            let digest = projector.progress().borrow().digest;
            drop(projector);
            assert!(stage.home.place().has(model, Set::Live).unwrap());
            stage.home.delete(model);
            assert!(!stage.home.place().has(model, Set::Live).unwrap());
            digest
        });
        assert_eq!(digests[0], digests[1]);
    }
}

fn a_journal_that_can_not_be_read_for_a_while_costs_time_only(store: Store) {
    let stage = Stage::set(store, 3);
    let projector = stage.start(ReadModel::Balances).unwrap();
    wait(&projector, Position(3)).unwrap();
    stage.journal.failures.store(3, Ordering::SeqCst);
    // What the feed does not tell of must be read.
    stage.write(10);
    wait(&projector, stage.last()).unwrap();
    assert_eq!(stage.journal.failures.load(Ordering::SeqCst), 0);
    assert!(verify(ReadModel::Balances, stage.home.place()).unwrap().is_sound());
}
