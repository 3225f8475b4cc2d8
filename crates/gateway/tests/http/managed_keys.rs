//! Keys that are made, listed and revoked over the API, and what each scope allows.

use std::time::{Duration, Instant};

use hyper::{Method, StatusCode};
use ledger::book::Environment;
use ledger::keys::{Family, RevokeKey, Scope};
use ledger::{Command, KeyId};
use projector::ReadModel;
use serde_json::{Value, json};

use crate::world::{Reply, World, id};

const SCOPES: [(&str, Scope); 3] =
    [("read", Scope::Read), ("write", Scope::Write), ("admin", Scope::Admin)];

async fn send(world: &World, key: &str, method: Method, path: &str, body: &str) -> Reply {
    world.raw(method, path, &[("x-api-key", key)], body.to_owned()).await
}

/// What an answer says, in whichever dialect.
fn data(reply: &Reply) -> Value {
    let said = reply.json();
    said.get("ok").map_or(said.clone(), |_| said["data"].clone())
}

/// A key that `admin` makes: the answer.
async fn made(world: &World, admin: &str, body: Value) -> Value {
    let reply = send(world, admin, Method::POST, "/v1/keys", &body.to_string()).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    data(&reply)
}

async fn revoke(world: &World, key: &str) -> Reply {
    send(world, &world.lk, Method::DELETE, &format!("/v1/keys/{key}"), "").await
}

async fn status(world: &World, key: &str) -> u16 {
    send(world, key, Method::GET, "/v1/transactions", "").await.status.as_u16()
}

#[tokio::test]
async fn a_key_is_made_for_the_callers_surface_or_the_one_that_is_named() {
    let world = World::new().await;
    for (admin, named, family, start) in [
        (&world.lk, None, "ledgerOs", "lk_test_"),
        (&world.ld, None, "ledgerApi", "ld_test_"),
        (&world.lk, Some("ledgerApi"), "ledgerApi", "ld_test_"),
        (&world.ld, Some("ledgerOs"), "ledgerOs", "lk_test_"),
    ] {
        let mut body = json!({ "scope": "write" });
        if let Some(named) = named {
            body["family"] = named.into();
        }
        let answer = made(&world, admin, body).await;
        let text = answer["key"].as_str().unwrap();
        let prefix = text.strip_prefix(start).unwrap().split('_').next().unwrap();
        assert_eq!((&answer["family"], &answer["scope"]), (&json!(family), &json!("write")));
        assert_eq!((&answer["prefix"], &answer["agentId"]), (&json!(prefix), &Value::Null));
        assert!(id(&answer).starts_with("key_"));
        assert_eq!(answer["createdAt"].is_u64(), admin.starts_with("lk_"), "{answer}");
        assert_eq!(status(&world, text).await, 200);
        let secret = text.rsplit('_').next().unwrap();
        let journal = world.journal();
        let is_there = |found: &[u8]| journal.windows(found.len()).any(|window| window == found);
        assert!(!is_there(secret.as_bytes()) && !is_there(&bytes(&secret[..64])));
    }
}

