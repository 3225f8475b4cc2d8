//! Changes of many rows in one statement.

use postgres::types::ToSql;

use super::Connection;
use super::copy::Copy;
use crate::Error;
use crate::database::Table;
use crate::field::Field;

/// Gathers changes, and writes those of a kind with one statement: a round trip would be most of the cost of a row.
pub(crate) struct Writer<'a> {
    db: &'a Connection,
    table: Table,
    inserted: Bulk,
    /// In the place of `inserted` where tables are filled.
    copied: Copy,
    updated: Bulk,
    deleted: Bulk,
}

/// Rows by column.
#[derive(Default)]
struct Bulk(Vec<Vec<Field<'static>>>);

impl<'a> Writer<'a> {
    pub(in crate::database) fn new(db: &'a Connection, table: Table) -> Self {
        let (inserted, copied, updated, deleted) = Default::default();
        Self { db, table, inserted, copied, updated, deleted }
    }

    pub(in crate::database) fn insert(&mut self, row: &[Field<'_>]) -> Result<(), Error> {
        if self.db.is_filling {
            return self.copied.push(self.table, row);
        }
        self.inserted.push(row);
        Ok(())
    }

    pub(in crate::database) fn update(&mut self, row: &[Field<'_>]) {
        let Table { key_length, fixed, .. } = self.table;
        self.updated.push(row[..key_length].iter().chain(&row[fixed..]));
    }

    pub(in crate::database) fn delete(&mut self, key: &[Field<'_>]) {
        self.deleted.push(key);
    }

    pub(in crate::database) fn finish(self) -> Result<(), Error> {
        let Self { db, table, inserted, copied, updated, deleted } = self;
        let (name, columns) = (table.name, table.columns);
        let (key, changing) = (&columns[..table.key_length], &columns[table.fixed..]);
        let is_it = list(key, " and ", |column| format!("old.\"{column}\" = new.\"{column}\""));
        if !deleted.0.is_empty() {
            let new = parameters(db, table, key)?;
            deleted.write(db, &format!("delete from {name} as old using {new} where {is_it}"))?;
        }
        if !updated.0.is_empty() {
            let changes = list(changing, ", ", |column| format!("\"{column}\" = new.\"{column}\""));
            let new = parameters(db, table, &[key, changing].concat())?;
            let sql = format!("update {name} as old set {changes} from {new} where {is_it}");
            updated.write(db, &sql)?;
        }
        if !inserted.0.is_empty() {
            let (columns, new) = (table.column_list(), parameters(db, table, columns)?);
            inserted.write(db, &format!("insert into {name} ({columns}) select * from {new}"))?;
        }
        copied.write(db, table)
    }
}

impl Bulk {
    fn push<'a>(&mut self, row: impl IntoIterator<Item = &'a Field<'a>>) {
        for (place, field) in row.into_iter().enumerate() {
            if self.0.len() == place {
                self.0.push(Vec::new());
            }
            self.0[place].push(field.to_owned());
        }
    }

    fn write(self, db: &Connection, sql: &str) -> Result<(), Error> {
        let statement = db.statement(sql)?;
        let columns: Vec<_> = self.0.iter().map(|column| column as &(dyn ToSql + Sync)).collect();
        db.run(|client| client.execute(&statement, &columns))?;
        Ok(())
    }
}

/// Parameters as rows of these columns: an array for each, of the type that the table's column has.
fn parameters(db: &Connection, table: Table, columns: &[&str]) -> Result<String, Error> {
    let names = list(columns, ", ", |column| format!("\"{column}\""));
    let selected = db.statement(&format!("select {names} from {}", table.name))?;
    let numbered = selected.columns().iter().zip(1..);
    let arrays: Vec<_> =
        numbered.map(|(column, number)| format!("?{number}::{}[]", column.type_())).collect();
    Ok(format!("unnest({}) as new({names})", arrays.join(", ")))
}

fn list(columns: &[&str], between: &str, each: impl Fn(&str) -> String) -> String {
    columns.iter().map(|column| each(column)).collect::<Vec<_>>().join(between)
}
