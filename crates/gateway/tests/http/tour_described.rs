//! The description of the API is that of the tour: nothing is missing in either, and every answer is as it says.

use std::collections::BTreeSet;

use gateway::RateLimits;
use hyper::{Method, StatusCode};
use serde_json::{Value, json};

use crate::schema::{faults, resolved};
use crate::tour::{Asked, Content, Done, Step, Tour, filled, shape, steps};
use crate::world::{Reply, World};

const DOCUMENTS: [&str; 4] = [
    "/openapi.json",
    "/openapi/ledger-api.json",
    "/openapi/ledgeros.json",
    "/openapi/ledgers.json",
];

async fn document(world: &World, path: &str) -> Value {
    world.raw(Method::GET, path, &[], "").await.json()
}

/// Every operation of a document: its shape and what is said of it.
fn operations(document: &Value) -> Vec<(String, &Value)> {
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            found.push((shape(&format!("{} {path}", method.to_uppercase())), operation));
        }
    }
    found
}

fn operation<'a>(document: &'a Value, step: &Step) -> Option<&'a Value> {
    let mut all = operations(document).into_iter();
    all.find(|(shape, _)| *shape == step.shape()).map(|(_, operation)| operation)
}

#[tokio::test]
async fn what_is_described_is_on_the_tour_and_what_is_on_the_tour_is_described() {
    let world = World::new().await;
    let document = document(&world, "/openapi.json").await;
    let described = operations(&document).into_iter().map(|(shape, _)| shape);
    // What the service's own key does concerns no book: `books` tries it.
    let described: BTreeSet<_> = described.filter(|shape| !shape.ends_with(" /v1/books")).collect();
    let used: BTreeSet<_> = steps().iter().map(Step::shape).collect();
    assert_eq!(used, described);
}

#[tokio::test]
async fn what_can_happen_to_any_request_is_described() {
    let world = World::new().await;
    for path in DOCUMENTS {
        for (shape, operation) in operations(&document(&world, path).await) {
            let is_described = |status: &str| operation["responses"].get(status).is_some();
            let (is_read, takes_a_key) = (shape.starts_with("GET "), is_described("401"));
            assert_eq!(is_described("408"), !is_read, "{path} {shape}: a body may be slow");
            assert_eq!(is_described("503"), takes_a_key, "{path} {shape}: a key is looked up");
        }
    }
}

/// What is wrong with an answer, by a document that describes its operation.
fn wrong(document: &Value, step: &Step, reply: &Reply) -> Vec<String> {
    let Some(operation) = operation(document, step) else { return Vec::new() };
    let status = reply.status.as_u16().to_string();
    let Some(response) = operation["responses"].get(&status) else {
        return vec![format!("the status {status} is not described")];
    };
    let response = resolved(document, response);
    let content = response["content"].as_object().unwrap();
    assert_eq!(reply.header("content-type"), Some("application/json"));
    let mut found = faults(document, &content["application/json"]["schema"], &reply.json());
    for name in response.get("headers").and_then(Value::as_object).into_iter().flatten() {
        // Those that are not always there.
        let is_optional = ["Idempotent-Replayed", "Retry-After"].contains(&name.0.as_str());
        if reply.header(name.0).is_none() && !is_optional {
            found.push(format!("no header `{}`", name.0));
        }
    }
    found
}

/// The documents that say what a key gets: all together, and that of the surface that it speaks.
fn is_about(document: &str, key: &str) -> bool {
    match document {
        "/openapi/ledger-api.json" => key == "ld" || key.is_empty(),
        "/openapi/ledgeros.json" => key != "ld",
        _ => true,
    }
}

#[tokio::test]
async fn every_answer_of_the_tour_is_as_it_is_described() {
    let plenty = RateLimits { reads: 1_000_000, writes: 1_000_000, cards: 1_000_000 };
    let world = World::limited(plenty).await;
    let tour = Tour::play(&world).await;
    let mut compared = 0;
    for path in DOCUMENTS {
        let document = document(&world, path).await;
        for Done { step, asked, reply } in &tour.done {
            if !is_about(path, step.key) || operation(&document, step).is_none() {
                continue;
            }
            let found = wrong(&document, step, reply);
            assert!(found.is_empty(), "{path} {}: {found:?} in {}", step.shape(), reply.text);
            for refused in refused(step, asked) {
                let reply = refused.send(&world).await;
                assert!(reply.status.is_client_error(), "{}: {}", step.shape(), reply.text);
                let found = wrong(&document, step, &reply);
                assert!(found.is_empty(), "{path} {}: {found:?} in {}", step.shape(), reply.text);
                compared += 1;
            }
            if step.writes() {
                let again = asked.send(&world).await;
                let found = wrong(&document, step, &again);
                assert!(found.is_empty(), "{path} {}: {found:?} in {}", step.shape(), again.text);
            }
            compared += 1;
        }
    }
    println!("{compared} answers compared");
    assert!(500 < compared, "{compared}");
}

