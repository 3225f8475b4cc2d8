//! What becomes of requests while a read model stands still.

use gateway::keys;
use hyper::{Method, StatusCode};
use ledger::book::Environment;
use ledger::clock::AdvanceClock;
use ledger::holders::{RecordVerification, Verification, VerificationStatus};
use ledger::keys::{Family, Scope};
use ledger::{Command, Event, Position};
use projector::ReadModel;
use serde_json::{Value, json};

use crate::uploads::upload;
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

#[tokio::test]
async fn a_command_does_not_wait_for_a_model_that_has_what_it_names() {
    let mut world = World::new().await;
    let (customer, wallet) = world.funded_wallet().await;
    let account = json!({ "customerId": customer, "walletId": wallet, "sourceCurrency": "usd" });
    let account = id(&world.made("/v1/virtual-accounts", &account).await);
    let started = world.transfer(&customer, &wallet).await;
    let user = world.funded_user(500).await;
    let applicant = world.user().await;
    world.done("/v1/verification/user", &json!({ "userId": applicant })).await;
    let (agent, token) = world.agent(&user).await;
    let card = world.card(&agent).await;
    let purchase = json!({ "summary": "s", "amount": 100, "merchantText": "m" });
    let intents = format!("/v1/cards/{card}/intents");
    let intent = id(&world.done(&intents, &purchase).await);
    let other = id(&world.done(&intents, &purchase).await);
    for model in ReadModel::ALL {
        world.stop(model).await;
    }
    // Something that nobody is shown any more.
    world.user().await;

    world.transfer(&customer, &wallet).await;
    let paid = json!({ "virtualAccountId": account, "currency": "usd", "amount": "1.00" });
    world.made("/v1/sandbox/deposits", &paid).await;
    let path = format!("/v1/sandbox/transfers/{started}/advance");
    world.made(&path, &json!({ "status": "funds_received" })).await;
    let mut named = purchase.clone();
    named["intentId"] = json!(intent);
    for (path, body) in [
        (intents, purchase),
        (format!("/v1/intents/{other}/cancel"), json!({})),
        (format!("/v1/cards/{card}/details"), named),
        (format!("/v1/cards/{card}/freeze"), json!({})),
    ] {
        let headers = [("api-key", token.as_str())];
        let reply = world.raw(Method::POST, &path, &headers, body.to_string()).await;
        assert_eq!(reply.status, StatusCode::OK, "{path}: {}", reply.text);
    }
    let path = format!("/v1/verification/user/{applicant}/document");
    let document: [(&str, &[u8]); 2] = [("documentType", b"selfie"), ("file", b"%PDF-1.7")];
    let reply = upload(&world, &path, &document).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);

    let read = world.get(&format!("/v1/cards/{card}")).await;
    assert_eq!((read.status.as_u16(), read.code().as_str()), (503, "failed"));
    let path = format!("/v1/customers/{customer}");
    let headers = [("x-api-key", world.ld.as_str())];
    let change = json!({ "email": "b@example.com" }).to_string();
    let changed = world.raw(Method::PATCH, &path, &headers, change).await;
    assert_eq!(changed.status, StatusCode::SERVICE_UNAVAILABLE, "what changes is waited for");
}

#[tokio::test]
async fn where_money_is_real_a_card_is_made_whatever_the_directory_shows() {
    let mut world = World::of(Environment::Live).await;
    let user = world.user().await;
    let entry = world.entry(world.head().0);
    let Event::HolderCreated(created) = &entry.events[0] else { panic!("{entry:?}") };
    let verification =
        Verification { status: VerificationStatus::Approved, ..Verification::default() };
    let approval = RecordVerification { holder: created.holder, verification };
    world.write(Command::RecordVerification(approval)).await;
    let (agent, _) = world.agent(&user).await;
    world.stop(ReadModel::Directory).await;
    world.user().await;
    world.card(&agent).await;
}

#[tokio::test]
async fn a_command_looks_for_what_it_names_as_far_as_it_is_told() {
    let world = World::new().await;
    let path = "/v1/cards/card_01h455vb4pex5vsknk084sn02q/details";
    let statement = json!({ "summary": "s", "amount": 100, "merchantText": "m" }).to_string();
    let send = async |position: u64| {
        let position = position.to_string();
        let headers = [("api-key", world.lk.as_str()), ("ledger-min-position", &position)];
        let reply = world.raw(Method::POST, path, &headers, statement.clone()).await;
        (reply.status.as_u16(), reply.code())
    };
    let head = world.head().0;
    assert_eq!(send(head).await, (404, "not_found".to_owned()));
    tokio::time::pause();
    assert_eq!(send(head + 1).await, (503, "behind".to_owned()));
}
