//! What went wrong in other people's ledgers, each under the name of its thread. `docs/accounting.md` lists them all.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ledger::clearings::Cleared;
use ledger::{Event, TransactionId};
use ledgeros::client::{Client, Response};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::support::{Served, Spender, export, get, post, verify};

const BISTRO: u16 = 5812;
const AIRLINE: u16 = 4511;

fn text(body: &Value, field: &str) -> String {
    body[field].as_str().unwrap_or_else(|| panic!("no `{field}` in {body}")).to_owned()
}

async fn purchase(client: &mut Client, spender: &Spender, cents: u64, mcc: u16) -> String {
    let body =
        json!({ "amount": cents, "merchant": { "name": "Shop", "mcc": format!("{mcc:04}") } });
    text(&post(client, &spender.authorizations(), body).await, "transactionId")
}

/// Sends all bodies at the same moment, each on a connection of its own, under one key if there is one.
async fn at_once(
    served: &Served,
    path: &str,
    key: Option<&str>,
    bodies: &[Value],
) -> Vec<Response> {
    let mut sent = JoinSet::new();
    for body in bodies {
        let mut client = served.client().await;
        let (path, key, body) = (path.to_owned(), key.map(str::to_owned), body.clone());
        sent.spawn(async move {
            match key {
                Some(key) => client.post_once(&key, &path, &body).await.unwrap(),
                None => client.post(&path, &body).await.unwrap(),
            }
        });
    }
    sent.join_all().await
}

/// One of the answers is the first, and all others repeat it.
fn assert_one_effect(answers: &[Response]) {
    let first = &answers[0];
    for answer in answers {
        assert!(answer.status.is_success(), "{}", answer.json());
        assert_eq!((&answer.bytes, answer.position()), (&first.bytes, first.position()));
    }
    assert_eq!(answers.iter().filter(|answer| !answer.is_replay()).count(), 1);
}

