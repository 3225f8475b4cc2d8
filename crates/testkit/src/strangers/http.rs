//! HTTP requests: every path that the API's own description has, with any key, query and body.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::HeaderMap;
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use ledgeros::embedded::Embedded;
use ledgeros::folder::FirstKeys;
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::runtime::Runtime;

use super::Target;

mod operations;

use operations::{Operation, operations};

pub(super) const TARGET: Target = Target { name: "http", seeds, try_on };

/// Longer than an answer takes on a machine that is busy with other things: nothing here waits for its body.
const DEADLINE: Duration = Duration::from_secs(60);
/// More than any answer has here: a list has 200 rows at most, and the description of the API is the longest.
const ANSWER_BYTES_MAX: usize = 4 * 1024 * 1024;
/// A boundary that seeds have.
const BOUNDARY: &str = "part";
/// Members that are shown once, by their names.
const SECRETS: [&str; 5] = ["agentToken", "key", "pan", "cvv", "secret"];
/// What each kind of id is remembered by at most.
const IDS_MAX: usize = 8;

/// A ledger, a connection, and what was learned from answers.
struct Stage {
    runtime: Runtime,
    connection: Option<SendRequest<Full<Bytes>>>,
    authority: String,
    keys: FirstKeys,
    operations: Vec<Operation>,
    /// Ids that are somebody's, by what they begin with.
    ids: BTreeMap<String, Vec<String>>,
    number: u64,
    // After what uses it.
    _embedded: Embedded,
    _folder: TempDir,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Answer {
    /// Whether something broke. A machine that is busy may ask to come again.
    fn is_failure(&self) -> bool {
        self.status.as_u16() >= 500 && !self.is_busy()
    }

    fn is_busy(&self) -> bool {
        self.status == StatusCode::SERVICE_UNAVAILABLE && self.headers.contains_key("retry-after")
    }
}

/// What the first bytes say: which operation, whose key, where the rest goes.
#[derive(Clone, Copy)]
struct Aim {
    operation: u8,
    flags: u8,
}

impl Aim {
    const LEDGER_API: u8 = 1;
    const NO_KEY: u8 = 2;
    const OTHER_KEY: u8 = 4;
    const OTHER_IDS: u8 = 8;
    const AS_QUERY: u8 = 16;

    fn is(self, flag: u8) -> bool {
        self.flags & flag != 0
    }
}

/// Each operation with its example, as either family of keys.
fn seeds() -> Vec<Vec<u8>> {
    let mut stage = STAGE.lock().expect("nobody has panicked here");
    let stage = stage.get_or_insert_with(Stage::new);
    let each = stage.operations.iter().enumerate().flat_map(|(number, operation)| {
        let number = u8::try_from(number).expect("there are fewer operations");
        let content = operation.example();
        [0, Aim::LEDGER_API].map(|flags| [&[number, flags][..], content.as_bytes()].concat())
    });
    let mut seeds: Vec<_> = each.collect();
    seeds.push([&[0, Aim::OTHER_KEY][..], stage.keys.ledger_os.as_bytes()].concat());
    seeds.push([&[1, Aim::AS_QUERY][..], b"limit=2&cursor=00ff"].concat());
    seeds
}

static STAGE: Mutex<Option<Stage>> = Mutex::new(None);

fn try_on(bytes: &[u8]) {
    let mut stage = STAGE.lock().expect("nobody has panicked here");
    let stage = stage.get_or_insert_with(Stage::new);
    let [operation, flags, content @ ..] = bytes else { return };
    stage.try_on(Aim { operation: *operation, flags: *flags }, content);
}

impl Stage {
    /// A ledger in which every operation was tried once, in an order in which many can be done.
    fn new() -> Self {
        let runtime = Runtime::new().expect("a runtime can be had");
        let folder = TempDir::new().expect("a folder can be made");
        let any_port = ([127, 0, 0, 1], 0).into();
        let started = runtime.block_on(Embedded::start(folder.path(), any_port));
        let embedded = started.expect("the ledger starts");
        let keys = embedded.keys().clone();
        let mut stage = Self {
            runtime,
            connection: None,
            authority: embedded.address().to_string(),
            keys,
            operations: Vec::new(),
            ids: BTreeMap::new(),
            number: 0,
            _embedded: embedded,
            _folder: folder,
        };
        let described = stage.exchange(Request::get("/openapi.json"), &[]).expect("it is there");
        stage.operations = operations(&described.body);
        for _ in 0..2 {
            for number in 0..stage.operations.len() {
                let content = stage.operations[number].example();
                let operation = u8::try_from(number).expect("there are fewer operations");
                for flags in [0, Aim::LEDGER_API] {
                    stage.try_on(Aim { operation, flags }, content.as_bytes());
                }
            }
        }
        stage
    }

