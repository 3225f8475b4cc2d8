//! A gateway with all that it rests on, and a client.

use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use axum::Router;
use axum::body::Body;
use courier::{Courier, Deliveries};
use gateway::keys::{self, ServiceKey};
use gateway::{
    BookCode, Followed, Gateway, Library, NewBook, RateLimits, ReadModels, ServedBook, Service,
};
use http_body_util::BodyExt;
use hyper::service::Service as _;
use hyper::{HeaderMap, Method, Request, StatusCode};
use hyper_util::service::TowerToHyperService;
use journal::memory::MemoryStore;
use journal::{Head, Outcome, Reader, Store, Stored, WriterId};
use ledger::book::{Environment, OpenBook};
use ledger::erasure::EraseHolder;
use ledger::holders::CreateHolder;
use ledger::keys::{CreateKey, Family, Scope};
use ledger::{
    Approval, Book, BookId, Command, CommandId, Entry, Event, HolderId, Origin, Position,
    Reference, Timestamp,
};
use projector::{
    Balances, Directory, Intents, Place, Progress, Projector, ReadModel, Transactions,
};
use rpc::{Answer, Commands, Publisher, Refusal, Submission};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::watch;
use tokio::time::Instant;
use vault::{Kind, MasterKey, Subject, Vault};

const WRITER: WriterId = WriterId([1; 16]);
/// Which book it is, where there is one.
const BOOK: BookId = BookId([7; 16]);

/// A book with one key of each family.
pub(crate) struct World {
    service: TowerToHyperService<Router>,
    book: BookId,
    environment: Environment,
    /// Speaks LedgerOS.
    pub(crate) lk: String,
    /// Speaks the Ledger API.
    pub(crate) ld: String,
    commands: Commands,
    submitted: Arc<AtomicUsize>,
    store: MemoryStore,
    publisher: Publisher,
    pub(crate) vault: Arc<Vault>,
    // After what uses them.
    projectors: BTreeMap<ReadModel, Projector>,
    _folder: TempDir,
}

