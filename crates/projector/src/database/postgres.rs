//! A read model in a schema of a PostgreSQL database.

use std::cell::{Cell as Memo, RefCell};
use std::collections::HashMap;
use std::fmt;
use std::thread;
use std::time::Duration;

use journal::outage;
use postgres::config::TargetSessionAttrs;
use postgres::error::SqlState;
use postgres::types::ToSql;
use postgres::{Client, Config, NoTls, Row, Statement};

use super::{Found, VERSION, check_version};
use crate::field::{Cell, Field};
use crate::row::Columns;
use crate::{Error, ReadModel};

mod copy;
mod next;
mod writer;

pub(super) use next::switch;
pub(crate) use writer::Writer;

const CHECKPOINT: &str = include_str!("../../../../migrations/read_model/postgres/checkpoint.sql");

/// How long a server may take to accept a connection, unless the URL says another `connect_timeout`.
const CONNECT_MAX: Duration = Duration::from_secs(10);

/// How long a connection may be without an answer on the way before it counts as lost.
const SILENCE_MAX: Duration = Duration::from_secs(30);

/// How long to wait for another projector to leave: one that was killed is gone when the server has noticed.
const LOCK_MAX_MS: u32 = 2_000;

/// Rows of a walk that are in memory at once.
const WALK_ROWS: u32 = 1_000;

/// For the connection that writes.
///
/// What a crash takes from the end is read from the journal again: no need to wait for the disk. Every statement finds
/// its rows by a key, and must not be planned by what the server does not know yet about a table that was just made.
///
/// Who waits for somebody's lock on a table does not hear that it is to end: it gives up, and tries again.
///
/// The lock of a projector whose host has vanished goes when the server has noticed. It asks after ten seconds of
/// silence, and gives the connection up after 25, also when it waits for what it has sent to be received: left to the
/// system, that takes two hours, or a quarter of one. A socket in a file has none of these settings.
const WRITING: &str = "
    set synchronous_commit = off;
    set jit = off;
    set plan_cache_mode = force_generic_plan;
    set enable_seqscan = off;
    set enable_hashjoin = off;
    set enable_mergejoin = off;
    set lock_timeout = '5s';
    set tcp_keepalives_idle = 10;
    set tcp_keepalives_interval = 5;
    set tcp_keepalives_count = 3;
    set tcp_user_timeout = 25000;
";

/// For connections that read. Queries take microseconds: compiling them takes longer. Who walks wants all rows.
const READING: &str = "
    set default_transaction_read_only = on;
    set jit = off;
    set cursor_tuple_fraction = 1;
";

const ANY_TABLE: &str = "select 1 from pg_tables where schemaname::text = ?1 limit 1";

/// A connection whose statements see one schema.
pub(crate) struct Connection {
    /// Taken when it ends.
    client: RefCell<Option<Client>>,
    /// By their text; there are as many as forms of queries.
    statements: RefCell<HashMap<String, Statement>>,
    /// How many were begun.
    walks: Memo<u64>,
    /// Whether rows come in bulk, into tables that nobody reads.
    is_filling: bool,
    is_lost: Memo<bool>,
}

/// Ends the transaction when it is dropped.
pub(crate) struct Transaction<'a> {
    db: &'a Connection,
    is_open: bool,
}

/// Lets a role make schemas in a database. `url` is of the database's owner.
pub(crate) fn prepare(url: &str, role: &str) -> Result<(), Error> {
    let mut client = parse_url(url)?.connect(NoTls)?;
    let row = client.query_one(
        "select format('grant create on database %I to %I', current_database(), $1::text)",
        &[&role],
    )?;
    Ok(client.batch_execute(row.get(0))?)
}

/// Removes a schema with all that is in it.
pub(crate) fn remove(url: &str, schema: &str) -> Result<(), Error> {
    let mut client = parse_url(url)?.connect(NoTls)?;
    // That much goes with it is no news.
    let quietly = "set client_min_messages = warning";
    Ok(client.batch_execute(&format!("{quietly}; drop schema if exists {schema} cascade"))?)
}

/// Whether there are tables in a schema.
pub(super) fn exists(url: &str, schema: &str) -> Result<bool, Error> {
    let db = Connection::connect(url, schema, READING)?;
    db.finds(ANY_TABLE, schema)
}

