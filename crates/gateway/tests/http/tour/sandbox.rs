//! What the card network says in its sandbox, and what is then read of it.

use serde_json::{Value, json};

use super::{Step, get, order, post};

pub(super) fn steps() -> Vec<Step> {
    [purchases(), holds(), captures(), reads()].concat()
}

fn purchase() -> Value {
    json!({ "amount": 1_000, "merchant": { "name": "Thalia" } })
}

/// A purchase with all that can be said of it.
fn described(network_id: &str) -> Value {
    json!({
        "amount": 1_000, "currency": "eur", "networkId": network_id,
        "merchant": { "name": "Thalia", "mcc": "5942", "city": "Berlin", "country": "DE" },
    })
}

fn purchases() -> Vec<Step> {
    let mut full = described("n-1");
    full["partialAllowed"] = json!(true);
    full["advice"] = json!(false);
    full["singleMessage"] = json!(false);
    let authorizations = "/v1/sandbox/cards/{card}/authorizations";
    vec![
        post("lk", authorizations, full).keep("purchase", "/transactionId"),
        post("lk", "/v1/sandbox/cards/{card2}/authorizations", purchase())
            .keep("purchase2", "/transactionId"),
        post("lk", authorizations, purchase()).keep("incremented", "/transactionId"),
        post("lk", authorizations, purchase()).keep("confirmed", "/transactionId"),
        post("lk", authorizations, purchase()).keep("reversed", "/transactionId"),
        post("lk", authorizations, purchase()).keep("expired", "/transactionId"),
        post("lk", authorizations, json!({ "amount": 900_000, "merchant": { "name": "Thalia" } }))
            .keep("declined", "/transactionId"),
        post("lk", authorizations, purchase()).keep("cleared", "/transactionId"),
    ]
}

fn holds() -> Vec<Step> {
    let message = |network_id: &str| json!({ "amount": 500, "networkId": network_id });
    vec![
        post("lk", "/v1/sandbox/transactions/{incremented}/increment", message("n-2")),
        post("lk", "/v1/sandbox/transactions/{confirmed}/confirm", message("n-3")),
        post("lk", "/v1/sandbox/transactions/{reversed}/reverse", message("n-4")),
        order("lk", "/v1/sandbox/transactions/{expired}/expire"),
        post(
            "lk",
            "/v1/sandbox/transactions/{cleared}/clear",
            json!({ "amount": 1_000, "final": true, "networkId": "n-5" }),
        ),
        post("lk", "/v1/sandbox/transactions/{cleared}/correct", message("n-6")),
        post(
            "lk",
            "/v1/sandbox/transactions/{cleared}/refund",
            json!({ "amount": 300, "networkId": "n-7" }),
        ),
        post(
            "lk",
            "/v1/sandbox/transactions/{cleared}/refund-reversal",
            json!({ "amount": 200, "networkId": "n-8" }),
        ),
    ]
}

fn captures() -> Vec<Step> {
    let mut forced = described("n-9");
    forced["authorizationNetworkId"] = json!("n-10");
    vec![
        post("lk", "/v1/sandbox/cards/{card}/force-clear", forced).keep("forced", "/transactionId"),
        post("lk", "/v1/sandbox/cards/{card}/unlinked-refund", described("n-11"))
            .keep("unlinked", "/transactionId"),
        order("lk", "/v1/sandbox/transactions/{unlinked}/release"),
        post("lk", "/v1/sandbox/network/presentments", described("n-12"))
            .keep("assigned", "/transactionId"),
        post("lk", "/v1/sandbox/network/presentments", purchase())
            .keep("written_off", "/transactionId"),
        post("lk", "/v1/sandbox/transactions/{assigned}/assign", json!({ "cardId": "$card" })),
        order("lk", "/v1/sandbox/transactions/{written_off}/write-off"),
        post("lk", "/v1/sandbox/network/settle", json!({ "date": "2026-11-30", "fees": 20 })),
        post("lk", "/v1/sandbox/clock", json!({ "advance": "PT1S" })),
    ]
}

fn reads() -> Vec<Step> {
    vec![
        get("lk", "/v1/transactions?limit=1").keep("transactions_cursor", "/cursor"),
        get("lk", "/v1/transactions?cursor={transactions_cursor}"),
        get(
            "lk",
            "/v1/transactions?userId={user}&agentId={agent}&cardId={card}&status=settled&from=1000&to=99999999999999",
        ),
        get("token", "/v1/transactions?cardId={card}"),
        get("token", "/v1/transactions/{purchase}"),
        get("token2", "/v1/transactions/{purchase2}"),
        get("lk", "/v1/transactions/{deposit}"),
    ]
}
