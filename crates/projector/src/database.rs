//! The database of a read model: its tables, its checkpoint, its transactions, on SQLite or PostgreSQL.
//!
//! All that the rest of the crate says to a database goes through [`Connection`]. SQL is written once, with parameters
//! as SQLite numbers them.

use journal::{Hash, Head};
use ledger::Position;

use crate::field::{Column, Field};
use crate::row::Columns;
use crate::{Digest, Error, Place, ReadModel, Set};

mod postgres;
mod sqlite;

pub(crate) use self::postgres::prepare;

#[cfg(test)]
thread_local! {
    /// How many queries this thread has asked.
    pub(crate) static QUERIES: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

/// Of the tables and of the canonical bytes of their rows. A read model of another version is not read.
pub(crate) const VERSION: i64 = 7;

/// Rows of a table that a projector keeps in memory after they were written: those that entries come back to soon.
const LIVE_ROWS_MAX: usize = 16_384;

/// Rows of a table that a rebuild keeps in memory: below a kilobyte each, so that the two tables of a model that grow take
/// about a gigabyte. Beyond, those that were not needed for longest are looked up again when an entry speaks of them.
const NEXT_ROWS_MAX: usize = 500_000;

/// The indexes that nothing asks for while a read model is filled, by the names that they have on either database. What a
/// database can't take away, or calls otherwise, stays.
fn deferred(model: ReadModel) -> &'static [&'static str] {
    match model {
        ReadModel::Balances => &["closing_key", "ledger_posting_key"],
        ReadModel::Transactions => &[
            "card_transaction_position",
            "card_transaction_by_holder",
            "card_transaction_by_agent",
            "card_transaction_by_card",
            "card_transaction_by_state",
            "deposit_position",
            "deposit_by_state",
            "wallet_deposit_position",
            "wallet_deposit_by_wallet",
            "wallet_deposit_by_state",
            "transfer_position",
            "transfer_by_holder",
            "transfer_by_wallet",
            "transfer_by_client_reference",
            "transfer_by_status",
            "step_key",
        ],
        ReadModel::Intents => &[
            "intent_position",
            "intent_by_card",
            "attestation_position",
            "attestation_id",
            "attestation_by_intent",
        ],
        ReadModel::Directory => &["document_by_holder", "agent_by_holder", "card_by_agent"],
    }
}

/// What a read model shows: the rows up to an entry, and what they add up to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Checkpoint {
    pub(crate) head: Head,
    pub(crate) digest: Digest,
}

impl Checkpoint {
    fn take(columns: &mut Columns<'_>) -> Result<Self, Error> {
        let (position, hash) = (columns.take()?, Hash(columns.take()?));
        let digest = Digest::from_bytes(columns.take()?);
        Ok(Self { head: Head { position, hash }, digest })
    }
}

/// What a read model says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) checkpoint: Checkpoint,
    /// Why nobody follows the journal any more.
    pub(crate) stopped: Option<String>,
}

impl Standing {
    fn take(columns: &mut Columns<'_>) -> Result<Self, Error> {
        Ok(Self { checkpoint: Checkpoint::take(columns)?, stopped: columns.take()? })
    }
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
pub(crate) struct Connection {
    database: Database,
    memory: Memory,
}

#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "there are a few, and they stay where they are")]
enum Database {
    Sqlite(rusqlite::Connection),
    Postgres(postgres::Connection),
}

/// What is remembered of the rows that were written through a connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Memory {
    /// So many rows of a table.
    pub(crate) rows_max: usize,
    /// Whether there was no row when it began: what was not forgotten since is all there is.
    pub(crate) began_empty: bool,
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

/// Whether there is such a set of a read model's tables.
pub(crate) fn exists(place: &Place, model: ReadModel, set: Set) -> Result<bool, Error> {
    match place {
        // Where the folder can't be looked into, opening the file says why.
        Place::Folder(folder) => Ok(!matches!(set.file(model, folder).try_exists(), Ok(false))),
        Place::Postgres { url, book } => postgres::exists(url, &set.schema(model, *book)),
    }
}

impl Connection {
    /// The connection that writes. The tables are made when there are none.
    pub(crate) fn open(model: ReadModel, place: &Place) -> Result<Self, Error> {
        let database = match place {
            Place::Folder(folder) => {
                Database::Sqlite(sqlite::open(model, &Set::Live.file(model, folder))?)
            }
            Place::Postgres { url, book } => {
                let schema = Set::Live.schema(model, *book);
                Database::Postgres(postgres::Connection::open(model, url, &schema)?)
            }
        };
        let memory = Memory { rows_max: LIVE_ROWS_MAX, began_empty: false };
        Ok(Self { database, memory })
    }

