//! How long after its answer a command is shown by a read.

use std::time::Duration;

use serde_json::json;
use tokio::time::Instant;

use crate::cluster::Cluster;
use crate::load::{Load, Spender, is_long};

#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_is_shown_soon() {
    let (rate, samples) = if is_long() { (2_000, 1_000) } else { (200, 50) };
    let cluster = Cluster::start(&[]);
    let mut client = cluster.client(0, "default").await;
    let spender = Spender::new(&mut client).await;
    let watched = Spender::new(&mut client).await;
    let mut load = Load::start(&cluster, &spender, rate);
    load.answers(u64::from(rate)).await;

    let mut lags = Vec::new();
    let mut ticks = tokio::time::interval(Duration::from_millis(20));
    for count in 1..=samples {
        ticks.tick().await;
        let purchase = json!({ "amount": 100, "merchant": { "name": "Bistro" } });
        let answer = client.post(&watched.authorizations(), &purchase).await.unwrap();
        let (position, answered) = (answer.position().unwrap(), Instant::now());
        let path = format!("/v1/balances/{}", watched.user);
        let shown = client.get_from(position, &path).await.unwrap();
        lags.push(answered.elapsed().as_micros());
        assert!(position <= shown.position().unwrap());
        assert_eq!(shown.json()["pending"], json!(100 * count));
    }
    lags.sort_unstable();
    let of = |share: usize| lags[(lags.len() * share / 100).min(lags.len() - 1)] / 1_000;
    println!(
        "at {rate} commands/s, from an answer to a balance that shows it: p50 {} ms, p99 {} ms, most {} ms",
        of(50),
        of(99),
        of(100),
    );
    load.stop().await;
    cluster.verify("default");
}
