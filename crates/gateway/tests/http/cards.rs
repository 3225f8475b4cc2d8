//! What cards and agents may be used for, as it is set, shown and changed.

use hyper::StatusCode;
use serde_json::{Value, json};

use crate::world::World;

#[tokio::test]
async fn a_card_shows_what_it_may_be_used_for() {
    let world = World::new().await;
    let set = json!({
        "maxAuthCount": 5, "ttlDays": 30, "allowedMccs": ["5812", 742], "blockedMccs": ["7995"],
        "merchantHint": "Bistro", "activeHours": { "from": "22:00", "until": "06:30" },
        "cooldownMinutes": 10, "attestationWindowMinutes": 15, "requireIntent": true,
        "enforcement": "decline", "approvalAbove": 0,
    });
    let card = world.card_with(set.clone()).await;
    let shown = world.seen(&format!("/v1/cards/{card}")).await;
    let mut expected = set;
    expected["allowedMccs"] = json!(["5812", "0742"]);
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(shown[name], *value, "{name}");
    }
    let count = json!({ "limit": 5, "used": 0, "left": 5 });
    assert_eq!(shown["limits"]["maxAuthCount"], count);
}

#[tokio::test]
async fn a_card_for_which_nothing_is_set_allows_everything() {
    let world = World::new().await;
    let card = world.card_with(json!({})).await;
    let shown = world.seen(&format!("/v1/cards/{card}")).await;
    for name in [
        "maxAuthCount",
        "ttlDays",
        "merchantHint",
        "activeHours",
        "attestationWindowMinutes",
        "approvalAbove",
    ] {
        assert_eq!(shown.get(name), Some(&Value::Null), "{name}");
    }
    for name in ["allowedMccs", "blockedMccs"] {
        assert_eq!(shown[name], json!([]));
    }
    assert_eq!((&shown["cooldownMinutes"], &shown["requireIntent"]), (&json!(0), &json!(false)));
    assert_eq!(shown["enforcement"], "inform");
    assert_eq!(
        shown["limits"],
        json!({ "maxAmount": { "limit": 500_000, "used": 0, "left": 500_000 } })
    );
}

#[tokio::test]
async fn what_is_set_is_what_declines() {
    let world = World::new().await;
    for (set, reason) in [
        (json!({ "allowedMccs": [5812] }), "mcc_not_allowed"),
        (json!({ "blockedMccs": [5942] }), "mcc_blocked"),
        (json!({ "merchantHint": "Bookshop" }), "merchant_mismatch"),
        (json!({ "attestationWindowMinutes": 1 }), "attestation_required"),
        (json!({ "requireIntent": true }), "intent_required"),
    ] {
        let card = world.card_with(set.clone()).await;
        let path = format!("/v1/sandbox/cards/{card}/authorizations");
        let purchase = json!({ "amount": 100, "merchant": { "name": "Amazon", "mcc": 5942 } });
        assert_eq!(world.done(&path, &purchase).await["declineReason"], reason, "{set}");
    }
    let patient = world.card_with(json!({ "cooldownMinutes": 1 })).await;
    assert_eq!(world.authorize(&patient, 100).await["approved"], true);
    assert_eq!(world.authorize(&patient, 100).await["declineReason"], "cooldown");
    let mortal = world.card_with(json!({ "ttlDays": 1 })).await;
    world.done("/v1/sandbox/clock", &json!({ "advance": "P1D" })).await;
    assert_eq!(world.authorize(&mortal, 100).await["declineReason"], "card_expired");
}

#[tokio::test]
async fn a_card_that_was_used_often_enough_says_so() {
    let world = World::new().await;
    let card = world.card_with(json!({ "maxAuthCount": 2 })).await;
    let first = world.authorize(&card, 100).await;
    world.authorize(&card, 100).await;
    let declined = world.authorize(&card, 100).await;
    let limit = json!({ "of": "card", "limit": "maxAuthCount", "left": 0 });
    assert_eq!(declined["declineReason"], "limit_authorization_count");
    assert_eq!(declined["approvedAmount"], 0);
    assert_eq!(declined["exceededLimit"], limit);
    let id = declined["transactionId"].as_str().unwrap();
    let shown = world.seen(&format!("/v1/transactions/{id}")).await;
    assert_eq!((&shown["exceededLimit"], &shown["approvedAmount"]), (&limit, &json!(0)));

    let used =
        async || world.seen(&format!("/v1/cards/{card}")).await["limits"]["maxAuthCount"].clone();
    assert_eq!(used().await, json!({ "limit": 2, "used": 2, "left": 0 }));
    let voided = first["transactionId"].as_str().unwrap();
    world.done(&format!("/v1/sandbox/transactions/{voided}/reverse"), &json!({})).await;
    assert_eq!(used().await, json!({ "limit": 2, "used": 1, "left": 1 }));
    assert_eq!(world.authorize(&card, 100).await["approved"], true);
}

