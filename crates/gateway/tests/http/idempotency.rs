//! One key, one effect, one answer.

use hyper::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::uploads::multipart;
use crate::world::{Reply, World, id};

async fn post(world: &World, path: &str, key: &str, body: &Value) -> Reply {
    let headers = [("api-key", world.lk.as_str()), ("idempotency-key", key)];
    world.raw(Method::POST, path, &headers, body.to_string()).await
}

fn without_secrets(mut answer: Value) -> Value {
    for secret in ["agentToken", "pan", "cvv"] {
        if answer.get(secret).is_some() {
            answer[secret] = Value::Null;
        }
    }
    answer
}

#[tokio::test]
async fn a_repeated_write_gets_the_first_answer_again_but_for_its_secrets() {
    let world = World::new().await;
    let user = world.funded_user(500).await;
    let (agent, _) = world.agent(&user).await;
    let card = world.card(&agent).await;
    let waiting = world.user().await;
    let address = world.address(&user, "USDC", "base").await;
    let path = format!("/v1/cards/{card}/intents");
    let intent =
        json!({ "summary": "s", "amount": 100, "merchantText": "m", "expectedMccs": ["0742"] });
    let elsewhere = format!("/v1/cards/{}/intents", world.card(&agent).await);
    let canceled = id(&world.done(&elsewhere, &intent).await);
    let transaction = async || {
        let decision = world.authorize(&card, 1_000).await;
        format!("/v1/sandbox/transactions/{}", decision["transactionId"].as_str().unwrap())
    };
    let person = json!({ "firstName": "J", "lastName": "D", "email": "j@example.com" });
    let bot = json!({
        "userId": user, "name": "n", "spendingLimit": 1, "spendingLimitFrequency": "perYear",
    });
    let details = json!({ "summary": "s", "amount": 100, "merchantText": "m" });
    let writes = [
        ("/v1/users".to_owned(), person),
        ("/v1/verification/user".to_owned(), json!({ "userId": waiting })),
        ("/v1/agents/register".to_owned(), bot),
        (
            format!("/v1/agents/{agent}/cards"),
            json!({ "purpose": "p", "type": "multi", "maxAmount": 9 }),
        ),
        (path, intent),
        (format!("/v1/cards/{card}/details"), details),
        (format!("/v1/intents/{canceled}/cancel"), json!({})),
        (
            "/v1/sandbox/deposits".to_owned(),
            json!({ "address": address, "asset": "USDC", "amount": "1" }),
        ),
        (
            format!("/v1/sandbox/cards/{card}/authorizations"),
            json!({ "amount": 100, "merchant": { "name": "m", "mcc": 742, "country": "de" } }),
        ),
        (format!("{}/clear", transaction().await), json!({})),
        (format!("{}/reverse", transaction().await), json!({})),
        (format!("{}/expire", transaction().await), json!({})),
        (format!("{}/refund", transaction().await), json!({})),
        ("/v1/sandbox/clock".to_owned(), json!({ "advance": "PT1S" })),
        (format!("/v1/sandbox/verifications/{waiting}"), json!({ "outcome": "approved" })),
        (format!("/v1/cards/{card}/freeze"), json!({})),
        (format!("/v1/cards/{card}/unfreeze"), json!({})),
        (format!("/v1/cards/{card}/close"), json!({})),
        (format!("/v1/agents/{agent}/suspend"), json!({})),
        (format!("/v1/agents/{agent}/reactivate"), json!({})),
    ];
    assert_eq!(writes.len() + 1, gateway::routes::Route::ALL.len(), "all but the upload");
    let mut firsts = Vec::new();
    for (number, (path, body)) in writes.iter().enumerate() {
        let first = post(&world, path, &format!("key-{number}"), body).await;
        assert_eq!(first.status, StatusCode::OK, "{path}: {}", first.text);
        assert_eq!(first.header("idempotent-replayed"), None);
        firsts.push(first);
    }
    // After all of them, so that what they wrote is not what the books show now.
    for (number, ((path, body), first)) in writes.iter().zip(firsts).enumerate() {
        let again = post(&world, path, &format!("\"key-{number}\""), body).await;
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
    let world = std::sync::Arc::new(World::new().await);
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