    /// The connection that fills the next set of tables. They are made when there are none, without the indexes that are
    /// not needed for that.
    pub(crate) fn open_next(model: ReadModel, place: &Place) -> Result<Self, Error> {
        let database = match place {
            Place::Folder(folder) => {
                Database::Sqlite(sqlite::open_next(model, &Set::Next.file(model, folder))?)
            }
            Place::Postgres { url, book } => {
                let schema = Set::Next.schema(model, *book);
                Database::Postgres(postgres::Connection::open_next(model, url, &schema)?)
            }
        };
        let memory = Memory { rows_max: NEXT_ROWS_MAX, began_empty: false };
        let mut db = Self { database, memory };
        db.memory.began_empty = db.checkpoint()?.head == Head::EMPTY;
        Ok(db)
    }

    /// A connection that can only read tables that are there.
    pub(crate) fn open_reader(model: ReadModel, set: Set, place: &Place) -> Result<Self, Error> {
        let database = match place {
            Place::Folder(folder) => {
                Database::Sqlite(sqlite::open_reader(&set.file(model, folder))?)
            }
            Place::Postgres { url, book } => {
                let schema = set.schema(model, *book);
                Database::Postgres(postgres::Connection::open_reader(url, &schema)?)
            }
        };
        Ok(Self { database, memory: Memory { rows_max: 0, began_empty: false } })
    }

    /// A connection that can only read, whatever version the tables are of.
    pub(crate) fn open_any(model: ReadModel, set: Set, place: &Place) -> Result<Self, Error> {
        let database = match place {
            Place::Folder(folder) => Database::Sqlite(sqlite::open_any(&set.file(model, folder))?),
            Place::Postgres { url, book } => {
                let schema = set.schema(model, *book);
                Database::Postgres(postgres::Connection::open_any(url, &schema)?)
            }
        };
        Ok(Self { database, memory: Memory { rows_max: 0, began_empty: false } })
    }

    /// The version of the tables.
    pub(crate) fn version(&self) -> Result<i64, Error> {
        match &self.database {
            Database::Sqlite(db) => sqlite::version(db),
            Database::Postgres(db) => db.version(),
        }
    }

    /// Refuses a file whose pages do not fit together, or whose indexes are not those of its rows.
    pub(crate) fn check_pages(&self) -> Result<(), Error> {
        match &self.database {
            Database::Sqlite(db) => sqlite::check_pages(db),
            // Each page has a checksum.
            Database::Postgres(_) => Ok(()),
        }
    }

    /// Whether somebody writes to a schema. Nobody can tell of a file.
    pub(crate) fn is_locked(&self, schema: &str) -> Result<bool, Error> {
        match &self.database {
            Database::Sqlite(_) => Ok(false),
            Database::Postgres(db) => db.is_locked(schema),
        }
    }

    /// What is remembered of the rows that were written through it.
    pub(crate) fn memory(&self) -> Memory {
        self.memory
    }

    /// Remembers so many rows of a table from now on.
    #[cfg(test)]
    pub(crate) fn remember(&mut self, rows_max: usize) {
        self.memory.rows_max = rows_max;
    }

    /// How many rows were ever changed through it.
    #[cfg(test)]
    pub(crate) fn total_changes(&self) -> u64 {
        match &self.database {
            Database::Sqlite(db) => db.total_changes(),
            Database::Postgres(_) => unreachable!("only SQLite counts them"),
        }
    }

    /// Makes the indexes that were left out of the next set. Says whether there were any.
    pub(crate) fn make_indexes(&self) -> Result<bool, Error> {
        match &self.database {
            Database::Sqlite(db) => sqlite::make_indexes(db),
            Database::Postgres(db) => db.make_indexes(),
        }
    }

    /// What tells the set of tables that it sees from the one that was there before a switch.
    pub(crate) fn set_number(&self) -> Result<u64, Error> {
        match &self.database {
            // Files are switched while nobody has them open.
            Database::Sqlite(_) => Ok(0),
            Database::Postgres(db) => db.set_number(),
        }
    }

    /// Whether nothing can be done with it any more.
    pub(crate) fn is_lost(&self) -> bool {
        match &self.database {
            Database::Sqlite(_) => false,
            Database::Postgres(db) => db.is_lost(),
        }
    }

    /// Begins a transaction that may write. No other one does meanwhile.
    pub(crate) fn begin(&self) -> Result<Transaction<'_>, Error> {
        match &self.database {
            Database::Sqlite(db) => sqlite::begin(db).map(Transaction::Sqlite),
            Database::Postgres(db) => db.begin().map(Transaction::Postgres),
        }
    }

