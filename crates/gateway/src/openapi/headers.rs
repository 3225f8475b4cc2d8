//! Headers, of answers and of requests.

use serde_json::{Value, json};

use crate::input::read::SAFE_MAX;

/// A header of answers.
pub(super) fn header(name: &str) -> Value {
    let (description, schema) = match name {
        "Request-Id" => (
            "Names the request: in its answer, in the log, and in the entry that it wrote.",
            json!({"type": "string"}),
        ),
        "Ledger-Position" => (
            "The position of the entry that was written, or up to which entries are shown.",
            json!({"type": "integer", "minimum": 0}),
        ),
        "Idempotent-Replayed" => (
            "There when the request was done before, and this is its first answer again.",
            json!({"type": "string", "enum": ["true"]}),
        ),
        "RateLimit" => (
            "How many requests the key has left, and in how many seconds it has all of them again.",
            json!({"type": "string", "examples": ["\"reads\";r=119999;t=1"]}),
        ),
        "RateLimit-Policy" => (
            "How many requests a key may make in how many seconds.",
            json!({"type": "string", "examples": ["\"reads\";q=120000;w=60"]}),
        ),
        "Retry-After" => {
            ("After how many seconds to ask again.", json!({"type": "integer", "minimum": 0}))
        }
        other => unreachable!("`{other}` is no header of answers"),
    };
    json!({"description": description, "schema": schema})
}

/// A header of requests.
pub(super) fn parameter(name: &str) -> Value {
    let (description, schema) = match name {
        "Idempotency-Key" => (
            "Names the request: the same key, route and body have one effect and one answer, for ever.",
            json!({"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"}),
        ),
        "Ledger-Min-Position" => (
            "The position that the answer of a read must show at least; `0` for whatever is there. A write looks \
             up to there, at least, for what it names.",
            json!({"type": "integer", "minimum": 0, "maximum": SAFE_MAX}),
        ),
        other => unreachable!("`{other}` is no header of requests"),
    };
    json!({"name": name, "in": "header", "required": false, "description": description, "schema": schema})
}
