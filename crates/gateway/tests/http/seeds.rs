//! What the seeds print, asked of the gateway and compared field by field; `docs/seeds.md` is the table of it.

use std::fmt::Write as _;

use hyper::{Method, StatusCode};
use ledger::book::Environment;
use serde_json::{Map, Value, json};

use crate::tour::{Variables, filled, filled_path};
use crate::tour_again::message;
use crate::uploads::multipart;
use crate::world::{Reply, World};

const FIXTURES: [&str; 5] = [
    include_str!("../seeds/000.json"),
    include_str!("../seeds/001.json"),
    include_str!("../seeds/002.json"),
    include_str!("../seeds/003.json"),
    include_str!("../seeds/004.json"),
];

const TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/seeds.md");

#[tokio::test]
async fn every_request_and_answer_of_the_seeds_is_as_printed() {
    let mut table = String::from(HEAD);
    for fixture in FIXTURES {
        let fixture: Value = serde_json::from_str(fixture).unwrap();
        let world = World::new().await;
        let keys = [("lk", &world.lk), ("ld", &world.ld)];
        let mut variables = Variables::from(keys.map(|(name, key)| (name.to_owned(), key.clone())));
        for step in fixture["steps"].as_array().unwrap() {
            let reply = ask(&world, step, &variables).await;
            let compared = compare(step, &reply, &variables);
            if let Some(what) = step["what"].as_str() {
                let cells = [seed(&fixture), what, &request(step), &compared];
                row(&mut table, cells, "the same");
            }
            for (name, pointer) in step["keep"].as_object().into_iter().flatten() {
                let said = reply.json();
                let kept = said.pointer(pointer.as_str().unwrap()).and_then(Value::as_str);
                variables.insert(name.clone(), kept.unwrap_or_else(|| panic!("{step}")).to_owned());
            }
        }
        for also in fixture["also"].as_array().into_iter().flatten() {
            let text = |name: &str| also[name].as_str().unwrap();
            row(&mut table, [seed(&fixture), text("what"), "", text("by")], "the same");
        }
        for left in fixture["left"].as_array().unwrap() {
            let text = |name: &str| left[name].as_str().unwrap();
            let result = format!("not compared: {}", text("why"));
            row(&mut table, [seed(&fixture), text("what"), "", ""], &result);
        }
    }
    table.push_str(TAIL);
    let written = std::fs::read_to_string(TABLE).unwrap_or_default();
    if written != table {
        std::fs::write(TABLE, table).unwrap();
        panic!("`docs/seeds.md` was another table; it is written now");
    }
}

const HEAD: &str = "\
# The seeds

What each seed prints is asked of the gateway, and its answers are compared, by `crates/gateway/tests/http/seeds.rs` with
the fixtures in `crates/gateway/tests/seeds/`; that test writes this table. Where an answer is printed whole, ours has
exactly its fields. Where a placeholder is printed, its type and form are compared.

| seed | what it says | request | what is compared | result |
| --- | --- | --- | --- | --- |
";

const TAIL: &str = "
## What is otherwise

Where ours does something else than the API's own page says, or something of which it says nothing.

| what is said | ours | why |
| --- | --- | --- |
| suspending an agent freezes its cards | a card's `status` stays what it was; while the agent is suspended its cards are declined with `agent_suspended`, show no details and take no intents | once the agent goes on, a card that was frozen by hand is still frozen, and the others are not |
| nothing of people who are erased | the user is `locked`, the customer `suspended` with the last `kycStatus`, no capabilities and no `type`; `…/funding` has no addresses | these are the words for who may do nothing; here it is for ever |
";

fn seed(fixture: &Value) -> &str {
    fixture["seed"].as_str().unwrap()
}

fn row(table: &mut String, [seed, what, request, compared]: [&str; 4], result: &str) {
    writeln!(table, "| {seed} | {what} | {request} | {compared} | {result} |").unwrap();
}

/// The request as the table has it, with what was put in the place of what is printed.
fn request(step: &Value) -> String {
    let (method, path) = (step["method"].as_str().unwrap(), step["path"].as_str().unwrap());
    let replaced = step["replaced"].as_object().into_iter().flatten();
    let notes = replaced.map(|(_, why)| format!("; {}", why.as_str().unwrap()));
    format!("`{method} {path}`{}", notes.collect::<String>())
}

async fn ask(world: &World, step: &Value, variables: &Variables) -> Reply {
    let key = step["key"].as_str().unwrap_or("lk");
    let mut headers: Vec<(&str, String)> = Vec::new();
    match step["headers"].as_object() {
        Some(printed) => headers.extend(printed.iter().map(|(name, value)| {
            let value = value.as_str().unwrap();
            let value = value.replace("$ld", &variables["ld"]).replace("$lk", &variables["lk"]);
            (name.as_str(), value)
        })),
        None => headers.push(("authorization", format!("Bearer {}", variables[key]))),
    }
    let mut body = match step.get("body") {
        Some(body) => filled(body, variables).to_string().into_bytes(),
        None => Vec::new(),
    };
    if let Some(parts) = step["parts"].as_object() {
        let parts =
            parts.iter().map(|(name, text)| (name.as_str(), text.as_str().unwrap().as_bytes()));
        body = multipart("seed", &parts.collect::<Vec<_>>());
        headers.push(("content-type", "multipart/form-data; boundary=seed".to_owned()));
    }
    let method = step["method"].as_str().unwrap_or("POST").parse::<Method>().unwrap();
    let path = filled_path(step["path"].as_str().unwrap(), variables);
    let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    // One key does not wait for what another wrote, and what falls due is written behind the entry that moves the clock.
    world.reach(world.head().0).await;
    let reply = world.raw(method, &path, &headers, body).await;
    let status = step["status"].as_u64().unwrap_or(200);
    assert_eq!(u64::from(reply.status.as_u16()), status, "{step}: {}", reply.text);
    reply
}

