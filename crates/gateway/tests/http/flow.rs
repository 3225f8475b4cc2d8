//! The flow of seeds 002 and 004.

use hyper::StatusCode;
use serde_json::{Value, json};

use crate::world::{World, id};

#[tokio::test]
async fn a_payment_runs_from_the_user_to_the_refund() {
    let world = World::new().await;
    let person = json!({"firstName": "John", "lastName": "Doe", "email": "john@example.com"});
    let user = world.done("/v1/users", &person).await;
    assert_eq!((&user["object"], &user["firstName"]), (&json!("user"), &json!("John")));
    assert_eq!(user["applicationStatus"], "notStarted");
    let user = id(&user);

    let started = world.done("/v1/verification/user", &json!({ "userId": user })).await;
    assert_eq!(started["object"], "verification");
    assert_eq!(started["userId"], user.as_str());
    assert_eq!(started["applicationStatus"], "pending");
    assert!(
        started["verificationUrl"].as_str().unwrap().starts_with("https://kyc.ledger.so/verify/")
    );
    assert_eq!(started.as_object().unwrap().len(), 4, "seed 002 shows four fields");
    world.verify(&user, "approved").await;

    let deposit = world.deposit(&user, "500.009999").await;
    assert_eq!((&deposit["credited"], &deposit["released"]), (&json!(50_000), &json!(true)));
    assert_eq!(balance(&world, &user).await, (50_000, 0, 50_000));

    let (agent, _) = world.agent(&user).await;
    let card = json!({
        "purpose": "Purchase wireless headphones from Amazon", "type": "single", "maxAmount": 40_000,
    });
    let card = world.done(&format!("/v1/agents/{agent}/cards"), &card).await;
    assert_eq!((&card["object"], &card["status"]), (&json!("card"), &json!("active")));
    let card = id(&card);

    let intent = json!({
        "summary": "Buy Sony WH-1000XM5 headphones", "amount": 34_999, "merchantText": "Amazon",
    });
    let intent = world.done(&format!("/v1/cards/{card}/intents"), &intent).await;
    assert_eq!((&intent["status"], &intent["warnings"]), (&json!("pending"), &json!([])));
    let intent = id(&intent);

    let details = json!({
        "summary": "Buy Sony WH-1000XM5 headphones", "expectedAmount": 34_999,
        "merchantText": "Amazon",
    });
    let details = world.done(&format!("/v1/cards/{card}/details"), &details).await;
    let mut names: Vec<_> = details.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    let shown = ["accessEventId", "cvv", "expirationMonth", "expirationYear", "last4", "pan"];
    assert_eq!(names, shown, "exactly what seed 004 shows");
    assert!(details["pan"].as_str().unwrap().ends_with(details["last4"].as_str().unwrap()));
    assert_eq!(details["pan"].as_str().unwrap().len(), 16);
    assert_eq!(details["cvv"].as_str().unwrap().len(), 3);
    assert_eq!(world.seen(&format!("/v1/intents/{intent}")).await["status"], "revealed");

    let decision = world.authorize(&card, 34_999).await;
    assert_eq!(
        (&decision["approved"], &decision["approvedAmount"]),
        (&json!(true), &json!(34_999))
    );
    assert_eq!(balance(&world, &user).await, (15_001, 34_999, 50_000));
    let intent = world.seen(&format!("/v1/intents/{intent}")).await;
    assert_eq!((&intent["status"], &intent["differences"]), (&json!("matched"), &json!([])));
    let limits = &world.seen(&format!("/v1/cards/{card}")).await["limits"];
    assert_eq!(limits["maxAmount"], json!({ "limit": 40_000, "used": 34_999, "left": 5_001 }));

    let transaction = decision["transactionId"].as_str().unwrap();
    let sandbox = format!("/v1/sandbox/transactions/{transaction}");
    let cleared = world.done(&format!("{sandbox}/clear"), &json!({})).await;
    assert_eq!((&cleared["amount"], &cleared["final"]), (&json!(34_999), &json!(true)));
    assert_eq!(balance(&world, &user).await, (15_001, 0, 15_001));
    assert_eq!(world.seen(&format!("/v1/cards/{card}")).await["status"], "closed");

    let refunded = world.done(&format!("{sandbox}/refund"), &json!({ "amount": 5_000 })).await;
    assert_eq!((&refunded["object"], &refunded["amount"]), (&json!("refund"), &json!(5_000)));
    assert_eq!(balance(&world, &user).await, (20_001, 0, 20_001));

    let shown = world.seen(&format!("/v1/transactions/{transaction}")).await;
    assert_eq!((&shown["status"], &shown["intentId"]), (&json!("refunded"), &intent["id"]));
    let steps: Vec<_> =
        shown["history"].as_array().unwrap().iter().map(|step| step["type"].as_str()).collect();
    assert_eq!(steps, [Some("authorization"), Some("clearing"), Some("refund")]);
    assert_eq!(shown["history"][0]["postings"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn each_cause_in_the_seeds_troubleshooting_list_is_answered_as_it_says() {
    let world = World::new().await;
    let user = world.funded_user(100).await;
    let (agent, _) = world.agent(&user).await;
    let limits = json!({
        "purpose": "Books", "type": "multi", "maxAmount": 20_000,
        "limits": { "perAuth": 15_000, "perDay": 18_000 },
    });
    let card = id(&world.done(&format!("/v1/agents/{agent}/cards"), &limits).await);

    let details = json!({ "summary": "Books", "expectedAmount": 1_000, "merchantText": "Amazon" });
    let refused = world.post(&format!("/v1/cards/{card}/details"), &details).await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (StatusCode::BAD_REQUEST, "intent_required")
    );
    assert!(
        refused.message().contains(&format!("POST /v1/cards/{card}/intents")),
        "{}",
        refused.text
    );

    let declined = world.authorize(&card, 10_001).await;
    assert_eq!(
        (&declined["approved"], &declined["declineReason"]),
        (&json!(false), &json!("insufficient_funds"))
    );

    let declined = world.authorize(&card, 15_001).await;
    assert_eq!(declined["declineReason"], "limit_per_authorization");
    let limit = json!({ "of": "card", "limit": "perAuth", "amount": 15_000, "left": 15_000 });
    assert_eq!(declined["exceededLimit"], limit);

    let intent = json!({ "summary": "Books", "amount": 19_000, "merchantText": "Amazon" });
    let intent = world.done(&format!("/v1/cards/{card}/intents"), &intent).await;
    let warned: Vec<_> =
        intent["warnings"].as_array().unwrap().iter().map(|warning| &warning["limit"]).collect();
    assert_eq!(warned, [&json!("perAuth"), &json!("perDay")]);

    assert_eq!(world.authorize(&card, 5_000).await["approved"], true);
    let shown = world.seen(&format!("/v1/intents/{}", id(&intent))).await;
    assert_eq!(
        (&shown["status"], &shown["differences"]),
        (&json!("mismatched"), &json!(["amount"]))
    );
}

#[tokio::test]
async fn verification_asks_for_documents_and_takes_them() {
    let world = World::new().await;
    let user = world.user().await;
    world.done("/v1/verification/user", &json!({ "userId": user })).await;
    let wanted = json!({
        "outcome": "needsInformation", "requiredFields": ["proofOfAddress", "governmentIdBack"],
    });
    world.done(&format!("/v1/sandbox/verifications/{user}"), &wanted).await;
    let shown = world.seen(&format!("/v1/verification/user/{user}")).await;
    assert_eq!(shown["applicationStatus"], "needsInformation");
    assert_eq!(shown["requiredFields"], json!(["proofOfAddress", "governmentIdBack"]));

    for kind in ["proofOfAddress", "governmentIdBack"] {
        let document = upload(&world, &user, kind, b"%PDF-1.7 ...").await;
        assert_eq!(
            (&document["object"], &document["documentType"]),
            (&json!("document"), &json!(kind))
        );
    }
    let shown = world.seen(&format!("/v1/verification/user/{user}")).await;
    assert_eq!(
        (&shown["applicationStatus"], shown.get("requiredFields")),
        (&json!("pending"), None)
    );

    let denied = json!({ "outcome": "denied", "reason": "sanctionsMatch" });
    let denied = world.done(&format!("/v1/sandbox/verifications/{user}"), &denied).await;
    assert_eq!(
        (&denied["reason"], denied.get("verificationUrl")),
        (&json!("sanctionsMatch"), None)
    );
    let refused = world.post("/v1/verification/user", &json!({ "userId": user })).await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (StatusCode::CONFLICT, "verification_closed")
    );
}

#[tokio::test]
async fn a_deposit_counts_once_and_waits_for_approval() {
    let world = World::new().await;
    let user = world.user().await;
    let address = world.address(&user, "USDT", "tron").await;
    let deposit = json!({
        "address": address, "asset": "USDT", "amount": "25.50", "transactionHash": "0xAB", "index": 1,
    });
    let first = world.done("/v1/sandbox/deposits", &deposit).await;
    assert_eq!((&first["released"], &first["chain"]), (&json!(false), &json!("tron")));

    let again = world.post("/v1/sandbox/deposits", &deposit).await;
    assert_eq!((again.json(), again.header("idempotent-replayed")), (first, Some("true")));
    world.verify(&user, "approved").await;
    assert_eq!(balance(&world, &user).await, (2_550, 0, 2_550));

    let other = world.user().await;
    let elsewhere = world.address(&other, "USDT", "tron").await;
    let elsewhere = json!({
        "address": elsewhere, "asset": "USDT", "amount": "25.50", "transactionHash": "0xab",
        "index": 1,
    });
    let refused = world.post("/v1/sandbox/deposits", &elsewhere).await;
    assert_eq!((refused.status, refused.code().as_str()), (StatusCode::CONFLICT, "counted_before"));
}

#[tokio::test]
async fn a_clock_moved_forward_expires_intents_and_holds() {
    let world = World::new().await;
    let card = world.funded_card().await;
    let intent = json!({ "summary": "Books", "amount": 1_000, "merchantText": "Thalia" });
    let intent = id(&world.done(&format!("/v1/cards/{card}/intents"), &intent).await);
    let spare = world.authorize(&card, 2_000).await;
    let transaction = spare["transactionId"].as_str().unwrap();

    let second = json!({ "summary": "More books", "amount": 1_000, "merchantText": "Thalia" });
    let second = id(&world.done(&format!("/v1/cards/{card}/intents"), &second).await);
    let clock = world.post("/v1/sandbox/clock", &json!({ "advance": "PT1H" })).await;
    assert_eq!(clock.json()["advancedMs"], 3_600_000);
    // What has fallen due is written behind the entry that moved the clock.
    world.reach(clock.position() + 1).await;
    assert_eq!(world.seen(&format!("/v1/intents/{second}")).await["status"], "expired");
    assert_eq!(world.seen(&format!("/v1/intents/{intent}")).await["status"], "mismatched");

    let clock = world.post("/v1/sandbox/clock", &json!({ "advance": "P7D" })).await;
    world.reach(clock.position() + 1).await;
    let shown = world.seen(&format!("/v1/transactions/{transaction}")).await;
    assert_eq!((&shown["status"], &shown["held"]), (&json!("expired"), &json!(0)));
}

#[tokio::test]
async fn cards_and_agents_can_be_stopped() {
    let world = World::new().await;
    let user = world.funded_user(100).await;
    let (agent, _) = world.agent(&user).await;
    let card = world.card(&agent).await;
    for (verb, status, reason) in [
        ("freeze", "frozen", Some("card_frozen")),
        ("unfreeze", "active", None),
        ("close", "closed", Some("card_closed")),
    ] {
        let changed = world.done(&format!("/v1/cards/{card}/{verb}"), &json!({})).await;
        assert_eq!(changed, json!({ "object": "card", "id": card, "status": status }));
        assert_eq!(world.seen(&format!("/v1/cards/{card}")).await["status"], status);
        let decision = world.authorize(&card, 100).await;
        assert_eq!(decision["declineReason"].as_str(), reason);
    }
    let card = world.card(&agent).await;
    for (verb, status, reason) in
        [("suspend", "suspended", Some("agent_suspended")), ("reactivate", "active", None)]
    {
        let changed = world.done(&format!("/v1/agents/{agent}/{verb}"), &json!({})).await;
        assert_eq!(changed, json!({ "object": "agent", "id": agent, "status": status }));
        assert_eq!(world.seen(&format!("/v1/agents/{agent}")).await["status"], status);
        assert_eq!(world.authorize(&card, 100).await["declineReason"].as_str(), reason);
    }
}

#[tokio::test]
async fn a_hold_is_given_back_in_parts_by_refund_and_by_expiry() {
    let world = World::new().await;
    let card = world.funded_card().await;
    let held = world.authorize(&card, 10_000).await;
    let path = format!("/v1/sandbox/transactions/{}", held["transactionId"].as_str().unwrap());
    let reversed = world.done(&format!("{path}/reverse"), &json!({ "amount": 2_000 })).await;
    assert_eq!((&reversed["amount"], &reversed["final"]), (&json!(2_000), &json!(false)));
    assert_eq!((&reversed["applied"], reversed.get("held")), (&json!(true), None));
    let unusable = world.done(&format!("{path}/reverse"), &json!({ "amount": 8_001 })).await;
    let nothing_done = json!({
        "object": "reversal", "transactionId": held["transactionId"], "amount": 8_001,
        "final": false, "applied": false, "held": 8_000,
    });
    assert_eq!(unusable, nothing_done);
    let refunded = world.done(&format!("{path}/refund"), &json!({ "amount": 3_000 })).await;
    assert_eq!(refunded["object"], "reversal", "before anything has cleared");
    let expired = world.done(&format!("{path}/expire"), &json!({})).await;
    assert_eq!((&expired["object"], &expired["released"]), (&json!("expiry"), &json!(5_000)));
}

/// Available, pending, settled.
async fn balance(world: &World, user: &str) -> (u64, u64, i64) {
    let balance = world.seen(&format!("/v1/balances/{user}")).await;
    assert_eq!((&balance["object"], &balance["currency"]), (&json!("balance"), &json!("USD")));
    let cents = |field: &str| balance[field].as_u64().unwrap();
    (cents("available"), cents("pending"), balance["settled"].as_i64().unwrap())
}

async fn upload(world: &World, user: &str, kind: &str, content: &[u8]) -> Value {
    let path = format!("/v1/verification/user/{user}/document");
    let parts = [("documentType", kind.as_bytes()), ("file", content)];
    let reply = crate::uploads::upload(world, &path, &parts).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    reply.json()
}
