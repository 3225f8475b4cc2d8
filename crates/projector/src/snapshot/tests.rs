use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Barrier;
use std::thread;

use super::*;
use crate::balances::{BalancesModel, HolderBalance};
use crate::testing::Play;

fn pool(play: &Play) -> (tempfile::TempDir, Pool) {
    let folder = tempfile::tempdir().unwrap();
    play.project::<BalancesModel>(folder.path());
    let pool = Pool::open(ReadModel::Balances, folder.path()).unwrap();
    (folder, pool)
}

fn count(snapshot: &Snapshot<'_>) -> usize {
    let mut count = 0;
    snapshot.each(|_: HolderBalance| count += 1).unwrap();
    count
}

#[test]
fn all_of_an_answer_is_of_one_position_whatever_is_written_meanwhile() {
    let mut play = Play::new();
    play.holder();
    let (folder, pool) = pool(&play);
    let before = play.book().position();
    let answer = pool.read(|snapshot| {
        assert_eq!(count(snapshot), 1);
        play.holder();
        play.project::<BalancesModel>(folder.path());
        Ok(count(snapshot))
    });
    assert_eq!(answer.unwrap(), At { position: before, value: 1 });
    let answer = pool.read(|snapshot| Ok(count(snapshot))).unwrap();
    assert_eq!(answer, At { position: play.book().position(), value: 2 });
}

#[test]
fn as_many_queries_as_there_are_connections_run_at_once_and_more_wait() {
    let (_folder, pool) = pool(&Play::new());
    let together = Barrier::new(CONNECTIONS);
    thread::scope(|scope| {
        for _ in 0..2 * CONNECTIONS {
            scope.spawn(|| pool.read(|_| Ok(together.wait())).unwrap());
        }
    });
    assert_eq!(pool.lock().len(), CONNECTIONS);
}

#[test]
fn a_query_that_panics_gives_its_connection_back() {
    let (_folder, pool) = pool(&Play::new());
    for _ in 0..2 * CONNECTIONS {
        let query = || pool.read::<()>(|_| panic!("on purpose"));
        assert!(catch_unwind(AssertUnwindSafe(query)).is_err());
    }
    assert_eq!(pool.lock().len(), CONNECTIONS);
}

#[test]
fn a_file_of_another_version_is_refused_and_says_what_to_do() {
    let (folder, _pool) = pool(&Play::new());
    let db = Connection::open(ReadModel::Balances.file(folder.path())).unwrap();
    db.pragma_update(None, "user_version", 99).unwrap();
    for refused in [
        database::open(ReadModel::Balances, folder.path()).unwrap_err(),
        database::open_reader(ReadModel::Balances, folder.path()).unwrap_err(),
    ] {
        assert!(matches!(refused, Error::Version { found: 99, .. }), "{refused}");
        assert!(refused.to_string().contains("delete its files"), "{refused}");
    }
}
