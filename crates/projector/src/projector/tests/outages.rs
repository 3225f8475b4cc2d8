//! Servers that are killed and connections that are lost while a read model follows the journal.

use ::postgres::{Client, Transaction};
use metrics_exporter_prometheus::PrometheusBuilder;
use servers::Postgres;

use super::*;

const MODEL: ReadModel = ReadModel::Transactions;

/// Whoever waits for a lock on a table of the read model.
const WAITS: &str = "
    select from pg_stat_activity
    where application_name = current_schema and wait_event_type = 'Lock'";

#[test]
fn a_connection_that_is_lost_between_batches_is_replaced() {
    let stage = Stage::set(Store::Postgres, 3);
    let projector = stage.start(MODEL).unwrap();
    for written in [3, 10, 20, 30] {
        wait(&projector, Position(written as u64)).unwrap();
        stage.home.disconnect(MODEL);
        stage.write_up_to(written + 10);
    }
    wait(&projector, Position(40)).unwrap();
    assert!(verify(MODEL, stage.home.place()).unwrap().is_sound());
}

#[test]
fn a_connection_that_is_lost_within_a_batch_takes_the_batch_with_it() {
    let stage = Stage::set(Store::Postgres, 3);
    let projector = stage.start(MODEL).unwrap();
    wait(&projector, Position(3)).unwrap();

    let mut by_hand = stage.home.by_hand(MODEL);
    let mut held = by_hand.transaction().unwrap();
    held.execute("update checkpoint set position = position", &[]).unwrap();
    stage.write(3);
    // Its rows are written, and it waits to say so.
    while held.query(WAITS, &[]).unwrap().is_empty() {}
    stage.home.disconnect(MODEL);
    held.rollback().unwrap();

    wait(&projector, stage.last()).unwrap();
    assert!(verify(MODEL, stage.home.place()).unwrap().is_sound());
}

#[test]
fn a_server_that_is_killed_costs_time_only() {
    let mut server = Postgres::start();
    let stage = Stage::in_database(server.new_database().owner, 3);
    let projectors = ReadModel::ALL.map(|model| stage.start(model).unwrap());
    projectors.iter().for_each(|projector| wait(projector, Position(3)).unwrap());
    let balances = stage.play.balances(&stage.home);

    for end in [20, stage.play.entries.len()] {
        // Whatever the projectors are doing now.
        stage.write_up_to(end);
        server.kill();
        // Processes of the server live on until they notice.
        let lost = loop {
            if let Err(lost) = balances.accounts() {
                break lost;
            }
        };
        assert!(matches!(lost, Error::Unreachable(_)), "{lost}");
        assert!(lost.to_string().contains("can't be reached"), "{lost}");
        let refused = stage.start(MODEL).unwrap_err();
        assert!(matches!(refused, Error::Unreachable(_)), "{refused}");

        server.start_again();
        for projector in &projectors {
            wait(projector, Position(end as u64)).unwrap();
        }
        // What was followed just before the kill may have to be followed once more.
        let deadline = Instant::now() + PATIENCE;
        while balances.accounts().unwrap().position != Position(end as u64) {
            assert!(Instant::now() < deadline, "it does not catch up");
        }
    }
    for model in ReadModel::ALL {
        assert!(verify(model, stage.home.place()).unwrap().is_sound());
    }
}

#[test]
fn a_projector_ends_when_it_is_told_to_while_the_server_is_away() {
    let mut server = Postgres::start();
    let stage = Stage::in_database(server.new_database().owner, 3);
    let projector = stage.start(MODEL).unwrap();
    wait(&projector, Position(3)).unwrap();
    server.kill();
    stage.write(3);
    let mut progress = projector.progress();
    drop(projector);
    assert!(progress.borrow_and_update().stopped.is_some());
}

#[test]
fn a_projector_ends_when_it_is_told_to_while_a_table_is_locked() {
    let stage = Stage::set(Store::Postgres, 3);
    let projector = stage.start(MODEL).unwrap();
    wait(&projector, Position(3)).unwrap();
    let mut by_hand = stage.home.by_hand(MODEL);
    let mut held = lock(&mut by_hand);
    stage.write(3);
    while held.query(WAITS, &[]).unwrap().is_empty() {}
    let ending = thread::spawn(|| drop(projector));
    let until = Instant::now() + PATIENCE;
    while !ending.is_finished() && Instant::now() < until {
        thread::park_timeout(Duration::from_millis(5));
    }
    let has_ended = ending.is_finished();
    held.rollback().unwrap();
    ending.join().unwrap();
    assert!(has_ended);
}