/// What stands in a column of a row; `None` for what no column of ours holds.
pub(super) fn field(row: &Row, column: usize) -> Result<Option<Field<'_>>, Error> {
    let Cell(field) = row.try_get(column)?;
    Ok(field)
}

impl Connection {
    /// The connection that writes; there is one. The schema and its tables are made when there are none.
    pub(super) fn open(model: ReadModel, url: &str, schema: &str) -> Result<Self, Error> {
        let db = Self::connect(url, schema, WRITING)?;
        let tx = db.begin()?;
        db.lock(schema)?;
        db.make(model, schema)?;
        check_version(db.version()?)?;
        tx.commit()?;
        Ok(db)
    }

    /// Makes the schema and its tables where there are none. Says whether it has.
    fn make(&self, model: ReadModel, schema: &str) -> Result<bool, Error> {
        if !self.finds("select 1 from pg_namespace where nspname::text = ?1", schema)? {
            self.execute(&format!("create schema {schema}"))?;
        }
        if self.finds(ANY_TABLE, schema)? {
            return Ok(false);
        }
        // Rows may go with a crash, and come again; that there are tables is relied on.
        self.execute("set local synchronous_commit = on")?;
        self.execute(CHECKPOINT)?;
        self.execute(tables(model))?;
        self.execute(&format!("update checkpoint set version = {VERSION}"))?;
        Ok(true)
    }

    /// A connection that can only read tables that are there.
    pub(super) fn open_reader(url: &str, schema: &str) -> Result<Self, Error> {
        let db = Self::open_any(url, schema)?;
        check_version(db.version()?)?;
        Ok(db)
    }

    /// The same, whatever version the tables are of.
    pub(super) fn open_any(url: &str, schema: &str) -> Result<Self, Error> {
        Self::connect(url, schema, READING)
    }

    fn connect(url: &str, schema: &str, settings: &str) -> Result<Self, Error> {
        let mut config = parse_url(url)?;
        config.application_name(schema);
        config.keepalives_idle(SILENCE_MAX).tcp_user_timeout(SILENCE_MAX);
        let db = Self {
            client: RefCell::new(Some(config.connect(NoTls)?)),
            statements: RefCell::default(),
            walks: Memo::new(0),
            is_filling: false,
            is_lost: Memo::new(false),
        };
        db.execute(settings)?;
        db.execute(&format!("set search_path = {schema}"))?;
        let read = |row: Found<'_>| Ok(row.field(0)?.map(|field| field.to_owned()));
        match &db.query("show server_encoding", &[], read)?[..] {
            [Some(Field::Text(encoding))] if encoding == "UTF8" => Ok(db),
            found => Err(Error::Setting { name: "server_encoding", found: format!("{found:?}") }),
        }
    }

    /// Keeps other projectors of this read model away for as long as the connection lasts.
    fn lock(&self, schema: &str) -> Result<(), Error> {
        self.execute(&format!("set local lock_timeout = {LOCK_MAX_MS}"))?;
        let lock = format!("select pg_advisory_lock(hashtextextended('{schema}', 0))");
        self.run(|client| client.batch_execute(&lock)).map_err(|error| match error.code() {
            Some(&SqlState::LOCK_NOT_AVAILABLE) => Error::Taken,
            _ => error.into(),
        })
    }

    /// Whether somebody has the lock of a schema.
    pub(super) fn is_locked(&self, schema: &str) -> Result<bool, Error> {
        let sql = "select 1 from pg_locks
            where locktype = 'advisory' and granted and objsubid = 1
                and database = (select oid from pg_database where datname = current_database())
                and classid::bigint << 32 | objid::bigint = hashtextextended(?1, 0)";
        self.finds(sql, schema)
    }

    pub(super) fn version(&self) -> Result<i64, Error> {
        let found = self.query("select version from checkpoint", &[], |row| {
            Columns::new(row, "checkpoint", &["version"]).take::<u32>()
        })?;
        let missing = Error::Unreadable { table: "checkpoint", column: "version" };
        found.first().map(|version| i64::from(*version)).ok_or(missing)
    }

    fn finds(&self, sql: &str, schema: &str) -> Result<bool, Error> {
        Ok(!self.query(sql, &[Field::Text(schema.into())], |_| Ok(()))?.is_empty())
    }

    /// Whether nothing can be done with it any more.
    pub(super) fn is_lost(&self) -> bool {
        self.is_lost.get()
    }

