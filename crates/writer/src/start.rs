//! From a journal to a book in memory.

use std::error::Error;
use std::path::{Path, PathBuf};

use journal::anchor::{self, AnchorError, Mark, Mismatch};
use journal::{Anchor, Epoch, Failure, Head, OpenError, ReadError, Reader, Store, WriterId};
use ledger::{Book, Entry, Position};
use tracing::{info, warn};

use crate::append::is_there;
use crate::machine::Batch;
use crate::seen::{Filed, Seen};
use crate::snapshot;

/// Entries read at once while replaying: an entry may take megabytes, and a page of them is in memory.
const PAGE: usize = 256;
/// A replay longer than this is spared to the next start by a snapshot: it takes about a tenth of a second.
const REPLAY_MAX: u64 = 100_000;

/// Where a book is kept.
pub struct Home {
    /// Its journal.
    pub store: Box<dyn Store>,
    /// The file outside the journal that knows its end, and what it says, where there is one.
    pub anchor: Option<(Anchor, Mark)>,
    /// Which life of the book it is: another one after a loss was accepted.
    pub incarnation: [u8; 16],
    /// Where the snapshot is, where there is one.
    pub snapshot: Option<PathBuf>,
    /// What others know of this incarnation of the journal.
    pub witnesses: Vec<Witness>,
}

/// Somebody else who knows how far a journal had come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// Who it is, for operators.
    pub name: String,
    /// An entry that the journal has, or had.
    pub head: Head,
}