    fn try_on(&mut self, aim: Aim, content: &[u8]) {
        let operation = self.operations[usize::from(aim.operation) % self.operations.len()].clone();
        self.number += 1;
        let mut request = Request::builder().method(operation.method.as_str());
        let text = String::from_utf8_lossy(content);
        let mut path = self.filled(&operation.path, aim);
        if aim.is(Aim::AS_QUERY) {
            let query = text.bytes().filter(u8::is_ascii_graphic).filter(|byte| *byte != b'#');
            path = format!("{path}?{}", query.map(char::from).collect::<String>());
        }
        request = request.uri(path);
        let is_usable = match (aim.is(Aim::NO_KEY), aim.is(Aim::OTHER_KEY)) {
            (true, _) => false,
            (false, true) => {
                request = request.header("api-key", content);
                text == self.keys.ledger_os || text == self.keys.ledger_api
            }
            (false, false) => {
                request = request.header("api-key", self.key(aim));
                true
            }
        };
        if operation.writes() {
            request = request.header("idempotency-key", format!("tried-{}", self.number));
        }
        if operation.is_upload {
            let form = format!("multipart/form-data; boundary={BOUNDARY}");
            request = request.header("content-type", form);
        }
        let body =
            if aim.is(Aim::AS_QUERY | Aim::OTHER_KEY) { Vec::new() } else { content.to_vec() };
        let body = match str::from_utf8(&body) {
            Ok(text) if !aim.is(Aim::OTHER_IDS) => self.with_ids(text).into_bytes(),
            _ => body,
        };
        let headers = request.headers_ref().cloned();
        // What is no header or no address does not leave a client.
        let (Some(headers), Some(uri)) = (headers, request.uri_ref().cloned()) else { return };
        let again = || {
            let again = Request::builder().method(operation.method.as_str()).uri(uri.clone());
            headers.iter().fold(again, |again, (name, value)| again.header(name, value))
        };
        let Some(answer) = self.exchange(request, &body) else { return };
        let told = || format!("{} {uri} {:?}", operation.method, String::from_utf8_lossy(&body));
        self.check(&answer, told);
        if !is_usable && !operation.is_open {
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", told());
        }
        if answer.status.is_success() {
            self.learn(&answer, &operation);
            if operation.writes() {
                let replay = self.exchange(again(), &body).expect("it could be sent before");
                check_replay(&answer, &replay, told);
            }
        }
    }

    /// What holds of every answer.
    fn check(&self, answer: &Answer, told: impl Fn() -> String) {
        let said = String::from_utf8_lossy(&answer.body);
        assert!(!answer.is_failure(), "{}: {} {said}", told(), answer.status);
        assert!(answer.body.len() <= ANSWER_BYTES_MAX, "{}", told());
        assert!(serde_json::from_slice::<Value>(&answer.body).is_ok(), "{}: {said}", told());
        for key in [&self.keys.ledger_os, &self.keys.ledger_api] {
            assert!(!said.contains(key.as_str()), "{}: a key is shown", told());
        }
    }

    fn key(&self, aim: Aim) -> &str {
        if aim.is(Aim::LEDGER_API) { &self.keys.ledger_api } else { &self.keys.ledger_os }
    }

    /// The path with ids that are somebody's.
    fn filled(&self, path: &str, aim: Aim) -> String {
        let mut filled = String::new();
        for segment in path.split('/').skip(1) {
            filled.push('/');
            match segment.strip_prefix('{').and_then(|name| name.strip_suffix("Id}")) {
                Some(name) => filled += self.id_of(name, aim),
                None => filled += segment,
            }
        }
        filled
    }

    /// An id for a parameter of that name.
    fn id_of(&self, name: &str, aim: Aim) -> &str {
        let prefix = match name {
            "transaction" | "transfer" => "txn",
            "ledger" | "journal" => "uuid",
            "virtualAccount" => "va",
            "webhook" => "whk",
            other => other,
        };
        let known = self
            .ids
            .iter()
            .find(|(known, _)| known.starts_with(prefix) || prefix.starts_with(known.as_str()));
        let ids = known.map(|(_, ids)| ids.as_slice()).unwrap_or_default();
        ids.get(usize::from(aim.flags >> 5) % ids.len().max(1)).map_or("none", String::as_str)
    }

