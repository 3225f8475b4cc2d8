//! Paths that both families share: the keys of the book.

use hyper::Method;
use serde_json::{Value, json};

use super::{Content, Step, get, order, patch, post};

pub(super) fn steps() -> Vec<Step> {
    let family = json!({ "scope": "read", "family": "ledgerApi" });
    let keys = vec![
        post("lk", "/v1/keys", family).keep("key", "/id"),
        post("ld", "/v1/keys", json!({ "scope": "write", "family": "ledgerOs" }))
            .keep("key2", "/data/id"),
        get("lk", "/v1/keys?limit=1").keep("keys_cursor", "/cursor"),
        get("lk", "/v1/keys?cursor={keys_cursor}"),
        get("ld", "/v1/keys"),
        remove("lk", "/v1/keys/{key}"),
        remove("ld", "/v1/keys/{key2}"),
    ];
    [keys, webhooks()].concat()
}

fn webhooks() -> Vec<Step> {
    let hook = |key, url: &str, events: Value| {
        post(key, "/v1/webhooks", json!({ "url": url, "events": events }))
    };
    let change = json!({
        "url": "https://example.com/ledgeros-2", "events": ["card.created"], "status": "enabled",
    });
    let again = json!({ "events": ["customer.created"], "status": "enabled" });
    let from = || json!({ "fromPosition": 1 });
    vec![
        hook("lk", "https://example.com/ledgeros", json!(["card.created", "intent.matched"]))
            .keep("webhook", "/id"),
        hook("ld", "https://example.com/ledger-api", json!(["*"])).keep("webhook2", "/data/id"),
        hook("lk", "https://example.com/gone", json!(["*"])).keep("webhook3", "/id"),
        hook("ld", "https://example.com/gone", json!(["customer.created"]))
            .keep("webhook4", "/data/id"),
        get("lk", "/v1/webhooks?limit=1").keep("webhooks_cursor", "/cursor"),
        get("lk", "/v1/webhooks?cursor={webhooks_cursor}"),
        get("ld", "/v1/webhooks"),
        get("lk", "/v1/webhooks/{webhook}"),
        get("ld", "/v1/webhooks/{webhook2}"),
        patch("lk", "/v1/webhooks/{webhook}", change),
        patch("ld", "/v1/webhooks/{webhook2}", again),
        order("lk", "/v1/webhooks/{webhook}/rotate-secret"),
        order("ld", "/v1/webhooks/{webhook2}/rotate-secret"),
        order("lk", "/v1/webhooks/{webhook}/test"),
        order("ld", "/v1/webhooks/{webhook2}/test"),
        post("lk", "/v1/webhooks/{webhook}/replay", from()),
        post("ld", "/v1/webhooks/{webhook2}/replay", from()),
        get("lk", "/v1/webhooks/{webhook}/deliveries"),
        get("ld", "/v1/webhooks/{webhook2}/deliveries"),
        remove("lk", "/v1/webhooks/{webhook3}"),
        remove("ld", "/v1/webhooks/{webhook4}"),
    ]
}

fn remove(key: &'static str, path: &'static str) -> Step {
    Step::new(key, Method::DELETE, path, Content::Nothing)
}
