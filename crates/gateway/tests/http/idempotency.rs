//! One key, one effect, one answer.

use std::sync::Arc;

use gateway::routes::Route;
use hyper::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::uploads::{multipart, upload};
use crate::world::{Reply, World, id};

async fn post(world: &World, path: &str, key: &str, body: &Value) -> Reply {
    send(world, Method::POST, path, key, body).await
}

async fn send(world: &World, method: Method, path: &str, key: &str, body: &Value) -> Reply {
    let headers = [("api-key", world.lk.as_str()), ("idempotency-key", key)];
    world.raw(method, path, &headers, body.to_string()).await
}

/// What an answer says the second time.
pub(crate) fn without_secrets(mut answer: Value) -> Value {
    let members = match answer.get("ok") {
        Some(_) => &mut answer["data"],
        None => &mut answer,
    };
    for secret in ["agentToken", "key", "pan", "cvv", "secret"] {
        if members.get(secret).is_some() {
            members[secret] = Value::Null;
        }
    }
    answer
}

#[tokio::test]
async fn a_repeated_write_gets_the_first_answer_again_but_for_its_secrets() {
    let world = World::new().await;
    let writes = [writes_of_a_card(&world).await, writes(&world).await].concat();
    let routes = Route::ALL.iter().filter(|route| **route != Route::AddDocument);
    let of_ledgeros = routes.filter(|route| route.number() < Route::CreateCustomer.number());
    assert_eq!(writes.len(), of_ledgeros.count(), "all but the upload");
    let mut firsts = Vec::new();
    for (number, (method, path, body)) in writes.iter().enumerate() {
        let first = send(&world, method.clone(), path, &format!("key-{number}"), body).await;
        assert_eq!(first.status, StatusCode::OK, "{path}: {}", first.text);
        assert_eq!(first.header("idempotent-replayed"), None);
        firsts.push(first);
    }
    // After all of them, so that what they wrote is not what the books show now.
    for (number, ((method, path, body), first)) in writes.iter().zip(firsts).enumerate() {
        let again = send(&world, method.clone(), path, &format!("\"key-{number}\""), body).await;
        assert_eq!(again.status, StatusCode::OK, "{path}: {}", again.text);
        assert_eq!(again.header("idempotent-replayed"), Some("true"));
        assert_eq!(again.position(), first.position());
        let expected = without_secrets(first.json());
        assert_eq!(again.json(), expected, "{path}");
        if expected == first.json() {
            assert_eq!(again.text, first.text, "byte for byte");
        }
    }
}

type Writing = (Method, String, Value);

/// Every write of LedgerOS and the sandbox that is about people, agents and their cards, in an order in which all can be
/// done.
async fn writes(world: &World) -> Vec<Writing> {
    let user = world.funded_user(500).await;
    let (agent, _) = world.agent(&user).await;
    let card = world.card(&agent).await;
    let waiting = world.user().await;
    let address = world.address(&user, "USDC", "base").await;
    let deposit = world.deposit(&user, "1.00").await;
    let deposit = deposit["transactionId"].as_str().unwrap();
    let intent =
        json!({ "summary": "s", "amount": 100, "merchantText": "m", "expectedMccs": ["0742"] });
    let elsewhere = format!("/v1/cards/{}/intents", world.card(&agent).await);
    let canceled = id(&world.done(&elsewhere, &intent).await);
    let strict = world.card_with(json!({ "approvalAbove": 0 })).await;
    let strict = format!("/v1/cards/{strict}/intents");
    let approved = id(&world.done(&strict, &intent).await);
    let rejected = id(&world.done(&strict, &intent).await);
    let person = json!({ "firstName": "J", "lastName": "D", "email": "j@example.com" });
    let bot = json!({
        "userId": user, "name": "n", "spendingLimit": 1, "spendingLimitFrequency": "perYear",
    });
    let terms = json!({
        "purpose": "p", "type": "multi", "maxAmount": 9, "maxAuthCount": 2,
        "activeHours": { "from": "22:00", "until": "06:30" }, "allowedMccs": [742],
    });
    let details = json!({ "summary": "s", "amount": 100, "merchantText": "m" });
    let post = |path: String, body: Value| (Method::POST, path, body);
    vec![
        post("/v1/users".to_owned(), person),
        post("/v1/verification/user".to_owned(), json!({ "userId": waiting })),
        post("/v1/agents/register".to_owned(), bot),
        (Method::PATCH, format!("/v1/agents/{agent}"), json!({ "maxCards": 7 })),
        post(format!("/v1/agents/{agent}/cards"), terms),
        (Method::PATCH, format!("/v1/cards/{card}"), json!({ "limits": { "perDay": 40_000 } })),
        post(format!("/v1/cards/{card}/intents"), intent),
        post(format!("/v1/cards/{card}/details"), details),
        post(format!("/v1/intents/{canceled}/cancel"), json!({})),
        post(format!("/v1/intents/{approved}/approve"), json!({})),
        post(format!("/v1/intents/{rejected}/reject"), json!({})),
        post(
            "/v1/sandbox/deposits".to_owned(),
            json!({ "address": address, "asset": "USDC", "amount": "1" }),
        ),
        post(format!("/v1/sandbox/deposits/{deposit}/reverse"), json!({})),
        post("/v1/sandbox/clock".to_owned(), json!({ "advance": "PT1S" })),
        post(format!("/v1/sandbox/verifications/{waiting}"), json!({ "outcome": "approved" })),
        post(format!("/v1/cards/{card}/freeze"), json!({})),
        post(format!("/v1/cards/{card}/unfreeze"), json!({})),
        post(format!("/v1/cards/{card}/close"), json!({})),
        post(format!("/v1/agents/{agent}/suspend"), json!({})),
        post(format!("/v1/agents/{agent}/reactivate"), json!({})),
    ]
}

