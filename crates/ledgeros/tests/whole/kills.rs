//! The process ends at any moment; what was answered stays.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ledgeros::client::{Client, Response};
use serde_json::json;
use tokio::sync::Notify;
use tokio::task::JoinSet;

use crate::support::{Served, Spender, verify};

/// `LEDGEROS_KILLS` says otherwise.
const KILLS: usize = 50;
const CONNECTIONS: usize = 16;

/// What clients know: the transaction of every idempotency key that was answered, and the keys that were not.
#[derive(Default)]
struct Known {
    answered: BTreeMap<String, String>,
    unanswered: Vec<String>,
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_before_a_kill_is_there_once() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut served = Served::start(&data);
    let spender = Spender::with(&mut served.client().await, "1000000.00").await;
    let mut known = Known::default();

    let kills = servers::times("LEDGEROS_KILLS", KILLS);
    for round in 0..kills {
        // Each round is killed after another number of answers, so that kills fall anywhere in a batch.
        let answers = 20 + 17 * (round % 7);
        spend_until(&mut served, &spender, round, answers, &mut known).await;
        served = Served::start(&data);
    }

    let mut client = served.client().await;
    let mut once = BTreeMap::new();
    for (key, transaction) in &known.answered {
        let again = spender.again(&mut client, key).await;
        assert!(again.is_replay(), "`{key}` was answered and is not there");
        assert_eq!(again.json()["transactionId"], json!(transaction));
        assert_eq!(once.insert(transaction.clone(), key), None, "one effect a key");
    }
    for key in &known.unanswered {
        let again = spender.again(&mut client, key).await;
        let transaction = again.json()["transactionId"].as_str().unwrap().to_owned();
        assert_eq!(once.insert(transaction, key), None, "one effect a key");
    }
    let commands = known.answered.len() + known.unanswered.len();
    assert_eq!(spender.balance(&mut client).await["pending"], json!(100 * commands));
    assert!(served.stop().success());
    let (code, report) = verify(&data);
    assert_eq!((code, &report["sound"]), (0, &json!(true)), "{report}");
    println!("the judge: {}", spender.diary.judge(&data));
    println!(
        "{kills} kills under load: {} commands answered, {} not; each is there once",
        known.answered.len(),
        known.unanswered.len(),
    );
}

impl Spender {
    async fn again(&self, client: &mut Client, key: &str) -> Response {
        self.diary.post(client, key, &self.authorizations(), &purchase()).await.unwrap()
    }
}

fn purchase() -> serde_json::Value {
    json!({ "amount": 100, "merchant": { "name": "Bistro" } })
}

/// Spends from many connections, and kills the process after so many answers.
async fn spend_until(
    served: &mut Served,
    spender: &Spender,
    round: usize,
    answers: usize,
    known: &mut Known,
) {
    let (count, enough) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
    let mut connections = JoinSet::new();
    for connection in 0..CONNECTIONS {
        let (mut client, path) = (served.client().await, spender.authorizations());
        let diary = spender.diary.clone();
        let (count, enough) = (count.clone(), enough.clone());
        connections.spawn(async move {
            let mut known = Known::default();
            for number in 0.. {
                let key = format!("{round}-{connection}-{number}");
                let Ok(answer) = diary.post(&mut client, &key, &path, &purchase()).await else {
                    known.unanswered.push(key);
                    break;
                };
                assert_eq!(answer.status, 200, "{}", answer.json());
                let transaction = answer.json()["transactionId"].as_str().unwrap().to_owned();
                known.answered.insert(key, transaction);
                if count.fetch_add(1, Ordering::Relaxed) + 1 == answers {
                    enough.notify_one();
                }
            }
            known
        });
    }
    enough.notified().await;
    served.kill();
    for more in connections.join_all().await {
        known.answered.extend(more.answered);
        known.unanswered.extend(more.unanswered);
    }
}