    /// The text with an id that is somebody's in the place of each that is nobody's.
    fn with_ids(&self, text: &str) -> String {
        let mut replaced = String::new();
        for (number, piece) in text.split('"').enumerate() {
            if 0 < number {
                replaced.push('"');
            }
            let known = prefix_of(piece).and_then(|prefix| self.ids.get(prefix)?.last());
            replaced += known.map_or(piece, String::as_str);
        }
        replaced
    }

    /// Remembers the ids that an answer tells of, but not those of the keys that are used here: they must not be revoked.
    fn learn(&mut self, answer: &Answer, operation: &Operation) {
        let makes_a_key = operation.path == "/v1/keys" && operation.writes();
        let said = String::from_utf8_lossy(&answer.body);
        for piece in said.split('"') {
            let Some(prefix) = prefix_of(piece) else { continue };
            if prefix == "key" && !makes_a_key {
                continue;
            }
            let ids = self.ids.entry(prefix.to_owned()).or_default();
            if !ids.iter().any(|known| known == piece) {
                ids.truncate(IDS_MAX - 1);
                ids.insert(0, piece.to_owned());
            }
        }
    }

    /// Sends a request. `None` when it is none.
    fn exchange(&mut self, request: hyper::http::request::Builder, body: &[u8]) -> Option<Answer> {
        let request = request.header("host", &self.authority);
        let request = request.body(Full::new(Bytes::copy_from_slice(body))).ok()?;
        let Self { runtime, connection, authority, .. } = self;
        let exchanged = runtime.block_on(async {
            let exchange = async {
                let mut open = match connection.take().filter(|open| !open.is_closed()) {
                    Some(open) => open,
                    None => connect(authority).await,
                };
                open.ready().await.expect("the connection stays open");
                let response = open.send_request(request).await.expect("an answer comes");
                let (head, body) = response.into_parts();
                let body = body.collect().await.expect("the answer comes whole").to_bytes();
                *connection = Some(open);
                Answer { status: head.status, headers: head.headers, body }
            };
            tokio::time::timeout(DEADLINE, exchange).await
        });
        Some(exchanged.expect("an answer comes"))
    }
}

async fn connect(authority: &str) -> SendRequest<Full<Bytes>> {
    let stream = TcpStream::connect(authority).await.expect("the ledger listens");
    let (open, driver) = http1::handshake(TokioIo::new(stream)).await.expect("it speaks HTTP");
    tokio::spawn(driver);
    open
}

/// The same once more has the first answer, but for its secrets.
fn check_replay(first: &Answer, replay: &Answer, told: impl Fn() -> String) {
    let said = String::from_utf8_lossy(&replay.body);
    if replay.is_busy() {
        return;
    }
    assert_eq!(replay.status, first.status, "{}: {said}", told());
    let has_written = first.headers.contains_key("ledger-position");
    if has_written && replay.headers.contains_key("idempotent-replayed") {
        let position = |answer: &Answer| answer.headers.get("ledger-position").cloned();
        assert_eq!(position(replay), position(first), "{}", told());
        let read = |answer: &Answer| serde_json::from_slice::<Value>(&answer.body);
        let (first, replay) = (read(first).expect("it is JSON"), read(replay).expect("it is JSON"));
        assert_eq!(without_secrets(replay), without_secrets(first), "{}", told());
    }
}

fn without_secrets(mut value: Value) -> Value {
    let members = if value.get("ok").is_some() { &mut value["data"] } else { &mut value };
    if let Some(members) = members.as_object_mut() {
        members.retain(|name, _| !SECRETS.contains(&name.as_str()));
    }
    value
}

/// What an id begins with; ledgers and journals have UUIDs. `None` for what is no id.
fn prefix_of(text: &str) -> Option<&str> {
    let is_uuid = |byte: u8| byte == b'-' || byte.is_ascii_hexdigit();
    if text.len() == 36 && text.bytes().all(is_uuid) {
        return Some("uuid");
    }
    let (prefix, suffix) = text.split_once('_')?;
    let is_word = !prefix.is_empty() && prefix.bytes().all(|byte| byte.is_ascii_lowercase());
    (is_word && ledger::id::decode(suffix).is_some()).then_some(prefix)
}
