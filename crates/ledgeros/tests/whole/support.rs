//! A served folder, and how to talk to it.

use std::fs::Permissions;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use ledgeros::client::{Client, Response};
use serde_json::{Value, json};
use servers::Database;

use crate::judge::{Diary, new_key};

/// How long anything may take before a test gives up. Nothing waits for it to pass.
pub(crate) const DEADLINE: Duration = Duration::from_secs(60);

/// A running `ledgeros serve`. Killed when dropped.
pub(crate) struct Served {
    child: Child,
    pub(crate) authority: String,
    pub(crate) folder: PathBuf,
}

impl Served {
    /// Starts the binary on a folder, and waits until it listens.
    pub(crate) fn start(folder: &Path) -> Self {
        Self::start_with(folder, &[])
    }

    /// As [`Served::start`], with more arguments.
    pub(crate) fn start_with(folder: &Path, arguments: &[&str]) -> Self {
        match Self::try_start_with(folder, arguments) {
            Ok(served) => served,
            Err(output) => panic!("serve ended: {}", String::from_utf8_lossy(&output.stderr)),
        }
    }

    /// Starts the binary on a folder, and waits until it listens, or has ended.
    pub(crate) fn try_start(folder: &Path) -> Result<Self, Output> {
        Self::try_start_with(folder, &[])
    }

    fn try_start_with(folder: &Path, arguments: &[&str]) -> Result<Self, Output> {
        let mut child = command()
            .args(["serve", "--data"])
            .arg(folder)
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = child.stdout.take().unwrap();
        let (line, first_line) = mpsc::channel();
        thread::spawn(move || {
            let mut text = String::new();
            let _ = BufReader::new(stdout).read_line(&mut text);
            line.send(text)
        });
        let text = first_line.recv_timeout(DEADLINE).expect("serve says where it listens, or ends");
        match text.trim().strip_prefix("listening on http://") {
            Some(authority) => {
                let authority = authority.to_owned();
                let mut stderr = child.stderr.take().unwrap();
                let log = folder.with_extension("log");
                let mut log = std::fs::File::options().create(true).append(true).open(log).unwrap();
                thread::spawn(move || std::io::copy(&mut stderr, &mut log));
                Ok(Self { child, authority, folder: folder.to_owned() })
            }
            None => Err(child.wait_with_output().unwrap()),
        }
    }

    /// Ends it as a power cut would end the process.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to end, and waits until it has.
    pub(crate) fn stop(mut self) -> ExitStatus {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        self.child.wait().unwrap()
    }

