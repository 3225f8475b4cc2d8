use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

use ledger::Asset;
use ledger::cards::CardKind;
use rpc::Publisher;
use tokio::runtime::Builder;

use super::*;
use crate::testing::{Home, Play, Store, history, on_each_store};
use crate::transactions::Filter;
use crate::{Balances, Page, Projector, Transactions, verify, wait_for};

on_each_store! {
    what_is_rebuilt_is_what_a_projector_has_made
    a_rebuild_that_was_cut_off_goes_on_after_its_last_round
    rows_that_were_forgotten_are_looked_up
    of_two_rebuilds_the_second_is_refused
    the_set_before_the_last_rebuild_stays_until_it_is_dropped
    a_set_of_another_journal_is_begun_anew
    a_set_of_an_older_version_is_surveyed_and_replaced
    a_live_set_that_is_ahead_of_its_journal_is_replaced
    entries_that_come_meanwhile_are_in_it
    a_rebuild_that_was_told_to_stop_has_kept_what_it_followed
    what_was_rebuilt_takes_the_place_of_a_row_that_somebody_has_changed
}

/// A history in which much happens.
fn played(store: Store) -> Play {
    let numbers = 0..600_u32;
    let choices: Vec<_> = numbers
        .map(|n| n.wrapping_mul(0x9e37_79b9))
        .map(|n| ((n >> 24) as u8, (n >> 16) as u8, n as u16))
        .collect();
    history(store, &choices)
}

fn all(play: &Play) -> Box<dyn Reader> {
    Box::new(play.journal(play.entries.len()))
}

/// Follows what is in the journal as a projector does.
fn follow(play: &Play, home: &Home, model: ReadModel) {
    match model {
        ReadModel::Balances => drop(play.project::<BalancesModel>(home)),
        ReadModel::Transactions => drop(play.project::<TransactionsModel>(home)),
        ReadModel::Intents => drop(play.project::<IntentsModel>(home)),
        ReadModel::Directory => drop(play.project::<DirectoryModel>(home)),
    }
}

fn begin(play: &Play, home: &Home, model: ReadModel) -> Result<Rebuild, Error> {
    Rebuild::begin(model, home.place(), &mut *all(play))
}

fn fill(rebuild: &mut Rebuild, play: &Play, until: u64) {
    assert!(rebuild.fill(&mut *all(play), Position(until), &mut |_| true).unwrap());
}

fn rebuild(play: &Play, home: &Home, model: ReadModel) {
    let mut rebuild = begin(play, home, model).unwrap();
    fill(&mut rebuild, play, play.entries.len() as u64);
    rebuild.make_indexes().unwrap();
    rebuild.switch(&mut *all(play)).unwrap();
}

/// The live set is sound, and what a projector would have made.
#[track_caller]
fn assert_whole(play: &Play, home: &Home, model: ReadModel) {
    let other = play.home();
    follow(play, &other, model);
    let rebuilt = verify(model, home.place()).unwrap();
    assert!(rebuilt.is_sound(), "{model}: {rebuilt:?}");
    assert_eq!(rebuilt, verify(model, other.place()).unwrap(), "{model}");
    assert_eq!(home.indexes(model), other.indexes(model), "{model}");
    assert_eq!(home.columns(model), other.columns(model), "{model}");
}

fn what_is_rebuilt_is_what_a_projector_has_made(store: Store) {
    let (play, home) = (played(store), store.home());
    for model in ReadModel::ALL {
        follow(&play, &home, model);
        rebuild(&play, &home, model);
        assert_whole(&play, &home, model);
    }
}

fn a_rebuild_that_was_cut_off_goes_on_after_its_last_round(store: Store) {
    let (play, home) = (played(store), store.home());
    let half = play.entries.len() as u64 / 2;
    for model in ReadModel::ALL {
        let mut cut = begin(&play, &home, model).unwrap();
        fill(&mut cut, &play, half);
        let broken = play.journal(play.entries.len());
        let mut reader = broken.clone();
        broken.failures.store(1, Ordering::SeqCst);
        let end = Position(play.entries.len() as u64);
        cut.fill(&mut reader, end, &mut |_| true).unwrap_err();
        drop(cut);

        let rebuild = begin(&play, &home, model).unwrap();
        assert_eq!(rebuild.head().position, Position(half));
        drop(rebuild);
        self::rebuild(&play, &home, model);
        assert_whole(&play, &home, model);
    }
}

fn rows_that_were_forgotten_are_looked_up(store: Store) {
    let play = played(store);
    let digest = |rows_max| {
        let home = store.home();
        let mut projection = Projection::<TransactionsModel>::open_next(home.place()).unwrap();
        projection.remember(rows_max);
        play.entries.chunks(7).for_each(|part| assert!(!projection.follow(part).unwrap()));
        projection.checkpoint().digest
    };
    assert_eq!(digest(2), digest(1_000_000));
}