    /// Begins a transaction that reads: its first look fixes what all others see.
    pub(crate) fn begin_reading(&self) -> Result<Transaction<'_>, Error> {
        match &self.database {
            Database::Sqlite(db) => sqlite::begin_reading(db).map(Transaction::Sqlite),
            Database::Postgres(db) => db.begin_reading().map(Transaction::Postgres),
        }
    }

    /// The rows that a statement finds. Few enough to be kept in memory.
    pub(crate) fn query<T>(
        &self,
        sql: &str,
        parameters: &[Field<'_>],
        read: impl FnMut(Found<'_>) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        #[cfg(test)]
        QUERIES.set(QUERIES.get() + 1);
        match &self.database {
            Database::Sqlite(db) => sqlite::query(db, sql, parameters, read),
            Database::Postgres(db) => db.query(sql, parameters, read),
        }
    }

    /// Calls `each` with the rows that a statement finds, however many, within a transaction.
    pub(crate) fn walk(
        &self,
        sql: &str,
        each: impl FnMut(Found<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        match &self.database {
            Database::Sqlite(db) => sqlite::walk(db, sql, each),
            Database::Postgres(db) => db.walk(sql, each),
        }
    }

    /// Takes changes of the rows of a table.
    pub(crate) fn writer(&self, table: Table) -> Writer<'_> {
        match &self.database {
            Database::Sqlite(db) => Writer::Sqlite(sqlite::Writer::new(db, table)),
            Database::Postgres(db) => Writer::Postgres(postgres::Writer::new(db, table)),
        }
    }

    /// What the rows show.
    pub(crate) fn checkpoint(&self) -> Result<Checkpoint, Error> {
        self.the_checkpoint(&["position", "hash", "digest"], Checkpoint::take)
    }

    /// The same, and whether it stays so. Tables of version 4 and older have no word for that.
    ///
    /// Refuses tables of another version that have taken the place of those for which the connection was opened. Files are
    /// switched while nobody has them open.
    pub(crate) fn standing(&self) -> Result<Standing, Error> {
        match &self.database {
            Database::Sqlite(_) => {
                self.the_checkpoint(&["position", "hash", "digest", "stopped"], Standing::take)
            }
            Database::Postgres(_) => {
                let columns = &["position", "hash", "digest", "stopped", "version"];
                self.the_checkpoint(columns, |columns| {
                    let standing = Standing::take(columns)?;
                    check_version(columns.take::<u32>()?.into())?;
                    Ok(standing)
                })
            }
        }
    }

    /// These columns of the one row.
    fn the_checkpoint<T>(
        &self,
        columns: &'static [&'static str],
        read: impl Fn(&mut Columns<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let sql = format!("select {} from checkpoint", columns.join(", "));
        let found =
            self.query(&sql, &[], |row| read(&mut Columns::new(row, "checkpoint", columns)))?;
        let missing = Error::Unreadable { table: "checkpoint", column: "position" };
        found.into_iter().next().ok_or(missing)
    }

    /// Says why nobody follows the journal any more, or that somebody does.
    pub(crate) fn set_stopped(&self, reason: Option<&str>) -> Result<(), Error> {
        let reason = reason.map(str::to_owned);
        let sql = "update checkpoint set stopped = ?1 where stopped is distinct from ?1";
        self.query(sql, &[reason.field()], |_| Ok(())).map(drop)
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
        match &self.database {
            Database::Sqlite(_) => format!("+{column}"),
            Database::Postgres(_) => column.to_owned(),
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
            Self::Postgres(writer) => writer.insert(row),
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

/// Removes a set of a read model's tables.
pub(crate) fn remove(place: &Place, model: ReadModel, set: Set) -> Result<(), Error> {
    match place {
        Place::Folder(folder) => sqlite::remove(&set.file(model, folder)),
        Place::Postgres { url, book } => postgres::remove(url, &set.schema(model, *book)),
    }
}

/// Takes back what a switch has begun that was cut short. Nobody else may be switching.
pub(crate) fn take_back(place: &Place, model: ReadModel) -> Result<(), Error> {
    match place {
        Place::Folder(folder) => {
            let [live, old] = [Set::Live, Set::Old].map(|set| set.file(model, folder));
            sqlite::take_back(&live, &old)
        }
        // There it is one transaction.
        Place::Postgres { .. } => Ok(()),
    }
}

/// Puts the next set in the place of the live one, which is the old one from then on. `false` when those who read it do
/// not leave, or when `reach` says no: it is told which entry the live set shows, while nothing changes that, and says
/// whether the next one goes far enough. In a folder nobody is asked.
pub(crate) fn switch(
    place: &Place,
    model: ReadModel,
    reach: impl FnOnce(Position) -> Result<bool, Error>,
) -> Result<bool, Error> {
    match place {
        Place::Folder(folder) => {
            let [live, next, old] = Set::ALL.map(|set| set.file(model, folder));
            sqlite::switch(&live, &next, &old)?;
            Ok(true)
        }
        Place::Postgres { url, book } => {
            let schemas = Set::ALL.map(|set| set.schema(model, *book));
            postgres::switch(url, schemas.each_ref().map(String::as_str), reach)
        }
    }
}

fn check_version(found: i64) -> Result<(), Error> {
    if found == VERSION { Ok(()) } else { Err(Error::Version { found, expected: VERSION }) }
}

#[cfg(test)]
mod tests;
