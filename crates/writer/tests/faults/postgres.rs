//! Damage to the files of PostgreSQL.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use journal::Stored;
use ledger::Position;
use postgres::{Client, NoTls};
use servers::{Postgres, Random, times};
use tempfile::TempDir;

use crate::campaign::{Counts, Outcome, cut, exchange_pages, flip, judge, work, zero_page};
use crate::ledger::{Acknowledged, Ledger, Place};

const PAGE_BYTES: usize = 8192;
const WAL: &str = "pg_wal";

/// How long the processes of a killed server may take to end.
const ENDING_MAX: Duration = Duration::from_secs(30);

/// What is done to the files.
const DAMAGES: [&str; 10] = [
    "a bit of a table or index flipped",
    "a bit of the log flipped",
    "a page zeroed",
    "a table or index cut",
    "the log cut",
    "the log lost",
    "an old copy of one file",
    "an old copy of all files",
    "two pages exchanged",
    "two files exchanged",
];

const OLD: &str = "old";
const CRASHED: &str = "crashed";
const AT_REST: &str = "at-rest";

/// A server whose data folder can be put back to what it was.
struct History {
    server: Postgres,
    folder: TempDir,
    ledger: Ledger,
    written: Acknowledged,
    bytes: Vec<Stored>,
    /// The files of the journal's tables and indexes.
    relations: Vec<PathBuf>,
    log: Log,
}

#[test]
fn damaged_postgres_files_are_never_believed() {
    let mut random = Random::for_test("writer", "damaged_postgres");
    let mut history = History::make();
    for state in [AT_REST, CRASHED] {
        assert_eq!(history.judge(state, |_, _| {}), Outcome::Harmless);
    }
    let mut counts = Counts::default();
    for round in 0..times("LEDGEROS_POSTGRES_CORRUPTIONS", 30) {
        // Each damage a few times, whatever is drawn.
        let damage = DAMAGES[round % DAMAGES.len()];
        let state = match damage.contains("the log") {
            true => CRASHED,
            false => random.one_of::<&str>(&[AT_REST, CRASHED]),
        };
        let outcome = history.judge(state, |history, data| {
            history.damage(data, damage, &mut random);
        });
        counts.add(damage, outcome);
    }
    println!("PostgreSQL\n{counts}");
    assert_ne!(counts.of(Outcome::RefusedAtStart), 0);
}

impl History {
    fn make() -> Self {
        let mut server = Postgres::start();
        let database = server.new_database();
        journal::postgres::prepare(&database.owner, &database.writer_role).unwrap();
        let folder = tempfile::tempdir_in(servers::memory()).unwrap();
        let ledger = Ledger::create(Place::Postgres(database.writer.clone()), folder.path());
        let mut written = Acknowledged::default();
        work(&ledger, &mut written, 100);
        server.stop_immediate();
        copy(&server.data_folder(), &folder.path().join(OLD));
        server.start_again();

        work(&ledger, &mut written, 100);
        let mut owner = Client::connect(&database.owner, NoTls).unwrap();
        let files = "select pg_relation_filepath(c.oid) from pg_class c
            join pg_namespace n on n.oid = c.relnamespace
            where n.nspname = 'journal' and c.relkind in ('r', 'i') and 0 < pg_relation_size(c.oid)";
        let files = owner.query(files, &[]).unwrap();
        let relations = files.iter().map(|row| PathBuf::from(row.get::<_, String>(0))).collect();
        drop(owner);
        // Half of it is in the tables, the rest in the log alone.
        let mut admin = Client::connect(&server.admin_url(), NoTls).unwrap();
        admin.batch_execute("checkpoint").unwrap();
        let (first, start) = log_end(&mut admin);
        work(&ledger, &mut written, 100);
        let bytes = ledger.store().unwrap().read(Position(1), usize::MAX).unwrap();
        let (segment, end) = log_end(&mut admin);
        let start = if segment == first { start } else { 0 };
        let log = Log { segment, start, end };
        drop(admin);
        server.stop_immediate();
        copy(&server.data_folder(), &folder.path().join(CRASHED));
        server.start_again();
        server.stop_fast();
        copy(&server.data_folder(), &folder.path().join(AT_REST));
        fs::copy(&ledger.anchor, folder.path().join("anchor-then")).unwrap();
        Self { server, folder, ledger, written, bytes, relations, log }
    }

