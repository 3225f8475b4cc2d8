//! Intents that must be approved, set money aside, or stand in the way of other purchases.

use hyper::{Method, StatusCode};
use serde_json::{Value, json};

use crate::world::{Reply, World, id};

fn bookshop(besides: Value) -> Value {
    let mut intent = json!({ "summary": "Books", "amount": 2_000, "merchantText": "Bookshop" });
    intent.as_object_mut().unwrap().extend(besides.as_object().unwrap().clone());
    intent
}

fn is_over(refused: &Reply) {
    let found = (refused.status, refused.code());
    assert_eq!(found, (StatusCode::CONFLICT, "intent_ended".to_owned()), "{}", refused.text);
}

async fn declare(world: &World, card: &str, besides: Value) -> Value {
    world.done(&format!("/v1/cards/{card}/intents"), &bookshop(besides)).await
}

#[tokio::test]
async fn an_intent_above_what_a_card_may_by_itself_waits_for_approval() {
    let world = World::new().await;
    let card = world.card_with(json!({ "approvalAbove": 1_999 })).await;
    let declared = declare(&world, &card, json!({})).await;
    assert_eq!(declared["status"], "pending_approval");
    let intent = id(&declared);
    let path = format!("/v1/intents/{intent}");
    assert_eq!(world.seen(&path).await, declared);

    let details = format!("/v1/cards/{card}/details");
    let statement = json!({
        "summary": "Books", "expectedAmount": 2_000, "merchantText": "Bookshop", "intentId": intent,
    });
    let refused = world.post(&details, &statement).await;
    let found = (refused.status, refused.code());
    assert_eq!(found, (StatusCode::CONFLICT, "intent_pending_approval".to_owned()));
    world.authorize(&card, 2_000).await;
    assert_eq!(world.seen(&path).await["status"], "pending_approval", "no purchase takes it");

    let approved = world.done(&format!("{path}/approve"), &json!({})).await;
    assert_eq!(approved, json!({ "object": "intent", "id": intent, "status": "pending" }));
    assert_eq!(world.seen(&path).await["status"], "pending");
    world.done(&details, &statement).await;
    assert_eq!(world.seen(&path).await["status"], "revealed");
    for verb in ["approve", "reject"] {
        let refused = world.post(&format!("{path}/{verb}"), &json!({})).await;
        let found = (refused.status, refused.code());
        assert_eq!(found, (StatusCode::CONFLICT, "intent_not_pending_approval".to_owned()));
    }
}

#[tokio::test]
async fn an_intent_that_is_not_approved_or_taken_back_ends() {
    let world = World::new().await;
    let card = world.card_with(json!({ "approvalAbove": 0 })).await;
    for (verb, status) in [("reject", "rejected"), ("cancel", "canceled")] {
        let intent = id(&declare(&world, &card, json!({ "reserve": true })).await);
        let path = format!("/v1/intents/{intent}");
        let ended = world.done(&format!("{path}/{verb}"), &json!({})).await;
        assert_eq!(ended, json!({ "object": "intent", "id": intent, "status": status }));
        assert_eq!(world.seen(&path).await["status"], status);
        for late in ["approve", "reject", "cancel"] {
            is_over(&world.post(&format!("{path}/{late}"), &json!({})).await);
        }
    }
}

#[tokio::test]
async fn an_intent_that_has_ended_is_unknown_to_other_cards_only() {
    let world = World::new().await;
    let card = world.funded_card().await;
    let intent = id(&declare(&world, &card, json!({})).await);
    world.authorize(&card, 2_000).await;
    assert_eq!(world.seen(&format!("/v1/intents/{intent}")).await["status"], "mismatched");
    is_over(&world.post(&format!("/v1/intents/{intent}/cancel"), &json!({})).await);

    let statement = json!({
        "summary": "Books", "amount": 2_000, "merchantText": "Bookshop", "intentId": intent,
    });
    is_over(&world.post(&format!("/v1/cards/{card}/details"), &statement).await);
    let other = world.funded_card().await;
    let refused = world.post(&format!("/v1/cards/{other}/details"), &statement).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::NOT_FOUND, "not_found".to_owned()));
}

