//! The rows of one table that a batch of entries touches: each is read once, and written once.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry as Slot;
use std::mem;

use ledger::Position;

use crate::database::Connection;
use crate::field::Field;
use crate::row::{Columns, Row, canonical, table};
use crate::{Digest, Error};

/// Changed rows on their way into the database.
pub(crate) struct Rows<R: Row> {
    touched: BTreeMap<R::Key, Touched<R>>,
    /// As the database has them.
    kept: Kept<R>,
    /// The statement that finds a row by its key.
    select: String,
}

struct Touched<R> {
    /// The digest of the row that the database has.
    stored: Option<Digest>,
    row: Option<R>,
}

/// Rows that were written, of two ages.
struct Kept<R: Row> {
    young: BTreeMap<R::Key, (Digest, R)>,
    old: BTreeMap<R::Key, (Digest, R)>,
    /// Whether there were others.
    has_forgotten: bool,
}

impl<R: Row> Rows<R> {
    /// The row as the entries before have left it, for reading, changing, making or removing.
    pub(crate) fn get(&mut self, db: &Connection, key: R::Key) -> Result<&mut Option<R>, Error> {
        match self.touched.entry(key) {
            Slot::Occupied(touched) => Ok(&mut touched.into_mut().row),
            Slot::Vacant(slot) => {
                let found = match self.kept.take(&key) {
                    Some(kept) => Some(kept),
                    None if db.memory().began_empty && !self.kept.has_forgotten => None,
                    None => {
                        let found = read(db, &self.select, &R::key_fields(&key))?.pop();
                        found.map(|row: R| (row.digest(), row))
                    }
                };
                let (stored, row) = found.unzip();
                Ok(&mut slot.insert(Touched { stored, row }).row)
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
        let mut writer = db.writer(table::<R>());
        for (key, Touched { stored, row }) in mem::take(&mut self.touched) {
            let Some(row) = row else {
                if let Some(stored) = stored {
                    writer.delete(&R::key_fields(&key))?;
                    *digest -= stored;
                }
                continue;
            };
            let fields = row.fields();
            let new = Digest::of(&canonical(R::TABLE, &fields));
            if stored != Some(new) {
                match stored {
                    Some(stored) => {
                        writer.update(&fields)?;
                        *digest -= stored;
                    }
                    None => writer.insert(&fields)?,
                }
                *digest += new;
            }
            if R::FIXED < R::COLUMNS.len() {
                self.kept.add(key, new, row, db.memory().rows_max);
            } else {
                self.kept.has_forgotten = true;
            }
        }
        writer.finish()
    }
}

impl<R: Row> Default for Rows<R> {
    fn default() -> Self {
        let table = table::<R>();
        let (columns, key) = (table.column_list(), table.key_condition());
        let select = format!("select {columns} from {} where {key}", table.name);
        Self { touched: BTreeMap::new(), kept: Kept::default(), select }
    }
}

impl<R: Row> Kept<R> {
    fn take(&mut self, key: &R::Key) -> Option<(Digest, R)> {
        self.young.remove(key).or_else(|| self.old.remove(key))
    }

    /// Keeps a row. Where there are too many, those go that nobody came back to since half of them were kept.
    fn add(&mut self, key: R::Key, digest: Digest, row: R, rows_max: usize) {
        if rows_max / 2 <= self.young.len() {
            self.has_forgotten |= !self.old.is_empty();
            self.old = mem::take(&mut self.young);
        }
        self.young.insert(key, (digest, row));
    }
}

impl<R: Row> Default for Kept<R> {
    fn default() -> Self {
        Self { young: BTreeMap::new(), old: BTreeMap::new(), has_forgotten: false }
    }
}

/// The rows that `condition` selects; order and limit may follow it.
pub(crate) fn select<R: Row>(
    db: &Connection,
    condition: &str,
    parameters: &[Field<'_>],
) -> Result<Vec<R>, Error> {
    let sql = format!("select {} from {} where {condition}", table::<R>().column_list(), R::TABLE);
    read(db, &sql, parameters)
}

fn read<R: Row>(db: &Connection, sql: &str, parameters: &[Field<'_>]) -> Result<Vec<R>, Error> {
    db.query(sql, parameters, |row| R::read(&mut Columns::of::<R>(row)))
}
