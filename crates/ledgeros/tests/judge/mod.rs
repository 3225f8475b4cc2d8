//! What clients note down of their requests, and the judge, `judge.py`, who reads it beside the journal's export.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use ledgeros::client::{Client, Response};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// The notes of clients that share a clock: a line for each request.
#[derive(Debug, Clone)]
pub(crate) struct Diary(Arc<Notes>);

#[derive(Debug)]
struct Notes {
    began: Instant,
    lines: Mutex<String>,
}

/// A request on its way. Dropped without an answer, it is noted as one that has none.
struct Asked<'a> {
    diary: &'a Diary,
    key: &'a str,
    body: String,
    sent: u64,
    answer: Option<Response>,
}

impl Diary {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Notes { began: Instant::now(), lines: Mutex::default() }))
    }

    /// Posts under a key, and notes what comes of it, also where nobody waits for the answer any more.
    pub(crate) async fn post(
        &self,
        client: &mut Client,
        key: &str,
        path: &str,
        body: &Value,
    ) -> anyhow::Result<Response> {
        let hash = digest(format!("{path}\n{body}").as_bytes());
        let mut asked = Asked { diary: self, key, body: hash, sent: self.micros(), answer: None };
        let answer = client.post_once(key, path, body).await?;
        asked.answer = Some(answer.clone());
        Ok(answer)
    }

    /// Lets the judge read the journal in a folder beside these notes. Returns what he says.
    ///
    /// # Panics
    ///
    /// When he finds something wrong; the message says what, and where the evidence is.
    pub(crate) fn judge(&self, data: &Path) -> String {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            fs::write(&path, bytes).unwrap();
            path
        };
        let evidence = [
            file("export", &audit(&["export", "--format", "jsonl"], data)),
            file("checkpoint", &audit(&["checkpoint"], data)),
            data.join("checkpoint.pub"),
            file("clients", self.0.lines.lock().unwrap().as_bytes()),
        ];
        let said = python("judge.py", &evidence);
        if !said.status.success() {
            let kept = folder.keep();
            panic!("{} (`{}`)", String::from_utf8_lossy(&said.stderr).trim(), kept.display());
        }
        String::from_utf8(said.stdout).unwrap().trim().to_owned()
    }

    fn micros(&self) -> u64 {
        u64::try_from(self.0.began.elapsed().as_micros()).unwrap()
    }
}

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        let Self { diary, key, body, sent, answer } = self;
        let answered = answer.as_ref().map(|_| diary.micros());
        let status = answer.as_ref().map(|answer| answer.status.as_u16());
        let is_error = status.is_some_and(|status| 400 <= status);
        let refused = answer.as_ref().filter(|_| is_error);
        let line = json!({
            "key": key, "body": body, "sent": sent, "answered": answered, "status": status,
            "refused": refused.map(|answer| answer.json()["error"]["code"].clone()),
            "position": answer.as_ref().and_then(Response::position),
            "answer": answer.as_ref().map(|answer| digest(&answer.bytes)),
        });
        let mut lines = diary.0.lines.lock().unwrap();
        lines.push_str(&line.to_string());
        lines.push('\n');
    }
}

/// A key that nobody else has.
pub(crate) fn new_key() -> String {
    fs::read_to_string("/proc/sys/kernel/random/uuid").unwrap().trim().to_owned()
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes)[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

fn audit(arguments: &[&str], data: &Path) -> Vec<u8> {
    let mut ledgeros = Command::new(env!("CARGO_BIN_EXE_ledgeros"));
    let output = ledgeros.arg("audit").args(arguments).arg("--data").arg(data).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// Runs one of the programs that lie beside this file.
pub(crate) fn python(program: &str, arguments: &[PathBuf]) -> Output {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/judge").join(program);
    Command::new("python3")
        .arg("-B")
        .arg(program)
        .args(arguments)
        .output()
        .expect("python3 is installed")
}
