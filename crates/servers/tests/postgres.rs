//! The server does what its users rely on.

#![allow(clippy::unwrap_used, reason = "these are tests")]

use std::time::{Duration, Instant};
use std::{fs, thread};

use postgres::{Client, NoTls};
use servers::{Postgres, shared};

const PATIENCE: Duration = Duration::from_secs(20);

#[test]
fn what_was_committed_survives_a_kill() {
    let mut server = Postgres::start();
    let database = server.new_database();
    let mut client = Client::connect(&database.owner, NoTls).unwrap();
    client.batch_execute("create table t (n int); insert into t values (7)").unwrap();
    server.kill();
    // Its processes go on until they notice.
    let deadline = Instant::now() + PATIENCE;
    while client.batch_execute("select 1").is_ok() {
        assert!(Instant::now() < deadline, "somebody answers");
    }
    server.start_again();
    let mut client = Client::connect(&database.owner, NoTls).unwrap();
    assert_eq!(client.query_one("select n from t", &[]).unwrap().get::<_, i32>(0), 7);
    server.stop_immediate();
    server.start_again();
    server.stop_fast();
    server.start_again();
}

#[test]
fn a_server_that_was_killed_leaves_no_shared_memory() {
    let mut server = Postgres::start();
    let lock = fs::read_to_string(server.data_folder().join("postmaster.pid")).unwrap();
    let memory = lock.lines().nth(6).unwrap().split_whitespace().last().unwrap();
    let is_there = || {
        let all = fs::read_to_string("/proc/sysvipc/shm").unwrap();
        all.lines().any(|line| line.split_whitespace().nth(1) == Some(memory))
    };
    assert!(is_there());
    server.kill();
    drop(server);
    // Its processes go on until they notice.
    let deadline = Instant::now() + PATIENCE;
    while is_there() {
        assert!(Instant::now() < deadline, "it is kept");
        thread::park_timeout(Duration::from_millis(10));
    }
}

#[test]
fn databases_are_apart_and_their_writer_owns_nothing() {
    let (one, other) = (shared().new_database(), shared().new_database());
    let mut owner = Client::connect(&one.owner, NoTls).unwrap();
    owner.batch_execute("create table t (n int)").unwrap();
    let mut writer = Client::connect(&one.writer, NoTls).unwrap();
    assert!(writer.batch_execute("select * from t").is_err(), "nothing was granted");
    let mut elsewhere = Client::connect(&other.owner, NoTls).unwrap();
    assert!(elsewhere.batch_execute("select * from t").is_err(), "no such table");
}

#[test]
fn a_dropped_server_leaves_nothing() {
    let server = Postgres::start();
    let folder = server.data_folder();
    assert!(folder.exists());
    drop(server);
    assert!(!folder.exists());
}
