//! People who are erased.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use ledgeros::client::Client;
use rusqlite::Connection;
use serde_json::{Value, json};
use vault::{Kind, MasterKey, Vault};

use crate::operators::{Operators, printed, refused};
use crate::support::{Served, Spender, command, export, get, post};

/// Somebody with a card, and no money.
struct Person {
    user: String,
    agent: String,
    card: String,
}

impl Person {
    async fn new(client: &mut Client) -> Self {
        let person = json!({ "firstName": "Ada", "lastName": "Quux", "email": "ada@example.com" });
        let user = id(&post(client, "/v1/users", person).await);
        let path = format!("/v1/sandbox/verifications/{user}");
        post(client, &path, json!({ "outcome": "approved" })).await;
        let agent = json!({
            "userId": user, "name": "bot", "spendingLimit": 50_000,
            "spendingLimitFrequency": "perMonth",
        });
        let agent = id(&post(client, "/v1/agents/register", agent).await);
        let card = json!({ "purpose": "test", "type": "single", "maxAmount": 15_000 });
        let card = id(&post(client, &format!("/v1/agents/{agent}/cards"), card).await);
        Self { user, agent, card }
    }
}

fn id(body: &Value) -> String {
    body["id"].as_str().unwrap().to_owned()
}

/// Every key of the vault, wrapped, and everything that is encrypted under one, oldest first.
fn traces(data: &Path) -> Vec<Vec<u8>> {
    let vault = Connection::open(data.join("vault.sqlite")).unwrap();
    let sql = "select wrapped_key from subject union all select ciphertext from item";
    let mut rows = vault.prepare(sql).unwrap();
    rows.query_map((), |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

/// Those that stand in any file of the folder.
fn found(folder: &Path, traces: &[Vec<u8>]) -> usize {
    let files: Vec<Vec<u8>> = files(folder).iter().map(|path| fs::read(path).unwrap()).collect();
    let is_in = |trace: &&Vec<u8>| {
        files.iter().any(|file| file.windows(trace.len()).any(|part| part == &trace[..]))
    };
    traces.iter().filter(is_in).count()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(folder).unwrap().map(|item| item.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

fn erase(data: &Path, user: &str, approved: Option<&Path>) -> Output {
    let mut erase = command();
    erase.args(["holders", "erase", user, "--data"]).arg(data);
    approved.map(|path| erase.arg("--approved").arg(path));
    erase.output().unwrap()
}

async fn is_unreadable(served: &Served, ada: &Person) {
    let mut client = served.client().await;
    let shown = get(&mut client, &format!("/v1/users/{}", ada.user)).await;
    for field in ["firstName", "lastName", "email"] {
        assert_eq!(shown[field], Value::Null, "{shown}");
    }
    let card = get(&mut client, &format!("/v1/cards/{}", ada.card)).await;
    assert_eq!(card["status"], "closed", "{card}");
    let attest = json!({ "summary": "test", "expectedAmount": 100, "merchantText": "Bistro" });
    let intent = json!({ "summary": "test", "amount": 100, "merchantText": "Bistro" });
    let new_card = json!({ "purpose": "test", "type": "single", "maxAmount": 15_000 });
    for (path, body) in [
        (format!("/v1/cards/{}/details", ada.card), attest),
        (format!("/v1/cards/{}/intents", ada.card), intent),
        (format!("/v1/agents/{}/cards", ada.agent), new_card),
        (format!("/v1/sandbox/verifications/{}", ada.user), json!({ "outcome": "approved" })),
    ] {
        let refused = client.post(&path, &body).await.unwrap();
        let said = refused.json();
        assert_eq!(
            (refused.status.as_u16(), &said["error"]["code"]),
            (409, &json!("user_erased")),
            "{path}: {said}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_erased_stays_erased_also_when_an_older_vault_is_put_back() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let served = Served::start(&data);
    let mut client = served.client().await;
    let bob = Person::new(&mut client).await;
    assert!(served.stop().success());
    let traces_of_bob = traces(&data);
    let served = Served::start(&data);
    let ada = Person::new(&mut served.client().await).await;
    assert!(served.stop().success());
    let mut traces_of_ada = traces(&data);
    traces_of_ada.retain(|trace| !traces_of_bob.contains(trace));
    assert_eq!((traces_of_bob.len(), traces_of_ada.len()), (4, 4), "a name and a number each");
    assert_eq!(found(&data, &traces_of_ada), 4);
    // As if a request that made her had been cut short between the vault and the journal.
    let key = MasterKey::open_or_create(&data.join("master.key")).unwrap();
    let vault = Vault::open(&data.join("vault.sqlite"), key).unwrap();
    vault.create_subject(Kind::Profile, b"Ada", 0).unwrap();
    drop(vault);
    let mut traces_of_nobody = traces(&data);
    traces_of_nobody.retain(|one| !traces_of_bob.contains(one) && !traces_of_ada.contains(one));
    assert_eq!((traces_of_nobody.len(), found(&data, &traces_of_nobody)), (2, 2));
    let older = folder.path().join("older.sqlite");
    fs::copy(data.join("vault.sqlite"), &older).unwrap();

    let operators = Operators::of(&data);
    let statement = printed(erase(&data, &ada.user, None));
    let erased = format!("\nerase {}\n", ada.user);
    assert!(String::from_utf8_lossy(&statement).contains(&erased));
    let path = operators.file(&statement);
    printed(operators.sign(&path, "bob"));
    refused(&erase(&data, &ada.user, Some(&path)), "`1` of the operators have signed");
    assert_eq!(found(&data, &traces_of_ada), 4);
    printed(operators.sign(&path, "ada"));
    refused(&erase(&data, &bob.user, Some(&path)), "for another moment or another act");
    printed(erase(&data, &ada.user, Some(&path)));

    assert_eq!(found(&data, &traces_of_ada), 0);
    assert_eq!(found(&data, &traces_of_nobody), 0);
    assert_eq!(found(&data, &traces_of_bob), 4);
    refused(&erase(&data, &ada.user, Some(&path)), "is erased");
    refused(&erase(&data, &ada.user, None), "is erased");
    let served = Served::start(&data);
    is_unreadable(&served, &ada).await;
    let shown = get(&mut served.client().await, &format!("/v1/users/{}", bob.user)).await;
    assert_eq!(shown["firstName"], "Ada");
    assert!(served.stop().success());

    fs::copy(&older, data.join("vault.sqlite")).unwrap();
    assert_eq!(found(&data, &traces_of_ada), 4);
    let mut served = Served::start(&data);
    assert_eq!(found(&data, &traces_of_ada), 0, "before the first request");
    is_unreadable(&served, &ada).await;
    served.kill();
    assert_eq!(found(&data, &traces_of_bob), 4);
    is_sound(&data, &operators);
    is_believed_by_others(&data, folder.path());
}

fn is_sound(data: &Path, operators: &Operators) {
    let verify = ["audit", "verify", "--format", "json", "--data"];
    let output = command()
        .args(verify)
        .arg(data)
        .arg("--operators")
        .arg(operators.public())
        .output()
        .unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["sound"], true, "{report}");
    assert_eq!(report["books"][0]["notes"], json!([]), "{report}");
}

fn is_believed_by_others(data: &Path, folder: &Path) {
    let (file, note) = (folder.join("export.jsonl"), folder.join("checkpoint"));
    fs::write(&file, printed(export(data, "jsonl"))).unwrap();
    let checkpoint = command().args(["audit", "checkpoint", "--data"]).arg(data).output().unwrap();
    fs::write(&note, printed(checkpoint)).unwrap();
    let checker = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/judge/check_export.py");
    let mut python = Command::new("python3");
    let output = python.arg(checker).arg(file).arg(note).arg(data.join("checkpoint.pub")).output();
    printed(output.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_that_was_cut_short_after_its_entry_is_finished() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let served = Served::start(&data);
    let ada = Person::new(&mut served.client().await).await;
    assert!(served.stop().success());
    let all = traces(&data);
    let before = folder.path().join("before.sqlite");
    fs::copy(data.join("vault.sqlite"), &before).unwrap();
    let operators = Operators::of(&data);
    let approval = operators.approve(&printed(erase(&data, &ada.user, None)));
    printed(erase(&data, &ada.user, Some(&approval)));
    // As if the process had ended between the entry and the vault.
    fs::copy(&before, data.join("vault.sqlite")).unwrap();
    assert_eq!(found(&data, &all), all.len());
    refused(&erase(&data, &ada.user, Some(&approval)), "is erased");
    assert_eq!(found(&data, &all), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_read_of_the_vault_keeps_nothing_from_being_served() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut served = Served::start(&data);
    let mut client = served.client().await;
    let (ada, bob) = (Person::new(&mut client).await, Person::new(&mut client).await);
    served.kill();
    let operators = Operators::of(&data);
    let approval = operators.approve(&printed(erase(&data, &ada.user, None)));
    printed(erase(&data, &ada.user, Some(&approval)));
    let mut served = Served::start(&data);
    Person::new(&mut served.client().await).await;
    served.kill();

    // As a backup does.
    let reader = Connection::open(data.join("vault.sqlite")).unwrap();
    reader.execute_batch("begin; select * from item").unwrap();
    let served = Served::start(&data);
    is_unreadable(&served, &ada).await;
    let path = format!("/v1/users/{}", bob.user);
    assert_eq!(get(&mut served.client().await, &path).await["firstName"], "Ada");
    assert!(served.stop().success());
    let said = "another reader holds old pages in the write-ahead log";
    refused(&erase(&data, &bob.user, None), said);

    reader.execute_batch("commit").unwrap();
    printed(erase(&data, &bob.user, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_money_or_is_nobody_is_not_erased() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let served = Served::start(&data);
    let spender = Spender::with(&mut served.client().await, "5.00").await;
    refused(&erase(&data, &spender.user, None), "another process serves this folder");
    assert!(served.stop().success());
    refused(&erase(&data, &spender.user, None), "the user is not settled");
    refused(&erase(&data, "ada", None), "is no user's id");
    let nobody = format!("user_{}", "0".repeat(26));
    refused(&erase(&data, &nobody, None), "no user has the id");
    let nowhere = folder.path().join("nowhere");
    refused(&erase(&nowhere, &spender.user, None), "there is no");
    assert!(!nowhere.exists());
}