/// What came back.
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::of(Environment::Sandbox).await
    }

    pub(crate) async fn of(environment: Environment) -> Self {
        Self::of_book(BOOK, environment).await
    }

    pub(crate) async fn of_book(book: BookId, environment: Environment) -> Self {
        let (mut world, gateway) = Self::unserved(book, environment).await;
        world.serve(alone(&world, gateway, RateLimits::NONE));
        world
    }

    /// A book whose keys may make so many requests.
    pub(crate) async fn limited(limits: RateLimits) -> Self {
        let (mut world, gateway) = Self::unserved(BOOK, Environment::Sandbox).await;
        world.serve(alone(&world, gateway, limits));
        world
    }

    /// Two test books, `default` and `acme`, in one service that has this key and makes books there.
    pub(crate) async fn two(key: &str, library: impl Library) -> [Self; 2] {
        let (mut default, one) = Self::unserved(BookId([1; 16]), Environment::Sandbox).await;
        let (mut acme, other) = Self::unserved(BookId([2; 16]), Environment::Sandbox).await;
        let books = vec![default.served_as("default", one), acme.served_as("acme", other)];
        let key = ServiceKey::parse(key).unwrap();
        default.serve(Service::new(books, key, library, RateLimits::NONE));
        acme.service = default.service.clone();
        [default, acme]
    }

    /// A book that no service has yet, and its gateway.
    pub(crate) async fn unserved(book: BookId, environment: Environment) -> (Self, Gateway) {
        let folder = tempfile::tempdir().unwrap();
        let store = MemoryStore::new(book);
        let publisher = Publisher::new(Position::START);
        let (projectors, models) = follow(folder.path(), &store, &publisher);
        let submitted = Arc::new(AtomicUsize::new(0));
        let commands = Writer::start(store.clone(), publisher.clone(), submitted.clone());
        let master = MasterKey::open_or_create(&folder.path().join("master.key")).unwrap();
        let vault = Arc::new(Vault::open(&folder.path().join("vault.sqlite"), master).unwrap());
        let mut world = Self {
            service: TowerToHyperService::new(Router::new()),
            book,
            environment,
            lk: String::new(),
            ld: String::new(),
            commands: commands.clone(),
            submitted,
            store,
            publisher,
            vault: vault.clone(),
            projectors,
            _folder: folder,
        };
        world.write(Command::OpenBook(OpenBook { book, environment })).await;
        let (lk, new) = keys::generate(Family::LedgerOs, environment, Scope::Admin);
        world.write(Command::CreateKey(CreateKey(new))).await;
        let (ld, new) = keys::generate(Family::LedgerApi, environment, Scope::Admin);
        let head = world.write(Command::CreateKey(CreateKey(new))).await.position;
        (world.lk, world.ld) = (lk, ld);
        let told = deliveries(world._folder.path());
        let gateway =
            Gateway::new(book, environment, commands, models, told, vault).resume_at(head);
        (world, gateway)
    }

    /// The book under a code.
    pub(crate) fn served_as(&self, code: &str, gateway: Gateway) -> ServedBook {
        ServedBook {
            code: BookCode::parse(code).unwrap(),
            created_at: self.entry(1).at,
            gateway: Arc::new(gateway),
        }
    }

    /// Sends what follows to this service.
    pub(crate) fn serve(&mut self, service: Service) {
        self.service = TowerToHyperService::new(gateway::router(service));
    }

    /// Another service for this book, with read models of its own that follow the same journal.
    pub(crate) fn beside(&self) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (projectors, models) = follow(folder.path(), &self.store, &self.publisher);
        self.beside_with(folder, projectors, models, Position(0))
    }

    /// The same after a crash of its database: its gateway has written up to `shown`, which its directory showed before.
    pub(crate) fn beside_after_a_crash(&self, shown: Position) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (projectors, mut models) = follow(folder.path(), &self.store, &self.publisher);
        let (told, progress) = watch::channel(Progress::default());
        told.send_modify(|progress| progress.position = shown);
        models.directory.progress = progress;
        self.beside_with(folder, projectors, models, shown)
    }

    fn beside_with(
        &self,
        folder: TempDir,
        projectors: BTreeMap<ReadModel, Projector>,
        models: ReadModels,
        head: Position,
    ) -> Self {
        let (commands, vault) = (self.commands.clone(), self.vault.clone());
        let told = deliveries(folder.path());
        let gateway = Gateway::new(self.book, self.environment, commands, models, told, vault)
            .resume_at(head);
        let service = alone(self, gateway, RateLimits::NONE);
        Self {
            service: TowerToHyperService::new(gateway::router(service)),
            book: self.book,
            environment: self.environment,
            lk: self.lk.clone(),
            ld: self.ld.clone(),
            commands: self.commands.clone(),
            submitted: self.submitted.clone(),
            store: self.store.clone(),
            publisher: self.publisher.clone(),
            vault: self.vault.clone(),
            projectors,
            _folder: folder,
        }
    }

    /// Makes a key that the gateway can find.
    pub(crate) async fn key(
        &self,
        family: Family,
        environment: Environment,
        scope: Scope,
    ) -> String {
        let (text, new) = keys::generate(family, environment, scope);
        let position = self.write(Command::CreateKey(CreateKey(new))).await.position;
        self.reach(position.0).await;
        text
    }

    /// Waits until every read model shows what the gateway does not know of.
    pub(crate) async fn reach(&self, position: u64) {
        let deadline = Instant::now() + Duration::from_secs(10);
        for projector in self.projectors.values() {
            let mut progress = projector.progress();
            projector::wait_for(&mut progress, Position(position), deadline).await.unwrap();
        }
    }

    /// Has a read model follow the journal no further than it goes now.
    pub(crate) async fn stop(&mut self, model: ReadModel) {
        self.reach(self.head().0).await;
        self.projectors.remove(&model).unwrap();
    }

    /// Starts what delivers, and keeps its log where the gateway looks.
    pub(crate) async fn courier(&self) -> Courier {
        let place = messages(self._folder.path());
        let (store, feed) = (Box::new(self.store.clone()), self.publisher.subscribe());
        let vault = self.vault.clone();
        let start = move || Courier::start(&place, store, feed, vault, courier::Options::default());
        tokio::task::spawn_blocking(start).await.unwrap().unwrap()
    }

    /// Writes past the gateway. The gateway does not know of it.
    pub(crate) async fn write(&self, command: Command) -> Arc<Entry> {
        static NUMBER: AtomicUsize = AtomicUsize::new(1);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed) as u128;
        // In the ids that the command makes, the last bit counts them.
        let id = CommandId((u128::MAX - 2 * number).to_be_bytes());
        let request = ledger::Request { id, origin: Origin::LEDGER, command };
        self.commands.submit(request).await.unwrap().entry
    }

    /// How many commands have come to the writer.
    pub(crate) fn submitted(&self) -> usize {
        self.submitted.load(Ordering::SeqCst)
    }

    /// Where the journal ends.
    pub(crate) fn head(&self) -> Position {
        self.store.clone().head().unwrap().position
    }

    /// An entry of the journal.
    pub(crate) fn entry(&self, position: u64) -> Arc<Entry> {
        self.store.clone().read(Position(position), 1).unwrap()[0].entry.clone()
    }

    /// All bytes of the journal.
    pub(crate) fn journal(&self) -> Vec<u8> {
        let entries = self.store.clone().read(Position(1), usize::MAX).unwrap();
        entries.into_iter().flat_map(|stored| stored.bytes).collect()
    }

    /// Erases a user who is settled, as operators do. The gateway does not know of it.
    pub(crate) async fn erase(&self, user: &str) {
        let holder = HolderId::parse(user).unwrap();
        let approval = Approval::new("approved\n").unwrap();
        let entry = self.write(Command::EraseHolder(EraseHolder { holder, approval })).await;
        self.forget(user);
        self.reach(entry.position.0).await;
    }

    /// Erases a user from the vault alone.
    pub(crate) fn forget(&self, user: &str) {
        let entries = self.store.clone().read(Position(1), usize::MAX).unwrap();
        let created =
            entries.iter().flat_map(|stored| &stored.entry.events).find_map(|event| match event {
                Event::HolderCreated(event) if event.holder.to_string() == user => Some(event),
                _ => None,
            });
        self.vault.forget(&[Subject(created.unwrap().profile.subject)]).unwrap();
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Reply {
        let (head, body) = self.service.call(request).await.unwrap().into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        Reply { status: head.status, headers: head.headers, text }
    }

    /// Sends a request with headers and any body.
    pub(crate) async fn raw(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Reply {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(body.into()).unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.raw(Method::GET, path, &[("api-key", &self.lk)], "").await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Reply {
        self.raw(Method::POST, path, &[("api-key", &self.lk)], body.to_string()).await
    }

    pub(crate) async fn patch(&self, path: &str, body: &Value) -> Reply {
        self.raw(Method::PATCH, path, &[("api-key", &self.lk)], body.to_string()).await
    }

    /// Sends what must succeed.
    pub(crate) async fn done(&self, path: &str, body: &Value) -> Value {
        let reply = self.post(path, body).await;
        assert_eq!(reply.status, StatusCode::OK, "{path} {body}: {}", reply.text);
        reply.json()
    }

    /// Asks what must be there.
    pub(crate) async fn seen(&self, path: &str) -> Value {
        let reply = self.get(path).await;
        assert_eq!(reply.status, StatusCode::OK, "{path}: {}", reply.text);
        reply.json()
    }

    /// A user, not verified.
    pub(crate) async fn user(&self) -> String {
        let user = json!({"firstName": "John", "lastName": "Doe", "email": "john@example.com"});
        id(&self.done("/v1/users", &user).await)
    }

    /// A user whose entry was made for another profile than the vault has.
    pub(crate) async fn user_with_another_commitment(&self) -> String {
        let profile = br#"{"firstName":"John","lastName":"Doe","email":"john@example.com"}"#;
        let sealed = self.vault.create_subject(Kind::Profile, profile, 0).unwrap();
        let profile = ledger::Sealed {
            subject: sealed.subject.0,
            reference: sealed.reference.0,
            commitment: [0; 32],
        };
        let entry = self.write(Command::CreateHolder(CreateHolder { profile })).await;
        self.reach(entry.position.0).await;
        match &entry.events[0] {
            Event::HolderCreated(event) => event.holder.to_string(),
            other => panic!("{other:?}"),
        }
    }

    /// A user who may spend so many dollars.
    pub(crate) async fn funded_user(&self, dollars: u32) -> String {
        let user = self.user().await;
        self.verify(&user, "approved").await;
        if 0 < dollars {
            self.deposit(&user, &format!("{dollars}.00")).await;
        }
        user
    }

    pub(crate) async fn verify(&self, user: &str, outcome: &str) {
        let path = format!("/v1/sandbox/verifications/{user}");
        self.done(&path, &json!({ "outcome": outcome })).await;
    }

    pub(crate) async fn deposit(&self, user: &str, amount: &str) -> Value {
        let address = self.address(user, "USDC", "solana").await;
        let deposit = json!({ "address": address, "asset": "USDC", "amount": amount });
        self.done("/v1/sandbox/deposits", &deposit).await
    }

    pub(crate) async fn address(&self, user: &str, asset: &str, chain: &str) -> String {
        let funding = self.seen(&format!("/v1/users/{user}/funding")).await;
        let mut addresses = funding["addresses"].as_array().unwrap().iter();
        let found =
            addresses.find(|address| address["asset"] == asset && address["chain"] == chain);
        found.unwrap()["address"].as_str().unwrap().to_owned()
    }

    /// An agent of the user, with its token.
    pub(crate) async fn agent(&self, user: &str) -> (String, String) {
        let agent = json!({
            "userId": user, "name": "checkout-bot", "spendingLimit": 1_000_000,
            "spendingLimitFrequency": "perMonth",
        });
        let agent = self.done("/v1/agents/register", &agent).await;
        (id(&agent), agent["agentToken"].as_str().unwrap().to_owned())
    }

    /// A card for many purchases.
    pub(crate) async fn card(&self, agent: &str) -> String {
        let card = json!({ "purpose": "Headphones", "type": "multi", "maxAmount": 500_000 });
        id(&self.done(&format!("/v1/agents/{agent}/cards"), &card).await)
    }

    /// A card of a new user with 500.00.
    pub(crate) async fn funded_card(&self) -> String {
        let user = self.funded_user(500).await;
        let (agent, _) = self.agent(&user).await;
        self.card(&agent).await
    }

    /// A card of a new user with 500.00, with these settings besides those that it must have.
    pub(crate) async fn card_with(&self, settings: Value) -> String {
        let user = self.funded_user(500).await;
        let (agent, _) = self.agent(&user).await;
        let mut card = json!({ "purpose": "Books", "type": "multi", "maxAmount": 500_000 });
        card.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
        id(&self.done(&format!("/v1/agents/{agent}/cards"), &card).await)
    }

    /// Asks the card for so many cents.
    pub(crate) async fn authorize(&self, card: &str, cents: u64) -> Value {
        let purchase = json!({ "amount": cents, "merchant": { "name": "Amazon" } });
        self.done(&format!("/v1/sandbox/cards/{card}/authorizations"), &purchase).await
    }
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {}", self.text))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// LedgerOS's error code.
    pub(crate) fn code(&self) -> String {
        self.json()["error"]["code"].as_str().unwrap_or_default().to_owned()
    }

    pub(crate) fn message(&self) -> String {
        self.json()["error"]["message"].as_str().unwrap_or_default().to_owned()
    }

    /// The position that the answer rests on.
    pub(crate) fn position(&self) -> u64 {
        self.header("ledger-position").unwrap().parse().unwrap()
    }
}

/// The id in an answer.
pub(crate) fn id(answer: &Value) -> String {
    answer["id"].as_str().unwrap().to_owned()
}

/// A service with no other book.
fn alone(world: &World, gateway: Gateway, limits: RateLimits) -> Service {
    let key = ServiceKey::parse(&ServiceKey::generate()).unwrap();
    Service::new(vec![world.served_as("default", gateway)], key, NoLibrary, limits)
}

/// Makes no books.
pub(crate) struct NoLibrary;

impl Library for NoLibrary {
    fn create(
        &self,
        _: &BookCode,
        _: Environment,
    ) -> Result<NewBook, Box<dyn Error + Send + Sync>> {
        Err("there is no place for books".into())
    }
}

fn follow(
    folder: &Path,
    store: &MemoryStore,
    publisher: &Publisher,
) -> (BTreeMap<ReadModel, Projector>, ReadModels) {
    let place = Place::Folder(folder.to_owned());
    let start = |model| {
        let reader = Box::new(store.clone());
        Projector::start(model, &place, reader, publisher.subscribe()).unwrap()
    };
    let [balances, transactions, intents, directory] = ReadModel::ALL.map(start);
    let models = ReadModels {
        balances: followed(Balances::open(&place, Box::new(store.clone())).unwrap(), &balances),
        transactions: followed(Transactions::open(&place).unwrap(), &transactions),
        intents: followed(Intents::open(&place).unwrap(), &intents),
        directory: followed(Directory::open(&place).unwrap(), &directory),
    };
    let projectors = [balances, transactions, intents, directory];
    (ReadModel::ALL.into_iter().zip(projectors).collect(), models)
}

/// Of a courier that has not run yet.
fn deliveries(folder: &Path) -> Deliveries {
    Deliveries::open(&messages(folder))
}

fn messages(folder: &Path) -> courier::Place {
    courier::Place::File(folder.join("courier.sqlite"))
}

fn followed<Q>(queries: Q, projector: &Projector) -> Followed<Q> {
    Followed { queries: Arc::new(queries), progress: projector.progress() }
}

/// Does what a writer does, one command at a time.
struct Writer {
    book: Book,
    head: Head,
    store: MemoryStore,
    publisher: Publisher,
    seen: HashMap<Reference, Arc<Entry>>,
}

impl Writer {
    fn start(store: MemoryStore, publisher: Publisher, submitted: Arc<AtomicUsize>) -> Commands {
        let (commands, mut submissions) = Commands::channel(1_000);
        let (book, seen) = (Book::default(), HashMap::new());
        let mut writer = Self { book, head: Head::EMPTY, store, publisher, seen };
        tokio::spawn(async move {
            while let Some(Submission { request, is_trial, reply, .. }) = submissions.recv().await {
                submitted.fetch_add(1, Ordering::SeqCst);
                let answer =
                    if is_trial { writer.try_out(&request) } else { writer.answer(&request) };
                // Whoever asked may have left.
                let _ = reply.send(answer);
            }
        });
        commands
    }

    fn answer(&mut self, request: &ledger::Request) -> Result<Answer, Refusal> {
        self.expire();
        let prior = request.references().find_map(|reference| self.seen.get(&reference));
        if let Some(entry) = prior {
            let (now, then) = (&request.origin, &entry.origin);
            let is_same = (now.route, now.fingerprint) == (then.route, then.fingerprint);
            if entry.command == request.id && !is_same {
                return Err(Refusal::Reused { route: then.route });
            }
            return Ok(Answer { entry: entry.clone(), is_replay: true });
        }
        let entry = self.write(request)?;
        self.expire();
        Ok(Answer { entry, is_replay: false })
    }

    fn try_out(&mut self, request: &ledger::Request) -> Result<Answer, Refusal> {
        self.expire();
        let entry = Arc::new(self.book.decide(request, self.book.now(wall()))?);
        Ok(Answer { entry, is_replay: false })
    }

    fn expire(&mut self) {
        while let Some(request) = self.book.due(self.book.now(wall())) {
            self.write(&request).unwrap();
        }
    }

    fn write(&mut self, request: &ledger::Request) -> Result<Arc<Entry>, Refusal> {
        let entry = Arc::new(self.book.decide(request, self.book.now(wall()))?);
        self.book.apply(&entry);
        for reference in entry.references() {
            self.seen.insert(reference, entry.clone());
        }
        let stored: Arc<[Stored]> = [journal::encode(entry.clone(), self.head.hash)].into();
        let epoch = self.store.claim(WRITER).unwrap();
        let outcome = self.store.append(&stored, self.head, epoch);
        assert!(matches!(outcome, Outcome::Committed));
        self.head = Head { position: entry.position, hash: stored[0].hash };
        self.publisher.publish(stored);
        Ok(entry)
    }
}

fn wall() -> Timestamp {
    let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    Timestamp::from_millis(u64::try_from(since_1970.as_millis()).unwrap())
}
