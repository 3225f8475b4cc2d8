//! What becomes of requests while a read model stands still.

use gateway::keys;
use hyper::{Method, StatusCode};
use ledger::book::Environment;
use ledger::clock::AdvanceClock;
use ledger::keys::{Family, Scope};
use ledger::{Command, Position};
use projector::ReadModel;
use serde_json::{Value, json};

use crate::world::{Reply, World, id};

/// Sends a command of the Ledger API under a key.
async fn send(world: &World, path: &str, key: &str, body: &Value) -> Reply {
    let headers = [("x-api-key", world.ld.as_str()), ("idempotency-key", key)];
    world.raw(Method::POST, path, &headers, body.to_string()).await
}

/// A cent on either ledger.
fn journal(debited: &str, credited: &str) -> Value {
    json!({ "entries": [
        { "ledger_id": debited, "type": "debit", "amount": 1 },
        { "ledger_id": credited, "type": "credit", "amount": 1 },
    ]})
}

#[tokio::test]
async fn nothing_is_posted_to_ledgers_whose_balances_can_not_be_shown() {
    let mut world = World::new().await;
    let [cash, ada, bob] = world.books().await;
    let journal = journal(&cash, &ada);
    let posted = id(&world.made("/v1/ledgers/journals", &journal).await);
    world.stop(ReadModel::Balances).await;
    world.user().await;
    let head = world.head();
    let transfer = json!({ "destination_ledger_id": bob, "amount": 1 });
    for (path, body) in [
        (format!("/v1/ledgers/{ada}/transfer"), transfer),
        ("/v1/ledgers/journals".to_owned(), journal),
        (format!("/v1/ledgers/journals/{posted}/reverse"), json!({})),
    ] {
        let (status, code, message) = world.refused(&path, &body).await;
        assert_eq!((status, code.as_str()), (503, "failed"), "{path}: {message}");
    }
    assert_eq!(world.head(), head);
}

#[tokio::test]
async fn what_was_posted_and_can_not_be_shown_is_asked_for_by_its_key() {
    let world = World::new().await;
    let [cash, ada, bob] = world.books().await;
    let other = world.beside();
    let requests = [
        (
            format!("/v1/ledgers/{ada}/transfer"),
            json!({ "destination_ledger_id": bob, "amount": 1 }),
        ),
        ("/v1/ledgers/journals".to_owned(), journal(&cash, &ada)),
    ];
    for (path, body) in &requests {
        let mut behind = world.beside();
        behind.stop(ReadModel::Balances).await;
        // The gateway does not know of it: it sends the command, and hears too late.
        world.write(Command::AdvanceClock(AdvanceClock { by_ms: 1 })).await;
        let done = send(&behind, path, path, body).await;
        let head = world.head();
        assert_eq!((done.status.as_u16(), &done.json()["code"]), (503, &json!("done_not_shown")));
        assert_eq!(done.position(), head.0);
        assert!(done.text.contains("the same `Idempotency-Key`"), "{}", done.text);

        let again = send(&behind, path, path, body).await;
        assert_eq!(again.status, StatusCode::SERVICE_UNAVAILABLE, "{}", again.text);
        let shown = send(&other, path, path, body).await;
        assert_eq!(shown.status, StatusCode::CREATED, "{}", shown.text);
        assert_eq!((shown.position(), shown.header("idempotent-replayed")), (head.0, Some("true")));
        assert_eq!(world.head(), head);
    }
}

#[tokio::test]
async fn rows_that_went_back_say_nothing_of_keys_nor_of_what_was_written() {
    let world = World::new().await;
    let head = world.head().0;
    let fallen = world.beside_after_a_crash(Position(head + 1));
    fallen.reach(head).await;
    let (unknown, _) = keys::generate(Family::LedgerOs, Environment::Sandbox, Scope::Read);
    for key in [&unknown, &fallen.lk] {
        let reply = fallen.raw(Method::GET, "/v1/users", &[("api-key", key)], "").await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (503, "behind"));
    }
}
