//! What an agent's token reaches.

use hyper::{Method, StatusCode};
use serde_json::{Value, json};

use crate::world::{Reply, World, id};

/// A platform with two agents, each with a card and an intent.
struct Two {
    world: World,
    mine: Agent,
    other: Agent,
}

struct Agent {
    user: String,
    id: String,
    token: String,
    card: String,
    intent: String,
    transaction: String,
}

impl Two {
    async fn new() -> Self {
        let world = World::new().await;
        let (mine, other) = (agent(&world).await, agent(&world).await);
        Self { world, mine, other }
    }

    /// As the first agent.
    async fn ask(&self, method: Method, path: &str, body: &Value) -> Reply {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.world.raw(method, path, &[("api-key", &self.mine.token)], body).await
    }
}

async fn agent(world: &World) -> Agent {
    let user = world.funded_user(500).await;
    let (agent, token) = world.agent(&user).await;
    let card = world.card(&agent).await;
    let intent = id(&world.done(&format!("/v1/cards/{card}/intents"), &declared()).await);
    let decision = world.authorize(&card, 100).await;
    let transaction = decision["transactionId"].as_str().unwrap().to_owned();
    Agent { user, id: agent, token, card, intent, transaction }
}

fn declared() -> Value {
    json!({ "summary": "Books", "amount": 1_000, "merchantText": "Thalia" })
}

fn attested() -> Value {
    json!({ "summary": "Books", "expectedAmount": 1_000, "merchantText": "Thalia" })
}

#[tokio::test]
async fn an_agent_reaches_what_is_its_own() {
    let two = Two::new().await;
    let Agent { id: agent, card, intent, transaction, .. } = &two.mine;
    for path in [
        format!("/v1/agents/{agent}"),
        format!("/v1/cards/{card}"),
        format!("/v1/cards/{card}/intents"),
        format!("/v1/intents/{intent}"),
        format!("/v1/transactions/{transaction}"),
        "/v1/transactions".to_owned(),
    ] {
        let reply = two.ask(Method::GET, &path, &Value::Null).await;
        assert_eq!(reply.status, StatusCode::OK, "{path}: {}", reply.text);
    }
    let terms = json!({ "purpose": "Books", "type": "multi", "maxAmount": 10_000 });
    let second = two.ask(Method::POST, &format!("/v1/agents/{agent}/cards"), &terms).await;
    assert_eq!(second.status, StatusCode::OK, "{}", second.text);
    let second = id(&second.json());
    let path = format!("/v1/cards/{second}/intents");
    let declared = two.ask(Method::POST, &path, &declared()).await;
    assert_eq!(declared.status, StatusCode::OK, "{}", declared.text);
    let intent = id(&declared.json());
    for (path, body) in [
        (format!("/v1/cards/{second}/details"), attested()),
        (format!("/v1/intents/{intent}/cancel"), Value::Null),
        (format!("/v1/cards/{second}/freeze"), Value::Null),
        (format!("/v1/cards/{second}/close"), Value::Null),
    ] {
        let reply = two.ask(Method::POST, &path, &body).await;
        assert_eq!(reply.status, StatusCode::OK, "{path}: {}", reply.text);
    }
}

#[tokio::test]
async fn what_belongs_to_others_is_not_there_for_an_agent() {
    let two = Two::new().await;
    let Agent { id: agent, card, intent, transaction, .. } = &two.other;
    let deposit = two.world.deposit(&two.mine.user, "1.00").await;
    let deposit = deposit["transactionId"].as_str().unwrap();
    let before = two.world.submitted();
    let terms = json!({ "purpose": "Books", "type": "multi", "maxAmount": 10_000 });
    for (method, path, body) in [
        (Method::GET, format!("/v1/agents/{agent}"), Value::Null),
        (Method::POST, format!("/v1/agents/{agent}/cards"), terms),
        (Method::GET, format!("/v1/cards/{card}"), Value::Null),
        (Method::POST, format!("/v1/cards/{card}/freeze"), Value::Null),
        (Method::POST, format!("/v1/cards/{card}/close"), Value::Null),
        (Method::GET, format!("/v1/cards/{card}/intents"), Value::Null),
        (Method::POST, format!("/v1/cards/{card}/intents"), declared()),
        (Method::POST, format!("/v1/cards/{card}/details"), attested()),
        (Method::GET, format!("/v1/intents/{intent}"), Value::Null),
        (Method::POST, format!("/v1/intents/{intent}/cancel"), Value::Null),
        (Method::GET, format!("/v1/transactions/{transaction}"), Value::Null),
        (Method::GET, format!("/v1/transactions/{deposit}"), Value::Null),
        (Method::GET, format!("/v1/transactions?agentId={agent}"), Value::Null),
    ] {
        let reply = two.ask(method, &path, &body).await;
        assert_eq!(reply.status, StatusCode::NOT_FOUND, "{path}: {}", reply.text);
    }
    assert_eq!(two.world.submitted(), before);

    let listed = two.ask(Method::GET, "/v1/transactions", &Value::Null).await.json();
    let listed: Vec<_> = listed["data"].as_array().unwrap().iter().map(|row| &row["id"]).collect();
    assert_eq!(listed, [&json!(two.mine.transaction)]);
    let path = format!("/v1/transactions?cardId={card}");
    let listed = two.ask(Method::GET, &path, &Value::Null).await.json();
    assert_eq!(listed["data"], json!([]));
}

