//! Damage to any file of a folder at rest, or of one whose process was killed, and what is served then.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::net::SocketAddr;
use std::path::Path;

use ledgeros::client::Client;
use ledgeros::embedded::Embedded;
use ledgeros::folder;
use serde_json::{Value, json};
use servers::Random;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::spawn_blocking;

use crate::corruption::copy_folder;
use crate::support::{command, post};

const CASES: usize = 200;
const ANYWHERE: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

/// What is damaged: all that is stored, but for the journal's own file and log, which the writer's tests damage.
const FILES: [&str; 9] = [
    "anchor",
    "snapshot",
    "vault.sqlite",
    "courier.sqlite",
    "read_model/balances.sqlite",
    "read_model/transactions.sqlite",
    "read_model/intents.sqlite",
    "read_model/directory.sqlite",
    "journal.sqlite",
];
const AT_REST: &str = "at-rest";
const KILLED: &str = "killed";
const OLDER: &str = "older";

/// What came of a damage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    Harmless,
    RefusedAtStart,
    NoticedWhenRead,
    /// The courier's log of deliveries is another one: it has forgotten what it has told, and tells it again.
    LogDiffers,
}

/// Paths that were asked for with the key of a surface, and the answers.
type Answers = BTreeMap<(usize, String), (u16, Vec<u8>)>;

/// Whether a courier has less than it had after a damage: what is wrong in its file is noticed, what is not there is not.
fn makes_forget(file: &str, what: &str) -> bool {
    let wrong = ["courier.sqlite: a bit", "courier.sqlite: zeros"];
    file == "courier.sqlite" && !wrong.iter().any(|wrong| what.starts_with(wrong))
}

