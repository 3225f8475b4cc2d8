use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Barrier;
use std::thread;

use servers::{Gate, Passing};

use super::*;
use crate::balances::{BalancesModel, HolderBalance};
use crate::testing::{Home, Play, Store, on_each_store};

on_each_store! {
    all_of_an_answer_is_of_one_position_whatever_is_written_meanwhile
    as_many_queries_as_there_are_connections_run_at_once_and_more_wait
    queries_that_take_long_are_waited_for_also_by_those_who_come_late
    a_query_that_panics_gives_its_connection_back
    another_version_is_refused_and_says_what_to_do
}

/// Long enough for a machine that is busy with something else; who passes a test does not wait for it.
const PATIENCE: Duration = Duration::from_secs(60);

fn pool(play: &Play) -> (Home, Pool) {
    let home = play.home();
    play.project::<BalancesModel>(&home);
    let pool = Pool::open(ReadModel::Balances, home.place()).unwrap();
    (home, pool)
}

fn count(snapshot: &Snapshot<'_>) -> usize {
    let mut count = 0;
    snapshot.each(|_: HolderBalance| count += 1).unwrap();
    count
}

fn all_of_an_answer_is_of_one_position_whatever_is_written_meanwhile(store: Store) {
    let mut play = Play::new(store);
    play.holder();
    let (home, pool) = pool(&play);
    let before = play.book().position();
    let answer = pool.read(|snapshot| {
        assert_eq!(count(snapshot), 1);
        play.holder();
        play.project::<BalancesModel>(&home);
        Ok(count(snapshot))
    });
    assert_eq!(answer.unwrap(), At { position: before, value: 1 });
    let answer = pool.read(|snapshot| Ok(count(snapshot))).unwrap();
    assert_eq!(answer, At { position: play.book().position(), value: 2 });
}

fn as_many_queries_as_there_are_connections_run_at_once_and_more_wait(store: Store) {
    let (_home, pool) = pool(&Play::new(store));
    let together = Barrier::new(CONNECTIONS);
    thread::scope(|scope| {
        for _ in 0..2 * CONNECTIONS {
            scope.spawn(|| pool.read(|_| Ok(together.wait())).unwrap());
        }
    });
    assert_eq!(pool.connections.idle(), CONNECTIONS);
}

fn queries_that_take_long_are_waited_for_also_by_those_who_come_late(store: Store) {
    let (_home, pool) = pool(&Play::new(store));
    let [begun, ended] = [(), ()].map(|()| Barrier::new(CONNECTIONS + 1));
    let long = || {
        pool.read(|_| {
            begun.wait();
            ended.wait();
            Ok(())
        })
    };
    let query = || pool.read(|_| Ok(()));
    thread::scope(|scope| {
        let long: Vec<_> = (0..CONNECTIONS).map(|_| scope.spawn(long)).collect();
        begun.wait();
        // It has waited for as long as it may.
        let told = query();
        let late = scope.spawn(query);
        let until = Instant::now() + PATIENCE;
        while pool.connections.waiting() == 0 && !late.is_finished() && Instant::now() < until {
            thread::park_timeout(Duration::from_millis(5));
        }
        ended.wait();
        assert!(matches!(told, Err(Error::Silent)), "{told:?}");
        late.join().unwrap().unwrap();
        for query in long {
            query.join().unwrap().unwrap();
        }
    });
}

fn a_query_that_panics_gives_its_connection_back(store: Store) {
    let (_home, pool) = pool(&Play::new(store));
    for _ in 0..2 * CONNECTIONS {
        let query = || pool.read::<()>(|_| panic!("on purpose"));
        assert!(catch_unwind(AssertUnwindSafe(query)).is_err());
    }
    assert_eq!(pool.connections.idle(), CONNECTIONS);
}

fn another_version_is_refused_and_says_what_to_do(store: Store) {
    let (home, _pool) = pool(&Play::new(store));
    home.set_version(ReadModel::Balances, 99);
    for refused in [
        Connection::open(ReadModel::Balances, home.place()).unwrap_err(),
        Connection::open_reader(ReadModel::Balances, Set::Live, home.place()).unwrap_err(),
    ] {
        assert!(matches!(refused, Error::Version { found: 99, .. }), "{refused}");
        assert!(refused.to_string().contains("delete its files or its schema"), "{refused}");
    }
}

