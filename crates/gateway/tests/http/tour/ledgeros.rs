//! LedgerOS: two people with an agent each, and what these declare and read.

use hyper::Method;
use serde_json::json;

use super::{Content, Step, get, order, patch, post};

pub(super) fn steps() -> Vec<Step> {
    [people(), agents(), cards(), intents(), ends()].concat()
}

fn people() -> Vec<Step> {
    let person = json!({ "firstName": "John", "lastName": "Doe", "email": "john@example.com" });
    let document: &[u8] = b"%PDF-1.7 ...";
    let upload = vec![("documentType", &b"proofOfAddress"[..]), ("file", document)];
    vec![
        post("lk", "/v1/users", person.clone()).keep("user", "/id"),
        post("lk", "/v1/users", person.clone()).keep("user2", "/id"),
        post("lk", "/v1/users", person).keep("waiting", "/id"),
        get("lk", "/v1/users?limit=1").keep("users_cursor", "/cursor"),
        get("lk", "/v1/users?cursor={users_cursor}"),
        get("lk", "/v1/users/{user}"),
        post("lk", "/v1/verification/user", json!({ "userId": "$user" })),
        get("lk", "/v1/verification/user/{user}"),
        post(
            "lk",
            "/v1/sandbox/verifications/{user}",
            json!({ "outcome": "needsInformation", "requiredFields": ["proofOfAddress"] }),
        ),
        Step::new(
            "lk",
            Method::PUT,
            "/v1/verification/user/{user}/document",
            Content::Parts(upload),
        )
        .keep("document", "/id"),
        post(
            "lk",
            "/v1/sandbox/verifications/{waiting}",
            json!({ "outcome": "denied", "reason": "sanctionsMatch" }),
        ),
        post("lk", "/v1/sandbox/verifications/{user}", json!({ "outcome": "approved" })),
        post("lk", "/v1/sandbox/verifications/{user2}", json!({ "outcome": "approved" })),
        get("lk", "/v1/users/{user}/funding").keep("address", "/addresses/0/address"),
        get("lk", "/v1/users/{user2}/funding").keep("address2", "/addresses/0/address"),
        post(
            "lk",
            "/v1/sandbox/deposits",
            json!({
                "address": "$address", "asset": "USDC", "amount": "9000.00",
                "transactionHash": "0xAB", "index": 1,
            }),
        )
        .keep("deposit", "/transactionId"),
        post(
            "lk",
            "/v1/sandbox/deposits",
            json!({ "address": "$address2", "asset": "USDC", "amount": "900.00" }),
        )
        .keep("deposit2", "/transactionId"),
        post(
            "lk",
            "/v1/sandbox/deposits",
            json!({ "address": "$address", "asset": "USDC", "amount": "1.00" }),
        )
        .keep("lost_deposit", "/transactionId"),
        order("lk", "/v1/sandbox/deposits/{lost_deposit}/reverse"),
        get("lk", "/v1/balances/{user}"),
    ]
}

fn agents() -> Vec<Step> {
    vec![
        post(
            "lk",
            "/v1/agents/register",
            json!({
                "userId": "$user", "name": "checkout-bot", "description": "Buys books",
                "externalId": "bot-7", "spendingLimit": 1_000_000,
                "spendingLimitFrequency": "perMonth", "onLimitExceeded": "none", "maxCards": 20,
            }),
        )
        .keep("agent", "/id")
        .keep("token", "/agentToken"),
        post(
            "lk",
            "/v1/agents/register",
            json!({
                "userId": "$user2", "name": "other-bot", "spendingLimit": 1_000_000,
                "spendingLimitFrequency": "perWeek",
            }),
        )
        .keep("agent2", "/id")
        .keep("token2", "/agentToken"),
        get("lk", "/v1/agents?userId={user}"),
        get("lk", "/v1/agents?limit=1").keep("agents_cursor", "/cursor"),
        get("lk", "/v1/agents?cursor={agents_cursor}"),
        get("token", "/v1/agents/{agent}"),
        get("token2", "/v1/agents/{agent2}"),
        patch(
            "lk",
            "/v1/agents/{agent}",
            json!({
                "spendingLimit": 2_000_000, "spendingLimitFrequency": "perYear",
                "onLimitExceeded": "notify", "maxCards": 30,
            }),
        ),
    ]
}

