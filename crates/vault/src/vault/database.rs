//! The file: its settings, its migrations, and what may be left lying in its log.

use std::path::Path;

use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use subtle::ConstantTimeEq;
use tracing::warn;

use super::Error;
use crate::MasterKey;

const TABLES: &str = include_str!("../../../../migrations/vault/sqlite/0001_vault.sql");
const ERASED: &str = include_str!("../../../../migrations/vault/sqlite/0002_erased.sql");
pub(super) const VERSION: i64 = 2;

/// The connection that writes; the vault is made when there is none.
pub(super) fn open_or_create(path: &Path, master: &MasterKey) -> Result<Connection, Error> {
    begin(connect(path, OpenFlags::SQLITE_OPEN_CREATE)?, path, master)
}

/// The connection that writes to a vault that was made before.
pub(super) fn open(path: &Path, master: &MasterKey) -> Result<Connection, Error> {
    let connection = connect(path, OpenFlags::empty())?;
    match version(&connection)? {
        // Without tables: cut to nothing, say.
        0 => Err(Error::Version { found: 0 }),
        _ => begin(connection, path, master),
    }
}

fn connect(path: &Path, more: OpenFlags) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | more;
    Connection::open_with_flags(path, flags)
}

/// Sets it, brings it to this version, and looks whether it belongs to the key.
fn begin(mut connection: Connection, path: &Path, master: &MasterKey) -> Result<Connection, Error> {
    set(&connection)?;
    migrate(&mut connection, master)?;
    check(&connection, master)?;
    // An erasure that was cut short may have left its pages there.
    match truncate_log(&connection) {
        // What is deleted nobody can ask for any more.
        Err(Error::LogInUse) => {
            warn!(vault = %path.display(), "others hold old pages in the vault's write-ahead log");
        }
        done => done?,
    }
    Ok(connection)
}

/// A connection that can only read, to a vault that has been opened.
pub(super) fn open_reader(path: &Path) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Ok(Connection::open_with_flags(path, flags)?)
}

/// Moves the write-ahead log into the database and empties it: it holds pages as they were before
/// a deletion, which `secure_delete` does not reach.
pub(super) fn truncate_log(connection: &Connection) -> Result<(), Error> {
    let busy: bool =
        connection.query_row("pragma wal_checkpoint(truncate)", [], |row| row.get(0))?;
    if busy { Err(Error::LogInUse) } else { Ok(()) }
}

/// Settings that a promise rests on. SQLite passes over what it can't do: each is read back.
fn set(connection: &Connection) -> Result<(), Error> {
    for (name, wanted) in [
        ("journal_mode", "wal"),
        ("synchronous", "2"),   // full: what was answered survives a power cut
        ("secure_delete", "1"), // deleted bytes are overwritten
        ("foreign_keys", "1"),  // a subject takes its items along
    ] {
        connection.pragma_update(None, name, wanted)?;
        let query = format!("select cast({name} as text) from pragma_{name}");
        let found: String = connection.query_row(&query, [], |row| row.get(0))?;
        if found != wanted {
            return Err(Error::Setting { name, found });
        }
    }
    Ok(())
}

pub(super) fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

fn migrate(connection: &mut Connection, master: &MasterKey) -> Result<(), Error> {
    // The lock comes before the look, so that of two who find an empty file one makes the tables.
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found = version(&tx)?;
    if !(0..=VERSION).contains(&found) {
        return Err(Error::Version { found });
    }
    if found < 1 {
        tx.execute_batch(TABLES)?;
        tx.execute("insert into master_key (id, key_check) values (1, ?1)", [master.check()])?;
    }
    if found < 2 {
        tx.execute_batch(ERASED)?;
    }
    tx.pragma_update(None, "user_version", VERSION)?;
    Ok(tx.commit()?)
}

fn check(connection: &Connection, master: &MasterKey) -> Result<(), Error> {
    let stored: [u8; 32] =
        connection.query_row("select key_check from master_key", [], |row| row.get(0))?;
    if master.check().ct_eq(&stored).into() { Ok(()) } else { Err(Error::WrongMasterKey) }
}
