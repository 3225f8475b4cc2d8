//! Who is let in.

use hyper::{Method, StatusCode};
use ledger::book::Environment;
use ledger::keys::{Family, Scope};
use serde_json::json;

use crate::world::World;

#[tokio::test]
async fn a_key_is_taken_from_each_of_three_headers() {
    let world = World::new().await;
    let bearer = format!("Bearer {}", world.lk);
    let lower = format!("bearer {}", world.lk);
    for header in [
        ("authorization", bearer.as_str()),
        ("authorization", &lower),
        ("x-api-key", &world.lk),
        ("api-key", &world.lk),
    ] {
        let reply = world.raw(Method::GET, "/v1/users", &[header], "").await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    }
}

#[tokio::test]
async fn what_is_no_key_of_this_book_is_refused() {
    let world = World::new().await;
    let (unknown, _) =
        gateway::keys::generate(Family::LedgerOs, Environment::Sandbox, Scope::Admin);
    let live = world.key(Family::LedgerOs, Environment::Live, Scope::Admin).await;
    let last = if world.lk.ends_with('0') { "1" } else { "0" };
    let mistyped = format!("{}{last}", &world.lk[..world.lk.len() - 1]);
    // The prefix of a key that is there, with a secret of its own and the right checksum, can't be made here:
    // the checksum covers both. The unit tests of `keys` compare secrets.
    for text in ["", "x", "lk_live_xxx", &unknown, &live, &mistyped] {
        let reply = world.raw(Method::GET, "/v1/users", &[("api-key", text)], "").await;
        let found = (reply.status, reply.code());
        assert_eq!(found, (StatusCode::UNAUTHORIZED, "invalid_key".to_owned()), "{text}");
    }
    let reply = world.raw(Method::GET, "/v1/users", &[], "").await;
    let found = (reply.status, reply.code());
    assert_eq!(found, (StatusCode::UNAUTHORIZED, "missing_key".to_owned()));
}

#[tokio::test]
async fn a_key_that_may_read_may_not_write() {
    let world = World::new().await;
    let reader = world.key(Family::LedgerOs, Environment::Sandbox, Scope::Read).await;
    let headers = [("api-key", reader.as_str())];
    let before = world.submitted();
    assert_eq!(world.raw(Method::GET, "/v1/users", &headers, "").await.status, StatusCode::OK);
    let body = json!({"firstName": "A", "lastName": "B", "email": "a@example.com"}).to_string();
    let reply = world.raw(Method::POST, "/v1/users", &headers, body).await;
    assert_eq!((reply.status, reply.code().as_str()), (StatusCode::FORBIDDEN, "read_only_key"));
    assert_eq!(world.submitted(), before);
}

#[tokio::test]
async fn an_entry_names_the_request_the_route_and_the_key() {
    let world = World::new().await;
    let user = world.user().await;
    let headers = [("api-key", world.lk.as_str())];
    let path = format!("/v1/sandbox/verifications/{user}");
    let body = json!({ "outcome": "approved" }).to_string();
    let reply = world.raw(Method::POST, &path, &headers, body).await;
    let entry = world.entry(reply.position());
    let id = reply.header("request-id").unwrap().strip_prefix("req_").unwrap();
    assert_eq!(ledger::id::decode(id), Some(entry.origin.request));
    assert_eq!(
        gateway::routes::Route::from_number(entry.origin.route).unwrap().to_string(),
        "POST /v1/sandbox/verifications/{userId}"
    );
    assert!(entry.origin.actor.is_some());
}

#[tokio::test]
async fn nothing_personal_and_no_number_stands_in_an_entry() {
    let world = World::new().await;
    let person = json!({"firstName": "Zebulon", "lastName": "Quartz", "email": "zq@example.com"});
    let created = world.post("/v1/users", &person).await;
    let card = world.funded_card().await;
    let path = format!("/v1/cards/{card}/intents");
    world.done(&path, &json!({ "summary": "s", "amount": 1, "merchantText": "m" })).await;
    let details = json!({ "summary": "s", "amount": 1, "merchantText": "m" });
    let details = world.done(&format!("/v1/cards/{card}/details"), &details).await;
    let pan = details["pan"].as_str().unwrap();
    assert_eq!(created.status, StatusCode::OK);
    let journal = world.journal();
    for secret in ["Zebulon", "Quartz", "zq@example", pan] {
        let found = journal.windows(secret.len()).any(|window| window == secret.as_bytes());
        assert!(!found, "{secret} is in the journal");
    }
}
