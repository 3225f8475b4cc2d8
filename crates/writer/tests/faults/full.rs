//! A disk that is full for a while.

use std::thread;
use std::time::{Duration, Instant};

use ledger::Position;
use rpc::Refusal;
use servers::{Postgres, SmallDisk};

use crate::campaign::work;
use crate::ledger::{Acknowledged, Ledger, Place, Running};

/// More than fit into what is left of any page or file that is there.
const COMMANDS_MAX: u64 = 200_000;
const AT_ONCE: u64 = 100;
/// How long the ledger may take to go on once there is room.
const RECOVERY_MAX: Duration = Duration::from_secs(60);
const RETRY_AFTER: Duration = Duration::from_millis(20);

#[test]
fn sqlite_goes_on_when_a_full_disk_has_room_again() {
    let Some(disk) = small_disk(8) else { return };
    let ledger = Ledger::create(Place::Sqlite(disk.path().join("journal.sqlite")), disk.path());
    fill_and_go_on(&ledger, &disk, || {});
}

#[test]
fn postgres_goes_on_when_a_full_disk_has_room_again() {
    let Some(disk) = small_disk(160) else { return };
    let mut server = Postgres::start_in(disk.path());
    let database = server.new_database();
    journal::postgres::prepare(&database.owner, &database.writer_role).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::create(Place::Postgres(database.writer), folder.path());
    fill_and_go_on(&ledger, &disk, || {
        // A server that finds no room for its log ends; whoever watches it starts it again.
        if server.has_ended() {
            println!("PostgreSQL has ended on the full disk, and is started again");
            server.start_again();
        }
    });
}

fn small_disk(size_mib: usize) -> Option<SmallDisk> {
    match SmallDisk::mount(size_mib) {
        Ok(disk) => Some(disk),
        Err(why) => {
            servers::not_tried("this machine lets nobody mount a small disk", &why);
            None
        }
    }
}

fn fill_and_go_on(ledger: &Ledger, disk: &SmallDisk, made_room: impl FnOnce()) {
    let mut written = Acknowledged::default();
    work(ledger, &mut written, 100);
    let running = ledger.start().unwrap();
    disk.fill();
    let mut next = written.0.len() as u64 + 1;
    let mut refused = Vec::new();
    while refused.is_empty() {
        assert!(next < COMMANDS_MAX, "the disk is not full");
        for (number, answer) in running.submit_all(next..next + AT_ONCE) {
            match answer {
                Ok(answer) => written.0.push((number, answer.entry)),
                Err(Refusal::Unavailable | Refusal::Unknown) => refused.push(number),
                Err(other) => panic!("command {number}: {other}"),
            }
        }
        next += AT_ONCE;
    }
    println!("full after {} commands; {} refused", written.0.len(), refused.len());
    disk.make_room();
    made_room();
    for number in refused {
        let answer = submit_until_done(&running, number);
        written.0.push((number, answer));
    }
    check(ledger, &running, &written);
    drop(running);
    check(ledger, &ledger.start().unwrap(), &written);
}

/// Sends a command again as long as the ledger is not available.
fn submit_until_done(running: &Running, number: u64) -> std::sync::Arc<ledger::Entry> {
    let until = Instant::now() + RECOVERY_MAX;
    loop {
        match running.submit(number) {
            Ok(answer) => return answer.entry,
            Err(Refusal::Unavailable | Refusal::Unknown) if Instant::now() < until => {
                thread::park_timeout(RETRY_AFTER)
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
    assert_eq!(entries.len(), written.0.len(), "one entry a command");
    let tree = entries.iter().map(|stored| stored.hash).collect();
    assert_eq!(store.tree().unwrap(), tree);
}
