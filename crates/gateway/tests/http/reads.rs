//! What a read shows, and when.

use hyper::{Method, StatusCode};
use serde_json::{Value, json};

use crate::world::World;

#[tokio::test]
async fn a_read_shows_what_its_key_has_written() {
    let world = World::new().await;
    for _ in 0..20 {
        let created = world
            .post(
                "/v1/users",
                &json!({"firstName": "A", "lastName": "B", "email": "a@example.com"}),
            )
            .await;
        let path = format!("/v1/users/{}", created.json()["id"].as_str().unwrap());
        let shown = world.get(&path).await;
        assert_eq!(shown.status, StatusCode::OK, "{}", shown.text);
        assert!(created.position() <= shown.position());
        assert_eq!(shown.json(), created.json());
    }
}

#[tokio::test]
async fn a_read_waits_for_the_position_that_it_is_told_and_no_longer() {
    let world = World::new().await;
    let user = world.user().await;
    let read = async |position: &str| {
        let headers = [("api-key", world.lk.as_str()), ("ledger-min-position", position)];
        world.raw(Method::GET, &format!("/v1/users/{user}"), &headers, "").await
    };
    let entry = world.write(advance()).await;
    let shown = read(&entry.position.to_string()).await;
    assert!(entry.position.0 <= shown.position());

    tokio::time::pause();
    let ahead = read("1000000").await;
    tokio::time::resume();
    assert_eq!((ahead.status, ahead.code().as_str()), (StatusCode::SERVICE_UNAVAILABLE, "behind"));
    assert_eq!(ahead.header("retry-after"), Some("1"));
    assert_eq!(read("0").await.status, StatusCode::OK);
}

fn advance() -> ledger::Command {
    ledger::Command::AdvanceClock(ledger::clock::AdvanceClock { by_ms: 1 })
}

#[tokio::test]
async fn who_was_erased_reads_as_null() {
    let world = World::new().await;
    let user = world.user().await;
    assert_eq!(world.seen(&format!("/v1/users/{user}")).await["lastName"], "Doe");
    world.forget(&user);
    let shown = world.seen(&format!("/v1/users/{user}")).await;
    assert_eq!((&shown["firstName"], &shown["email"]), (&Value::Null, &Value::Null));
    let listed = world.seen("/v1/users").await;
    assert_eq!(listed["data"][0]["lastName"], Value::Null);
}

#[tokio::test]
async fn what_the_journal_has_no_commitment_to_is_not_shown() {
    let world = World::new().await;
    let path = format!("/v1/users/{}", world.user_with_another_commitment().await);
    let failed = world.get(&path).await;
    assert_eq!(
        (failed.status, failed.code().as_str()),
        (StatusCode::SERVICE_UNAVAILABLE, "failed")
    );
    assert!(!failed.text.contains("John"), "{}", failed.text);
}

#[tokio::test]
async fn details_of_an_hour_are_limited_and_say_when_to_come_again() {
    let world = World::new().await;
    let card = world.funded_card().await;
    let statement = json!({ "summary": "s", "amount": 100, "merchantText": "m" });
    world.done(&format!("/v1/cards/{card}/intents"), &statement).await;
    let path = format!("/v1/cards/{card}/details");
    for _ in 0..10 {
        world.done(&path, &statement).await;
    }
    let refused = world.post(&path, &statement).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS, "{}", refused.text);
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=3_600).contains(&wait));
}

#[tokio::test]
async fn the_same_card_has_the_same_details() {
    let world = World::new().await;
    let card = world.funded_card().await;
    let statement = json!({ "summary": "s", "amount": 100, "merchantText": "m" });
    let intent = world.done(&format!("/v1/cards/{card}/intents"), &statement).await;
    let path = format!("/v1/cards/{card}/details");
    let first = world.done(&path, &statement).await;
    let named = json!({
        "summary": "s", "amount": 100, "merchantText": "m", "intentId": intent["id"],
    });
    let second = world.done(&path, &named).await;
    assert_eq!((&first["pan"], &first["cvv"]), (&second["pan"], &second["cvv"]));
    assert_ne!(first["accessEventId"], second["accessEventId"]);
    let shown = world.seen(&format!("/v1/cards/{card}")).await;
    assert_eq!(shown["last4"], first["last4"]);
    assert!(!shown.to_string().contains(first["pan"].as_str().unwrap()));
}
