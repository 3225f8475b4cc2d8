//! Processes that have seats at books, and who sends commands to them.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use journal::anchor::{Anchor, AnchorError, Mark, Medium};
use journal::postgres::{Leaders, PostgresReader, PostgresStore, prepare};
use journal::{Epoch, Head, Reader};
use ledger::holders::{CreateHolder, StartVerification};
use ledger::{BookId, Command, CommandId, HolderId, Origin, Position, Request, Sealed};
use rpc::{Answer, Commands, Refusal, Role, RoleWatch};
use tempfile::TempDir;
use tokio::runtime::Builder;
use tokio::time::timeout;
use writer::{Candidate, Home, LedBooks, Seat, StartError, Witness, WriterStopped};

pub(crate) const BOOK: BookId = BookId([7; 16]);
pub(crate) const INCARNATION: [u8; 16] = [9; 16];

/// Longer than anything takes, on a machine that does much else.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// An empty journal of each of these books.
pub(crate) fn journals(server: &servers::Postgres, books: &[BookId]) -> servers::Database {
    let database = server.new_database();
    prepare(&database.owner, &database.writer_role).unwrap();
    for book in books {
        drop(PostgresStore::create(&database.writer, *book, INCARNATION).unwrap());
    }
    database
}

/// A process, as far as books see it.
pub(crate) struct Process {
    pub(crate) address: &'static str,
    pub(crate) led: LedBooks,
    url: String,
    folder: TempDir,
    /// What somebody else has seen of every book.
    pub(crate) witnesses: Arc<Mutex<Vec<Witness>>>,
    /// What happens to the next write of an anchor.
    pub(crate) anchor_fault: Arc<Mutex<Option<AnchorFault>>>,
    /// How often its part of a book was opened.
    pub(crate) opened: Arc<AtomicUsize>,
}

/// How a write of an anchor fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AnchorFault {
    Once,
    /// And every other one, as long as the file stays open.
    Lasting,
    /// And every other one, until it is taken away.
    Always,
}

/// An anchor's file whose writes may fail.
#[derive(Debug)]
struct AnchorFile {
    file: File,
    fault: Arc<Mutex<Option<AnchorFault>>>,
    is_broken: bool,
}

impl Medium for AnchorFile {
    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<()> {
        self.file.read_at(bytes, offset)
    }

    fn write_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let mut next = self.fault.lock().unwrap();
        let fault = *next;
        next.take_if(|fault| *fault != AnchorFault::Always);
        self.is_broken |= fault == Some(AnchorFault::Lasting);
        if self.is_broken || fault.is_some() {
            return Err(io::Error::other("the disk has failed"));
        }
        self.file.write_at(bytes, offset)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.file.sync()
    }
}

impl Process {
    pub(crate) fn new(address: &'static str, url: &str) -> Self {
        Self {
            address,
            led: LedBooks::default(),
            url: url.to_owned(),
            folder: tempfile::tempdir().unwrap(),
            witnesses: Arc::default(),
            anchor_fault: Arc::default(),
            opened: Arc::default(),
        }
    }

    /// Takes a seat at a book.
    pub(crate) fn sit(&self, book: BookId) -> Sitting {
        let anchor = self.anchor_of(book);
        if !anchor.exists() {
            let mark = Mark { book, incarnation: INCARNATION, head: Head::EMPTY };
            drop(Anchor::create(&anchor, mark).unwrap());
        }
        let (url, witnesses) = (self.url.clone(), self.witnesses.clone());
        let (fault, opened) = (self.anchor_fault.clone(), self.opened.clone());
        let home = move || -> Result<Home, StartError> {
            opened.fetch_add(1, Ordering::Relaxed);
            let store = PostgresStore::open(&url, book)?;
            let file = OpenOptions::new().read(true).write(true).open(&anchor);
            let file = file.map_err(AnchorError::Io)?;
            let medium = AnchorFile { file, fault: fault.clone(), is_broken: false };
            Ok(Home {
                incarnation: store.incarnation(),
                store: Box::new(store),
                anchor: Some(Anchor::resume(Box::new(medium))?),
                snapshot: None,
                witnesses: witnesses.lock().unwrap().clone(),
            })
        };
        let url = self.url.clone();
        let candidate = Candidate {
            book,
            home: Box::new(home),
            leaders: Box::new(move || Leaders::open(&url)),
            address: self.address.to_owned(),
            led: self.led.clone(),
        };
        let (seat, role) = Seat::take(candidate).unwrap();
        Sitting { seat, role }
    }