fn bytes(hex: &str) -> Vec<u8> {
    let pairs = (0..hex.len()).step_by(2);
    pairs.map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

#[tokio::test]
async fn a_repeated_request_makes_one_key_and_its_text_is_said_once() {
    let world = World::new().await;
    let headers = [("api-key", world.lk.as_str()), ("idempotency-key", "once")];
    let body = r#"{"scope":"read"}"#;
    let first = world.raw(Method::POST, "/v1/keys", &headers, body).await;
    let again = world.raw(Method::POST, "/v1/keys", &headers, body).await;
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    let mut expected = first.json();
    assert!(expected["key"].as_str().unwrap().starts_with("lk_test_"));
    expected["key"] = Value::Null;
    assert_eq!(again.json(), expected);
    assert_eq!(world.seen("/v1/keys").await["data"].as_array().unwrap().len(), 3);

    let path = format!("/v1/keys/{}", id(&expected));
    let headers = [("api-key", world.lk.as_str()), ("idempotency-key", "gone")];
    let first = world.raw(Method::DELETE, &path, &headers, "").await;
    let again = world.raw(Method::DELETE, &path, &headers, "").await;
    assert_eq!((first.status, &first.text), (StatusCode::OK, &again.text));
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
}

#[tokio::test]
async fn keys_are_listed_in_parts_newest_first_with_what_became_of_them() {
    let world = World::new().await;
    let user = world.user().await;
    let (agent, _) = world.agent(&user).await;
    let gone = id(&made(&world, &world.lk, json!({ "scope": "read" })).await);
    let revoked = revoke(&world, &gone).await.json();

    let first = world.seen("/v1/keys?limit=2").await;
    let rows = first["data"].as_array().unwrap();
    assert_eq!((id(&rows[0]), &rows[0]["revokedAt"]), (gone, &revoked["revokedAt"]));
    assert_eq!((&rows[1]["agentId"], &rows[1]["scope"]), (&json!(agent), &json!("write")));
    assert_eq!((&rows[0]["agentId"], &rows[1]["revokedAt"]), (&Value::Null, &Value::Null));
    assert!(!first.to_string().contains("digest") && rows[0].get("key").is_none());
    let rest = format!("/v1/keys?cursor={}", first["cursor"].as_str().unwrap());
    let rest = world.seen(&rest).await;
    let families: Vec<_> =
        rest["data"].as_array().unwrap().iter().map(|row| &row["family"]).collect();
    assert_eq!(
        (json!(families), &rest["hasMore"]),
        (json!(["ledgerApi", "ledgerOs"]), &json!(false))
    );

    let other = world.shown("/v1/keys?limit=3").await;
    let created_at = other["items"][0]["createdAt"].as_str().unwrap();
    assert!(created_at.ends_with('Z') && other["nextCursor"].is_string(), "{other}");
    for query in ["limit=0", "limit=101", "cursor=00", "colour=1"] {
        assert_eq!(world.get(&format!("/v1/keys?{query}")).await.status, StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn a_revoked_key_is_refused_from_the_answer_on() {
    let world = World::new().await;
    for family in ["ledgerOs", "ledgerApi"] {
        let body = json!({ "scope": "admin", "family": family });
        let key = made(&world, &world.lk, body).await;
        let text = key["key"].as_str().unwrap();
        assert_eq!(status(&world, text).await, 200);
        let reply = revoke(&world, &id(&key)).await;
        assert_eq!((reply.status, &reply.json()["id"]), (StatusCode::OK, &key["id"]));
        // Whether or not the directory shows it yet, and whoever asks first.
        for _ in 0..20 {
            assert_eq!(status(&world, text).await, 401);
        }
        let reply = revoke(&world, &id(&key)).await;
        assert_eq!((reply.status, reply.code()), (StatusCode::CONFLICT, "key_revoked".to_owned()));
    }
    let own = data(&send(&world, &world.ld, Method::GET, "/v1/keys", "").await);
    let own = own["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|key| key["family"] == "ledgerOs" && key["revokedAt"].is_null());
    assert_eq!(revoke(&world, &id(own.unwrap())).await.status, StatusCode::OK, "also itself");
    assert_eq!(status(&world, &world.lk).await, 401);
    assert_eq!(status(&world, &world.ld).await, 200);
}

#[tokio::test]
async fn an_agents_token_dies_like_any_other_key() {
    let world = World::new().await;
    let user = world.user().await;
    let (agent, token) = world.agent(&user).await;
    let path = format!("/v1/agents/{agent}");
    assert_eq!(send(&world, &token, Method::GET, &path, "").await.status, StatusCode::OK);
    let keys = world.seen("/v1/keys").await;
    let keys = keys["data"].as_array().unwrap();
    let key = id(keys.iter().find(|key| key["agentId"] == agent).unwrap());
    assert_eq!(revoke(&world, &key).await.status, StatusCode::OK);
    let reply = send(&world, &token, Method::GET, &path, "").await;
    assert_eq!((reply.status, reply.code()), (StatusCode::UNAUTHORIZED, "invalid_key".to_owned()));
    assert_eq!(world.seen(&path).await["status"], "active");
}

#[tokio::test]
async fn a_key_that_was_revoked_elsewhere_dies_within_a_second() {
    let world = World::new().await;
    let key = made(&world, &world.lk, json!({ "scope": "read" })).await;
    let text = key["key"].as_str().unwrap();
    assert_eq!(status(&world, text).await, 200);
    let revoke = RevokeKey { key: KeyId::parse(&id(&key)).unwrap() };
    let entry = world.write(Command::RevokeKey(revoke)).await;
    world.reach(entry.position.0).await;
    let since = Instant::now();
    while status(&world, text).await == 200 {}
    assert!(since.elapsed() < Duration::from_secs(1), "{:?}", since.elapsed());
    assert_eq!(status(&world, text).await, 401);
}

#[tokio::test]
async fn a_key_that_was_revoked_elsewhere_changes_nothing_though_the_directory_stands_still() {
    let mut world = World::new().await;
    let key = made(&world, &world.lk, json!({ "scope": "admin" })).await;
    let text = key["key"].as_str().unwrap();
    assert_eq!(status(&world, text).await, 200);
    world.stop(ReadModel::Directory).await;
    let revoke = RevokeKey { key: KeyId::parse(&id(&key)).unwrap() };
    let entry = world.write(Command::RevokeKey(revoke)).await;
    let reply = send(&world, text, Method::POST, "/v1/keys", r#"{"scope":"admin"}"#).await;
    assert_eq!((reply.status, reply.code()), (StatusCode::UNAUTHORIZED, "invalid_key".to_owned()));
    assert_eq!(status(&world, text).await, 401, "what the writer said is remembered");
    assert_eq!(world.head(), entry.position);
}

#[tokio::test]
async fn what_is_no_key_of_this_book_is_not_found() {
    let world = World::new().await;
    let before = world.submitted();
    for (key, expected) in [
        ("book_01h455vb4pex5vsknk084sn02q", 400),
        ("x", 400),
        ("key_x", 404),
        ("key_01h455vb4pex5vsknk084sn02q", 404),
    ] {
        assert_eq!(revoke(&world, key).await.status, expected, "{key}");
    }
    assert_eq!(world.submitted(), before + 1, "the last one is for the book to say");
}

#[tokio::test]
async fn each_scope_allows_what_the_one_before_does_and_more() {
    let world = World::new().await;
    let user = world.user().await;
    for (family, write) in [(Family::LedgerOs, "/v1/users"), (Family::LedgerApi, "/v1/customers")] {
        let person = json!({ "firstName": "A", "lastName": "B", "email": "a@example.com" });
        let mut person = person;
        if family == Family::LedgerApi {
            person["type"] = json!("individual");
        }
        let person = person.to_string();
        for (scope, of) in SCOPES {
            let spare = id(&made(&world, &world.lk, json!({ "scope": "read" })).await);
            let spare = format!("/v1/keys/{spare}");
            let key = world.key(family, Environment::Sandbox, of).await;
            let outcome = r#"{"outcome":"approved"}"#;
            let verification = format!("/v1/sandbox/verifications/{user}");
            let ledger = json!({ "code": format!("{family:?}{scope}"), "name": "n", "type": "asset", "currency": "USD" }).to_string();
            let customer = format!("/v1/customers/{}", user.replace("user_", "cus_"));
            let may_write = Scope::Write <= of;
            for (method, path, body, is_allowed) in [
                (Method::GET, write, "", true),
                (Method::GET, "/v1/transactions", "", true),
                (Method::GET, "/v1/ledgers", "", true),
                (Method::POST, write, &person, may_write),
                (Method::POST, &verification, outcome, may_write),
                (Method::POST, "/v1/ledgers", &ledger, may_write),
                (Method::PATCH, &customer, r#"{"email":"b@example.com"}"#, may_write),
                (Method::GET, "/v1/keys", "", of == Scope::Admin),
                (Method::POST, "/v1/keys", r#"{"scope":"read"}"#, of == Scope::Admin),
                (Method::DELETE, &spare, "", of == Scope::Admin),
            ] {
                if path == customer && family == Family::LedgerOs {
                    continue;
                }
                let reply = send(&world, &key, method.clone(), path, body).await;
                let told = format!("{scope} {family:?} {method} {path}: {}", reply.text);
                match is_allowed {
                    true => assert!(reply.status.is_success(), "{told}"),
                    false => {
                        assert_eq!(reply.status, StatusCode::FORBIDDEN, "{told}");
                        let is_of_keys = path.starts_with("/v1/keys");
                        let wanted = if is_of_keys { "`admin`" } else { "may read, but not write" };
                        assert!(reply.text.contains(wanted), "{told}");
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn keys_are_not_for_agents() {
    let world = World::new().await;
    let user = world.user().await;
    let (_, token) = world.agent(&user).await;
    let key = id(&made(&world, &world.lk, json!({ "scope": "read" })).await);
    let before = world.submitted();
    for (method, path) in [
        (Method::GET, "/v1/keys".to_owned()),
        (Method::POST, "/v1/keys".to_owned()),
        (Method::DELETE, format!("/v1/keys/{key}")),
    ] {
        let reply = send(&world, &token, method, &path, "").await;
        let found = (reply.status, reply.code());
        assert_eq!(found, (StatusCode::FORBIDDEN, "not_for_agents".to_owned()), "{path}");
    }
    assert_eq!(world.submitted(), before);
}
