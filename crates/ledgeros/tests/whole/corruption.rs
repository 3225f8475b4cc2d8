//! Files that were changed, cut or replaced.

use std::fs;
use std::path::Path;
use std::time::Instant;

use journal::anchor::Mark;
use journal::{Anchor, Head};
use ledger::BookId;
use rusqlite::Connection;
use serde_json::json;

use crate::support::{DEADLINE, Served, Spender, export, get, post, verify};

const PURCHASES: u64 = 30;

/// A folder with some history, at rest. Its journal ends at the position that is returned.
async fn history(data: &Path) -> i64 {
    let served = Served::start(data);
    let mut client = served.client().await;
    let spender = Spender::with(&mut client, "500.00").await;
    let mut head = 0;
    for _ in 0..PURCHASES {
        let body = json!({ "amount": 100, "merchant": { "name": "Bistro" } });
        let answer = client.post(&spender.authorizations(), &body).await.unwrap();
        head = answer.position().unwrap();
    }
    assert!(served.stop().success());
    let (code, report) = verify(data);
    assert_eq!(code, 0, "{report}");
    head.cast_signed()
}

fn refuses_to_serve(data: &Path, because: &str) {
    let Err(output) = Served::try_start(data) else { panic!("it serves") };
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains(because), "`{because}` should be in: {said}");
}

/// Opens the journal as somebody who may write the file, and takes its guards away.
pub(crate) fn forced_open(data: &Path) -> Connection {
    let journal = Connection::open(data.join("journal.sqlite")).unwrap();
    let triggers: Vec<String> = journal
        .prepare("select name from sqlite_schema where type = 'trigger'")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert!(!triggers.is_empty(), "the journal guards its entries");
    for trigger in triggers {
        journal.execute_batch(&format!("drop trigger {trigger}")).unwrap();
    }
    journal
}