    pub(crate) fn anchor_of(&self, book: BookId) -> PathBuf {
        self.folder.path().join(format!("{}", book.0[0]))
    }
}

/// A seat, and what is told of it.
pub(crate) struct Sitting {
    pub(crate) seat: Seat,
    pub(crate) role: RoleWatch,
}

impl Sitting {
    /// Waits until it leads.
    pub(crate) fn leads(&mut self) -> (Epoch, Commands) {
        let leads = self.role.wait_for(|role| matches!(role, Role::Leads { .. }));
        match &*wait(leads).unwrap() {
            Role::Leads { epoch, commands, .. } => (*epoch, commands.clone()),
            Role::Follows { .. } => unreachable!("it was waited for"),
        }
    }

    /// Waits until it knows that a process at this address leads.
    pub(crate) fn follows(&mut self, address: &str) {
        let follows = self.role.wait_for(
            |role| matches!(role, Role::Follows { leader: Some(leader) } if leader == address),
        );
        wait(follows).unwrap();
    }

    pub(crate) fn stop(self) -> Result<(), WriterStopped> {
        self.seat.stop();
        self.seat.join()
    }

    /// Its commands, if it leads.
    pub(crate) fn commands(&self) -> Option<Commands> {
        match &*self.role.borrow() {
            Role::Leads { commands, .. } => Some(commands.clone()),
            Role::Follows { .. } => None,
        }
    }
}

/// Waits, and not for ever.
pub(crate) fn wait<T>(what: impl Future<Output = T>) -> T {
    let runtime = Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async { timeout(PATIENCE, what).await.unwrap() })
}

/// Waits until this is so, and not for ever.
pub(crate) fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let until = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < until, "{what}");
        thread::yield_now();
    }
}

/// Sends a command once.
pub(crate) fn ask(commands: &Commands, request: &Request) -> Result<Answer, Refusal> {
    wait(commands.submit(request.clone()))
}

/// Sends a command until it is answered, to whichever process leads.
pub(crate) fn submit(sittings: &mut [Sitting], request: &Request) -> Answer {
    wait(async {
        loop {
            for sitting in &mut *sittings {
                let Some(commands) = sitting.commands() else {
                    let changed = sitting.role.changed();
                    let _ = timeout(Duration::from_millis(20), changed).await;
                    continue;
                };
                match commands.submit(request.clone()).await {
                    Ok(answer) => return answer,
                    Err(Refusal::Unavailable | Refusal::Unknown | Refusal::Busy) => {}
                    Err(refusal) => panic!("{refusal}"),
                }
            }
            // Others have a turn, also while a writer that has just ended is believed to lead.
            tokio::task::yield_now().await;
        }
    })
}

/// A command that differs from all others.
pub(crate) fn request(number: u64) -> Request {
    // Sixteen bytes that differ by number wherever one looks.
    let spread = u128::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    let id = spread.to_le_bytes();
    let profile = Sealed { subject: id, reference: id, commitment: [7; 32] };
    let command = Command::CreateHolder(CreateHolder { profile });
    Request { id: CommandId(id), origin: Origin::LEDGER, command }
}

/// What the rules refuse: nobody has this id.
pub(crate) fn refusable() -> Request {
    let command = Command::StartVerification(StartVerification { holder: HolderId([9; 16]) });
    Request { id: CommandId([0xff; 16]), origin: Origin::LEDGER, command }
}

/// The ids of a journal's commands, in order; each stands there once.
pub(crate) fn written(url: &str, book: BookId) -> Vec<CommandId> {
    let mut reader = PostgresReader::open(url, book).unwrap();
    let ids: Vec<_> = reader
        .read(Position(1), usize::MAX >> 2)
        .unwrap()
        .into_iter()
        .map(|stored| stored.entry.command)
        .collect();
    let mut once = ids.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), ids.len(), "a command was done twice");
    ids
}
