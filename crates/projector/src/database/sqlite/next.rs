//! The next set of tables: filled in bulk, and then put in the place of the live one.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension};

use super::{open, set};
use crate::database::deferred;
use crate::{Error, ReadModel};

/// 256 MiB: nobody else reads, and pages that are changed often are written once.
const CACHE_KIB: i64 = 256 * 1024;

/// The connection that fills a file. What another version has begun is begun anew.
pub(in crate::database) fn open_next(model: ReadModel, file: &Path) -> Result<Connection, Error> {
    let db = match open(model, file) {
        Err(Error::Version { .. }) => {
            remove(file)?;
            open(model, file)?
        }
        opened => opened?,
    };
    set(&db, "cache_size", Value::from(-CACHE_KIB))?;
    let tx = db.unchecked_transaction()?;
    let is_new = "select position = 0 from checkpoint";
    if tx.query_row(is_new, [], |row| row.get(0))? && !is_deferred(&tx)? {
        tx.execute_batch("create table deferred (statement text not null) strict")?;
        for name in deferred(model) {
            let sql = "insert into deferred
                select sql from sqlite_schema where type = 'index' and name = ?1 and sql is not null";
            if tx.execute(sql, [name])? == 1 {
                tx.execute_batch(&format!("drop index {name}"))?;
            }
        }
    }
    tx.commit()?;
    Ok(db)
}

/// Makes the indexes that were left out. Says whether there were any.
pub(in crate::database) fn make_indexes(db: &Connection) -> Result<bool, Error> {
    if !is_deferred(db)? {
        return Ok(false);
    }
    let tx = db.unchecked_transaction()?;
    let statements: Vec<String> = tx
        .prepare("select statement from deferred")?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    statements.iter().try_for_each(|statement| tx.execute_batch(statement))?;
    tx.execute_batch("drop table deferred")?;
    tx.commit()?;
    Ok(true)
}

/// Puts a file in the place of the live one, which is called `old` from then on. Nobody may be using any of them.
pub(in crate::database) fn switch(live: &Path, next: &Path, old: &Path) -> Result<(), Error> {
    fold(next)?;
    if live.try_exists().map_err(Error::Files)? {
        fold(live)?;
        fs::hard_link(live, old).map_err(Error::Files)?;
    }
    // At no moment is there none.
    fs::rename(next, live).map_err(Error::Files)?;
    let folder = live.parent().expect("a file is in a folder");
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(Error::Files)
}

/// Takes back what a switch has begun that was cut short: `old` is a second name of the live file then, not one from before.
pub(in crate::database) fn take_back(live: &Path, old: &Path) -> Result<(), Error> {
    let found = |path: &Path| match fs::metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        found => found.map(|found| Some((found.dev(), found.ino()))).map_err(Error::Files),
    };
    match found(old)? {
        Some(old_file) if found(live)? == Some(old_file) => {
            fs::remove_file(old).map_err(Error::Files)
        }
        _ => Ok(()),
    }
}

/// Removes a file with those that SQLite keeps beside it.
pub(in crate::database) fn remove(file: &Path) -> Result<(), Error> {
    for ending in ["-wal", "-shm", ""] {
        let mut path = file.as_os_str().to_owned();
        path.push(ending);
        match fs::remove_file(path) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(Error::Files(error)),
            _ => {}
        }
    }
    Ok(())
}

/// Moves the log into the file and gives it up: the file is all there is. SQLite refuses when anybody else has it open.
fn fold(file: &Path) -> Result<(), Error> {
    let db = Connection::open(file)?;
    set(&db, "synchronous", Value::from(2))?;
    set(&db, "journal_mode", Value::from("delete".to_owned()))
}

fn is_deferred(db: &Connection) -> Result<bool, Error> {
    let sql = "select 1 from sqlite_schema where type = 'table' and name = 'deferred'";
    Ok(db.query_row(sql, [], |_| Ok(())).optional()?.is_some())
}
