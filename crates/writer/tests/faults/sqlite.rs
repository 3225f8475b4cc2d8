//! Damage to the files of SQLite.

use std::fs;
use std::path::{Path, PathBuf};

use ledger::Position;
use servers::{Random, times};
use tempfile::TempDir;

use crate::campaign::{
    Counts, Outcome, copy_folder, cut, exchange_pages, flip, judge, work, zero_page,
};
use crate::ledger::{Acknowledged, Ledger, Place};

const PAGE_BYTES: usize = 4096;
const FILES: [&str; 3] = ["journal.sqlite", "journal.sqlite-wal", "journal.sqlite-shm"];

/// What is done to the files.
const DAMAGES: [&str; 9] = [
    "a bit of the file flipped",
    "a bit of the log flipped",
    "a page zeroed",
    "the file cut",
    "the log cut",
    "the log lost",
    "an old copy of one file",
    "an old copy of all files",
    "two pages exchanged",
];

/// The files of a journal at four times: twice with a log that is not folded into the file yet, once while older, and at rest.
struct History {
    folder: TempDir,
    written: Acknowledged,
}

const OLD: &str = "old";
const OLD_AT_REST: &str = "old-at-rest";
const CRASHED: &str = "crashed";
const AT_REST: &str = "at-rest";

#[test]
fn damaged_sqlite_files_are_never_believed() {
    let mut random = Random::for_test("writer", "damaged_sqlite");
    let history = History::make();
    let ledger = ledger_in(&history.at(AT_REST));
    let bytes = ledger.store().unwrap().read(Position(1), usize::MAX).unwrap();
    assert_eq!(judge_copy(&history, AT_REST, |_| {}, &bytes), Outcome::Harmless);
    assert_eq!(judge_copy(&history, CRASHED, |_| {}, &bytes), Outcome::Harmless);

    let mut counts = Counts::default();
    for _ in 0..times("LEDGEROS_CORRUPTIONS", 400) {
        let damage = *random.one_of(&DAMAGES);
        let state = *random.one_of(&[AT_REST, CRASHED]);
        let outcome = judge_copy(
            &history,
            state,
            |folder| history.damage(folder, damage, &mut random),
            &bytes,
        );
        counts.add(damage, outcome);
    }
    println!("SQLite\n{counts}");
    for outcome in [Outcome::Harmless, Outcome::RefusedAtStart, Outcome::NoticedWhenRead] {
        assert_ne!(counts.of(outcome), 0, "{outcome:?} has not come up");
    }
}

impl History {
    fn make() -> Self {
        let folder = tempfile::tempdir_in(servers::memory()).unwrap();
        let work_in = folder.path().join("work");
        fs::create_dir(&work_in).unwrap();
        let ledger = Ledger::create(Place::Sqlite(journal_in(&work_in)), &work_in);
        let mut written = Acknowledged::default();
        work(&ledger, &mut written, 100);
        copy_folder(&work_in, &folder.path().join(OLD_AT_REST));
        // Another connection keeps the log from being folded into the file.
        let reader = ledger.store().unwrap();
        work(&ledger, &mut written, 100);
        copy_folder(&work_in, &folder.path().join(OLD));
        work(&ledger, &mut written, 100);
        copy_folder(&work_in, &folder.path().join(CRASHED));
        drop(reader);
        drop(ledger.start().unwrap());
        copy_folder(&work_in, &folder.path().join(AT_REST));
        Self { folder, written }
    }

    fn at(&self, state: &str) -> PathBuf {
        self.folder.path().join(state)
    }

    fn damage(&self, folder: &Path, damage: &str, random: &mut Random) {
        let file = journal_in(folder);
        let log = folder.join(FILES[1]);
        let has_log = log.exists();
        match damage {
            "a bit of the log flipped" if has_log => flip(&log, random),
            "the log cut" if has_log => cut(&log, random),
            "the log lost" if has_log => fs::remove_file(&log).unwrap(),
            "a bit of the file flipped" | "a bit of the log flipped" => flip(&file, random),
            "a page zeroed" => {
                let of_log = has_log && random.below(2) == 0;
                zero_page(if of_log { &log } else { &file }, PAGE_BYTES, random);
            }
            "the file cut" | "the log cut" | "the log lost" => cut(&file, random),
            "an old copy of one file" => {
                let old = self.at(random.one_of::<&str>(&[OLD, OLD_AT_REST]));
                let name = random.one_of(&FILES[..2]);
                restore(&old, folder, name);
            }
            "an old copy of all files" => {
                let old = self.at(random.one_of::<&str>(&[OLD, OLD_AT_REST]));
                FILES.iter().for_each(|name| restore(&old, folder, name));
            }
            "two pages exchanged" => exchange_pages(&file, PAGE_BYTES, random),
            other => panic!("no such damage: {other}"),
        }
    }
}

/// Makes a file what it was, or was not.
fn restore(old: &Path, folder: &Path, name: &str) {
    let (old, new) = (old.join(name), folder.join(name));
    match old.exists() {
        true => drop(fs::copy(old, new).unwrap()),
        false if new.exists() => fs::remove_file(new).unwrap(),
        false => {}
    }
}

fn judge_copy(
    history: &History,
    state: &str,
    damage: impl FnOnce(&Path),
    bytes: &[journal::Stored],
) -> Outcome {
    let copy = tempfile::tempdir_in(servers::memory()).unwrap();
    copy_folder(&history.at(state), copy.path());
    damage(copy.path());
    judge(&ledger_in(copy.path()), &history.written, bytes)
}

fn ledger_in(folder: &Path) -> Ledger {
    Ledger { place: Place::Sqlite(journal_in(folder)), anchor: folder.join("anchor") }
}

fn journal_in(folder: &Path) -> PathBuf {
    folder.join(FILES[0])
}
