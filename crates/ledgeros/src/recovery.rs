//! `ledgeros recover`: goes on after a loss that two operators have accepted.
//!
//! The steps, in this order, each of which may be the last one before a crash; the same command again cures it:
//!
//! 1. the public half of the checkpoints' key, under the names of the incarnation that is and of the one to come: harmless
//!    if that never comes;
//! 2. the entry and the incarnation, in one transaction: from here on it has happened, and the journal says so;
//! 3. read models, messages to webhooks and snapshot are removed, which may show entries that were lost;
//! 4. the anchor is replaced by one of the journal as it is, as a whole: from here on the ledger starts.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};
use audit::Evidence;
use journal::anchor::{self, AnchorError, Mark, Mismatch};
use journal::checkpoint::{self, InvalidNote, Origin, VerifyingKey};
use journal::statement::{Act, Statement};
use journal::{Anchor, Head, Store};
use ledger::recovery::{Anchored, JournalRecovered, RecoverJournal};
use ledger::{BookId, Command, Event, Position};
use projector::Place;
use tracing::{error, info, warn};
use writer::{Home, Offline};

use crate::journal_place::{JournalPlace, Opened};
use crate::output::print;
use crate::{checkpoint_keys, folder, operators};

const RESTORE: &str = "what is left can't be relied on: restore a backup first";
/// A backup that was restored without its secrets is sound, and has no keys to tell by.
const UNLISTED: &str = "checkpoints are signed with a key that is not in `checkpoint.pub`: put the copy of it there that is \
                        among the secrets or with an auditor; if that lacks the key, too, restore a backup first";

/// Prints what has to be approved, or, once it is, does it.
pub(crate) fn run(data: &Path, approved: Option<&Path>) -> Result<ExitCode> {
    let journal = JournalPlace::of(data)?;
    ensure!(!journal.books()?.is_empty(), "there is no journal: restore a backup first");
    let _lock = folder::lock(data)?;
    tell_of_log(&journal);
    let anchored = anchored(data)?;
    let book = book_of(&journal, anchored)?;
    let Opened { journal: mut store, incarnation } = journal.store(book, None)?;
    let head = store.head().context(RESTORE)?;
    ensure!(head != Head::EMPTY, "the journal has no entry: restore a backup first");
    let anchored = anchored.map(|mark| recorded(&mark));
    if let Some(begun) = unfinished(&mut *store, incarnation, anchored)? {
        let path = approved.context("a recovery was cut short: run it again with its approval")?;
        let is_its = operators::read(path)? == begun.approval.as_str();
        ensure!(
            is_its,
            "`{}` is not the approval of the recovery that was cut short",
            path.display()
        );
        return finish(data, Mark { book, incarnation, head });
    }

    let why = loss(&mut *store, incarnation, book, anchored)?;
    let statement = Statement { book, incarnation, head, act: Act::AcceptLoss { anchored } };
    checkpoint_keys::publish_own(data, &Origin::new(book, incarnation))?;
    verify_rest(data, &mut *store, incarnation, head)?;
    let Some(path) = approved else {
        warn!("{why}");
        return print(&statement.to_string());
    };

    let approval = operators::approved(data, path, &statement)?;
    let mut to = [0; 16];
    getrandom::fill(&mut to)?;
    let key = checkpoint_keys::signing(data, Origin::new(book, to))?;
    let store = journal.store(book, Some(key))?.journal;
    let rest = Offline::open(Home {
        store,
        anchor: None,
        incarnation: to,
        snapshot: None,
        witnesses: Vec::new(),
    })?;
    let command = RecoverJournal { from: incarnation, to, anchored, approval };
    let request = operators::request(&statement, Command::RecoverJournal(command));
    let entry = rest.decide(&request)?;
    let head = Head { position: entry.entry.position, hash: entry.hash };
    rest.begin_incarnation(to, &entry)?;
    finish(data, Mark { book, incarnation: to, head })
}

/// Says that there is a log, which SQLite makes part of the journal: whether it is that of the file beside it, nothing in
/// either tells.
fn tell_of_log(journal: &JournalPlace) {
    let JournalPlace::Sqlite(path) = journal else { return };
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    if fs::metadata(&log).is_ok_and(|log| 0 < log.len()) {
        warn!(
            "`{}` becomes part of the journal: if it is the lost one's, move both away and put the journal back again",
            Path::new(&log).display()
        );
    }
}

