//! A read model in an SQLite file.

use std::path::Path;

use rusqlite::types::Value;
use rusqlite::{
    CachedStatement, Connection, OpenFlags, Transaction, TransactionBehavior, params_from_iter,
};

use super::{Found, Table, VERSION, check_version};
use crate::field::Field;
use crate::{Error, ReadModel};

mod next;

pub(super) use next::{make_indexes, open_next, remove, switch, take_back};

const CHECKPOINT: &str = include_str!("../../../../migrations/read_model/sqlite/checkpoint.sql");

/// More than one connection ever uses.
const STATEMENTS_CACHED: usize = 64;

/// 32 MiB: the upper levels of all indexes over some ten million rows.
const CACHE_KIB: i64 = 32 * 1024;

/// Pages in the write-ahead log before it is moved into the database: 32 MiB. Pages that many transactions change are
/// then moved once.
const LOG_PAGES: i64 = 8 * 1024;

/// The connection that writes. The file is made when there is none.
pub(super) fn open(model: ReadModel, file: &Path) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut db = Connection::open_with_flags(file, flags)?;
    // What a power cut takes from the end is read from the journal again: no need to wait for the disk.
    set(&db, "synchronous", Value::from(1))?;
    set(&db, "journal_mode", Value::from("wal".to_owned()))?;
    set(&db, "wal_autocheckpoint", Value::from(LOG_PAGES))?;
    set(&db, "cache_size", Value::from(-CACHE_KIB))?;
    db.set_prepared_statement_cache_capacity(STATEMENTS_CACHED);

    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if version(&tx)? == 0 {
        tx.execute_batch(CHECKPOINT)?;
        tx.execute_batch(tables(model))?;
        tx.pragma_update(None, "user_version", VERSION)?;
    }
    check_version(version(&tx)?)?;
    tx.commit()?;
    Ok(db)
}

/// A connection that can only read a file that is there.
pub(super) fn open_reader(file: &Path) -> Result<Connection, Error> {
    let db = open_any(file)?;
    check_version(version(&db)?)?;
    Ok(db)
}

/// The same, whatever version the tables are of.
pub(super) fn open_any(file: &Path) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(file, flags)?;
    db.set_prepared_statement_cache_capacity(STATEMENTS_CACHED);
    Ok(db)
}

/// The lock comes before the first look: of two projectors, the second sees what the first has done.
pub(super) fn begin(db: &Connection) -> Result<Transaction<'_>, Error> {
    Ok(Transaction::new_unchecked(db, TransactionBehavior::Immediate)?)
}

pub(super) fn begin_reading(db: &Connection) -> Result<Transaction<'_>, Error> {
    Ok(Transaction::new_unchecked(db, TransactionBehavior::Deferred)?)
}

pub(super) fn query<T>(
    db: &Connection,
    sql: &str,
    parameters: &[Field<'_>],
    mut read: impl FnMut(Found<'_>) -> Result<T, Error>,
) -> Result<Vec<T>, Error> {
    let mut statement = db.prepare_cached(sql)?;
    let mut found = statement.query(params_from_iter(parameters))?;
    let mut rows = Vec::new();
    while let Some(row) = found.next()? {
        rows.push(read(Found::Sqlite(row))?);
    }
    Ok(rows)
}

pub(super) fn walk(
    db: &Connection,
    sql: &str,
    mut each: impl FnMut(Found<'_>) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut statement = db.prepare(sql)?;
    let mut found = statement.query([])?;
    while let Some(row) = found.next()? {
        each(Found::Sqlite(row))?;
    }
    Ok(())
}

/// Writes each row when it is taken: SQLite runs in this process, and gains nothing from a bulk.
pub(crate) struct Writer<'a> {
    db: &'a Connection,
    table: Table,
    insert: Option<CachedStatement<'a>>,
    update: Option<CachedStatement<'a>>,
    delete: Option<CachedStatement<'a>>,
}

impl<'a> Writer<'a> {
    pub(super) fn new(db: &'a Connection, table: Table) -> Self {
        Self { db, table, insert: None, update: None, delete: None }
    }

    pub(super) fn insert(&mut self, row: &[Field<'_>]) -> Result<(), Error> {
        let Self { db, table, insert, .. } = self;
        execute(db, insert, row, || {
            let values: Vec<_> = (1..=table.columns.len()).map(|n| format!("?{n}")).collect();
            let (name, columns) = (table.name, table.column_list());
            format!("insert into {name} ({columns}) values ({})", values.join(", "))
        })
    }

    pub(super) fn update(&mut self, row: &[Field<'_>]) -> Result<(), Error> {
        let Self { db, table, update, .. } = self;
        execute(db, update, row, || {
            let changing = table.columns[table.fixed..].iter().zip(table.fixed + 1..);
            let changes: Vec<_> =
                changing.map(|(column, number)| format!("\"{column}\" = ?{number}")).collect();
            let key = table.key_condition();
            format!("update {} set {} where {key}", table.name, changes.join(", "))
        })
    }

    pub(super) fn delete(&mut self, key: &[Field<'_>]) -> Result<(), Error> {
        let Self { db, table, delete, .. } = self;
        execute(db, delete, key, || {
            format!("delete from {} where {}", table.name, table.key_condition())
        })
    }
}

/// Runs a statement that is prepared when it is first needed.
fn execute<'a>(
    db: &'a Connection,
    statement: &mut Option<CachedStatement<'a>>,
    fields: &[Field<'_>],
    sql: impl FnOnce() -> String,
) -> Result<(), Error> {
    let statement = match statement {
        Some(statement) => statement,
        none => none.insert(db.prepare_cached(&sql())?),
    };
    statement.execute(params_from_iter(fields))?;
    Ok(())
}

/// Sets a pragma and reads it back: SQLite ignores what it can't do.
fn set(db: &Connection, name: &'static str, wanted: Value) -> Result<(), Error> {
    db.pragma_update(None, name, &wanted)?;
    let found: Value = db.pragma_query_value(None, name, |row| row.get(0))?;
    if found == wanted { Ok(()) } else { Err(Error::Setting { name, found: format!("{found:?}") }) }
}

pub(super) fn check_pages(db: &Connection) -> Result<(), Error> {
    let what: String = db.query_row("pragma integrity_check(1)", [], |row| row.get(0))?;
    if what == "ok" { Ok(()) } else { Err(Error::Damaged { what }) }
}

pub(super) fn version(db: &Connection) -> Result<i64, Error> {
    Ok(db.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

fn tables(model: ReadModel) -> &'static str {
    match model {
        ReadModel::Balances => {
            include_str!("../../../../migrations/read_model/sqlite/balances.sql")
        }
        ReadModel::Transactions => {
            include_str!("../../../../migrations/read_model/sqlite/transactions.sql")
        }
        ReadModel::Intents => include_str!("../../../../migrations/read_model/sqlite/intents.sql"),
        ReadModel::Directory => {
            include_str!("../../../../migrations/read_model/sqlite/directory.sql")
        }
    }
}
