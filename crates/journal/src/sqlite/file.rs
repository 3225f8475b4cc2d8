//! The file: its settings, its version, its tables.

use std::path::Path;
use std::time::Duration;

use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::OpenError;

const SCHEMA: &str = include_str!("../../../../migrations/journal/sqlite/0001_journal.sql");
/// The `user_version` of a file with this schema.
const VERSION: i64 = 1;

/// How long to wait for a lock: for the commit of another book in the same file, or for who reads the log after a
/// crash. Both take milliseconds.
const LOCK_WAIT: Duration = Duration::from_secs(5);

/// After so many pages of log (16 MB) they are copied into the database, within the commit that reached the number. A
/// page that many commits changed is copied once, so more pages cost less in all, and stop a single commit for longer.
/// Measured with random look-ups: 1,000 pages, SQLite's default, make every hundredth of small commits wait for
/// milliseconds; 16,000 gain a fifth, and stop a commit for twice as long.
const CHECKPOINT_PAGES: i64 = 4_000;

/// A connection that may write. The file and its tables are made when there are none.
pub(super) fn create(path: &Path) -> Result<Connection, OpenError> {
    let mut connection =
        connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
    if version(&connection)? != 0 {
        require_version(&connection)?;
    }
    set(&connection)?;
    // The lock comes before the look, so that of two who find an empty file one makes the tables.
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if version(&tx)? == 0 {
        tx.execute_batch(SCHEMA)?;
        tx.pragma_update(None, "user_version", VERSION)?;
    }
    tx.commit()?;
    Ok(connection)
}

/// A connection that may write.
pub(super) fn open(path: &Path) -> Result<Connection, OpenError> {
    let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    // First, so that a file that is something else stays as it is.
    require_version(&connection)?;
    set(&connection)?;
    Ok(connection)
}

/// A connection that can't write.
pub(super) fn open_read_only(path: &Path) -> Result<Connection, OpenError> {
    let connection = connect_read_only(path)?;
    require_version(&connection)?;
    Ok(connection)
}

/// A connection that can't write, to a file that is known.
pub(super) fn connect_read_only(path: &Path) -> rusqlite::Result<Connection> {
    connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
}

fn connect(path: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(LOCK_WAIT)?;
    Ok(connection)
}

/// Settings that a promise rests on. SQLite ignores what it can't do, so each is read back.
fn set(connection: &Connection) -> Result<(), OpenError> {
    for (name, wanted) in [
        ("journal_mode", "wal"),
        ("synchronous", "2"), // full: what was committed survives a power cut
        ("foreign_keys", "1"),
    ] {
        connection.pragma_update(None, name, wanted)?;
        let found = connection.pragma_query_value(None, name, |row| match row.get(0)? {
            Value::Integer(number) => Ok(number.to_string()),
            Value::Text(text) => Ok(text),
            other => Ok(format!("{other:?}")),
        })?;
        if found != wanted {
            return Err(OpenError::Setting { name, wanted, found });
        }
    }
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    Ok(())
}

fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

fn require_version(connection: &Connection) -> Result<(), OpenError> {
    match version(connection)? {
        VERSION => Ok(()),
        found => Err(OpenError::Version { found }),
    }
}

#[cfg(test)]
mod tests;
