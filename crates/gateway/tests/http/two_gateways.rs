//! Two services for one book, each with read models of its own.

use hyper::{Method, StatusCode};
use ledger::Command;
use ledger::book::Environment;
use ledger::keys::{CreateKey, Family, Scope};
use serde_json::json;
use tokio::time::{Duration, Instant};

use crate::world::{World, id};

#[tokio::test]
async fn what_one_gateway_wrote_is_read_through_the_other() {
    let one = World::new().await;
    let other = one.beside();
    let user = json!({ "firstName": "A", "lastName": "B", "email": "a@example.com" });
    for _ in 0..20 {
        let created = one.post("/v1/users", &user).await;
        let position = created.position().to_string();
        let headers = [("api-key", other.lk.as_str()), ("ledger-min-position", &position)];
        let path = format!("/v1/users/{}", id(&created.json()));
        let read = other.raw(Method::GET, &path, &headers, "").await;
        assert_eq!(read.status, StatusCode::OK, "{}", read.text);
        assert!(created.position() <= read.position());
    }
}

#[tokio::test]
async fn position_zero_is_answered_at_once_whatever_is_missing() {
    let one = World::new().await;
    let other = one.beside();
    // The other's own key has written what its read models will never show.
    other.user().await;
    let headers = [("api-key", other.lk.as_str()), ("ledger-min-position", "0")];
    let read = other.raw(Method::GET, "/v1/users", &headers, "").await;
    assert_eq!(read.status, StatusCode::OK);
}

#[tokio::test]
async fn a_position_beyond_reach_is_waited_for_two_seconds() {
    let one = World::new().await;
    let other = one.beside();
    other.get("/v1/users").await;
    let began = Instant::now();
    let headers = [("api-key", other.lk.as_str()), ("ledger-min-position", "1000")];
    let read = other.raw(Method::GET, "/v1/users", &headers, "").await;
    assert_eq!((read.status.as_u16(), read.code().as_str()), (503, "behind"));
    assert_eq!(read.header("retry-after"), Some("1"));
    assert!(Duration::from_secs(2) <= began.elapsed());
}

#[tokio::test]
async fn a_key_made_through_one_gateway_works_on_the_other_within_a_second() {
    let one = World::new().await;
    let other = one.beside();
    let (key, new) = gateway::keys::generate(Family::LedgerOs, Environment::Sandbox, Scope::Read);
    let headers = [("api-key", key.as_str())];
    // The other has just looked for it.
    let early = other.raw(Method::GET, "/v1/users", &headers, "").await;
    assert_eq!(early.status, StatusCode::UNAUTHORIZED);
    one.write(Command::CreateKey(CreateKey(new))).await;
    let made_at = Instant::now();
    while other.raw(Method::GET, "/v1/users", &headers, "").await.status != StatusCode::OK {
        assert!(made_at.elapsed() < Duration::from_secs(1));
        tokio::task::yield_now().await;
    }
}
