//! Journals that have lost their end, and what two operators can do about it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::backups::{back_up, restore, succeeded};
use crate::corruption::{copy_folder, forced_open};
use crate::operators::{Operators, printed, refused, run};
use crate::support::{Served, command, export, post, prepare_folder};

/// A folder, an older copy of it, and the operators.
struct Book {
    folder: TempDir,
    operators: Operators,
}

impl Book {
    /// At rest: the older copy has some entries less.
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        live(&data, 3).await;
        copy_folder(&data, &folder.path().join("older"));
        live(&data, 2).await;
        let operators = Operators::of(&data);
        Self { folder, operators }
    }

    /// In PostgreSQL: a backup was put into another database, and the anchor knows of more.
    async fn behind_in_postgres() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let [data, lost, backup, secrets] =
            ["data", "lost", "backup", "secrets"].map(|name| folder.path().join(name));
        prepare_folder(&lost, servers::shared());
        live(&lost, 3).await;
        succeeded(&back_up(&lost, &backup, Some(&secrets)));
        live(&lost, 2).await;
        prepare_folder(&data, servers::shared());
        succeeded(&restore(&backup, &data, None, Some(&secrets)));
        fs::copy(lost.join("anchor"), data.join("anchor")).unwrap();
        let operators = Operators::of(&data);
        Self { folder, operators }
    }

    /// Of a backup of this folder, put back without its anchor and secrets, but for those that `serve` and `recover` ask for.
    fn without_checkpoint_keys(lost: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let [data, backup] = ["data", "backup"].map(|name| folder.path().join(name));
        succeeded(&back_up(lost, &backup, None));
        let output = restore(&backup, &data, None, None);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains("ledgeros recover --accept-loss"), "{said}");
        fs::copy(lost.join("master.key"), data.join("master.key")).unwrap();
        let operators = Operators::of(&data);
        Self { folder, operators }
    }

    /// The journal alone is the older one: it is behind its anchor.
    async fn behind() -> Self {
        let book = Self::new().await;
        book.put_back("journal.sqlite");
        book
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn put_back(&self, name: &str) {
        let older = self.folder.path().join("older");
        fs::copy(older.join(name), self.data().join(name)).unwrap();
    }

    fn statement(&self) -> Vec<u8> {
        printed(run(&["recover", "--data"], &[&self.data()]))
    }

    fn recover(&self, approval: &Path) -> Output {
        let data = self.data();
        command()
            .args(["recover", "--data"])
            .arg(data)
            .arg("--accept-loss")
            .arg(approval)
            .output()
            .unwrap()
    }

    /// All that it takes.
    fn recovered(&self) -> PathBuf {
        let approval = self.operators.approve(&self.statement());
        printed(self.recover(&approval));
        approval
    }

    fn keep_checkpoint(&self) -> PathBuf {
        let note = printed(run(&["audit", "checkpoint", "--data"], &[&self.data()]));
        let path = self.folder.path().join("checkpoint");
        fs::write(&path, note).unwrap();
        path
    }

    /// `audit verify` with the operators' keys and kept checkpoints.
    fn verify(&self, checkpoints: &[&Path]) -> Value {
        let mut verify = command();
        verify.args(["audit", "verify", "--format", "json", "--data"]).arg(self.data());
        verify.arg("--operators").arg(self.operators.public());
        for checkpoint in checkpoints {
            verify.arg("--checkpoint").arg(checkpoint);
        }
        let output = verify.output().unwrap();
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"))
    }

    #[track_caller]
    fn is_sound(&self) {
        assert_eq!(self.told(&[]), [""; 0]);
    }

    /// What a sound journal is told with.
    #[track_caller]
    fn told(&self, checkpoints: &[&Path]) -> Vec<String> {
        let report = self.verify(checkpoints);
        assert_eq!(report["sound"], true, "{report}");
        let notes = report["books"][0]["notes"].as_array().unwrap().iter();
        let notes = notes.map(|note| note.as_str().unwrap().to_owned());
        // The next start makes them.
        notes.filter(|note| !note.ends_with("there is no such read model")).collect()
    }

    fn refuses_to_serve(&self, because: &str) {
        let Err(output) = Served::try_start(&self.data()) else { panic!("it serves") };
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains(because), "`{because}` should be in: {said}");
    }
}

