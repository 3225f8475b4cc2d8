//! The examples of the API's description: what the tour has asked and was answered, without what differs from run to run.

use std::collections::BTreeMap;
use std::fs;

use serde_json::{Map, Value, json};

use crate::tour::{Content, Tour, shape};
use crate::world::World;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/openapi/examples.json");

/// What differs from run to run, by what it was called first.
#[derive(Default)]
struct Names {
    ids: BTreeMap<String, usize>,
    uuids: BTreeMap<String, usize>,
}

impl Names {
    fn value(&mut self, name: &str, value: &Value) -> Value {
        match value {
            Value::Object(members) => {
                let members = members.iter();
                members.map(|(name, value)| (name.clone(), self.value(name, value))).collect()
            }
            Value::Array(items) if name == "accounts" => {
                let mut items: Vec<_> = items.iter().collect();
                items.sort_by_key(|item| anonymous(item));
                items.into_iter().map(|item| self.value("account", item)).collect()
            }
            Value::Array(items) => items.iter().map(|item| self.value(name, item)).collect(),
            Value::Number(number) if 1_000_000_000_000 < number.as_u64().unwrap_or_default() => {
                json!(1_796_031_000_000_u64)
            }
            Value::String(text) => self.text(name, text).into(),
            other => other.clone(),
        }
    }

    fn text(&mut self, name: &str, text: &str) -> String {
        match name {
            "pan" => return "4111111111111111".to_owned(),
            "cvv" => return "123".to_owned(),
            "last4" => return "1111".to_owned(),
            "expirationMonth" => return "11".to_owned(),
            "expirationYear" => return "2029".to_owned(),
            "verificationUrl" | "kycLink" => {
                return "https://kyc.ledger.so/verify/xyz789".to_owned();
            }
            "tosLink" => return "https://kyc.ledger.so/terms/xyz789".to_owned(),
            "cursor" | "nextCursor" => return "7b2263757273".to_owned(),
            "routingNumber" => return "021000021".to_owned(),
            "accountNumber" => return "12345678".to_owned(),
            "iban" => return "DE89370400440532013000".to_owned(),
            "clabe" => return "032180000118359719".to_owned(),
            "secret" => return "whsec_…".to_owned(),
            "prefix" => return "6b1c4b2f9a3d5e70".to_owned(),
            _ => {}
        }
        if let Some(family) =
            ["lk_test_", "ld_test_"].iter().find(|start| text.starts_with(**start))
        {
            return format!("{family}6b1c4b2f9a3d5e70_…");
        }
        let (prefix, suffix) = text.rsplit_once('_').unwrap_or(("", text));
        if is_id(suffix) {
            let number = number(&mut self.ids, suffix);
            let separator = if prefix.is_empty() { "" } else { "_" };
            return format!("{prefix}{separator}01kc4n5w8hfv3t9q2x6r{number:06}");
        }
        if text.len() == 36 && text.matches('-').count() == 4 {
            let number = number(&mut self.uuids, text);
            return format!("3c90c3cc-0d44-4b50-8888-{number:012}");
        }
        if text.len() == 24 && text.ends_with('Z') && text.as_bytes()[10] == b'T' {
            return "2026-11-30T09:30:00.000Z".to_owned();
        }
        self.address(text).unwrap_or_else(|| text.to_owned())
    }

    /// Ids also stand in the paths of accounts.
    fn address(&mut self, text: &str) -> Option<String> {
        if text.contains(':') && !text.contains("//") {
            let parts: Vec<_> = text.split(':').map(|part| self.text("", part)).collect();
            return Some(parts.join(":"));
        }
        let is_base58 = text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        match text.len() {
            42 if text.starts_with("0x") => {
                Some("0x52908400098527886E0F7030069857D2E4169EE7".to_owned())
            }
            34 if text.starts_with('T') && is_base58 => {
                Some("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t".to_owned())
            }
            43..=44 if is_base58 => Some("7EcDhSYGxXyscszYEp35KHN8vvw3svAuLKTZXwCFLtV".to_owned()),
            _ => None,
        }
    }
}

fn is_id(text: &str) -> bool {
    text.len() == 26 && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// What is known of an account before its ids have names: they would say the order in which it was made.
fn anonymous(account: &Value) -> String {
    let path = account["account"].as_str().unwrap().split(':');
    let path: Vec<_> = path.map(|part| if is_id(part) { "" } else { part }).collect();
    format!("{} {:>20} {:>20}", path.join(":"), account["debits"], account["credits"])
}

fn number(known: &mut BTreeMap<String, usize>, name: &str) -> usize {
    let next = known.len() + 1;
    *known.entry(name.to_owned()).or_insert(next)
}

/// Every method and path of the description by its shape.
async fn described(world: &World) -> BTreeMap<String, String> {
    let document = world.raw(hyper::Method::GET, "/openapi.json", &[], "").await.json();
    let mut found = BTreeMap::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            let operation = format!("{} {path}", method.to_ascii_uppercase());
            found.insert(shape(&operation), operation);
        }
    }
    found
}

/// The first success of every operation, and of each family where they are shown different things.
async fn examples() -> Value {
    let world = World::new().await;
    let tour = Tour::play(&world).await;
    let described = described(&world).await;
    let mut names = Names::default();
    let mut exchanges: BTreeMap<String, BTreeMap<&str, Value>> = BTreeMap::new();
    for done in &tour.done {
        let Some(operation) = described.get(&done.step.shape()) else { continue };
        let reply = done.reply.json();
        let is_enveloped = reply.get("ok").is_some();
        let family = if is_enveloped { "ledgerApi" } else { "ledgerOs" };
        let answer = if is_enveloped { &reply["data"] } else { &reply };
        let mut exchange = Map::new();
        if let Content::Json(_) = done.step.body {
            let body: Value = serde_json::from_slice(&done.asked.body).unwrap();
            exchange.insert("request".to_owned(), names.value("", &body));
        }
        exchange.insert("answer".to_owned(), names.value("", answer));
        let known = exchanges.entry(operation.clone()).or_default();
        known.entry(family).or_insert(exchange.into());
    }
    // Books are of the service: what makes them is on no book's tour.
    for operation in described.values().filter(|operation| !operation.ends_with("/v1/books")) {
        assert!(exchanges.contains_key(operation), "the tour has no `{operation}`");
    }
    let shared = [" /v1/transactions", " /v1/keys", " /v1/webhooks"];
    let differs = |operation: &str| shared.iter().any(|path| operation.contains(path));
    let examples = exchanges.into_iter().map(|(operation, mut families)| {
        let example = match differs(&operation) {
            true => json!(families),
            false => families.pop_first().unwrap().1,
        };
        (operation, example)
    });
    examples.collect::<Map<_, _>>().into()
}

#[tokio::test]
async fn the_examples_are_what_is_answered() {
    let text = format!("{:#}\n", examples().await);
    if std::env::var_os("LEDGEROS_UPDATE").is_some() {
        fs::write(FILE, &text).unwrap();
    }
    let kept = fs::read_to_string(FILE).unwrap();
    assert!(
        kept == text,
        "the examples are others; with LEDGEROS_UPDATE set this test writes them"
    );
}
