//! A data folder: what lies in it, and what must lie there together.
//!
//! | file | what it is |
//! | --- | --- |
//! | `lock` | held by the process that serves the folder, or shared by the roles of a service |
//! | `keys.json` | the first keys of the book, mode 0600 |
//! | `service.key` | makes and lists the books of the service, mode 0600 |
//! | `books/` | further books, each in a folder like this one; see [`crate::library`] |
//! | `master.key` | what the vault is encrypted under, mode 0600 |
//! | `checkpoint.key` | what the journal's checkpoints are signed with, mode 0600 |
//! | `checkpoint.pub` | the public keys of all that were ever signed |
//! | `operators.pub` | the public keys of those who may approve recoveries and erasures; written by hand |
//! | `anchor` | the end of the journal at the last answer; of a service, as far as its writers have told it |
//! | `database.url` | written before the first start: the PostgreSQL that has journal, read models and messages, mode 0600 |
//! | `journal.sqlite` | the entries: the only truth, if there is no `database.url` |
//! | `vault.sqlite` | personal data, documents, card numbers |
//! | `snapshot` | the book in memory; may be deleted |
//! | `courier.sqlite` | messages to webhooks and what became of them, if there is no `database.url` |
//! | `read_model/` | balances, transactions, intents, directory, if there is no `database.url`; may be deleted |

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
pub use gateway::FirstKeys;
use journal::anchor::{self, Mark};
use journal::checkpoint::{Origin, SigningKey, VerifyingKey};
use journal::{Anchor, Head, OpenError, Reader};
use ledger::book::Environment;
use ledger::{BookId, Event, Position, Timestamp};
use projector::Place;
use vault::{MasterKey, Vault};
use writer::{Home, StartError};

use crate::backup::sync_parent;
use crate::checkpoint_keys;
use crate::journal_place::{JournalPlace, Opened};

/// A folder that this process alone serves, until it is dropped.
pub struct Folder {
    path: PathBuf,
    book: BookId,
    incarnation: [u8; 16],
    /// Whether nobody was ever answered from it.
    is_new: bool,
    _lock: File,
}