#[test]
fn a_set_of_another_version_that_takes_the_place_is_not_read() {
    let (home, pool) = pool(&Play::new(Store::Postgres));
    let query = || pool.read(|snapshot| Ok(count(snapshot)));
    query().unwrap();
    home.set_version(ReadModel::Balances, 99);
    let refused = query().unwrap_err();
    assert!(matches!(refused, Error::Version { found: 99, .. }), "{refused}");
}

#[test]
fn a_connection_that_was_lost_is_replaced_and_one_that_is_lost_is_told_of_once() {
    let mut play = Play::new(Store::Postgres);
    play.holder();
    let (home, pool) = pool(&play);
    assert_eq!(pool.read(|snapshot| Ok(count(snapshot))).unwrap().value, 1);
    home.disconnect(ReadModel::Balances);
    assert_eq!(pool.read(|snapshot| Ok(count(snapshot))).unwrap().value, 1);

    let lost = pool.read(|snapshot| {
        home.disconnect(ReadModel::Balances);
        snapshot.each(|_: HolderBalance| ())
    });
    assert!(matches!(lost, Err(Error::Unreachable(_))), "{lost:?}");
    assert_eq!(pool.read(|snapshot| Ok(count(snapshot))).unwrap().value, 1);
}

#[test]
fn behind_a_silent_server_two_queries_wait_and_the_others_are_told_so() {
    let server = servers::shared();
    let gate = Gate::before_postgres(server);
    let (port, name) = (gate.port(), server.new_database().name);
    let home = Home::in_database(format!("postgresql://postgres@127.0.0.1:{port}/{name}"));
    drop(Play::new(Store::Postgres).project::<BalancesModel>(&home));
    let pool = Pool::open(ReadModel::Balances, home.place()).unwrap();
    let query = || pool.read(|_| Ok(()));
    query().unwrap();

    gate.set(Passing::Silence);
    thread::scope(|scope| {
        let queries: Vec<_> = (0..5 * CONNECTIONS).map(|_| scope.spawn(query)).collect();
        let left = || queries.iter().filter(|query| !query.is_finished()).count();
        let until = Instant::now() + PATIENCE;
        // One that has the connection, and one that opens another.
        while 2 < left() && Instant::now() < until {
            thread::park_timeout(Duration::from_millis(5));
        }
        let left = left();
        // Waiting for a connection each, a hundred would not be told so until then.
        let until = Instant::now() + PATIENCE;
        let told: Vec<_> =
            (0..100).take_while(|_| left == 2 && Instant::now() < until).map(|_| query()).collect();
        // All that wait are to end, whatever was found.
        gate.set(Passing::Nothing);
        let ends: Vec<_> = queries.into_iter().map(|query| query.join().unwrap()).collect();
        assert_eq!(left, 2);
        assert!(ends.iter().all(Result::is_err), "{ends:?}");
        assert!(told.iter().all(|told| matches!(told, Err(Error::Silent))), "{told:?}");
        assert_eq!(told.len(), 100);
    });
    gate.set(Passing::All);
    let until = Instant::now() + PATIENCE;
    while let Err(error) = query() {
        assert!(Instant::now() < until, "{error}");
    }
}

#[test]
fn queries_and_walks_may_be_within_walks() {
    let mut play = Play::new(Store::Postgres);
    let holders = [play.holder(), play.holder()];
    let (_home, pool) = pool(&play);
    let mut found = 0;
    pool.read(|snapshot| {
        snapshot.each(|row: HolderBalance| {
            assert!(holders.contains(&row.holder));
            assert_eq!(snapshot.row((row.holder, row.asset)).unwrap(), Some(row));
            found += count(snapshot);
        })
    })
    .unwrap();
    assert_eq!(found, 4);
}

#[test]
fn a_connection_may_end_on_a_thread_of_an_async_runtime() {
    let (_home, pool) = pool(&Play::new(Store::Postgres));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async { drop(pool) });
}

#[test]
fn what_is_shown_of_a_place_has_no_password() {
    let url = "postgresql://someone:secret@nowhere/ledger".to_owned();
    let place = Place::Postgres { url, book: ledger::BookId([7; 16]) };
    assert!(!format!("{place:?}").contains("secret"));
}