/// The request without a key, with a wrong parameter or body, and with an id of nothing.
fn refused(step: &Step, asked: &Asked) -> Vec<Asked> {
    if step.key.is_empty() {
        return Vec::new();
    }
    let mut without_key = asked.clone();
    // Where two surfaces share a path, the header decides the dialect of the error.
    without_key.headers.retain(|(name, _)| *name != "authorization");
    let wrong_key = match step.key {
        "ld" => ("x-api-key", "ld_test_0".to_owned()),
        _ => ("api-key", "lk_test_0".to_owned()),
    };
    without_key.headers.push(wrong_key);
    let mut misread = asked.clone().without_key();
    match step.writes() {
        true => misread.body = b"{\"colour\":1}".to_vec(),
        false => misread.path += if misread.path.contains('?') { "&colour=1" } else { "?colour=1" },
    }
    let mut conflict = asked.clone();
    conflict.body = [&asked.body[..], b" "].concat();
    let mut all = vec![without_key, misread];
    // Parts are compared by what is in them.
    if step.writes() && !matches!(step.body, Content::Parts(_)) {
        all.push(conflict);
    }
    all
}

#[tokio::test]
async fn every_request_of_the_tour_is_as_it_is_described() {
    let world = World::new().await;
    let tour = Tour::play(&world).await;
    for path in DOCUMENTS {
        let document = document(&world, path).await;
        for Done { step, asked, .. } in &tour.done {
            let Some(operation) = operation(&document, step) else { continue };
            if !is_about(path, step.key) {
                continue;
            }
            let parameters = operation.get("parameters").and_then(Value::as_array);
            let parameters: Vec<_> =
                parameters.into_iter().flatten().map(|p| resolved(&document, p)).collect();
            let query = asked.path.split_once('?').map_or("", |(_, query)| query);
            for (name, _) in query.split('&').filter_map(|part| part.split_once('=')) {
                let is_known = parameters.iter().any(|p| p["in"] == "query" && p["name"] == name);
                assert!(is_known, "{path} {}: `{name}`", step.shape());
            }
            if step.writes() {
                let is_known = parameters.iter().any(|p| p["name"] == "Idempotency-Key");
                assert!(is_known, "{path} {}", step.shape());
            }
            let Content::Json(body) = &step.body else { continue };
            let body = filled(body, &tour.variables);
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            let found = faults(&document, schema, &body);
            assert!(found.is_empty(), "{path} {}: {found:?}", step.shape());
        }
    }
}

#[tokio::test]
async fn the_document_of_seed_001_is_contained_in_ours() {
    let world = World::new().await;
    let seed: Value = serde_json::from_str(include_str!("../seeds/001.openapi.json")).unwrap();
    for path in ["/openapi.json", "/openapi/ledger-api.json"] {
        let ours = document(&world, path).await;
        let mut missing = Vec::new();
        let all = path == "/openapi.json";
        let parts = ["openapi", "paths", "components", "info", "servers", "security", "tags"];
        for part in &parts[..if all { 3 } else { 7 }] {
            let (wanted, found) = (Side::of(&seed, &seed[part]), Side::of(&ours, &ours[part]));
            contained(wanted, found, part, &mut missing);
        }
        missing.retain(|text| {
            !text.starts_with("tags") || !NOT_YET.iter().any(|tag| text.contains(tag))
        });
        assert!(missing.is_empty(), "{path}: {missing:#?}");
    }
}

/// Tags of what is not built yet.
const NOT_YET: [&str; 3] = ["Counterparties", "Rates", "Reference"];

/// A part of a document.
#[derive(Clone, Copy)]
struct Side<'a> {
    document: &'a Value,
    value: &'a Value,
}

impl<'a> Side<'a> {
    fn of(document: &'a Value, value: &'a Value) -> Self {
        Self { document, value: resolved(document, value) }
    }
}

/// Notes what is in the one and not in the other. Whatever is in a list may stand anywhere in the other's.
fn contained(wanted: Side<'_>, found: Side<'_>, at: &str, missing: &mut Vec<String>) {
    match (wanted.value, found.value) {
        (Value::Object(members), Value::Object(others)) => {
            for (name, value) in members {
                let at = format!("{at}/{name}");
                match others.get(name) {
                    Some(other) => contained(
                        Side::of(wanted.document, value),
                        Side::of(found.document, other),
                        &at,
                        missing,
                    ),
                    None => missing.push(format!("{at}: nothing")),
                }
            }
        }
        (Value::Array(items), Value::Array(others)) => {
            for item in items {
                let is_there = others.iter().any(|other| {
                    let mut missing = Vec::new();
                    let (item, other) =
                        (Side::of(wanted.document, item), Side::of(found.document, other));
                    contained(item, other, at, &mut missing);
                    missing.is_empty()
                });
                if !is_there {
                    missing.push(format!("{at}: no {item}"));
                }
            }
            // What must be sent, and what an error can be, is exactly this.
            let is_exact = at.ends_with("/required") || at.ends_with("/enum");
            if is_exact && items.len() != others.len() {
                missing.push(format!("{at}: more than {items:?} in {others:?}"));
            }
        }
        (value, other) if value == other => {}
        // Ours may go on.
        (Value::String(text), Value::String(other))
            if at.ends_with("/description") && other.starts_with(text) => {}
        (value, other) => missing.push(format!("{at}: {other} instead of {value}")),
    }
}

#[tokio::test]
async fn a_document_is_shown_to_everybody() {
    let world = World::new().await;
    for path in DOCUMENTS {
        let reply = world.raw(Method::GET, path, &[], "").await;
        assert_eq!(reply.status, StatusCode::OK);
        assert_ne!(reply.json()["paths"], json!({}));
    }
}
