//! A ledger whose journal is in PostgreSQL.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ledgeros::client::Client;
use postgres::NoTls;
use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio::task::{JoinSet, spawn_blocking};

use crate::support::{Served, Spender, command, export, post, prepare_folder, verify};

/// `LEDGEROS_DATABASE_KILLS` says otherwise.
const DATABASE_KILLS: usize = 10;
const CONNECTIONS: usize = 8;

fn person(number: usize) -> Value {
    let email = format!("{number}@example.com");
    json!({ "firstName": "Ada", "lastName": "Quux", "email": email })
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_superuser_changes_is_found_at_its_entry_and_never_served() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let database = prepare_folder(&data, servers::shared());
    let served = Served::start(&data);
    let mut client = served.client().await;
    for number in 0..5 {
        post(&mut client, "/v1/users", person(number)).await;
    }
    assert!(served.stop().success());
    let (code, report) = verify(&data);
    assert_eq!(
        (code, &report["sound"], &report["books"][0]["entries"]),
        (0, &json!(true), &json!(8))
    );
    assert_eq!(export(&data, "jsonl").stdout.iter().filter(|byte| **byte == b'\n').count(), 8);
    assert!(
        command().args(["audit", "prove", "5", "--data"]).arg(&data).status().unwrap().success()
    );

    let superuser = database.writer.replace(&database.writer_role, "postgres");
    let change = move |sql: &str| {
        let mut superuser = ::postgres::Client::connect(&superuser, NoTls).unwrap();
        superuser.batch_execute(&format!("alter table journal.entry disable trigger all; {sql}"))
    };
    let flip = "update journal.entry set bytes = set_byte(bytes, 40, get_byte(bytes, 40) # 1)
        where position = 6";
    // A start from the snapshot reads the journal's end only.
    fs::remove_file(data.join("snapshot")).unwrap();
    for (harm, cure, position) in
        [(flip, flip, 6), ("delete from journal.entry where position = 8", "", 8)]
    {
        let by_superuser = change.clone();
        spawn_blocking(move || by_superuser(harm).unwrap()).await.unwrap();
        let (code, report) = verify(&data);
        assert_eq!(code, 1, "{report}");
        assert_eq!(report["books"][0]["discrepancies"][0]["position"], json!(position), "{report}");
        let refused = Served::try_start(&data).map(drop).unwrap_err();
        assert!(!refused.status.success());
        let by_superuser = change.clone();
        spawn_blocking(move || by_superuser(cure).unwrap()).await.unwrap();
    }
}

/// Clients ask again, with the same key, until they are answered.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_before_the_database_was_killed_is_there_once() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut server = servers::Postgres::start();
    prepare_folder(&data, &server);
    let served = Served::start(&data);
    let mut client = served.client().await;
    let spender = Spender::with(&mut client, "1000000.00").await;
    let (answered, enough) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
    let kills = servers::times("LEDGEROS_DATABASE_KILLS", DATABASE_KILLS);
    let mut connections = JoinSet::new();
    for connection in 0..CONNECTIONS {
        let (mut client, spender) = (served.client().await, spender.clone());
        let (answered, enough) = (answered.clone(), enough.clone());
        connections.spawn(async move {
            let mut transactions = Vec::new();
            for number in 0.. {
                if kills * 100 < answered.load(Ordering::Relaxed) {
                    break;
                }
                let key = format!("{connection}-{number}");
                transactions.push(insist(&mut client, &key, &spender).await);
                if answered.fetch_add(1, Ordering::Relaxed) % 100 == 50 {
                    enough.notify_one();
                }
            }
            transactions
        });
    }
    let mut server = spawn_blocking(move || {
        server.stop_immediate();
        server.start_again();
        server
    })
    .await
    .unwrap();
    for _ in 1..kills {
        enough.notified().await;
        server = spawn_blocking(move || {
            server.kill();
            server.start_again();
            server
        })
        .await
        .unwrap();
    }
    let mut transactions = connections.join_all().await.concat();
    let commands = transactions.len();
    transactions.sort_unstable();
    transactions.dedup();
    assert_eq!(transactions.len(), commands, "one effect a key");
    // The first connection has been idle for as long as all of it took.
    let mut client = served.client().await;
    assert_eq!(spender.balance(&mut client).await["pending"], json!(100 * commands));
    assert!(served.stop().success());
    let (code, report) = verify(&data);
    assert_eq!((code, &report["sound"]), (0, &json!(true)), "{report}");
    println!("the judge: {}", spender.diary.judge(&data));
    println!("{kills} kills of the database under load: {commands} commands, each there once");
    spawn_blocking(|| drop(server)).await.unwrap();
}

/// The transaction of a purchase that is asked for until it is answered.
async fn insist(client: &mut Client, key: &str, spender: &Spender) -> String {
    let purchase = json!({ "amount": 100, "merchant": { "name": "Bistro" } });
    loop {
        let path = spender.authorizations();
        let answer = spender.diary.post(client, key, &path, &purchase).await.unwrap();
        if answer.status != 503 {
            assert_eq!(answer.status, 200, "{}", answer.json());
            return answer.json()["transactionId"].as_str().unwrap().to_owned();
        }
    }
}
