//! What must stand nowhere outside the vault: not in PostgreSQL, not in NATS, not in a log. And keys that die everywhere.

use std::fs;
use std::path::{Path, PathBuf};

use hyper::Method;
use ledgeros::client::Client;
use serde_json::{Value, json};

use crate::cluster::Cluster;
use crate::role::wait_until;

const FIRST_NAME: &str = "Wilhelmina";
const LAST_NAME: &str = "Vandersloot";
const EMAIL: &str = "wilhelmina.vandersloot@example.com";
/// What a purchase is for stands in the journal: a search that does not find this finds nothing.
const SUMMARY: &str = "a harpsichord in the Flemish manner";
const CARDS: usize = 5;

#[tokio::test(flavor = "multi_thread")]
async fn no_name_number_or_secret_is_in_the_database_the_bus_or_a_log() {
    let mut cluster = Cluster::start(&[]);
    for process in cluster.processes() {
        let limits = fs::read_to_string(format!("/proc/{process}/limits")).unwrap();
        let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
        let limits: Vec<_> = core.split_whitespace().skip(4).take(2).collect();
        assert_eq!(limits, ["0", "0"], "a crash of `{process}` writes no memory to disk");
    }

    let mut client = cluster.client(0, "default").await;
    let mut secrets: Vec<_> = [FIRST_NAME, LAST_NAME, EMAIL].map(str::to_owned).into();
    let person = json!({ "firstName": FIRST_NAME, "lastName": LAST_NAME, "email": EMAIL });
    let user = post(&mut client, "/v1/users", &person).await["id"].clone();
    let path = format!("/v1/sandbox/verifications/{}", text(&user));
    post(&mut client, &path, &json!({ "outcome": "approved" })).await;
    let agent = json!({
        "userId": user, "name": "bot", "spendingLimit": 50_000,
        "spendingLimitFrequency": "perMonth",
    });
    let agent = post(&mut client, "/v1/agents/register", &agent).await;
    secrets.push(secret_part(&agent["agentToken"]));
    let webhook =
        json!({ "url": "http://127.0.0.1:9/a-token-in-an-address", "events": ["card.created"] });
    let webhook = post(&mut client, "/v1/webhooks", &webhook).await;
    secrets.push(text(&webhook["secret"]).to_owned());
    secrets.push("a-token-in-an-address".to_owned());
    for _ in 0..CARDS {
        secrets.push(number_of_a_new_card(&mut client, text(&agent["id"])).await);
    }
    let bad = json!({ "firstName": FIRST_NAME, "lastName": LAST_NAME, "email": EMAIL, "pan": 1 });
    assert_eq!(client.post("/v1/users", &bad).await.unwrap().status, 400);
    let shown = client.get(&format!("/v1/users/{}", text(&user))).await.unwrap().json();
    assert_eq!(shown["firstName"], FIRST_NAME, "the vault gives it back");

    cluster.stop_all();
    let [roles, database, bus] = cluster.places();
    for (place, has_entries) in [(roles, false), (database, true), (bus, true)] {
        let files: Vec<_> = files(&place)
            .into_iter()
            .filter(|path| !path.ends_with("keys.json"))
            .map(|path| (fs::read(&path).unwrap_or_default(), path))
            .collect();
        let find = |text: &str| {
            let is_there =
                |content: &[u8]| content.windows(text.len()).any(|part| part == text.as_bytes());
            files.iter().find(|(content, _)| is_there(content)).map(|(_, path)| path.clone())
        };
        assert!(!has_entries || find(SUMMARY).is_some(), "{} has no entry", place.display());
        for secret in &secrets {
            let found = find(secret);
            assert!(found.is_none(), "a secret of {} characters: {found:?}", secret.len());
        }
    }
    assert_eq!(secrets.len(), 6 + CARDS);
}

/// The directory's projector tells the other gateway's process of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_one_gateway_revokes_dies_at_the_other() {
    let cluster = Cluster::start(&[]);
    let mut client = cluster.client(0, "default").await;
    let made = post(&mut client, "/v1/keys", &json!({ "scope": "write" })).await;
    let mut there = Client::connect(&cluster.authorities[1], text(&made["key"])).await.unwrap();
    wait_for_status(&mut there, 200);
    let path = format!("/v1/keys/{}", text(&made["id"]));
    let revoked = client.send(Method::DELETE, &path, "".into()).await.unwrap();
    assert_eq!(revoked.status, 200, "{}", revoked.json());
    wait_for_status(&mut there, 401);
    cluster.stop();
}

/// Asks until that is the answer, which comes within a second where nothing else is to be done.
fn wait_for_status(client: &mut Client, status: u16) {
    let runtime = tokio::runtime::Handle::current();
    tokio::task::block_in_place(|| {
        wait_until("the answer is another", || {
            runtime.block_on(client.get("/v1/agents")).unwrap().status == status
        });
    });
}

async fn post(client: &mut Client, path: &str, body: &Value) -> Value {
    let answer = client.post(path, body).await.unwrap();
    assert!(answer.status.is_success(), "{path}: {}", answer.json());
    answer.json()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn secret_part(key: &Value) -> String {
    text(key).rsplit('_').next().unwrap().to_owned()
}

async fn number_of_a_new_card(client: &mut Client, agent: &str) -> String {
    let card = json!({ "purpose": "test", "type": "single", "maxAmount": 15_000 });
    let card = post(client, &format!("/v1/agents/{agent}/cards"), &card).await;
    let card = text(&card["id"]);
    let intent = json!({ "summary": SUMMARY, "amount": 100, "merchantText": "Bistro" });
    post(client, &format!("/v1/cards/{card}/intents"), &intent).await;
    let attest = json!({ "summary": SUMMARY, "expectedAmount": 100, "merchantText": "Bistro" });
    let details = post(client, &format!("/v1/cards/{card}/details"), &attest).await;
    let number = text(&details["pan"]);
    assert_eq!(number.len(), 16);
    number.to_owned()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(folder).unwrap().map(|item| item.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}
