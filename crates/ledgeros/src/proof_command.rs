//! `ledgeros audit checkpoint`, `prove`, `check-proof` and `consistency`; `ledgeros rotate-checkpoint-key`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use audit::EntryProof;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use journal::checkpoint::{self, Checkpoint, VerifyingKey};
use ledger::Position;
use tracing::error;

use crate::audit_command::{COULD_NOT_TELL, UNSOUND};
use crate::output::print;
use crate::{checkpoint_keys, folder};

/// Prints the last checkpoint.
pub(crate) fn checkpoint(data: &Path) -> Result<ExitCode> {
    match folder::reader(data)?.journal.last_checkpoint()? {
        Some(note) => print(&note),
        None => {
            error!("nothing was signed yet");
            Ok(ExitCode::from(COULD_NOT_TELL))
        }
    }
}

/// Prints a proof that an entry is in the journal.
pub(crate) fn prove(data: &Path, position: u64) -> Result<ExitCode> {
    let proof = audit::prove(&mut *folder::reader(data)?.journal, Position(position))?;
    print(&proof.to_string())
}

/// Checks a proof without the journal.
pub(crate) fn check(proof: &Path, keys: &Path) -> Result<ExitCode> {
    let text = read(proof)?;
    let keys = checkpoint_keys::read_public(keys)?;
    match EntryProof::parse(&text).and_then(|proof| proof.check(&keys)) {
        Ok(shown) => {
            let Checkpoint { origin, size, .. } = shown.checkpoint;
            let (position, hash) = (shown.entry.entry.position, shown.entry.hash);
            print(&format!("entry {position}, {hash}, is in {origin}, of {size} entries\n"))
        }
        Err(invalid) => {
            error!("{:#}", anyhow::Error::from(invalid));
            Ok(ExitCode::from(UNSOUND))
        }
    }
}

/// Checks that the journal of a newer checkpoint begins with that of an older one, and prints the proof.
pub(crate) fn consistency(
    data: &Path,
    old: &Path,
    new: &Path,
    keys: Option<&PathBuf>,
) -> Result<ExitCode> {
    let keys = match keys {
        Some(keys) => checkpoint_keys::read_public(keys)?,
        None => checkpoint_keys::trusted(data)?,
    };
    let (old, new) = (open(old, &keys)?, open(new, &keys)?);
    let proof = audit::prove_consistency(&mut *folder::reader(data)?.journal, &old, &new)?;
    match proof.check_consistency(old.size, old.root, new.size, new.root) {
        Ok(()) => {
            let hashes: String =
                proof.0.iter().map(|hash| format!("{}\n", BASE64.encode(hash.0))).collect();
            let Checkpoint { origin, size, .. } = &new;
            print(&format!(
                "{origin}: the first {} of {size} entries are the same\n{hashes}",
                old.size
            ))
        }
        Err(invalid) => {
            error!(
                "the journal of `{}` entries does not begin with that of `{}`: {invalid}",
                new.size, old.size
            );
            Ok(ExitCode::from(UNSOUND))
        }
    }
}

/// Makes another key for checkpoints, and prints its public half.
pub(crate) fn rotate(data: &Path) -> Result<ExitCode> {
    let key = folder::Folder::open(data)?.rotate_checkpoint_key()?;
    print(&format!("{key}\n"))
}

fn open(path: &Path, keys: &[VerifyingKey]) -> Result<Checkpoint> {
    let note = read(path)?;
    checkpoint::open(keys, &note).with_context(|| format!("`{}`", path.display()))
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("`{}`", path.display()))
}
