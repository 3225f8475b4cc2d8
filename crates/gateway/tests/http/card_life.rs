//! What the network can do to a card, and what the API shows of it.

use hyper::StatusCode;
use serde_json::{Value, json};

use crate::world::{self, World};

/// A card of a user with 500.00.
struct Life {
    world: World,
    user: String,
    card: String,
}

impl Life {
    async fn new() -> Self {
        let world = World::new().await;
        let user = world.funded_user(500).await;
        let (agent, _) = world.agent(&user).await;
        let card = world.card(&agent).await;
        Self { world, user, card }
    }

    /// A message of the network about the card.
    async fn play(&self, verb: &str, body: Value) -> Value {
        self.world.done(&format!("/v1/sandbox/cards/{}/{verb}", self.card), &body).await
    }

    /// A message of the network about what an answer named.
    async fn then(&self, answer: &Value, verb: &str, body: Value) -> Value {
        self.world.done(&of(answer, verb), &body).await
    }

    async fn refused(&self, answer: &Value, verb: &str, body: Value) -> (StatusCode, String) {
        let reply = self.world.post(&of(answer, verb), &body).await;
        (reply.status, reply.code())
    }

    /// What an answer named, with all that has happened to it.
    async fn shown(&self, answer: &Value) -> Value {
        let id = answer["transactionId"].as_str().unwrap();
        self.world.seen(&format!("/v1/transactions/{id}")).await
    }

    /// Available, pending, settled.
    async fn balance(&self) -> [i64; 3] {
        let balance = self.world.seen(&format!("/v1/balances/{}", self.user)).await;
        ["available", "pending", "settled"].map(|field| balance[field].as_i64().unwrap())
    }
}

fn of(answer: &Value, verb: &str) -> String {
    let id = answer["transactionId"].as_str().unwrap();
    format!("/v1/sandbox/transactions/{id}/{verb}")
}

/// What the network says of a purchase, and what else.
fn purchase(amount: u64, besides: Value) -> Value {
    let mut purchase = json!({ "amount": amount, "merchant": { "name": "Bistro" } });
    purchase.as_object_mut().unwrap().extend(besides.as_object().unwrap().clone());
    purchase
}

