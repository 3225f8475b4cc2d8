//! Purchases at a steady rate, whatever happens, by clients that ask again under the same key until they are answered.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ledger::{Event, Position, TransactionId};
use ledgeros::client::Client;
use ledgeros::folder::{self, FirstKeys};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, interval, timeout};

use crate::cluster::Cluster;
use crate::judge::{Diary, new_key};
use crate::role::DEADLINE;

/// How long a client waits for an answer before it asks again.
const PATIENCE: Duration = Duration::from_secs(15);
/// How long it waits before it asks again after a refusal that may pass.
const AGAIN_AFTER: Duration = Duration::from_millis(50);

/// Whether everything is done as often as the promises name.
pub(crate) fn is_long() -> bool {
    std::env::var_os("LEDGEROS_LONG").is_some()
}

/// Who spends.
#[derive(Clone)]
pub(crate) struct Spender {
    pub(crate) user: String,
    pub(crate) card: String,
    /// What came of all that was asked for.
    pub(crate) diary: Diary,
}

impl Spender {
    /// An approved user with money, and a card without narrow limits.
    pub(crate) async fn new(client: &mut Client) -> Self {
        let diary = Diary::new();
        let person = json!({ "firstName": "Ada", "lastName": "Quux", "email": "ada@example.com" });
        let user = text(&made(&diary, client, "/v1/users", person).await, "id");
        let approved = json!({ "outcome": "approved" });
        made(&diary, client, &format!("/v1/sandbox/verifications/{user}"), approved).await;
        let funding = get(client, &format!("/v1/users/{user}/funding")).await;
        let addresses = funding["addresses"].as_array().unwrap();
        let usdc = addresses.iter().find(|address| address["asset"] == "USDC").unwrap();
        let deposit =
            json!({ "address": usdc["address"], "asset": "USDC", "amount": "10000000.00" });
        made(&diary, client, "/v1/sandbox/deposits", deposit).await;
        let agent = json!({
            "userId": user, "name": "bot", "spendingLimit": 9_000_000_000_u64,
            "spendingLimitFrequency": "allTime",
        });
        let agent = text(&made(&diary, client, "/v1/agents/register", agent).await, "id");
        let card = json!({ "purpose": "test", "type": "multi", "maxAmount": 9_000_000_000_u64 });
        let card =
            text(&made(&diary, client, &format!("/v1/agents/{agent}/cards"), card).await, "id");
        Self { user, card, diary }
    }

    pub(crate) fn authorizations(&self) -> String {
        format!("/v1/sandbox/cards/{}/authorizations", self.card)
    }
}

/// The answer to a post that must succeed, noted down under a key that nobody else has.
async fn made(diary: &Diary, client: &mut Client, path: &str, body: Value) -> Value {
    let answer = diary.post(client, &new_key(), path, &body).await.unwrap();
    assert!(answer.status.is_success(), "{path}: {} {}", answer.status, answer.json());
    answer.json()
}

pub(crate) async fn post(client: &mut Client, path: &str, body: Value) -> Value {
    let answer = client.post(path, &body).await.unwrap();
    assert!(answer.status.is_success(), "{path}: {} {}", answer.status, answer.json());
    answer.json()
}

pub(crate) async fn get(client: &mut Client, path: &str) -> Value {
    let answer = client.get(path).await.unwrap();
    assert!(answer.status.is_success(), "{path}: {} {}", answer.status, answer.json());
    answer.json()
}

pub(crate) fn text(body: &Value, field: &str) -> String {
    body[field].as_str().unwrap_or_else(|| panic!("no `{field}` in {body}")).to_owned()
}

/// A command that was answered.
#[derive(Debug, Clone)]
pub(crate) struct Done {
    pub(crate) key: String,
    pub(crate) transaction: String,
    pub(crate) sent: Instant,
    pub(crate) answered: Instant,
}

/// Purchases under way.
pub(crate) struct Load {
    stop: watch::Sender<bool>,
    answered: watch::Receiver<u64>,
    clients: JoinSet<Vec<Done>>,
}

impl Load {
    /// So many commands a second, over so many connections, at both gateways.
    pub(crate) fn start(cluster: &Cluster, spender: &Spender, per_second: u32) -> Self {
        const CONNECTIONS: u32 = 64;
        let keys = Arc::new(folder::keys_of(&cluster.data()).unwrap().unwrap());
        let (stop, stopped) = watch::channel(false);
        let (count, answered) = watch::channel(0);
        let count = Arc::new(count);
        let mut clients = JoinSet::new();
        for number in 0..CONNECTIONS {
            let mut authorities = cluster.authorities.clone();
            let first = number as usize % authorities.len();
            authorities.rotate_left(first);
            let customer = Customer {
                number,
                authorities,
                keys: keys.clone(),
                path: spender.authorizations(),
                connection: None,
                diary: spender.diary.clone(),
                answered: count.clone(),
            };
            let pace = Duration::from_secs(1) * CONNECTIONS / per_second;
            clients.spawn(customer.spend(pace, stopped.clone()));
        }
        Self { stop, answered, clients }
    }

