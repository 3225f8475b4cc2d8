//! The database of a read model: its tables, its checkpoint, its transactions, on SQLite or PostgreSQL.
//!
//! All that the rest of the crate says to a database goes through [`Connection`]. SQL is written once, with parameters
//! as SQLite numbers them.

use journal::{Hash, Head};

use crate::field::{Column, Field};
use crate::row::Columns;
use crate::{Digest, Error, Place, ReadModel};

mod postgres;
mod sqlite;

pub(crate) use self::postgres::{prepare, remove};

/// Of the tables and of the canonical bytes of their rows. A read model of another version is not read.
const VERSION: i64 = 5;

/// What a read model shows: the rows up to an entry, and what they add up to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Checkpoint {
    pub(crate) head: Head,
    pub(crate) digest: Digest,
}

/// A table, and the groups that its columns stand in: the key, what never changes, what does.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) columns: &'static [&'static str],
    pub(crate) key_length: usize,
    /// How many never change; the key is among them.
    pub(crate) fixed: usize,
}

impl Table {
    /// The columns for a `select`.
    pub(crate) fn column_list(self) -> String {
        let columns: Vec<_> = self.columns.iter().map(|column| format!("\"{column}\"")).collect();
        columns.join(", ")
    }

    /// Finds the row whose key are the parameters.
    pub(crate) fn key_condition(self) -> String {
        let key = self.columns[..self.key_length].iter().zip(1..);
        let key: Vec<_> = key.map(|(column, number)| format!("\"{column}\" = ?{number}")).collect();
        key.join(" and ")
    }
}

/// A connection to the database of one read model.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "there are a few, and they stay where they are")]
pub(crate) enum Connection {
    Sqlite(rusqlite::Connection),
    Postgres(postgres::Connection),
}

/// A row that was found.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Found<'a> {
    Sqlite(&'a rusqlite::Row<'a>),
    Postgres(&'a ::postgres::Row),
}