/// Every write of the sandbox that plays the card network.
async fn writes_of_a_card(world: &World) -> Vec<Writing> {
    let card = world.funded_card().await;
    let of_card = |verb: &str| format!("/v1/sandbox/cards/{card}/{verb}");
    let purchase = json!({
        "amount": 100, "currency": "eur", "merchant": { "name": "m", "mcc": 742, "country": "de" },
    });
    let path = |answer: Value| {
        format!("/v1/sandbox/transactions/{}", answer["transactionId"].as_str().unwrap())
    };
    let held = async || path(world.authorize(&card, 1_000).await);
    let cleared = async || path(world.done(&of_card("force-clear"), &purchase).await);
    let given = async || path(world.done(&of_card("unlinked-refund"), &purchase).await);
    let lost = async || path(world.done("/v1/sandbox/network/presentments", &purchase).await);
    let nothing = json!({});
    let writes = [
        (of_card("authorizations"), purchase.clone()),
        (of_card("force-clear"), purchase.clone()),
        (of_card("unlinked-refund"), purchase.clone()),
        ("/v1/sandbox/network/presentments".to_owned(), purchase.clone()),
        (format!("{}/increment", held().await), json!({ "amount": 100 })),
        (format!("{}/confirm", held().await), json!({ "amount": 900 })),
        (format!("{}/reverse", held().await), nothing.clone()),
        (format!("{}/clear", held().await), nothing.clone()),
        (format!("{}/expire", held().await), nothing.clone()),
        (format!("{}/refund", held().await), nothing.clone()),
        (format!("{}/correct", cleared().await), nothing.clone()),
        (format!("{}/refund-reversal", given().await), nothing.clone()),
        (format!("{}/release", given().await), nothing.clone()),
        (format!("{}/assign", lost().await), json!({ "cardId": card })),
        (format!("{}/write-off", lost().await), nothing.clone()),
        ("/v1/sandbox/network/settle".to_owned(), json!({ "date": "2026-11-30", "fees": 20 })),
    ];
    writes.map(|(path, body)| (Method::POST, path, body)).into()
}

