//! URLs of PostgreSQL that name several hosts.

use std::os::unix::net::UnixListener;

use journal::postgres::{PostgresReader, PostgresStore};
use journal::{Head, Reader};
use postgres::{Client, NoTls};

use crate::durable::server;
use crate::entries::end;
use crate::suite::fill;
use crate::{BOOK, Place, Postgres};

/// The role, the host and the database of a URL.
fn hosts(url: &str) -> (&str, &str, &str) {
    let (role, rest) = url.split_once('@').unwrap();
    let (host, database) = rest.split_once('/').unwrap();
    (role, host, database)
}

/// The first one lets in and says nothing, the second does not let in.
#[test]
fn a_host_that_does_not_answer_takes_no_time_from_the_next() {
    let place = Postgres::new();
    let folder = tempfile::tempdir().unwrap();
    let _silent = UnixListener::bind(folder.path().join(".s.PGSQL.5432")).unwrap();
    let silent = folder.path().display().to_string().replace('/', "%2F");
    let (role, host, database) = hosts(&place.0.writer);
    let url = format!("{role}@{silent},%2Fnowhere,{host}/{database}?connect_timeout=1");
    let mut store = PostgresStore::open(&url, BOOK).unwrap();
    let written = fill(&mut store, [2]);
    let mut reader = PostgresReader::open(&url, BOOK).unwrap();
    assert_eq!(reader.head().unwrap(), end(&written));
}

#[test]
fn of_several_hosts_one_that_takes_no_writes_is_not_read() {
    let [(_behind, behind), (_ahead, ahead)] = [server(), server()];
    let written = fill(&mut PostgresStore::open(&ahead.writer, BOOK).unwrap(), [2]);
    // As on a standby.
    let read_only =
        format!("alter database {} set default_transaction_read_only = on", behind.name);
    Client::connect(&behind.owner, NoTls).unwrap().batch_execute(&read_only).unwrap();
    let (role, first, database) = hosts(&behind.writer);
    let (_, second, _) = hosts(&ahead.writer);
    let url = format!("{role}@{first},{second}/{database}");
    let mut reader = PostgresReader::open(&url, BOOK).unwrap();
    assert_eq!(reader.head().unwrap(), end(&written));
    let mut only = PostgresReader::open(&behind.writer, BOOK).unwrap();
    assert_eq!(only.head().unwrap(), Head::EMPTY, "it is what was asked for");
}
