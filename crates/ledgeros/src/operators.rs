//! Operators: their keys, and what they approve.
//!
//! An operator's secret lies in a file of the operator's own; `operators.pub` in the data folder lists the public keys of
//! those who may approve, a line each.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};
use journal::note::{InvalidNote, Note, SigningKey};
use journal::statement::{Statement, approvers};
use ledger::{Approval, Command, CommandId, Origin, Request};
use sha2::{Digest, Sha256};
use tracing::info;
use zeroize::Zeroizing;

use crate::checkpoint_keys::read_public;
use crate::output::print;

/// The longest name of an operator.
const NAME_LENGTH_MAX: usize = 32;

/// The file of those who may approve.
fn operators_of(data: &Path) -> PathBuf {
    data.join("operators.pub")
}

/// `ledgeros operator-key`: makes a key, and prints its public half.
pub(crate) fn make_key(name: &str, out: &Path) -> Result<ExitCode> {
    let is_plain = |letter: char| matches!(letter, 'a'..='z' | '0'..='9' | '-');
    let is_handle = name.starts_with(|letter: char| letter.is_ascii_lowercase())
        && name.len() <= NAME_LENGTH_MAX
        && name.chars().all(is_plain);
    ensure!(
        is_handle,
        "an operator's name has up to {NAME_LENGTH_MAX} lower-case letters, digits and hyphens, and begins with a letter: \
         `{name}` does not"
    );
    let mut secret = Zeroizing::new([0; 32]);
    getrandom::fill(&mut *secret)?;
    let key = SigningKey::new(name, &secret);
    let mut options = OpenOptions::new();
    let mut file = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(out)
        .with_context(|| format!("`{}` can't be made", out.display()))?;
    file.write_all(key.secret_text().as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()?;
    print(&format!("{}\n", key.verifying_key()))
}

/// `ledgeros approve`: adds a signature to the statement in a file.
pub(crate) fn approve(path: &Path, key: &Path) -> Result<ExitCode> {
    let secret = Zeroizing::new(read(key)?);
    let key = SigningKey::parse(secret.trim_end())
        .with_context(|| format!("`{}` has no operator's key", key.display()))?;
    let content = read(path)?;
    let signed = Note::parse(&content).ok();
    let text = signed.map_or(&*content, |note| note.text());
    ensure!(
        Statement::parse(text).is_some(),
        "`{}` has no statement that could be approved",
        path.display()
    );
    match signed.map(|note| note.check(&key.verifying_key())) {
        None | Some(Err(InvalidNote::NotSigned)) => {}
        Some(Ok(())) => bail!("this key has signed the statement already"),
        Some(Err(_)) => bail!("this key has signed another text: begin with the statement alone"),
    }
    let gap = if signed.is_some() { "" } else { "\n" };
    let unfinished = path.with_added_extension("new");
    fs::write(&unfinished, format!("{content}{gap}{}", key.sign(text)))?;
    fs::rename(&unfinished, path)?;
    info!(operator = key.verifying_key().name(), "approved:\n{text}");
    Ok(ExitCode::SUCCESS)
}

/// The approval in a file, if it is one of exactly this statement, by operators of the folder.
pub(crate) fn approved(data: &Path, path: &Path, statement: &Statement) -> Result<Approval> {
    let content = read(path)?;
    let refused = || format!("`{}` does not approve it", path.display());
    let note = Note::parse(&content).with_context(refused)?;
    let expected = statement.to_string();
    ensure!(
        note.text() == expected,
        "{}: it was for another moment or another act; what has to be approved now is\n{expected}",
        refused()
    );
    approvers(&note, &read_public(&operators_of(data))?).with_context(refused)?;
    Ok(Approval::new(&content)?)
}

/// A request that follows from what was approved.
pub(crate) fn request(statement: &Statement, command: Command) -> Request {
    let hash = Sha256::digest(statement.to_string());
    let (id, _) = hash.split_first_chunk().expect("a hash has more than sixteen bytes");
    Request { id: CommandId(*id), origin: Origin::LEDGER, command }
}

/// A file's text.
pub(crate) fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("`{}`", path.display()))
}
