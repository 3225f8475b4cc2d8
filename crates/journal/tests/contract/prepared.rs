//! What a PostgreSQL server and a role must be, and what a journal survives there.

use std::error::Error;
use std::thread;

use journal::postgres::{Leaders, PostgresReader, PostgresStore, books, prepare};
use journal::{Failure, Head, OpenError, Outcome, Reader, Store, WriterId};
use ledger::{BookId, Position};
use postgres::{Client, NoTls};

use crate::entries::{batch, end};
use crate::suite::{assert_same, committed, fill};
use crate::{BOOK, INCARNATION, Place, Postgres, WRITER};

fn client(url: &str) -> Client {
    Client::connect(url, NoTls).unwrap()
}

#[test]
fn what_was_recorded_can_not_be_changed_by_the_role_nor_by_the_owner() {
    let place = Postgres::new();
    fill(&mut place.open(), [3]);
    for table in ["entry", "lookup", "checkpoint"] {
        for statement in [
            format!("update journal.{table} set book = 2"),
            format!("delete from journal.{table}"),
            format!("truncate journal.{table}"),
        ] {
            let message = |url: &str| {
                let error = client(url).batch_execute(&statement).unwrap_err();
                error.as_db_error().unwrap().message().to_owned()
            };
            let refused = message(&place.0.writer);
            assert!(refused.starts_with("permission denied"), "{statement}: {refused}");
            let refused = message(&place.0.owner);
            assert!(refused.ends_with("is never updated or deleted"), "{statement}: {refused}");
        }
    }
    assert_eq!(place.open().read(Position(1), 10).unwrap().len(), 3);
}

#[test]
fn a_role_that_could_change_what_is_recorded_is_refused() {
    let place = Postgres::new();
    let refused = |url: &str| {
        let error = PostgresStore::open(url, BOOK).unwrap_err();
        assert!(matches!(error, OpenError::MayChange { .. }), "{error}");
    };
    refused(&place.0.owner);
    refused(&place.0.writer.replace(&place.0.writer_role, "postgres"));
    let mut owner = client(&place.0.owner);
    for privilege in ["update", "delete", "truncate", "update (bytes)"] {
        let role = &place.0.writer_role;
        owner.batch_execute(&format!("grant {privilege} on journal.entry to {role}")).unwrap();
        refused(&place.0.writer);
        owner.batch_execute(&format!("revoke {privilege} on journal.entry from {role}")).unwrap();
    }
    place.open();
    // Who only reads may be anybody.
    PostgresReader::open(&place.0.owner, BOOK).unwrap();
}

#[test]
fn a_server_that_may_lose_what_it_acknowledged_is_refused() {
    let place = Postgres::new();
    let name = &place.0.name;
    let mut owner = client(&place.0.owner);
    for (value, is_refused) in [("off", true), ("local", false), ("on", false)] {
        let set = format!("alter database {name} set synchronous_commit = {value}");
        owner.batch_execute(&set).unwrap();
        let opened = PostgresStore::open(&place.0.writer, BOOK);
        let name = "synchronous_commit";
        let refused =
            matches!(opened, Err(OpenError::Setting { name: found, .. }) if found == name);
        assert_eq!(refused, is_refused, "{value}");
    }

    let mut server = servers::Postgres::start();
    let database = server.new_database();
    prepare(&database.owner, &database.writer_role).unwrap();
    drop(PostgresStore::create(&database.writer, BOOK, INCARNATION).unwrap());
    for (name, settings) in
        [("fsync", "fsync = off"), ("full_page_writes", "fsync = on\nfull_page_writes = off")]
    {
        server.stop_fast();
        server.add_settings(settings);
        server.start_again();
        let error = PostgresStore::open(&database.writer, BOOK).unwrap_err();
        assert!(
            matches!(error, OpenError::Setting { name: found, .. } if found == name),
            "{error}"
        );
    }
    server.stop_fast();
    server.add_settings("full_page_writes = on");
    server.without_checksums();
    server.start_again();
    let error = PostgresStore::open(&database.writer, BOOK).unwrap_err();
    assert!(matches!(error, OpenError::Setting { name: "data_checksums", .. }), "{error}");
}

#[test]
fn a_database_that_was_not_prepared_is_refused() {
    let database = servers::shared().new_database();
    let unprepared = PostgresStore::create(&database.writer, BOOK, INCARNATION).unwrap_err();
    assert!(matches!(unprepared, OpenError::Version { found: 0 }));
    prepare(&database.owner, &database.writer_role).unwrap();
    prepare(&database.owner, &database.writer_role).unwrap();
    let unknown = PostgresStore::open(&database.writer, BOOK).unwrap_err();
    assert!(matches!(unknown, OpenError::UnknownBook { book: BOOK }));
    PostgresStore::create(&database.writer, BOOK, INCARNATION).unwrap();
    let twice = PostgresStore::create(&database.writer, BOOK, [1; 16]).unwrap_err();
    assert!(matches!(twice, OpenError::BookExists { book: BOOK }));

    client(&database.owner).batch_execute("update journal.version set number = 9").unwrap();
    for refused in [
        PostgresStore::open(&database.writer, BOOK).map(drop).unwrap_err(),
        PostgresReader::open(&database.writer, BOOK).map(drop).unwrap_err(),
        prepare(&database.owner, &database.writer_role).unwrap_err(),
    ] {
        assert!(matches!(refused, OpenError::Version { found: 9 }));
    }
}

