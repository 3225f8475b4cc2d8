//! What a document says of the API as a whole: its names, where it is served, and how keys are shown.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::dialect::Dialect;

/// What the document is about. The Ledger API's words are those of seed 001.
pub(super) fn info(spoken: &[Dialect]) -> Value {
    let (title, description) = match spoken {
        [Dialect::LedgerApi] => ("Ledger API", LEDGER_API),
        [Dialect::LedgerOs] => ("LedgerOS", LEDGEROS),
        [Dialect::Ledgers] => ("Ledgers", LEDGERS),
        _ => ("Ledger", ALL),
    };
    json!({
        "title": title,
        "version": "1.0.0",
        "description": description,
        "contact": {
            "name": "Ledger Support",
            "url": "https://ledger.so",
            "email": "support@ledger.so",
        },
        "license": {"name": "Proprietary", "identifier": "LicenseRef-Proprietary"},
    })
}

/// Where it is served.
pub(super) fn servers(spoken: &[Dialect]) -> Vec<Value> {
    let here = json!({"url": "/", "description": "This service"});
    match spoken {
        [Dialect::LedgerApi] => {
            vec![here, json!({"url": "https://api.ledger.so", "description": "Production"})]
        }
        _ => vec![here],
    }
}

/// The ways to show a key, of which any does.
pub(super) fn security() -> Vec<Value> {
    vec![json!({"BearerAuth": []}), json!({"ApiKeyAuth": []}), json!({"ApiKey": []})]
}

/// What those ways are.
pub(super) fn security_schemes() -> BTreeMap<&'static str, Value> {
    BTreeMap::from([
        (
            "BearerAuth",
            json!({
                "type": "http",
                "scheme": "bearer",
                "description": "Pass your API key as a Bearer token: `Authorization: Bearer ld_live_...`",
            }),
        ),
        (
            "ApiKeyAuth",
            json!({
                "type": "apiKey",
                "in": "header",
                "name": "X-API-Key",
                "description": "Pass your API key via the `X-API-Key` header",
            }),
        ),
        (
            "ApiKey",
            json!({
                "type": "apiKey",
                "in": "header",
                "name": "Api-Key",
                "description": "Pass your API key via the `Api-Key` header",
            }),
        ),
    ])
}

const LEDGER_API: &str = include_str!("ledger_api.md");
const LEDGEROS: &str = include_str!("ledgeros.md");
const LEDGERS: &str = include_str!("ledgers.md");
const ALL: &str = include_str!("all.md");
