//! A writer over PostgreSQL that loses the answers to its commits.

use std::process::Command;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use ledger::{Entry, Position};
use rpc::Refusal;
use servers::{Harm, Postgres, Proxy, Random, times};

use crate::ledger::{Acknowledged, Ledger, Place, Running};

const RECOVERY_MAX: Duration = Duration::from_secs(60);
const RETRY_AFTER: Duration = Duration::from_millis(5);

/// How often commands had to be sent again.
#[derive(Debug, Default)]
struct Counts {
    answered_at_once: usize,
    refused_and_done_later: usize,
    refused_and_already_done: usize,
}

#[test]
fn each_command_is_answered_once_and_for_all_whatever_answer_is_lost() {
    let mut random = Random::for_test("writer", "whatever_answer_is_lost");
    let mut server = Postgres::start();
    let database = server.new_database();
    journal::postgres::prepare(&database.owner, &database.writer_role).unwrap();
    let proxy = Proxy::before(&server);
    let folder = tempfile::tempdir().unwrap();
    let direct = Ledger::create(Place::Postgres(database.writer.clone()), folder.path());
    let ledger = Ledger { place: Place::Postgres(proxy.url(&database.writer)), ..direct.clone() };

    let running = ledger.start().unwrap();
    let mut written = Acknowledged::default();
    let mut counts = Counts::default();
    let mut next = 1;
    for _ in 0..times("LEDGEROS_LOST_ANSWERS", 100) {
        let process = server.process();
        let kill = Box::new(move || {
            let id = process.to_string();
            assert!(Command::new("kill").args(["-s", "KILL", &id]).status().unwrap().success());
        });
        // The writer's own commits are the only ones that come through the proxy.
        let (harm, is_kill, is_hold) = match random.below(20) {
            0 => (Harm::Before(kill), true, false),
            1 | 2 => (Harm::After(kill), true, false),
            3 => (Harm::Hold, false, true),
            4..12 => (Harm::CutBefore, false, false),
            _ => (Harm::CutAfter, false, false),
        };
        proxy.harm_next(harm);
        let commands = next..next + 1 + random.below(6) as u64;
        next = commands.end;
        // What is in doubt is answered when the server is back.
        let answers = thread::scope(|scope| {
            scope.spawn(|| {
                proxy.wait_until_done();
                if is_kill {
                    server.kill();
                    server.start_again();
                }
            });
            running.submit_all(commands)
        });
        for (number, answer) in answers {
            let entry = match answer {
                Ok(answer) => {
                    counts.answered_at_once += 1;
                    answer.entry
                }
                Err(refused @ (Refusal::Unavailable | Refusal::Unknown)) => {
                    let (entry, is_replay) = submit_until_done(&running, number, refused);
                    match is_replay {
                        true => counts.refused_and_already_done += 1,
                        false => counts.refused_and_done_later += 1,
                    }
                    entry
                }
                Err(other) => panic!("command {number}: {other}"),
            };
            written.0.push((number, entry));
        }
        if is_hold {
            proxy.release();
        }
    }
    println!("{counts:?}");
    let mut store = direct.store().unwrap();
    written.assert_holds(&running, store.as_mut());
    let entries = store.read(Position(1), usize::MAX).unwrap();
    assert_eq!(entries.len(), written.0.len(), "one entry a command");
    assert_ne!(counts.answered_at_once, 0);
    assert_ne!(counts.refused_and_done_later, 0);
}

/// Sends a command again as long as it is refused. Whether it turned out to have been done before, which is so only if it was
/// once said that nobody knows.
fn submit_until_done(running: &Running, number: u64, mut refused: Refusal) -> (Arc<Entry>, bool) {
    let until = Instant::now() + RECOVERY_MAX;
    let mut was_unknown = false;
    loop {
        match refused {
            Refusal::Unavailable => {}
            Refusal::Unknown => was_unknown = true,
            other => panic!("command {number}: {other}"),
        }
        assert!(Instant::now() < until, "command {number} is refused for ever");
        thread::park_timeout(RETRY_AFTER);
        refused = match running.submit(number) {
            Ok(answer) => {
                assert!(
                    was_unknown || !answer.is_replay,
                    "command {number} was not done, they said"
                );
                return (answer.entry, answer.is_replay);
            }
            Err(again) => again,
        };
    }
}