#[tokio::test]
async fn what_is_not_for_agents_is_forbidden() {
    let two = Two::new().await;
    let Agent { user, id: agent, card, intent, transaction, .. } = &two.mine;
    let before = two.world.submitted();
    for (method, path) in [
        (Method::POST, "/v1/users".to_owned()),
        (Method::GET, "/v1/users".to_owned()),
        (Method::GET, format!("/v1/users/{user}")),
        (Method::GET, format!("/v1/users/{user}/funding")),
        (Method::POST, "/v1/verification/user".to_owned()),
        (Method::GET, format!("/v1/verification/user/{user}")),
        (Method::PUT, format!("/v1/verification/user/{user}/document")),
        (Method::GET, format!("/v1/balances/{user}")),
        (Method::POST, "/v1/agents/register".to_owned()),
        (Method::GET, "/v1/agents".to_owned()),
        (Method::POST, format!("/v1/agents/{agent}/suspend")),
        (Method::POST, format!("/v1/agents/{agent}/reactivate")),
        (Method::PATCH, format!("/v1/agents/{agent}")),
        (Method::PATCH, format!("/v1/cards/{card}")),
        (Method::POST, format!("/v1/intents/{intent}/approve")),
        (Method::POST, format!("/v1/intents/{intent}/reject")),
        (Method::POST, format!("/v1/cards/{card}/unfreeze")),
        (Method::POST, format!("/v1/sandbox/verifications/{user}")),
        (Method::POST, "/v1/sandbox/deposits".to_owned()),
        (Method::POST, format!("/v1/sandbox/cards/{card}/authorizations")),
        (Method::POST, format!("/v1/sandbox/transactions/{transaction}/reverse")),
        (Method::POST, format!("/v1/sandbox/transactions/{transaction}/clear")),
        (Method::POST, format!("/v1/sandbox/transactions/{transaction}/expire")),
        (Method::POST, format!("/v1/sandbox/transactions/{transaction}/refund")),
        (Method::POST, format!("/v1/sandbox/transactions/{transaction}/increment")),
        (Method::POST, format!("/v1/sandbox/transactions/{transaction}/confirm")),
        (Method::POST, format!("/v1/sandbox/transactions/{transaction}/correct")),
        (Method::POST, format!("/v1/sandbox/transactions/{transaction}/refund-reversal")),
        (Method::POST, format!("/v1/sandbox/transactions/{transaction}/release")),
        (Method::POST, format!("/v1/sandbox/transactions/{transaction}/assign")),
        (Method::POST, format!("/v1/sandbox/transactions/{transaction}/write-off")),
        (Method::POST, format!("/v1/sandbox/cards/{card}/force-clear")),
        (Method::POST, format!("/v1/sandbox/cards/{card}/unlinked-refund")),
        (Method::POST, "/v1/sandbox/network/presentments".to_owned()),
        (Method::POST, "/v1/sandbox/network/settle".to_owned()),
        (Method::POST, format!("/v1/sandbox/deposits/{transaction}/reverse")),
        (Method::POST, "/v1/sandbox/clock".to_owned()),
    ] {
        let reply = two.ask(method, &path, &json!({})).await;
        let found = (reply.status, reply.code());
        assert_eq!(found, (StatusCode::FORBIDDEN, "not_for_agents".to_owned()), "{path}");
    }
    assert_eq!(two.world.submitted(), before);
}

#[tokio::test]
async fn a_new_token_works_at_once() {
    let world = World::new().await;
    let user = world.funded_user(10).await;
    for _ in 0..50 {
        let (agent, token) = world.agent(&user).await;
        let path = format!("/v1/agents/{agent}");
        let headers =
            [("authorization", &*format!("Bearer {token}")), ("ledger-min-position", "0")];
        let reply = world.raw(Method::GET, &path, &headers, "").await;
        assert_ne!(reply.status, StatusCode::UNAUTHORIZED, "{}", reply.text);
    }
}

#[tokio::test]
async fn a_card_that_its_platform_has_made_is_there_at_once() {
    let world = World::new().await;
    let user = world.funded_user(10).await;
    let (agent, token) = world.agent(&user).await;
    for _ in 0..50 {
        let path = format!("/v1/cards/{}/intents", world.card(&agent).await);
        let body = declared().to_string();
        let reply = world.raw(Method::POST, &path, &[("api-key", &token)], body).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    }
}

#[tokio::test]
async fn the_same_external_id_is_the_same_agent_whose_token_is_shown_once() {
    let world = World::new().await;
    let (user, other) = (world.user().await, world.user().await);
    let register = |user: &str, name: &str| {
        json!({
            "userId": user, "name": name, "externalId": "bot-7", "spendingLimit": 100,
            "spendingLimitFrequency": "allTime", "onLimitExceeded": "none", "maxCards": 2,
        })
    };
    let first = world.done("/v1/agents/register", &register(&user, "first")).await;
    assert!(first["agentToken"].is_string());
    assert_eq!((&first["onLimitExceeded"], &first["maxCards"]), (&json!("none"), &json!(2)));
    let again = world.post("/v1/agents/register", &register(&user, "second")).await;
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.json()["agentToken"], Value::Null);
    assert_eq!((&again.json()["id"], &again.json()["name"]), (&first["id"], &json!("first")));
    let elsewhere = world.done("/v1/agents/register", &register(&other, "first")).await;
    assert_ne!(elsewhere["id"], first["id"]);
}
