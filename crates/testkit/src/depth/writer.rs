//! A writer over a store, reached by the way that the gateway takes.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use journal::anchor::{Anchor, Mark};
use journal::memory::{Fault, MemoryStore};
use journal::postgres::{self, PostgresReader, PostgresStore};
use journal::sqlite::{SqliteReader, SqliteStore};
use journal::{Head, Reader, Store};
use ledger::{Entry, Position, Request, Timestamp};
use rpc::{Commands, Refusal};
use servers::Database;
use tempfile::TempDir;
use tokio::runtime::{self, Runtime};
use writer::{Home, StartError};

use crate::books::{Books, Breach, require};
use crate::depth::{Answer, Depth};
use crate::requests::BOOK;
use crate::words;

const INCARNATION: [u8; 16] = [7; 16];

/// A writer, and a reader of its journal.
pub struct Writer {
    store: Place,
    running: Option<Running>,
    reader: Box<dyn Reader>,
    runtime: Runtime,
    submitted: usize,
}

struct Running {
    writer: writer::Writer,
    commands: Commands,
}

/// Where the journal is.
enum Place {
    Memory(MemoryStore),
    /// In memory that fails now and then.
    Failing(MemoryStore),
    Sqlite(TempDir),
    /// In PostgreSQL, with the rest in a folder. The writer's connection is cut now and then.
    Postgres(Database, TempDir),
}

impl Writer {
    /// Over a journal in memory, without anchor and snapshot.
    pub fn over_memory() -> Self {
        let store = MemoryStore::new(BOOK);
        Self::new(Box::new(store.clone()), Place::Memory(store))
    }

    /// Over a journal in memory in which every second append goes wrong, each time in another way. A request that has
    /// not been done for that reason is sent again.
    pub fn over_failing_memory() -> Self {
        let store = MemoryStore::new(BOOK);
        Self::new(Box::new(store.clone()), Place::Failing(store))
    }

    /// Over SQLite in a folder of its own, with anchor and snapshot.
    ///
    /// # Panics
    ///
    /// When the folder can't be used.
    pub fn over_sqlite() -> Self {
        let folder = folder_with_anchor();
        let journal = journal_in(folder.path());
        SqliteStore::create(&journal, BOOK, INCARNATION).expect("a journal can be made");
        let reader = SqliteReader::open(&journal, BOOK).expect("the journal can be read");
        Self::new(Box::new(reader), Place::Sqlite(folder))
    }

    /// Over PostgreSQL, with anchor and snapshot in a folder of its own; the database is emptied before. Now and then the
    /// writer's connection is cut; a request that has not been done for that reason is sent again.
    ///
    /// # Panics
    ///
    /// When the database can't be used.
    pub fn over_postgres(database: &Database) -> Self {
        database.empty();
        let url = &database.writer;
        postgres::prepare(&database.owner, &database.writer_role).expect("it can be prepared");
        PostgresStore::create(url, BOOK, INCARNATION).expect("a journal can be made");
        let reader = PostgresReader::open(url, BOOK).expect("the journal can be read");
        Self::new(Box::new(reader), Place::Postgres(database.clone(), folder_with_anchor()))
    }

    fn new(reader: Box<dyn Reader>, store: Place) -> Self {
        let runtime =
            runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
        let running = Some(store.start());
        Self { store, running, reader, runtime, submitted: 0 }
    }
}

impl Place {
    fn start(&self) -> Running {
        let home = self.home();
        let (writer, commands, _) = writer::Writer::start(home).expect("the writer starts");
        Running { writer, commands }
    }

    /// How the book is opened, each time anew.
    fn home(&self) -> Box<dyn FnMut() -> Result<Home, StartError> + Send> {
        match self {
            Self::Memory(store) | Self::Failing(store) => {
                let store = store.clone();
                Box::new(move || Ok(home(Box::new(store.clone()), None, None)))
            }
            Self::Sqlite(folder) => {
                let folder = folder.path().to_owned();
                Box::new(move || {
                    let store = SqliteStore::open(&journal_in(&folder), BOOK)?;
                    home_in(&folder, Box::new(store))
                })
            }
            Self::Postgres(database, folder) => {
                let (url, folder) = (database.writer.clone(), folder.path().to_owned());
                Box::new(move || home_in(&folder, Box::new(PostgresStore::open(&url, BOOK)?)))
            }
        }
    }

