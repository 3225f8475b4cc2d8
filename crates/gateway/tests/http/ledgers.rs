//! The trial balance, and how Ledgers speaks.

use hyper::{Method, StatusCode};
use ledger::book::Environment;
use ledger::keys::{Family, Scope};
use serde_json::{Value, json};

use crate::world::World;

const PATH: &str = "/v1/ledgers/reports/trial-balance";

fn accounts(currency: &Value) -> Vec<(&str, u64, u64)> {
    let accounts = currency["accounts"].as_array().unwrap().iter();
    let sums = accounts.map(|account| {
        let side = |name: &str| account[name].as_u64().unwrap();
        (account["account"].as_str().unwrap(), side("debits"), side("credits"))
    });
    sums.collect()
}

#[tokio::test]
async fn debits_and_credits_are_shown_by_currency_and_account() {
    let world = World::new().await;
    let empty = world.get(PATH).await;
    assert_eq!(empty.json()["currencies"], json!([]));

    let user = world.funded_user(500).await;
    let (agent, _) = world.agent(&user).await;
    let card = world.card(&agent).await;
    let held = world.authorize(&card, 300_00).await;
    let cleared = world.authorize(&card, 49_99).await;
    let cleared = cleared["transactionId"].as_str().unwrap();
    world.done(&format!("/v1/sandbox/transactions/{cleared}/clear"), &json!({})).await;

    let reply = world.get(PATH).await;
    let shown = reply.json();
    assert_eq!(shown["position"], reply.position());
    let [usd, usdc] = shown["currencies"].as_array().unwrap().as_slice() else { panic!("{shown}") };
    assert_eq!((&usd["currency"], &usdc["currency"]), (&json!("USD"), &json!("USDC")));
    let sums = (&usd["debits"], &usd["credits"], &usd["difference"]);
    assert_eq!(sums, (&json!(849_99), &json!(849_99), &json!(0)));
    let sums = (&usdc["debits"], &usdc["credits"], &usdc["difference"]);
    assert_eq!(sums, (&json!(500_000_000), &json!(500_000_000), &json!(0)));

    let holder = format!("liabilities:holders:{}", user.strip_prefix("user_").unwrap());
    let held = held["transactionId"].as_str().unwrap().strip_prefix("txn_").unwrap();
    let (available, held) = (format!("{holder}:available"), format!("{holder}:held:{held}"));
    let expected = [
        ("equity:exchange", 500_00, 0),
        (available.as_str(), 349_99, 500_00),
        (held.as_str(), 0, 300_00),
        ("liabilities:network:visa:payable", 0, 49_99),
    ];
    assert_eq!(accounts(usd), expected);
    let expected = [("assets:custody", 500_000_000, 0), ("equity:exchange", 0, 500_000_000)];
    assert_eq!(accounts(usdc), expected);
}

#[tokio::test]
async fn both_families_reach_it_and_get_the_same() {
    let world = World::new().await;
    world.funded_user(5).await;
    let ours = world.get(PATH).await;
    let headers = [("x-api-key", world.ld.as_str()), ("ledger-min-position", "0")];
    world.reach(ours.position()).await;
    let theirs = world.raw(Method::GET, PATH, &headers, "").await;
    assert_eq!((theirs.status, theirs.text), (StatusCode::OK, ours.text));
    let key = world.key(Family::LedgerApi, Environment::Sandbox, Scope::Read).await;
    let read_only = world.raw(Method::GET, PATH, &[("api-key", &key)], "").await;
    assert_eq!(read_only.status, StatusCode::OK);
}

#[tokio::test]
async fn what_is_refused_is_said_in_the_dialect_of_ledgers() {
    let world = World::new().await;
    let user = world.user().await;
    world.verify(&user, "approved").await;
    let (_, token) = world.agent(&user).await;
    let (lk, ld) = (world.lk.as_str(), world.ld.as_str());
    for (path, key, status, code, message) in [
        (PATH.to_owned(), "", 401, "missing_key", "key"),
        (PATH.to_owned(), "x", 401, "invalid_key", "key"),
        (PATH.to_owned(), &token, 403, "not_for_agents", "agent"),
        (format!("{PATH}?at=2026-11-21"), lk, 400, "invalid_field", "`at` must be a time"),
        (format!("{PATH}?at=2026-11-21"), ld, 400, "invalid_field", "`at` must be a time"),
        (format!("{PATH}?from=x"), lk, 400, "unknown_field", "`from`"),
        ("/v1/ledgers/reports/x/y".to_owned(), ld, 404, "path_not_found", ""),
        ("/v1/ledgers/reports".to_owned(), lk, 400, "invalid_field", "`ledgerId` must be a UUID"),
    ] {
        let headers: &[_] = if key.is_empty() { &[] } else { &[("api-key", key)] };
        let reply = world.raw(Method::GET, &path, headers, "").await;
        let said = reply.json();
        assert_eq!(
            (reply.status.as_u16(), &said["code"]),
            (status, &json!(code)),
            "{path}: {said}"
        );
        assert!(said["message"].as_str().unwrap().contains(message), "{path}: {said}");
        assert_eq!(said["details"]["request_id"], reply.header("request-id").unwrap());
        assert_eq!(said.as_object().unwrap().len(), 3, "{said}");
    }
    let reply = world.raw(Method::POST, PATH, &[("api-key", lk)], "{}").await;
    assert_eq!(reply.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(reply.json()["code"], "method_not_allowed");
}