fn cards() -> Vec<Step> {
    let plain = json!({ "purpose": "Books", "type": "multi", "maxAmount": 500_000 });
    vec![
        post("lk", "/v1/agents/{agent}/cards", plain.clone()).keep("card", "/id"),
        post("token2", "/v1/agents/{agent2}/cards", plain.clone()).keep("card2", "/id"),
        post("token", "/v1/agents/{agent}/cards", plain).keep("spare", "/id"),
        post(
            "token",
            "/v1/agents/{agent}/cards",
            json!({
                "purpose": "Purchase wireless headphones from Amazon", "type": "single",
                "maxAmount": 40_000,
                "limits": { "perAuth": 30_000, "perDay": 30_000, "perMonth": 40_000 },
                "maxAuthCount": 5, "ttlDays": 30, "allowedMccs": ["5732"], "blockedMccs": ["7995"],
                "merchantHint": "Amazon", "activeHours": { "from": "06:00", "until": "22:30" },
                "cooldownMinutes": 5, "attestationWindowMinutes": 60, "requireIntent": true,
                "enforcement": "decline", "approvalAbove": 0,
            }),
        )
        .keep("strict", "/id"),
        get("token", "/v1/cards/{card}"),
        get("token2", "/v1/cards/{card2}"),
        patch(
            "lk",
            "/v1/cards/{card}",
            json!({
                "maxAmount": 600_000,
                "limits": { "perAuth": 500_000, "perDay": 500_000, "perMonth": 500_000 },
            }),
        ),
    ]
}

fn intents() -> Vec<Step> {
    let plain = json!({ "summary": "Buy books", "amount": 1_000, "merchantText": "Thalia" });
    let full = json!({
        "summary": "Buy books", "expectedAmount": 1_000, "expectedMerchant": "Thalia",
        "currency": "usd", "expectedMccs": ["5942"], "toleranceAmount": 100, "ttlMinutes": 60,
        "reserve": false, "enforcement": "inform",
    });
    let by_percent = json!({
        "summary": "Buy books", "amount": 900_000, "merchantText": "Thalia", "tolerancePercent": 5,
    });
    vec![
        post("token", "/v1/cards/{card}/intents", full).keep("intent", "/id"),
        post("lk", "/v1/cards/{card}/intents", by_percent).keep("canceled", "/id"),
        post("token2", "/v1/cards/{card2}/intents", plain.clone()).keep("intent2", "/id"),
        post("token", "/v1/cards/{strict}/intents", plain.clone()).keep("approved", "/id"),
        post("token", "/v1/cards/{strict}/intents", plain).keep("rejected", "/id"),
        order("token", "/v1/intents/{canceled}/cancel"),
        order("lk", "/v1/intents/{approved}/approve"),
        order("lk", "/v1/intents/{rejected}/reject"),
        post(
            "token",
            "/v1/cards/{card}/details",
            json!({
                "summary": "Buy books", "expectedAmount": 1_000, "merchantText": "Thalia",
                "intentId": "$intent",
            }),
        )
        .keep("access", "/accessEventId"),
        post(
            "token2",
            "/v1/cards/{card2}/details",
            json!({ "summary": "Buy books", "amount": 1_000, "expectedMerchant": "Thalia" }),
        )
        .keep("access2", "/accessEventId"),
        get("token", "/v1/cards/{card}/intents?limit=1").keep("intents_cursor", "/cursor"),
        get("token", "/v1/cards/{card}/intents?cursor={intents_cursor}"),
        get("token", "/v1/intents/{intent}"),
        get("token2", "/v1/intents/{intent2}"),
    ]
}

fn ends() -> Vec<Step> {
    vec![
        order("token", "/v1/cards/{spare}/freeze"),
        order("lk", "/v1/cards/{spare}/unfreeze"),
        order("token", "/v1/cards/{spare}/close"),
        order("lk", "/v1/agents/{agent2}/suspend"),
        order("lk", "/v1/agents/{agent2}/reactivate"),
        order("lk", "/v1/cards/{card2}/unfreeze"),
    ]
}