#[test]
fn one_that_can_not_follow_says_so_and_how_far_behind_it_is() {
    let stage = Stage::set(Store::Postgres, 3);
    let recorder = PrometheusBuilder::new().build_recorder();
    let projector = metrics::with_local_recorder(&recorder, || stage.start(MODEL)).unwrap();
    wait(&projector, Position(3)).unwrap();
    let progress = projector.progress();
    let wait_until = |what: &str, is_so: &dyn Fn() -> bool| {
        let until = Instant::now() + PATIENCE;
        while !is_so() {
            assert!(Instant::now() < until, "{what}");
            thread::park_timeout(Duration::from_millis(5));
        }
    };
    let wait_for_lag = |lag: u64| {
        let end = format!(" {lag}");
        let is_lag = |line: &str| line.starts_with("ledgeros_projection_lag_entries{");
        wait_until(&format!("it does not say that it is {lag} behind"), &|| {
            let shown = recorder.handle().render();
            shown.lines().any(|line| is_lag(line) && line.ends_with(&end))
        });
    };

    let mut by_hand = stage.home.by_hand(MODEL);
    let held = lock(&mut by_hand);
    // The feed does not tell of it.
    stage.journal.written.store(20, Ordering::SeqCst);
    wait_for_lag(17);
    wait_until("it was not interrupted", &|| progress.borrow().interrupted.is_some());
    stage.journal.written.store(30, Ordering::SeqCst);
    wait_for_lag(27);
    let interrupted = progress.borrow().interrupted.clone().unwrap();
    assert!(interrupted.contains("lock timeout"), "{interrupted}");

    held.rollback().unwrap();
    wait(&projector, Position(30)).unwrap();
    assert_eq!(progress.borrow().interrupted, None);
    wait_for_lag(0);
}

#[test]
fn a_schema_that_is_taken_away_stops_it_and_it_says_so() {
    let stage = Stage::set(Store::Postgres, 3);
    let projector = stage.start(MODEL).unwrap();
    wait(&projector, Position(3)).unwrap();
    stage.home.delete(MODEL);
    stage.write(3);
    let reason = stopped(&projector);
    assert!(reason.contains("checkpoint") && reason.contains("does not exist"), "{reason}");
}

#[test]
fn a_second_projector_is_refused_until_the_first_has_ended() {
    let stage = Stage::set(Store::Postgres, 3);
    let first = stage.start(MODEL).unwrap();
    let refused = stage.start(MODEL).unwrap_err();
    assert!(matches!(refused, Error::Taken), "{refused}");
    drop(first);
    drop(stage.start(MODEL).unwrap());
}

#[test]
fn of_two_projectors_one_works_and_the_other_goes_on_when_it_is_gone() {
    let stage = Stage::set(Store::Postgres, 3);
    let start = || {
        let reader = Box::new(stage.journal.clone());
        let feed = stage.publisher.subscribe();
        Projector::start_waiting(MODEL, stage.home.place(), reader, feed).unwrap()
    };
    let first = start();
    wait(&first, Position(3)).unwrap();
    let second = start();
    stage.write_up_to(20);
    wait(&first, Position(20)).unwrap();
    let Progress { position, is_waiting, stopped, .. } = second.progress().borrow().clone();
    assert_eq!((position, is_waiting, stopped), (Position::START, true, None));
    assert!(!first.progress().borrow().is_waiting);

    drop(first);
    wait(&second, Position(20)).unwrap();
    assert!(!second.progress().borrow().is_waiting);
    stage.write_up_to(30);
    wait(&second, Position(30)).unwrap();
    assert!(verify(MODEL, stage.home.place()).unwrap().is_sound());
}

#[test]
fn one_that_waits_tells_what_else_keeps_it_from_starting() {
    let stage = Stage::set(Store::Postgres, 3);
    let first = stage.start(MODEL).unwrap();
    wait(&first, Position(3)).unwrap();
    drop(first);
    stage.journal.written.store(2, Ordering::SeqCst);
    let reader = Box::new(stage.journal.clone());
    let feed = stage.publisher.subscribe();
    let place = stage.home.place();
    let second = Projector::start_waiting(MODEL, place, reader, feed).unwrap();
    let reason = stopped(&second);
    assert!(reason.contains("the journal ends at"), "{reason}");
}

/// As an analyst may.
fn lock(client: &mut Client) -> Transaction<'_> {
    let mut held = client.transaction().unwrap();
    held.batch_execute("lock table checkpoint in access exclusive mode").unwrap();
    held
}

impl Stage {
    /// So many entries are in the journal; the feed tells of the last of them.
    fn write_up_to(&self, end: usize) {
        self.journal.written.store(end, Ordering::SeqCst);
        self.publisher.publish(self.play.entries[end - 1..end].into());
    }
}
