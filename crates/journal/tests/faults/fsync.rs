//! Every `fsync` of a script fails once, or takes long.

use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use journal::postgres::{PostgresStore, prepare};
use journal::sqlite::SqliteStore;
use postgres::{Client, NoTls};
use servers::{Injection, Postgres, SCRIPT_FOLDER, Tracing, times};

use crate::script::{COMMITS, Incident, assert_played, make_anchor, play};
use crate::{BOOK, INCARNATION};

const SCRIPT: &str = "fsync::the_script_is_acknowledged_on_a_disk_that_works";
/// What is printed before each incident.
const TOLD: &str = "incident: ";

const ERRORS: [&str; 2] = ["EIO", "ENOSPC"];
/// Those that databases use.
const CALLS: [&str; 2] = ["fsync", "fdatasync"];

/// What a sync takes on a disk that is slow.
const SLOW: Duration = Duration::from_millis(20);

const UNKNOWN: [Incident; 2] = [Incident::UnknownAndThere, Incident::UnknownAndNotThere];

/// How often each incident happened, by its name.
type Counts = BTreeMap<String, usize>;

/// Also what is run under `strace`.
#[test]
fn the_script_is_acknowledged_on_a_disk_that_works() {
    let ours;
    let folder = match env::var_os(SCRIPT_FOLDER) {
        Some(folder) => PathBuf::from(folder),
        None => {
            ours = tempfile::tempdir_in(servers::memory()).unwrap();
            make_home(ours.path());
            ours.path().to_owned()
        }
    };
    let tell = |incident: Incident| println!("{TOLD}{incident:?}");
    play(|| SqliteStore::open(&journal_in(&folder), BOOK), &anchor_in(&folder), || {}, tell);
    assert_played(&mut SqliteStore::open(&journal_in(&folder), BOOK).unwrap(), &anchor_in(&folder));
}

#[test]
fn sqlite_survives_a_failure_of_each_fsync() {
    if !may_trace() {
        return;
    }
    let fail_all = |error| {
        let mut counts = Counts::new();
        for call in CALLS {
            let failing = |number| Injection::Failing { call, error, number };
            let mut failures = 0;
            while inject_in_sqlite(failing(failures + 1), &mut counts) {
                failures += 1;
            }
            println!("SQLite: each of {failures} `{call}` failed once with {error}");
        }
        counts
    };
    let counts = thread::scope(|scope| {
        let threads = ERRORS.map(|error| scope.spawn(move || fail_all(error)));
        threads.map(|thread| thread.join().unwrap())
    });
    for (error, counts) in ERRORS.into_iter().zip(counts) {
        println!("SQLite, {error}: {counts:?}");
        assert!(COMMITS as usize <= sum(&counts, &UNKNOWN), "each commit waits for the disk");
        let anchors = sum(&counts, &[Incident::AnchorFailed]);
        assert!(COMMITS as usize <= anchors, "and so does its anchor");
    }
}

#[test]
fn a_disk_that_is_slow_costs_time_only() {
    if !may_trace() {
        return;
    }
    let slow = Injection::Slow { calls: "fsync,fdatasync", by: SLOW };
    let mut counts = Counts::new();
    assert!(inject_in_sqlite(slow, &mut counts));
    inject_in_postgres(&Postgres::start(), slow, &mut counts);
    assert_eq!(counts, Counts::new(), "nothing fails");
}

/// Whether there was such a call.
fn inject_in_sqlite(injection: Injection, counts: &mut Counts) -> bool {
    let folder = tempfile::tempdir_in(servers::memory()).unwrap();
    make_home(folder.path());
    let (said, was_called) = injection.in_test(SCRIPT, folder.path());
    for incident in said.lines().filter_map(|line| line.split_once(TOLD)) {
        *counts.entry(incident.1.to_owned()).or_default() += 1;
    }
    let anchor = anchor_in(folder.path());
    assert_played(&mut SqliteStore::open(&journal_in(folder.path()), BOOK).unwrap(), &anchor);
    was_called
}

fn sum(counts: &Counts, incidents: &[Incident]) -> usize {
    incidents.iter().filter_map(|incident| counts.get(&format!("{incident:?}"))).sum()
}

/// Each failure ends the server, which recovers by itself. The quick run takes every third.
#[test]
fn postgres_survives_a_failure_of_fsync() {
    if !may_trace() {
        return;
    }
    let step = times("LEDGEROS_FSYNC_STEP", 3);
    let server = Postgres::start();
    for error in ERRORS {
        let mut counts = Counts::new();
        let mut failures = 0;
        for number in (1..=COMMITS as usize).step_by(step) {
            let failing = Injection::Failing { call: "fdatasync", error, number };
            inject_in_postgres(&server, failing, &mut counts);
            failures += 1;
        }
        println!("PostgreSQL: {failures} `fdatasync` failed with {error}: {counts:?}");
        assert_eq!(sum(&counts, &UNKNOWN), failures, "the answer to each commit was lost");
    }
}

fn inject_in_postgres(server: &Postgres, injection: Injection, counts: &mut Counts) {
    let database = server.new_database();
    prepare(&database.owner, &database.writer_role).unwrap();
    drop(PostgresStore::create(&database.writer, BOOK, INCARNATION).unwrap());
    let folder = tempfile::tempdir_in(servers::memory()).unwrap();
    make_anchor(&anchor_in(folder.path()));
    let mut strace = None;
    let attach = || {
        let mut owner = Client::connect(&server.admin_url(), NoTls).unwrap();
        // The one that has the book; an earlier connection may be on its way out.
        let sql = "select pid from pg_stat_activity where usename = $1
            and pid in (select pid from pg_locks where locktype = 'advisory')";
        let backend: i32 = owner.query_one(sql, &[&database.writer_role]).unwrap().get(0);
        strace = Some(injection.attach(backend.cast_unsigned()));
    };
    let open = || {
        server.wait_until_recovered();
        PostgresStore::open(&database.writer, BOOK)
    };
    play(open, &anchor_in(folder.path()), attach, |incident| {
        *counts.entry(format!("{incident:?}")).or_default() += 1
    });
    let mut store = PostgresStore::open(&database.writer, BOOK).unwrap();
    assert_played(&mut store, &anchor_in(folder.path()));
}

fn make_home(folder: &Path) {
    SqliteStore::create(&journal_in(folder), BOOK, INCARNATION).unwrap();
    make_anchor(&anchor_in(folder));
}

fn journal_in(folder: &Path) -> PathBuf {
    folder.join("journal.sqlite")
}

fn anchor_in(folder: &Path) -> PathBuf {
    folder.join("anchor")
}

fn may_trace() -> bool {
    match Tracing::find_out() {
        Tracing::Allowed => true,
        Tracing::Forbidden(why) => {
            servers::not_tried("this machine lets nobody trace a process", &why);
            false
        }
    }
}