#[tokio::test]
async fn a_repeated_upload_is_known_by_its_content_whatever_the_boundary() {
    let world = World::new().await;
    let user = world.user().await;
    world.done("/v1/verification/user", &json!({ "userId": user })).await;
    let path = format!("/v1/verification/user/{user}/document");
    let send = async |boundary: &str, content: &[u8]| {
        let content_type = format!("multipart/form-data; boundary={boundary}");
        let headers = [
            ("api-key", world.lk.as_str()),
            ("idempotency-key", "upload"),
            ("content-type", &content_type),
        ];
        let parts: [(&str, &[u8]); 2] = [("documentType", b"selfie"), ("file", content)];
        world.raw(Method::PUT, &path, &headers, multipart(boundary, &parts)).await
    };
    let first = send("first", b"%PDF-1").await;
    let again = send("second", b"%PDF-1").await;
    assert_eq!((first.status, &first.text), (StatusCode::OK, &again.text));
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(send("first", b"%PDF-2").await.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn fifty_at_once_with_one_key_have_one_effect_and_equal_answers() {
    let world = Arc::new(World::new().await);
    let user = world.funded_user(500).await;
    let (agent, _) = world.agent(&user).await;
    let card = world.card(&agent).await;
    let mut requests = JoinSet::new();
    for _ in 0..50 {
        let (world, card) = (world.clone(), card.clone());
        requests.spawn(async move {
            let path = format!("/v1/sandbox/cards/{card}/authorizations");
            let body = json!({ "amount": 1_000, "merchant": { "name": "Amazon" } });
            post(&world, &path, "at-once", &body).await
        });
    }
    let replies = requests.join_all().await;
    assert!(replies.iter().all(|reply| reply.text == replies[0].text));
    let firsts = replies.iter().filter(|reply| reply.header("idempotent-replayed").is_none());
    assert_eq!(firsts.count(), 1);
    let balance = world.seen(&format!("/v1/balances/{user}")).await;
    assert_eq!((&balance["available"], &balance["pending"]), (&json!(49_000), &json!(1_000)));
}

#[tokio::test]
async fn one_key_at_two_gateways_at_once_has_one_effect_and_equal_answers() {
    let one = Arc::new(World::new().await);
    let other = Arc::new(one.beside());
    let mut requests = JoinSet::new();
    for number in 0..50 {
        let world = if number % 2 == 0 { one.clone() } else { other.clone() };
        requests.spawn(async move {
            let user = json!({ "firstName": "A", "lastName": "B", "email": "a@example.com" });
            post(&world, "/v1/users", "at-once", &user).await
        });
    }
    let replies = requests.join_all().await;
    assert!(replies.iter().all(|reply| reply.text == replies[0].text));
    let firsts = replies.iter().filter(|reply| reply.header("idempotent-replayed").is_none());
    assert_eq!(firsts.count(), 1);
    assert_eq!(one.seen("/v1/users").await["data"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn what_no_entry_names_is_not_kept_in_the_vault() {
    let world = World::new().await;
    let person = json!({ "firstName": "Ada", "lastName": "Quux", "email": "ada@example.com" });
    let made = post(&world, "/v1/users", "k", &person).await;
    let user = id(&made.json());
    assert_eq!(post(&world, "/v1/users", "k", &person).await.text, made.text);
    let other = json!({ "firstName": "Bob", "lastName": "Quux", "email": "bob@example.com" });
    assert_eq!(post(&world, "/v1/users", "k", &other).await.status, StatusCode::CONFLICT);
    let document: [(&str, &[u8]); 2] = [("documentType", b"selfie"), ("file", b"%PDF-1.7")];
    let closed = upload(&world, &format!("/v1/verification/user/{user}/document"), &document).await;
    assert_eq!(closed.code(), "verification_closed");
    let (agent, _) = world.agent(&user).await;
    let card = json!({ "purpose": "test", "type": "single", "maxAmount": 15_000 });
    let refused = post(&world, &format!("/v1/agents/{agent}/cards"), "c", &card).await;
    assert_eq!(refused.code(), "user_not_approved");
    assert_eq!(world.vault.sweep(|_| false).unwrap(), 1, "one name, and nothing else");
}

#[tokio::test]
async fn another_route_path_or_body_under_a_used_key_is_a_conflict_that_says_which() {
    let world = World::new().await;
    let card = world.funded_card().await;
    let other = world.funded_card().await;
    let (freeze, close) = (format!("/v1/cards/{card}/freeze"), format!("/v1/cards/{card}/close"));
    assert_eq!(post(&world, &freeze, "k", &json!({})).await.status, StatusCode::OK);
    for (path, body, said) in [
        (close, json!({}), "on `POST /v1/cards/{cardId}/freeze`"),
        (format!("/v1/cards/{other}/freeze"), json!({}), "with another path or body"),
        (
            "/v1/sandbox/clock".to_owned(),
            json!({ "advance": "PT1S" }),
            "on `POST /v1/cards/{cardId}/freeze`",
        ),
    ] {
        let reply = post(&world, &path, "k", &body).await;
        let found = (reply.status, reply.code());
        assert_eq!(
            found,
            (StatusCode::CONFLICT, "idempotency_key_reused".to_owned()),
            "{}",
            reply.text
        );
        assert!(reply.message().contains(said), "{}", reply.text);
    }
    let deposit = json!({ "firstName": "A", "lastName": "B", "email": "a@example.com" });
    assert_eq!(post(&world, "/v1/users", "u", &deposit).await.status, StatusCode::OK);
    let changed = json!({ "firstName": "A", "lastName": "C", "email": "a@example.com" });
    assert_eq!(post(&world, "/v1/users", "u", &changed).await.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn a_refusal_is_not_kept() {
    let world = World::new().await;
    let user = world.user().await;
    let (agent, _) = world.agent(&user).await;
    let path = format!("/v1/agents/{agent}/cards");
    let card = json!({ "purpose": "p", "type": "single", "maxAmount": 100 });
    let refused = post(&world, &path, "k", &card).await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (StatusCode::CONFLICT, "user_not_approved")
    );
    world.verify(&user, "approved").await;
    let done = post(&world, &path, "k", &card).await;
    assert_eq!((done.status, done.header("idempotent-replayed")), (StatusCode::OK, None));
}

#[tokio::test]
async fn a_message_of_the_network_counts_once_and_for_one_thing() {
    let world = World::new().await;
    let (card, other) = (world.funded_card().await, world.funded_card().await);
    let path = |card: &str| format!("/v1/sandbox/cards/{card}/authorizations");
    let message = json!({ "amount": 100, "merchant": { "name": "m" }, "networkId": "n-1" });
    let first = world.done(&path(&card), &message).await;
    let again = world.post(&path(&card), &message).await;
    assert_eq!((again.json(), again.header("idempotent-replayed")), (first.clone(), Some("true")));

    let elsewhere = world.post(&path(&other), &message).await;
    assert_eq!(
        (elsewhere.status, elsewhere.code().as_str()),
        (StatusCode::CONFLICT, "counted_before")
    );
    let transaction = first["transactionId"].as_str().unwrap();
    let clear = format!("/v1/sandbox/transactions/{transaction}/clear");
    let clearing = world.post(&clear, &json!({ "networkId": "n-1" })).await;
    assert_eq!(clearing.status, StatusCode::CONFLICT);
    assert!(clearing.message().contains("`networkId`"), "{}", clearing.text);
}
