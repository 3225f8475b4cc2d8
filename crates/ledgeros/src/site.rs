//! The data folder that the roles of a service share: its books, each with its keys and the way to its database.
//!
//! Each process holds a share of the folder's lock, and of each book's: `serve`, and what operators do alone, wait until
//! all of them have ended. Nothing of what lies there is changed while they run, but for the vault, new books, and the
//! anchors, which writers move on.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use gateway::BookCode;
use journal::anchor::{self, Mark};
use journal::checkpoint::{Origin, SigningKey};
use journal::{Anchor, Head, OpenError, ReadError, Reader};
use ledger::{BookId, Event, Position};
use projector::Place;
use vault::Vault;
use writer::{Home, StartError, Witness};

use crate::folder::{self, Opening};
use crate::journal_place::JournalPlace;
use crate::{checkpoint_keys, library};

/// How long is waited for others who move a folder's anchor on or make its keys: each takes some milliseconds.
const ANCHOR_WAIT_MAX: Duration = Duration::from_secs(1);
const ANCHOR_RETRY: Duration = Duration::from_millis(10);

/// Entries read at once in search of a recovery.
const PAGE: u64 = 1_000;

/// A data folder, shared with the other processes of a service.
#[derive(Debug)]
pub struct Site {
    data: PathBuf,
    _share: File,
}

/// A book of the folder.
#[derive(Debug, Clone)]
pub struct SiteBook {
    /// What operators call it.
    pub code: BookCode,
    /// How it began.
    pub opening: Opening,
    path: PathBuf,
    url: String,
    incarnation: [u8; 16],
    _share: Arc<File>,
}

/// The anchor of a book's folder, which `serve` and operators ask alone once the roles have ended. Clones are one.
#[derive(Debug, Clone)]
pub struct FoldersAnchor {
    book: SiteBook,
    /// The writer's own.
    own: PathBuf,
    /// What it said when the journal was found to have that.
    checked: Arc<Mutex<Option<Mark>>>,
}

impl Site {
    /// Takes a share of the folder. Refused while `serve` has it.
    pub fn join(data: &Path) -> Result<Self> {
        Ok(Self { data: data.to_owned(), _share: folder::share(data)? })
    }

    /// Where it is.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// The books that are there now and where, the folder's own first.
    pub fn places(&self) -> Result<Vec<(BookCode, PathBuf)>> {
        let own = (BookCode::default_book(), self.data.clone());
        Ok([vec![own], library::further(&self.data)?].concat())
    }
}

impl SiteBook {
    /// Takes a share of a book's folder.
    pub fn open(code: BookCode, path: PathBuf) -> Result<Self> {
        let share = Arc::new(folder::share(&path)?);
        let opening = folder::opening(&path)?.context("it was never opened")?;
        let incarnation = anchor::read(&folder::anchor_of(&path))?.incarnation;
        let JournalPlace::Postgres(url) = JournalPlace::of(&path)? else {
            bail!(
                "its journal is in a file: services need one in PostgreSQL, named by `database.url`"
            )
        };
        Ok(Self { code, opening, path, url, incarnation, _share: share })
    }

    /// Its id.
    pub fn id(&self) -> BookId {
        self.opening.book
    }

    /// What tells its journal from an earlier one that was given up.
    pub fn incarnation(&self) -> [u8; 16] {
        self.incarnation
    }

    /// The URL of its database.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where its read models are.
    pub fn read_models(&self) -> Place {
        Place::Postgres { url: self.url.clone(), book: self.id() }
    }

    /// Where what its webhooks are told is kept.
    pub fn messages(&self) -> courier::Place {
        courier::Place::Postgres { url: self.url.clone(), book: self.id() }
    }

    /// Opens its journal for reading.
    pub fn reader(&self) -> Result<Box<dyn Reader>, OpenError> {
        Ok(JournalPlace::Postgres(self.url.clone()).reader(self.id())?.journal)
    }

    /// The end of its journal.
    pub fn head(&self) -> Result<Head> {
        Ok(self.reader()?.head()?)
    }

    /// Opens its vault, which other processes may have open.
    pub fn vault(&self) -> Result<Vault> {
        folder::vault_of(&self.path)
    }

