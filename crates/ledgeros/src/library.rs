//! The books of a data folder: its own, which is called `default`, and those in `books/`, each in a folder named by its code.
//!
//! A book is made in a folder beside its place, and moved there when it is whole: a code stands for a book or for nothing. A
//! folder that a crash has left unfinished is thrown away by the next creation; nobody was told of its keys.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result, bail, ensure};
use courier::Options;
use gateway::{BookCode, Library, NewBook, ServedBook};
use ledger::book::Environment;
use tokio::runtime::Handle;
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::spawn_blocking;
use tracing::warn;

use crate::backup::sync_parent;
use crate::folder::{self, FirstKeys};
use crate::journal_place::DATABASE;
use crate::running::{self, Running};
use crate::service_key;

/// What the folder of a book is called that is not whole.
const UNFINISHED: &str = "unfinished";

/// The books of a folder, running. Clones are one.
#[derive(Clone)]
pub(crate) struct FolderLibrary {
    data: PathBuf,
    runtime: Handle,
    webhooks: Options,
    /// The folder's own first. None, once the service stops.
    running: Arc<Mutex<Option<Vec<Running>>>>,
    ended: UnboundedSender<()>,
}

impl FolderLibrary {
    /// Runs every book of the folder, or none: one that is damaged is for the operator to see, not for its clients.
    pub(crate) async fn open(
        data: &Path,
        runtime: Handle,
        webhooks: Options,
        ended: UnboundedSender<()>,
    ) -> Result<(Self, Vec<ServedBook>)> {
        let start = async |path: &Path, code| {
            Running::start(path, code, webhooks.clone(), ended.clone()).await
        };
        tell_of_unfinished(data)?;
        let (own, served) = start(data, BookCode::default_book()).await?;
        let mut places = BTreeMap::from([(own.folder().book(), data.to_owned())]);
        let (mut running, mut books) = (vec![own], vec![served]);
        for (code, path) in further(data)? {
            let named = path.display();
            let anchor = folder::anchor_of(&path);
            ensure!(
                anchor.try_exists()?,
                "`{named}` is no book: `{}` is missing",
                anchor.display()
            );
            let (book, served) = start(&path, code)
                .await
                .with_context(|| format!("the book in `{named}` does not start"))?;
            if let Some(other) = places.insert(book.folder().book(), path.clone()) {
                bail!("`{}` and `{named}` are the same book", other.display());
            }
            running.push(book);
            books.push(served);
        }
        let running = Arc::new(Mutex::new(Some(running)));
        Ok((Self { data: data.to_owned(), runtime, webhooks, running, ended }, books))
    }

    /// The first keys of the folder's own book.
    pub(crate) fn default_keys(&self) -> FirstKeys {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let own = running.as_ref().and_then(|running| running.first());
        own.expect("it runs until it is closed").keys().clone()
    }

    /// Stops every book, and makes no more. Says what went wrong first.
    pub(crate) async fn close(self) -> Result<()> {
        // Waits for a book that is being made.
        let take = move || self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        let mut result = Ok(());
        for book in spawn_blocking(take).await?.unwrap_or_default() {
            result = result.and(book.stop().await);
        }
        result
    }
}

impl Library for FolderLibrary {
    fn create(
        &self,
        code: &BookCode,
        environment: Environment,
    ) -> Result<NewBook, Box<dyn Error + Send + Sync>> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let running = running.as_mut().context("the service stops")?;
        let (keys, book, served) = self.runtime.block_on(async {
            let keys = make(&self.data, code, environment).await?;
            let path = place(&self.data, code);
            let (webhooks, ended) = (self.webhooks.clone(), self.ended.clone());
            let (book, served) = Running::start(&path, code.clone(), webhooks, ended).await?;
            anyhow::Ok((keys, book, served))
        })?;
        running.push(book);
        Ok(NewBook { book: served, keys })
    }
}