    fn fails(&self) -> bool {
        matches!(self, Self::Failing(_) | Self::Postgres(..))
    }

    fn fault(&self, submitted: usize) {
        match (self, submitted % 6) {
            (Self::Failing(store), 1) => store.inject(Fault::Fail),
            (Self::Failing(store), 3) => store.inject(Fault::UnknownAndThere),
            (Self::Failing(store), 5) => store.inject(Fault::UnknownAndNotThere),
            (Self::Postgres(database, _), 3) => database.cut_connections(),
            _ => {}
        }
    }
}

impl Depth for Writer {
    fn submit(&mut self, request: &Request) -> Result<Result<Answer, String>, Breach> {
        let commands = self.running.as_ref().map(|running| running.commands.clone());
        let commands = commands.ok_or("the writer is stopped")?;
        self.store.fault(self.submitted);
        self.submitted += 1;
        loop {
            match self.runtime.block_on(commands.submit(request.clone())) {
                Ok(rpc::Answer { entry, is_replay }) => {
                    return Ok(Ok(Answer { entry, is_replay }));
                }
                Err(Refusal::Rejected(rejection)) => {
                    return Ok(Err(words::rejection(&rejection).to_owned()));
                }
                Err(Refusal::Unavailable | Refusal::Unknown) if self.store.fails() => {}
                Err(other) => return Err(format!("the writer answers: {other}")),
            }
        }
    }

    fn try_out(&mut self, request: &Request, books: &Books) -> Result<Result<(), String>, Breach> {
        let running = self.running.as_ref().ok_or("the writer is stopped")?;
        match self.runtime.block_on(running.commands.try_out(request.clone())) {
            Ok(rpc::Answer { entry, .. }) => {
                let mut books = books.clone();
                let first = self.read(books.position.next())?;
                first.iter().try_for_each(|entry| books.record(entry))?;
                books.record(&entry).map(Ok)
            }
            Err(Refusal::Rejected(rejection)) => Ok(Err(words::rejection(&rejection).to_owned())),
            Err(other) => Err(format!("the writer answers: {other}")),
        }
    }

    fn read(&mut self, from: Position) -> Result<Vec<Arc<Entry>>, Breach> {
        let stored = self.reader.read(from, usize::MAX).map_err(|error| error.to_string())?;
        Ok(stored.into_iter().map(|stored| stored.entry).collect())
    }

    fn wall(&self) -> Timestamp {
        super::wall_clock()
    }

    fn compare(&mut self, books: &Books) -> Result<(), Breach> {
        let head = self.reader.head().map_err(|error| error.to_string())?;
        let expected = books.position;
        require!(
            head.position == expected,
            "the journal ends at `{}`, not at `{expected}`",
            head.position
        );
        Ok(())
    }

    fn restart(&mut self) -> Result<(), Breach> {
        if let Some(Running { writer, commands }) = self.running.take() {
            drop(commands);
            writer.join().map_err(|error| error.to_string())?;
        }
        self.running = Some(self.store.start());
        Ok(())
    }
}

fn home(store: Box<dyn Store>, anchor: Option<(Anchor, Mark)>, snapshot: Option<PathBuf>) -> Home {
    Home { store, anchor, incarnation: INCARNATION, snapshot, witnesses: Vec::new() }
}

/// Over a store that has its anchor and its snapshot in a folder.
fn home_in(folder: &Path, store: Box<dyn Store>) -> Result<Home, StartError> {
    let anchor = Anchor::open(&anchor_in(folder))?;
    Ok(home(store, Some(anchor), Some(folder.join("snapshot"))))
}

fn folder_with_anchor() -> TempDir {
    let folder = TempDir::new().expect("a folder can be made");
    let mark = Mark { book: BOOK, incarnation: INCARNATION, head: Head::EMPTY };
    Anchor::create(&anchor_in(folder.path()), mark).expect("an anchor can be made");
    folder
}

fn journal_in(folder: &Path) -> PathBuf {
    folder.join("journal.sqlite")
}

fn anchor_in(folder: &Path) -> PathBuf {
    folder.join("anchor")
}
