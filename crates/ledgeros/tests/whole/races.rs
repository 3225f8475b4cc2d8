//! Many at the same moment.

use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::support::{Served, Spender, verify};

#[tokio::test(flavor = "multi_thread")]
async fn of_100_purchases_at_once_as_many_are_approved_as_the_balance_pays() {
    let folder = tempfile::tempdir().unwrap();
    let served = Served::start(&folder.path().join("data"));
    let mut client = served.client().await;
    let spender = Spender::with(&mut client, "500.00").await;

    let mut purchases = JoinSet::new();
    for _ in 0..100 {
        let (mut client, path) = (served.client().await, spender.authorizations());
        let body = json!({ "amount": 1000, "merchant": { "name": "Bistro" } });
        purchases.spawn(async move { client.post(&path, &body).await.unwrap().json() });
    }
    let answers: Vec<Value> = purchases.join_all().await;

    let approved = answers.iter().filter(|answer| answer["approved"] == true).count();
    let declined = answers.iter().filter(|answer| answer["declineReason"] == "insufficient_funds");
    assert_eq!((approved, declined.count()), (50, 50));
    let balance = spender.balance(&mut client).await;
    assert_eq!((&balance["available"], &balance["pending"]), (&json!(0), &json!(50_000)));

    let folder = served.folder.clone();
    assert!(served.stop().success());
    let (code, report) = verify(&folder);
    assert_eq!((code, &report["sound"]), (0, &json!(true)), "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_key_50_times_at_once_has_one_effect_and_50_equal_answers() {
    let folder = tempfile::tempdir().unwrap();
    let served = Served::start(&folder.path().join("data"));
    let mut client = served.client().await;
    let spender = Spender::with(&mut client, "500.00").await;
    let body = json!({ "amount": 1000, "merchant": { "name": "Bistro" } });

    let mut purchases = JoinSet::new();
    for _ in 0..50 {
        let (mut client, path) = (served.client().await, spender.authorizations());
        let body = body.clone();
        purchases.spawn(async move { client.post_once("the-key", &path, &body).await.unwrap() });
    }
    let answers = purchases.join_all().await;

    let first = &answers[0];
    assert!(answers.iter().all(|answer| answer.status == 200 && answer.bytes == first.bytes));
    assert!(answers.iter().all(|answer| answer.position() == first.position()));
    assert_eq!(answers.iter().filter(|answer| !answer.is_replay()).count(), 1);
    assert_eq!(spender.balance(&mut client).await["pending"], 1000);

    let other_body = json!({ "amount": 1001, "merchant": { "name": "Bistro" } });
    let path = spender.authorizations();
    let refused = client.post_once("the-key", &path, &other_body).await.unwrap();
    assert_eq!(refused.status, 409, "{}", refused.json());
    let path = "/v1/sandbox/clock";
    let refused = client.post_once("the-key", path, &json!({ "advance": "PT1H" })).await.unwrap();
    assert_eq!(refused.status, 409, "{}", refused.json());
    let message = refused.json()["error"]["message"].as_str().unwrap().to_owned();
    assert!(message.contains("/authorizations"), "it says which route: {message}");
    assert_eq!(spender.balance(&mut client).await["pending"], 1000);
}
