//! How many requests a key may make.

use gateway::RateLimits;
use hyper::{Method, StatusCode};
use serde_json::json;

use crate::world::{Reply, World, id};

async fn limited(reads: u32, writes: u32, cards: u32) -> World {
    World::limited(RateLimits { reads, writes, cards }).await
}

fn headers(reply: &Reply) -> [Option<&str>; 2] {
    [reply.header("ratelimit-policy"), reply.header("ratelimit")]
}

#[tokio::test]
async fn every_answer_says_what_the_key_may_still_do() {
    let world = limited(60, 30, 0).await;
    let policy = Some(r#""reads";q=60;w=60"#);
    assert_eq!(headers(&world.get("/v1/users").await), [policy, Some(r#""reads";r=59;t=1"#)]);
    let missing = world.get("/v1/users/user_00000000000000000000000000").await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    assert_eq!(headers(&missing), [policy, Some(r#""reads";r=58;t=2"#)]);
    let policy = Some(r#""writes";q=30;w=60"#);
    let bad = world.post("/v1/users", &json!({ "name": 1 })).await;
    assert_eq!(bad.status, StatusCode::BAD_REQUEST);
    assert_eq!(headers(&bad), [policy, Some(r#""writes";r=29;t=2"#)]);
    let nobody = world.raw(Method::GET, "/v1/users", &[], "").await;
    assert_eq!(headers(&nobody), [None, None]);
}

#[tokio::test]
async fn a_key_that_asks_too_often_waits_in_the_words_of_its_surface() {
    let world = limited(1, 0, 0).await;
    assert_eq!(world.get("/v1/users").await.status, StatusCode::OK);
    let reply = world.get("/v1/users").await;
    let found = (reply.status, reply.code());
    assert_eq!(found, (StatusCode::TOO_MANY_REQUESTS, "rate_limited".to_owned()));
    assert_eq!(reply.json()["error"]["type"], "rate_limit");
    let wait: u64 = reply.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait));
    assert_eq!(headers(&reply), [Some(r#""reads";q=1;w=60"#), Some(r#""reads";r=0;t=60"#)]);

    let key = [("x-api-key", world.ld.as_str())];
    assert_eq!(world.raw(Method::GET, "/v1/customers", &key, "").await.status, StatusCode::OK);
    let reply = world.raw(Method::GET, "/v1/customers", &key, "").await;
    assert_eq!(reply.json()["error"]["code"], "RATE_LIMITED");
    let reply = world.raw(Method::GET, "/v1/ledgers", &key, "").await;
    assert_eq!((reply.status.as_u16(), &reply.json()["code"]), (429, &json!("rate_limited")));
    let health = world.raw(Method::GET, "/v1/health", &key, "").await;
    assert_eq!(health.status, StatusCode::OK, "it is for everybody");
}

#[tokio::test]
async fn what_is_refused_for_its_number_writes_nothing() {
    let world = limited(0, 1, 0).await;
    world.user().await;
    let before = world.submitted();
    let user = json!({ "firstName": "A", "lastName": "B", "email": "a@example.com" });
    let reply = world.post("/v1/users", &user).await;
    assert_eq!(reply.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(world.submitted(), before);
}

#[tokio::test]
async fn cards_that_are_created_are_counted_apart() {
    let world = limited(0, 0, 1).await;
    let user = world.funded_user(0).await;
    let agent = id(&world
        .done(
            "/v1/agents/register",
            &json!({
                "userId": user, "name": "bot", "spendingLimit": 100,
                "spendingLimitFrequency": "perMonth",
            }),
        )
        .await);
    let card = json!({ "purpose": "Books", "type": "multi", "maxAmount": 100 });
    let path = format!("/v1/agents/{agent}/cards");
    let created = world.post(&path, &card).await;
    assert_eq!(headers(&created), [Some(r#""cards";q=1;w=60"#), Some(r#""cards";r=0;t=60"#)]);
    assert_eq!(world.post(&path, &card).await.status, StatusCode::TOO_MANY_REQUESTS);
    world.user().await;
}

#[tokio::test]
async fn without_limits_no_answer_speaks_of_them() {
    let world = World::new().await;
    assert_eq!(headers(&world.get("/v1/users").await), [None, None]);
}
