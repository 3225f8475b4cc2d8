//! Which dialect an answer is in, and what every answer carries.

use hyper::{Method, StatusCode};
use serde_json::json;

use crate::world::World;

#[tokio::test]
async fn health_needs_no_key() {
    let world = World::new().await;
    let reply = world.raw(Method::GET, "/v1/health", &[], "").await;
    assert_eq!(reply.text, r#"{"ok":true,"data":{"status":"ok"}}"#);
    assert!(reply.header("request-id").unwrap().starts_with("req_"));
    assert_eq!(reply.header("content-type"), Some("application/json"));
}

#[tokio::test]
async fn an_error_is_said_in_the_dialect_of_path_key_or_header() {
    let world = World::new().await;
    let (lk, ld) = (world.lk.as_str(), world.ld.as_str());
    let (os, api) = (true, false);
    for (path, headers, is_ledgeros, status) in [
        ("/v1/users", &[][..], os, 401),
        ("/v1/users", &[("authorization", "Bearer x")], os, 401),
        ("/v1/users", &[("api-key", ld)], os, 403),
        ("/v1/users/x/y/z", &[], os, 404),
        ("/v1/customers", &[("api-key", lk)], api, 403),
        ("/v1/customers", &[], api, 401),
        ("/v1/transactions", &[("api-key", "x")], os, 401),
        ("/v1/transactions", &[("x-api-key", "x")], api, 401),
        ("/v1/transactions", &[], api, 401),
        ("/v1/transactions?userId=x", &[("api-key", ld)], api, 400),
        ("/v1/transactions?walletId=x", &[("x-api-key", lk)], os, 400),
        ("/v1/nothing", &[("x-api-key", lk)], os, 404),
        ("/v1/nothing", &[("api-key", ld)], api, 404),
        ("/", &[("api-key", "x")], os, 404),
    ] {
        let reply = world.raw(Method::GET, path, headers, "").await;
        let said = reply.json();
        assert_eq!(reply.status.as_u16(), status, "{path}: {}", reply.text);
        assert_eq!(said.get("requestId").is_some(), is_ledgeros, "{path}: {}", reply.text);
        assert_eq!(said.get("ok") == Some(&json!(false)), !is_ledgeros, "{path}: {}", reply.text);
        assert!(said["error"]["code"].is_string() && said["error"]["message"].is_string());
        let id = reply.header("request-id").unwrap();
        if is_ledgeros {
            assert_eq!(said["requestId"], id);
            assert!(said["error"]["type"].is_string());
        }
        let challenge = reply.header("www-authenticate");
        assert_eq!(challenge.is_some(), reply.status == StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn another_method_is_405_and_names_those_that_are_taken() {
    let world = World::new().await;
    for (method, path, allowed) in [
        (Method::DELETE, "/v1/users", "GET,HEAD,POST"),
        (Method::GET, "/v1/agents/register", "POST"),
        (Method::PATCH, "/v1/sandbox/clock", "POST"),
        (Method::POST, "/v1/health", "GET,HEAD"),
    ] {
        let reply = world.raw(method.clone(), path, &[("api-key", &world.lk)], "").await;
        assert_eq!(reply.status, StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
        let mut methods: Vec<_> = reply.header("allow").unwrap().split(',').collect();
        methods.sort_unstable();
        assert_eq!(methods.join(","), allowed, "{method} {path}");
    }
}

#[tokio::test]
async fn a_head_is_answered_like_a_get_without_the_body() {
    let world = World::new().await;
    let reply = world.raw(Method::HEAD, "/v1/users", &[("api-key", &world.lk)], "").await;
    assert_eq!((reply.status, reply.text.as_str()), (StatusCode::OK, ""));
    assert!(reply.header("ledger-position").is_some());
}

#[tokio::test]
async fn the_sandbox_speaks_the_dialect_of_the_key() {
    let world = World::new().await;
    let body = json!({ "advance": "PT1S" }).to_string();
    let headers = [("x-api-key", world.ld.as_str())];
    let reply = world.raw(Method::POST, "/v1/sandbox/clock", &headers, body).await;
    assert_eq!(reply.json()["ok"], true, "{}", reply.text);
    assert_eq!(reply.json()["data"]["object"], "clock");
    let reply = world.raw(Method::POST, "/v1/sandbox/clock", &headers, "{}").await;
    let said = (reply.json()["ok"].clone(), reply.json()["error"]["code"].clone());
    assert_eq!(said, (json!(false), json!("INVALID_REQUEST")));
}

#[tokio::test]
async fn a_live_book_has_no_sandbox() {
    let world = World::of(ledger::book::Environment::Live).await;
    assert!(world.lk.starts_with("lk_live_"));
    let before = world.submitted();
    for path in ["/v1/sandbox/clock", "/v1/sandbox/deposits"] {
        let reply = world.post(path, &json!({})).await;
        assert_eq!(reply.status, StatusCode::NOT_FOUND, "{}", reply.text);
    }
    assert_eq!(world.submitted(), before);
}