impl Folder {
    /// Takes the folder for this process. An empty one, or one that is not there, gets a journal without entries.
    ///
    /// A folder that has an anchor but no journal, or the other way round, has lost something and is refused.
    pub fn open(path: &Path) -> Result<Self> {
        make(path)?;
        let lock = lock(path)?;
        let (journal, anchor) = (JournalPlace::of(path)?, anchor_of(path));
        let mark = match anchor.try_exists()? {
            true => anchor::read(&anchor)?,
            false => {
                let trace = AFTER_ANCHOR.iter().find(|name| path.join(name).exists());
                if let Some(trace) = trace {
                    bail!(
                        "`{}` is missing, but there is `{trace}`: put the surviving one there, or \
                         accept what was lost with `ledgeros recover --accept-loss`",
                        anchor.display()
                    );
                }
                first_mark(&anchor)?
            }
        };
        let Mark { book, incarnation, head } = mark;
        let is_new = head == Head::EMPTY;
        if !has_journal(&journal, mark)? {
            let anchor = anchor.display();
            ensure!(is_new, "the journal is missing, but there is `{anchor}`");
            journal.create(book, incarnation)?;
        }
        Ok(Self { path: path.to_owned(), book, incarnation, is_new, _lock: lock })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where its journal is.
    pub fn journal(&self) -> Result<JournalPlace> {
        JournalPlace::of(&self.path)
    }

    /// The book that lives here.
    pub fn book(&self) -> BookId {
        self.book
    }

    /// The key that signs checkpoints; made when there is none.
    pub fn checkpoint_key(&self) -> Result<SigningKey> {
        checkpoint_keys::signing(&self.path, Origin::new(self.book, self.incarnation))
    }

    /// Makes another key that signs checkpoints from the next start on.
    pub fn rotate_checkpoint_key(&self) -> Result<VerifyingKey> {
        let key = checkpoint_keys::rotate(&self.path, Origin::new(self.book, self.incarnation))?;
        Ok(key.verifying_key())
    }

    /// What tells the journal from any other of the same book.
    pub(crate) fn incarnation(&self) -> [u8; 16] {
        self.incarnation
    }

    /// Opens the vault; of a new folder, makes it.
    pub fn vault(&self) -> Result<Vault> {
        if !self.is_new {
            return vault_of(&self.path);
        }
        let [key, vault] = vault_files(&self.path);
        Ok(Vault::open(&vault, MasterKey::open_or_create(&key)?)?)
    }

    /// Where the read models are; a folder for them is made when it is not there.
    pub fn read_models(&self) -> Result<Place> {
        let place = self.journal()?.read_models(&self.path, self.book);
        if let Place::Folder(path) = &place {
            fs::create_dir_all(path)
                .with_context(|| format!("`{}` can't be made", path.display()))?;
        }
        Ok(place)
    }

    /// The keys that were made for the book, if they were.
    pub fn keys(&self) -> Result<Option<FirstKeys>> {
        keys_of(&self.path)
    }

    /// Writes the keys, for the user who serves only. The file appears whole or not at all.
    pub fn write_keys(&self, keys: &FirstKeys) -> Result<()> {
        let path = self.path.join(KEYS);
        let unfinished = path.with_added_extension("new");
        let mut options = OpenOptions::new();
        let mut file =
            options.write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
        serde_json::to_writer_pretty(&mut file, keys)?;
        file.write_all(b"\n")?;
        file.sync_all()?;
        fs::rename(unfinished, &path)?;
        Ok(sync_parent(&path)?)
    }
}

/// What the writer of the book in `path` works on; its checkpoints are signed with `key`. It may be asked for again after
/// a failure.
pub fn home(
    path: &Path,
    place: &JournalPlace,
    book: BookId,
    key: &SigningKey,
) -> Result<Home, StartError> {
    let Opened { journal, incarnation } = place.store(book, Some(key.clone()))?;
    Ok(Home {
        incarnation,
        store: journal,
        anchor: Some(Anchor::open(&anchor_of(path))?),
        snapshot: Some(snapshot_of(path)),
        witnesses: Vec::new(),
    })
}

/// Reads the journal of `path`, beside a writer if there is one.
pub fn reader(path: &Path) -> Result<Opened<dyn Reader>> {
    let mark = anchor::read(&anchor_of(path))?;
    Ok(JournalPlace::of(path)?.reader(mark.book)?)
}

/// Opens the vault of the book in `path`, which is not new.
///
/// Where the file or its key is missing, none is made: what another vault had taken in would be lost once the old one is put back.
pub(crate) fn vault_of(path: &Path) -> Result<Vault> {
    let [key, vault] = vault_files(path);
    for file in [&key, &vault] {
        let named = file.display();
        let is_there = file.try_exists()?;
        ensure!(
            is_there,
            "`{named}` is missing, and the book is not new: put the newest copy there"
        );
    }
    let master = MasterKey::open(&key)?;
    Vault::open_existing(&vault, master)
        .with_context(|| format!("`{}` can't be used", vault.display()))
}

/// The vault's key, and its file.
fn vault_files(path: &Path) -> [PathBuf; 2] {
    ["master.key", "vault.sqlite"].map(|name| path.join(name))
}

/// How a book began.
#[derive(Debug, Clone, Copy)]
pub struct Opening {
    /// Its id.
    pub book: BookId,
    /// Whether its money is real.
    pub environment: Environment,
    /// When it was opened.
    pub at: Timestamp,
}

/// How the book in `path` began, if it was ever opened.
pub fn opening(path: &Path) -> Result<Option<Opening>> {
    let anchor = anchor_of(path);
    if !anchor.try_exists()? {
        return Ok(None);
    }
    let mark = anchor::read(&anchor)?;
    if mark.head == Head::EMPTY && !has_journal(&JournalPlace::of(path)?, mark)? {
        return Ok(None);
    }
    let first = reader(path)?.journal.read(Position::START.next(), 1)?;
    Ok(first.first().and_then(|stored| {
        let at = stored.entry.at;
        stored.entry.events.iter().find_map(|event| match event {
            Event::BookOpened(event) => {
                Some(Opening { book: event.book, environment: event.environment, at })
            }
            _ => None,
        })
    }))
}

/// The keys that were made for the book in `path`, if they were.
pub fn keys_of(path: &Path) -> Result<Option<FirstKeys>> {
    let path = path.join(KEYS);
    match fs::read(&path) {
        Ok(text) => Ok(Some(serde_json::from_slice(&text)?)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("`{}`", path.display())),
    }
}

/// The anchor's file.
pub fn anchor_of(path: &Path) -> PathBuf {
    path.join("anchor")
}

/// The snapshot's file.
pub(crate) fn snapshot_of(path: &Path) -> PathBuf {
    path.join("snapshot")
}

/// Where the read models of the book in `path` are.
pub fn read_models_of(path: &Path) -> Result<Place> {
    let mark = anchor::read(&anchor_of(path))?;
    Ok(JournalPlace::of(path)?.read_models(path, mark.book))
}

const KEYS: &str = "keys.json";

/// What is made after the anchor: where one of them is, there was one.
const AFTER_ANCHOR: [&str; 5] =
    ["journal.sqlite", "checkpoint.pub", "master.key", "vault.sqlite", KEYS];

/// Makes a folder for its owner alone, and those that it is in, where they are missing. They are on disk then.
pub(crate) fn make(path: &Path) -> Result<()> {
    let is_missing = |folder: &&Path| !folder.as_os_str().is_empty() && !folder.exists();
    let missing: Vec<_> = path.ancestors().take_while(is_missing).collect();
    let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.and_then(|()| missing.into_iter().try_for_each(sync_parent))
        .with_context(|| format!("the folder `{}` can't be used", path.display()))
}

/// Takes a folder for this process, as long as the file is open, whatever is in it.
pub(crate) fn lock(path: &Path) -> Result<File> {
    let path = path.join("lock");
    let lock =
        File::create(&path).with_context(|| format!("`{}` can't be made", path.display()))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => {
            bail!("another process serves this folder: it holds the lock `{}`", path.display())
        }
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

/// Takes a share of a folder, as long as the file is open. Who takes it alone has to wait for all shares.
pub(crate) fn share(path: &Path) -> Result<File> {
    let path = path.join("lock");
    let lock =
        File::create(&path).with_context(|| format!("`{}` can't be made", path.display()))?;
    match lock.try_lock_shared() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => {
            bail!(
                "another process has this folder for itself: it holds the lock `{}`",
                path.display()
            )
        }
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

/// Whether the journal was made. A file that a first start has left without tables is none yet.
fn has_journal(journal: &JournalPlace, mark: Mark) -> Result<bool> {
    match (journal, journal.has(mark.book)) {
        (JournalPlace::Sqlite(_), Err(OpenError::Version { found: 0 }))
            if mark.head == Head::EMPTY =>
        {
            Ok(false)
        }
        (_, found) => Ok(found?),
    }
}

/// The anchor comes before the journal: a start that is cut short between the two leaves one that says that nothing was
/// acknowledged yet.
fn first_mark(path: &Path) -> Result<Mark> {
    let mut book = [0; 16];
    let mut incarnation = [0; 16];
    getrandom::fill(&mut book)?;
    getrandom::fill(&mut incarnation)?;
    let mark = Mark { book: BookId(book), incarnation, head: Head::EMPTY };
    Anchor::create(path, mark)?;
    Ok(mark)
}
