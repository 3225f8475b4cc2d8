//! A courier's database: its tables, its transactions, on SQLite or PostgreSQL.
//!
//! All that the rest of the crate says to a database goes through [`Connection`]. SQL is written once, with parameters
//! as SQLite numbers them.

use crate::{Error, Place};

mod postgres;
mod sqlite;
mod value;

pub(crate) use value::{Row, Value};

/// A connection to the database of one courier.
#[expect(clippy::large_enum_variant, reason = "there are a few, and they stay where they are")]
pub(crate) enum Connection {
    Sqlite(sqlite::Connection),
    Postgres(postgres::Connection),
}

impl Connection {
    /// The connection that writes, and keeps other couriers away. The tables are made when there are none.
    pub(crate) fn open(place: &Place) -> Result<Self, Error> {
        match place {
            Place::File(path) => sqlite::Connection::open(path).map(Self::Sqlite),
            Place::Postgres { url, book } => {
                postgres::Connection::open(url, &Place::schema(*book)).map(Self::Postgres)
            }
        }
    }

    /// A connection that can only read tables that are there.
    pub(crate) fn open_reader(place: &Place) -> Result<Self, Error> {
        match place {
            Place::File(path) => sqlite::Connection::open_reader(path).map(Self::Sqlite),
            Place::Postgres { url, book } => {
                postgres::Connection::open_reader(url, &Place::schema(*book)).map(Self::Postgres)
            }
        }
    }

    /// Whether a courier has ever made its tables there.
    pub(crate) fn exists(place: &Place) -> Result<bool, Error> {
        match place {
            Place::File(path) => sqlite::Connection::exists(path),
            Place::Postgres { url, book } => {
                postgres::Connection::exists(url, &Place::schema(*book))
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

    /// Does several things or none.
    pub(crate) fn in_transaction<T>(
        &self,
        work: impl FnOnce() -> Result<T, Error>,
    ) -> Result<T, Error> {
        match self {
            Self::Sqlite(db) => db.in_transaction(work),
            Self::Postgres(db) => db.in_transaction(work),
        }
    }

    /// The rows that a statement finds. Few enough to be kept in memory.
    pub(crate) fn query(&self, sql: &str, parameters: &[Value]) -> Result<Vec<Row>, Error> {
        match self {
            Self::Sqlite(db) => db.query(sql, parameters),
            Self::Postgres(db) => db.query(sql, parameters),
        }
    }

    /// The first row that a statement finds.
    pub(crate) fn first(&self, sql: &str, parameters: &[Value]) -> Result<Option<Row>, Error> {
        Ok(self.query(sql, parameters)?.into_iter().next())
    }

    /// How many rows a statement changes.
    pub(crate) fn execute(&self, sql: &str, parameters: &[Value]) -> Result<u64, Error> {
        match self {
            Self::Sqlite(db) => db.execute(sql, parameters),
            Self::Postgres(db) => db.execute(sql, parameters),
        }
    }
}

/// Removes the tables, wherever they are.
pub(crate) fn remove(place: &Place) -> Result<(), Error> {
    match place {
        Place::File(path) => sqlite::remove(path),
        Place::Postgres { url, book } => postgres::remove(url, &Place::schema(*book)),
    }
}

fn check_version(found: i64, expected: i64) -> Result<(), Error> {
    if found == expected { Ok(()) } else { Err(Error::Version { found, expected }) }
}

#[cfg(test)]
mod tests;
