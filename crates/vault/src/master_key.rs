use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::key::{KEY_BYTES, Key, random};

/// The key that opens a vault: 256 random bits in a file of their own, apart from the database.
///
/// Whoever loses the file loses all that is in the vault; whoever copies it together with the vault
/// can read all of it.
pub struct MasterKey(Key);

/// Why a master key can't be had.
#[derive(Debug, thiserror::Error)]
pub enum MasterKeyError {
    /// The file can't be read or made.
    #[error("the master key file `{path}` can't be opened")]
    File {
        /// Where it was looked for.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// Others than the owner have rights on the file.
    #[error("the master key file `{path}` has mode `{mode:o}`, but only its owner may have access")]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file holds something else.
    #[error("the master key file `{path}` has `{bytes}` bytes, not `{KEY_BYTES}`")]
    Length {
        /// The file.
        path: PathBuf,
        /// Its length.
        bytes: u64,
    },
}

impl MasterKey {
    /// Reads the key, or makes one, of mode 0600, where there is no file.
    ///
    /// Of two processes that make one at once, both get the same.
    pub fn open_or_create(path: &Path) -> Result<Self, MasterKeyError> {
        match Self::open(path) {
            Err(MasterKeyError::File { source, .. }) if source.kind() == ErrorKind::NotFound => {
                create(path).map_err(|source| file_error(path, source))?;
                Self::open(path)
            }
            opened => opened,
        }
    }

    /// Reads the key.
    pub fn open(path: &Path) -> Result<Self, MasterKeyError> {
        let failed = |source| file_error(path, source);
        let mut file = File::open(path).map_err(failed)?;
        let metadata = file.metadata().map_err(failed)?;

        let mode = metadata.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            let path = path.to_owned();
            return Err(MasterKeyError::Exposed { path, mode });
        }
        let bytes = metadata.len();
        if bytes != KEY_BYTES as u64 {
            let path = path.to_owned();
            return Err(MasterKeyError::Length { path, bytes });
        }
        let mut key = Key::default();
        file.read_exact(key.bytes_mut()).map_err(failed)?;
        Ok(Self(key))
    }

    /// Tells this key from every other, and nothing else about it.
    pub(crate) fn check(&self) -> [u8; 32] {
        *self.0.mac(&[b"ledgeros vault 1: key check"])
    }

    pub(crate) fn subkeys(&self) -> Subkeys {
        Subkeys {
            wrapping: self.0.derive("ledgeros vault 1: wrapping of subject keys"),
            fingerprint: self.0.derive("ledgeros vault 1: fingerprints"),
            link: self.0.derive("ledgeros vault 1: links"),
            cvv: self.0.derive("ledgeros vault 1: card verification values"),
        }
    }
}

/// One key a purpose, so that what one of them computes says nothing about what another does.
pub(crate) struct Subkeys {
    pub(crate) wrapping: Key,
    pub(crate) fingerprint: Key,
    pub(crate) link: Key,
    pub(crate) cvv: Key,
}

/// Writes a new key beside its place and links it there once it is whole and on disk: a start that
/// is cut short leaves no half of a key, and a key that is there already stays.
fn create(path: &Path) -> io::Result<()> {
    let draft = path.with_added_extension(format!("{:016x}", u64::from_be_bytes(random())));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    let linked = file
        .write_all(Key::random().bytes())
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::hard_link(&draft, path));
    fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        other => other?,
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

fn file_error(path: &Path, source: io::Error) -> MasterKeyError {
    let path = path.to_owned();
    MasterKeyError::File { path, source }
}

#[cfg(test)]
mod tests;
