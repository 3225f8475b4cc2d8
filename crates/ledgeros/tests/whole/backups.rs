//! Backups are made, put back, moved between stores, and refused where they would do harm.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Output;

use ledgeros::client::Client;
use rusqlite::Connection;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::support::{Served, Spender, command, export, prepare_folder, verify};

/// A folder for a test, and what is in it.
pub(crate) struct Bench(TempDir);

impl Bench {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}

pub(crate) fn back_up(data: &Path, to: &Path, secrets: Option<&Path>) -> Output {
    let mut backup = command();
    backup.args(["backup", "--data"]).arg(data).arg("--to").arg(to);
    if let Some(secrets) = secrets {
        backup.arg("--secrets").arg(secrets);
    }
    backup.output().unwrap()
}

pub(crate) fn restore(
    backup: &Path,
    data: &Path,
    anchor: Option<&Path>,
    secrets: Option<&Path>,
) -> Output {
    let mut restore = command();
    restore.arg("restore").arg(backup).arg("--data").arg(data);
    for (name, value) in [("--anchor", anchor), ("--secrets", secrets)] {
        if let Some(value) = value {
            restore.arg(name).arg(value);
        }
    }
    restore.output().unwrap()
}

pub(crate) fn succeeded(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// That a command was refused, and what it said.
pub(crate) fn refused(output: &Output, because: &str) -> String {
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "it should be refused: `{because}`");
    assert!(said.contains(because), "`{because}` should be in: {said}");
    said
}

/// That the folder is not served, and what was said.
pub(crate) fn refuses_to_serve(data: &Path, because: &str) -> String {
    let Err(output) = Served::try_start(data) else { panic!("it serves") };
    refused(&output, because)
}

pub(crate) async fn purchase(client: &mut Client, spender: &Spender) -> u64 {
    let body = json!({ "amount": 100, "merchant": { "name": "Bistro" } });
    let answer = client.post(&spender.authorizations(), &body).await.unwrap();
    assert_eq!(answer.status, 200, "{}", answer.json());
    answer.position().unwrap()
}

/// That a folder is served, has so many purchases and the name of who made them, is sound, and goes on.
pub(crate) async fn goes_on(data: &Path, spender: &Spender, purchases: u64) {
    let (code, report) = verify(data);
    assert_eq!((code, &report["sound"]), (0, &json!(true)), "{report}");
    let served = Served::start(data);
    let mut client = served.client().await;
    assert_eq!(spender.balance(&mut client).await["pending"], 100 * purchases);
    let person = client.get(&format!("/v1/users/{}", spender.user)).await.unwrap().json();
    assert_eq!(person["firstName"], "Ada", "the vault gives it back");
    purchase(&mut client, spender).await;
    assert_eq!(spender.balance(&mut client).await["pending"], 100 * (purchases + 1));
    assert!(served.stop().success());
    let (code, report) = verify(data);
    assert_eq!((code, &report["sound"]), (0, &json!(true)), "{report}");
}

fn manifest(backup: &Path) -> Value {
    serde_json::from_slice(&fs::read(backup.join("backup.json")).unwrap()).unwrap()
}

