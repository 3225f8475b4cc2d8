//! Whether the rows of a file are those that a courier wrote: SQLite has no checksums.
//!
//! The digest is the sum modulo 2^128 of a hash of each row, so it does not depend on the order of rows, and a change of one
//! row changes it without a look at the others. It finds faults, not forgers.

use std::fs;
use std::path::Path;

use rusqlite::functions::FunctionFlags;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, params};
use sha2::{Digest as _, Sha256};

use crate::Error;

/// The largest file that is looked through before it is shown: about half a second's worth. A larger one would keep a start
/// waiting.
const LOOKED_THROUGH_MAX: u64 = 64 * 1024 * 1024;

/// Begins the digest of the rows that are there.
pub(super) fn begin(db: &Connection) -> Result<(), Error> {
    let sum = sum(db)?.to_be_bytes();
    db.execute("insert into digest (id, sum) values (1, ?1)", params![sum])?;
    Ok(())
}

/// Lets the digest follow whatever this connection does. The triggers are its own, as the functions are that they call:
/// the file has none, and whoever reads it needs none.
pub(super) fn keep(db: &Connection) -> Result<(), Error> {
    // Of the sum, the table's name, and the row's values.
    let function = |name, change: fn(u128, u128) -> u128| {
        let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
        db.create_scalar_function(name, -1, flags, move |call| {
            let row = (1..call.len()).map(|argument| call.get_raw(argument));
            Ok(change(u128::from_be_bytes(call.get(0)?), hash(row)).to_be_bytes())
        })
    };
    function("digest_with", u128::wrapping_add)?;
    function("digest_without", u128::wrapping_sub)?;
    for table in tables(db)? {
        let columns = columns(db, &table)?;
        let row = |of: &str| {
            let values = columns.iter().map(|column| format!(", {of}.{column}"));
            format!("'{table}'{}", values.collect::<String>())
        };
        let (new, old) = (row("new"), row("old"));
        db.execute_batch(&format!(
            "create temp trigger {table}_inserted after insert on main.{table} begin
                 update digest set sum = digest_with(sum, {new});
             end;
             create temp trigger {table}_updated after update on main.{table} begin
                 update digest set sum = digest_without(digest_with(sum, {new}), {old});
             end;
             create temp trigger {table}_deleted after delete on main.{table} begin
                 update digest set sum = digest_without(sum, {old});
             end;"
        ))?;
    }
    Ok(())
}

/// Refuses a small file that is not what was written into it, before anybody is told what it says. In a transaction: pages,
/// rows and digest are to be of the same time.
pub(super) fn look_through(db: &Connection, path: &Path) -> Result<(), Error> {
    if LOOKED_THROUGH_MAX < fs::metadata(path).map_err(Error::File)?.len() {
        return Ok(());
    }
    // An index that has lost a row hides what the rows themselves still have.
    let pages: String = db.query_row("pragma integrity_check(1)", [], |row| row.get(0))?;
    if pages != "ok" {
        return Err(Error::Damaged { what: pages });
    }
    let sum = sum(db)?;
    let is_kept = "select exists (select 1 from digest where sum = ?1)";
    if db.query_row(is_kept, params![sum.to_be_bytes()], |row| row.get(0))? {
        Ok(())
    } else {
        Err(Error::Damaged { what: format!("its rows add up to `{sum:032x}`, which it denies") })
    }
}

/// What all rows add up to.
fn sum(db: &Connection) -> Result<u128, Error> {
    let mut sum = 0_u128;
    for table in tables(db)? {
        let mut statement = db.prepare(&format!("select '{table}', * from {table}"))?;
        let count = statement.column_count();
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let values = (0..count).map(|column| row.get_ref(column));
            sum = sum.wrapping_add(hash(values.collect::<Result<Vec<_>, _>>()?));
        }
    }
    Ok(sum)
}

/// A row's part of the sum. Each value stands there with its type, and its length where values have several.
fn hash<'a>(values: impl IntoIterator<Item = ValueRef<'a>>) -> u128 {
    let mut hash = Sha256::new();
    let mut add = |kind: u8, bytes: &[u8]| {
        hash.update([kind]);
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    };
    for value in values {
        match value {
            ValueRef::Null => add(0, &[]),
            ValueRef::Integer(number) => add(1, &number.to_be_bytes()),
            ValueRef::Real(number) => add(2, &number.to_be_bytes()),
            ValueRef::Text(text) => add(3, text),
            ValueRef::Blob(bytes) => add(4, bytes),
        }
    }
    u128::from_be_bytes(*hash.finalize().first_chunk().expect("a hash has 32 bytes"))
}

/// All but the digest's own.
fn tables(db: &Connection) -> Result<Vec<String>, Error> {
    names(
        db,
        "select name from pragma_table_list
         where schema = 'main' and type = 'table' and name not in ('digest', 'sqlite_schema')",
        &[],
    )
}

/// In the order in which a row has them.
fn columns(db: &Connection, table: &str) -> Result<Vec<String>, Error> {
    names(db, "select name from pragma_table_info(?1) order by cid", &[table])
}

fn names(db: &Connection, sql: &str, parameters: &[&str]) -> Result<Vec<String>, Error> {
    let mut statement = db.prepare(sql)?;
    let names = statement.query_map(rusqlite::params_from_iter(parameters), |row| row.get(0))?;
    Ok(names.collect::<Result<_, _>>()?)
}

#[cfg(test)]
mod tests;