/// Compares an answer with the printed one, and says what was compared.
fn compare(step: &Value, reply: &Reply, variables: &Variables) -> String {
    let mut compared = vec![format!("{}", reply.status.as_u16())];
    if let Some(words) = step["words"].as_array() {
        let said = message(reply);
        let (_, listed) = said.split_once("must be one of ").unwrap_or_else(|| panic!("{said}"));
        let listed: Vec<_> = listed.split(", ").map(|word| word.trim_matches('`')).collect();
        assert_eq!(json!(listed), json!(words), "{step}");
        compared.push(format!("all words: {}", names(listed.iter().copied())));
    }
    let Some(printed) = step.get("answer") else { return compared.join("; ") };
    let is_whole = step["partial"] != json!(true);
    let placeholders = step["placeholders"].as_object().cloned().unwrap_or_default();
    let mut literal = Vec::new();
    let sides = (&filled(printed, variables), &reply.json());
    let comparison = Comparison { step, is_whole, placeholders: &placeholders };
    comparison.compare(sides, "", &mut literal);
    compared.push(if is_whole {
        "all fields".to_owned()
    } else {
        "fields that are named".to_owned()
    });
    if !literal.is_empty() {
        compared.push(format!("literally {}", names(literal.iter().map(String::as_str))));
    }
    if !placeholders.is_empty() {
        let whys = placeholders.iter().map(|(at, why)| {
            format!("`{}` ({})", at.trim_start_matches('/'), why.as_str().unwrap())
        });
        compared.push(format!("by form {}", whys.collect::<Vec<_>>().join(", ")));
    }
    compared.join("; ")
}

fn names<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" ")
}

struct Comparison<'a> {
    step: &'a Value,
    is_whole: bool,
    placeholders: &'a Map<String, Value>,
}

impl Comparison<'_> {
    /// Compares what is printed with what was said; notes what is literally the same.
    fn compare(&self, (printed, said): (&Value, &Value), at: &str, literal: &mut Vec<String>) {
        let about = || format!("`{at}`: {said} instead of {printed} in {}", self.step);
        if self.placeholders.contains_key(at) {
            assert!(is_alike(printed, said), "{}", about());
            return;
        }
        match (printed, said) {
            (Value::Object(printed), Value::Object(said)) => {
                for (name, value) in printed {
                    let other =
                        said.get(name).unwrap_or_else(|| panic!("no `{at}/{name}`: {}", about()));
                    self.compare((value, other), &format!("{at}/{name}"), literal);
                }
                let is_the_same = printed.len() == said.len() || !self.is_whole;
                assert!(is_the_same, "more fields: {}", about());
            }
            (Value::Array(printed), Value::Array(said)) => {
                for (index, (value, other)) in printed.iter().zip(said).enumerate() {
                    self.compare((value, other), &format!("{at}/{index}"), literal);
                }
                assert!(printed.len() == said.len() || !self.is_whole, "{}", about());
            }
            _ => {
                assert_eq!(printed, said, "{}", about());
                literal.push(at.trim_start_matches('/').to_owned());
            }
        }
    }
}

/// Whether one can stand where the other is printed: of its type, with its prefix, digits where it has digits only.
fn is_alike(printed: &Value, said: &Value) -> bool {
    match (printed, said) {
        (Value::String(printed), Value::String(said)) => {
            let is_number =
                |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
            let prefix = match printed.rfind(['_', '/']) {
                Some(end) => &printed[..=end],
                None => "",
            };
            let is_time = printed == "date-time" || printed.ends_with("T05:31:56Z");
            said.starts_with(prefix)
                && (!is_number(printed) || is_number(said) && printed.len() == said.len())
                && (!is_time || said.len() == 24 && said.ends_with('Z'))
                && (printed.len() != 36 || said.len() == 36)
        }
        (Value::Number(_), Value::Number(_)) | (Value::Null, _) => true,
        (Value::Bool(_), Value::Bool(_)) => true,
        (Value::Array(_), Value::Array(_)) | (Value::Object(_), Value::Object(_)) => true,
        _ => false,
    }
}

#[tokio::test]
async fn keys_begin_as_the_seeds_say() {
    for (environment, word) in [(Environment::Sandbox, "test"), (Environment::Live, "live")] {
        let world = World::of(environment).await;
        assert!(world.ld.starts_with(&format!("ld_{word}_")), "seeds 000 and 001");
        assert!(world.lk.starts_with(&format!("lk_{word}_")), "seed 004");
        for (header, key) in [
            ("Api-Key", &world.lk),
            ("X-API-Key", &world.ld),
            ("Authorization", &format!("Bearer {}", world.ld)),
        ] {
            let reply = world.raw(Method::GET, "/v1/ledgers", &[(header, key.as_str())], "").await;
            assert_eq!(reply.status, StatusCode::OK, "{header}");
        }
    }
}
