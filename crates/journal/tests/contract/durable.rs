//! Appends to PostgreSQL wait for its disk, whatever becomes of its settings.

use std::time::{Duration, Instant};

use journal::postgres::{Leaders, PostgresStore, prepare};
use journal::{DatabaseError, Failure, Head, OpenError, Outcome, Reader, Store};
use postgres::{Client, NoTls};

use crate::entries::{batch, end};
use crate::suite::committed;
use crate::{BOOK, INCARNATION, Place, Postgres, WRITER};

/// Longer than a server takes to read its settings again.
const PATIENCE: Duration = Duration::from_secs(60);

fn client(url: &str) -> Client {
    Client::connect(url, NoTls).unwrap()
}

/// A server of its own, with a journal of [`BOOK`].
pub(crate) fn server() -> (servers::Postgres, servers::Database) {
    let server = servers::Postgres::start();
    let database = server.new_database();
    prepare(&database.owner, &database.writer_role).unwrap();
    drop(PostgresStore::create(&database.writer, BOOK, INCARNATION).unwrap());
    (server, database)
}

#[test]
fn a_writer_waits_for_the_disk_when_its_server_is_told_not_to() {
    let (server, database) = server();
    let before = client(&database.writer);
    let mut store = PostgresStore::open(&database.writer, BOOK).unwrap();
    let epoch = store.claim(WRITER).unwrap();
    let first = batch(Head::EMPTY, 1);
    committed(store.append(&first, Head::EMPTY, epoch));
    let after = client(&database.writer);

    let mut admin = client(&server.admin_url());
    for sql in ["alter system set synchronous_commit = off", "select pg_reload_conf()"] {
        admin.batch_execute(sql).unwrap();
    }
    // What sessions before and after the writer's have heard, that one has heard, too.
    for mut session in [before, after] {
        let until = Instant::now() + PATIENCE;
        let mut found =
            || session.query_one("show synchronous_commit", &[]).unwrap().get::<_, String>(0);
        while found() != "off" {
            assert!(Instant::now() < until, "the server does not read its settings");
        }
    }
    committed(store.append(&batch(end(&first), 2), end(&first), epoch));
    let refused = PostgresStore::open(&database.writer, BOOK).unwrap_err();
    assert!(matches!(refused, OpenError::Setting { name: "synchronous_commit", .. }), "{refused}");
}

#[test]
fn nothing_is_appended_on_a_session_that_does_not_wait_for_the_disk() {
    let place = Postgres::new();
    let mut store = place.open();
    let epoch = store.claim(WRITER).unwrap();
    let mut owner = client(&place.0.owner);
    // Changes the session of whoever looks at the book, as another client of a pooler might have.
    owner
        .batch_execute(
            "create policy hurry on journal.book
                 using (set_config('synchronous_commit', 'off', false) is not null);
             alter table journal.book enable row level security",
        )
        .unwrap();
    let batch = batch(Head::EMPTY, 2);
    let refused = store.append(&batch, Head::EMPTY, epoch);
    let Outcome::Failed(Failure::Database(DatabaseError::Unfit(why))) = refused else {
        panic!("{refused:?}")
    };
    assert!(matches!(*why, OpenError::Setting { name: "synchronous_commit", .. }), "{why}");
    assert_eq!(store.head().unwrap(), Head::EMPTY);

    owner.batch_execute("alter table journal.book disable row level security").unwrap();
    committed(store.append(&batch, Head::EMPTY, epoch));
}

/// Whose commits wait for a standby that is not there.
#[test]
fn a_beat_does_not_wait_for_what_a_commit_waits_for() {
    let (mut server, database) = server();
    let epoch = PostgresStore::open(&database.writer, BOOK).unwrap().claim(WRITER).unwrap();
    server.stop_fast();
    server.add_settings("synchronous_standby_names = 'nobody'");
    server.start_again();
    let url = format!("{}?connect_timeout=1", database.writer);
    let mut leaders = Leaders::open(&url).unwrap();
    for _ in 0..2 {
        assert_eq!(leaders.beat(BOOK, WRITER, "a:1").unwrap(), Some(epoch));
    }
    let mut store = PostgresStore::open(&url, BOOK).unwrap();
    let waits = store.append(&batch(Head::EMPTY, 1), Head::EMPTY, epoch);
    assert!(matches!(waits, Outcome::Unknown(_)), "{waits:?}");
}