    /// What a writer of it works on, with an anchor and snapshots of its own in `state`. What the folder's anchor says is
    /// asked for, too: `serve` and operators may have written since the writer did. It may be asked again.
    pub fn home(
        &self,
        state: &Path,
    ) -> Result<impl FnMut() -> Result<Home, StartError> + Send + use<>> {
        let state = self.own(state);
        folder::make(&state)?;
        // While the folder is shared, leaders move it on, by what this writer reads in the journal, too.
        let folders = anchor::read(&folder::anchor_of(&self.path))?;
        self.anchor(&folder::anchor_of(&state), folders)?;
        let witness = Witness { name: "the folder's anchor".to_owned(), head: folders.head };
        let (place, book, key) = (JournalPlace::Postgres(self.url.clone()), self.id(), self.key()?);
        Ok(move || {
            let home = folder::home(&state, &place, book, &key)?;
            Ok(Home { witnesses: vec![witness.clone()], ..home })
        })
    }

    /// The folder's anchor, for the writer with this state.
    pub fn folders_anchor(&self, state: &Path) -> FoldersAnchor {
        let own = folder::anchor_of(&self.own(state));
        FoldersAnchor { book: self.clone(), own, checked: Arc::default() }
    }

    /// Keeps others from the folder's anchor and keys, until it is dropped.
    fn alone(&self) -> Result<File> {
        let folder = File::open(&self.path)?;
        let until = Instant::now() + ANCHOR_WAIT_MAX;
        loop {
            match folder.try_lock() {
                Ok(()) => return Ok(folder),
                Err(TryLockError::WouldBlock) if Instant::now() < until => {
                    thread::park_timeout(ANCHOR_RETRY);
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// What a writer with this state has of the book.
    fn own(&self, state: &Path) -> PathBuf {
        state.join(self.id().to_string())
    }

    /// The key that signs checkpoints.
    fn key(&self) -> Result<SigningKey> {
        checkpoint_keys::signing(&self.path, Origin::new(self.id(), self.incarnation))
    }

    /// Sees to it that a writer has an anchor of this life of the book: one of its own, or what the folder's says.
    fn anchor(&self, path: &Path, folders: Mark) -> Result<()> {
        if !path.try_exists()? {
            Anchor::create(path, folders)?;
            return Ok(());
        }
        let (own, named) = (anchor::read(path)?, path.display());
        ensure!(own.book == folders.book, "`{named}` is another book's");
        if own.incarnation != folders.incarnation {
            ensure!(
                is_given_up(&mut *self.reader()?, own.incarnation, folders.head.position)?,
                "`{named}` is of another incarnation of the journal than the folder's anchor, and nobody has accepted its \
                 loss: put it there as `{}`, with the journal that it is of; if that is gone for good, accept what was \
                 lost with `ledgeros recover --accept-loss`",
                folder::anchor_of(&self.path).display()
            );
            // What was lost since was accepted by two operators.
            Anchor::replace(path, folders)?;
        }
        Ok(())
    }
}

impl FoldersAnchor {
    /// Lets it know what the writer's own does.
    ///
    /// Refused where the journal does not have what it names: that may be all that tells of a loss.
    pub fn move_on(&self) -> Result<()> {
        let mut checked = self.checked.lock().unwrap_or_else(PoisonError::into_inner);
        let path = folder::anchor_of(&self.book.path);
        let folders = anchor::read(&path)?;
        // Opened, and not only read: what it says is on disk then.
        let (_, own) = Anchor::open(&self.own)?;
        if *checked != Some(folders) {
            anchor::check(&mut *self.book.reader()?, own.incarnation, folders)?;
            *checked = Some(folders);
        }
        if own.head.position <= folders.head.position {
            return Ok(());
        }
        let _alone = self.book.alone()?;
        let (mut anchor, found) = Anchor::open(&path)?;
        // Or else another writer has moved it on meanwhile.
        if found == folders {
            anchor.advance(own.head)?;
            *checked = Some(own);
        }
        Ok(())
    }
}

/// Whether a journal says, up to an entry, that what came after an incarnation of it was accepted as lost. It is read
/// backwards: mostly the recovery was not long ago.
fn is_given_up(
    journal: &mut dyn Reader,
    incarnation: [u8; 16],
    end: Position,
) -> Result<bool, ReadError> {
    let is_its = |event: &Event| match event {
        Event::JournalRecovered(event) => {
            let anchored = event.anchored.map(|anchored| anchored.incarnation);
            event.from == incarnation || anchored == Some(incarnation)
        }
        _ => false,
    };
    let mut rest = end.0.min(journal.head()?.position.0);
    while 0 < rest {
        let count = rest.min(PAGE);
        rest -= count;
        let limit = usize::try_from(count).expect("a page has a thousand entries");
        let page = journal.read(Position(rest).next(), limit)?;
        if page.iter().flat_map(|stored| &stored.entry.events).any(is_its) {
            return Ok(true);
        }
    }
    Ok(false)
}