fn of_two_rebuilds_the_second_is_refused(store: Store) {
    let (play, home) = (played(store), store.home());
    let first = begin(&play, &home, ReadModel::Intents).unwrap();
    let refused = begin(&play, &home, ReadModel::Intents).unwrap_err();
    assert!(matches!(refused, Error::Taken), "{refused}");
    drop(first);
    begin(&play, &home, ReadModel::Intents).unwrap();
}

fn the_set_before_the_last_rebuild_stays_until_it_is_dropped(store: Store) {
    let (play, home) = (played(store), store.home());
    let model = ReadModel::Directory;
    follow(&play, &home, model);
    rebuild(&play, &home, model);
    assert!(home.place().has(model, Set::Old).unwrap());
    assert!(!home.place().has(model, Set::Next).unwrap());
    let refused = begin(&play, &home, model).unwrap_err();
    assert!(matches!(refused, Error::OldSet), "{refused}");
    assert!(drop_old(model, home.place()).unwrap());
    assert!(!home.place().has(model, Set::Old).unwrap());
    assert!(!drop_old(model, home.place()).unwrap());
    rebuild(&play, &home, model);
    assert_whole(&play, &home, model);
}

fn a_live_set_that_is_ahead_of_its_journal_is_replaced(store: Store) {
    let (play, home) = (played(store), store.home());
    let model = ReadModel::Balances;
    follow(&play, &home, model);
    let end = play.entries.len() - 2;
    let mut cut = play.journal(end);
    let mut rebuild = Rebuild::begin(model, home.place(), &mut cut).unwrap();
    let until = Position(end as u64);
    assert!(rebuild.fill(&mut cut, until, &mut |_| true).unwrap());
    rebuild.make_indexes().unwrap();
    rebuild.switch(&mut cut).unwrap();
    let live = survey(model, Set::Live, home.place()).unwrap().unwrap();
    assert_eq!(live.head.position, until);
}

fn a_set_of_another_journal_is_begun_anew(store: Store) {
    let (play, home) = (played(store), store.home());
    let mut other = Play::new(store);
    other.spender(500_00, CardKind::Multi);
    let mut rebuild = begin(&other, &home, ReadModel::Balances).unwrap();
    fill(&mut rebuild, &other, other.entries.len() as u64);
    drop(rebuild);
    self::rebuild(&play, &home, ReadModel::Balances);
    assert_whole(&play, &home, ReadModel::Balances);
}

fn a_set_of_an_older_version_is_surveyed_and_replaced(store: Store) {
    let (play, home) = (played(store), store.home());
    for model in ReadModel::ALL {
        follow(&play, &home, model);
        let current = survey(model, Set::Live, home.place()).unwrap().unwrap();
        assert!(current.is_readable);
        home.change(model, "alter table checkpoint drop column stopped");
        home.set_version(model, 4);
        let older = SetState { version: 4, is_readable: false, ..current };
        assert_eq!(survey(model, Set::Live, home.place()).unwrap().unwrap(), older);

        rebuild(&play, &home, model);
        assert_whole(&play, &home, model);
        assert_eq!(survey(model, Set::Old, home.place()).unwrap().unwrap().version, 4);
    }
}

fn entries_that_come_meanwhile_are_in_it(store: Store) {
    let (play, home) = (played(store), store.home());
    let journal = play.journal(play.entries.len() / 2);
    let mut reader = journal.clone();
    let model = ReadModel::Transactions;
    let mut rebuild = Rebuild::begin(model, home.place(), &mut reader).unwrap();
    let half = reader.head().unwrap().position;
    assert!(rebuild.fill(&mut reader, half, &mut |_| true).unwrap());
    rebuild.make_indexes().unwrap();
    journal.written.store(play.entries.len(), Ordering::SeqCst);
    rebuild.switch(&mut reader).unwrap();
    assert_whole(&play, &home, model);
}

fn a_rebuild_that_was_told_to_stop_has_kept_what_it_followed(store: Store) {
    let (play, home) = (played(store), store.home());
    let mut rebuild = begin(&play, &home, ReadModel::Balances).unwrap();
    let end = Position(play.entries.len() as u64);
    let mut told = None;
    let is_there = rebuild.fill(&mut *all(&play), end, &mut |position| {
        told = Some(position);
        false
    });
    assert_eq!(is_there.unwrap(), told == Some(end));
    let head = rebuild.head();
    assert_eq!(Some(head.position), told);
    drop(rebuild);
    let found = survey(ReadModel::Balances, Set::Next, home.place()).unwrap().unwrap();
    assert_eq!((found.head, found.is_kept), (head, Some(false)));
}

fn what_was_rebuilt_takes_the_place_of_a_row_that_somebody_has_changed(store: Store) {
    let (play, home) = (played(store), store.home());
    let model = ReadModel::Balances;
    follow(&play, &home, model);
    assert!(0 < home.change(model, "update holder_balance set available = '1'"));
    assert!(!verify(model, home.place()).unwrap().is_sound());
    rebuild(&play, &home, model);
    assert_whole(&play, &home, model);
}

