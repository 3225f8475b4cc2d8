//! A secret in a file of its own.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// The path of a file with a secret, which only its owner may read. Its key in a configuration ends in `_file`.
///
/// That there is such a file is seen when the configuration is loaded; what is in it is read by who needs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "PathBuf")]
pub struct SecretFile(PathBuf);

/// Why a file is none for a secret.
#[derive(Debug, thiserror::Error)]
pub enum SecretFileError {
    /// It can't be read.
    #[error("`{}` can't be read: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Others may read it.
    #[error("`{}` has mode `{mode:o}`, but only its owner may read it", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
}

impl SecretFile {
    /// The file.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The secret, without the end of its line.
    pub fn read(&self) -> Result<String, SecretFileError> {
        check(&self.0)?;
        let text = fs::read_to_string(&self.0).map_err(unreadable(&self.0))?;
        Ok(text.trim_end().to_owned())
    }
}

impl TryFrom<PathBuf> for SecretFile {
    type Error = SecretFileError;

    fn try_from(path: PathBuf) -> Result<Self, SecretFileError> {
        check(&path)?;
        Ok(Self(path))
    }
}

fn check(path: &Path) -> Result<(), SecretFileError> {
    let mode = fs::metadata(path).map_err(unreadable(path))?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(SecretFileError::Open { path: path.to_owned(), mode });
    }
    Ok(())
}

fn unreadable(path: &Path) -> impl FnOnce(io::Error) -> SecretFileError {
    move |source| SecretFileError::Unreadable { path: path.to_owned(), source }
}
