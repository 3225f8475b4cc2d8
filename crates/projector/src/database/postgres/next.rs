//! The next set of tables: filled in bulk, and then put in the place of the live one.

use ledger::Position;
use postgres::error::SqlState;

use super::{ANY_TABLE, Connection, WRITING};
use crate::database::{VERSION, deferred};
use crate::field::Field;
use crate::row::Columns;
use crate::{Error, ReadModel};

/// More memory for indexes, which are made one after another. A lock may take its time: nothing that is to end waits for it.
const FILLING: &str = "set maintenance_work_mem = '256MB'; set lock_timeout = 0;";

/// How an index or a constraint is made again; its name is the parameter.
const DEFINITION: &str = "
    select format(
        'alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)
    ), format('alter table %s drop constraint %I', conrelid::regclass, conname)
    from pg_constraint
    where connamespace = current_schema()::regnamespace and conname::text = ?1
    union all
    select pg_get_indexdef(i.oid), format('drop index %I', i.relname)
    from pg_class i
    where relnamespace = current_schema()::regnamespace and relkind = 'i' and relname::text = ?1
        and not exists (select from pg_constraint where conindid = i.oid)";

/// How long those who read the live set are kept waiting for those who read it still.
const SWITCH_MAX_MS: u32 = 500;

impl Connection {
    /// The connection that fills a schema; there is one. What another version has begun is begun anew.
    pub(in crate::database) fn open_next(
        model: ReadModel,
        url: &str,
        schema: &str,
    ) -> Result<Self, Error> {
        let mut db = Self::connect(url, schema, &format!("{WRITING}{FILLING}"))?;
        db.is_filling = true;
        let tx = db.begin()?;
        db.lock(schema)?;
        if db.finds(ANY_TABLE, schema)? && db.version()? != VERSION {
            db.execute(&format!("drop schema {schema} cascade"))?;
        }
        if db.make(model, schema)? {
            db.execute("create table deferred (statement text not null)")?;
            for name in deferred(model) {
                db.defer(name)?;
            }
        }
        tx.commit()?;
        Ok(db)
    }

    /// Takes an index away, and notes how it is made.
    fn defer(&self, name: &str) -> Result<(), Error> {
        let found = self.query(DEFINITION, &[Field::Text(name.into())], |row| {
            let mut columns = Columns::new(row, "pg_class", &["definition", "removal"]);
            Ok((columns.take::<String>()?, columns.take::<String>()?))
        })?;
        for (definition, removal) in found {
            self.execute(&removal)?;
            let sql = "insert into deferred (statement) values (?1)";
            self.query(sql, &[Field::Text(definition.into())], |_| Ok(()))?;
        }
        Ok(())
    }

    /// Makes the indexes that were left out. Says whether there were any.
    pub(in crate::database) fn make_indexes(&self) -> Result<bool, Error> {
        let are_some = "select 1 where to_regclass('deferred') is not null";
        if self.query(are_some, &[], |_| Ok(()))?.is_empty() {
            return Ok(false);
        }
        let tx = self.begin()?;
        let statements = self.query("select statement from deferred", &[], |row| {
            Columns::new(row, "deferred", &["statement"]).take::<String>()
        })?;
        statements.iter().try_for_each(|statement| self.execute(statement))?;
        self.execute("drop table deferred")?;
        // Without it the server would plan the first queries by what it does not know.
        let analyze = "select format('analyze %s', oid::regclass) from pg_class
            where relnamespace = current_schema()::regnamespace and relkind = 'r'";
        let analyze = self
            .query(analyze, &[], |row| Columns::new(row, "pg_class", &["oid"]).take::<String>())?;
        analyze.iter().try_for_each(|statement| self.execute(statement))?;
        tx.commit()?;
        Ok(true)
    }

    /// What tells the schema of this name from another one that has taken its place.
    pub(in crate::database) fn set_number(&self) -> Result<u64, Error> {
        let found = self.query("select to_regclass('checkpoint')::oid::bigint", &[], |row| {
            Columns::new(row, "pg_class", &["oid"]).take()
        })?;
        found.first().copied().ok_or(Error::Unreadable { table: "pg_class", column: "oid" })
    }

    /// Keeps all others away from the tables until the transaction ends. `false`, when those who read them do not leave.
    fn keep_away(&self) -> Result<bool, Error> {
        self.execute(&format!("set local lock_timeout = {SWITCH_MAX_MS}"))?;
        let lock = "lock table checkpoint in access exclusive mode";
        match self.run(|client| client.batch_execute(lock)) {
            Ok(()) => Ok(true),
            Err(error) if error.code() == Some(&SqlState::LOCK_NOT_AVAILABLE) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

/// Renames schemas in one transaction, while nobody is within one of their own that sees the live one.
///
/// Every transaction of a projector or of a reader begins with a look at the checkpoint: it comes either wholly before the
/// switch, or wholly after it, and names what it reads anew.
pub(in crate::database) fn switch(
    url: &str,
    [live, next, old]: [&str; 3],
    reach: impl FnOnce(Position) -> Result<bool, Error>,
) -> Result<bool, Error> {
    let db = Connection::connect(url, live, WRITING)?;
    let tx = db.begin()?;
    if db.finds(ANY_TABLE, live)? {
        if !db.keep_away()? {
            return Ok(false);
        }
        let shown = db.query("select position from checkpoint", &[], |row| {
            Columns::new(row, "checkpoint", &["position"]).take()
        })?;
        if let Some(&shown) = shown.first()
            && !reach(shown)?
        {
            return Ok(false);
        }
        db.execute(&format!("alter schema {live} rename to {old}"))?;
    }
    db.execute(&format!("alter schema {next} rename to {live}"))?;
    // With it, all that has filled the set is on the disk.
    db.execute("set local synchronous_commit = on")?;
    tx.commit()?;
    Ok(true)
}