#[tokio::test(flavor = "multi_thread")]
async fn one_changed_bit_is_found_at_its_entry_and_never_served() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let head = history(&data).await;
    for position in [1, 2, head / 2, head - 1, head] {
        let copy = folder.path().join(format!("copy-{position}"));
        copy_folder(&data, &copy);
        let journal = forced_open(&copy);
        let sql = "select bytes from entry where position = ?1";
        let mut bytes: Vec<u8> = journal.query_row(sql, [position], |row| row.get(0)).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        let sql = "update entry set bytes = ?1 where position = ?2";
        assert_eq!(journal.execute(sql, (bytes, position)).unwrap(), 1);
        drop(journal);

        let (code, report) = verify(&copy);
        assert_eq!((code, &report["sound"]), (1, &json!(false)), "{report}");
        let found = report["books"][0]["discrepancies"][0]["position"].as_i64();
        assert_eq!(found, Some(position), "{report}");
        for format in ["hledger", "beancount", "jsonl"] {
            let export = export(&copy, format);
            let said = String::from_utf8_lossy(&export.stderr);
            assert_eq!(export.status.code(), Some(1), "{said}");
            assert!(said.contains(&format!("entry `{position}`")), "{said}");
        }
        // Without the snapshot a start reads every entry.
        fs::remove_file(copy.join("snapshot")).unwrap();
        refuses_to_serve(&copy, &format!("entry `{position}`"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_tail_is_found_and_not_served() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let head = history(&data).await;
    let journal = forced_open(&data);
    for table in ["lookup", "entry"] {
        let sql = format!("delete from {table} where ?1 < position");
        assert!(0 < journal.execute(&sql, [head - 10]).unwrap());
    }
    drop(journal);

    refuses_to_serve(&data, "anchor");
    let (code, report) = verify(&data);
    assert_eq!(code, 1, "{report}");
    let what = report["books"][0]["discrepancies"][0]["what"].as_str().unwrap().to_owned();
    assert!(what.contains("anchor"), "{what}");
}

#[tokio::test(flavor = "multi_thread")]
async fn yesterdays_journal_is_found_and_not_served() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    history(&data).await;
    let log = fs::metadata(data.join("journal.sqlite-wal")).map_or(0, |log| log.len());
    assert_eq!(log, 0, "at rest, the file is the whole journal");
    let yesterday = folder.path().join("yesterday.sqlite");
    fs::copy(data.join("journal.sqlite"), &yesterday).unwrap();

    let served = Served::start(&data);
    Spender::with(&mut served.client().await, "1.00").await;
    assert!(served.stop().success());
    fs::copy(&yesterday, data.join("journal.sqlite")).unwrap();

    refuses_to_serve(&data, "anchor");
    let (code, report) = verify(&data);
    assert_eq!(code, 1, "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_journal_or_anchor_is_not_replaced_by_a_new_one() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    history(&data).await;
    for missing in ["journal.sqlite", "anchor"] {
        let copy = folder.path().join(format!("without-{missing}"));
        copy_folder(&data, &copy);
        fs::remove_file(copy.join(missing)).unwrap();
        refuses_to_serve(&copy, missing);
        assert_ne!(verify(&copy).0, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_vault_or_master_key_is_not_replaced_by_a_new_one() {
    let folder = tempfile::tempdir().unwrap();
    let (data, other) = (folder.path().join("data"), folder.path().join("other"));
    history(&data).await;
    let served = Served::start(&data);
    let users = get(&mut served.client().await, "/v1/users").await;
    let user = format!("/v1/users/{}", users["data"][0]["id"].as_str().unwrap());
    assert!(served.stop().success());
    let files = ["vault.sqlite", "master.key"];
    for missing in files {
        let copy = folder.path().join(format!("without-{missing}"));
        copy_folder(&data, &copy);
        fs::remove_file(copy.join(missing)).unwrap();
        refuses_to_serve(&copy, &format!("{missing}` is missing, and the book is not new"));
        assert!(!copy.join(missing).exists());
        fs::copy(data.join(missing), copy.join(missing)).unwrap();
        let served = Served::start(&copy);
        assert_eq!(get(&mut served.client().await, &user).await["firstName"], "Ada");
        assert!(served.stop().success());
    }

    // Who has no copy any more puts both files of another folder there.
    assert!(Served::start(&other).stop().success());
    for name in files {
        fs::copy(other.join(name), data.join(name)).unwrap();
    }
    let served = Served::start(&data);
    let mut client = served.client().await;
    assert!(client.get(&user).await.unwrap().status.is_server_error());
    Spender::with(&mut client, "500.00").await;
    assert!(served.stop().success());
}

#[test]
fn a_first_start_that_was_cut_short_while_the_journal_was_made_is_done_again() {
    let folder = tempfile::tempdir().unwrap();
    for mode in ["delete", "wal"] {
        let data = folder.path().join(mode);
        fs::create_dir(&data).unwrap();
        let mark = Mark { book: BookId([1; 16]), incarnation: [2; 16], head: Head::EMPTY };
        Anchor::create(&data.join("anchor"), mark).unwrap();
        let journal = data.join("journal.sqlite");
        fs::write(&journal, b"").unwrap();
        let db = Connection::open(&journal).unwrap();
        db.pragma_update(None, "journal_mode", mode).unwrap();
        drop(db);
        assert!(Served::start(&data).stop().success());
        assert_eq!(verify(&data).0, 0);

        // What was answered from is not made anew.
        fs::write(&journal, b"").unwrap();
        refuses_to_serve(&data, "version `0`");
        assert_eq!(fs::read(&journal).unwrap(), b"");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_read_model_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    history(&data).await;
    let model = Connection::open(data.join("read_model/balances.sqlite")).unwrap();
    let changed = model.execute("update holder_balance set available = '1000000'", []).unwrap();
    assert!(0 < changed);
    drop(model);
    let (code, report) = verify(&data);
    assert_eq!((code, &report["sound"]), (1, &json!(false)), "{report}");
    let what = report["books"][0]["discrepancies"][0]["what"].as_str().unwrap().to_owned();
    assert!(what.contains("balances"), "{what}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_is_served_is_not_served_twice() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let served = Served::start(&data);
    refuses_to_serve(&data, "lock");
    let (code, report) = verify(&data);
    assert_eq!(code, 0, "an audit may run beside it: {report}");
    let output = export(&data, "jsonl");
    assert!(output.status.success() && !output.stdout.is_empty(), "so may an export");
    assert!(served.stop().success());
}

pub(crate) fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for item in fs::read_dir(from).unwrap() {
        let path = item.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_folder(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_file_of_the_courier_stops_the_courier_only() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let served = Served::start(&data);
    let mut client = served.client().await;
    let webhook = json!({ "url": "http://platform.invalid/", "events": ["*"] });
    let webhook = post(&mut client, "/v1/webhooks", webhook).await;
    let deliveries = format!("/v1/webhooks/{}/deliveries", webhook["id"].as_str().unwrap());
    assert!(served.stop().success());
    let file = data.join("courier.sqlite");
    let db = Connection::open(&file).unwrap();
    db.execute("update checkpoint set hash = zeroblob(32)", []).unwrap();
    drop(db);

    let served = Served::start(&data);
    let mut client = served.client().await;
    Spender::with(&mut client, "500.00").await;
    assert_eq!(client.get(&deliveries).await.unwrap().status, 503);
    assert!(served.stop().success());

    fs::remove_file(&file).unwrap();
    let served = Served::start(&data);
    let mut client = served.client().await;
    assert_eq!(client.get(&deliveries).await.unwrap().status, 200);
    assert!(served.stop().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_courier_of_another_version_or_history_keeps_nothing_from_being_served() {
    let folder = tempfile::tempdir().unwrap();
    let (data, older) = (folder.path().join("data"), folder.path().join("older"));
    assert!(Served::start(&data).stop().success());
    copy_folder(&data, &older);
    let served = Served::start(&data);
    let mut client = served.client().await;
    let webhook = json!({ "url": "http://platform.invalid/", "events": ["*"] });
    let webhook = client.post("/v1/webhooks", &webhook).await.unwrap();
    let end = webhook.position().unwrap();
    let deliveries = format!("/v1/webhooks/{}/deliveries", webhook.json()["id"].as_str().unwrap());
    let until = Instant::now() + DEADLINE;
    while client.get_from(end, &deliveries).await.unwrap().status != 200 {
        assert!(Instant::now() < until, "the courier does not come to entry {end}");
    }
    assert!(served.stop().success());
    let file = data.join("courier.sqlite");
    let db = Connection::open(&file).unwrap();
    db.query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(())).unwrap();
    fs::copy(&file, older.join("courier.sqlite")).unwrap();
    db.pragma_update(None, "user_version", 9).unwrap();
    drop(db);

    let served = Served::start(&older);
    Spender::with(&mut served.client().await, "500.00").await;
    assert!(served.stop().success());
    let served = Served::start(&data);
    let mut client = served.client().await;
    Spender::with(&mut client, "500.00").await;
    assert_eq!(client.get(&deliveries).await.unwrap().status, 503);
    assert!(served.stop().success());
}