/// Lets the folder be served, and so many users come.
async fn live(data: &Path, users: u32) {
    let served = Served::start(data);
    let mut client = served.client().await;
    for _ in 0..users {
        let person = json!({ "firstName": "Ada", "lastName": "Quux", "email": "ada@example.com" });
        post(&mut client, "/v1/users", person).await;
    }
    assert!(served.stop().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_in_postgres_goes_on_after_a_loss() {
    let book = Book::behind_in_postgres().await;
    book.refuses_to_serve("had reached");
    let approval = book.recovered();
    book.is_sound();
    live(&book.data(), 1).await;
    book.is_sound();
    refused(&book.recover(&approval), "nothing is lost");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_operators_let_a_journal_go_on_that_has_lost_its_end() {
    let book = Book::new().await;
    let longer = book.keep_checkpoint();
    book.put_back("journal.sqlite");
    book.refuses_to_serve("anchor");
    let output = run(&["recover", "--data"], &[&book.data()]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("entries `7` to `8` would be lost"), "{said}");

    let statement = printed(output);
    let path = book.operators.file(&statement);
    printed(book.operators.sign(&path, "ada"));
    refused(&book.recover(&path), "`1` of the operators have signed");
    printed(book.operators.sign(&path, "eve"));
    refused(&book.recover(&path), "`1` of the operators have signed");
    book.refuses_to_serve("anchor");
    assert_eq!(book.statement(), statement, "nothing has changed yet");
    printed(book.operators.sign(&path, "bob"));
    printed(book.recover(&path));

    book.is_sound();
    live(&book.data(), 4).await;
    book.is_sound();
    refused(&run(&["recover", "--data"], &[&book.data()]), "nothing is lost");
    refused(&book.recover(&path), "nothing is lost");
    let told = book.told(&[&longer]).concat();
    assert!(told.contains("speaks of `8` entries"), "{told}");
    assert!(told.contains("recovery of entry `7`, signed by `ada` and `eve` and `bob`"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn other_programs_know_what_a_recovered_journal_has_lost() {
    let book = Book::new().await;
    let longer = book.keep_checkpoint();
    let before = book.folder.path().join("older");
    let shorter = book.folder.path().join("shorter");
    fs::write(&shorter, printed(run(&["audit", "checkpoint", "--data"], &[&before]))).unwrap();
    book.put_back("journal.sqlite");
    book.recovered();
    live(&book.data(), 4).await;

    let output = export(&book.data(), "jsonl");
    let file = book.folder.path().join("export.jsonl");
    fs::write(&file, printed(output)).unwrap();
    let check = |checkpoint: &Path| {
        let checker = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/judge/check_export.py");
        let keys = book.data().join("checkpoint.pub");
        let mut python = Command::new("python3");
        let output = python.arg(checker).arg(&file).arg(checkpoint).arg(keys).output().unwrap();
        String::from_utf8(printed(output)).unwrap()
    };
    assert!(check(&shorter).starts_with("11 entries; signed: 6\n"));
    assert!(check(&longer).starts_with("11 entries; signed: 8, lost: 7 to 8\n"));
    fs::write(&shorter, printed(run(&["audit", "checkpoint", "--data"], &[&book.data()]))).unwrap();
    assert!(check(&shorter).starts_with("11 entries; signed: 11\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_without_its_secrets_goes_on_once_the_key_of_its_checkpoints_is_put_back() {
    let folder = tempfile::tempdir().unwrap();
    let lost = folder.path().join("data");
    live(&lost, 1).await;
    for key in ["checkpoint.key", "checkpoint.pub"] {
        let book = Book::without_checkpoint_keys(&lost);
        refused(
            &run(&["recover", "--data"], &[&book.data()]),
            "a key that is not in `checkpoint.pub`",
        );
        fs::copy(lost.join(key), book.data().join(key)).unwrap();
        book.recovered();
        book.is_sound();
        live(&book.data(), 1).await;
        book.is_sound();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_with_checkpoints_of_two_keys_goes_on_once_both_are_put_back() {
    let folder = tempfile::tempdir().unwrap();
    let lost = folder.path().join("data");
    live(&lost, 1).await;
    printed(run(&["rotate-checkpoint-key", "--data"], &[&lost]));
    live(&lost, 1).await;
    let book = Book::without_checkpoint_keys(&lost);
    let put_back = |name: &str| fs::copy(lost.join(name), book.data().join(name)).unwrap();
    put_back("checkpoint.key");
    refused(&run(&["recover", "--data"], &[&book.data()]), "a key that is not in `checkpoint.pub`");
    put_back("checkpoint.pub");
    book.recovered();
    book.is_sound();
    live(&book.data(), 1).await;
    book.is_sound();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recovery_that_was_cut_short_is_finished_by_the_same_command() {
    let book = Book::behind().await;
    let data = book.data();
    let before = book.folder.path().join("before");
    copy_folder(&data, &before);
    let approval = book.recovered();
    let after = fs::read(data.join("anchor")).unwrap();

    // After the entry: the anchor and the read models are still those from before.
    fs::copy(before.join("anchor"), data.join("anchor")).unwrap();
    copy_folder(&before.join("read_model"), &data.join("read_model"));
    fs::copy(before.join("snapshot"), data.join("snapshot")).unwrap();
    book.refuses_to_serve("anchor");
    refused(&run(&["recover", "--data"], &[&data]), "was cut short");
    let other = book.folder.path().join("other");
    fs::write(&other, "another text").unwrap();
    refused(&book.recover(&other), "is not the approval");
    printed(book.recover(&approval));
    assert!(!data.join("snapshot").exists() && !data.join("read_model").exists());
    assert_eq!(fs::read(data.join("anchor")).unwrap(), after);

    // When the read models were removed, and while the anchor was written.
    fs::copy(before.join("anchor"), data.join("anchor")).unwrap();
    fs::write(data.join("anchor.new"), b"torn").unwrap();
    book.refuses_to_serve("anchor");
    printed(book.recover(&approval));
    assert_eq!(fs::read(data.join("anchor")).unwrap(), after);
    assert!(!data.join("anchor.new").exists());

    live(&data, 1).await;
    book.is_sound();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recovery_that_was_cut_short_before_its_entry_begins_again() {
    let book = Book::behind().await;
    let approval = book.operators.approve(&book.statement());
    // All that comes before the entry: another public key, of an incarnation that never came.
    let public = book.data().join("checkpoint.pub");
    let line = fs::read_to_string(&public).unwrap();
    let mut lines = line.clone();
    lines.push_str(&String::from_utf8(fs::read(book.operators.public()).unwrap()).unwrap());
    fs::write(&public, lines).unwrap();
    printed(book.recover(&approval));
    book.is_sound();
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_readable_anchor_nobody_knows_what_was_lost() {
    let book = Book::behind().await;
    let anchor = book.data().join("anchor");
    fs::write(&anchor, b"unreadable").unwrap();
    book.refuses_to_serve("unreadable");
    assert!(book.statement().ends_with(b"\nanchor unknown\n"));
    fs::remove_file(&anchor).unwrap();
    let output = run(&["recover", "--data"], &[&book.data()]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("nobody knows what came after entry `6`"), "{said}");
    let approval = book.operators.approve(&printed(output));
    printed(book.recover(&approval));
    // Cut short before the new anchor: the recovery itself is not done twice.
    fs::remove_file(&anchor).unwrap();
    printed(book.recover(&approval));
    live(&book.data(), 1).await;
    book.is_sound();
    assert_eq!(book.verify(&[])["books"][0]["entries"], 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_entry_at_the_anchors_position_is_a_loss() {
    let book = Book::new().await;
    let longer = book.keep_checkpoint();
    let other = book.folder.path().join("older");
    live(&other, 5).await;
    book.put_back("journal.sqlite");
    book.refuses_to_serve("anchor");
    let output = run(&["recover", "--data"], &[&book.data()]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("entry `8` is not the one"), "{said}");
    book.recovered();
    book.is_sound();
    let told = book.told(&[&longer]).concat();
    assert!(told.contains("recovery of entry `12`"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_from_before_another_recovery_is_a_loss() {
    let book = Book::behind().await;
    book.recovered();
    live(&book.data(), 1).await;
    let of_the_lost_incarnation = book.keep_checkpoint();
    book.put_back("journal.sqlite");
    book.refuses_to_serve("another incarnation");
    let output = run(&["recover", "--data"], &[&book.data()]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("had reached entry `8`"), "{said}");
    book.recovered();
    book.is_sound();
    let told = book.told(&[&of_the_lost_incarnation]).concat();
    assert!(told.contains("recovery of entry `7`"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_is_sound_and_nobody_serves_goes_on() {
    let book = Book::new().await;
    refused(&run(&["recover", "--data"], &[&book.data()]), "nothing is lost");
    let served = Served::start(&book.data());
    refused(&run(&["recover", "--data"], &[&book.data()]), "another process serves this folder");
    assert!(served.stop().success());

    book.put_back("journal.sqlite");
    for damage in [
        "update entry set bytes = zeroblob(length(bytes)) where position = 3",
        "delete from lookup where position = 3",
        "delete from entry where position = 6",
        "delete from lookup where position = 6; delete from entry where position = 6",
        "update tree set peaks = zeroblob(length(peaks))",
        "insert into checkpoint select book, size + 9, at, note from checkpoint limit 1",
    ] {
        book.put_back("journal.sqlite");
        let journal = forced_open(&book.data());
        journal.pragma_update(None, "foreign_keys", 0).unwrap();
        journal.execute_batch(damage).unwrap();
        drop(journal);
        refused(&run(&["recover", "--data"], &[&book.data()]), "restore a backup first");
    }
    fs::remove_file(book.data().join("journal.sqlite")).unwrap();
    refused(&run(&["recover", "--data"], &[&book.data()]), "restore a backup first");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_of_the_lost_journal_is_told_of() {
    let book = Book::new().await;
    let mut served = Served::start(&book.data());
    let person = json!({ "firstName": "Ada", "lastName": "Quux", "email": "ada@example.com" });
    post(&mut served.client().await, "/v1/users", person).await;
    served.kill();
    let recover = || {
        book.put_back("journal.sqlite");
        let output = run(&["recover", "--data"], &[&book.data()]);
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let said = recover();
    assert!(said.contains("journal.sqlite-wal` becomes part of the journal"), "{said}");
    for ending in ["-wal", "-shm"] {
        let _ = fs::remove_file(book.data().join(format!("journal.sqlite{ending}")));
    }
    let said = recover();
    assert!(said.contains("entries `7` to `9` would be lost"), "{said}");
    assert!(!said.contains("-wal"), "{said}");
    book.recovered();
    book.is_sound();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_is_for_one_loss() {
    let book = Book::behind().await;
    let approval = book.operators.approve(&book.statement());
    let text = fs::read_to_string(&approval).unwrap();
    // The anchor has gone: what is lost is another thing now.
    let anchor = fs::read(book.data().join("anchor")).unwrap();
    fs::remove_file(book.data().join("anchor")).unwrap();
    refused(&book.recover(&approval), "for another moment or another act");
    fs::write(book.data().join("anchor"), anchor).unwrap();
    fs::write(&approval, text.replace("head 6", "head 5")).unwrap();
    refused(&book.recover(&approval), "for another moment or another act");
    // A signature of an operator under another text, beside two that are right.
    let spoilt = text.replace("\u{2014} ada ", "\u{2014} bob ");
    fs::write(&approval, spoilt).unwrap();
    refused(&book.recover(&approval), "of the operators have signed");
    fs::write(&approval, &text).unwrap();
    fs::remove_file(book.data().join("operators.pub")).unwrap();
    refused(&book.recover(&approval), "operators.pub");
    fs::copy(book.operators.public(), book.data().join("operators.pub")).unwrap();
    printed(book.recover(&approval));
    book.is_sound();
}
