//! Books for tests: real rules, and real receivers of what is told.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use journal::tree::Tree;
use journal::{Head, ReadError, Reader, Stored, encode};
use ledger::agents::AgentStatus;
use ledger::agents::{AgentPolicy, AgentProfile, ChangeAgent, OnExceeded, RegisterAgent};
use ledger::book::{Environment, OpenBook};
use ledger::cards::{CardControls, CardKind, CardLimits, CardNumber, CardTerms, CreateCard};
use ledger::deposits::{Chain, ConfirmDeposit};
use ledger::holders::{CreateHolder, RecordVerification, Verification, VerificationStatus};
use ledger::keys::{Family, NewKey, Scope};
use ledger::limits::{Limit, Window};
use ledger::webhooks::{RegisterWebhook, ReplayWebhook, Topics};
use ledger::{
    AgentId, Amount, Asset, Book, BookId, CardId, Command, CommandId, Entry, Event, HolderId,
    Month, Origin, Position, Rate, Reference, Request, Sealed, Text, Timestamp, WebhookId,
};
use rpc::Publisher;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;
use vault::{Kind, MasterKey, Vault};

use crate::{Clock, Courier, Deliveries, Delivery, Options, Place};

mod receiver;

pub(crate) use receiver::{Behavior, Receiver, Request as Received};

/// How long a test waits for what must come.
pub(crate) const WAIT_MAX: Duration = Duration::from_secs(60);

/// Lets others work before something is looked at again.
pub(crate) fn pause() {
    std::thread::park_timeout(Duration::from_millis(5));
}