fn assert_sound(served: Served) {
    let folder = served.folder.clone();
    assert!(served.stop().success());
    let (code, report) = verify(&folder);
    assert_eq!((code, &report["sound"]), (0, &json!(true)), "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn midaz_1519_two_final_clearings_at_once_never_both_take_the_hold() {
    let folder = tempfile::tempdir().unwrap();
    let served = Served::start(&folder.path().join("data"));
    let mut client = served.client().await;
    let spender = Spender::with(&mut client, "1000.00").await;
    let named = |id: &str| json!({ "amount": 1_000, "networkId": id });

    for round in 0..10 {
        let hold = purchase(&mut client, &spender, 1_000, BISTRO).await;
        let path = format!("/v1/sandbox/transactions/{hold}/clear");
        let messages = [named(&format!("{round}-a")), named(&format!("{round}-b"))];
        let mut clearings: Vec<_> = at_once(&served, &path, None, &messages)
            .await
            .iter()
            .map(|answer| {
                let shown = answer.json();
                (shown["late"].as_bool().unwrap(), shown["fromHold"].as_u64().unwrap())
            })
            .collect();
        clearings.sort_unstable();
        assert_eq!(clearings, [(false, 1_000), (true, 0)]);

        let hold = purchase(&mut client, &spender, 1_000, BISTRO).await;
        let path = format!("/v1/sandbox/transactions/{hold}/clear");
        let message = named(&format!("{round}-c"));
        assert_one_effect(&at_once(&served, &path, None, &[message.clone(), message]).await);

        let hold = purchase(&mut client, &spender, 1_000, BISTRO).await;
        let path = format!("/v1/sandbox/transactions/{hold}/clear");
        let answers = at_once(&served, &path, None, &[json!({}), json!({})]).await;
        let statuses: BTreeSet<_> = answers.iter().map(|answer| answer.status.as_u16()).collect();
        assert_eq!(statuses, BTreeSet::from([200, 409]), "what is left of the hold is nothing");
    }
    let balance = spender.balance(&mut client).await;
    assert_eq!((&balance["available"], &balance["pending"]), (&json!(60_000), &json!(0)));
    assert_sound(served);
}

#[tokio::test(flavor = "multi_thread")]
async fn formance_ledger_364_one_transfer_or_deposit_50_times_at_once_is_one() {
    let folder = tempfile::tempdir().unwrap();
    let served = Served::start(&folder.path().join("data"));
    let mut client = served.client().await;

    let mut ledgers = Vec::new();
    for (code, kind) in [("cash", "asset"), ("ada", "liability"), ("bob", "liability")] {
        let ledger = json!({ "code": code, "name": code, "type": kind, "currency": "USD" });
        ledgers.push(text(&post(&mut client, "/v1/ledgers", ledger).await, "id"));
    }
    let [cash, ada, bob] = &ledgers[..] else { unreachable!("three were made") };
    let entries = json!([
        { "ledger_id": cash, "type": "debit", "amount": 10_000 },
        { "ledger_id": ada, "type": "credit", "amount": 10_000 },
    ]);
    post(&mut client, "/v1/ledgers/journals", json!({ "entries": entries })).await;
    let path = format!("/v1/ledgers/{ada}/transfer");
    let transfer = json!({ "destination_ledger_id": bob, "amount": 100 });
    assert_one_effect(&at_once(&served, &path, Some("lunch"), &vec![transfer; 50]).await);
    for (ledger, expected) in [(ada, 9_900), (bob, 100)] {
        let shown = get(&mut client, &format!("/v1/ledgers/{ledger}/balance")).await;
        assert_eq!(shown["balance"], expected);
    }

    let spender = Spender::with(&mut client, "1.00").await;
    let funding = get(&mut client, &format!("/v1/users/{}/funding", spender.user)).await;
    let addresses = funding["addresses"].as_array().unwrap();
    let usdc = addresses.iter().find(|address| address["asset"] == "USDC").unwrap();
    let deposit = json!({
        "address": usdc["address"], "asset": "USDC", "amount": "7.00", "transactionHash": "0xfeed",
    });
    let answers = at_once(&served, "/v1/sandbox/deposits", None, &vec![deposit; 50]).await;
    assert_one_effect(&answers);
    assert_eq!(spender.balance(&mut client).await["available"], 800);
    assert_sound(served);
}

#[tokio::test(flavor = "multi_thread")]
async fn formance_stack_43_a_cursor_keeps_its_filters() {
    let folder = tempfile::tempdir().unwrap();
    let served = Served::start(&folder.path().join("data"));
    let mut client = served.client().await;
    let (ours, theirs) =
        (Spender::with(&mut client, "100.00").await, Spender::with(&mut client, "100.00").await);
    let mut expected = Vec::new();
    for _ in 0..5 {
        expected.insert(0, purchase(&mut client, &ours, 100, BISTRO).await);
        purchase(&mut client, &theirs, 100, BISTRO).await;
    }

    let mut found = Vec::new();
    let mut path = format!("/v1/transactions?cardId={}&status=pending&limit=2", ours.card);
    loop {
        let part = get(&mut client, &path).await;
        found.extend(part["data"].as_array().unwrap().iter().map(|row| text(row, "id")));
        let Some(cursor) = part["cursor"].as_str() else { break };
        path = format!("/v1/transactions?limit=2&cursor={cursor}");
        let other = format!("{path}&cardId={}", theirs.card);
        assert_eq!(client.get(&other).await.unwrap().status, 400, "nor takes others");
    }
    assert_eq!(found, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn midaz_1686_a_read_after_a_write_shows_it() {
    let folder = tempfile::tempdir().unwrap();
    let served = Served::start(&folder.path().join("data"));
    let (mut writes, mut reads) = (served.client().await, served.client().await);
    let spender = Spender::with(&mut writes, "100.00").await;
    let path = spender.authorizations();
    let body = json!({ "amount": 100, "merchant": { "name": "Shop" } });
    for number in 1..=50 {
        let written = writes.post(&path, &body).await.unwrap();
        let read = reads.get(&format!("/v1/balances/{}", spender.user)).await.unwrap();
        assert!(written.position().unwrap() <= read.position().unwrap());
        assert_eq!(read.json()["pending"], 100 * number);
        let transaction = text(&written.json(), "transactionId");
        let shown = get(&mut reads, &format!("/v1/transactions/{transaction}")).await;
        assert_eq!(shown["status"], "pending");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tigerbeetle_2525_an_id_of_one_tenant_is_nothing_to_another() {
    let folder = tempfile::tempdir().unwrap();
    let ours = Served::start(&folder.path().join("ours"));
    let theirs = Served::start(&folder.path().join("theirs"));
    let (mut our_client, mut their_client) = (ours.client().await, theirs.client().await);
    let spender = Spender::with(&mut our_client, "100.00").await;
    let transaction = purchase(&mut our_client, &spender, 1_000, BISTRO).await;
    let card = get(&mut our_client, &format!("/v1/cards/{}", spender.card)).await;
    let agent = text(&card, "agentId");
    let ledger = json!({ "code": "cash", "name": "Cash", "type": "asset", "currency": "USD" });
    let ledger = text(&post(&mut our_client, "/v1/ledgers", ledger).await, "id");

    for path in [
        format!("/v1/users/{}", spender.user),
        format!("/v1/balances/{}", spender.user),
        format!("/v1/agents/{agent}"),
        format!("/v1/cards/{}", spender.card),
        format!("/v1/transactions/{transaction}"),
        format!("/v1/ledgers/{ledger}"),
        format!("/v1/ledgers/{ledger}/balance"),
    ] {
        get(&mut our_client, &path).await;
        assert_eq!(their_client.get(&path).await.unwrap().status, 404, "{path}");
    }
    let purchase = json!({ "amount": 100, "merchant": { "name": "Shop" } });
    for (path, body) in [
        (spender.authorizations(), purchase),
        (format!("/v1/sandbox/transactions/{transaction}/clear"), json!({})),
        (format!("/v1/cards/{}/freeze", spender.card), json!({})),
        (format!("/v1/agents/{agent}/suspend"), json!({})),
        (format!("/v1/ledgers/{ledger}/freeze"), json!({})),
    ] {
        let refused = their_client.post(&path, &body).await.unwrap();
        assert_eq!(refused.status, 404, "{path}: {}", refused.json());
    }
    for list in ["/v1/users", "/v1/agents", "/v1/transactions", "/v1/ledgers"] {
        assert_eq!(get(&mut their_client, list).await["data"], json!([]), "{list}");
    }
    let mut stranger = Client::connect(&theirs.authority, &ours.key()).await.unwrap();
    assert_eq!(stranger.get("/v1/users").await.unwrap().status, 401);
    assert_eq!(spender.balance(&mut our_client).await["pending"], 1_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn formance_ledger_1416_a_question_about_the_past_is_answered_with_what_was_or_refused() {
    let folder = tempfile::tempdir().unwrap();
    let served = Served::start(&folder.path().join("data"));
    let mut client = served.client().await;
    let spender = Spender::with(&mut client, "100.00").await;
    let ledger = json!({ "code": "cash", "name": "Cash", "type": "asset", "currency": "USD" });
    let ledger = post(&mut client, "/v1/ledgers", ledger).await;
    let report = "/v1/ledgers/reports/trial-balance";
    let past = format!("{report}?at={}", text(&ledger, "created_at"));
    let then = get(&mut client, report).await["currencies"].clone();
    post(&mut client, "/v1/sandbox/clock", json!({ "advance": "PT1S" })).await;
    purchase(&mut client, &spender, 1_000, BISTRO).await;
    assert_eq!(get(&mut client, &past).await["currencies"], then);
    assert_ne!(get(&mut client, report).await["currencies"], then);

    let ledger = text(&ledger, "id");
    for path in [
        format!("/v1/balances/{}", spender.user),
        format!("/v1/ledgers/{ledger}/balance"),
        "/v1/transactions".to_owned(),
    ] {
        get(&mut client, &path).await;
        let refused = client.get(&format!("{path}?at=2026-11-21T00:00:00Z")).await.unwrap();
        assert_eq!(refused.status, 400, "{path}: {}", refused.json());
        assert!(refused.json().to_string().contains("`at`"), "{path}: {}", refused.json());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tigerbeetle_3133_history_is_cut_again_by_a_category_that_was_invented_later() {
    let folder = tempfile::tempdir().unwrap();
    let served = Served::start(&folder.path().join("data"));
    let mut client = served.client().await;
    let spender = Spender::with(&mut client, "500.00").await;
    for (cents, mcc) in [(1_000, BISTRO), (20_000, AIRLINE), (2_500, BISTRO)] {
        let transaction = purchase(&mut client, &spender, cents, mcc).await;
        let path = format!("/v1/sandbox/transactions/{transaction}/clear");
        post(&mut client, &path, json!({})).await;
    }
    let data = served.folder.clone();
    assert!(served.stop().success());
    let exported = export(&data, "jsonl");
    assert!(exported.status.success());

    let mut travels: BTreeMap<TransactionId, bool> = BTreeMap::new();
    let mut cleared: BTreeMap<bool, u128> = BTreeMap::new();
    for line in String::from_utf8(exported.stdout).unwrap().lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let stored = STANDARD.decode(line["stored"].as_str().unwrap()).unwrap();
        for event in &journal::decode(stored).unwrap().entry.events {
            if let Event::AuthorizationApproved(event) = event {
                travels.insert(event.transaction, event.terms.merchant.mcc.unwrap().is_travel());
            }
            if let Event::Cleared(Cleared { transaction, amount, .. }) = event {
                *cleared.entry(travels[transaction]).or_default() += amount.0;
            }
        }
    }
    assert_eq!(cleared, BTreeMap::from([(false, 3_500), (true, 20_000)]));
}