fn entries(data: &Path) -> Vec<u8> {
    let exported = export(data, "jsonl");
    assert!(exported.status.success(), "{}", String::from_utf8_lossy(&exported.stderr));
    exported.stdout
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_was_made_beside_the_ledger_is_put_back_and_goes_on() {
    let bench = Bench::new();
    let (data, backup, secrets) = (bench.path("data"), bench.path("backup"), bench.path("secrets"));
    let served = Served::start(&data);
    let mut client = served.client().await;
    let spender = Spender::with(&mut client, "500.00").await;
    for _ in 0..5 {
        purchase(&mut client, &spender).await;
    }
    let said = succeeded(&back_up(&data, &backup, Some(&secrets)));
    let anchor = bench.path("anchor");
    fs::copy(data.join("anchor"), &anchor).unwrap();
    let written = entries(&data);
    assert!(served.stop().success());

    let manifest = manifest(&backup);
    let count = written.iter().filter(|byte| **byte == b'\n').count();
    assert_eq!(manifest["entries"], count);
    assert_eq!(manifest["program"], env!("CARGO_PKG_VERSION"));
    let checkpoint = manifest["checkpoint"].as_str().unwrap();
    let origin = format!(
        "ledgeros/{}/{}\n{count}\n",
        manifest["book"].as_str().unwrap(),
        manifest["incarnation"].as_str().unwrap()
    );
    assert!(checkpoint.starts_with(&origin), "{checkpoint}");
    assert!(
        said.contains(&format!("{count} entries, root {}", manifest["root"].as_str().unwrap()))
    );
    assert_eq!((mode(&backup), mode(&secrets)), (0o700, 0o700));

    let restored = bench.path("restored");
    let said = restore(&backup, &restored, Some(&anchor), Some(&secrets));
    assert_eq!(
        succeeded(&said),
        format!(
            "{}: {count} entries, root {}\n",
            manifest["book"].as_str().unwrap(),
            manifest["root"].as_str().unwrap()
        )
    );
    assert_eq!(mode(&restored), 0o700);
    for name in ["master.key", "checkpoint.key", "checkpoint.pub", "keys.json"] {
        let (was, is) = (data.join(name), restored.join(name));
        assert_eq!(fs::read(&was).unwrap(), fs::read(&is).unwrap());
        assert_eq!(mode(&was), mode(&is), "{name}");
    }
    assert_eq!(entries(&restored), written);
    goes_on(&restored, &spender, 5).await;
    // The one that was backed up never noticed.
    goes_on(&data, &spender, 5).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_is_kept_read_only_is_put_back_for_who_serves_it() {
    let bench = Bench::new();
    let (data, backup, restored) =
        (bench.path("data"), bench.path("backup"), bench.path("restored"));
    assert!(Served::start(&data).stop().success());
    let secrets = bench.path("secrets");
    succeeded(&back_up(&data, &backup, Some(&secrets)));
    // What a restore that was cut short has left.
    fs::create_dir(&restored).unwrap();
    let unfinished = restored.join("vault.sqlite.new");
    fs::write(&unfinished, "half a vault").unwrap();
    let kept = ["backup.json", "journal.sqlite", "vault.sqlite"].map(|name| backup.join(name));
    for file in kept.iter().chain([&unfinished]) {
        fs::set_permissions(file, Permissions::from_mode(0o400)).unwrap();
    }

    succeeded(&restore(&backup, &restored, Some(&data.join("anchor")), Some(&secrets)));
    let vault = restored.join("vault.sqlite");
    assert_eq!(mode(&vault), 0o600);
    assert_eq!(fs::read(&vault).unwrap(), fs::read(backup.join("vault.sqlite")).unwrap());
    assert!(!unfinished.exists());
    assert!(Served::start(&restored).stop().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_are_never_in_a_backup() {
    let bench = Bench::new();
    let (data, backup) = (bench.path("data"), bench.path("backup"));
    assert!(Served::start(&data).stop().success());
    let inside = backup.join("secrets");
    refused(&back_up(&data, &backup, Some(&inside)), "is in the backup");
    assert!(!backup.exists());
    let sneaky = bench.path("link");
    std::os::unix::fs::symlink(&backup, &sneaky).unwrap();
    refused(&back_up(&data, &backup, Some(&sneaky)), "is in the backup");
    assert!(!backup.exists());

    succeeded(&back_up(&data, &backup, Some(&bench.path("secrets"))));
    let mut names: Vec<_> =
        fs::read_dir(&backup).unwrap().map(|item| item.unwrap().file_name()).collect();
    names.sort_unstable();
    assert_eq!(names, ["backup.json", "journal.sqlite", "vault.sqlite"]);
    let keys = fs::read_to_string(data.join("keys.json")).unwrap();
    let keys: Value = serde_json::from_str(&keys).unwrap();
    let secrets = [
        fs::read(data.join("master.key")).unwrap(),
        fs::read(data.join("checkpoint.key")).unwrap().trim_ascii_end().to_vec(),
        keys["ledgerOs"].as_str().unwrap().rsplit('_').next().unwrap().as_bytes().to_vec(),
    ];
    for name in names {
        let content = fs::read(backup.join(&name)).unwrap();
        for secret in &secrets {
            assert!(!content.windows(secret.len()).any(|part| part == secret), "{name:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_are_never_overwritten() {
    let bench = Bench::new();
    let (data, secrets) = (bench.path("data"), bench.path("secrets"));
    assert!(Served::start(&data).stop().success());
    succeeded(&back_up(&data, &bench.path("first"), Some(&secrets)));
    // The same secrets may be asked for with every backup.
    succeeded(&back_up(&data, &bench.path("second"), Some(&secrets)));
    let rotate = command().args(["rotate-checkpoint-key", "--data"]).arg(&data).output().unwrap();
    succeeded(&rotate);
    let before = fs::read(secrets.join("checkpoint.key")).unwrap();
    let said = back_up(&data, &bench.path("third"), Some(&secrets));
    refused(&said, "checkpoint.key` is there, and another: give a new folder");
    assert!(!bench.path("third").exists());
    assert_eq!(fs::read(secrets.join("checkpoint.key")).unwrap(), before);
    succeeded(&back_up(&data, &bench.path("third"), Some(&bench.path("rotated"))));

    let restored = bench.path("restored");
    fs::create_dir(&restored).unwrap();
    fs::write(restored.join("master.key"), [1; 32]).unwrap();
    let said = restore(&bench.path("first"), &restored, None, Some(&secrets));
    refused(&said, "master.key` is there");
    assert_eq!(fs::read(restored.join("master.key")).unwrap(), [1; 32]);
    assert!(!restored.join("keys.json").exists() && !restored.join("journal.sqlite").exists());

    // Those of another book: nothing that it has signed is believed.
    assert!(Served::start(&bench.path("other")).stop().success());
    succeeded(&back_up(&bench.path("other"), &bench.path("theirs"), Some(&bench.path("keys"))));
    let said = restore(&bench.path("first"), &bench.path("mixed"), None, Some(&bench.path("keys")));
    refused(&said, "the backup is not of the book of these secrets");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_anchor_a_restored_folder_does_not_start_and_says_what_to_do() {
    let bench = Bench::new();
    let (data, backup, secrets) = (bench.path("data"), bench.path("backup"), bench.path("secrets"));
    assert!(Served::start(&data).stop().success());
    succeeded(&back_up(&data, &backup, Some(&secrets)));
    for (name, secrets) in [("with", Some(&*secrets)), ("without", None)] {
        let restored = bench.path(name);
        let output = restore(&backup, &restored, None, secrets);
        succeeded(&output);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains("ledgeros recover --accept-loss"), "{said}");
        assert!(!restored.join("anchor").exists());
        let said = refuses_to_serve(&restored, "anchor` is missing");
        assert!(said.contains("ledgeros recover --accept-loss"), "{said}");
        assert!(!restored.join("anchor").exists());
    }
    fs::copy(data.join("anchor"), bench.path("with").join("anchor")).unwrap();
    assert!(Served::start(&bench.path("with")).stop().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_book_moves_from_one_store_to_the_other_and_back() {
    let bench = Bench::new();
    let secrets = bench.path("secrets");
    let mut data = bench.path("0");
    let served = Served::start(&data);
    let mut client = served.client().await;
    let spender = Spender::with(&mut client, "500.00").await;
    for _ in 0..3 {
        purchase(&mut client, &spender).await;
    }
    assert!(served.stop().success());

    for (number, to_database) in [(1, true), (2, false), (3, true), (4, true)] {
        let backup = bench.path(&format!("backup-{number}"));
        succeeded(&back_up(&data, &backup, Some(&secrets)));
        let next = bench.path(&number.to_string());
        if to_database {
            prepare_folder(&next, servers::shared());
        }
        let anchor = data.join("anchor");
        succeeded(&restore(&backup, &next, Some(&anchor), Some(&secrets)));
        assert_eq!(entries(&next), entries(&data));
        assert_eq!(next.join("journal.sqlite").exists(), !to_database);
        goes_on(&next, &spender, 2 + number).await;
        data = next;
    }

    // A database has a book once.
    let again = bench.path("again");
    fs::create_dir(&again).unwrap();
    fs::copy(data.join("database.url"), again.join("database.url")).unwrap();
    let backup = bench.path("backup-2");
    refused(&restore(&backup, &again, None, None), "already");
    assert!(!again.join("vault.sqlite").exists());
    // But it may have others.
    let other = bench.path("other");
    assert!(Served::start(&other).stop().success());
    succeeded(&back_up(&other, &bench.path("theirs"), None));
    succeeded(&restore(&bench.path("theirs"), &again, Some(&other.join("anchor")), None));
}

/// Makes a journal's file one of the version before.
fn age(journal: &Path) {
    let db = Connection::open(journal).unwrap();
    db.execute_batch("alter table book drop column writer; pragma user_version = 2").unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_and_a_backup_of_the_version_before_are_brought_to_this_one() {
    let bench = Bench::new();
    let (data, backup, secrets) = (bench.path("data"), bench.path("backup"), bench.path("secrets"));
    let served = Served::start(&data);
    let mut client = served.client().await;
    let spender = Spender::with(&mut client, "500.00").await;
    purchase(&mut client, &spender).await;
    assert!(served.stop().success());
    succeeded(&back_up(&data, &backup, Some(&secrets)));
    age(&data.join("journal.sqlite"));
    age(&backup.join("journal.sqlite"));
    let mut says = manifest(&backup);
    let sum = Sha256::digest(fs::read(backup.join("journal.sqlite")).unwrap());
    says["journal"] = sum.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into();
    fs::write(backup.join("backup.json"), says.to_string()).unwrap();

    let restored = bench.path("restored");
    succeeded(&restore(&backup, &restored, Some(&data.join("anchor")), Some(&secrets)));
    goes_on(&restored, &spender, 1).await;
    succeeded(&back_up(&data, &bench.path("again"), Some(&secrets)));
    goes_on(&data, &spender, 1).await;
}

/// Empties a folder, but for what names its database.
fn empty(data: &Path) {
    for path in fs::read_dir(data).unwrap().map(|item| item.unwrap().path()) {
        if path.is_dir() {
            fs::remove_dir_all(path).unwrap();
        } else if !path.ends_with("database.url") {
            fs::remove_file(path).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_that_was_cut_short_after_its_commit_in_a_database_is_done_again() {
    let bench = Bench::new();
    let (data, backup, secrets) = (bench.path("data"), bench.path("backup"), bench.path("secrets"));
    let served = Served::start(&data);
    let mut client = served.client().await;
    let spender = Spender::with(&mut client, "500.00").await;
    purchase(&mut client, &spender).await;
    assert!(served.stop().success());
    succeeded(&back_up(&data, &backup, Some(&secrets)));

    let restored = bench.path("restored");
    prepare_folder(&restored, servers::shared());
    let again = || restore(&backup, &restored, Some(&data.join("anchor")), Some(&secrets));
    let said = succeeded(&again());
    refused(&again(), "it would be overwritten");
    empty(&restored);
    assert_eq!(succeeded(&again()), said);
    assert_eq!(entries(&restored), entries(&data));
    goes_on(&restored, &spender, 1).await;

    // From here on it is another journal, and one that is served: not even its own backup is put there again.
    let fresh = bench.path("fresh");
    succeeded(&back_up(&restored, &fresh, None));
    let (surviving, other) = (bench.path("surviving"), bench.path("other"));
    fs::copy(restored.join("anchor"), &surviving).unwrap();
    fs::create_dir(&other).unwrap();
    fs::copy(restored.join("database.url"), other.join("database.url")).unwrap();
    empty(&restored);
    refused(&again(), "already");
    refused(&restore(&fresh, &other, Some(&surviving), None), "already");
    assert!(!restored.join("vault.sqlite").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_put_where_something_is() {
    let bench = Bench::new();
    let (data, backup) = (bench.path("data"), bench.path("backup"));
    let served = Served::start(&data);
    succeeded(&back_up(&data, &backup, None));
    let before = fs::read(backup.join("backup.json")).unwrap();
    refused(&back_up(&data, &backup, None), "can't be made");
    assert_eq!(fs::read(backup.join("backup.json")).unwrap(), before);
    fs::create_dir(bench.path("empty")).unwrap();
    refused(&back_up(&data, &bench.path("empty"), None), "can't be made");
    refused(&back_up(&data, &bench.path("no/where"), None), "can't be made");

    refused(&restore(&backup, &data, None, None), "another process serves this folder");
    assert!(served.stop().success());
    refused(&restore(&backup, &data, None, None), "it would be overwritten");
    assert!(Served::start(&data).stop().success());
    for name in ["anchor", "journal.sqlite-wal", "vault.sqlite", "snapshot", "read_model"] {
        let folder = bench.path(&format!("has-{name}"));
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join(name), "something").unwrap();
        refused(&restore(&backup, &folder, None, None), &format!("{name}` is there"));
        assert_eq!(fs::read(folder.join(name)).unwrap(), b"something");
        assert_eq!(fs::read_dir(folder).unwrap().count(), 2, "it and the lock");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_is_not_whole_is_not_backed_up() {
    let bench = Bench::new();
    refused(&back_up(&bench.path("nothing"), &bench.path("backup"), None), "anchor");
    for missing in ["journal.sqlite", "vault.sqlite", "anchor"] {
        let data = bench.path(missing);
        let served = Served::start(&data);
        Spender::with(&mut served.client().await, "1.00").await;
        assert!(served.stop().success());
        fs::remove_file(data.join(missing)).unwrap();
        let output = back_up(&data, &bench.path("backup"), None);
        assert!(!output.status.success(), "without {missing}");
        assert!(!bench.path("backup").exists());
        assert!(!data.join(missing).exists(), "nothing is made there");
    }
    // A checkpoint that nobody known has signed.
    let data = bench.path("foreign");
    for path in [&data, &bench.path("other")] {
        assert!(Served::start(path).stop().success());
    }
    fs::copy(bench.path("other").join("checkpoint.pub"), data.join("checkpoint.pub")).unwrap();
    refused(&back_up(&data, &bench.path("backup"), None), "not signed with this key");

    // A journal that lacks what was answered makes no backup that hides it.
    let data = bench.path("older");
    let served = Served::start(&data);
    assert!(served.stop().success());
    let older = fs::read(data.join("journal.sqlite")).unwrap();
    let served = Served::start(&data);
    Spender::with(&mut served.client().await, "1.00").await;
    assert!(served.stop().success());
    fs::write(data.join("journal.sqlite"), older).unwrap();
    refused(&back_up(&data, &bench.path("backup"), None), "does not agree with its anchor");
}
