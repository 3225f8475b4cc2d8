//! The secrets of a folder, and what is as valuable: kept apart from backups, in a folder of their own.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use zeroize::Zeroizing;

/// What opens the vault. Without it the others are of little use.
const MASTER_KEY: &str = "master.key";
/// All of them; a folder may lack the others.
const NAMES: [&str; 5] =
    [MASTER_KEY, "checkpoint.key", "checkpoint.pub", "keys.json", "operators.pub"];

/// Copies them into a folder that is not in the backup.
pub(crate) fn back_up(data: &Path, secrets: &Path, backup: &Path) -> Result<()> {
    match DirBuilder::new().mode(0o700).create(secrets) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            return Err(error).with_context(|| format!("`{}` can't be made", secrets.display()));
        }
        _ => {}
    }
    ensure!(
        !fs::canonicalize(secrets)?.starts_with(fs::canonicalize(backup)?),
        "`{}` is in the backup: who gets the one must not get the other",
        secrets.display()
    );
    copy(data, secrets)
}

/// Puts them back.
pub(crate) fn put_back(secrets: &Path, data: &Path) -> Result<()> {
    copy(secrets, data)
}

/// Copies what is there, with its mode. What is there already with other content is not touched, and nothing is copied.
fn copy(from: &Path, to: &Path) -> Result<()> {
    let master = from.join(MASTER_KEY);
    ensure!(master.try_exists()?, "`{}` is missing", master.display());
    let mut missing = Vec::new();
    for name in NAMES {
        let Some(content) = read(&from.join(name))? else { continue };
        match read(&to.join(name))? {
            None => missing.push((name, content)),
            Some(there) if there == content => {}
            Some(_) => {
                bail!("`{}` is there, and another: give a new folder", to.join(name).display())
            }
        }
    }
    for (name, content) in missing {
        let mode = fs::metadata(from.join(name))?.permissions().mode() & 0o777;
        let path = to.join(name);
        let mut file = OpenOptions::new();
        let mut file = file
            .write(true)
            .create_new(true)
            .mode(mode)
            .open(&path)
            .with_context(|| format!("`{}` can't be made", path.display()))?;
        file.write_all(&content)?;
        file.sync_all()?;
    }
    Ok(File::open(to)?.sync_all()?)
}

fn read(path: &Path) -> Result<Option<Zeroizing<Vec<u8>>>> {
    match fs::read(path) {
        Ok(content) => Ok(Some(Zeroizing::new(content))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("`{}` can't be read", path.display())),
    }
}