/// A transaction of a connection, which the connection's statements are part of until it is committed or dropped.
pub(crate) enum Transaction<'a> {
    Sqlite(rusqlite::Transaction<'a>),
    Postgres(postgres::Transaction<'a>),
}

/// Changes of the rows of one table on their way into the database.
pub(crate) enum Writer<'a> {
    Sqlite(sqlite::Writer<'a>),
    Postgres(postgres::Writer<'a>),
}

/// Whether there is such a read model.
pub(crate) fn exists(place: &Place, model: ReadModel) -> Result<bool, Error> {
    match place {
        // Where the folder can't be looked into, opening the file says why.
        Place::Folder(folder) => Ok(!matches!(model.file(folder).try_exists(), Ok(false))),
        Place::Postgres { url, book } => postgres::exists(url, &model.schema(*book)),
    }
}

impl Connection {
    /// The connection that writes. The tables are made when there are none.
    pub(crate) fn open(model: ReadModel, place: &Place) -> Result<Self, Error> {
        match place {
            Place::Folder(folder) => sqlite::open(model, folder).map(Self::Sqlite),
            Place::Postgres { url, book } => {
                postgres::Connection::open(model, url, &model.schema(*book)).map(Self::Postgres)
            }
        }
    }

    /// A connection that can only read tables that are there.
    pub(crate) fn open_reader(model: ReadModel, place: &Place) -> Result<Self, Error> {
        match place {
            Place::Folder(folder) => sqlite::open_reader(model, folder).map(Self::Sqlite),
            Place::Postgres { url, book } => {
                postgres::Connection::open_reader(url, &model.schema(*book)).map(Self::Postgres)
            }
        }
    }

    /// Whether nothing can be done with it any more.
    pub(crate) fn is_lost(&self) -> bool {
        match self {
            Self::Sqlite(_) => false,
            Self::Postgres(db) => db.is_lost(),
        }
    }

    /// Begins a transaction that may write. No other one does meanwhile.
    pub(crate) fn begin(&self) -> Result<Transaction<'_>, Error> {
        match self {
            Self::Sqlite(db) => sqlite::begin(db).map(Transaction::Sqlite),
            Self::Postgres(db) => db.begin().map(Transaction::Postgres),
        }
    }

    /// Begins a transaction that reads: its first look fixes what all others see.
    pub(crate) fn begin_reading(&self) -> Result<Transaction<'_>, Error> {
        match self {
            Self::Sqlite(db) => sqlite::begin_reading(db).map(Transaction::Sqlite),
            Self::Postgres(db) => db.begin_reading().map(Transaction::Postgres),
        }
    }

    /// The rows that a statement finds. Few enough to be kept in memory.
    pub(crate) fn query<T>(
        &self,
        sql: &str,
        parameters: &[Field<'_>],
        read: impl FnMut(Found<'_>) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        match self {
            Self::Sqlite(db) => sqlite::query(db, sql, parameters, read),
            Self::Postgres(db) => db.query(sql, parameters, read),
        }
    }

    /// Calls `each` with the rows that a statement finds, however many, within a transaction.
    pub(crate) fn walk(
        &self,
        sql: &str,
        each: impl FnMut(Found<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        match self {
            Self::Sqlite(db) => sqlite::walk(db, sql, each),
            Self::Postgres(db) => db.walk(sql, each),
        }
    }

    /// Takes changes of the rows of a table.
    pub(crate) fn writer(&self, table: Table) -> Writer<'_> {
        match self {
            Self::Sqlite(db) => Writer::Sqlite(sqlite::Writer::new(db, table)),
            Self::Postgres(db) => Writer::Postgres(postgres::Writer::new(db, table)),
        }
    }

    /// What the rows show.
    pub(crate) fn checkpoint(&self) -> Result<Checkpoint, Error> {
        const COLUMNS: &[&str] = &["position", "hash", "digest"];
        let found = self.query("select position, hash, digest from checkpoint", &[], |row| {
            let mut columns = Columns::new(row, "checkpoint", COLUMNS);
            let (position, hash) = (columns.take()?, Hash(columns.take()?));
            let digest = Digest::from_bytes(columns.take()?);
            Ok(Checkpoint { head: Head { position, hash }, digest })
        })?;
        let missing = Error::Unreadable { table: "checkpoint", column: "position" };
        found.into_iter().next().ok_or(missing)
    }

    /// Says what the rows show from now on.
    pub(crate) fn set_checkpoint(&self, checkpoint: Checkpoint) -> Result<(), Error> {
        let Checkpoint { head: Head { position, hash }, digest } = checkpoint;
        let digest = digest.to_bytes();
        let parameters = [position.field(), hash.0.field(), digest.field()];
        let sql = "update checkpoint set position = ?1, hash = ?2, digest = ?3";
        self.query(sql, &parameters, |_| Ok(())).map(drop)
    }

    /// The column, for a condition that is to be found by another index.
    ///
    /// SQLite can't know which index leaves the fewest rows; a plus before a column takes it out of the choice.
    /// PostgreSQL counts.
    pub(crate) fn aside(&self, column: &str) -> String {
        match self {
            Self::Sqlite(_) => format!("+{column}"),
            Self::Postgres(_) => column.to_owned(),
        }
    }
}

impl<'a> Found<'a> {
    /// What stands in a column; `None` for what no column of ours holds.
    pub(crate) fn field(self, column: usize) -> Result<Option<Field<'a>>, Error> {
        match self {
            Self::Sqlite(row) => Ok(Field::from_sqlite(row.get_ref(column)?)),
            Self::Postgres(row) => postgres::field(row, column),
        }
    }
}

impl Transaction<'_> {
    /// Makes what was written last.
    pub(crate) fn commit(self) -> Result<(), Error> {
        match self {
            Self::Sqlite(tx) => Ok(tx.commit()?),
            Self::Postgres(tx) => tx.commit(),
        }
    }
}

impl Writer<'_> {
    /// Takes a row whose key is new; all its columns.
    pub(crate) fn insert(&mut self, row: &[Field<'_>]) -> Result<(), Error> {
        match self {
            Self::Sqlite(writer) => writer.insert(row),
            Self::Postgres(writer) => {
                writer.insert(row);
                Ok(())
            }
        }
    }

    /// Takes what a row has become; all its columns.
    pub(crate) fn update(&mut self, row: &[Field<'_>]) -> Result<(), Error> {
        match self {
            Self::Sqlite(writer) => writer.update(row),
            Self::Postgres(writer) => {
                writer.update(row);
                Ok(())
            }
        }
    }

    /// Takes the key of a row that goes.
    pub(crate) fn delete(&mut self, key: &[Field<'_>]) -> Result<(), Error> {
        match self {
            Self::Sqlite(writer) => writer.delete(key),
            Self::Postgres(writer) => {
                writer.delete(key);
                Ok(())
            }
        }
    }

    /// Writes what was taken, where that is not done yet.
    pub(crate) fn finish(self) -> Result<(), Error> {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Postgres(writer) => writer.finish(),
        }
    }
}

fn check_version(found: i64) -> Result<(), Error> {
    if found == VERSION { Ok(()) } else { Err(Error::Version { found, expected: VERSION }) }
}

#[cfg(test)]
mod tests;
