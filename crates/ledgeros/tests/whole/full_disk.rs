//! The disk is full for a while.

use serde_json::json;
use servers::SmallDisk;

use crate::support::{Served, Spender, post, verify};

const COMMANDS_MAX: usize = 10_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_503_and_the_ledger_goes_on_when_there_is_room() {
    let disk = match SmallDisk::mount(16) {
        Ok(disk) => disk,
        Err(why) => {
            servers::not_tried("this machine lets nobody mount a small disk", &why);
            return;
        }
    };
    let data = disk.path().join("data");
    let served = Served::start(&data);
    let mut client = served.client().await;
    let spender = Spender::with(&mut client, "100000.00").await;
    let purchase = json!({ "amount": 100, "merchant": { "name": "Bistro" } });
    post(&mut client, &spender.authorizations(), purchase.clone()).await;

    disk.fill();
    let mut answered = 1;
    let undone = loop {
        assert!(answered < COMMANDS_MAX, "the disk is not full");
        let key = format!("full-{answered}");
        let path = spender.authorizations();
        let answer = client.post_once(&key, &path, &purchase).await.unwrap();
        match answer.status.as_u16() {
            200 => answered += 1,
            // Refused, or nobody knows yet.
            503 => break key,
            other => panic!("{other}: {}", answer.json()),
        }
    };

    disk.make_room();
    // The same command, as often as it takes; its body is the one effect of its key.
    loop {
        let path = spender.authorizations();
        let answer = client.post_once(&undone, &path, &purchase).await.unwrap();
        match answer.status.as_u16() {
            200 => break,
            503 => tokio::task::yield_now().await,
            other => panic!("{other}: {}", answer.json()),
        }
    }
    answered += 1;
    assert_eq!(spender.balance(&mut client).await["pending"], json!(100 * answered));
    assert!(served.stop().success());
    let (code, report) = verify(&data);
    assert_eq!((code, &report["sound"]), (0, &json!(true)), "{report}");
}