/// Why a writer does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The journal is not the one that was acknowledged, or not all of it.
    #[error("the journal does not agree with its anchor")]
    Mismatch(#[from] Mismatch),
    /// The journal is not the one that somebody else has seen, or not all of it.
    #[error("the journal does not agree with what `{name}` has seen of it")]
    Witness {
        /// Who has seen it.
        name: String,
        /// What is wrong.
        #[source]
        source: Mismatch,
    },
    /// The anchor can't be read.
    #[error("the anchor can't be read")]
    Anchor(#[from] AnchorError),
    /// The journal can't be opened.
    #[error("the journal can't be opened")]
    Open(#[from] OpenError),
    /// Entries can't be read.
    #[error("the journal can't be read")]
    Read(#[from] ReadError),
    /// What the journal's index says of ids that count once is not what its entries say: a command could be done twice.
    #[error("the journal's index of ids is not that of its entries")]
    Misfiled,
    /// The book can't be claimed.
    #[error("the book can't be claimed")]
    Claim(#[source] Failure),
    /// The anchor can't be written.
    #[error("the anchor can't be written")]
    Advance(#[source] std::io::Error),
    /// The system gives no random bytes.
    #[error("no random bytes")]
    Random(#[source] getrandom::Error),
    /// There is no thread to be had.
    #[error("no thread can be started")]
    Thread(#[source] std::io::Error),
}

impl StartError {
    /// Whether the same may go well in a moment. A journal that is not what was acknowledged stays that.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Open(
                OpenError::Setting { .. }
                | OpenError::Version { .. }
                | OpenError::MayChange { .. }
                | OpenError::UnknownBook { .. }
                | OpenError::BookExists { .. },
            )
            | Self::Misfiled
            | Self::Anchor(AnchorError::Unreadable)
            | Self::Claim(Failure::Fenced) => false,
            Self::Mismatch(mismatch) | Self::Witness { source: mismatch, .. } => {
                matches!(mismatch, Mismatch::Unreadable(ReadError::Database(_)))
            }
            Self::Open(OpenError::Database(_))
            | Self::Anchor(AnchorError::Io(_))
            | Self::Read(_)
            | Self::Claim(_)
            | Self::Advance(_)
            | Self::Random(_)
            | Self::Thread(_) => true,
        }
    }
}

/// A book that can be written.
pub struct Started {
    /// Where it is kept.
    pub home: Home,
    /// Who has claimed it.
    pub writer: WriterId,
    /// Under which claim.
    pub epoch: Epoch,
    /// The book after the last entry.
    pub book: Book,
    /// That entry.
    pub head: Head,
    /// Its ids that count once.
    pub seen: Seen,
    /// A reader beside the store.
    pub reader: Box<dyn Reader>,
}

/// A book in memory, as its journal has it.
pub struct Loaded {
    /// The book after the last entry that was read.
    pub book: Book,
    /// That entry.
    pub head: Head,
    /// Its ids that count once.
    pub seen: Seen,
}

/// Claims the book for a new writer, and loads it.
pub fn start(mut home: Home, writer: WriterId) -> Result<Started, StartError> {
    let epoch = home.store.claim(writer).map_err(StartError::Claim)?;
    let loaded = load(&mut home, Others::Fenced)?;
    let reader = home.store.reader()?;
    begin(home, reader, writer, epoch, loaded)
}

/// The same for a writer that had the book and lost sight of it when it stored `batch`. Says whether that is there.
pub fn start_again(
    mut home: Home,
    writer: WriterId,
    batch: &Batch,
) -> Result<(Started, bool), StartError> {
    let mut started = if home.store.is_shared() {
        // Whoever stands by takes a claim for a sign of life: there is none before most of what may fail has gone well.
        let loaded = load_beside(&mut home)?;
        let reader = home.store.reader()?;
        let epoch = home.store.reclaim(writer).map_err(StartError::Claim)?;
        begin(home, reader, writer, epoch, loaded)?
    } else {
        // A claim that is written settles what a torn commit has left in a file: nothing is read before.
        let epoch = home.store.reclaim(writer).map_err(StartError::Claim)?;
        let loaded = load(&mut home, Others::Fenced)?;
        let reader = home.store.reader()?;
        begin(home, reader, writer, epoch, loaded)?
    };
    // What was in doubt is looked for under the new claim: nothing comes after it that could still be stored.
    let is_stored = is_there(batch, started.reader.as_mut())?;
    Ok((started, is_stored))
}

/// Claims the book from whoever claimed it as `orphaned`, for a process that has followed it: `standby` is what it has read,
/// and where. `None`, without a claim, when that is of no use any more.
///
/// `home` is another one than that which was followed: others may have seen more of the journal since.
pub fn take_over(
    mut home: Home,
    standby: &mut Option<(Home, Loaded)>,
    writer: WriterId,
    orphaned: Epoch,
) -> Result<Option<Started>, StartError> {
    let followed = standby.as_mut().filter(|(old, _)| old.incarnation == home.incarnation);
    let Some((_, loaded)) = followed else {
        *standby = None;
        return Ok(None);
    };
    check(&mut home)?;
    // Others take a claim for a sign of life: who can't read the journal or write its anchor makes none.
    follow(&mut home, loaded)?;
    let reader = home.store.reader()?;
    let epoch = home.store.succeed(writer, orphaned).map_err(StartError::Claim)?;
    let Some((_, loaded)) = standby.take() else { return Ok(None) };
    begin(home, reader, writer, epoch, loaded).map(Some)
}

/// An id that no other writer has.
pub(crate) fn new_writer() -> Result<WriterId, StartError> {
    let mut writer = WriterId([0; 16]);
    getrandom::fill(&mut writer.0).map_err(StartError::Random)?;
    Ok(writer)
}

/// Goes on as the writer that has claimed the book, from what is loaded of it.
fn begin(
    mut home: Home,
    reader: Box<dyn Reader>,
    writer: WriterId,
    epoch: Epoch,
    mut loaded: Loaded,
) -> Result<Started, StartError> {
    follow(&mut home, &mut loaded)?;
    let Loaded { book, head, seen } = loaded;
    Ok(Started { home, writer, epoch, book, head, seen, reader })
}

/// Loads a book that another one may be writing.
pub fn load_beside(home: &mut Home) -> Result<Loaded, StartError> {
    load(home, Others::AtWork)
}

/// Who else may append while a book is loaded.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Others {
    Fenced,
    AtWork,
}

/// Compares the journal with the anchor and the witnesses, and replays what the snapshot does not know.
fn load(home: &mut Home, others: Others) -> Result<Loaded, StartError> {
    check(home)?;
    let from = usable_snapshot(home)?.unwrap_or_default();
    let mut replayed = replay(home, from)?;
    let mut seen = Seen::default();
    let end = replayed.head.position;
    home.store.references(&mut |reference, position| {
        // What is appended meanwhile is followed like everything that comes later.
        if others == Others::Fenced || position <= end {
            seen.insert(reference, position);
        }
    })?;
    if seen.filed() != replayed.filed {
        // It may be the snapshot that is wrong: the entries decide.
        replayed = replay_to(home, Replayed::default(), end)?;
        if seen.filed() != replayed.filed {
            return Err(StartError::Misfiled);
        }
    }
    let Replayed { book, head, filed, count: replayed } = replayed;
    advance(home, head)?;
    if REPLAY_MAX < replayed {
        save(home.snapshot.as_deref(), home.incarnation, &book, head, filed);
    }
    info!(position = head.position.0, replayed, "book loaded");
    Ok(Loaded { book, head, seen })
}

/// Compares the journal with the anchor and the witnesses.
fn check(home: &mut Home) -> Result<(), StartError> {
    let (store, incarnation) = (home.store.as_mut(), home.incarnation);
    if let Some((_, mark)) = &home.anchor {
        anchor::check(store, incarnation, *mark)?;
    }
    let book = store.book();
    for Witness { name, head } in &home.witnesses {
        anchor::check(store, incarnation, Mark { book, incarnation, head: *head })
            .map_err(|source| StartError::Witness { name: name.clone(), source })?;
    }
    Ok(())
}

/// Reads what was appended since, and lets the anchor know of all that was read.
pub fn follow(home: &mut Home, loaded: &mut Loaded) -> Result<(), StartError> {
    let end = home.store.head()?;
    if loaded.head != end {
        read_on(home, loaded, end)?;
    }
    advance(home, loaded.head)
}

fn read_on(home: &mut Home, loaded: &mut Loaded, end: Head) -> Result<(), StartError> {
    let Loaded { book, head, seen } = loaded;
    let known = head.position;
    if end.position < known {
        return Err(Mismatch::Behind { anchored: known, found: end.position }.into());
    }
    match read_to(home, end.position, book, head, |entry| seen.insert_all_of(entry)) {
        Ok(1..) => Ok(()),
        Ok(0) => Err(Mismatch::Differs { position: known }.into()),
        // The first of them does not follow what is known here.
        Err(ReadError::Changed { position, .. }) if position == known => {
            Err(Mismatch::Differs { position }.into())
        }
        Err(error) => Err(error.into()),
    }
}

/// What was committed and not acknowledged before a crash counts from now on.
fn advance(home: &mut Home, head: Head) -> Result<(), StartError> {
    let Some((anchor, mark)) = &mut home.anchor else { return Ok(()) };
    // An earlier write may have failed.
    *mark = anchor.reopen()?;
    if mark.head != head {
        anchor.advance(head).map_err(StartError::Advance)?;
        mark.head = head;
    }
    Ok(())
}

/// A book, and what it was made of.
struct Replayed {
    book: Book,
    head: Head,
    /// The sum over the ids of its entries.
    filed: Filed,
    /// How many entries were read.
    count: u64,
}

impl Default for Replayed {
    /// Before the first entry.
    fn default() -> Self {
        Self { book: Book::default(), head: Head::EMPTY, filed: Filed::default(), count: 0 }
    }
}

/// Goes on to the journal's end.
fn replay(home: &mut Home, from: Replayed) -> Result<Replayed, ReadError> {
    let end = home.store.head()?.position;
    replay_to(home, from, end)
}

fn replay_to(home: &mut Home, from: Replayed, end: Position) -> Result<Replayed, ReadError> {
    let Replayed { mut book, mut head, mut filed, mut count } = from;
    count += read_to(home, end, &mut book, &mut head, |entry| filed.add_all_of(entry))?;
    Ok(Replayed { book, head, filed, count })
}

/// Applies the entries after `head`, and shows each. Says how many there were.
fn read_to(
    home: &mut Home,
    end: Position,
    book: &mut Book,
    head: &mut Head,
    mut each: impl FnMut(&Entry),
) -> Result<u64, ReadError> {
    let before = head.position.0;
    while head.position < end {
        let limit = usize::try_from(end.0 - head.position.0).map_or(PAGE, |rest| rest.min(PAGE));
        let page = home.store.read(head.position.next(), limit)?;
        if page.is_empty() {
            // The end is found, and not what leads to it: two looks at a damaged index.
            return Err(ReadError::Missing { position: head.position.next() });
        }
        for stored in page {
            if stored.previous != head.hash {
                let (position, named_by) = (head.position, "the entry after it");
                return Err(ReadError::Changed { position, named_by });
            }
            book.apply(&stored.entry);
            each(&stored.entry);
            *head = Head { position: stored.entry.position, hash: stored.hash };
        }
    }
    Ok(head.position.0 - before)
}

/// The snapshot, if it is one of this journal: the entry that it was made after has the hash that it names.
fn usable_snapshot(home: &mut Home) -> Result<Option<Replayed>, ReadError> {
    let Some(path) = &home.snapshot else { return Ok(None) };
    let Some((book, head, filed)) = snapshot::read(path, home.incarnation) else { return Ok(None) };
    if head == Head::EMPTY || home.store.head()?.position < head.position {
        return Ok(None);
    }
    let at_head = home.store.read(head.position, 1)?;
    let is_this_journal = at_head.first().is_some_and(|stored| stored.hash == head.hash);
    Ok(is_this_journal.then_some(Replayed { book, head, filed, count: 0 }))
}

/// Writes a snapshot, where there is a place for it. It is a help, not a promise: a failure is told and survived.
pub fn save(path: Option<&Path>, incarnation: [u8; 16], book: &Book, head: Head, filed: Filed) {
    let Some(path) = path else { return };
    if let Err(error) = snapshot::write(path, incarnation, book, head, filed) {
        warn!(error = &error as &dyn Error, "no snapshot was written");
    }
}
