//! The service's key in a folder.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use gateway::keys::ServiceKey;

use crate::backup::sync_parent;
use crate::checkpoint_keys;

/// Whether the folder has a key.
pub(crate) fn is_there(data: &Path) -> Result<bool> {
    Ok(file_of(data).try_exists()?)
}

/// The key of the folder; made when there is none. The file appears whole or not at all, and gateways that start together
/// make one.
pub(crate) fn open_or_create(data: &Path) -> Result<String> {
    let _alone = checkpoint_keys::alone(data)?;
    let path = file_of(data);
    if path.try_exists()? {
        return read(&path);
    }
    let key = ServiceKey::generate();
    let unfinished = path.with_added_extension("new");
    let mut options = OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
    writeln!(file, "{key}")?;
    file.sync_all()?;
    fs::rename(unfinished, &path)?;
    sync_parent(&path)?;
    Ok(key)
}

fn file_of(data: &Path) -> PathBuf {
    data.join("service.key")
}

/// The key in a file that nobody else may read.
pub(crate) fn read(path: &Path) -> Result<String> {
    let named = path.display();
    let unreadable = || format!("`{named}` can't be read");
    let mode = fs::metadata(path).with_context(unreadable)?.permissions().mode() & 0o777;
    ensure!(mode & 0o077 == 0, "`{named}` has mode `{mode:o}`, but only its owner may read it");
    Ok(fs::read_to_string(path).with_context(unreadable)?.trim_end().to_owned())
}

#[cfg(test)]
mod tests;
