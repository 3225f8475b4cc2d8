//! A courier's database in an SQLite file.

use std::fs::{self, File, TryLockError};
use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

use rusqlite::{OpenFlags, Transaction, TransactionBehavior, params_from_iter};

use super::{Row, Value, check_version};
use crate::Error;

mod digest;

/// Of the tables. Those of version 1 have no digest.
const VERSION: i64 = 2;

const TABLES: &str = include_str!("../../../../migrations/courier/sqlite/courier.sql");
const DIGEST: &str = include_str!("../../../../migrations/courier/sqlite/digest.sql");

/// More than there are statements.
const STATEMENTS_CACHED: usize = 64;

/// How long to wait while another connection folds the log.
const BUSY_MAX: Duration = Duration::from_secs(5);

pub(crate) struct Connection {
    db: rusqlite::Connection,
    /// Held while this courier works, and until the database is closed.
    lock: Option<Lock>,
}

/// The lock of the file, which it has.
struct Lock(File);

impl Drop for Lock {
    /// A child of this process has the file as well, from its fork until it is another program.
    fn drop(&mut self) {
        // Where it fails, the lock is gone with the last who has the file.
        let _ = self.0.unlock();
    }
}

impl Connection {
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        let lock = File::create(path.with_extension("lock")).map_err(Error::File)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Error::Taken),
            Err(TryLockError::Error(error)) => return Err(Error::File(error)),
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut db = rusqlite::Connection::open_with_flags(path, flags)?;
        db.busy_timeout(BUSY_MAX)?;
        // What a power cut takes from the end is read from the journal again, and sent again under the same ids.
        db.pragma_update(None, "synchronous", 1)?;
        db.pragma_update(None, "journal_mode", "wal")?;
        db.set_prepared_statement_cache_capacity(STATEMENTS_CACHED);
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let found = version(&tx)?;
        if found == 0 {
            tx.execute_batch(TABLES)?;
        }
        if matches!(found, 0 | 1) {
            tx.execute_batch(DIGEST)?;
            digest::begin(&tx)?;
            tx.pragma_update(None, "user_version", VERSION)?;
        }
        check_version(version(&tx)?, VERSION)?;
        digest::look_through(&tx, path)?;
        tx.commit()?;
        digest::keep(&db)?;
        Ok(Self { db, lock: Some(Lock(lock)) })
    }

    /// A file that is about to be made has no tables yet.
    pub(super) fn exists(path: &Path) -> Result<bool, Error> {
        // Where the folder can't be looked into, opening the file says why.
        if matches!(path.try_exists(), Ok(false)) {
            return Ok(false);
        }
        Ok(version(&read_only(path)?)? != 0)
    }

    pub(super) fn open_reader(path: &Path) -> Result<Self, Error> {
        let mut db = read_only(path)?;
        let tx = db.transaction()?;
        check_version(version(&tx)?, VERSION)?;
        digest::look_through(&tx, path)?;
        tx.commit()?;
        Ok(Self { db, lock: None })
    }

    pub(super) fn in_transaction<T>(
        &self,
        work: impl FnOnce() -> Result<T, Error>,
    ) -> Result<T, Error> {
        let behavior = match self.lock {
            Some(_) => TransactionBehavior::Immediate,
            None => TransactionBehavior::Deferred,
        };
        let tx = Transaction::new_unchecked(&self.db, behavior)?;
        let done = work()?;
        tx.commit()?;
        Ok(done)
    }

    pub(super) fn query(&self, sql: &str, parameters: &[Value]) -> Result<Vec<Row>, Error> {
        let mut statement = self.db.prepare_cached(sql)?;
        let count = statement.column_count();
        let mut found = statement.query(params_from_iter(parameters))?;
        let mut rows = Vec::new();
        while let Some(row) = found.next()? {
            let columns = (0..count).map(|column| Ok(Value::from_sqlite(row.get_ref(column)?)));
            rows.push(Row::new(columns.collect::<Result<_, rusqlite::Error>>()?));
        }
        Ok(rows)
    }

    pub(super) fn execute(&self, sql: &str, parameters: &[Value]) -> Result<u64, Error> {
        Ok(self.db.prepare_cached(sql)?.execute(params_from_iter(parameters))? as u64)
    }
}

/// Removes the file, and what SQLite keeps beside it.
pub(super) fn remove(path: &Path) -> Result<(), Error> {
    for end in ["", "-wal", "-shm"] {
        let mut file = path.as_os_str().to_owned();
        file.push(end);
        match fs::remove_file(file) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(Error::File(error)),
            _ => {}
        }
    }
    Ok(())
}

fn read_only(path: &Path) -> Result<rusqlite::Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = rusqlite::Connection::open_with_flags(path, flags)?;
    db.busy_timeout(BUSY_MAX)?;
    Ok(db)
}

fn version(db: &rusqlite::Connection) -> Result<i64, Error> {
    Ok(db.pragma_query_value(None, "user_version", |row| row.get(0))?)
}
