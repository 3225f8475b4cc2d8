//! The rows of one table that a batch of entries touches: each is read once, and written once.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry as Place;
use std::mem;

use ledger::Position;
use rusqlite::{CachedStatement, Connection, params_from_iter};

use crate::field::Field;
use crate::row::{Columns, Row, canonical};
use crate::{Digest, Error};

/// Rows of a table that are kept in memory after they were written: those that entries come back to soon.
const KEPT_MAX: usize = 16_384;

/// Changed rows on their way into the database.
pub(crate) struct Rows<R: Row> {
    touched: BTreeMap<R::Key, Touched<R>>,
    /// As the database has them.
    kept: BTreeMap<R::Key, (Digest, R)>,
    statements: Statements,
}

struct Touched<R> {
    /// The digest of the row that the database has.
    stored: Option<Digest>,
    row: Option<R>,
}

impl<R: Row> Rows<R> {
    /// The row as the entries before have left it, for reading, changing, making or removing.
    pub(crate) fn get(&mut self, db: &Connection, key: R::Key) -> Result<&mut Option<R>, Error> {
        match self.touched.entry(key) {
            Place::Occupied(touched) => Ok(&mut touched.into_mut().row),
            Place::Vacant(place) => {
                let found = match self.kept.remove(&key) {
                    Some(kept) => Some(kept),
                    None => load::<R>(db, &self.statements.select, &R::key_fields(&key))?
                        .map(|row| (row.digest(), row)),
                };
                let (stored, row) = found.unzip();
                Ok(&mut place.insert(Touched { stored, row }).row)
            }
        }
    }

    /// The row that an entry speaks of as something that is there.
    pub(crate) fn existing(
        &mut self,
        db: &Connection,
        key: R::Key,
        position: Position,
    ) -> Result<&mut R, Error> {
        let row = self.get(db, key)?.as_mut();
        row.ok_or(Error::NoSuchRow { position, table: R::TABLE })
    }

    /// The keys of all rows for which `is_match` holds. `condition` says the same of the rows that the database has.
    pub(crate) fn matching(
        &mut self,
        db: &Connection,
        condition: &str,
        parameters: &[Field<'_>],
        is_match: impl Fn(&R) -> bool,
    ) -> Result<Vec<R::Key>, Error> {
        for row in select::<R>(db, condition, parameters)? {
            self.get(db, row.key())?;
        }
        let touched = self.touched.iter();
        let matching = touched.filter(|(_, touched)| touched.row.as_ref().is_some_and(&is_match));
        Ok(matching.map(|(key, _)| *key).collect())
    }

    /// Adds a row whose key is new. The database refuses one that is not, when it is written.
    pub(crate) fn insert(&mut self, row: R) {
        self.touched.insert(row.key(), Touched { stored: None, row: Some(row) });
    }

    /// Writes what has changed, in the order of the keys, and brings the digest along.
    pub(crate) fn flush(&mut self, db: &Connection, digest: &mut Digest) -> Result<(), Error> {
        if KEPT_MAX < self.kept.len() {
            self.kept.clear();
        }
        let mut insert = Prepared::new(db, &self.statements.insert);
        let mut update = Prepared::new(db, &self.statements.update);
        let mut delete = Prepared::new(db, &self.statements.delete);
        for (key, Touched { stored, row }) in mem::take(&mut self.touched) {
            let Some(row) = row else {
                if let Some(stored) = stored {
                    delete.execute(&R::key_fields(&key))?;
                    *digest -= stored;
                }
                continue;
            };
            let fields = row.fields();
            let new = Digest::of(&canonical(R::TABLE, &fields));
            if stored != Some(new) {
                match stored {
                    Some(stored) => {
                        update.execute(&fields)?;
                        *digest -= stored;
                    }
                    None => insert.execute(&fields)?,
                }
                *digest += new;
            }
            if R::FIXED < R::COLUMNS.len() {
                self.kept.insert(key, (new, row));
            }
        }
        Ok(())
    }
}

impl<R: Row> Default for Rows<R> {
    fn default() -> Self {
        let (touched, kept) = (BTreeMap::new(), BTreeMap::new());
        Self { touched, kept, statements: Statements::of::<R>() }
    }
}

/// The four statements of a table. A field's place in [`Row::COLUMNS`] is the number of its parameter.
struct Statements {
    select: String,
    insert: String,
    update: String,
    delete: String,
}

impl Statements {
    fn of<R: Row>() -> Self {
        let (table, columns) = (R::TABLE, column_list::<R>());
        let numbered = |from: usize, to: usize, between: &str| {
            let columns = R::COLUMNS[from..to].iter().zip(from + 1..);
            let pairs: Vec<_> =
                columns.map(|(column, number)| format!("\"{column}\" = ?{number}")).collect();
            pairs.join(between)
        };
        let key = numbered(0, R::KEY_LENGTH, " and ");
        let changes = numbered(R::FIXED, R::COLUMNS.len(), ", ");
        let values: Vec<_> = (1..=R::COLUMNS.len()).map(|number| format!("?{number}")).collect();
        Self {
            select: format!("select {columns} from {table} where {key}"),
            insert: format!("insert into {table} ({columns}) values ({})", values.join(", ")),
            update: format!("update {table} set {changes} where {key}"),
            delete: format!("delete from {table} where {key}"),
        }
    }
}

/// The columns of a table for a `select`.
pub(crate) fn column_list<R: Row>() -> String {
    let columns: Vec<_> = R::COLUMNS.iter().map(|column| format!("\"{column}\"")).collect();
    columns.join(", ")
}

/// The rows that `condition` selects; order and limit may follow it.
pub(crate) fn select<R: Row>(
    db: &Connection,
    condition: &str,
    parameters: &[Field<'_>],
) -> Result<Vec<R>, Error> {
    let sql = format!("select {} from {} where {condition}", column_list::<R>(), R::TABLE);
    let mut statement = db.prepare_cached(&sql)?;
    let mut found = statement.query(params_from_iter(parameters))?;
    let mut rows = Vec::new();
    while let Some(row) = found.next()? {
        rows.push(R::read(&mut Columns::of::<R>(row))?);
    }
    Ok(rows)
}

fn load<R: Row>(db: &Connection, sql: &str, key: &[Field<'_>]) -> Result<Option<R>, Error> {
    let mut statement = db.prepare_cached(sql)?;
    let mut found = statement.query(params_from_iter(key))?;
    found.next()?.map(|row| R::read(&mut Columns::of::<R>(row))).transpose()
}

/// A statement that is prepared when it is first needed.
struct Prepared<'a> {
    db: &'a Connection,
    sql: &'a str,
    statement: Option<CachedStatement<'a>>,
}

impl<'a> Prepared<'a> {
    fn new(db: &'a Connection, sql: &'a str) -> Self {
        Self { db, sql, statement: None }
    }

    fn execute(&mut self, fields: &[Field<'_>]) -> Result<(), Error> {
        let statement = match &mut self.statement {
            Some(statement) => statement,
            none => none.insert(self.db.prepare_cached(self.sql)?),
        };
        statement.execute(params_from_iter(fields))?;
        Ok(())
    }
}
