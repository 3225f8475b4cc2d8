//! Each `fsync` of a writer and its anchor fails once, or takes long, while its clients wait.

use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use ledger::Position;
use rpc::Refusal;
use servers::{Injection, SCRIPT_FOLDER, Tracing, times};

use crate::ledger::{Acknowledged, Ledger, Place, Running};

const SCRIPT: &str = "fsync::fifty_commands_are_done_on_a_disk_that_works";
/// What is printed of a command that had to be sent again.
const TOLD: &str = "refused as: ";

const COMMANDS: u64 = 50;
const ERRORS: [&str; 2] = ["EIO", "ENOSPC"];
/// Those that SQLite and the anchor use.
const CALLS: [&str; 2] = ["fsync", "fdatasync"];

/// What a sync takes on a disk that is slow.
const SLOW: Duration = Duration::from_millis(50);
/// How long the ledger may take to go on.
const RECOVERY_MAX: Duration = Duration::from_secs(60);
const RETRY_AFTER: Duration = Duration::from_millis(5);

/// Also what is run under `strace`.
#[test]
fn fifty_commands_are_done_on_a_disk_that_works() {
    let ours;
    let folder = match env::var_os(SCRIPT_FOLDER) {
        Some(folder) => PathBuf::from(folder),
        None => {
            ours = tempfile::tempdir_in(servers::memory()).unwrap();
            drop(Ledger::create(place(ours.path()), ours.path()));
            ours.path().to_owned()
        }
    };
    let ledger = Ledger { place: place(&folder), anchor: folder.join("anchor") };
    let running = start(&ledger);
    let mut written = Acknowledged::default();
    for number in 1..=COMMANDS {
        written.0.push((number, submit_until_done(&running, number)));
    }
    check(&ledger, &running, &written);
    drop(running);
    check(&ledger, &start(&ledger), &written);
}

/// A quick run takes every second.
#[test]
fn a_writer_survives_a_failure_of_each_fsync() {
    if let Tracing::Forbidden(why) = Tracing::find_out() {
        servers::not_tried("this machine lets nobody trace a process", &why);
        return;
    }
    let step = times("LEDGEROS_FSYNC_STEP", 2);
    let fail_all = |error| {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for call in CALLS {
            let (mut number, mut failed) = (1, 0);
            while inject(Injection::Failing { call, error, number }, &mut counts) {
                failed += 1;
                number += step;
            }
            println!("{failed} `{call}` of {COMMANDS} commands failed once with {error}");
        }
        counts
    };
    let counts = thread::scope(|scope| {
        let threads = ERRORS.map(|error| scope.spawn(move || fail_all(error)));
        threads.map(|thread| thread.join().unwrap())
    });
    for (error, counts) in ERRORS.into_iter().zip(counts) {
        println!("{error}: {counts:?}");
        assert_ne!(counts.values().sum::<usize>(), 0, "some command has met the failure");
    }
}

#[test]
fn a_disk_that_is_slow_costs_a_writer_time_only() {
    if let Tracing::Forbidden(why) = Tracing::find_out() {
        servers::not_tried("this machine lets nobody trace a process", &why);
        return;
    }
    let mut counts = BTreeMap::new();
    assert!(inject(Injection::Slow { calls: "fsync,fdatasync", by: SLOW }, &mut counts));
    assert_eq!(counts, BTreeMap::new(), "nothing is refused");
}

/// Whether there was such a call.
fn inject(injection: Injection, counts: &mut BTreeMap<String, usize>) -> bool {
    let folder = tempfile::tempdir_in(servers::memory()).unwrap();
    drop(Ledger::create(place(folder.path()), folder.path()));
    let (said, was_called) = injection.in_test(SCRIPT, folder.path());
    for refused in said.lines().filter_map(|line| line.split_once(TOLD)) {
        *counts.entry(refused.1.to_owned()).or_default() += 1;
    }
    was_called
}

/// A start may meet the failure, too: whoever watches it tries again.
fn start(ledger: &Ledger) -> Running {
    let until = Instant::now() + RECOVERY_MAX;
    loop {
        match ledger.start() {
            Ok(running) => return running,
            Err(error) => {
                println!("{TOLD}{error} at the start");
                assert!(Instant::now() < until, "{error}");
            }
        }
    }
}

fn submit_until_done(running: &Running, number: u64) -> std::sync::Arc<ledger::Entry> {
    let until = Instant::now() + RECOVERY_MAX;
    loop {
        match running.submit(number) {
            Ok(answer) => return answer.entry,
            Err(refused @ (Refusal::Unavailable | Refusal::Unknown)) if Instant::now() < until => {
                println!("{TOLD}{refused:?}");
                thread::park_timeout(RETRY_AFTER);
            }
            Err(other) => panic!("command {number}: {other}"),
        }
    }
}

/// Each command was done once, and all of it is sound.
fn check(ledger: &Ledger, running: &Running, written: &Acknowledged) {
    let mut store = ledger.store().unwrap();
    written.assert_holds(running, store.as_mut());
    let entries = store.read(Position(1), usize::MAX).unwrap();
    assert_eq!(entries.len() as u64, COMMANDS, "one entry a command");
    let tree = entries.iter().map(|stored| stored.hash).collect();
    assert_eq!(store.tree().unwrap(), tree);
}

fn place(folder: &Path) -> Place {
    Place::Sqlite(folder.join("journal.sqlite"))
}
