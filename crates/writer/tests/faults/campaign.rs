//! What becomes of a ledger whose files were damaged.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use journal::{Reader, Stored};
use ledger::Position;
use servers::Random;
use writer::StartError;

use crate::ledger::{Acknowledged, Ledger, reference};

/// What came of a damage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    /// Everything is there and readable.
    Harmless,
    /// The database or the writer does not start.
    RefusedAtStart,
    /// The writer starts, and what is damaged is an error when it is asked for.
    NoticedWhenRead,
}

/// How often each damage had each outcome.
#[derive(Debug, Default)]
pub(crate) struct Counts(BTreeMap<(&'static str, Outcome), usize>);

impl Counts {
    pub(crate) fn add(&mut self, damage: &'static str, outcome: Outcome) {
        *self.0.entry((damage, outcome)).or_default() += 1;
    }

    pub(crate) fn of(&self, outcome: Outcome) -> usize {
        self.0.iter().filter(|((_, found), _)| *found == outcome).map(|(_, count)| count).sum()
    }
}

/// A line for each damage.
impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let outcomes = [Outcome::Harmless, Outcome::RefusedAtStart, Outcome::NoticedWhenRead];
        writeln!(f, "| damage | harmless | refused at start | noticed when read |")?;
        writeln!(f, "| --- | --- | --- | --- |")?;
        let damages: std::collections::BTreeSet<_> =
            self.0.keys().map(|(damage, _)| damage).collect();
        for damage in damages {
            let [harmless, refused, noticed] =
                outcomes.map(|outcome| self.0.get(&(*damage, outcome)).copied().unwrap_or(0));
            writeln!(f, "| {damage} | {harmless} | {refused} | {noticed} |")?;
        }
        let [harmless, refused, noticed] = outcomes.map(|outcome| self.of(outcome));
        write!(f, "| **all** | {harmless} | {refused} | {noticed} |")
    }
}

/// Starts the ledger as a writer does, and compares all that it serves with what was acknowledged.
///
/// # Panics
///
/// When it starts with less than was acknowledged, serves what was not written, or does anything twice.
pub(crate) fn judge(ledger: &Ledger, written: &Acknowledged, bytes: &[Stored]) -> Outcome {
    let running = match ledger.start() {
        Ok(running) => running,
        Err(StartError::Random(error)) => panic!("{error}"),
        Err(StartError::Thread(error)) => panic!("{error}"),
        Err(_) => return Outcome::RefusedAtStart,
    };
    let Ok(mut store) = ledger.store() else { return Outcome::NoticedWhenRead };
    let reader: &mut dyn Reader = store.as_mut();
    let mut is_whole = true;
    match reader.head() {
        Ok(head) => assert!(written.head() <= head.position, "fewer than acknowledged"),
        Err(_) => is_whole = false,
    }
    let mut note = |is_as_written: bool| is_whole &= is_as_written;
    note(serves_only_what_was_written(reader, Position(1), usize::MAX, bytes));
    for stored in bytes {
        note(serves_only_what_was_written(reader, stored.entry.position, 1, bytes));
    }
    for (number, entry) in &written.0 {
        match reader.find(reference(*number)) {
            Ok(Some(found)) => assert_eq!(found.entry.position, entry.position, "command {number}"),
            // Whether it would be done again is what the writer says below.
            Ok(None) | Err(_) => note(false),
        }
        match running.submit(*number) {
            Ok(again) => {
                assert!(again.is_replay, "command {number} is done twice");
                assert_eq!(&again.entry, entry, "command {number}");
            }
            Err(_) => note(false),
        }
    }
    note(running.submit(1_000_000).is_ok());
    note(reader.tree().is_ok());
    if is_whole { Outcome::Harmless } else { Outcome::NoticedWhenRead }
}

/// Whether all of it is there. What is served and was not written is a panic.
fn serves_only_what_was_written(
    reader: &mut dyn Reader,
    from: Position,
    limit: usize,
    written: &[Stored],
) -> bool {
    let Ok(found) = reader.read(from, limit) else { return false };
    let before = from.0 as usize - 1;
    let expected = &written[before..];
    for (found, written) in found.iter().zip(expected) {
        assert_eq!(
            found.bytes, written.bytes,
            "entry {} is not what was written",
            found.entry.position
        );
    }
    expected.len().min(limit) <= found.len()
}

/// Flips a bit somewhere in a file.
pub(crate) fn flip(path: &Path, random: &mut Random) {
    let mut bytes = fs::read(path).unwrap();
    let at = random.below(bytes.len());
    bytes[at] ^= 1 << random.below(8);
    fs::write(path, bytes).unwrap();
}

/// Makes a page of a file zero.
pub(crate) fn zero_page(path: &Path, page_bytes: usize, random: &mut Random) {
    let mut bytes = fs::read(path).unwrap();
    let start = random.below(bytes.len().div_ceil(page_bytes)) * page_bytes;
    let end = bytes.len().min(start + page_bytes);
    bytes[start..end].fill(0);
    fs::write(path, bytes).unwrap();
}

/// Cuts a file.
pub(crate) fn cut(path: &Path, random: &mut Random) {
    let length = fs::metadata(path).unwrap().len() as usize;
    let file = fs::File::options().write(true).open(path).unwrap();
    file.set_len(random.below(length) as u64).unwrap();
}

/// Exchanges two pages of a file.
pub(crate) fn exchange_pages(path: &Path, page_bytes: usize, random: &mut Random) {
    let mut bytes = fs::read(path).unwrap();
    let pages = bytes.len() / page_bytes;
    if pages < 2 {
        return;
    }
    let (one, other) = (random.below(pages), random.below(pages));
    for offset in 0..page_bytes {
        bytes.swap(one * page_bytes + offset, other * page_bytes + offset);
    }
    fs::write(path, bytes).unwrap();
}

/// Copies a folder with all that is in it.
pub(crate) fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for item in fs::read_dir(from).unwrap() {
        let path = item.unwrap().path();
        let target: PathBuf = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_folder(&path, &target);
        } else if path.is_file() {
            fs::copy(&path, &target).unwrap();
        }
    }
}

/// Sends so many commands after those that were acknowledged, some one by one and some at once.
pub(crate) fn work(ledger: &Ledger, written: &mut Acknowledged, commands: u64) {
    let running = ledger.start().unwrap();
    let first = written.0.len() as u64 + 1;
    let middle = first + commands / 2;
    let mut answered: Vec<(u64, Arc<ledger::Entry>)> =
        (first..middle).map(|number| (number, running.submit(number).unwrap().entry)).collect();
    let at_once = running.submit_all(middle..first + commands);
    answered.extend(at_once.into_iter().map(|(number, answer)| (number, answer.unwrap().entry)));
    written.0.extend(answered);
}
