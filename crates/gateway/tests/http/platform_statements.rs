//! What was posted to a platform's ledger, and what stood on all accounts at a past time.

use hyper::StatusCode;
use serde_json::{Value, json};

use crate::world::World;

/// Four journals an hour apart, each with two lines for ada: 1 and 2, 3 and 4, 5 and 6, 7 and 8. When each was posted.
async fn four_hours(world: &World) -> (String, Vec<String>) {
    let [cash, ada, _] = world.books().await;
    let mut times = Vec::new();
    for first in [1, 3, 5, 7] {
        world.done("/v1/sandbox/clock", &json!({ "advance": "PT1H" })).await;
        let line = |ledger: &str, side: &str, amount: u64| json!({ "ledger_id": ledger, "type": side, "amount": amount });
        let lines = [
            line(&cash, "debit", 2 * first + 1),
            line(&ada, "credit", first),
            line(&ada, "credit", first + 1),
        ];
        let made = world.made("/v1/ledgers/journals", &json!({ "entries": lines })).await;
        times.push(made["timestamp"].as_str().unwrap().to_owned());
    }
    (ada, times)
}

fn amounts(list: &Value) -> Vec<i64> {
    let entries = list.get("data").unwrap_or(&list["entries"]);
    entries.as_array().unwrap().iter().map(|entry| entry["amount"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn entries_are_listed_newest_first_with_the_balance_after_each() {
    let world = World::new().await;
    let (ada, _) = four_hours(&world).await;
    let all = world.shown(&format!("/v1/ledgers/{ada}/entries")).await;
    assert_eq!(amounts(&all), [8, 7, 6, 5, 4, 3, 2, 1, 100_00]);
    let balances: Vec<_> = all["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["balance"].as_i64().unwrap())
        .collect();
    let expected = [36, 28, 21, 15, 10, 6, 3, 1, 0].map(|more| 100_00 + more);
    assert_eq!(balances, expected);
    let mut members: Vec<_> = all["data"][0].as_object().unwrap().keys().cloned().collect();
    members.sort();
    let seed_003 = [
        "amount",
        "balance",
        "created_at",
        "created_by",
        "description",
        "id",
        "ledger_id",
        "metadata",
        "timestamp",
        "transaction_id",
        "type",
    ];
    assert_eq!(members, seed_003);
    let journal = all["data"][0]["transaction_id"].as_str().unwrap();
    let journal = world.shown(&format!("/v1/journals/{journal}")).await;
    assert_eq!(journal["entries"][2], all["data"][0], "it is the same entry wherever it is shown");
}

#[tokio::test]
async fn a_page_ends_within_a_journal_and_the_next_goes_on_there() {
    let world = World::new().await;
    let (ada, times) = four_hours(&world).await;
    let path = format!("/v1/ledgers/{ada}/entries");
    let all = amounts(&world.shown(&path).await);
    for limit in 1..=all.len() {
        let mut query = format!("?limit={limit}");
        let mut found = Vec::new();
        loop {
            let page = world.shown(&format!("{path}{query}")).await;
            found.extend(amounts(&page));
            let Some(cursor) = page["cursor"].as_str() else { break };
            assert_eq!(page["has_more"], true);
            query = format!("?limit={limit}&cursor={cursor}");
        }
        assert_eq!(found, all, "{limit} at a time");
    }
    // A cursor brings its period along, and goes with no other.
    let period = format!("from={}&to={}", times[1], times[3]);
    let page = world.shown(&format!("{path}?{period}&limit=3")).await;
    assert_eq!(amounts(&page), [6, 5, 4]);
    let cursor = page["cursor"].as_str().unwrap();
    let rest = world.shown(&format!("{path}?cursor={cursor}")).await;
    assert_eq!((amounts(&rest), &rest["cursor"]), (vec![3], &Value::Null));
    let other = world.ask_money(&format!("{path}?cursor={cursor}&from={}", times[0])).await;
    assert_eq!(other.status, StatusCode::BAD_REQUEST);
    let elsewhere = world.ask_money(&format!("/v1/ledgers/{ada}/statement?cursor={cursor}")).await;
    assert_eq!(elsewhere.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_statement_says_what_stood_there_and_what_was_posted() {
    let world = World::new().await;
    let (ada, times) = four_hours(&world).await;
    let path = format!("/v1/ledgers/{ada}/statement");
    let told = |statement: &Value| {
        ["opening_balance", "closing_balance", "debits", "credits"]
            .map(|name| statement[name].as_i64().unwrap())
    };
    let all = world.shown(&path).await;
    assert_eq!(told(&all), [0, 100_36, 0, 100_36]);
    assert_eq!((&all["from"], &all["to"]), (&Value::Null, &Value::Null));
    let period = world.shown(&format!("{path}?from={}&to={}", times[1], times[2])).await;
    assert_eq!(told(&period), [100_03, 100_10, 0, 7], "from is part of it, to is not");
    assert_eq!(amounts(&period), [4, 3]);
    assert_eq!((&period["from"], &period["currency"]), (&json!(times[1]), &json!("USD")));
    let part = world.shown(&format!("{path}?to={}&limit=2", times[2])).await;
    assert_eq!(told(&part), [0, 100_10, 0, 100_10], "whatever part is shown");
    let cursor = part["cursor"].as_str().unwrap();
    let rest = world.shown(&format!("{path}?cursor={cursor}")).await;
    assert_eq!((told(&rest), amounts(&rest)), (told(&part), vec![2, 1, 100_00]));
    let before = world.shown(&format!("{path}?to=1970-01-01T00:00:00Z")).await;
    assert_eq!((told(&before), amounts(&before)), ([0; 4], vec![]));
}

#[tokio::test]
async fn a_trial_balance_of_a_past_time_shows_what_stood_then() {
    let world = World::new().await;
    let (_, times) = four_hours(&world).await;
    let report = "/v1/ledgers/reports/trial-balance";
    let of = async |at: &str| {
        let shown = world.shown(&format!("{report}?at={at}")).await;
        assert_eq!(shown["at"], at);
        let usd = shown["currencies"][0].clone();
        assert!(usd.is_null() || usd["difference"] == 0, "{usd}");
        usd["debits"].as_i64()
    };
    let mut sums = Vec::new();
    for time in &times {
        sums.push(of(time).await);
    }
    assert_eq!(sums, [100_03, 100_10, 100_21, 100_36].map(Some));
    assert_eq!(of("1970-01-01T00:00:00.000Z").await, None);
    let now = world.shown(report).await;
    let last = world.shown(&format!("{report}?at={}", times[3])).await;
    assert_eq!((&now["currencies"], &now["at"]), (&last["currencies"], &Value::Null));
    for query in ["at=", "at=yesterday", "at=2026-11-30", "of=2026-11-30T00:00:00Z"] {
        let reply = world.ask_money(&format!("{report}?{query}")).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{query}");
    }
}