    /// Waits until so many more are answered: the next fault meets a service that works.
    pub(crate) async fn answers(&mut self, more: u64) {
        let enough = *self.answered.borrow() + more;
        let waited = timeout(DEADLINE, self.answered.wait_for(|answered| enough <= *answered));
        waited.await.expect("the service goes on").expect("clients go on until they are stopped");
    }

    /// Ends it, when every command that was begun is answered.
    pub(crate) async fn stop(self) -> Vec<Done> {
        self.stop.send_replace(true);
        self.clients.join_all().await.concat()
    }
}

struct Customer {
    number: u32,
    authorities: Vec<String>,
    keys: Arc<FirstKeys>,
    path: String,
    connection: Option<Client>,
    diary: Diary,
    answered: Arc<watch::Sender<u64>>,
}

impl Customer {
    async fn spend(mut self, pace: Duration, stopped: watch::Receiver<bool>) -> Vec<Done> {
        let mut done = Vec::new();
        let mut ticks = interval(pace);
        for count in 0.. {
            let sent = ticks.tick().await;
            if *stopped.borrow() {
                break;
            }
            let key = format!("{}-{count}", self.number);
            let transaction = self.until_answered(&key).await;
            done.push(Done { key, transaction, sent, answered: Instant::now() });
            self.answered.send_modify(|answered| *answered += 1);
        }
        done
    }

    async fn until_answered(&mut self, key: &str) -> String {
        loop {
            if let Some(transaction) = self.ask(key).await {
                return transaction;
            }
            self.connection = None;
            self.authorities.rotate_left(1);
            tokio::time::sleep(AGAIN_AFTER).await;
        }
    }

    /// `None` when it is to be asked again.
    async fn ask(&mut self, key: &str) -> Option<String> {
        if self.connection.is_none() {
            let connect = Client::connect(&self.authorities[0], &self.keys.ledger_os);
            self.connection = Some(timeout(PATIENCE, connect).await.ok()?.ok()?);
        }
        let connection = self.connection.as_mut().unwrap();
        let body = json!({ "amount": 100, "merchant": { "name": "Bistro" } });
        let asked = self.diary.post(connection, key, &self.path, &body);
        let answer = timeout(PATIENCE, asked).await.ok()?.ok()?;
        if answer.status.is_server_error() {
            return None;
        }
        assert_eq!(answer.status, 200, "{key}: {}", answer.json());
        Some(text(&answer.json(), "transactionId"))
    }
}

/// Holds what was answered against the journal: each command is there once, and nothing else is.
pub(crate) fn check(data: &Path, done: &[Done]) {
    let answered: BTreeMap<_, _> =
        done.iter().map(|done| (done.transaction.clone(), &done.key)).collect();
    assert_eq!(answered.len(), done.len(), "one effect a key");
    let mut reader = folder::reader(data).unwrap().journal;
    let mut approved = BTreeSet::new();
    let mut from = Position::START.next();
    loop {
        let page = reader.read(from, 10_000).unwrap();
        let Some(last) = page.last() else { break };
        from = last.entry.position.next();
        for event in page.iter().flat_map(|stored| &stored.entry.events) {
            if let Event::AuthorizationApproved(event) = event {
                let id: TransactionId = event.transaction;
                assert!(approved.insert(id.to_string()), "`{id}` is there twice");
            }
        }
    }
    let lost: Vec<_> = answered.keys().filter(|id| !approved.contains(*id)).collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    let more: Vec<_> = approved.iter().filter(|id| !answered.contains_key(*id)).collect();
    assert!(
        more.is_empty(),
        "done without an answer, although every command was asked for until it had one: {more:?}"
    );
}

/// The longest time without an answer after each moment, in milliseconds.
pub(crate) fn gaps_ms(done: &[Done], moments: &[Instant]) -> Vec<u128> {
    let mut answers: Vec<_> = done.iter().map(|done| done.answered).collect();
    answers.sort_unstable();
    let longest = |(i, moment): (usize, &Instant)| {
        let end = moments.get(i + 1).copied();
        let from = answers.partition_point(|at| at < moment);
        let to = end.map_or(answers.len(), |end| answers.partition_point(|at| *at < end));
        let window = [&[*moment], &answers[from..to]].concat();
        window.windows(2).map(|pair| (pair[1] - pair[0]).as_millis()).max().unwrap_or_default()
    };
    moments.iter().enumerate().map(longest).collect()
}
