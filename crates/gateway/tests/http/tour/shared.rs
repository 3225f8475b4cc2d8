//! Paths that both families share: the keys of the book.

use hyper::Method;
use serde_json::json;

use super::{Content, Step, get, post};

pub(super) fn steps() -> Vec<Step> {
    let family = json!({ "scope": "read", "family": "ledgerApi" });
    vec![
        post("lk", "/v1/keys", family).keep("key", "/id"),
        post("lk", "/v1/keys", json!({ "scope": "write" })).keep("key2", "/id"),
        get("lk", "/v1/keys?limit=1").keep("keys_cursor", "/cursor"),
        get("lk", "/v1/keys?cursor={keys_cursor}"),
        get("ld", "/v1/keys"),
        Step::new("ld", Method::DELETE, "/v1/keys/{key}", Content::Nothing),
    ]
}
