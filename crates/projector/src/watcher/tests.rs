use ledger::Position;
use tokio::time::Instant as Deadline;

use super::*;
use crate::balances::BalancesModel;
use crate::testing::{Play, Store, on_each_store};
use crate::{Late, wait_for};

on_each_store! {
    it_tells_how_far_others_are_and_why_they_have_stopped
    a_read_model_that_is_not_there_yet_is_waited_for
}

const MODEL: ReadModel = ReadModel::Balances;

/// Long enough for a machine that is busy with something else; who passes a test does not wait for it.
const PATIENCE: Duration = Duration::from_secs(60);

fn wait(watcher: &Watcher, position: Position, patience: Duration) -> Result<(), Late> {
    let runtime = Builder::new_current_thread().enable_time().build().unwrap();
    let mut progress = watcher.progress();
    runtime.block_on(wait_for(&mut progress, position, Deadline::now() + patience))
}

fn it_tells_how_far_others_are_and_why_they_have_stopped(store: Store) {
    let mut play = Play::new(store);
    let home = play.home();
    let mut projection = play.project::<BalancesModel>(&home);
    let watcher = Watcher::start(MODEL, home.place()).unwrap();
    for _ in 0..5 {
        play.holder();
        let position = play.book().position();
        let late = wait(&watcher, position, Duration::from_millis(20));
        assert!(matches!(late, Err(Late::Behind { .. })), "{late:?}");
        projection.follow(&play.entries).unwrap();
        wait(&watcher, position, PATIENCE).unwrap();
        let progress = watcher.progress().borrow().clone();
        assert_eq!(
            (progress.position, progress.digest),
            (position, projection.checkpoint().digest)
        );
    }
    projection.set_stopped(Some("a fault")).unwrap();
    let never = Position(u64::MAX);
    let late = wait(&watcher, never, PATIENCE);
    let position = play.book().position();
    assert_eq!(late, Err(Late::Stopped { position, reason: "a fault".into() }));
    projection.set_stopped(None).unwrap();
    play.holder();
    projection.follow(&play.entries).unwrap();
    let mut progress = watcher.progress();
    let runtime = Builder::new_current_thread().enable_time().build().unwrap();
    let goes_on = |progress: &Progress| progress.stopped.is_none();
    runtime.block_on(async { progress.wait_for(goes_on).await.map(drop) }).unwrap();
}

fn a_read_model_that_is_not_there_yet_is_waited_for(store: Store) {
    let mut play = Play::new(store);
    play.holder();
    let home = play.home();
    let watcher = Watcher::start(MODEL, home.place()).unwrap();
    assert!(wait(&watcher, Position(1), Duration::from_millis(20)).is_err());
    drop(play.project::<BalancesModel>(&home));
    wait(&watcher, play.book().position(), PATIENCE).unwrap();
}

#[test]
fn who_waits_is_told_sooner_than_who_does_not() {
    let mut play = Play::new(Store::Postgres);
    let home = play.home();
    let mut projection = play.project::<BalancesModel>(&home);
    let watcher = Watcher::start(MODEL, home.place()).unwrap();
    wait(&watcher, Position(1), PATIENCE).unwrap();
    let begin = std::time::Instant::now();
    for _ in 0..10 {
        play.holder();
        projection.follow(&play.entries).unwrap();
        wait(&watcher, play.book().position(), PATIENCE).unwrap();
    }
    assert!(begin.elapsed() < 10 * IDLE, "ten looks of those that nobody waits for");
}

#[test]
fn a_connection_that_is_lost_is_replaced() {
    let mut play = Play::new(Store::Postgres);
    let home = play.home();
    drop(play.project::<BalancesModel>(&home));
    let watcher = Watcher::start(MODEL, home.place()).unwrap();
    wait(&watcher, Position(1), PATIENCE).unwrap();
    home.disconnect(MODEL);
    play.holder();
    drop(play.project::<BalancesModel>(&home));
    wait(&watcher, play.book().position(), PATIENCE).unwrap();
}