fn steps(shown: &Value) -> Vec<&str> {
    let steps = shown["history"].as_array().unwrap().iter();
    steps.map(|step| step["type"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_hold_grows_and_is_confirmed_before_it_clears() {
    let life = Life::new().await;
    let held = life.play("authorizations", purchase(10_000, json!({}))).await;
    let more = life.then(&held, "increment", json!({ "amount": 2_000 })).await;
    let id = &held["transactionId"];
    assert_eq!(more, json!({ "approved": true, "transactionId": id, "approvedAmount": 2_000 }));
    let too_much = life.then(&held, "increment", json!({ "amount": 38_001 })).await;
    let declined = json!({
        "approved": false, "transactionId": id, "approvedAmount": 0,
        "declineReason": "insufficient_funds",
    });
    assert_eq!(too_much, declined);
    assert_eq!(life.balance().await, [38_000, 12_000, 50_000]);

    let confirmed = life.then(&held, "confirm", json!({ "amount": 4_530 })).await;
    let expected = json!({
        "object": "confirmation", "transactionId": id, "amount": 4_530, "released": 7_470,
    });
    assert_eq!(confirmed, expected);
    let conflict = life.refused(&held, "confirm", json!({ "amount": 4_531 })).await;
    assert_eq!(conflict, (StatusCode::CONFLICT, "amount_exceeds_hold".to_owned()));
    life.then(&held, "clear", json!({})).await;
    assert_eq!(life.balance().await, [45_470, 0, 45_470]);

    let shown = life.shown(&held).await;
    assert_eq!((&shown["type"], &shown["kind"]), (&json!("card"), &json!("authorization")));
    assert_eq!((&shown["amount"], &shown["approvedAmount"]), (&json!(10_000), &json!(10_000)));
    assert_eq!((&shown["settled"], &shown["fee"]), (&json!(4_530), &json!(0)));
    let expected = ["authorization", "increment", "increment_decline", "confirmation", "clearing"];
    assert_eq!(steps(&shown), expected);
}

#[tokio::test]
async fn a_part_is_approved_where_the_merchant_takes_it() {
    let life = Life::new().await;
    let all = life.play("authorizations", purchase(60_000, json!({}))).await;
    assert_eq!(all["declineReason"], "insufficient_funds");
    let part = purchase(60_000, json!({ "partialAllowed": true }));
    let part = life.play("authorizations", part).await;
    assert_eq!((&part["approved"], &part["approvedAmount"]), (&json!(true), &json!(50_000)));
    let shown = life.shown(&part).await;
    assert_eq!((&shown["amount"], &shown["approvedAmount"]), (&json!(60_000), &json!(50_000)));
    assert_eq!(shown["held"], 50_000);
}

#[tokio::test]
async fn a_check_holds_nothing() {
    let life = Life::new().await;
    let check = life.play("authorizations", purchase(0, json!({}))).await;
    assert_eq!((&check["approved"], &check["approvedAmount"]), (&json!(true), &json!(0)));
    let shown = life.shown(&check).await;
    assert_eq!((&shown["kind"], &shown["status"]), (&json!("check"), &json!("voided")));
    assert_eq!(life.balance().await, [50_000, 0, 50_000]);
    life.world.done(&format!("/v1/cards/{}/freeze", life.card), &json!({})).await;
    let check = life.play("authorizations", purchase(0, json!({}))).await;
    assert_eq!(check["declineReason"], "card_frozen");
}

#[tokio::test]
async fn a_single_message_has_cleared_at_once_and_an_advice_is_not_refused() {
    let life = Life::new().await;
    let sold =
        life.play("authorizations", purchase(20_000, json!({ "singleMessage": true }))).await;
    assert_eq!((&sold["approved"], &sold["approvedAmount"]), (&json!(true), &json!(20_000)));
    let shown = life.shown(&sold).await;
    assert_eq!((&shown["kind"], &shown["status"]), (&json!("purchase"), &json!("settled")));
    assert_eq!(life.balance().await, [30_000, 0, 30_000]);

    let advice = life.play("authorizations", purchase(40_000, json!({ "advice": true }))).await;
    assert_eq!((&advice["approved"], &advice["approvedAmount"]), (&json!(true), &json!(40_000)));
    assert_eq!(life.shown(&advice).await["advice"], true);
    assert_eq!(life.balance().await, [0, 40_000, 30_000]);

    let both = purchase(1, json!({ "advice": true, "singleMessage": true }));
    let path = format!("/v1/sandbox/cards/{}/authorizations", life.card);
    let refused = life.world.post(&path, &both).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert!(refused.message().starts_with("`singleMessage`"), "{}", refused.text);
    assert!(refused.message().contains("`advice`"), "{}", refused.text);
}

#[tokio::test]
async fn a_purchase_abroad_is_converted_and_costs_a_fee() {
    let life = Life::new().await;
    let held = life.play("authorizations", purchase(10_000, json!({ "currency": "eur" }))).await;
    assert_eq!(held["approvedAmount"], 10_800);
    let cleared = life.then(&held, "clear", json!({ "amount": 10_910 })).await;
    assert_eq!((&cleared["amount"], &cleared["fee"]), (&json!(10_910), &json!(109)));
    let shown = life.shown(&held).await;
    let original =
        json!({ "amount": 10_000, "currency": "EUR", "rate": "1.08", "rateSource": "sandbox" });
    assert_eq!(shown["original"], original);
    assert_eq!((&shown["amount"], &shown["currency"]), (&json!(10_800), &json!("USD")));
    assert_eq!((&shown["settled"], &shown["fee"]), (&json!(10_910), &json!(109)));
    assert_eq!(life.balance().await, [38_981, 0, 38_981]);

    let token = life.play("authorizations", purchase(100, json!({ "currency": "usdc" }))).await;
    assert_eq!(token["declineReason"], "currency_not_supported");
    let path = format!("/v1/sandbox/cards/{}/force-clear", life.card);
    let token = life.world.post(&path, &purchase(100, json!({ "currency": "usdc" }))).await;
    let found = (token.status, token.code());
    assert_eq!(found, (StatusCode::BAD_REQUEST, "currency_not_supported".to_owned()));
}

#[tokio::test]
async fn what_is_worth_no_cent_or_too_many_is_refused() {
    let life = Life::new().await;
    let before = life.world.submitted();
    for (verb, amount, currency) in [
        ("authorizations", 19, "mxn"),
        ("authorizations", 9_007_199_254_740_991, "gbp"),
        ("force-clear", 19, "mxn"),
        ("unlinked-refund", 19, "mxn"),
    ] {
        let path = format!("/v1/sandbox/cards/{}/{verb}", life.card);
        let body = purchase(amount, json!({ "currency": currency }));
        let refused = life.world.post(&path, &body).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{body}: {}", refused.text);
        assert!(refused.message().starts_with("`amount`"), "{}", refused.text);
    }
    assert_eq!(life.world.submitted(), before);
    let check = life.play("authorizations", purchase(0, json!({ "currency": "mxn" }))).await;
    assert_eq!(check["approvedAmount"], 0);
}

#[tokio::test]
async fn a_late_authorization_is_linked_to_its_clearing() {
    let life = Life::new().await;
    let early = purchase(5_000, json!({ "networkId": "c-1", "authorizationNetworkId": "a-1" }));
    let cleared = life.play("force-clear", early).await;
    let id = &cleared["transactionId"];
    let expected = json!({
        "object": "clearing", "transactionId": id, "amount": 5_000, "fee": 0, "fromHold": 0,
        "released": 0, "final": true, "late": false,
    });
    assert_eq!(cleared, expected);

    let late = purchase(5_500, json!({ "networkId": "a-1" }));
    let linked = life.play("authorizations", late.clone()).await;
    assert_eq!(linked, json!({ "approved": true, "transactionId": id, "approvedAmount": 5_500 }));
    assert_eq!(life.balance().await, [45_000, 0, 45_000]);
    let shown = life.shown(&cleared).await;
    assert_eq!((&shown["kind"], &shown["status"]), (&json!("force_post"), &json!("settled")));
    assert_eq!(steps(&shown), ["force_post", "link"]);

    assert_eq!(life.play("authorizations", late.clone()).await, linked);
    let other = life.world.funded_card().await;
    let path = format!("/v1/sandbox/cards/{other}/authorizations");
    let elsewhere = life.world.post(&path, &late).await;
    let found = (elsewhere.status, elsewhere.code());
    assert_eq!(found, (StatusCode::CONFLICT, "counted_before".to_owned()));
}

#[tokio::test]
async fn what_has_cleared_is_corrected_refunded_and_taken_back() {
    let life = Life::new().await;
    let sold =
        life.play("authorizations", purchase(10_000, json!({ "singleMessage": true }))).await;
    let id = &sold["transactionId"];
    let corrected = life.then(&sold, "correct", json!({ "amount": 1_000 })).await;
    let expected = json!({ "object": "correction", "transactionId": id, "amount": 1_000 });
    assert_eq!(corrected, expected);
    life.then(&sold, "refund", json!({ "amount": 4_000 })).await;
    let back = life.then(&sold, "refund-reversal", json!({ "amount": 1_500 })).await;
    let expected = json!({ "object": "refundReversal", "transactionId": id, "amount": 1_500 });
    assert_eq!(back, expected);
    let shown = life.shown(&sold).await;
    assert_eq!((&shown["settled"], &shown["refunded"]), (&json!(9_000), &json!(2_500)));
    assert_eq!(steps(&shown), ["purchase", "correction", "refund", "refund_reversal"]);
    assert_eq!(life.balance().await, [43_500, 0, 43_500]);

    for (verb, amount, code) in [
        ("correct", 6_501, "amount_exceeds_cleared"),
        ("refund", 6_501, "amount_exceeds_cleared"),
        ("refund-reversal", 2_501, "amount_exceeds_refunded"),
    ] {
        let refused = life.refused(&sold, verb, json!({ "amount": amount })).await;
        assert_eq!(refused, (StatusCode::CONFLICT, code.to_owned()), "{verb}");
    }
}

#[tokio::test]
async fn a_refund_without_a_purchase_waits_for_a_review() {
    let life = Life::new().await;
    let given = life.play("unlinked-refund", purchase(3_000, json!({}))).await;
    let id = &given["transactionId"];
    assert_eq!(given, json!({ "object": "refund", "transactionId": id, "amount": 3_000 }));
    let shown = life.shown(&given).await;
    assert_eq!((&shown["kind"], &shown["status"]), (&json!("unlinked_refund"), &json!("pending")));
    assert_eq!(life.balance().await, [50_000, 0, 50_000]);

    let refused = life.refused(&given, "clear", json!({ "amount": 1 })).await;
    assert_eq!(refused, (StatusCode::CONFLICT, "not_a_purchase".to_owned()));
    let released = life.then(&given, "release", json!({})).await;
    assert_eq!(released, json!({ "object": "release", "transactionId": id, "amount": 3_000 }));
    assert_eq!(life.balance().await, [53_000, 0, 53_000]);
    assert_eq!(life.shown(&given).await["status"], "refunded");
    let refused = life.refused(&given, "release", json!({})).await;
    assert_eq!(refused, (StatusCode::CONFLICT, "not_under_review".to_owned()));
}

#[tokio::test]
async fn a_capture_for_nobody_is_assigned_or_written_off() {
    let life = Life::new().await;
    let path = "/v1/sandbox/network/presentments";
    let found = life.world.done(path, &purchase(2_500, json!({}))).await;
    let id = &found["transactionId"];
    assert_eq!(found, json!({ "object": "presentment", "transactionId": id, "amount": 2_500 }));
    let card = json!({ "cardId": life.card });
    let assigned = life.then(&found, "assign", card.clone()).await;
    let expected = json!({
        "object": "assignment", "transactionId": id, "cardId": life.card, "userId": life.user,
        "amount": 2_500,
    });
    assert_eq!(assigned, expected);
    let shown = life.shown(&found).await;
    assert_eq!((&shown["kind"], &shown["status"]), (&json!("presentment"), &json!("settled")));
    assert_eq!(steps(&shown), ["presentment", "assignment"]);
    assert_eq!(life.balance().await, [47_500, 0, 47_500]);

    let lost = life.world.done(path, &purchase(700, json!({}))).await;
    let written_off = life.then(&lost, "write-off", json!({})).await;
    let expected =
        json!({ "object": "writeOff", "transactionId": lost["transactionId"], "amount": 700 });
    assert_eq!(written_off, expected);
    for (verb, body) in [("write-off", json!({})), ("assign", card)] {
        for placed in [&found, &lost] {
            let refused = life.refused(placed, verb, body.clone()).await;
            assert_eq!(refused, (StatusCode::NOT_FOUND, "not_found".to_owned()));
        }
    }
}

#[tokio::test]
async fn what_is_owed_to_the_network_is_settled_once() {
    let life = Life::new().await;
    let path = "/v1/sandbox/network/settle";
    life.play("force-clear", purchase(10_000, json!({}))).await;
    life.play("unlinked-refund", purchase(3_000, json!({}))).await;
    let settled = life.world.done(path, &json!({ "date": "2026-11-30", "fees": 20 })).await;
    let expected = json!({
        "object": "settlement", "date": "2026-11-30", "paid": 10_000, "collected": 3_000,
        "interchange": 150, "interchangeReturned": 45, "fees": 20,
    });
    assert_eq!(settled, expected);
    let refused = life.world.post(path, &json!({})).await;
    let found = (refused.status, refused.code());
    assert_eq!(found, (StatusCode::CONFLICT, "nothing_to_settle".to_owned()));
}

#[tokio::test]
async fn a_deposit_that_its_chain_takes_back_is_owed_when_it_was_spent() {
    let life = Life::new().await;
    let deposit = life.world.deposit(&life.user, "25.50").await;
    life.play("authorizations", purchase(52_000, json!({ "singleMessage": true }))).await;
    let id = deposit["transactionId"].as_str().unwrap();
    let path = format!("/v1/sandbox/deposits/{id}/reverse");
    let expected = json!({
        "object": "depositReversal", "transactionId": id,
        "arrived": { "asset": "USDC", "amount": "25.500000" },
        "credited": { "asset": "USD", "amount": "25.50" },
    });
    assert_eq!(life.world.done(&path, &json!({})).await, expected);
    assert_eq!(life.balance().await, [0, 0, -2_000]);
    let shown = life.world.seen(&format!("/v1/transactions/{id}")).await;
    assert_eq!(shown["status"], "reversed");
    assert_eq!(steps(&shown), ["deposit", "deposit_reversal"]);
    let listed = life.world.seen("/v1/transactions?status=reversed").await;
    let listed: Vec<_> = listed["data"].as_array().unwrap().iter().map(world::id).collect();
    assert_eq!(listed, [id]);
    assert_eq!(life.world.post(&path, &json!({})).await.status, StatusCode::NOT_FOUND);
}
