//! Requests that can never be right.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Body;
use bytes::Bytes;
use hyper::body::Frame;
use hyper::{Method, StatusCode};
use serde_json::json;

use crate::world::{Reply, World};

#[tokio::test]
async fn a_field_that_stands_twice_is_refused() {
    let world = World::new().await;
    let before = world.submitted();
    let body = r#"{"firstName":"A","firstName":"B","lastName":"C","email":"a@example.com"}"#;
    let reply = post(&world, "/v1/users", body.to_owned()).await;
    assert_eq!((reply.status, reply.code().as_str()), (StatusCode::BAD_REQUEST, "invalid_field"));
    assert_eq!(reply.message(), "`firstName` stands twice");
    assert_eq!(world.submitted(), before);
}

#[tokio::test]
async fn what_means_the_same_is_said_once() {
    let world = World::new().await;
    let card = world.funded_card().await;
    let path = format!("/v1/cards/{card}/intents");
    for (body, field) in [
        (
            json!({"summary": "s", "amount": 1, "expectedAmount": 1, "merchantText": "m"}),
            "expectedAmount",
        ),
        (
            json!({"summary": "s", "amount": 1, "merchantText": "m", "expectedMerchant": "m"}),
            "expectedMerchant",
        ),
        (
            json!({
                "summary": "s", "amount": 1, "merchantText": "m", "toleranceAmount": 1,
                "tolerancePercent": 1,
            }),
            "tolerancePercent",
        ),
    ] {
        let reply = world.post(&path, &body).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST);
        assert!(reply.message().contains(&format!("`{field}`")), "{}", reply.text);
    }
}

