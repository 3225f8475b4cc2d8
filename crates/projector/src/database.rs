//! The file of a read model: its settings, its tables, its checkpoint.

use std::path::Path;

use journal::{Hash, Head};
use ledger::Position;
use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use crate::{Digest, Error, ReadModel};

const CHECKPOINT: &str = include_str!("../../../migrations/read_model/sqlite/checkpoint.sql");

/// Of the tables and of the canonical bytes of their rows. A file of another version is not read.
const VERSION: i64 = 3;

/// More than one connection ever uses.
const STATEMENTS_CACHED: usize = 64;

/// 32 MiB: the upper levels of all indexes over some ten million rows.
const CACHE_KIB: i64 = 32 * 1024;

/// Pages in the write-ahead log before it is moved into the database: 32 MiB. Pages that many transactions change are
/// then moved once.
const LOG_PAGES: i64 = 8 * 1024;

/// What a read model shows: the rows up to an entry, and what they add up to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Checkpoint {
    pub(crate) head: Head,
    pub(crate) digest: Digest,
}

/// The connection that writes. The file is made when there is none.
pub(crate) fn open(model: ReadModel, folder: &Path) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut db = Connection::open_with_flags(model.file(folder), flags)?;
    // What a power cut takes from the end is read from the journal again: no need to wait for the disk.
    set(&db, "synchronous", Value::from(1))?;
    set(&db, "journal_mode", Value::from("wal".to_owned()))?;
    set(&db, "wal_autocheckpoint", Value::from(LOG_PAGES))?;
    set(&db, "cache_size", Value::from(-CACHE_KIB))?;
    db.set_prepared_statement_cache_capacity(STATEMENTS_CACHED);

    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if version(&tx)? == 0 {
        tx.execute_batch(CHECKPOINT)?;
        tx.execute_batch(model.schema())?;
        tx.pragma_update(None, "user_version", VERSION)?;
    }
    check_version(&tx)?;
    tx.commit()?;
    Ok(db)
}

/// A connection that can only read a file that is there.
pub(crate) fn open_reader(model: ReadModel, folder: &Path) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(model.file(folder), flags)?;
    db.set_prepared_statement_cache_capacity(STATEMENTS_CACHED);
    check_version(&db)?;
    Ok(db)
}

/// What the file shows.
pub(crate) fn read_checkpoint(db: &Connection) -> Result<Checkpoint, Error> {
    let mut statement = db.prepare_cached("select position, hash, digest from checkpoint")?;
    let (position, hash, digest): (i64, _, _) = statement.query_row([], |row| row.try_into())?;
    let position = u64::try_from(position).expect("the table has no negative position");
    let head = Head { position: Position(position), hash: Hash(hash) };
    Ok(Checkpoint { head, digest: Digest::from_bytes(digest) })
}

/// Says what the rows show from now on.
pub(crate) fn write_checkpoint(tx: &Transaction<'_>, checkpoint: Checkpoint) -> Result<(), Error> {
    let Checkpoint { head: Head { position, hash }, digest } = checkpoint;
    tx.prepare_cached("update checkpoint set position = ?1, hash = ?2, digest = ?3")?.execute((
        position.0.cast_signed(),
        hash.0,
        digest.to_bytes(),
    ))?;
    Ok(())
}

/// Sets a pragma and reads it back: SQLite ignores what it can't do.
fn set(db: &Connection, name: &'static str, wanted: Value) -> Result<(), Error> {
    db.pragma_update(None, name, &wanted)?;
    let found: Value = db.pragma_query_value(None, name, |row| row.get(0))?;
    if found == wanted { Ok(()) } else { Err(Error::Setting { name, found: format!("{found:?}") }) }
}

fn check_version(db: &Connection) -> Result<(), Error> {
    match version(db)? {
        VERSION => Ok(()),
        found => Err(Error::Version { found, expected: VERSION }),
    }
}

fn version(db: &Connection) -> Result<i64, Error> {
    Ok(db.pragma_query_value(None, "user_version", |row| row.get(0))?)
}
