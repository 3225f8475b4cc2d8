//! Ledgers: three of a platform's, transfers between them, a journal.

use serde_json::{Value, json};

use super::{Step, get, order, post};

/// A `transfer_id`, which is the key of its call.
const TRANSFER: &str = "3c90c3cc-0d44-4b50-8888-8dd25736052a";

pub(super) fn steps() -> Vec<Step> {
    [books(), money(), ends()].concat()
}

fn ledger(code: &str, kind: &str) -> Value {
    json!({ "code": code, "name": "A ledger", "type": kind, "currency": "USD", "overdraftLimit": 5 })
}

fn books() -> Vec<Step> {
    vec![
        post("ld", "/v1/ledgers", ledger("cash", "asset")).keep("cash", "/id"),
        post("lk", "/v1/ledgers", ledger("ada", "liability")).keep("ada", "/id"),
        post("ld", "/v1/ledgers", ledger("bob", "liability")).keep("bob", "/id"),
        post("ld", "/v1/ledgers", ledger("empty", "equity")).keep("empty", "/id"),
        get("ld", "/v1/ledgers?limit=1").keep("ledgers_cursor", "/cursor"),
        get("lk", "/v1/ledgers?cursor={ledgers_cursor}"),
        get("ld", "/v1/ledgers/{cash}"),
    ]
}

fn money() -> Vec<Step> {
    vec![
        post(
            "ld",
            "/v1/ledgers/journals",
            json!({
                "entries": [
                    { "ledger_id": "$cash", "type": "debit", "amount": 9_000, "description": "in" },
                    { "ledger_id": "$ada", "type": "credit", "amount": 9_000 },
                ],
                "description": "opening",
                "metadata": { "plan": "gold" },
                "effective_at": "2026-11-30T09:30:00Z",
            }),
        )
        .keep("journal", "/id"),
        get("ld", "/v1/journals/{journal}"),
        post(
            "ld",
            "/v1/ledgers/{ada}/transfer",
            json!({
                "destination_ledger_id": "$bob", "amount": 100, "description": "lunch",
                "metadata": { "plan": "gold" },
            }),
        ),
        post(
            "lk",
            "/v1/ledgers/{ada}/transfer",
            json!({ "destination_ledger_id": "$bob", "amount": 100, "transfer_id": TRANSFER }),
        )
        .keyed(TRANSFER),
        post(
            "ld",
            "/v1/ledgers/journals",
            json!({ "entries": [
                { "ledger_id": "$cash", "type": "debit", "amount": 40 },
                { "ledger_id": "$ada", "type": "credit", "amount": 40 },
            ]}),
        )
        .keep("mistake", "/id"),
        post(
            "ld",
            "/v1/ledgers/journals/{mistake}/reverse",
            json!({ "description": "a mistake", "metadata": { "plan": "gold" } }),
        ),
        get("lk", "/v1/ledgers/{ada}/balance"),
        get("ld", "/v1/ledgers/{ada}/entries?limit=1").keep("entries_cursor", "/cursor"),
        get("ld", "/v1/ledgers/{ada}/entries?cursor={entries_cursor}"),
        get("ld", "/v1/ledgers/{ada}/statement?from=2026-11-01T00:00:00Z"),
        get("ld", "/v1/ledgers/reports/trial-balance"),
        get("lk", "/v1/ledgers/reports/trial-balance?at=2026-11-01T00:00:00Z"),
    ]
}

fn ends() -> Vec<Step> {
    vec![
        order("ld", "/v1/ledgers/{empty}/freeze"),
        order("ld", "/v1/ledgers/{empty}/unfreeze"),
        order("ld", "/v1/ledgers/{empty}/close"),
    ]
}
