//! The file: its settings, its version, its tables.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::tree;
use crate::store::OpenError;

/// Brings a file from each version to the next. None of them touches an entry.
const MIGRATIONS: [&str; 3] = [
    include_str!("../../../../migrations/journal/sqlite/0001_journal.sql"),
    include_str!("../../../../migrations/journal/sqlite/0002_tree.sql"),
    include_str!("../../../../migrations/journal/sqlite/0003_writer.sql"),
];
/// The `user_version` of a file after all of them.
const VERSION: i64 = MIGRATIONS.len() as i64;
/// The first version with the tree and its checkpoints. What was added later nobody reads who does not write.
const READABLE: i64 = 2;

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
        require_known_version(&connection)?;
    }
    set(&connection)?;
    migrate(&mut connection)?;
    Ok(connection)
}

/// A connection to a new file that nobody else opens before it is whole and on disk: it has no log, and waits for no
/// disk. The rows come in any order.
pub(super) fn create_unlogged(path: &Path) -> Result<Connection, OpenError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let mut connection = connect(path, flags)?;
    connection.execute_batch(
        "pragma journal_mode = off; pragma synchronous = off; pragma foreign_keys = off;
         pragma locking_mode = exclusive; pragma cache_size = -65536",
    )?;
    migrate(&mut connection)?;
    Ok(connection)
}

/// A connection that may write.
pub(super) fn open(path: &Path) -> Result<Connection, OpenError> {
    let mut connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    // First, so that a file that is something else stays as it is.
    require_known_version(&connection)?;
    set(&connection)?;
    migrate(&mut connection)?;
    Ok(connection)
}

/// A connection that can't write, to a file that has all that is read: an older one is brought to this version by who
/// opens it to write.
pub(super) fn open_read_only(path: &Path) -> Result<Connection, OpenError> {
    let connection = connect_read_only(path)?;
    match version(&connection)? {
        READABLE..=VERSION => Ok(connection),
        found => Err(OpenError::Version { found }),
    }
}

/// A connection that can't write, to a file of any version: each has books.
pub(super) fn open_for_books(path: &Path) -> Result<Connection, OpenError> {
    let connection = connect_read_only(path)?;
    require_known_version(&connection)?;
    Ok(connection)
}

/// A connection that can't write, to a file that is known.
pub(super) fn connect_read_only(path: &Path) -> rusqlite::Result<Connection> {
    connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
}

fn connect(path: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(LOCK_WAIT)?;
    // A plan is made once, and not anew for each position that is asked for.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
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

/// A file of an older version is one of ours: it is brought to this one.
fn require_known_version(connection: &Connection) -> Result<(), OpenError> {
    match version(connection)? {
        1..=VERSION => Ok(()),
        found => Err(OpenError::Version { found }),
    }
}

/// Brings the file to this version.
fn migrate(connection: &mut Connection) -> Result<(), OpenError> {
    if version(connection)? == VERSION {
        return Ok(());
    }
    // The lock comes before the look, so that of two who find an older file one changes it.
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found = version(&tx)?;
    for migration in MIGRATIONS.iter().skip(usize::try_from(found).unwrap_or(usize::MAX)) {
        tx.execute_batch(migration)?;
    }
    if found == 1 {
        let mut books = tx.prepare("select number from book")?;
        let books = books.query_map((), |row| row.get(0))?.collect::<Result<Vec<i64>, _>>()?;
        books.into_iter().try_for_each(|book| tree::build(&tx, book))?;
    }
    tx.pragma_update(None, "user_version", VERSION)?;
    tx.commit()?;
    Ok(())
}

#[cfg(test)]
mod tests;