#[tokio::test]
async fn a_body_that_is_no_json_object_is_refused() {
    let world = World::new().await;
    let before = world.submitted();
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let many = format!("{{{}\"a\":1}}", "\"a\":1,".repeat(100_000));
    let user = r#"{"firstName":"J","lastName":"D","email":"j@example.com"}"#;
    let long = format!("{user}{}", " ".repeat(1024 * 1024 + 1 - user.len()));
    let bodies: [&[u8]; 12] = [
        b"{",
        b"[]",
        b"\"a\"",
        b"null",
        b"{}}",
        b"{\"a\":}",
        b"\xff\xfe",
        b"{\"firstName\":\"\xff\"}",
        b"{\"firstName\":\"\\ud800\"}",
        deep.as_bytes(),
        many.as_bytes(),
        long.as_bytes(),
    ];
    for body in bodies {
        let reply = post(&world, "/v1/users", body.to_vec()).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{}", reply.text);
        assert!(reply.message().contains('`'), "{}", reply.text);
    }
    assert_eq!(world.submitted(), before);
    assert_eq!(
        post(&world, "/v1/users", long[..1024 * 1024].to_owned()).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_write_without_fields_takes_an_empty_body_and_nothing_else() {
    let world = World::new().await;
    let card = world.funded_card().await;
    let path = format!("/v1/cards/{card}/freeze");
    let refused = world.post(&path, &json!({ "reason": "lost" })).await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (StatusCode::BAD_REQUEST, "unknown_field")
    );
    assert!(refused.message().contains("`reason`"));
    assert_eq!(post(&world, &path, "").await.status, StatusCode::OK);
    assert_eq!(post(&world, &path, "{}").await.status, StatusCode::OK);
    assert_eq!(post(&world, &format!("{path}?a=b"), "").await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn an_id_of_the_wrong_kind_is_400_and_an_unknown_one_404() {
    let world = World::new().await;
    let unknown = "01h455vb4pex5vsknk084sn02q";
    for (method, path, prefix, name) in [
        (Method::GET, "/v1/users/{}", "user", "userId"),
        (Method::GET, "/v1/users/{}/funding", "user", "userId"),
        (Method::GET, "/v1/verification/user/{}", "user", "userId"),
        (Method::GET, "/v1/balances/{}", "user", "userId"),
        (Method::GET, "/v1/agents/{}", "agent", "agentId"),
        (Method::POST, "/v1/agents/{}/suspend", "agent", "agentId"),
        (Method::POST, "/v1/agents/{}/reactivate", "agent", "agentId"),
        (Method::GET, "/v1/cards/{}", "card", "cardId"),
        (Method::GET, "/v1/cards/{}/intents", "card", "cardId"),
        (Method::POST, "/v1/cards/{}/freeze", "card", "cardId"),
        (Method::POST, "/v1/cards/{}/unfreeze", "card", "cardId"),
        (Method::POST, "/v1/cards/{}/close", "card", "cardId"),
        (Method::GET, "/v1/intents/{}", "int", "intentId"),
        (Method::POST, "/v1/intents/{}/cancel", "int", "intentId"),
        (Method::POST, "/v1/intents/{}/approve", "int", "intentId"),
        (Method::POST, "/v1/intents/{}/reject", "int", "intentId"),
        (Method::GET, "/v1/transactions/{}", "txn", "transactionId"),
        (Method::POST, "/v1/sandbox/transactions/{}/reverse", "txn", "transactionId"),
        (Method::POST, "/v1/sandbox/transactions/{}/clear", "txn", "transactionId"),
        (Method::POST, "/v1/sandbox/transactions/{}/expire", "txn", "transactionId"),
        (Method::POST, "/v1/sandbox/transactions/{}/refund", "txn", "transactionId"),
        (Method::POST, "/v1/sandbox/transactions/{}/correct", "txn", "transactionId"),
        (Method::POST, "/v1/sandbox/transactions/{}/refund-reversal", "txn", "transactionId"),
        (Method::POST, "/v1/sandbox/transactions/{}/release", "txn", "transactionId"),
        (Method::POST, "/v1/sandbox/transactions/{}/write-off", "txn", "transactionId"),
        (Method::POST, "/v1/sandbox/deposits/{}/reverse", "txn", "transactionId"),
    ] {
        let ask = async |id: &str| {
            let path = path.replace("{}", id);
            world.raw(method.clone(), &path, &[("api-key", &world.lk)], "").await
        };
        let wrong = ask(&format!("book_{unknown}")).await;
        assert_eq!(wrong.status, StatusCode::BAD_REQUEST, "{path}: {}", wrong.text);
        assert!(wrong.message().contains(&format!("`{name}`")), "{path}: {}", wrong.text);
        for id in [format!("{prefix}_{unknown}"), format!("{prefix}_xxx"), format!("{prefix}_")] {
            let missing = ask(&id).await;
            assert_eq!(missing.status, StatusCode::NOT_FOUND, "{path}: {}", missing.text);
        }
        assert_eq!(ask("%ff").await.status, StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn what_is_asked_of_an_unknown_id_is_404() {
    let world = World::new().await;
    let unknown = "01h455vb4pex5vsknk084sn02q";
    let purchase = json!({ "amount": 1, "merchant": { "name": "m" } });
    let amount = json!({ "amount": 1 });
    for (method, path, body) in [
        (Method::PATCH, "/v1/agents/agent_{}", json!({ "maxCards": 1 })),
        (Method::PATCH, "/v1/cards/card_{}", json!({ "maxAmount": 1 })),
        (Method::POST, "/v1/sandbox/cards/card_{}/authorizations", purchase.clone()),
        (Method::POST, "/v1/sandbox/cards/card_{}/force-clear", purchase.clone()),
        (Method::POST, "/v1/sandbox/cards/card_{}/unlinked-refund", purchase.clone()),
        (Method::POST, "/v1/sandbox/transactions/txn_{}/increment", amount.clone()),
        (Method::POST, "/v1/sandbox/transactions/txn_{}/confirm", amount),
        (
            Method::POST,
            "/v1/sandbox/transactions/txn_{}/assign",
            json!({ "cardId": format!("card_{unknown}") }),
        ),
    ] {
        let path = path.replace("{}", unknown);
        let headers = [("api-key", world.lk.as_str())];
        let missing = world.raw(method, &path, &headers, body.to_string()).await;
        assert_eq!(missing.status, StatusCode::NOT_FOUND, "{path}: {}", missing.text);
    }
    let lost = world.done("/v1/sandbox/network/presentments", &purchase).await;
    let assign =
        format!("/v1/sandbox/transactions/{}/assign", lost["transactionId"].as_str().unwrap());
    let missing = world.post(&assign, &json!({ "cardId": format!("card_{unknown}") })).await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND, "{}", missing.text);
}

#[tokio::test]
async fn parameters_of_a_question_are_read_strictly() {
    let world = World::new().await;
    let user = world.user().await;
    for (path, name) in [
        ("/v1/users?limit=0", "limit"),
        ("/v1/users?limit=101", "limit"),
        ("/v1/users?limit=ten", "limit"),
        ("/v1/users?limit=1&limit=2", "limit"),
        ("/v1/users?cursor=", "cursor"),
        ("/v1/users?cursor=00", "cursor"),
        ("/v1/users?cursor=zz", "cursor"),
        ("/v1/users?name=John", "name"),
        ("/v1/agents?userId=agent_01h455vb4pex5vsknk084sn02q", "userId"),
        ("/v1/transactions?status=open", "status"),
        ("/v1/transactions?from=yesterday", "from"),
        ("/v1/transactions?to=-1", "to"),
        ("/v1/transactions?from=", "from"),
        ("/v1/transactions?cardId=user_x", "cardId"),
        (&format!("/v1/users/{user}?expand=all"), "expand"),
        ("/v1/users?limit=%ff", "limit"),
    ] {
        let reply = world.get(path).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{path}: {}", reply.text);
        assert!(reply.message().contains(&format!("`{name}`")), "{path}: {}", reply.text);
    }
    for position in ["", "-1", "one", "1.0", "99999999999999999999"] {
        let headers = [("api-key", world.lk.as_str()), ("ledger-min-position", position)];
        for method in [Method::GET, Method::POST] {
            let reply = world.raw(method, "/v1/users", &headers, "").await;
            assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{position}");
            assert!(reply.message().contains("`Ledger-Min-Position`"), "{}", reply.text);
        }
    }
}

/// Sends any body.
pub(crate) async fn post(world: &World, path: &str, body: impl Into<Body>) -> Reply {
    world.raw(Method::POST, path, &[("api-key", &world.lk)], body).await
}

#[tokio::test]
async fn a_body_that_does_not_arrive_is_not_waited_for() {
    let world = World::new().await;
    world.user().await;
    let before = world.submitted();
    tokio::time::pause();
    let reply = post(&world, "/v1/users", Body::new(Never)).await;
    assert_eq!((reply.status, reply.code().as_str()), (StatusCode::REQUEST_TIMEOUT, "slow_body"));
    assert_eq!(world.submitted(), before);
}

/// A body of a sender that has stopped.
pub(crate) struct Never;

impl hyper::body::Body for Never {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Poll::Pending
    }
}