/// Who reads, and how often.
const READERS: usize = 3;

#[test]
fn readers_and_the_projector_go_on_while_tables_are_switched() {
    let play = played(Store::Postgres);
    let home = Store::Postgres.home();
    let begun = play.entries.len() / 2;
    let journal = play.journal(begun);
    let publisher = Publisher::new(Position(begun as u64));
    let models = [ReadModel::Balances, ReadModel::Transactions];
    let projectors = models.map(|model| {
        Projector::start(model, home.place(), Box::new(journal.clone()), publisher.subscribe())
            .unwrap()
    });
    let runtime = Builder::new_current_thread().enable_time().build().unwrap();
    let reach = |position| {
        for projector in &projectors {
            let deadline = tokio::time::Instant::now() + Duration::from_secs(60);
            let mut progress = projector.progress();
            runtime.block_on(wait_for(&mut progress, position, deadline)).unwrap();
        }
    };
    reach(Position(begun as u64));
    let balances = Balances::open(home.place(), Box::new(journal.clone())).unwrap();
    let transactions = Transactions::open(home.place()).unwrap();
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let read = || {
            let (mut last, mut count) = ([Position::START; 2], 0_u64);
            while !is_over.load(Ordering::SeqCst) {
                let trial = balances.trial_balance().unwrap();
                let dollars = trial.value[&Asset::Usd];
                assert_eq!(dollars.debits, dollars.credits);
                let page = Page { from: None, limit: 10 };
                let newest = transactions.list(&Filter::default(), page).unwrap();
                let seen = [trial.position, newest.position];
                assert!(last[0] <= seen[0] && last[1] <= seen[1], "{last:?} then {seen:?}");
                (last, count) = (seen, count + 1);
            }
            count
        };
        let readers: Vec<_> = (0..READERS).map(|_| scope.spawn(read)).collect();
        // The writer goes on, an entry at a time.
        let (entries, journal, publisher) = (&play.entries, &journal, &publisher);
        let writer = scope.spawn(move || {
            for (stored, written) in entries[begun..].iter().zip(begun + 1..) {
                journal.written.store(written, Ordering::SeqCst);
                publisher.publish([stored.clone()].into());
            }
        });
        for _ in 0..3 {
            for model in models {
                let mut reader = journal.clone();
                let mut rebuild = Rebuild::begin(model, home.place(), &mut reader).unwrap();
                let until = reader.head().unwrap().position;
                rebuild.fill(&mut reader, until, &mut |_| true).unwrap();
                rebuild.make_indexes().unwrap();
                rebuild.switch(&mut reader).unwrap();
                drop_old(model, home.place()).unwrap();
            }
        }
        writer.join().unwrap();
        reach(play.book().position());
        is_over.store(true, Ordering::SeqCst);
        let counts: BTreeSet<u64> =
            readers.into_iter().map(|reader| reader.join().unwrap()).collect();
        assert!(counts.first().is_some_and(|fewest| 0 < *fewest));
    });
    drop(projectors);
    models.into_iter().for_each(|model| assert_whole(&play, &home, model));
}

#[test]
fn files_that_are_read_are_not_switched() {
    let (play, home) = (played(Store::Sqlite), Store::Sqlite.home());
    let model = ReadModel::Transactions;
    follow(&play, &home, model);
    let transactions = Transactions::open(home.place()).unwrap();
    let mut rebuild = begin(&play, &home, model).unwrap();
    fill(&mut rebuild, &play, play.entries.len() as u64);
    rebuild.make_indexes().unwrap();
    rebuild.switch(&mut *all(&play)).unwrap_err();
    assert!(home.place().has(model, Set::Next).unwrap());
    drop(transactions);
    self::rebuild(&play, &home, model);
    assert_whole(&play, &home, model);
}

#[test]
fn a_switch_of_files_that_was_killed_in_the_middle_is_done_again() {
    let (play, home) = (played(Store::Sqlite), Store::Sqlite.home());
    let Place::Folder(folder) = home.place() else { unreachable!("files are in a folder") };
    for model in ReadModel::ALL {
        follow(&play, &home, model);
        let mut killed = begin(&play, &home, model).unwrap();
        fill(&mut killed, &play, play.entries.len() as u64);
        killed.make_indexes().unwrap();
        drop(killed);
        std::fs::hard_link(Set::Live.file(model, folder), Set::Old.file(model, folder)).unwrap();

        rebuild(&play, &home, model);
        assert_whole(&play, &home, model);
        assert!(home.place().has(model, Set::Old).unwrap());
        assert!(!home.place().has(model, Set::Next).unwrap());
        let refused = begin(&play, &home, model).unwrap_err();
        assert!(matches!(refused, Error::OldSet), "one from before stays: {refused}");
    }
}
