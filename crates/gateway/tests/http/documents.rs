//! The API's description, and the pages that show it.

use std::collections::BTreeSet;

use gateway::routes::Route;
use hyper::{Method, StatusCode};
use serde_json::Value;

use crate::world::{Reply, World};

const ALL: &str = "/openapi.json";
const SURFACES: [&str; 3] =
    ["/openapi/ledger-api.json", "/openapi/ledgeros.json", "/openapi/ledgers.json"];

async fn get(world: &World, path: &str) -> Reply {
    world.raw(Method::GET, path, &[], "").await
}

async fn document(world: &World, path: &str) -> Value {
    let reply = get(world, path).await;
    assert_eq!(reply.status, StatusCode::OK);
    assert_eq!(reply.header("content-type"), Some("application/json"));
    assert!(reply.header("request-id").unwrap().starts_with("req_"));
    reply.json()
}

/// Every method and path of a document.
fn operations(document: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            found.insert(format!("{} {path}", method.to_ascii_uppercase()));
        }
    }
    found
}

/// Everything that is referred to in a value.
fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(to)) = members.get("$ref") {
                found.insert(to.clone());
            }
            members.values().for_each(|member| references(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[tokio::test]
async fn documents_hold_what_they_refer_to_and_nothing_else() {
    let world = World::new().await;
    for path in SURFACES.into_iter().chain([ALL]) {
        let document = document(&world, path).await;
        assert_eq!(document["openapi"], "3.1.0");
        let mut used = BTreeSet::new();
        references(&document, &mut used);
        let mut there = BTreeSet::new();
        for (kind, components) in document["components"].as_object().unwrap() {
            if kind != "securitySchemes" {
                let names = components.as_object().unwrap().keys();
                there.extend(names.map(|name| format!("#/components/{kind}/{name}")));
            }
        }
        assert_eq!(used, there, "{path}");
    }
}

#[tokio::test]
async fn everything_that_is_served_is_described_and_names_differ() {
    let world = World::new().await;
    let document = document(&world, ALL).await;
    let described = operations(&document);
    for route in Route::ALL {
        assert!(described.contains(&route.to_string()), "{route}");
    }
    let mut names = BTreeSet::new();
    for item in document["paths"].as_object().unwrap().values() {
        for operation in item.as_object().unwrap().values() {
            let name = operation["operationId"].as_str().unwrap();
            assert!(names.insert(name.to_owned()), "{name} stands twice");
            assert!(!operation["summary"].as_str().unwrap().is_empty());
        }
    }
}

#[tokio::test]
async fn a_surface_describes_its_own_and_all_of_them_everything() {
    let world = World::new().await;
    let mut together = BTreeSet::new();
    for surface in SURFACES {
        let document = document(&world, surface).await;
        let schemas = document["components"]["schemas"].as_object().unwrap();
        for (name, of) in [
            ("Error", "/openapi/ledger-api.json"),
            ("LedgerOsError", "/openapi/ledgeros.json"),
            ("LedgersError", "/openapi/ledgers.json"),
        ] {
            assert_eq!(schemas.contains_key(name), surface == of, "{name} in {surface}");
        }
        together.extend(operations(&document));
    }
    assert_eq!(together, operations(&document(&world, ALL).await));
}

#[tokio::test]
async fn texts_that_no_erasure_reaches_say_so() {
    let world = World::new().await;
    let document = document(&world, ALL).await;
    let purchase = &["summary", "merchantText", "expectedMerchant"];
    for (path, fields) in [
        ("/v1/agents/register", &["name", "description", "externalId"][..]),
        ("/v1/agents/{agentId}/cards", &["purpose", "merchantHint"]),
        ("/v1/cards/{cardId}/intents", purchase),
        ("/v1/cards/{cardId}/details", purchase),
        ("/v1/transfers", &["reference", "clientReferenceId"]),
        ("/v1/ledgers/{ledgerId}/transfer", &["description"]),
        ("/v1/ledgers/journals", &["description"]),
    ] {
        let body = &document["paths"][path]["post"]["requestBody"]["content"]["application/json"];
        for field in fields {
            let said = body["schema"]["properties"][field]["description"].as_str();
            let is_said = said.is_some_and(|said| said.contains("for ever, also after an erasure"));
            assert!(is_said, "`{field}` of {path}: {said:?}");
        }
    }
}

#[tokio::test]
async fn the_pages_fetch_nothing_from_elsewhere() {
    let world = World::new().await;
    let redirect = get(&world, "/docs").await;
    assert_eq!((redirect.status.as_u16(), redirect.header("location")), (308, Some("/docs/")));
    let index = get(&world, "/docs/").await;
    assert_eq!(index.status, StatusCode::OK);
    assert!(index.header("content-type").unwrap().starts_with("text/html"));
    for attribute in index.text.split(['"', '\'']) {
        assert!(!attribute.starts_with("http") && !attribute.starts_with("//"), "{attribute}");
    }
    let script = get(&world, "/docs/swagger-initializer.js").await;
    for path in SURFACES.into_iter().chain([ALL]) {
        assert!(script.text.contains(path), "{path}");
    }
    let nothing = get(&world, "/docs/nothing.js").await;
    assert_eq!(nothing.status, StatusCode::NOT_FOUND);
    for answer in [redirect, index, script, nothing] {
        assert!(answer.header("request-id").unwrap().starts_with("req_"));
    }
}