/// What the anchor says; `None` when there is none that could be read.
fn anchored(data: &Path) -> Result<Option<Mark>> {
    match anchor::read(&folder::anchor_of(data)) {
        Ok(mark) => Ok(Some(mark)),
        Err(AnchorError::Unreadable) => Ok(None),
        Err(AnchorError::Io(error)) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn recorded(mark: &Mark) -> Anchored {
    let Mark { incarnation, head: Head { position, hash }, .. } = *mark;
    Anchored { incarnation, position, hash: hash.0 }
}

/// The anchor's book, or else the only one.
fn book_of(journal: &JournalPlace, anchored: Option<Mark>) -> Result<BookId> {
    let books = journal.books()?;
    match (anchored, &books[..]) {
        (Some(mark), books) => {
            let is_there = books.contains(&mark.book);
            ensure!(is_there, "the anchor is of `{}`, which has no journal here", mark.book);
            Ok(mark.book)
        }
        (None, [book]) => Ok(*book),
        (None, _) => bail!("there is no anchor, and more than one book: nobody knows whose it was"),
    }
}

/// The recovery that the journal's last entry speaks of, if the anchor still says what it said before.
fn unfinished(
    store: &mut dyn Store,
    incarnation: [u8; 16],
    anchored: Option<Anchored>,
) -> Result<Option<JournalRecovered>> {
    let end = store.head()?.position;
    let last = store.read(end, 1).context(RESTORE)?;
    let events = last.iter().flat_map(|stored| &stored.entry.events);
    let recovered = events.into_iter().find_map(|event| match event {
        Event::JournalRecovered(event) => Some(event),
        _ => None,
    });
    let begun = recovered.filter(|event| (event.to, event.anchored) == (incarnation, anchored));
    Ok(begun.cloned())
}

/// What is lost, in words. Refuses when nothing is.
fn loss(
    store: &mut dyn Store,
    incarnation: [u8; 16],
    book: BookId,
    anchored: Option<Anchored>,
) -> Result<String> {
    let Some(Anchored { incarnation: of, position, hash }) = anchored else {
        let end = store.head()?.position;
        return Ok(format!(
            "there is no anchor that could be read: nobody knows what came after entry `{end}`, all of it would be lost"
        ));
    };
    let head = Head { position, hash: journal::Hash(hash) };
    let mark = Mark { book, incarnation: of, head };
    match anchor::check(store, incarnation, mark) {
        Ok(()) => bail!("nothing is lost: the journal has what its anchor names"),
        Err(Mismatch::Behind { anchored, found }) => Ok(format!(
            "entries `{}` to `{anchored}` would be lost, with all that was answered from them",
            found.next()
        )),
        Err(Mismatch::Differs { position }) => Ok(format!(
            "entry `{position}` is not the one that was answered from: it and what came after it would be lost"
        )),
        Err(Mismatch::OtherIncarnation) => Ok(format!(
            "the anchor is of another incarnation, which had reached entry `{position}`: all that was answered from since \
             that began would be lost"
        )),
        Err(mismatch @ (Mismatch::OtherBook { .. } | Mismatch::Unreadable(_))) => {
            Err(mismatch).context(RESTORE)
        }
    }
}

/// Only a journal that is sound from its first entry to its last one goes on, and nothing may lie beyond that.
fn verify_rest(
    data: &Path,
    store: &mut dyn Store,
    incarnation: [u8; 16],
    head: Head,
) -> Result<()> {
    let mut beyond = store.tree().context(RESTORE)?.size() != head.position.0;
    store.checkpoints(&mut |size, _| beyond |= head.position.0 < size)?;
    store.references(&mut |_, position| beyond |= head.position < position)?;
    ensure!(!beyond, "something speaks of entries after `{}`: {RESTORE}", head.position);
    let keys = checkpoint_keys::trusted(data)?;
    let evidence = Evidence {
        anchor: None,
        incarnation,
        journal: store.reader()?,
        keys: keys.clone(),
        operators: None,
        checkpoints: Vec::new(),
        // They will be made anew.
        read_models: Place::Folder(data.join("none")),
    };
    let report = audit::verify(evidence, &mut |_| {})?;
    // Without the keys, the audit has a line for each checkpoint, and none that says what to do.
    ensure!(report.sound() || are_listed(&keys, store)?, UNLISTED);
    for found in &report.discrepancies {
        error!(position = found.position.map(|Position(position)| position), "{}", found.what);
    }
    if !report.sound() {
        report.notes.iter().for_each(|note| warn!("{note}"));
        bail!(RESTORE);
    }
    Ok(())
}

/// Whether each checkpoint is signed with one of these keys, as far as its signature says.
fn are_listed(keys: &[VerifyingKey], store: &mut dyn Store) -> Result<bool> {
    let mut all = true;
    store.checkpoints(&mut |_, note| {
        all &= checkpoint::open(keys, note) != Err(InvalidNote::NotSigned);
    })?;
    Ok(all)
}

/// All that comes after the entry.
fn finish(data: &Path, mark: Mark) -> Result<ExitCode> {
    let place = JournalPlace::of(data)?;
    place.read_models(data, mark.book).remove()?;
    place.messages(data, mark.book).remove()?;
    unless_missing(fs::remove_file(folder::snapshot_of(data)))?;
    Anchor::replace(&folder::anchor_of(data), mark)?;
    info!(position = mark.head.position.0, hash = %mark.head.hash, "recovered: keep a new checkpoint");
    Ok(ExitCode::SUCCESS)
}

fn unless_missing(removed: std::io::Result<()>) -> std::io::Result<()> {
    match removed {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}
