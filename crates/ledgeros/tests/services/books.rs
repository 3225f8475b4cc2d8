//! Two books on two writers: each key sees its own, at every path.

use std::collections::{BTreeMap, BTreeSet};

use ledgeros::client::Client;
use ledgeros::folder;
use serde_json::Value;

use crate::cluster::{Cluster, run};
use crate::role::wait_until;

/// What a path's parameter begins with; ledgers and journals have plain UUIDs, and are told apart by where they are listed.
const PREFIXES: [(&str, &str); 7] = [
    ("userId", "user_"),
    ("customerId", "cus_"),
    ("agentId", "agent_"),
    ("cardId", "card_"),
    ("intentId", "int_"),
    ("transactionId", "txn_"),
    ("walletId", "wal_"),
];

#[tokio::test(flavor = "multi_thread")]
async fn two_books_on_two_writers_keep_apart_at_every_path() {
    let cluster = Cluster::start(&["second"]);
    // A writer that has one leaves the other to the other writer.
    wait_until("each writer leads a book", || {
        cluster.writers.iter().all(|writer| writer.books_led() == 1)
    });
    let mut clients = Vec::new();
    for (gateway, code) in ["default", "second"].into_iter().enumerate() {
        let (url, data) = (format!("http://{}", cluster.authorities[gateway]), cluster.book(code));
        let played = run(&["demo", "--against", &url, "--data", data.to_str().unwrap()]);
        let said = String::from_utf8(played.stdout).unwrap();
        assert!(said.contains("All as expected"), "{said}");
        clients.push(both_keys(&cluster, code).await);
    }

    let document: Value = clients[0][0].get("/openapi.json").await.unwrap().json();
    let paths: Vec<_> = document["paths"].as_object().unwrap().iter().collect();
    let reads = paths.iter().filter(|(_, does)| does.get("get").is_some());
    let reads: Vec<_> = reads.map(|(path, _)| (*path).clone()).collect();
    let mut asked = 0;
    for own in 0..2 {
        let ids = ids(&mut clients[own], &reads).await;
        for path in &reads {
            let Some((parameter, prefix)) =
                PREFIXES.iter().find(|(parameter, _)| path.contains(&format!("{{{parameter}}}")))
            else {
                continue;
            };
            for id in &ids[*prefix] {
                let path = path.replace(&format!("{{{parameter}}}"), id);
                let [ours, theirs] = [own, 1 - own];
                let seen = statuses(&mut clients[ours], &path).await;
                if !seen.contains(&200) {
                    // It is no thing of this path: a wallet's transaction is none of a card.
                    continue;
                }
                let seen = statuses(&mut clients[theirs], &path).await;
                assert!(seen.iter().all(|status| matches!(status, 403 | 404)), "{path}: {seen:?}");
                asked += 1;
            }
        }
    }
    assert!(20 < asked, "{asked}");
    cluster.stop();
    println!(
        "two books on two writers: {asked} things asked for with the other book's keys, none seen"
    );
}

/// A client for each surface.
async fn both_keys(cluster: &Cluster, code: &str) -> [Client; 2] {
    let keys = folder::keys_of(&cluster.book(code)).unwrap().unwrap();
    let authority = &cluster.authorities[0];
    [
        Client::connect(authority, &keys.ledger_os).await.unwrap(),
        Client::connect(authority, &keys.ledger_api).await.unwrap(),
    ]
}

async fn statuses(clients: &mut [Client; 2], path: &str) -> Vec<u16> {
    let mut statuses = Vec::new();
    for client in clients {
        statuses.push(client.get(path).await.unwrap().status.as_u16());
    }
    statuses
}

/// Every id that a book's lists show, by its prefix.
async fn ids(
    clients: &mut [Client; 2],
    reads: &[String],
) -> BTreeMap<&'static str, BTreeSet<String>> {
    let mut ids: BTreeMap<_, BTreeSet<String>> =
        PREFIXES.iter().map(|(_, prefix)| (*prefix, BTreeSet::new())).collect();
    for path in reads.iter().filter(|path| !path.contains('{')) {
        for client in &mut *clients {
            let answer = client.get(path).await.unwrap();
            if answer.status.is_success() {
                collect(&answer.json(), &mut ids);
            }
        }
    }
    ids
}

fn collect(value: &Value, ids: &mut BTreeMap<&'static str, BTreeSet<String>>) {
    match value {
        Value::String(text) => {
            let prefix = PREFIXES.iter().find(|(_, prefix)| text.starts_with(prefix));
            if let Some((_, prefix)) = prefix {
                ids.get_mut(prefix).unwrap().insert(text.clone());
            }
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, ids)),
        Value::Object(fields) => fields.values().for_each(|value| collect(value, ids)),
        _ => {}
    }
}
