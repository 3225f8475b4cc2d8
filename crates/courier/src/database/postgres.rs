//! A courier's database in a schema of a PostgreSQL database.

use std::cell::{Cell as Memo, RefCell};
use std::collections::HashMap;
use std::thread;
use std::time::Duration;

use journal::outage;
use postgres::config::TargetSessionAttrs;
use postgres::error::SqlState;
use postgres::types::ToSql;
use postgres::{Client, Config, NoTls, Statement};

use super::value::Cell;
use super::{Row, Value, check_version};
use crate::Error;

/// Of the tables.
const VERSION: i64 = 1;

const TABLES: &str = include_str!("../../../../migrations/courier/postgres/courier.sql");

/// How long a server may take to accept a connection, unless the URL says another `connect_timeout`.
const CONNECT_MAX: Duration = Duration::from_secs(10);

/// How long a connection may be without an answer on the way before it counts as lost.
const SILENCE_MAX: Duration = Duration::from_secs(30);

/// How long to wait for another courier to leave: one that was killed is gone when the server has noticed. One that works
/// stays, and is asked again after a pause.
const LOCK_MAX_MS: u32 = 1_000;

/// For the connection that writes.
///
/// What a crash takes from the end is read from the journal again, and sent again under the same ids: no need to wait for
/// the disk. Every statement finds its rows by a key, and must not be planned by what the server does not know yet about a
/// table that was just made.
///
/// The lock of a courier whose host has vanished goes when the server has noticed. It asks after ten seconds of
/// silence, and gives the connection up after 25, also when it waits for what it has sent to be received: left to the
/// system, that takes two hours, or a quarter of one. A socket in a file has none of these settings.
const WRITING: &str = "
    set synchronous_commit = off;
    set jit = off;
    set plan_cache_mode = force_generic_plan;
    set enable_seqscan = off;
    set tcp_keepalives_idle = 10;
    set tcp_keepalives_interval = 5;
    set tcp_keepalives_count = 3;
    set tcp_user_timeout = 25000;
";

/// For connections that read.
const READING: &str = "
    set default_transaction_read_only = on;
    set jit = off;
";

/// Removes a schema with all that is in it.
pub(super) fn remove(url: &str, schema: &str) -> Result<(), Error> {
    let mut client = parse_url(url)?.connect(NoTls)?;
    Ok(client.batch_execute(&format!("drop schema if exists {schema} cascade"))?)
}

/// A connection whose statements see one schema.
pub(crate) struct Connection {
    /// Taken when it ends.
    client: RefCell<Option<Client>>,
    /// By their text; there are as many as the crate has.
    statements: RefCell<HashMap<String, Statement>>,
    is_lost: Memo<bool>,
}

impl Connection {
    pub(super) fn open(url: &str, schema: &str) -> Result<Self, Error> {
        let db = Self::connect(url, schema, WRITING)?;
        db.lock(schema)?;
        db.in_transaction(|| {
            db.batch(&format!("create schema if not exists {schema}"))?;
            if !db.has_tables(schema)? {
                // Rows may go with a crash, and come again; that there are tables is relied on.
                db.batch("set local synchronous_commit = on")?;
                db.batch(TABLES)?;
                db.batch(&format!("update checkpoint set version = {VERSION}"))?;
            }
            check_version(db.version()?, VERSION)
        })?;
        Ok(db)
    }

    pub(super) fn open_reader(url: &str, schema: &str) -> Result<Self, Error> {
        let db = Self::connect(url, schema, READING)?;
        check_version(db.version()?, VERSION)?;
        Ok(db)
    }

    pub(super) fn exists(url: &str, schema: &str) -> Result<bool, Error> {
        Self::connect(url, schema, READING)?.has_tables(schema)
    }

    fn has_tables(&self, schema: &str) -> Result<bool, Error> {
        let sql = "select tablename::text from pg_tables where schemaname::text = ?1 limit 1";
        Ok(!self.query(sql, &[schema.into()])?.is_empty())
    }

    fn connect(url: &str, schema: &str, settings: &str) -> Result<Self, Error> {
        let mut config = parse_url(url)?;
        config.application_name(schema);
        config.keepalives_idle(SILENCE_MAX).tcp_user_timeout(SILENCE_MAX);
        let db = Self {
            client: RefCell::new(Some(config.connect(NoTls)?)),
            statements: RefCell::default(),
            is_lost: Memo::new(false),
        };
        db.batch(settings)?;
        db.batch(&format!("set search_path = {schema}"))?;
        Ok(db)
    }

    /// Keeps other couriers of this book away for as long as the connection lasts.
    fn lock(&self, schema: &str) -> Result<(), Error> {
        self.batch(&format!("set lock_timeout = {LOCK_MAX_MS}"))?;
        let lock = format!("select pg_advisory_lock(hashtextextended('{schema}', 0))");
        self.run(|client| client.batch_execute(&lock)).map_err(|error| match error.code() {
            Some(&SqlState::LOCK_NOT_AVAILABLE) => Error::Taken,
            _ => error.into(),
        })?;
        self.batch("set lock_timeout = 0")
    }

    fn version(&self) -> Result<i64, Error> {
        let found = self.query("select version from checkpoint", &[])?.into_iter().next();
        let mut row = found.ok_or(Error::Unreadable { table: "checkpoint" })?;
        row.take::<u32>().map(i64::from)
    }

    pub(super) fn is_lost(&self) -> bool {
        self.is_lost.get()
    }

    pub(super) fn in_transaction<T>(
        &self,
        work: impl FnOnce() -> Result<T, Error>,
    ) -> Result<T, Error> {
        // What a query sees besides is of the same time.
        self.batch("begin isolation level repeatable read")?;
        let done = work();
        if done.is_ok() {
            self.batch("commit")?;
        } else if !self.is_lost() && self.batch("rollback").is_err() {
            self.is_lost.set(true);
        }
        done
    }

    pub(super) fn query(&self, sql: &str, parameters: &[Value]) -> Result<Vec<Row>, Error> {
        let statement = self.statement(sql)?;
        let found = self.run(|client| client.query(&statement, &borrowed(parameters)))?;
        let row = |row: &postgres::Row| {
            let columns = (0..row.len()).map(|column| {
                let Cell(value) = row.try_get(column)?;
                Ok(value)
            });
            columns.collect::<Result<_, postgres::Error>>().map(Row::new)
        };
        Ok(found.iter().map(row).collect::<Result<_, _>>()?)
    }

    pub(super) fn execute(&self, sql: &str, parameters: &[Value]) -> Result<u64, Error> {
        let statement = self.statement(sql)?;
        Ok(self.run(|client| client.execute(&statement, &borrowed(parameters)))?)
    }

    /// Statements without parameters and without rows.
    fn batch(&self, sql: &str) -> Result<(), Error> {
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

fn borrowed(parameters: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    parameters.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}

#[cfg(test)]
mod tests;
