//! A ledger at work: its commands, its folder, and what was acknowledged.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use journal::anchor::{Anchor, Mark};
use journal::checkpoint::{Origin as KeyOrigin, SigningKey};
use journal::postgres::PostgresStore;
use journal::sqlite::SqliteStore;
use journal::{Head, OpenError, Reader, Store};
use ledger::holders::CreateHolder;
use ledger::{BookId, Command, CommandId, Entry, Origin, Position, Reference, Request, Sealed};
use rpc::{Answer, Commands, Refusal};
use tokio::runtime::{Builder, Runtime};
use writer::{Home, StartError, Writer};

pub(crate) const BOOK: BookId = BookId([7; 16]);
pub(crate) const INCARNATION: [u8; 16] = [9; 16];

/// Where a journal is.
#[derive(Debug, Clone)]
pub(crate) enum Place {
    Sqlite(PathBuf),
    Postgres(String),
}

/// A journal's place, and the folder that has its anchor.
#[derive(Debug, Clone)]
pub(crate) struct Ledger {
    pub(crate) place: Place,
    pub(crate) anchor: PathBuf,
}

/// What clients were told of commands, and still know.
#[derive(Debug, Clone, Default)]
pub(crate) struct Acknowledged(pub(crate) Vec<(u64, Arc<Entry>)>);

/// A writer that runs.
pub(crate) struct Running {
    writer: Option<Writer>,
    commands: Option<Commands>,
    runtime: Runtime,
}

impl Ledger {
    /// An empty one.
    pub(crate) fn create(place: Place, folder: &Path) -> Self {
        match &place {
            Place::Sqlite(path) => drop(SqliteStore::create(path, BOOK, INCARNATION).unwrap()),
            Place::Postgres(url) => drop(PostgresStore::create(url, BOOK, INCARNATION).unwrap()),
        }
        let anchor = folder.join("anchor");
        let mark = Mark { book: BOOK, incarnation: INCARNATION, head: Head::EMPTY };
        Anchor::create(&anchor, mark).unwrap();
        Self { place, anchor }
    }

    pub(crate) fn store(&self) -> Result<Box<dyn Store>, OpenError> {
        let key = SigningKey::new(KeyOrigin::new(BOOK, INCARNATION), &[6; 32]);
        Ok(match &self.place {
            Place::Sqlite(path) => Box::new(SqliteStore::open(path, BOOK)?.with_key(key)),
            Place::Postgres(url) => Box::new(PostgresStore::open(url, BOOK)?.with_key(key)),
        })
    }

    fn incarnation(&self) -> Result<[u8; 16], OpenError> {
        Ok(match &self.place {
            Place::Sqlite(path) => SqliteStore::open(path, BOOK)?.incarnation(),
            Place::Postgres(url) => PostgresStore::open(url, BOOK)?.incarnation(),
        })
    }

    pub(crate) fn start(&self) -> Result<Running, StartError> {
        let ledger = self.clone();
        let home = move || {
            Ok(Home {
                incarnation: ledger.incarnation()?,
                store: ledger.store()?,
                anchor: Some(Anchor::open(&ledger.anchor)?),
                snapshot: None,
                witnesses: Vec::new(),
            })
        };
        let (writer, commands, _) = Writer::start(home)?;
        let runtime = Builder::new_current_thread().enable_time().build().unwrap();
        Ok(Running { writer: Some(writer), commands: Some(commands), runtime })
    }
}

impl Running {
    /// Sends a command, and waits for its answer.
    pub(crate) fn submit(&self, number: u64) -> Result<Answer, Refusal> {
        self.runtime.block_on(self.commands.as_ref().unwrap().submit(request(number)))
    }

    /// Sends commands at once, and waits for their answers.
    pub(crate) fn submit_all(
        &self,
        numbers: impl Iterator<Item = u64>,
    ) -> Vec<(u64, Result<Answer, Refusal>)> {
        let commands = self.commands.as_ref().unwrap();
        self.runtime.block_on(async {
            let mut sent = tokio::task::JoinSet::new();
            for number in numbers {
                let commands = commands.clone();
                sent.spawn(async move { (number, commands.submit(request(number)).await) });
            }
            sent.join_all().await
        })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.commands.take());
        // A writer that has stopped before has said so to its commands.
        let _ = self.writer.take().unwrap().join();
    }
}

impl Acknowledged {
    pub(crate) fn head(&self) -> Position {
        self.0.iter().map(|(_, entry)| entry.position).max().unwrap_or(Position::START)
    }

    /// The answer to each command is what it was, and what it tells of is in the journal as it was told.
    pub(crate) fn assert_holds(&self, running: &Running, reader: &mut dyn Reader) {
        for (number, entry) in &self.0 {
            let again = running.submit(*number).unwrap();
            assert!(again.is_replay, "command {number}");
            assert_eq!(&again.entry, entry, "command {number}");
            let found = reader.read(entry.position, 1).unwrap();
            assert_eq!(&found[0].entry, entry);
        }
    }
}

/// A command that differs from all others.
pub(crate) fn request(number: u64) -> Request {
    let id = id(number);
    let profile = Sealed { subject: id, reference: id, commitment: [7; 32] };
    let command = Command::CreateHolder(CreateHolder { profile });
    Request { id: CommandId(id), origin: Origin::LEDGER, command }
}

pub(crate) fn reference(number: u64) -> Reference {
    Reference::Command(CommandId(id(number)))
}

/// Sixteen bytes that differ by number and are in no order.
fn id(number: u64) -> [u8; 16] {
    let spread = u128::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    spread.to_le_bytes()
}
