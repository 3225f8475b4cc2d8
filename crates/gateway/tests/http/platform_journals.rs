//! Journals of a platform: what is noted with them, what is only tried out, and what takes them back.

use hyper::{Method, StatusCode};
use serde_json::{Value, json};

use crate::world::{Reply, World, id};

const JOURNALS: &str = "/v1/ledgers/journals";

fn line(ledger: &str, side: &str, amount: u64) -> Value {
    json!({ "ledger_id": ledger, "type": side, "amount": amount })
}

async fn balance(world: &World, ledger: &str) -> i64 {
    let balance = world.shown(&format!("/v1/ledgers/{ledger}/balance")).await;
    balance["balance"].as_i64().unwrap()
}

/// Sends a journal under a key.
async fn send(world: &World, path: &str, key: &str, body: &Value) -> Reply {
    let headers = [("api-key", world.lk.as_str()), ("idempotency-key", key)];
    world.raw(Method::POST, path, &headers, body.to_string()).await
}

/// Nine to cash, for ada's five and bob's four.
async fn shared(world: &World, [cash, ada, bob]: &[String; 3]) -> Value {
    let lines = [line(cash, "debit", 9), line(ada, "credit", 5), line(bob, "credit", 4)];
    world.made(JOURNALS, &json!({ "entries": lines })).await
}

#[tokio::test]
async fn what_a_platform_notes_is_shown_with_every_entry() {
    let world = World::new().await;
    let [cash, ada, bob] = world.books().await;
    let noted = json!({ "order": " A-17 ", "batch": "2027-01" });
    let shown = json!({ "batch": "2027-01", "order": "A-17" });
    let body = json!({ "destination_ledger_id": bob, "amount": 1, "metadata": noted });
    let made = world.made(&format!("/v1/ledgers/{ada}/transfer"), &body).await;
    for entry in ["source_entry", "destination_entry"] {
        assert_eq!(made[entry]["metadata"], shown);
    }
    let lines = [line(&cash, "debit", 1), line(&bob, "credit", 1)];
    let body = json!({
        "entries": lines, "metadata": noted, "effective_at": "2026-01-31T23:59:59+01:00",
    });
    let made = world.made(JOURNALS, &body).await;
    assert_eq!(made["metadata"], shown);
    assert_eq!(made["effective_at"], "2026-01-31T22:59:59.000Z");
    assert_eq!(made["entries"][1]["metadata"], shown);
    assert_eq!(world.shown(&format!("/v1/journals/{}", id(&made))).await, made);
    let entries = world.shown(&format!("/v1/ledgers/{bob}/entries")).await;
    let found: Vec<_> = entries["data"].as_array().unwrap().iter().collect();
    assert!(found.iter().all(|entry| entry["metadata"] == shown), "{entries}");
    assert_eq!(found.len(), 2);
}

