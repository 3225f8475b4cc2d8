//! Paths that both families share: the keys of the book.

use hyper::Method;
use serde_json::json;

use super::{Content, Step, get, post};

pub(super) fn steps() -> Vec<Step> {
    let family = json!({ "scope": "read", "family": "ledgerApi" });
    vec![
        post("lk", "/v1/keys", family).keep("key", "/id"),
        post("ld", "/v1/keys", json!({ "scope": "write", "family": "ledgerOs" }))
            .keep("key2", "/data/id"),
        get("lk", "/v1/keys?limit=1").keep("keys_cursor", "/cursor"),
        get("lk", "/v1/keys?cursor={keys_cursor}"),
        get("ld", "/v1/keys"),
        revoke("lk", "/v1/keys/{key}"),
        revoke("ld", "/v1/keys/{key2}"),
    ]
}

fn revoke(key: &'static str, path: &'static str) -> Step {
    Step::new(key, Method::DELETE, path, Content::Nothing)
}
