//! A process that serves one book, and its writer, which the tests play.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use journal::memory::MemoryStore;
use journal::{Epoch, Head, Outcome, Store, Stored, WriterId};
use ledger::book::{BookOpened, Environment};
use ledger::holders::StartVerification;
use ledger::{
    BookId, Command, CommandId, Entry, Event, HolderId, Origin, Position, Postings, Request,
    Timestamp,
};
use rpc::client::{self, Writers};
use rpc::server::{self, Served};
use rpc::tls::ServerTls;
use rpc::{Answer, Commands, Publisher, Refusal, Role, Submission};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tonic::transport::{Channel, Endpoint};

pub(crate) const BOOK: BookId = BookId([1; 16]);

/// Longer than anything here takes on a machine that is busy with other things.
pub(crate) const DEADLINE: Duration = Duration::from_secs(60);

/// What is waited for, which comes in time.
pub(crate) async fn in_time<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(DEADLINE, future).await.expect("it comes in time")
}

/// A process.
pub(crate) struct Process {
    pub(crate) address: SocketAddr,
    pub(crate) role: watch::Sender<Role>,
    pub(crate) store: MemoryStore,
    stop: Option<oneshot::Sender<()>>,
    serving: JoinHandle<()>,
}

impl Process {
    /// One that leads nothing and knows no leader.
    pub(crate) async fn start() -> Self {
        Self::start_with(None).await
    }

    pub(crate) async fn start_with(tls: Option<ServerTls>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (role, watched) = watch::channel(Role::Follows { leader: None });
        let store = MemoryStore::new(BOOK);
        let readers = store.clone();
        let open = Arc::new(move || Ok(readers.reader().unwrap()));
        let (_, books) = watch::channel(BTreeMap::from([(BOOK, Served { role: watched, open })]));
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(async move {
            let shutdown = async { drop(stopped.await) };
            server::serve(listener, books, tls.as_ref(), shutdown).await.unwrap();
        });
        Self { address, role, store, stop: Some(stop), serving }
    }

    /// Leads the book from now on.
    pub(crate) fn lead(&self, epoch: u64) -> Writer {
        self.lead_with(epoch, 64)
    }

    pub(crate) fn lead_with(&self, epoch: u64, capacity: usize) -> Writer {
        let (commands, submissions) = Commands::channel(capacity);
        let publisher = Publisher::new(Position::START);
        let role = Role::Leads { epoch: Epoch(epoch), commands, publisher: publisher.clone() };
        self.role.send_replace(role);
        Writer { submissions, publisher }
    }

    /// Does not lead it any more.
    pub(crate) fn follow(&self, leader: Option<&Process>) {
        let leader = leader.map(|leader| leader.address.to_string());
        self.role.send_replace(Role::Follows { leader });
    }

    /// Ends it at once, connections included.
    pub(crate) async fn kill(self) {
        self.serving.abort();
        drop(self.serving.await);
    }

    /// Lets it end in its own time.
    pub(crate) fn stop(&mut self) {
        drop(self.stop.take());
    }

    pub(crate) async fn ended(self) {
        in_time(self.serving).await.unwrap();
    }

    pub(crate) fn channel(&self) -> Channel {
        Endpoint::from_shared(format!("http://{}", self.address)).unwrap().connect_lazy()
    }

    /// A client's end that knows this process only.
    pub(crate) fn client(&self) -> Commands {
        client_of([self.address])
    }

    /// Appends entries to its journal.
    pub(crate) fn append(&mut self, count: usize) -> Vec<Stored> {
        let epoch = self.store.claim(WriterId([1; 16])).unwrap();
        let expected = journal::Reader::head(&mut self.store).unwrap();
        let mut head = expected;
        let mut entries = Vec::new();
        for _ in 0..count {
            let mut id = [0; 16];
            id[..8].copy_from_slice(&head.position.0.to_be_bytes());
            let request = Request { id: CommandId(id), ..request(1) };
            let entry = entry(head.position.next(), &request);
            let stored = journal::encode(Arc::new(entry), head.hash);
            head = Head { position: stored.entry.position, hash: stored.hash };
            entries.push(stored);
        }
        assert!(matches!(self.store.append(&entries, expected, epoch), Outcome::Committed));
        entries
    }
}

/// A client's end that knows these processes.
pub(crate) fn client_of(addresses: impl IntoIterator<Item = SocketAddr>) -> Commands {
    let (commands, submissions) = Commands::channel(64);
    let writers = writers_of(addresses);
    tokio::spawn(async move { client::run(BOOK, submissions, &writers).await });
    commands
}

pub(crate) fn writers_of(addresses: impl IntoIterator<Item = SocketAddr>) -> Writers {
    let addresses = addresses.into_iter().map(|address| address.to_string());
    Writers::new(addresses.collect(), None).unwrap()
}

/// A writer that does what the test says.
pub(crate) struct Writer {
    submissions: mpsc::Receiver<Submission>,
    pub(crate) publisher: Publisher,
}

impl Writer {
    /// The next command that comes.
    pub(crate) async fn next(&mut self) -> Submission {
        in_time(self.submissions.recv()).await.expect("commands can come")
    }

    /// Whether nothing has come.
    pub(crate) fn is_idle(&mut self) -> bool {
        self.submissions.try_recv().is_err()
    }

    /// Does the next command.
    pub(crate) async fn do_next(&mut self) {
        done(self.next().await, false);
    }
}

/// Tells whoever waits that the command was done.
pub(crate) fn done(submission: Submission, is_replay: bool) {
    let entry = Arc::new(entry(Position(7), &submission.request));
    drop(submission.reply.send(Ok(Answer { entry, is_replay })));
}

/// The entry that a request writes.
pub(crate) fn entry(position: Position, request: &Request) -> Entry {
    let opened = BookOpened { book: BOOK, environment: Environment::Sandbox };
    Entry {
        position,
        at: Timestamp::from_millis(1_700_000_000_000),
        command: request.id,
        origin: request.origin,
        events: vec![Event::BookOpened(opened)],
        postings: Postings::new(Vec::new()).unwrap(),
    }
}

pub(crate) fn request(id: u8) -> Request {
    let origin = Origin { route: 1, fingerprint: [id; 16], request: [id; 16], actor: None };
    let command = Command::StartVerification(StartVerification { holder: HolderId([id; 16]) });
    Request { id: CommandId([id; 16]), origin, command }
}

/// A command that is on its way while the test goes on.
pub(crate) fn submitted(commands: &Commands, id: u8) -> JoinHandle<Result<Answer, Refusal>> {
    let commands = commands.clone();
    tokio::spawn(async move { commands.submit(request(id)).await })
}

/// What became of it: the command and whether it was a replay.
pub(crate) async fn result(
    submitted: JoinHandle<Result<Answer, Refusal>>,
) -> Result<(CommandId, bool), String> {
    let result = in_time(submitted).await.unwrap();
    result
        .map(|answer| (answer.entry.command, answer.is_replay))
        .map_err(|refusal| format!("{refusal:?}"))
}