#[tokio::test]
async fn a_journal_that_is_tried_out_leaves_nothing() {
    let world = World::new().await;
    let [cash, ada, bob] = world.books().await;
    let lines = [line(&cash, "debit", 9), line(&ada, "credit", 5), line(&ada, "credit", 4)];
    let mut body = json!({ "entries": lines, "metadata": { "a": "1" }, "dry_run": true });
    let head = world.head().0;
    let tried = send(&world, JOURNALS, "the-key", &body).await;
    assert_eq!(tried.status, StatusCode::OK, "{}", tried.text);
    assert_eq!(tried.position(), head, "it rests on the last entry");
    let tried = tried.json();
    assert_eq!((&tried["id"], &tried["dry_run"]), (&Value::Null, &json!(true)));
    let entries = tried["entries"].as_array().unwrap();
    let running: Vec<_> = entries.iter().map(|entry| entry["balance"].as_i64().unwrap()).collect();
    assert_eq!(running, [100_09, 100_05, 100_09]);
    for entry in entries {
        assert_eq!((&entry["id"], &entry["transaction_id"]), (&Value::Null, &Value::Null));
    }
    assert_eq!(world.head().0, head);
    assert_eq!((balance(&world, &cash).await, balance(&world, &ada).await), (100_00, 100_00));

    // The key is free for what is done then, which says the same but for what there was not.
    body["dry_run"] = json!(false);
    let made = send(&world, JOURNALS, "the-key", &body).await;
    assert_eq!((made.status, made.header("idempotent-replayed")), (StatusCode::CREATED, None));
    let mut made = made.json();
    assert!(made.get("dry_run").is_none());
    let mut expected = tried;
    expected.as_object_mut().unwrap().remove("dry_run");
    without_ids_and_times(&mut made);
    without_ids_and_times(&mut expected);
    assert_eq!(made, expected);

    for (lines, status, code) in [
        ([line(&cash, "debit", 9), line(&bob, "credit", 8)], 400, "journal_unbalanced"),
        ([line(&cash, "credit", 200_00), line(&ada, "debit", 200_00)], 409, "insufficient_funds"),
    ] {
        let real = world.refused(JOURNALS, &json!({ "entries": lines })).await;
        let body = json!({ "entries": lines, "dry_run": true });
        assert_eq!(world.refused(JOURNALS, &body).await, real, "the same refusal");
        assert_eq!((real.0, real.1.as_str()), (status, code));
    }
}

fn without_ids_and_times(journal: &mut Value) {
    let strip = |value: &mut Value, names: &[&str]| {
        for name in names {
            value.as_object_mut().unwrap().remove(*name).unwrap();
        }
    };
    strip(journal, &["id", "timestamp"]);
    for entry in journal["entries"].as_array_mut().unwrap() {
        strip(entry, &["id", "transaction_id", "timestamp", "created_at"]);
    }
}

#[tokio::test]
async fn a_trial_neither_replays_nor_contradicts_what_its_key_was_used_for() {
    let world = World::new().await;
    let [cash, ada, _] = world.books().await;
    let lines = [line(&cash, "debit", 1), line(&ada, "credit", 1)];
    assert_eq!(
        send(&world, JOURNALS, "k", &json!({ "entries": lines })).await.status,
        StatusCode::CREATED
    );
    let tried = send(&world, JOURNALS, "k", &json!({ "entries": lines, "dry_run": true })).await;
    assert_eq!(tried.status, StatusCode::OK, "{}", tried.text);
    assert_eq!(tried.json()["entries"][0]["balance"], 100_02);
}

#[tokio::test]
async fn a_journal_is_reversed_once() {
    let world = World::new().await;
    let books @ [cash, ada, bob] = &world.books().await;
    let journal = shared(&world, books).await;
    let path = format!("{JOURNALS}/{}/reverse", id(&journal));
    let body = json!({ "description": "a mistake", "metadata": { "by": "desk" } });
    let reply = send(&world, &path, "once", &body).await;
    assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.text);
    let reversal = reply.json();
    let told = |entry: &Value| {
        (entry["ledger_id"].clone(), entry["type"].clone(), entry["balance"].as_i64().unwrap())
    };
    let entries: Vec<_> = reversal["entries"].as_array().unwrap().iter().map(told).collect();
    assert_eq!(
        entries,
        [
            (json!(cash), json!("credit"), 100_00),
            (json!(ada), json!("debit"), 100_00),
            (json!(bob), json!("debit"), 0),
        ]
    );
    assert_eq!(
        (&reversal["reverses"], &reversal["description"]),
        (&journal["id"], &json!("a mistake"))
    );
    assert_eq!(reversal["metadata"], json!({ "by": "desk" }));

    let (status, code, message) = world.refused(&path, &json!({})).await;
    assert_eq!((status, code.as_str()), (409, "journal_reversed"));
    assert!(message.contains(&id(&reversal)), "{message}");
    let again = send(&world, &path, "once", &body).await;
    assert_eq!((again.status, &again.text), (StatusCode::CREATED, &reply.text));
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    let of_reversal = format!("{JOURNALS}/{}/reverse", id(&reversal));
    let (status, code, _) = world.refused(&of_reversal, &json!({})).await;
    assert_eq!((status, code.as_str()), (409, "journal_is_reversal"));

    let mut expected = journal.clone();
    expected["reversed_by"] = reversal["id"].clone();
    assert_eq!(world.seen(&format!("/v1/journals/{}", id(&journal))).await, expected);
    assert_eq!(world.seen(&format!("/v1/journals/{}", id(&reversal))).await, reversal);
    assert_eq!(journal["reversed_by"], Value::Null);
}

