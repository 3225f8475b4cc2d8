//! Frauds by somebody who may write every file, found by an auditor who kept the public key and a checkpoint: with our
//! program, and with one that knows only what `docs/journal-format.md` says.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use journal::checkpoint::{Origin, SigningKey};
use journal::tree::Tree;
use journal::{Hash, Head, encode};
use ledger::{Event, Timestamp};
use rusqlite::Connection;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::corruption::forced_open;
use crate::support::{Served, Spender, command, export};

/// A book with some history, and what an auditor has of it.
struct Book {
    folder: TempDir,
}

impl Book {
    async fn new() -> Self {
        let book = Self { folder: tempfile::tempdir().unwrap() };
        let served = Served::start(&book.data());
        let mut client = served.client().await;
        let spender = Spender::with(&mut client, "500.00").await;
        for _ in 0..5 {
            let body = json!({ "amount": 1_000, "merchant": { "name": "Bistro" } });
            client.post(&spender.authorizations(), &body).await.unwrap();
        }
        assert!(served.stop().success());
        let note = command().args(["audit", "checkpoint", "--data"]).arg(book.data()).output();
        fs::write(book.checkpoint(), note.unwrap().stdout).unwrap();
        fs::copy(book.data().join("checkpoint.pub"), book.keys()).unwrap();
        fs::write(book.export(), export(&book.data(), "jsonl").stdout).unwrap();
        book
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn checkpoint(&self) -> PathBuf {
        self.folder.path().join("checkpoint")
    }

    fn keys(&self) -> PathBuf {
        self.folder.path().join("trusted.pub")
    }

    fn export(&self) -> PathBuf {
        self.folder.path().join("book.jsonl")
    }

    /// What our program says is wrong with the folder, in one text.
    fn our_verdict(&self) -> String {
        let output = self.verify("--data", &self.data());
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// What our program says is wrong with an export, in one text; or that nothing is.
    fn our_verdict_of(&self, export: &[u8]) -> Result<String, String> {
        let file = self.folder.path().join("forged.jsonl");
        fs::write(&file, export).unwrap();
        let output = self.verify("--export", &file);
        let said = String::from_utf8(output.stdout).unwrap();
        match output.status.code() {
            Some(0) => Ok(said),
            Some(1) => Err(said),
            other => panic!("{other:?}: {said}"),
        }
    }

    fn verify(&self, option: &str, subject: &Path) -> Output {
        let mut verify = command();
        verify.args(["audit", "verify", option]).arg(subject);
        verify.arg("--keys").arg(self.keys()).arg("--checkpoint").arg(self.checkpoint());
        verify.output().unwrap()
    }

    /// What the other program says of an export.
    fn their_verdict(&self, export: &[u8]) -> Result<String, String> {
        let file = self.folder.path().join("export.jsonl");
        fs::write(&file, export).unwrap();
        let checker = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/judge/check_export.py");
        let mut python = Command::new("python3");
        python.arg(checker).arg(file).arg(self.checkpoint()).arg(self.keys());
        let output = python.output().expect("python3 is installed");
        if output.status.success() {
            Ok(String::from_utf8(output.stdout).unwrap())
        } else {
            Err(String::from_utf8(output.stderr).unwrap())
        }
    }

    /// The journal as it lies in the file, exported by who has forged it: every line says what the stored bytes say.
    fn forged_export(&self) -> Vec<u8> {
        let honest = fs::read_to_string(self.export()).unwrap();
        let honest: Vec<Value> =
            honest.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let journal = Connection::open(self.data().join("journal.sqlite")).unwrap();
        let mut rows = journal.prepare("select position, bytes from entry order by 1").unwrap();
        let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        let lines = rows.map(|row| {
            let (position, bytes): (i64, Vec<u8>) = row.unwrap();
            let mut line = honest[position as usize - 1].clone();
            line["stored"] = base64(&bytes).into();
            line["hash"] = Hash::of(&bytes).to_string().into();
            if let Ok(stored) = journal::decode(bytes) {
                line["previous"] = stored.previous.to_string().into();
                let said = line["postings"].as_array_mut().unwrap().iter_mut();
                for (said, posting) in said.zip(stored.entry.postings.iter()) {
                    said["amount"] = posting.amount.0.to_string().into();
                }
            }
            format!("{line}\n")
        });
        lines.collect::<String>().into_bytes()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_honest_book_is_believed_by_both() {
    let book = Book::new().await;
    let output = export(&book.data(), "jsonl");
    assert!(output.status.success());
    let verdict = book.their_verdict(&output.stdout).unwrap();
    assert!(verdict.contains("; signed: "), "{verdict}");
    assert_eq!(book.their_verdict(&book.forged_export()), Ok(verdict));
    for export in [output.stdout, book.forged_export()] {
        let said = book.our_verdict_of(&export).unwrap();
        assert!(said.contains("entries, sound"), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_amount_is_found() {
    let book = Book::new().await;
    let journal = forced_open(&book.data());
    let (position, mut bytes): (i64, Vec<u8>) = journal
        .query_row(
            "select position, bytes from entry order by position desc limit 1 offset 2",
            [],
            |row| row.try_into(),
        )
        .unwrap();
    // 1,000 as a varint.
    let amount = bytes.windows(2).position(|pair| pair == [0xe8, 0x07]).unwrap();
    bytes[amount] = 0xe9;
    journal.execute("update entry set bytes = ?1 where position = ?2", (bytes, position)).unwrap();
    drop(journal);
    let said = book.our_verdict();
    assert!(said.contains(&format!("wrong: entry {position}:")), "{said}");
    assert!(book.their_verdict(&book.forged_export()).is_err());
    let said = book.our_verdict_of(&book.forged_export()).unwrap_err();
    assert!(said.contains(&format!("wrong: entry {position}:")), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_entry_is_found() {
    let book = Book::new().await;
    let journal = forced_open(&book.data());
    journal.pragma_update(None, "foreign_keys", 0).unwrap();
    journal.execute("delete from entry where position = 7", []).unwrap();
    drop(journal);
    let said = book.our_verdict();
    assert!(said.contains("wrong: entry 7: entry `7` is missing"), "{said}");
    let said = book.their_verdict(&book.forged_export()).unwrap_err();
    assert!(said.contains("entry 7 does not follow"), "{said}");
    let said = book.our_verdict_of(&book.forged_export()).unwrap_err();
    assert!(said.contains("wrong: entry 7: the entry is missing"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_end_is_found() {
    let book = Book::new().await;
    let journal = forced_open(&book.data());
    journal.pragma_update(None, "foreign_keys", 0).unwrap();
    let end: i64 =
        journal.query_row("select max(position) from entry", [], |row| row.get(0)).unwrap();
    for table in ["entry", "lookup"] {
        let sql = format!("delete from {table} where position = ?1");
        journal.execute(&sql, [end]).unwrap();
    }
    drop(journal);
    let said = book.our_verdict();
    assert!(said.contains(&format!("wrong: entry {end}: the entry is missing")), "{said}");
    let said = book.their_verdict(&book.forged_export()).unwrap_err();
    assert!(said.contains(&format!("there were {end} entries")), "{said}");
    let said = book.our_verdict_of(&book.forged_export()).unwrap_err();
    assert!(said.contains(&format!("wrong: entry {end}: the entry is missing")), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn rewritten_history_that_is_signed_with_the_stolen_key_is_found() {
    let book = Book::new().await;
    let key = fs::read_to_string(book.data().join("checkpoint.key")).unwrap();
    rewrite(&book.data(), &key);
    let said = book.our_verdict();
    assert!(
        said.contains("not those that the checkpoint that was handed in was signed for"),
        "{said}"
    );
    let said = book.their_verdict(&book.forged_export()).unwrap_err();
    assert!(said.contains("are not those of the checkpoint"), "{said}");
    let said = book.our_verdict_of(&book.forged_export()).unwrap_err();
    assert!(
        said.contains("not those that the checkpoint that was handed in was signed for"),
        "{said}"
    );

    // Without the older checkpoint nobody could tell.
    let output = command().args(["audit", "verify", "--data"]).arg(book.data()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

/// Another key signs what was rewritten: its owner may write the folder, but not what the auditor trusts.
#[tokio::test(flavor = "multi_thread")]
async fn rewritten_history_that_is_signed_with_another_key_is_found() {
    let book = Book::new().await;
    rewrite(&book.data(), &"07".repeat(32));
    let said = book.our_verdict();
    assert!(said.contains("is not signed with this key"), "{said}");
    assert!(book.our_verdict_of(&book.forged_export()).is_err());
    assert!(book.their_verdict(&book.forged_export()).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_does_not_say_what_its_entry_says_is_found() {
    let book = Book::new().await;
    let honest = fs::read_to_string(book.export()).unwrap();
    let forged = honest.replace("\"amount\":\"1000\"", "\"amount\":\"1001\"");
    assert_ne!(forged, honest);
    let said = book.our_verdict_of(forged.as_bytes()).unwrap_err();
    assert!(said.contains("its `postings` is not what its `stored` says"), "{said}");
}

/// Makes another merchant of the last approved purchase, so that all hashes, sums, signatures and the anchor fit.
fn rewrite(data: &Path, secret: &str) {
    let journal = forced_open(data);
    let mut rows = journal.prepare("select bytes from entry order by position").unwrap();
    let bytes: Vec<Vec<u8>> =
        rows.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    drop(rows);
    let (mut previous, mut tree, mut at) =
        (Head::EMPTY.hash, Tree::default(), Timestamp::default());
    let last = bytes.len() - 1;
    for (index, bytes) in bytes.into_iter().enumerate() {
        let mut entry = (*journal::decode(bytes).unwrap().entry).clone();
        if index == last {
            let Event::AuthorizationApproved(event) = &mut entry.events[0] else { panic!() };
            event.terms.merchant.name = ledger::Text::new("Casino").unwrap();
        }
        let stored = encode(entry.into(), previous);
        journal
            .execute(
                "update entry set bytes = ?1 where position = ?2",
                (&stored.bytes, stored.entry.position.0.cast_signed()),
            )
            .unwrap();
        (previous, at) = (stored.hash, stored.entry.at);
        tree.push(stored.hash);
    }
    let (book, incarnation): ([u8; 16], [u8; 16]) =
        journal.query_row("select id, incarnation from book", [], |row| row.try_into()).unwrap();
    let secret: Vec<u8> = (0..32)
        .map(|byte| u8::from_str_radix(&secret[2 * byte..2 * byte + 2], 16).unwrap())
        .collect();
    let origin = Origin::new(ledger::BookId(book), incarnation);
    let note = SigningKey::new(origin, &secret.try_into().unwrap()).sign(tree.size(), tree.root());
    let peaks: Vec<u8> = tree.peaks().iter().flat_map(|peak| peak.0).collect();
    let size = tree.size().cast_signed();
    let sql = "update tree set peaks = ?1, note = ?2 where size = ?3";
    assert_eq!(journal.execute(sql, (peaks, &note, size)).unwrap(), 1);
    journal.execute("delete from checkpoint", []).unwrap();
    let at = at.as_millis().cast_signed();
    let sql = "insert into checkpoint (book, size, at, note) values (1, ?1, ?2, ?3)";
    journal.execute(sql, (size, at, note)).unwrap();
    drop(journal);

    let mark = journal::anchor::read(&data.join("anchor")).unwrap();
    let head = Head { hash: previous, ..mark.head };
    fs::remove_file(data.join("anchor")).unwrap();
    let mark = journal::anchor::Mark { head, ..mark };
    drop(journal::Anchor::create(&data.join("anchor"), mark).unwrap());
    fs::remove_dir_all(data.join("read_model")).unwrap();
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}