#[tokio::test]
async fn limits_of_a_card_are_changed_lifted_and_kept() {
    let world = World::new().await;
    let card = world.card_with(json!({ "limits": { "perAuth": 1_000, "perDay": 2_000 } })).await;
    world.authorize(&card, 900).await;
    let path = format!("/v1/cards/{card}");
    let change = json!({ "maxAmount": 3_000, "limits": { "perAuth": null, "perMonth": 2_500 } });
    let changed = world.patch(&path, &change).await;
    let expected = json!({
        "object": "card", "id": card, "maxAmount": 3_000,
        "limits": {
            "maxAmount": { "limit": 3_000 }, "perDay": { "limit": 2_000 },
            "perMonth": { "limit": 2_500 },
        },
    });
    assert_eq!((changed.status, changed.json()), (StatusCode::OK, expected));
    let shown = world.seen(&path).await;
    let limits = json!({
        "maxAmount": { "limit": 3_000, "used": 900, "left": 2_100 },
        "perDay": { "limit": 2_000, "used": 900, "left": 1_100 },
        "perMonth": { "limit": 2_500, "used": 900, "left": 1_600 },
    });
    assert_eq!((&shown["limits"], &shown["maxAmount"]), (&limits, &json!(3_000)));
    assert_eq!(world.authorize(&card, 1_101).await["declineReason"], "limit_per_day");
    assert_eq!(world.authorize(&card, 1_100).await["approved"], true);

    world.done(&format!("{path}/close"), &json!({})).await;
    let refused = world.patch(&path, &change).await;
    assert_eq!((refused.status, refused.code().as_str()), (StatusCode::CONFLICT, "card_closed"));
}

#[tokio::test]
async fn how_an_agent_spends_is_changed_in_parts() {
    let world = World::new().await;
    let user = world.funded_user(500).await;
    let (agent, _) = world.agent(&user).await;
    let path = format!("/v1/agents/{agent}");
    let change =
        json!({ "spendingLimit": 500, "spendingLimitFrequency": "perWeek", "maxCards": 1 });
    let changed = world.patch(&path, &change).await;
    let expected = json!({
        "object": "agent", "id": agent, "spendingLimit": 500, "spendingLimitFrequency": "perWeek",
        "onLimitExceeded": "suspend", "maxCards": 1,
    });
    assert_eq!((changed.status, changed.json()), (StatusCode::OK, expected));
    let card = world.card(&agent).await;
    let cards = format!("{path}/cards");
    let terms = json!({ "purpose": "Books", "type": "multi", "maxAmount": 1 });
    assert_eq!(world.post(&cards, &terms).await.code(), "too_many_cards");

    let change = json!({ "onLimitExceeded": "notify", "maxCards": null });
    assert_eq!(world.patch(&path, &change).await.status, StatusCode::OK);
    assert_eq!(world.authorize(&card, 501).await["approved"], true);
    world.done(&cards, &terms).await;
    let shown = world.seen(&path).await;
    assert_eq!((&shown["spendingLimit"], &shown["maxCards"]), (&json!(500), &Value::Null));
    assert_eq!(
        (&shown["spendingLimitFrequency"], &shown["onLimitExceeded"]),
        (&json!("perWeek"), &json!("notify"))
    );
}

#[tokio::test]
async fn a_change_of_nothing_or_of_half_a_limit_is_refused() {
    let world = World::new().await;
    let user = world.funded_user(0).await;
    let (agent, _) = world.agent(&user).await;
    let card = world.card(&agent).await;
    let before = world.submitted();
    for (path, body, field) in [
        (format!("/v1/cards/{card}"), json!({}), "body"),
        (format!("/v1/cards/{card}"), json!({ "limits": {} }), "body"),
        (format!("/v1/cards/{card}"), json!({ "purpose": "p" }), "purpose"),
        (format!("/v1/cards/{card}"), json!({ "cooldownMinutes": 1 }), "cooldownMinutes"),
        (format!("/v1/agents/{agent}"), json!({}), "body"),
        (format!("/v1/agents/{agent}"), json!({ "spendingLimit": 1 }), "spendingLimitFrequency"),
        (
            format!("/v1/agents/{agent}"),
            json!({ "spendingLimitFrequency": "perWeek" }),
            "spendingLimit",
        ),
        (format!("/v1/agents/{agent}"), json!({ "name": "n" }), "name"),
    ] {
        let refused = world.patch(&path, &body).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{body}: {}", refused.text);
        assert!(refused.message().contains(&format!("`{field}`")), "{body}: {}", refused.text);
    }
    assert_eq!(world.submitted(), before);
}

#[tokio::test]
async fn hours_that_are_none_and_categories_that_are_none_are_refused() {
    let world = World::new().await;
    let user = world.funded_user(0).await;
    let (agent, _) = world.agent(&user).await;
    let path = format!("/v1/agents/{agent}/cards");
    for (set, field) in [
        (json!({ "activeHours": { "from": "09:00", "until": "09:00" } }), "activeHours.until"),
        (json!({ "activeHours": { "from": "09:00" } }), "activeHours.until"),
        (json!({ "activeHours": { "until": "09:00" } }), "activeHours.from"),
        (json!({ "allowedMccs": [] }), "allowedMccs"),
        (json!({ "blockedMccs": [] }), "blockedMccs"),
        (json!({ "allowedMccs": [5812, "58"] }), "allowedMccs[1]"),
        (json!({ "blockedMccs": [null] }), "blockedMccs[0]"),
    ] {
        let mut terms = json!({ "purpose": "p", "type": "multi", "maxAmount": 1 });
        terms.as_object_mut().unwrap().extend(set.as_object().unwrap().clone());
        let refused = world.post(&path, &terms).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{set}: {}", refused.text);
        assert!(refused.message().contains(&format!("`{field}`")), "{set}: {}", refused.text);
    }
}
