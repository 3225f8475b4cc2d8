//! Operators with keys, and what they approve.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use tempfile::TempDir;

use crate::support::command;

/// Two operators of a folder, and one who is none; each has a key beside it.
pub(crate) struct Operators(TempDir);

impl Operators {
    /// Makes their keys and lists the first two in the folder.
    pub(crate) fn of(data: &Path) -> Self {
        let operators = Self(tempfile::tempdir().unwrap());
        let public = ["ada", "bob", "eve"].map(|name| {
            let output = run(&["operator-key", name, "--out"], &[&operators.key(name)]);
            assert!(output.status.success(), "{output:?}");
            String::from_utf8(output.stdout).unwrap()
        });
        fs::write(operators.public(), public[..2].concat()).unwrap();
        fs::copy(operators.public(), data.join("operators.pub")).unwrap();
        operators
    }

    /// The file with an operator's secret.
    pub(crate) fn key(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The public keys of the two.
    pub(crate) fn public(&self) -> PathBuf {
        self.0.path().join("operators.pub")
    }

    /// A file with this text.
    pub(crate) fn file(&self, text: &[u8]) -> PathBuf {
        let path = self.0.path().join("statement");
        fs::write(&path, text).unwrap();
        path
    }

    /// Lets an operator sign a file.
    pub(crate) fn sign(&self, path: &Path, name: &str) -> Output {
        command().arg("approve").arg(path).arg("--key").arg(self.key(name)).output().unwrap()
    }

    /// A file with the statement, signed by both.
    pub(crate) fn approve(&self, statement: &[u8]) -> PathBuf {
        let path = self.file(statement);
        for name in ["ada", "bob"] {
            let signed = self.sign(&path, name);
            assert!(signed.status.success(), "{signed:?}");
        }
        path
    }
}

/// Runs the binary with words and then paths.
pub(crate) fn run(words: &[&str], paths: &[&Path]) -> Output {
    command().args(words).args(paths).output().unwrap()
}

/// What a command prints that must succeed.
#[track_caller]
pub(crate) fn printed(output: Output) -> Vec<u8> {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// Says that a command was refused, and why.
#[track_caller]
pub(crate) fn refused(output: &Output, because: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "it was done");
    assert!(said.contains(because), "`{because}` should be in: {said}");
    assert!(output.stdout.is_empty(), "nothing that could be approved is printed");
}

#[test]
fn a_secret_is_for_its_owner_and_never_overwritten() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    let public = printed(run(&["operator-key", "ada-1", "--out"], &[&path]));
    assert!(public.starts_with(b"ada-1+"));
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let secret = fs::read(&path).unwrap();
    refused(&run(&["operator-key", "ada-1", "--out"], &[&path]), "can't be made");
    assert_eq!(fs::read(&path).unwrap(), secret);
    let other = folder.path().join("other");
    for name in ["", "Ada", "ada lovelace", "1ada", "ada+1", &"a".repeat(33)] {
        refused(&run(&["operator-key", name, "--out"], &[&other]), "an operator's name");
    }
    assert!(!other.exists());
}

#[test]
fn only_statements_are_signed_and_each_key_signs_once() {
    let folder = tempfile::tempdir().unwrap();
    let operators = Operators::of(folder.path());
    for text in ["", "yes\n", "ledgeros statement 1\nerase everything\n"] {
        let path = operators.file(text.as_bytes());
        refused(&operators.sign(&path, "ada"), "no statement");
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }

    let statement = format!(
        "ledgeros statement 1\naccept the loss of what the journal lacks\nbook book_{}\nincarnation {}\nhead 3 {}\nanchor \
         unknown\n",
        "0".repeat(26),
        "0".repeat(32),
        "0".repeat(64)
    );
    let path = operators.approve(statement.as_bytes());
    let signed = fs::read_to_string(&path).unwrap();
    assert!(signed.starts_with(&format!("{statement}\n\u{2014} ada ")), "{signed}");
    refused(&operators.sign(&path, "ada"), "has signed the statement already");
    fs::write(&path, signed.replace("head 3", "head 4")).unwrap();
    refused(&operators.sign(&path, "ada"), "has signed another text");
}
