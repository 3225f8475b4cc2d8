//! A restore is safe: what is older than what was answered is refused, at whichever point it was taken.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use serde_json::json;
use servers::Random;
use tokio::sync::Notify;
use tokio::task::JoinSet;

use crate::backups::{
    Bench, back_up, goes_on, purchase, refused, refuses_to_serve, restore, succeeded,
};
use crate::support::{Served, Spender, prepare_folder, verify};

const POINTS: u64 = 20;
const CONNECTIONS: usize = 8;

/// Connections that spend until they are told to stop.
struct Load {
    answers: Arc<AtomicU64>,
    more: Arc<Notify>,
    is_over: Arc<AtomicBool>,
    connections: JoinSet<()>,
}

impl Load {
    async fn on(served: &Served, spender: &Spender) -> Self {
        let mut load = Self {
            answers: Arc::default(),
            more: Arc::default(),
            is_over: Arc::default(),
            connections: JoinSet::new(),
        };
        for _ in 0..CONNECTIONS {
            let (mut client, path) = (served.client().await, spender.authorizations());
            let (answers, more) = (load.answers.clone(), load.more.clone());
            let is_over = load.is_over.clone();
            load.connections.spawn(async move {
                let body = json!({ "amount": 100, "merchant": { "name": "Bistro" } });
                while !is_over.load(Ordering::Relaxed) {
                    let answer = client.post(&path, &body).await.unwrap();
                    assert_eq!(answer.status, 200, "{}", answer.json());
                    answers.fetch_add(1, Ordering::Relaxed);
                    more.notify_one();
                }
            });
        }
        load
    }

    /// Waits for so many more answers.
    async fn answers(&self, count: u64) {
        let enough = self.answers.load(Ordering::Relaxed) + count;
        while self.answers.load(Ordering::Relaxed) < enough {
            self.more.notified().await;
        }
    }