    /// The first key for LedgerOS.
    pub(crate) fn key(&self) -> String {
        let keys = std::fs::read(self.folder.join("keys.json")).unwrap();
        let keys: Value = serde_json::from_slice(&keys).unwrap();
        keys["ledgerOs"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn client(&self) -> Client {
        Client::connect(&self.authority, &self.key()).await.unwrap()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Makes a folder whose journal is in a new database of this server, prepared as an operator would.
pub(crate) fn prepare_folder(folder: &Path, server: &servers::Postgres) -> Database {
    let database = name_database(folder, server);
    prepare_database(folder, &database);
    database
}

/// Makes a folder that names a new database of this server, which nobody has prepared.
pub(crate) fn name_database(folder: &Path, server: &servers::Postgres) -> Database {
    // The client has a runtime of its own, and does not want it in another.
    let database = thread::scope(|scope| scope.spawn(|| server.new_database()).join().unwrap());
    let owner = folder.with_extension("owner");
    std::fs::create_dir_all(folder).unwrap();
    for (path, url) in [(&owner, &database.owner), (&folder.join("database.url"), &database.writer)]
    {
        std::fs::write(path, format!("{url}\n")).unwrap();
        std::fs::set_permissions(path, Permissions::from_mode(0o600)).unwrap();
    }
    database
}

/// Prepares the database that a folder names.
pub(crate) fn prepare_database(folder: &Path, database: &Database) {
    let prepared = command()
        .args(["prepare-database", "--role", &database.writer_role, "--owner"])
        .arg(folder.with_extension("owner"))
        .output()
        .unwrap();
    assert!(prepared.status.success(), "{}", String::from_utf8_lossy(&prepared.stderr));
}

pub(crate) fn command() -> Command {
    Command::new(env!("CARGO_BIN_EXE_ledgeros"))
}

/// `audit verify` in JSON: its exit code and what it says.
pub(crate) fn verify(folder: &Path) -> (i32, Value) {
    let output = command()
        .args(["audit", "verify", "--format", "json", "--data"])
        .arg(folder)
        .output()
        .unwrap();
    let report = serde_json::from_slice(&output.stdout).unwrap_or_default();
    (output.status.code().unwrap(), report)
}

/// `audit export`.
pub(crate) fn export(folder: &Path, format: &str) -> Output {
    let arguments = ["audit", "export", "--format", format, "--data"];
    command().args(arguments).arg(folder).output().unwrap()
}

/// A post that must succeed.
pub(crate) async fn post(client: &mut Client, path: &str, body: Value) -> Value {
    let response = client.post(path, &body).await.unwrap();
    assert!(response.status.is_success(), "{path}: {} {}", response.status, response.json());
    response.json()
}

/// The same, noted down under a key that nobody else has.
async fn made(diary: &Diary, client: &mut Client, path: &str, body: Value) -> Value {
    let response = diary.post(client, &new_key(), path, &body).await.unwrap();
    assert!(response.status.is_success(), "{path}: {} {}", response.status, response.json());
    response.json()
}

pub(crate) async fn get(client: &mut Client, path: &str) -> Value {
    let response: Response = client.get(path).await.unwrap();
    assert!(response.status.is_success(), "{path}: {} {}", response.status, response.json());
    response.json()
}

fn id(body: &Value, field: &str) -> String {
    body[field].as_str().unwrap_or_else(|| panic!("no `{field}` in {body}")).to_owned()
}

/// An approved user with so much USDC, and a card for many purchases.
#[derive(Clone)]
pub(crate) struct Spender {
    pub(crate) user: String,
    pub(crate) card: String,
    /// What came of what was asked for so far; tests that have a judge go on with it.
    pub(crate) diary: Diary,
}

impl Spender {
    pub(crate) async fn with(client: &mut Client, dollars: &str) -> Self {
        let diary = Diary::new();
        let person = json!({ "firstName": "Ada", "lastName": "Quux", "email": "ada@example.com" });
        let user = id(&made(&diary, client, "/v1/users", person).await, "id");
        let outcome = json!({ "outcome": "approved" });
        made(&diary, client, &format!("/v1/sandbox/verifications/{user}"), outcome).await;
        let funding = get(client, &format!("/v1/users/{user}/funding")).await;
        let addresses = funding["addresses"].as_array().unwrap();
        let usdc = addresses.iter().find(|address| address["asset"] == "USDC").unwrap();
        let deposit = json!({ "address": usdc["address"], "asset": "USDC", "amount": dollars });
        made(&diary, client, "/v1/sandbox/deposits", deposit).await;
        let agent = json!({
            "userId": user, "name": "bot", "spendingLimit": 9_000_000_000_u64,
            "spendingLimitFrequency": "allTime",
        });
        let agent = id(&made(&diary, client, "/v1/agents/register", agent).await, "id");
        let card = json!({ "purpose": "test", "type": "multi", "maxAmount": 9_000_000_000_u64 });
        let card =
            id(&made(&diary, client, &format!("/v1/agents/{agent}/cards"), card).await, "id");
        Self { user, card, diary }
    }

    pub(crate) fn authorizations(&self) -> String {
        format!("/v1/sandbox/cards/{}/authorizations", self.card)
    }

    pub(crate) async fn balance(&self, client: &mut Client) -> Value {
        get(client, &format!("/v1/balances/{}", self.user)).await
    }
}