/// Where a book of the folder is.
pub fn place(data: &Path, code: &BookCode) -> PathBuf {
    if *code == BookCode::default_book() {
        return data.to_owned();
    }
    data.join("books").join(code.as_str())
}

/// The further books of a folder, by their codes. What could be one, and has another name, is refused.
pub(crate) fn further(data: &Path) -> Result<Vec<(BookCode, PathBuf)>> {
    let mut books = Vec::new();
    for path in folders(data)? {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let named = path.display();
        match BookCode::parse(name) {
            Some(code) if code == BookCode::default_book() => {
                bail!("`{named}` has the code of the folder's own book")
            }
            Some(code) => books.push((code, path)),
            None if is_unfinished(&path) => {}
            None => bail!("`{named}` has no name that is a book's code"),
        }
    }
    books.sort();
    Ok(books)
}

/// Says what creations that were cut short have left. It may lie there for ever: a process says so once.
pub(crate) fn tell_of_unfinished(data: &Path) -> Result<()> {
    for path in folders(data)?.iter().filter(|path| is_unfinished(path)) {
        let named = path.display();
        warn!("`{named}` was left by a creation that was cut short; it is not served");
    }
    Ok(())
}

/// What could be books.
fn folders(data: &Path) -> Result<Vec<PathBuf>> {
    let folder = data.join("books");
    let entries = match fs::read_dir(&folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.with_context(|| format!("`{}` can't be read", folder.display()))?,
    };
    let mut folders = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            folders.push(path);
        }
    }
    Ok(folders)
}

fn is_unfinished(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == UNFINISHED)
}

/// Makes the folder's own book, and the key of its service: a new service is begun so before its roles are started. One that
/// was cut short is done again, by the same command.
pub async fn make_own(data: &Path, environment: Environment) -> Result<FirstKeys> {
    let begun = folder::opening(data)?;
    let named = data.display();
    let is_made =
        begun.is_some() && folder::keys_of(data)?.is_some() && service_key::is_there(data)?;
    ensure!(!is_made, "`{named}` has its own book already: `default`");
    if let Some(opening) = begun {
        let is_same = opening.environment == environment;
        ensure!(is_same, "the book of `{named}` was begun, and not with the same `--live`");
    }
    let keys = running::make(data, environment).await?;
    service_key::open_or_create(data)?;
    Ok(keys)
}

/// Makes a book in the folder, whole or not at all. Who makes another one meanwhile has to wait.
pub(crate) async fn make(
    data: &Path,
    code: &BookCode,
    environment: Environment,
) -> Result<FirstKeys> {
    let _alone = alone(data)?;
    let path = place(data, code);
    ensure!(!path.try_exists()?, "`{}` is there already", path.display());
    let unfinished = path.with_added_extension(UNFINISHED);
    begin(data, &unfinished).with_context(|| format!("`{}`", unfinished.display()))?;
    let keys = running::make(&unfinished, environment).await?;
    File::open(&unfinished)?.sync_all()?;
    fs::rename(&unfinished, &path)?;
    sync_parent(&path)?;
    Ok(keys)
}

/// Keeps others from making a book, until it is dropped: processes of one service share the folder.
fn alone(data: &Path) -> Result<File> {
    let books = data.join("books");
    DirBuilder::new().recursive(true).mode(0o700).create(&books)?;
    sync_parent(&books)?;
    let lock = File::create(books.join("lock"))?;
    lock.lock()?;
    Ok(lock)
}

/// An empty folder for a book, in the same database as the folder's own, if that is in one.
fn begin(data: &Path, unfinished: &Path) -> Result<()> {
    match fs::remove_dir_all(unfinished) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    DirBuilder::new().mode(0o700).create(unfinished)?;
    match fs::read(data.join(DATABASE)) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        url => {
            let mut options = OpenOptions::new();
            let mut file =
                options.write(true).create_new(true).mode(0o600).open(unfinished.join(DATABASE))?;
            file.write_all(&url?)?;
            Ok(file.sync_all()?)
        }
    }
}
