//! Where a folder's journal is: in a file beside the rest, or in the PostgreSQL that `database.url` names.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use journal::checkpoint::SigningKey;
use journal::postgres::{self, PostgresReader, PostgresStore};
use journal::sqlite::{self, SqliteReader, SqliteStore};
use journal::{OpenError, Reader, Store};
use ledger::BookId;
use projector::Place;

/// The file with the URL of a folder's database.
pub(crate) const DATABASE: &str = "database.url";

/// The store of a folder's journal.
#[derive(Debug, Clone)]
pub enum JournalPlace {
    /// A file.
    Sqlite(PathBuf),
    /// The URL of a database, with the role that appends.
    Postgres(String),
}

/// A journal, and what tells it from any other of the same book.
pub struct Opened<T: ?Sized> {
    /// The journal.
    pub journal: Box<T>,
    /// Which life of the book it is.
    pub incarnation: [u8; 16],
}

/// Prepares a database whose owner's URL stands in a file.
pub(crate) fn prepare(owner: &Path, role: &str) -> Result<ExitCode> {
    let url = read_url(owner)?;
    postgres::prepare(&url, role)?;
    projector::prepare(&url, role)?;
    Ok(ExitCode::SUCCESS)
}

/// The URL in a file, which may have a password in it.
fn read_url(path: &Path) -> Result<String> {
    let named = path.display();
    let unreadable = || format!("`{named}` can't be read");
    let mode = fs::metadata(path).with_context(unreadable)?.permissions().mode() & 0o777;
    ensure!(mode & 0o077 == 0, "`{named}` has mode `{mode:o}`, but only its owner may read it");
    Ok(fs::read_to_string(path).with_context(unreadable)?.trim_end().to_owned())
}

impl JournalPlace {
    /// Of this folder.
    pub fn of(folder: &Path) -> Result<Self> {
        let path = folder.join(DATABASE);
        if !path.try_exists()? {
            return Ok(Self::Sqlite(folder.join("journal.sqlite")));
        }
        Ok(Self::Postgres(read_url(&path)?))
    }

    /// Where the read models of a book in this folder are: in the journal's database, or in files.
    pub fn read_models(&self, folder: &Path, book: BookId) -> Place {
        match self {
            Self::Sqlite(_) => Place::Folder(folder.join("read_model")),
            Self::Postgres(url) => Place::Postgres { url: url.clone(), book },
        }
    }

    /// The books whose journals are there, in the order in which they were created. None, where nothing was ever made.
    pub fn books(&self) -> Result<Vec<BookId>, OpenError> {
        match self {
            Self::Sqlite(path) if !path.exists() => Ok(Vec::new()),
            Self::Sqlite(path) => sqlite::books(path),
            Self::Postgres(url) => postgres::books(url),
        }
    }

    /// Whether it has a journal of this book.
    pub fn has(&self, book: BookId) -> Result<bool, OpenError> {
        Ok(self.books()?.contains(&book))
    }

    /// Adds an empty journal.
    pub fn create(&self, book: BookId, incarnation: [u8; 16]) -> Result<(), OpenError> {
        match self {
            Self::Sqlite(path) => SqliteStore::create(path, book, incarnation).map(drop),
            Self::Postgres(url) => PostgresStore::create(url, book, incarnation).map(drop),
        }
    }

    /// Opens the journal to append to it; its checkpoints are signed with the key, if there is one.
    pub fn store(
        &self,
        book: BookId,
        key: Option<SigningKey>,
    ) -> Result<Opened<dyn Store>, OpenError> {
        Ok(match self {
            Self::Sqlite(path) => {
                let store = SqliteStore::open(path, book)?.with_key(key);
                Opened { incarnation: store.incarnation(), journal: Box::new(store) }
            }
            Self::Postgres(url) => {
                let store = PostgresStore::open(url, book)?.with_key(key);
                Opened { incarnation: store.incarnation(), journal: Box::new(store) }
            }
        })
    }

    /// Opens the journal to read it, beside a writer if there is one.
    pub fn reader(&self, book: BookId) -> Result<Opened<dyn Reader>, OpenError> {
        Ok(match self {
            Self::Sqlite(path) => {
                let reader = SqliteReader::open(path, book)?;
                Opened { incarnation: reader.incarnation(), journal: Box::new(reader) }
            }
            Self::Postgres(url) => {
                let reader = PostgresReader::open(url, book)?;
                Opened { incarnation: reader.incarnation(), journal: Box::new(reader) }
            }
        })
    }
}