    pub(super) fn begin(&self) -> Result<Transaction<'_>, Error> {
        self.execute("begin")?;
        Ok(Transaction { db: self, is_open: true })
    }

    pub(super) fn begin_reading(&self) -> Result<Transaction<'_>, Error> {
        // The lock comes before what fixes the view: who has waited for a switch sees what was switched in.
        let tx = Transaction { db: self, is_open: true };
        self.execute(
            "begin isolation level repeatable read, read only;
             lock table checkpoint in access share mode",
        )?;
        Ok(tx)
    }

    pub(super) fn query<T>(
        &self,
        sql: &str,
        parameters: &[Field<'_>],
        mut read: impl FnMut(Found<'_>) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        let statement = self.statement(sql)?;
        let parameters: Vec<_> =
            parameters.iter().map(|field| field as &(dyn ToSql + Sync)).collect();
        let found = self.run(|client| client.query(&statement, &parameters))?;
        found.iter().map(|row| read(Found::Postgres(row))).collect()
    }

    /// Some rows at a time: between them, other statements may be run.
    pub(super) fn walk(
        &self,
        sql: &str,
        mut each: impl FnMut(Found<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let number = self.walks.get();
        self.walks.set(number + 1);
        self.execute(&format!("declare walk_{number} no scroll cursor for {sql}"))?;
        let fetch = format!("fetch {WALK_ROWS} from walk_{number}");
        let fetch = self.run(|client| client.prepare(&fetch))?;
        loop {
            let rows = self.run(|client| client.query(&fetch, &[]))?;
            for row in &rows {
                each(Found::Postgres(row))?;
            }
            if rows.len() < WALK_ROWS as usize {
                return self.execute(&format!("close walk_{number}"));
            }
        }
    }

    /// Statements without parameters and without rows.
    fn execute(&self, sql: &str) -> Result<(), Error> {
        Ok(self.run(|client| client.batch_execute(sql))?)
    }

    /// A statement that is prepared when it is first needed.
    fn statement(&self, sql: &str) -> Result<Statement, Error> {
        if let Some(statement) = self.statements.borrow().get(sql) {
            return Ok(statement.clone());
        }
        // What SQLite writes `?1` is `$1` here. No statement of ours has another question mark.
        let statement = self.run(|client| client.prepare(&sql.replace('?', "$")))?;
        self.statements.borrow_mut().insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }

    fn run<T>(
        &self,
        run: impl FnOnce(&mut Client) -> Result<T, postgres::Error>,
    ) -> Result<T, postgres::Error> {
        let mut client = self.client.borrow_mut();
        let result = run(client.as_mut().expect("it is taken when the connection ends"));
        if result.as_ref().is_err_and(outage::is_lost) {
            self.is_lost.set(true);
        }
        result
    }
}

impl Drop for Connection {
    /// A client waits for its connection to close, and must not do that on a thread of an async runtime.
    fn drop(&mut self) {
        let client = self.client.get_mut().take();
        if let Ok(closing) = thread::Builder::new().spawn(move || drop(client)) {
            // The server has been told when this returns.
            let _ = closing.join();
        }
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").field("is_lost", &self.is_lost.get()).finish_non_exhaustive()
    }
}

impl Transaction<'_> {
    pub(super) fn commit(mut self) -> Result<(), Error> {
        self.is_open = false;
        self.db.execute("commit")
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        if self.is_open && !self.db.is_lost() && self.db.execute("rollback").is_err() {
            self.db.is_lost.set(true);
        }
    }
}

/// What the URL says, and what holds where it says nothing.
fn parse_url(url: &str) -> Result<Config, Error> {
    let mut config: Config = journal::postgres::parse_url(url).map_err(Error::Database)?.into();
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT_MAX);
    }
    // Of several, one that lags behind may be first; a single one is whatever it is said to be.
    if 1 < config.get_hosts().len() {
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
    }
    Ok(config)
}

fn tables(model: ReadModel) -> &'static str {
    match model {
        ReadModel::Balances => {
            include_str!("../../../../migrations/read_model/postgres/balances.sql")
        }
        ReadModel::Transactions => {
            include_str!("../../../../migrations/read_model/postgres/transactions.sql")
        }
        ReadModel::Intents => {
            include_str!("../../../../migrations/read_model/postgres/intents.sql")
        }
        ReadModel::Directory => {
            include_str!("../../../../migrations/read_model/postgres/directory.sql")
        }
    }
}

#[cfg(test)]
mod tests;
