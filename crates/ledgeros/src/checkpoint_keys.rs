//! The keys of a folder's checkpoints: outside the database, so that who can write there can't sign.
//!
//! `checkpoint.key` is the secret, in hexadecimal; `checkpoint.pub` has the public keys of all secrets there ever were, a
//! line each, the newest last. An auditor keeps a copy of the latter.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::{Context, Result};
use journal::checkpoint::{self, Origin, SigningKey, VerifyingKey};
use zeroize::Zeroizing;

use crate::backup::sync_parent;

const SECRET: &str = "checkpoint.key";
const PUBLIC: &str = "checkpoint.pub";

/// The key that signs, with its public half where it is looked for; made when there is none.
pub(crate) fn signing(folder: &Path, origin: Origin) -> Result<SigningKey> {
    let _alone = alone(folder)?;
    match published(folder, &origin)? {
        Some(key) => Ok(key),
        None => make(folder, origin),
    }
}

/// Sees to it that the key that signs is believed, if there is one. Every start does: who can put a key into the folder can
/// put its public half there, too.
pub(crate) fn publish_own(folder: &Path, origin: &Origin) -> Result<()> {
    let _alone = alone(folder)?;
    published(folder, origin).map(drop)
}

/// Makes a new key. What was signed with the old one is still believed.
pub(crate) fn rotate(folder: &Path, origin: Origin) -> Result<SigningKey> {
    let _alone = alone(folder)?;
    make(folder, origin)
}

/// Keeps others from the folder's keys, until it is dropped: the processes of one service share the folder.
pub(crate) fn alone(folder: &Path) -> Result<File> {
    let lock = File::open(folder)?;
    lock.lock()?;
    Ok(lock)
}

/// The key that is there, if one is, with its public half where it is looked for.
fn published(folder: &Path, origin: &Origin) -> Result<Option<SigningKey>> {
    let path = folder.join(SECRET);
    let text = match fs::read_to_string(&path) {
        Ok(text) => Zeroizing::new(text),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("`{}`", path.display())),
    };
    let secret = read_secret(text).with_context(|| format!("`{}` has no key", path.display()))?;
    let key = SigningKey::new(origin.clone(), &secret);
    publish(folder, &key.verifying_key())?;
    Ok(Some(key))
}

fn make(folder: &Path, origin: Origin) -> Result<SigningKey> {
    let mut secret = Zeroizing::new([0; 32]);
    getrandom::fill(&mut *secret)?;
    let key = SigningKey::new(origin, &secret);
    // The public half first: a secret that nobody knows would sign what nobody believes.
    publish(folder, &key.verifying_key())?;

    let digits: Zeroizing<String> =
        Zeroizing::new(secret.iter().map(|byte| format!("{byte:02x}")).collect());
    let mut options = OpenOptions::new();
    write(&folder.join(SECRET), options.mode(0o600), &[digits.as_str(), "\n"])?;
    Ok(key)
}

/// Adds a public key to the folder's, unless it is there. A journal that goes on after a loss has another origin, and so
/// has the key another name.
fn publish(folder: &Path, key: &VerifyingKey) -> Result<()> {
    let mut keys = trusted(folder)?;
    if keys.contains(key) {
        return Ok(());
    }
    keys.push(key.clone());
    let lines: String = keys.iter().map(|key| format!("{key}\n")).collect();
    Ok(write(&folder.join(PUBLIC), &mut OpenOptions::new(), &[&lines])?)
}

/// Writes a file that appears whole, or not at all, in the place of the one that is there, if there is one.
fn write(path: &Path, options: &mut OpenOptions, parts: &[&str]) -> io::Result<()> {
    let unfinished = path.with_added_extension("new");
    // A crash may have left one.
    let mut file = options.write(true).create(true).truncate(true).open(&unfinished)?;
    for part in parts {
        file.write_all(part.as_bytes())?;
    }
    file.sync_all()?;
    fs::rename(unfinished, path)?;
    sync_parent(path)
}

/// The public keys in a folder; none, when it has none.
pub(crate) fn trusted(folder: &Path) -> Result<Vec<VerifyingKey>> {
    let path = folder.join(PUBLIC);
    if !path.try_exists()? { Ok(Vec::new()) } else { read_public(&path) }
}

/// The public keys in a file, a line each.
pub(crate) fn read_public(path: &Path) -> Result<Vec<VerifyingKey>> {
    let text = fs::read_to_string(path).with_context(|| format!("`{}`", path.display()))?;
    let keys = text.lines().map(|line| {
        VerifyingKey::parse(line)
            .with_context(|| format!("`{}` has a line that is no public key", path.display()))
    });
    keys.collect()
}

/// Checks the signature of a journal's last checkpoint with the public keys in a folder, if it has any.
pub(crate) fn believe(folder: &Path, note: Option<&str>) -> Result<()> {
    let keys = trusted(folder)?;
    if let Some(note) = note.filter(|_| !keys.is_empty()) {
        checkpoint::open(&keys, note)?;
    }
    Ok(())
}

fn read_secret(text: Zeroizing<String>) -> Option<Zeroizing<[u8; 32]>> {
    let digits = text.strip_suffix('\n').unwrap_or(&text).as_bytes();
    let mut secret = Zeroizing::new([0; 32]);
    if digits.len() != 2 * secret.len() {
        return None;
    }
    for (byte, pair) in secret.iter_mut().zip(digits.chunks_exact(2)) {
        let digit = |letter: u8| char::from(letter).to_digit(16);
        *byte = u8::try_from(digit(pair[0])? << 4 | digit(pair[1])?).ok()?;
    }
    Some(secret)
}

#[cfg(test)]
mod tests;