/// What the client says of the first two quotes them.
#[test]
fn a_url_that_can_not_be_read_is_not_shown() {
    for url in [
        "postgre://ledger:secret@db/books?connect_timeout=5",
        "postgresql://ledger@db/books?secret=5",
        "postgresql://ledger:secret@db:secret/books",
        "ledger:secret@db/books",
    ] {
        for refused in [
            PostgresStore::create(url, BOOK, INCARNATION).map(drop),
            PostgresStore::open(url, BOOK).map(drop),
            PostgresReader::open(url, BOOK).map(drop),
            Leaders::open(url).map(drop),
            books(url).map(drop),
            prepare(url, "ledger"),
        ] {
            let refused: &dyn Error = &refused.unwrap_err();
            let chain = std::iter::successors(Some(refused), |&error| error.source());
            let told: Vec<_> = chain.map(ToString::to_string).collect();
            let nothing = ["the database can't be opened", "the database's URL can't be read"];
            assert_eq!(told, nothing, "{url}");
            assert!(!format!("{refused:?}").contains("secret"));
        }
    }
}

#[test]
fn one_database_holds_several_books() {
    let place = Postgres::new();
    let other_book = BookId([8; 16]);
    let mut other = PostgresStore::create(&place.0.writer, other_book, [1; 16]).unwrap();
    let mut store = place.open();
    let written = fill(&mut store, [3]);
    let written_there = fill(&mut other, [1, 4]);
    assert_same(&store.read(Position(1), 10).unwrap(), &written);
    assert_same(&other.read(Position(1), 10).unwrap(), &written_there);
    assert_eq!((store.incarnation(), other.incarnation()), (INCARNATION, [1; 16]));

    let epoch = other.claim(WRITER).unwrap();
    store.claim(WRITER).unwrap();
    committed(other.append(&batch(end(&written_there), 1), end(&written_there), epoch));
}

#[test]
fn a_lost_connection_is_replaced() {
    let place = Postgres::new();
    let mut store = place.open();
    let epoch = store.claim(WRITER).unwrap();
    let mut reader = store.reader().unwrap();
    let first = batch(Head::EMPTY, 2);
    committed(store.append(&first, Head::EMPTY, epoch));
    assert_eq!(reader.head().unwrap(), end(&first));

    place.0.cut_connections();
    assert_eq!(reader.head().unwrap(), end(&first));
    let second = batch(end(&first), 2);
    committed(store.append(&second, end(&first), epoch));
    assert_eq!(reader.head().unwrap(), end(&second));
}

/// The old writer's process stands still in the middle of an append.
#[test]
fn a_successor_ends_what_its_predecessor_has_begun() {
    let place = Postgres::new();
    let mut old = place.open();
    let old_epoch = old.claim(WRITER).unwrap();
    // Stands for it: it holds the book's row, and the lock that names the book.
    let mut stopped = client(&place.0.writer);
    drop(old);
    stopped
        .batch_execute(
            "select pg_advisory_lock(1818584167, number) from journal.book;
             begin; select epoch from journal.book for update;
             insert into journal.entry select number, 1, 'x' from journal.book",
        )
        .unwrap();

    let mut successor = place.open();
    let epoch = successor.claim(WriterId([2; 16])).unwrap();
    assert!(old_epoch < epoch);
    assert!(stopped.batch_execute("commit").is_err());
    committed(successor.append(&batch(Head::EMPTY, 1), Head::EMPTY, epoch));
}

/// Two writers take a book from each other all the time: what one of them was told is there, and nothing else.
#[test]
fn of_writers_that_fight_each_entry_is_one_ones() {
    let place = Postgres::new();
    let write = |writer: WriterId| {
        let mut acknowledged = Vec::new();
        for _ in 0..20 {
            let mut store = place.open();
            let Ok(epoch) = store.claim(writer) else { continue };
            let Ok(head) = store.head() else { continue };
            let next = batch(head, 3);
            match store.append(&next, head, epoch) {
                Outcome::Committed => acknowledged.push(next),
                Outcome::Unknown(_) => {}
                Outcome::Failed(failure) => assert!(
                    matches!(
                        failure,
                        Failure::Fenced | Failure::HeadMoved { .. } | Failure::Database(_)
                    ),
                    "{failure:?}"
                ),
            }
        }
        acknowledged
    };
    let acknowledged = thread::scope(|scope| {
        let writers = [1, 2, 3].map(|id| scope.spawn(move || write(WriterId([id; 16]))));
        writers.map(|writer| writer.join().unwrap()).concat()
    });
    let all = place.open().read(Position(1), 1_000).unwrap();
    assert_ne!(acknowledged.len(), 0);
    for batch in acknowledged {
        let first = batch[0].entry.position.0 as usize - 1;
        assert_same(&all[first..first + 3], &batch);
    }
}