struct History {
    folder: TempDir,
    /// What an undamaged folder answers.
    truth: Answers,
    entries: u64,
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_file_is_damaged_nothing_wrong_is_served() {
    let mut random = Random::for_test("ledgeros --test whole", "whatever_file_is_damaged");
    let history = History::make().await;
    println!("{} entries, {} answers", history.entries, history.truth.len());
    for state in [AT_REST, KILLED] {
        let undamaged = history.judge(state, |_| {}).await.unwrap();
        assert_eq!(undamaged, Outcome::Harmless, "{state}");
    }
    let mut counts: BTreeMap<(&str, Outcome), usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for number in 0..servers::times("LEDGEROS_DAMAGED_FILES", CASES) {
        // Each file as often, whatever is drawn.
        let file = FILES[number % FILES.len()];
        let state = *random.one_of(&[AT_REST, KILLED]);
        let mut what = String::new();
        let outcome = history
            .judge(state, |copy| what = history.damage(copy, file, &mut random))
            .await
            .map_err(|served| format!("{state}, `{file}`, {what}: {served}"));
        match outcome {
            Ok(Outcome::LogDiffers) if !makes_forget(file, &what) => {
                wrong.push(format!("{state}, `{file}`, {what}: the log of deliveries differs"));
            }
            Ok(outcome) => *counts.entry((file, outcome)).or_default() += 1,
            Err(served) => wrong.push(served),
        }
    }
    for ((file, outcome), count) in &counts {
        println!("{file}: {outcome:?} {count}");
    }
    assert!(
        wrong.is_empty(),
        "{} times something wrong was served:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

impl History {
    async fn make() -> Self {
        let folder = tempfile::tempdir_in(servers::memory()).unwrap();
        let data = folder.path().join("data");
        let receiver = receiver().await;
        let embedded = Embedded::start(&data, ANYWHERE).await.unwrap();
        for mut client in clients(&embedded).await {
            let webhook = json!({ "url": format!("http://{receiver}/"), "events": ["*"] });
            post(&mut client, "/v1/webhooks", webhook).await;
        }
        play(&embedded, &data).await;
        settled(&embedded).await;
        embedded.stop().await.unwrap();
        copy_folder(&data, &folder.path().join(OLDER));
        // From here on there is a snapshot, and it is not of the end.
        let embedded = Embedded::start(&data, ANYWHERE).await.unwrap();
        play(&embedded, &data).await;
        settled(&embedded).await;
        copy_folder(&data, &folder.path().join(KILLED));
        let truth = ask_all(&embedded).await;
        embedded.stop().await.unwrap();
        copy_folder(&data, &folder.path().join(AT_REST));
        let entries = entries(&data).unwrap().len() as u64;
        Self { folder, truth, entries }
    }

    /// Does something to a file, and says what.
    fn damage(&self, copy: &Path, file: &str, random: &mut Random) -> String {
        let log = copy.join(format!("{file}-wal"));
        let has_log = fs::metadata(&log).is_ok_and(|log| 0 < log.len());
        let path = if has_log && random.below(2) == 0 { log } else { copy.join(file) };
        let mut bytes = fs::read(&path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        // Most of a small file is empty, and nobody misses it.
        let mut at = random.below(bytes.len());
        for _ in 0..100 {
            if bytes[at] != 0 {
                break;
            }
            at = random.below(bytes.len());
        }
        let said = match random.below(8) {
            0..=3 => {
                bytes[at] ^= 1 << random.below(8);
                format!("a bit of byte {at} flipped")
            }
            4 => {
                bytes.truncate(at);
                format!("cut to {at} bytes")
            }
            5 => {
                let end = bytes.len().min(at + 512);
                bytes[at..end].fill(0);
                format!("zeros from {at} to {end}")
            }
            6 => {
                let old = self.folder.path().join(OLDER).join(file);
                bytes = fs::read(old).unwrap();
                let _ = fs::remove_file(copy.join(format!("{file}-shm")));
                fs::write(copy.join(file), &bytes).unwrap();
                return "an old copy".to_owned();
            }
            _ => {
                fs::remove_file(&path).unwrap();
                return format!("{name} lost");
            }
        };
        fs::write(path, bytes).unwrap();
        format!("{name}: {said}")
    }

    /// Starts what is left of a folder, and compares all that it serves with the truth. An error tells what is wrong.
    async fn judge(&self, state: &str, damage: impl FnOnce(&Path)) -> Result<Outcome, String> {
        let scratch = tempfile::tempdir_in(servers::memory()).unwrap();
        let copy = scratch.path().join("copy");
        copy_folder(&self.folder.path().join(state), &copy);
        damage(&copy);
        let Ok(embedded) = Embedded::start(&copy, ANYWHERE).await else {
            return Ok(Outcome::RefusedAtStart);
        };
        let mut clients = clients(&embedded).await;
        let (mut is_whole, mut is_another_log) = (true, false);
        let mut wrong = Vec::new();
        for ((surface, path), (status, truth)) in &self.truth {
            let answer = clients[*surface].get(path).await.unwrap();
            if (answer.status.as_u16(), &answer.bytes[..]) == (*status, truth) {
                continue;
            }
            if answer.status.is_server_error() {
                is_whole = false;
                continue;
            }
            if path.ends_with("/deliveries") {
                is_another_log = true;
            } else {
                let [was, is] = [truth, &answer.bytes[..]].map(String::from_utf8_lossy);
                wrong.push(format!("{path}: {} {is}, not {status} {was}", answer.status));
            }
        }
        // What was damaged may be found at the end, too.
        let _ = embedded.stop().await;
        let entries = entries(&copy);
        is_whole &= entries.is_ok();
        if entries.is_ok_and(|entries| (entries.len() as u64) < self.entries) {
            wrong.push("fewer entries than were acknowledged".to_owned());
        }
        match wrong.first() {
            Some(first) => Err(format!("{} answers, the first: {first}", wrong.len())),
            None if is_another_log => Ok(Outcome::LogDiffers),
            None if is_whole => Ok(Outcome::Harmless),
            None => Ok(Outcome::NoticedWhenRead),
        }
    }
}

/// Plays the demo on a ledger that runs.
async fn play(embedded: &Embedded, data: &Path) {
    let (url, data) = (format!("http://{}", embedded.address()), data.to_owned());
    let play = move || {
        let mut demo = command();
        let played = demo.args(["demo", "--against", &url, "--data"]).arg(&data).output().unwrap();
        assert!(played.status.success(), "{}", String::from_utf8_lossy(&played.stderr));
    };
    spawn_blocking(play).await.unwrap();
}

fn entries(data: &Path) -> anyhow::Result<Vec<journal::Stored>> {
    Ok(folder::reader(data)?.journal.read(ledger::Position(1), usize::MAX)?)
}

/// One of each surface.
async fn clients(embedded: &Embedded) -> [Client; 2] {
    let authority = embedded.address().to_string();
    let keys = embedded.keys();
    [
        Client::connect(&authority, &keys.ledger_os).await.unwrap(),
        Client::connect(&authority, &keys.ledger_api).await.unwrap(),
    ]
}

/// Waits until every webhook's message was delivered: nothing changes any more.
async fn settled(embedded: &Embedded) {
    loop {
        let answers = ask_all(embedded).await;
        let is_waiting = answers.iter().any(|((_, path), (_, body))| {
            path.contains("deliveries") && String::from_utf8_lossy(body).contains("\"waiting\"")
        });
        if !is_waiting && answers == ask_all(embedded).await {
            return;
        }
        tokio::task::yield_now().await;
    }
}

/// Every answer to a question that needs no more than the ids that other answers tell of.
async fn ask_all(embedded: &Embedded) -> Answers {
    let mut clients = clients(embedded).await;
    let document: Value = clients[0].get("/openapi.json").await.unwrap().json();
    let paths = document["paths"].as_object().unwrap().iter();
    let reads: Vec<_> =
        paths.filter(|(_, does)| does.get("get").is_some()).map(|it| it.0).collect();
    let mut answers = Answers::new();
    let mut ids: BTreeSet<String> = BTreeSet::new();
    let mut open: Vec<_> =
        reads.iter().map(|path| (*path).clone()).filter(|path| !path.contains('{')).collect();
    let mut asked = BTreeSet::new();
    while let Some(path) = open.pop() {
        for (surface, client) in clients.iter_mut().enumerate() {
            let answer = client.get(&path).await.unwrap();
            if answer.status == 200 {
                collect(&answer.json(), &mut ids);
            }
            // Whose path it is not says so, under an id of its own.
            if !matches!(answer.status.as_u16(), 400..=403) {
                answers.insert(
                    (surface, path.clone()),
                    (answer.status.as_u16(), answer.bytes.to_vec()),
                );
            }
        }
        if open.is_empty() {
            let further = reads.iter().flat_map(|path| filled(path, &ids));
            open = further.filter(|path| asked.insert(path.clone())).collect();
        }
    }
    answers.retain(|_, (status, _)| *status != 404);
    answers
}

/// A path with each id in the place of its parameter, where the id says that it fits.
fn filled<'a>(path: &'a str, ids: &'a BTreeSet<String>) -> impl Iterator<Item = String> + 'a {
    let parameter = path.split_once('{').and_then(|(_, rest)| rest.split_once('}'));
    let parameter = parameter.filter(|(_, rest)| !rest.contains('{')).map(|(name, _)| name);
    parameter.into_iter().flat_map(move |name| {
        let noun = name.trim_end_matches("Id").to_lowercase();
        let fits = move |id: &&String| match id.split_once('_') {
            Some(("whk", _)) => noun == "webhook",
            Some(("txn", _)) => noun == "transaction",
            Some((prefix, _)) => noun.starts_with(prefix),
            None => true,
        };
        let hole = format!("{{{name}}}");
        ids.iter().filter(fits).map(move |id| path.replace(&hole, id))
    })
}

fn collect(value: &Value, ids: &mut BTreeSet<String>) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| collect(value, ids)),
        Value::Object(fields) => {
            if let Some(Value::String(id)) = fields.get("id") {
                ids.insert(id.clone());
            }
            fields.values().for_each(|value| collect(value, ids));
        }
        _ => {}
    }
}

/// Takes whatever webhooks send.
pub(crate) async fn receiver() -> SocketAddr {
    let listener = TcpListener::bind(ANYWHERE).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                let mut bytes = vec![0; 64 * 1024];
                let _ = stream.read(&mut bytes).await;
                let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
                let _ = stream.write_all(answer).await;
            });
        }
    });
    address
}
