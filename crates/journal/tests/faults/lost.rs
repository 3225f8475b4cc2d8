//! Commits whose answer is lost over PostgreSQL.

use std::collections::BTreeMap;
use std::hint::spin_loop;
use std::process::Command;
use std::time::{Duration, Instant};

use journal::postgres::{PostgresStore, prepare};
use journal::{Head, Outcome, Reader, Store, Stored};
use ledger::{CommandId, Position, Reference};
use postgres::{Client, NoTls};
use servers::{Database, Harm, Postgres, Proxy, Random, Strike, times};

use crate::entries::{chain, deposit, end, hash};
use crate::{BOOK, INCARNATION, OTHER_WRITER, WRITER};

/// How many answers must be lost.
const LOST: usize = 100;
/// The longest time between a commit and what happens to the server: about what a commit takes.
const STRIKE_MAX: Duration = Duration::from_micros(500);

/// What happens to a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    BackendEnded,
    ServerKilled,
    ServerStopped,
    CutBefore,
    CutAfter,
    ServerFrozen,
    HeldUntilClaimed,
}

/// How often each of them is drawn: those that take a second are rare.
const FAULTS: [(Fault, usize); 7] = [
    (Fault::BackendEnded, 12),
    (Fault::ServerKilled, 5),
    (Fault::ServerStopped, 5),
    (Fault::CutBefore, 7),
    (Fault::CutAfter, 7),
    (Fault::ServerFrozen, 2),
    (Fault::HeldUntilClaimed, 2),
];

/// What was said of a commit, and what was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Ending {
    Committed,
    Failed,
    UnknownAndThere,
    UnknownAndNotThere,
}

/// A journal, and what must be in it.
struct Trial {
    server: Postgres,
    proxy: Proxy,
    database: Database,
    there: Vec<Stored>,
    /// The commands of what must never be there.
    not_there: Vec<u64>,
    last_command: u64,
    counts: BTreeMap<(Fault, Ending), usize>,
}

#[test]
fn a_lost_answer_is_settled_by_a_claim_for_ever() {
    let mut random = Random::for_test("journal", "lost_answer");
    let lost = times("LEDGEROS_LOST_ANSWERS", LOST);
    let mut trial = Trial::new();
    let faults: Vec<Fault> =
        FAULTS.iter().flat_map(|(fault, count)| [*fault].repeat(*count)).collect();
    while trial.lost() < lost {
        let fault = *random.one_of(&faults);
        trial.commit_with(fault, &mut random);
    }
    trial.server.kill();
    trial.server.start_again();
    trial.assert_holds();

    for ((fault, ending), count) in &trial.counts {
        println!("{fault:?}: {ending:?} {count}");
    }
    for ending in [Ending::UnknownAndThere, Ending::UnknownAndNotThere] {
        assert_ne!(trial.count(ending), 0, "{ending:?} has not come up");
    }
}

impl Trial {
    fn new() -> Self {
        let server = Postgres::start();
        let database = server.new_database();
        prepare(&database.owner, &database.writer_role).unwrap();
        drop(PostgresStore::create(&database.writer, BOOK, INCARNATION).unwrap());
        Self {
            proxy: Proxy::before(&server),
            server,
            database,
            there: Vec::new(),
            not_there: Vec::new(),
            last_command: 0,
            counts: BTreeMap::new(),
        }
    }

    fn count(&self, ending: Ending) -> usize {
        self.counts.iter().filter(|((_, found), _)| *found == ending).map(|(_, count)| count).sum()
    }

    fn lost(&self) -> usize {
        self.count(Ending::UnknownAndThere) + self.count(Ending::UnknownAndNotThere)
    }

    fn head(&self) -> Head {
        if self.there.is_empty() { Head::EMPTY } else { end(&self.there) }
    }

