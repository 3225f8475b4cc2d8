//! Where the webhooks of `serve` may go.

use std::time::Instant;

use ledgeros::client::Client;
use serde_json::{Value, json};

use crate::books::{books_in, client, printed};
use crate::damaged::receiver;
use crate::support::{DEADLINE, Served, get, post};

/// How the first attempt went to tell a new webhook something.
async fn told(client: &mut Client, url: &str) -> Value {
    let webhook = post(client, "/v1/webhooks", json!({ "url": url, "events": ["*"] })).await;
    let path = format!("/v1/webhooks/{}", webhook["id"].as_str().unwrap());
    post(client, &format!("{path}/test"), json!({})).await;
    let until = Instant::now() + DEADLINE;
    loop {
        let deliveries = get(client, &format!("{path}/deliveries")).await;
        if let Some(attempt) = deliveries["data"][0]["attempts"].get(0) {
            return attempt.clone();
        }
        assert!(Instant::now() < until, "{deliveries}");
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn on_loopback_a_sandbox_tells_its_own_machine_and_a_live_book_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    assert!(Served::start(&data).stop().success());
    let live = printed(&books_in(&data, &["create", "acme", "--live"]));
    let receiver = receiver().await;
    let served = Served::start(&data);

    let taken = told(&mut served.client().await, &format!("http://{receiver}/")).await;
    assert_eq!(taken["status"], 200, "{taken}");
    let mut live = client(&served, &live[0]["keys"]["ledgerOs"]).await;
    let refused = told(&mut live, &format!("https://{receiver}/")).await;
    assert_eq!(refused["error"], "forbidden_address", "{refused}");
    assert!(served.stop().success());
}