#[tokio::test]
async fn a_journal_is_reversed_in_part_by_the_ids_of_its_entries() {
    let world = World::new().await;
    let books @ [cash, ada, bob] = &world.books().await;
    let journal = shared(&world, books).await;
    let other = shared(&world, books).await;
    let path = format!("{JOURNALS}/{}/reverse", id(&journal));
    let entry = |journal: &Value, number: usize| journal["entries"][number]["id"].clone();
    let part = |entry: Value, amount: u64| json!({ "entry_id": entry, "amount": amount });
    let before = world.head().0;
    for (parts, code, said) in [
        (
            [part(entry(&journal, 0), 4), part(entry(&other, 2), 4)],
            "no_such_line",
            "`entries[1].entry_id`",
        ),
        (
            [part(entry(&journal, 0), 5), part(entry(&journal, 2), 5)],
            "exceeds_line",
            "`entries[1].amount` exceeds the `4`",
        ),
        (
            [part(entry(&journal, 1), 1), part(entry(&journal, 1), 1)],
            "no_such_line",
            "`entries[1].entry_id`",
        ),
        (
            [part(entry(&journal, 0), 4), part(entry(&journal, 2), 3)],
            "journal_unbalanced",
            "`entries`",
        ),
    ] {
        let refused = world.refused(&path, &json!({ "entries": parts })).await;
        assert_eq!((refused.0, refused.1.as_str()), (400, code), "{}", refused.2);
        assert!(refused.2.contains(said), "{}", refused.2);
    }
    let none = world.refused(&path, &json!({ "entries": [] })).await;
    assert_eq!((none.0, none.1.as_str()), (400, "invalid_field"), "{}", none.2);
    assert_eq!(world.head().0, before);

    let parts = [part(entry(&journal, 2), 3), part(entry(&journal, 0), 3)];
    let reversal = world.made(&path, &json!({ "entries": parts })).await;
    assert_eq!(reversal["entries"][0]["ledger_id"], *bob);
    let balances =
        (balance(&world, cash).await, balance(&world, ada).await, balance(&world, bob).await);
    assert_eq!(balances, (100_15, 100_10, 5));
    assert_eq!(world.refused(&path, &json!({})).await.1, "journal_reversed");
}

#[tokio::test]
async fn a_reversal_holds_to_the_rules_of_journals() {
    let world = World::new().await;
    let books @ [_, ada, bob] = &world.books().await;
    let journal = shared(&world, books).await;
    let path = format!("{JOURNALS}/{}/reverse", id(&journal));
    let away = json!({ "destination_ledger_id": ada, "amount": 1 });
    world.made(&format!("/v1/ledgers/{bob}/transfer"), &away).await;
    let (status, code, message) = world.refused(&path, &json!({})).await;
    assert_eq!((status, code.as_str()), (409, "insufficient_funds"));
    assert!(message.contains(bob), "{message}");
    world.made(&format!("/v1/ledgers/{ada}/freeze"), &json!({})).await;
    assert_eq!(world.refused(&path, &json!({})).await.1, "ledger_frozen");

    let nobody = "3c90c3cc-0d44-4b50-8888-8dd25736052a";
    let unknown = world.refused(&format!("{JOURNALS}/{nobody}/reverse"), &json!({})).await;
    assert_eq!((unknown.0, unknown.1.as_str()), (404, "not_found"));
    assert!(unknown.2.contains(nobody), "{}", unknown.2);
}