    /// Puts a state back, damages it, and looks what comes of it.
    fn judge(&mut self, state: &str, damage: impl FnOnce(&Self, &Path)) -> Outcome {
        let data = self.server.data_folder();
        self.remove_data();
        copy(&self.folder.path().join(state), &data);
        fs::copy(self.folder.path().join("anchor-then"), &self.ledger.anchor).unwrap();
        damage(self, &data);
        if self.server.try_start_again().is_err() {
            return Outcome::RefusedAtStart;
        }
        let outcome = judge(&self.ledger, &self.written, &self.bytes);
        if !self.server.has_ended() {
            // Killed, and its folder replaced, it would leave its shared memory for ever.
            self.server.stop_immediate();
        }
        outcome
    }

    /// Processes of a server that was killed may still write.
    fn remove_data(&self) {
        let until = Instant::now() + ENDING_MAX;
        while let Err(error) = fs::remove_dir_all(self.server.data_folder()) {
            assert!(Instant::now() < until, "{error}");
            thread::park_timeout(Duration::from_millis(10));
        }
    }

    fn damage(&self, data: &Path, damage: &str, random: &mut Random) {
        let relation = data.join(random.one_of(&self.relations));
        let Log { segment, start, end } = &self.log;
        let (log, written) = (data.join(segment), *end - *start);
        match damage {
            "a bit of a table or index flipped" => flip(&relation, random),
            "a page zeroed" => zero_page(&relation, PAGE_BYTES, random),
            "a table or index cut" => cut(&relation, random),
            "two pages exchanged" => exchange_pages(&relation, PAGE_BYTES, random),
            "a bit of the log flipped" => {
                let mut bytes = fs::read(&log).unwrap();
                bytes[start + random.below(written)] ^= 1 << random.below(8);
                fs::write(log, bytes).unwrap();
            }
            "the log cut" => {
                let file = fs::File::options().write(true).open(log).unwrap();
                file.set_len((start + random.below(written)) as u64).unwrap();
            }
            "the log lost" => fs::remove_file(&log).unwrap(),
            "an old copy of one file" => {
                let name = random.one_of(&self.relations);
                let old = self.folder.path().join(OLD).join(name);
                if old.exists() {
                    fs::copy(old, data.join(name)).unwrap();
                }
            }
            "an old copy of all files" => {
                fs::remove_dir_all(data).unwrap();
                copy(&self.folder.path().join(OLD), data);
            }
            "two files exchanged" => {
                let other = data.join(random.one_of(&self.relations));
                let aside = data.join("aside");
                fs::rename(&relation, &aside).unwrap();
                if other.exists() {
                    fs::rename(&other, &relation).unwrap();
                    fs::rename(&aside, &other).unwrap();
                } else {
                    fs::rename(&aside, &relation).unwrap();
                }
            }
            other => panic!("no such damage: {other}"),
        }
    }
}

/// What a recovery will read: the segment of the log, and from where to where.
struct Log {
    segment: PathBuf,
    start: usize,
    end: usize,
}

/// Where the log ends now.
fn log_end(admin: &mut Client) -> (PathBuf, usize) {
    let sql = "select file_name, file_offset from pg_walfile_name_offset(pg_current_wal_lsn())";
    let row = admin.query_one(sql, &[]).unwrap();
    (Path::new(WAL).join(row.get::<_, String>(0)), row.get::<_, i32>(1) as usize)
}

/// Copies a folder, its owners and modes included.
fn copy(from: &Path, to: &Path) {
    let copied = Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap();
    assert!(copied.success());
}