    /// Stops, and says how many answers there were.
    async fn stop(self) -> u64 {
        self.is_over.store(true, Ordering::Relaxed);
        self.connections.join_all().await;
        self.answers.load(Ordering::Relaxed)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_to_any_older_point_is_refused_beside_the_current_anchor() {
    let (bench, mut random) = (Bench::new(), Random::for_test("ledgeros --test whole", "restores"));
    let (data, secrets) = (bench.path("data"), bench.path("secrets"));
    let mut served = Served::start(&data);
    let spender = Spender::with(&mut served.client().await, "1000000.00").await;
    let mut purchases = 0;
    // What had been answered when each backup was made at rest; `None` for those that were made under load.
    let mut points: Vec<Option<u64>> = Vec::new();
    for number in 0..POINTS {
        let load = Load::on(&served, &spender).await;
        load.answers(random.below(200) as u64).await;
        let (backup, anchor) = (bench.path(&format!("{number}")), format!("anchor-{number}"));
        let take = || {
            // First: what it says is in the journal that is copied after it.
            fs::copy(data.join("anchor"), bench.path(&anchor)).unwrap();
            succeeded(&back_up(&data, &backup, Some(&secrets)));
        };
        if random.below(2) == 0 {
            take();
            load.answers(1).await;
            purchases += load.stop().await;
            points.push(None);
        } else {
            purchases += load.stop().await;
            assert!(served.stop().success());
            take();
            served = Served::start(&data);
            purchase(&mut served.client().await, &spender).await;
            points.push(Some(purchases));
            purchases += 1;
        }
    }
    assert!(served.stop().success());

    let end = verify(&data).1["books"][0]["entries"].as_u64().unwrap();
    let current = data.join("anchor");
    for (number, at_rest) in points.iter().enumerate() {
        let backup = bench.path(&number.to_string());
        let said = fs::read(backup.join("backup.json")).unwrap();
        let said: serde_json::Value = serde_json::from_slice(&said).unwrap();
        let reached = said["entries"].as_u64().unwrap();
        assert!(reached < end);

        let restored = bench.path(&format!("restored-{number}"));
        let missing = format!("entries `{}` to `{end}` are missing", reached + 1);
        refused(&restore(&backup, &restored, Some(&current), Some(&secrets)), &missing);
        assert!(!restored.join("journal.sqlite").exists());

        // The same behind the command's back.
        succeeded(&restore(&backup, &restored, None, Some(&secrets)));
        fs::copy(&current, restored.join("anchor")).unwrap();
        let behind = format!("the journal ends at `{reached}`, but had reached `{end}`");
        refuses_to_serve(&restored, &behind);
        assert_eq!(verify(&restored).0, 1);

        let then = bench.path(&format!("anchor-{number}"));
        let again = bench.path(&format!("again-{number}"));
        succeeded(&restore(&backup, &again, Some(&then), Some(&secrets)));
        match at_rest {
            Some(purchases) => goes_on(&again, &spender, *purchases).await,
            None => {
                assert_eq!(verify(&again).0, 0);
                let served = Served::start(&again);
                purchase(&mut served.client().await, &spender).await;
                assert!(served.stop().success());
                assert_eq!(verify(&again).0, 0);
            }
        }
    }
    let at_rest = points.iter().flatten().count();
    println!(
        "{POINTS} backups of a ledger with {end} entries, {at_rest} at rest: none started beside the current anchor"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_was_put_back_to_older_files_is_refused() {
    let bench = Bench::new();
    let data = bench.path("data");
    let mut server = servers::Postgres::start();
    prepare_folder(&data, &server);
    let served = Served::start(&data);
    let mut client = served.client().await;
    let spender = Spender::with(&mut client, "500.00").await;
    let reached = purchase(&mut client, &spender).await;
    assert!(served.stop().success());
    server.stop_fast();
    let older = bench.path("older");
    copy_with_owners(&server.data_folder(), &older);
    server.start_again();

    let served = Served::start(&data);
    let end = purchase(&mut served.client().await, &spender).await;
    assert!(served.stop().success());
    server.stop_fast();
    let newer = bench.path("newer");
    copy_with_owners(&server.data_folder(), &newer);
    fs::remove_dir_all(server.data_folder()).unwrap();
    copy_with_owners(&older, &server.data_folder());
    server.start_again();
    let behind = format!("the journal ends at `{reached}`, but had reached `{end}`");
    refuses_to_serve(&data, &behind);
    refused(&back_up(&data, &bench.path("backup"), None), &behind);
    assert_eq!(verify(&data).0, 1);

    server.stop_fast();
    fs::remove_dir_all(server.data_folder()).unwrap();
    copy_with_owners(&newer, &server.data_folder());
    server.start_again();
    goes_on(&data, &spender, 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vault_of_another_time_than_the_journal_is_served_and_says_what_it_lacks() {
    let bench = Bench::new();
    let data = bench.path("data");
    let served = Served::start(&data);
    let early = Spender::with(&mut served.client().await, "10.00").await;
    assert!(served.stop().success());
    fs::copy(data.join("vault.sqlite"), bench.path("older")).unwrap();
    let served = Served::start(&data);
    let late = Spender::with(&mut served.client().await, "10.00").await;
    succeeded(&back_up(&data, &bench.path("backup"), Some(&bench.path("secrets"))));
    fs::copy(data.join("anchor"), bench.path("anchor")).unwrap();
    let mut client = served.client().await;
    let latest = Spender::with(&mut client, "10.00").await;
    assert!(served.stop().success());

    let restored = bench.path("restored");
    let (anchor, secrets) = (bench.path("anchor"), bench.path("secrets"));
    succeeded(&restore(&bench.path("backup"), &restored, Some(&anchor), Some(&secrets)));
    for (vault, known) in [(bench.path("older"), false), (data.join("vault.sqlite"), true)] {
        fs::copy(vault, restored.join("vault.sqlite")).unwrap();
        let served = Served::start(&restored);
        let mut client = served.client().await;
        for (spender, is_known) in [(&early, true), (&late, known)] {
            let person = client.get(&format!("/v1/users/{}", spender.user)).await.unwrap();
            assert_eq!(person.status.is_server_error(), !is_known, "{}", person.json());
            assert_eq!(person.json()["firstName"] == "Ada", is_known, "{}", person.json());
            purchase(&mut client, spender).await;
            let details = json!({
                "summary": "test", "expectedAmount": 100, "merchantText": "Bistro",
            });
            let path = format!("/v1/cards/{}/details", spender.card);
            let details = client.post(&path, &details).await.unwrap();
            assert_eq!(details.status.is_server_error(), !is_known, "{}", details.json());
        }
        let unknown = client.get(&format!("/v1/users/{}", latest.user)).await.unwrap();
        assert_eq!(unknown.status, 404, "what only the vault has is nobody's");
        assert!(served.stop().success());
        assert_eq!(verify(&restored).0, 0);
    }
}

/// Copies a folder as it is, with the owners of its files: a server insists on them.
fn copy_with_owners(from: &Path, to: &Path) {
    let copied = std::process::Command::new("cp").arg("-a").arg(from).arg(to).status();
    assert!(copied.unwrap().success());
}