    /// Appends a few entries, lets the fault happen to their commit, and settles what became of them.
    fn commit_with(&mut self, fault: Fault, random: &mut Random) {
        let url = self.proxy.url(&self.database.writer);
        let mut store = PostgresStore::open(&url, BOOK).unwrap();
        let epoch = store.claim(WRITER).unwrap();
        let head = store.head().unwrap();
        assert_eq!(head, self.head());
        let commands = self.last_command + 1..self.last_command + 2 + random.below(5) as u64;
        self.last_command = commands.end;
        let batch = chain(head, commands.clone().map(|command| (command, deposit(command))));

        self.proxy.harm_next(self.harm(fault, random));
        let outcome = store.append(&batch, head, epoch);
        self.proxy.wait_until_done();
        match fault {
            Fault::ServerKilled => {
                self.server.kill();
                self.server.start_again();
            }
            Fault::ServerStopped => {
                self.server.stop_immediate();
                self.server.start_again();
            }
            Fault::ServerFrozen => self.server.thaw(),
            Fault::BackendEnded | Fault::CutBefore | Fault::CutAfter | Fault::HeldUntilClaimed => {}
        }

        let mut settled = self.claim_again(random);
        let is_there = self.is_there(&mut settled, &batch);
        if fault == Fault::HeldUntilClaimed {
            self.proxy.release();
            assert_eq!(self.is_there(&mut settled, &batch), is_there, "a claim has said so");
        }
        let ending = match (&outcome, is_there) {
            (Outcome::Committed, true) => Ending::Committed,
            (Outcome::Failed(_), false) => Ending::Failed,
            (Outcome::Unknown(_), true) => Ending::UnknownAndThere,
            (Outcome::Unknown(_), false) => Ending::UnknownAndNotThere,
            (Outcome::Committed, false) => panic!("{fault:?}: an acknowledged batch is lost"),
            (Outcome::Failed(failure), true) => panic!("{fault:?}: there, after {failure:?}"),
        };
        match fault {
            Fault::CutBefore | Fault::HeldUntilClaimed => {
                assert_eq!(ending, Ending::UnknownAndNotThere, "{fault:?}");
            }
            Fault::CutAfter => assert_eq!(ending, Ending::UnknownAndThere),
            Fault::BackendEnded
            | Fault::ServerKilled
            | Fault::ServerStopped
            | Fault::ServerFrozen => {}
        }
        *self.counts.entry((fault, ending)).or_default() += 1;
        if is_there { self.there.extend(batch) } else { self.not_there.extend(commands) }
    }

    fn harm(&self, fault: Fault, random: &mut Random) -> Harm {
        let process = self.server.process();
        let admin = self.server.admin_url();
        let strike: Strike = match fault {
            Fault::CutBefore => return Harm::CutBefore,
            Fault::CutAfter => return Harm::CutAfter,
            Fault::HeldUntilClaimed => return Harm::Hold,
            Fault::BackendEnded => {
                // Connected before, so that it strikes when it should.
                let mut admin = Client::connect(&admin, NoTls).unwrap();
                let name = self.database.name.clone();
                Box::new(move || {
                    let sql = "select pg_terminate_backend(pid) from pg_stat_activity
                        where datname = $1";
                    admin.execute(sql, &[&name]).unwrap();
                })
            }
            Fault::ServerKilled => Box::new(move || signal(process, "KILL")),
            Fault::ServerStopped => Box::new(move || signal(process, "QUIT")),
            Fault::ServerFrozen => Box::new(move || servers::freeze(process)),
        };
        if random.below(4) == 0 {
            return Harm::Before(strike);
        }
        let wait = STRIKE_MAX * random.below(1_000) as u32 / 1_000;
        Harm::After(Box::new(move || {
            let until = Instant::now() + wait;
            while Instant::now() < until {
                spin_loop();
            }
            strike();
        }))
    }

    /// Another connection, that has claimed the book: the same writer's or another one's.
    fn claim_again(&self, random: &mut Random) -> PostgresStore {
        let is_same = random.below(2) == 0;
        let mut store = PostgresStore::open(&self.database.writer, BOOK).unwrap();
        if is_same {
            store.reclaim(WRITER).unwrap()
        } else {
            store.claim(OTHER_WRITER).unwrap()
        };
        store
    }

    /// Whether a batch stands in the journal: all of it or nothing.
    fn is_there(&self, store: &mut PostgresStore, batch: &[Stored]) -> bool {
        let found = store.read(self.head().position.next(), usize::MAX).unwrap();
        let hashes =
            |entries: &[Stored]| entries.iter().map(|stored| stored.hash).collect::<Vec<_>>();
        assert!(found.is_empty() || hashes(&found) == hashes(batch), "all of it or nothing");
        !found.is_empty()
    }

    /// What was found to be there is there, and nothing else.
    fn assert_holds(&self) {
        let mut store = PostgresStore::open(&self.database.writer, BOOK).unwrap();
        let all = store.read(Position(1), usize::MAX).unwrap();
        assert_eq!(all.len(), self.there.len());
        for (found, written) in all.iter().zip(&self.there) {
            assert_eq!((&found.bytes, found.hash), (&written.bytes, written.hash));
        }
        let tree = self.there.iter().map(|stored| stored.hash).collect();
        assert_eq!(store.tree().unwrap(), tree);
        for command in &self.not_there {
            let reference = Reference::Command(CommandId(hash(*command)));
            assert!(store.find(reference).unwrap().is_none(), "command {command}");
        }
    }
}

fn signal(process: u32, name: &str) {
    let sent = Command::new("kill").args(["-s", name, &process.to_string()]).status();
    assert!(sent.unwrap().success());
}
