//! Copies of a vault's file, which nobody needs the master key for.

use std::fs::File;
use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::Error;
use super::database::{self, VERSION};

/// Copies a vault, as it is at one moment, into a new file, while it is written or not. Pages that were deleted don't come
/// along.
///
/// An erasure that falls into it is told that the [log is in use](Error::LogInUse).
pub fn copy(from: &Path, to: &Path) -> Result<(), Error> {
    let connection = open(from)?;
    let name = to.to_str().ok_or_else(|| rusqlite::Error::InvalidPath(to.to_owned()))?;
    connection.execute("vacuum into ?1", [name])?;
    Ok(File::open(to).and_then(|file| file.sync_all())?)
}

/// Checks that a file is a vault's, and in order as a database. What is encrypted in it only the master key can tell.
pub fn check(path: &Path) -> Result<(), Error> {
    let found: String = open(path)?.query_row("pragma integrity_check(1)", [], |row| row.get(0))?;
    if found == "ok" { Ok(()) } else { Err(Error::Damaged { found }) }
}

fn open(path: &Path) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    match database::version(&connection)? {
        // An older one is brought forward by who opens it as a vault.
        1..=VERSION => Ok(connection),
        found => Err(Error::Version { found }),
    }
}
