//! Where the read models of tests are.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use ledger::BookId;
use postgres::{Client, NoTls};
use proptest::strategy::Strategy;
use proptest::test_runner::{Config, TestRunner};
use tempfile::TempDir;

use crate::{Place, ReadModel};

/// Long enough for a machine that is busy with something else; who passes a test does not wait for it.
const PATIENCE: Duration = Duration::from_secs(60);

/// A test for each of these functions on each store.
macro_rules! on_each_store {
    ($($test:ident)*) => {
        mod sqlite {
            $(#[test] fn $test() { super::$test($crate::testing::Store::Sqlite) })*
        }
        mod postgres {
            $(#[test] fn $test() { super::$test($crate::testing::Store::Postgres) })*
        }
    };
}
pub(crate) use on_each_store;

/// What keeps read models.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Store {
    Sqlite,
    Postgres,
}

/// A place of one test's own.
pub(crate) struct Home {
    place: Place,
    /// Removed with this.
    _folder: Option<TempDir>,
}

impl Store {
    /// A place that has no read models yet.
    pub(crate) fn home(self) -> Home {
        match self {
            Self::Sqlite => {
                let folder = tempfile::tempdir().unwrap();
                let place = Place::Folder(folder.path().to_owned());
                Home { place, _folder: Some(folder) }
            }
            Self::Postgres => {
                // Books share a database, as they may.
                static DATABASE: OnceLock<String> = OnceLock::new();
                let url = DATABASE.get_or_init(|| servers::shared().new_database().owner);
                Home::in_database(url.clone())
            }
        }
    }
}

impl Home {
    /// In this database, with a book of its own.
    pub(crate) fn in_database(url: String) -> Self {
        static BOOKS: AtomicU64 = AtomicU64::new(0);
        let number = u128::from(BOOKS.fetch_add(1, Ordering::Relaxed));
        let place = Place::Postgres { url, book: BookId(number.to_be_bytes()) };
        Self { place, _folder: None }
    }

    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    /// Does something to a read model by hand. The number of rows that were changed.
    pub(crate) fn change(&self, model: ReadModel, sql: &str) -> u64 {
        match &self.place {
            Place::Folder(folder) => {
                let db = rusqlite::Connection::open(model.file(folder)).unwrap();
                db.execute(sql, []).unwrap() as u64
            }
            Place::Postgres { .. } => self.by_hand(model).execute(sql, &[]).unwrap(),
        }
    }

    pub(crate) fn set_version(&self, model: ReadModel, version: u32) {
        match &self.place {
            Place::Folder(folder) => {
                let db = rusqlite::Connection::open(model.file(folder)).unwrap();
                db.pragma_update(None, "user_version", version).unwrap();
            }
            Place::Postgres { .. } => {
                self.change(model, &format!("update checkpoint set version = {version}"));
            }
        }
    }

    /// Takes a read model away.
    pub(crate) fn delete(&self, model: ReadModel) {
        match &self.place {
            Place::Folder(folder) => {
                for end in ["", "-wal", "-shm"] {
                    let file = model.file(folder).display().to_string();
                    let _ = std::fs::remove_file(file + end);
                }
            }
            Place::Postgres { book, .. } => {
                let schema = model.schema(*book);
                self.by_hand(model)
                    .batch_execute(&format!("drop schema {schema} cascade"))
                    .unwrap();
            }
        }
    }

    /// A connection that is none of ours, to the schema of a read model.
    pub(crate) fn by_hand(&self, model: ReadModel) -> Client {
        let Place::Postgres { url, book } = &self.place else { panic!("it is no schema") };
        let mut client = Client::connect(url, NoTls).unwrap();
        client.batch_execute(&format!("set search_path = {}", model.schema(*book))).unwrap();
        client
    }

    /// Ends the one connection to the schema of a read model. Others that were closed may need a while to be gone.
    pub(crate) fn disconnect(&self, model: ReadModel) {
        let Place::Postgres { book, .. } = &self.place else { panic!("it is no schema") };
        let (mut client, schema) = (self.by_hand(model), model.schema(*book));
        let count = "select count(*) from pg_stat_activity where application_name = $1";
        let until = Instant::now() + PATIENCE;
        loop {
            let count: i64 = client.query_one(count, &[&schema]).unwrap().get(0);
            if count == 1 {
                break;
            }
            assert!(Instant::now() < until, "there are {count}");
        }
        let end = "
            select pg_terminate_backend(pid, 60000) from pg_stat_activity
            where application_name = $1";
        assert_eq!(client.query(end, &[&schema]).unwrap().len(), 1);
    }

    /// How all indexes of a read model are made.
    pub(crate) fn indexes(&self, model: ReadModel) -> BTreeSet<String> {
        match &self.place {
            Place::Folder(folder) => {
                let db = rusqlite::Connection::open(model.file(folder)).unwrap();
                let sql = "select coalesce(sql, name) from sqlite_schema where type = 'index'";
                let mut statement = db.prepare(sql).unwrap();
                let rows = statement.query_map([], |row| row.get(0)).unwrap();
                rows.collect::<Result<_, _>>().unwrap()
            }
            Place::Postgres { book, .. } => {
                let sql = "
                    select indexdef from pg_indexes where schemaname = current_schema
                    union all
                    select conname || pg_get_constraintdef(oid) from pg_constraint
                    where connamespace = current_schema::regnamespace and contype in ('p', 'u')";
                let rows = self.by_hand(model).query(sql, &[]).unwrap();
                let schema = model.schema(*book);
                rows.iter().map(|row| row.get::<_, String>(0).replace(&schema, "")).collect()
            }
        }
    }

    /// All tables but the checkpoint, each with its columns.
    pub(crate) fn columns(&self, model: ReadModel) -> BTreeSet<(String, String)> {
        match &self.place {
            Place::Folder(folder) => {
                let db = rusqlite::Connection::open(model.file(folder)).unwrap();
                let sql = "
                    select t.name, c.name from pragma_table_list t, pragma_table_info(t.name) c
                    where t.schema = 'main' and t.name not in ('checkpoint', 'sqlite_schema')";
                let mut statement = db.prepare(sql).unwrap();
                let rows = statement.query_map([], |row| row.try_into()).unwrap();
                rows.collect::<Result<_, _>>().unwrap()
            }
            Place::Postgres { .. } => {
                let sql = "
                    select table_name::text, column_name::text from information_schema.columns
                    where table_schema = current_schema and table_name <> 'checkpoint'";
                let rows = self.by_hand(model).query(sql, &[]).unwrap();
                rows.iter().map(|row| (row.get(0), row.get(1))).collect()
            }
        }
    }
}

/// Holds a property against so many random values, or against a few where each takes long. The smallest value that it
/// fails for is in the panic.
pub(crate) fn holds<V: Debug>(
    store: Store,
    cases: u32,
    values: impl Strategy<Value = V>,
    property: impl Fn(V),
) {
    let cases = match store {
        Store::Sqlite => cases,
        Store::Postgres => cases / 6,
    };
    let config = Config { failure_persistence: None, ..Config::with_cases(cases) };
    let outcome = TestRunner::new(config).run(&values, |value| {
        property(value);
        Ok(())
    });
    if let Err(failed) = outcome {
        panic!("{failed}");
    }
}