/// What a secret is when it is read from the vault.
pub(crate) const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// A test for each of these functions on each store.
macro_rules! on_each_store {
    ($($test:ident)*) => {
        mod sqlite {
            $(#[test] fn $test() { super::$test($crate::testing::Platform::on_sqlite()) })*
        }
        mod postgres {
            $(#[test] fn $test() { super::$test($crate::testing::Platform::on_postgres()) })*
        }
    };
}
pub(crate) use on_each_store;

/// A book that is played, its journal and vault, and a place for its courier.
pub(crate) struct Platform {
    pub(crate) journal: Journal,
    pub(crate) publisher: Publisher,
    pub(crate) vault: Arc<Vault>,
    pub(crate) place: Place,
    pub(crate) now: Timestamp,
    pub(crate) clock: TestClock,
    book: Book,
    commands: u64,
    /// Removed with this.
    _folder: TempDir,
}

/// A clock on a wall that a test moves. It stands still otherwise.
#[derive(Clone)]
pub(crate) struct TestClock(Arc<Mutex<Timestamp>>);

impl TestClock {
    pub(crate) fn pass(&self, ms: u64) {
        let mut now = self.0.lock().unwrap();
        *now = now.plus_ms(ms);
    }

    pub(crate) fn set_back(&self, ms: u64) {
        let mut now = self.0.lock().unwrap();
        *now = now.minus_ms(ms);
    }

    pub(crate) fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

/// A journal that many read.
#[derive(Clone)]
pub(crate) struct Journal {
    book: BookId,
    entries: Arc<Mutex<Vec<Stored>>>,
}

impl Platform {
    /// Whose courier keeps what it knows in a file.
    pub(crate) fn on_sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::File(folder.path().join("courier.sqlite"));
        Self::new(folder, BookId([7; 16]), place)
    }

    /// Whose courier keeps it in a schema.
    pub(crate) fn on_postgres() -> Self {
        Self::on(servers::shared().new_database().owner)
    }

    /// The same, in this database.
    pub(crate) fn on(url: String) -> Self {
        let book = BookId([8; 16]);
        Self::new(tempfile::tempdir().unwrap(), book, Place::Postgres { url, book })
    }

    fn new(folder: TempDir, id: BookId, place: Place) -> Self {
        let key = MasterKey::open_or_create(&folder.path().join("master.key")).unwrap();
        let vault = Vault::open(&folder.path().join("vault.sqlite"), key).unwrap();
        let now = Timestamp::of_month(2026, 11);
        let mut platform = Self {
            journal: Journal { book: id, entries: Arc::default() },
            publisher: Publisher::new(Position::START),
            vault: Arc::new(vault),
            place,
            now,
            clock: TestClock(Arc::new(Mutex::new(now))),
            book: Book::default(),
            commands: 0,
            _folder: folder,
        };
        let environment = Environment::Sandbox;
        platform.act(Command::OpenBook(OpenBook { book: id, environment }));
        platform
    }

    /// Does what must be accepted, and publishes it.
    pub(crate) fn act(&mut self, command: Command) -> Arc<Entry> {
        self.commands += 1;
        let digest = Sha256::digest(self.commands.to_be_bytes());
        let id = CommandId(*digest.first_chunk().unwrap());
        self.write(&Request { id, origin: Origin::LEDGER, command })
    }

    /// Lets time pass, and happen what falls due.
    pub(crate) fn pass(&mut self, ms: u64) {
        self.now = self.now.plus_ms(ms);
        while let Some(request) = self.book.due(self.now) {
            self.write(&request);
        }
    }

    fn write(&mut self, request: &Request) -> Arc<Entry> {
        let entry = Arc::new(self.book.decide(request, self.now).unwrap());
        self.book.apply(&entry);
        let mut entries = self.journal.entries.lock().unwrap();
        let previous = entries.last().map_or(Head::EMPTY.hash, |stored| stored.hash);
        let stored = encode(Arc::clone(&entry), previous);
        entries.push(stored.clone());
        self.publisher.publish([stored].into());
        entry
    }

    /// The entries from `from` on.
    pub(crate) fn entries(&self, from: u64) -> Vec<Stored> {
        self.journal.entries.lock().unwrap()[from as usize - 1..].to_vec()
    }

    pub(crate) fn head(&self) -> Position {
        self.book.position()
    }

    /// A courier that may send to this machine.
    pub(crate) fn courier(&self) -> Courier {
        self.courier_with(Options { allows_private: true, ..self.options() })
    }

    pub(crate) fn courier_with(&self, options: Options) -> Courier {
        let reader = Box::new(self.journal.clone());
        let feed = self.publisher.subscribe();
        Courier::start(&self.place, reader, feed, Arc::clone(&self.vault), options).unwrap()
    }

    /// By the clock that the test moves.
    pub(crate) fn options(&self) -> Options {
        let clock = self.clock.clone();
        Options { clock: Clock::new(move || clock.now()), ..Options::default() }
    }

    /// What is in the vault now.
    pub(crate) fn seal(&self, kind: Kind, text: &str) -> Sealed {
        let sealed = self.vault.create_subject(kind, text.as_bytes(), 0).unwrap();
        Sealed {
            subject: sealed.subject.0,
            reference: sealed.reference.0,
            commitment: sealed.commitment,
        }
    }

    /// A webhook that wants to hear everything.
    pub(crate) fn webhook(&mut self, family: Family, url: &str) -> WebhookId {
        let (url, secret) =
            (self.seal(Kind::WebhookUrl, url), self.seal(Kind::WebhookSecret, SECRET));
        let command = RegisterWebhook { family, topics: Topics::All, url, secret };
        let entry = self.act(Command::RegisterWebhook(command));
        match entry.events[..] {
            [Event::WebhookRegistered(ref event)] => event.webhook,
            ref events => panic!("{events:?}"),
        }
    }

    pub(crate) fn replay(&mut self, webhook: WebhookId, from: u64) {
        let from = Position(from);
        self.act(Command::ReplayWebhook(ReplayWebhook { webhook, from }));
    }

    pub(crate) fn holder(&mut self) -> HolderId {
        let entry = self.act(Command::CreateHolder(CreateHolder { profile: sealed(1) }));
        match entry.events[..] {
            [Event::HolderCreated(ref event)] => event.holder,
            ref events => panic!("{events:?}"),
        }
    }

    pub(crate) fn verify(&mut self, holder: HolderId, status: VerificationStatus) {
        let verification = Verification { status, required: Vec::new(), reason: None };
        self.act(Command::RecordVerification(RecordVerification { holder, verification }));
    }

    pub(crate) fn deposit(&mut self, holder: HolderId, cents: u128) {
        let reference = Sha256::digest(self.commands.to_be_bytes());
        self.act(Command::ConfirmDeposit(ConfirmDeposit {
            holder,
            chain: Chain::Base,
            asset: Asset::Usdc,
            amount: Amount(cents * 10_000),
            rate: Rate::ONE,
            rate_source: text("sandbox"),
            reference: *reference.first_chunk().unwrap(),
        }));
    }

    pub(crate) fn agent(&mut self, holder: HolderId) -> AgentId {
        let prefix = Sha256::digest(self.commands.to_be_bytes());
        let entry = self.act(Command::RegisterAgent(RegisterAgent {
            holder,
            profile: AgentProfile {
                name: text("checkout-bot"),
                description: None,
                external_id: None,
            },
            policy: AgentPolicy {
                limit: Limit { window: Window::Month, amount: Amount(500_00) },
                on_exceeded: OnExceeded::Suspend,
                cards_max: None,
            },
            token: NewKey {
                family: Family::LedgerOs,
                scope: Scope::Write,
                prefix: *prefix.first_chunk().unwrap(),
                digest: [3; 32],
            },
            reference: None,
        }));
        match entry.events[..] {
            [Event::AgentRegistered(ref event), _] => event.agent,
            ref events => panic!("{events:?}"),
        }
    }

    /// Suspends an agent and lets it go on: a message about it.
    pub(crate) fn suspend(&mut self, agent: AgentId) {
        for status in [AgentStatus::Suspended, AgentStatus::Active] {
            self.act(Command::ChangeAgent(ChangeAgent { agent, status }));
        }
    }

    pub(crate) fn card(&mut self, agent: AgentId, kind: CardKind) -> CardId {
        let entry = self.act(Command::CreateCard(CreateCard {
            agent,
            terms: CardTerms {
                purpose: text("Purchase wireless headphones from Amazon"),
                kind,
                limits: CardLimits {
                    total: Amount(50_000_00),
                    per_authorization: None,
                    per_day: None,
                    per_month: None,
                },
                controls: CardControls::default(),
            },
            number: CardNumber {
                sealed: sealed(2),
                last4: *b"4242",
                last_month: Month::new(2029, 11).expect("it is one"),
            },
        }));
        match entry.events[..] {
            [Event::CardCreated(ref event)] => event.card,
            ref events => panic!("{events:?}"),
        }
    }

    /// An approved holder with so many cents, and an agent.
    pub(crate) fn spender(&mut self, cents: u128) -> (HolderId, AgentId) {
        let holder = self.holder();
        self.verify(holder, VerificationStatus::Approved);
        self.deposit(holder, cents);
        (holder, self.agent(holder))
    }

    /// All that the log says of a webhook, the oldest first.
    pub(crate) fn log(&self, webhook: WebhookId) -> Vec<Delivery> {
        let (deliveries, mut from, mut all) = (Deliveries::open(&self.place), None, Vec::new());
        loop {
            let list = deliveries.list(webhook, from, 7).unwrap();
            all.extend(list.deliveries);
            from = list.next;
            if from.is_none() {
                all.reverse();
                return all;
            }
        }
    }

    /// Waits until a courier has followed the journal to its end.
    pub(crate) fn wait_for(&self, courier: &Courier) {
        let until = Instant::now() + WAIT_MAX;
        while courier.progress().borrow().position != self.head() {
            assert!(Instant::now() < until, "{:?}", *courier.progress().borrow());
            pause();
        }
    }

    /// Waits until the log of a webhook is as it is to be.
    pub(crate) fn wait_for_log(
        &self,
        webhook: WebhookId,
        is_so: impl Fn(&[Delivery]) -> bool,
    ) -> Vec<Delivery> {
        let until = Instant::now() + WAIT_MAX;
        loop {
            let log = self.log(webhook);
            if is_so(&log) {
                return log;
            }
            assert!(Instant::now() < until, "{log:#?}");
            pause();
        }
    }
}

impl Reader for Journal {
    fn book(&self) -> BookId {
        self.book
    }

    fn head(&mut self) -> Result<Head, ReadError> {
        let entries = self.entries.lock().unwrap();
        let head = |stored: &Stored| Head { position: stored.entry.position, hash: stored.hash };
        Ok(entries.last().map_or(Head::EMPTY, head))
    }

    fn read(&mut self, from: Position, limit: usize) -> Result<Vec<Stored>, ReadError> {
        let entries = self.entries.lock().unwrap();
        Ok(entries.iter().skip(from.0 as usize - 1).take(limit).cloned().collect())
    }

    fn find(&mut self, _: Reference) -> Result<Option<Stored>, ReadError> {
        unreachable!("couriers look for no reference")
    }

    fn tree(&mut self) -> Result<Tree, ReadError> {
        unreachable!("couriers look at no tree")
    }

    fn checkpoints(&mut self, _: &mut dyn FnMut(u64, &str)) -> Result<(), ReadError> {
        unreachable!("couriers look at no checkpoint")
    }

    fn last_checkpoint(&mut self) -> Result<Option<String>, ReadError> {
        unreachable!("couriers look at no checkpoint")
    }

    fn references(&mut self, _: &mut dyn FnMut(Reference, Position)) -> Result<(), ReadError> {
        unreachable!("couriers look for no reference")
    }
}

pub(crate) fn text<const MAX: usize>(text: &str) -> Text<MAX> {
    Text::new(text).unwrap()
}

pub(crate) fn sealed(byte: u8) -> Sealed {
    Sealed { subject: [byte; 16], reference: [byte; 16], commitment: [byte; 32] }
}