#[tokio::test]
async fn an_agent_declares_what_it_may_not_approve() {
    let world = World::new().await;
    let user = world.funded_user(500).await;
    let (agent, token) = world.agent(&user).await;
    let terms = json!({ "purpose": "p", "type": "multi", "maxAmount": 9_000, "approvalAbove": 0 });
    let card = id(&world.done(&format!("/v1/agents/{agent}/cards"), &terms).await);
    let ask = async |path: String, body: Value| {
        let headers = [("api-key", token.as_str())];
        world.raw(Method::POST, &path, &headers, body.to_string()).await
    };
    let declared = ask(format!("/v1/cards/{card}/intents"), bookshop(json!({}))).await;
    assert_eq!(declared.json()["status"], "pending_approval", "{}", declared.text);
    let path = format!("/v1/intents/{}", id(&declared.json()));
    for verb in ["approve", "reject"] {
        let refused = ask(format!("{path}/{verb}"), json!({})).await;
        let found = (refused.status, refused.code());
        assert_eq!(found, (StatusCode::FORBIDDEN, "not_for_agents".to_owned()));
    }
    assert_eq!(ask(format!("{path}/cancel"), json!({})).await.status, StatusCode::OK);
}

#[tokio::test]
async fn what_an_intent_sets_aside_is_pending_and_comes_back() {
    let world = World::new().await;
    let user = world.funded_user(500).await;
    let (agent, _) = world.agent(&user).await;
    let card = world.card(&agent).await;
    let balance = async || {
        let balance = world.seen(&format!("/v1/balances/{user}")).await;
        ["available", "pending", "settled"].map(|field| balance[field].as_i64().unwrap())
    };
    let declared = declare(&world, &card, json!({ "reserve": true })).await;
    assert_eq!(declared["reserve"], true);
    assert_eq!(balance().await, [48_000, 2_000, 50_000]);
    let shown = world.done(&format!("/v1/intents/{}/cancel", id(&declared)), &json!({})).await;
    assert_eq!(shown["status"], "canceled");
    assert_eq!(balance().await, [50_000, 0, 50_000]);

    let too_much = bookshop(json!({ "amount": 50_001, "reserve": true }));
    let refused = world.post(&format!("/v1/cards/{card}/intents"), &too_much).await;
    let found = (refused.status, refused.code());
    assert_eq!(found, (StatusCode::CONFLICT, "insufficient_funds".to_owned()));
}

#[tokio::test]
async fn an_intent_can_decline_what_differs_from_it() {
    let world = World::new().await;
    let card = world.funded_card().await;
    let strict = declare(&world, &card, json!({ "enforcement": "decline" })).await;
    assert_eq!(strict["enforcement"], "decline");
    let declined = world.authorize(&card, 2_000).await;
    assert_eq!(declined["declineReason"], "intent_mismatch");
    let path = format!("/v1/sandbox/cards/{card}/authorizations");
    let purchase = json!({ "amount": 2_000, "merchant": { "name": "The Bookshop" } });
    assert_eq!(world.done(&path, &purchase).await["approved"], true);
    let told = declare(&world, &card, json!({})).await;
    assert_eq!((told.get("enforcement"), &told["reserve"]), (Some(&Value::Null), &json!(false)));
}

#[tokio::test]
async fn an_intent_lives_as_long_as_it_was_asked_to() {
    let world = World::new().await;
    let card = world.funded_card().await;
    let declared = declare(&world, &card, json!({ "ttlMinutes": 1, "toleranceAmount": 0 })).await;
    let lives_ms =
        declared["expiresAt"].as_u64().unwrap() - declared["createdAt"].as_u64().unwrap();
    assert_eq!((lives_ms, &declared["toleranceAmount"]), (60_000, &json!(0)));
    let statement = json!({ "summary": "Books", "amount": 2_000, "merchantText": "Bookshop" });
    world.done(&format!("/v1/cards/{card}/details"), &statement).await;
    let clock = world.post("/v1/sandbox/clock", &json!({ "advance": "PT1M" })).await;
    world.reach(clock.position() + 1).await;
    let path = format!("/v1/intents/{}", id(&declared));
    assert_eq!(world.seen(&path).await["status"], "expired");
}
