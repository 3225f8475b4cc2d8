//! Rows in a form of their own, independent of the database that holds them.

use crate::database::{Found, Table};
use crate::error::Error;
use crate::field::{Column, Field};
use crate::{Digest, ReadModel};

/// A row of a read model.
///
/// Its columns stand in three groups: the key, what never changes, and what does. An update touches the last group
/// only, and so none of the indexes over the others.
pub trait Row: Sized {
    /// The model that it belongs to.
    const MODEL: ReadModel;
    /// Its table.
    const TABLE: &'static str;
    /// All columns, in the order of [`Row::fields`].
    const COLUMNS: &'static [&'static str];
    /// How many columns are the key.
    const KEY_LENGTH: usize;
    /// How many columns never change; the key is among them.
    const FIXED: usize;

    /// What it is found by.
    type Key: Copy + Ord;

    /// Its own key.
    fn key(&self) -> Self::Key;

    /// The columns of a key.
    fn key_fields(key: &Self::Key) -> Vec<Field<'_>>;

    /// All columns.
    fn fields(&self) -> Vec<Field<'_>>;

    /// Reads what [`Row::fields`] writes.
    fn read(columns: &mut Columns<'_>) -> Result<Self, Error>;

    /// Its [`canonical`] bytes: no other row of any table has the same.
    fn canonical(&self) -> Vec<u8> {
        canonical(Self::TABLE, &self.fields())
    }

    /// The digest of this row alone.
    fn digest(&self) -> Digest {
        Digest::of(&self.canonical())
    }
}

/// The table of a row.
pub(crate) fn table<R: Row>() -> Table {
    Table { name: R::TABLE, columns: R::COLUMNS, key_length: R::KEY_LENGTH, fixed: R::FIXED }
}

/// The bytes that stand in a [`Digest`] for a row: its table, so that equal rows of two tables differ, then its fields.
pub fn canonical(table: &str, fields: &[Field<'_>]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(512);
    Field::Text(table.into()).write_canonical(&mut bytes);
    for field in fields {
        field.write_canonical(&mut bytes);
    }
    bytes
}

/// The columns of a row that was found, from left to right.
#[derive(Debug)]
pub struct Columns<'a> {
    row: Found<'a>,
    next: usize,
    of: (&'static str, &'static [&'static str]),
}

impl<'a> Columns<'a> {
    /// The columns of `R`, which must be what was selected.
    pub(crate) fn of<R: Row>(row: Found<'a>) -> Self {
        Self::new(row, R::TABLE, R::COLUMNS)
    }

    /// These columns of a table, which must be what was selected.
    pub(crate) fn new(
        row: Found<'a>,
        table: &'static str,
        columns: &'static [&'static str],
    ) -> Self {
        Self { row, next: 0, of: (table, columns) }
    }

    /// The next one, as a value of the domain.
    pub(crate) fn take<T: Column>(&mut self) -> Result<T, Error> {
        self.take_with(|field| T::read(&field))
    }

    /// The rest as it stands, whatever it means.
    pub(crate) fn rest(mut self) -> Result<Vec<Field<'a>>, Error> {
        let left = self.of.1.len() - self.next;
        let mut fields = Vec::with_capacity(left);
        for _ in 0..left {
            fields.push(self.take_with(Some)?);
        }
        Ok(fields)
    }

    fn take_with<T>(&mut self, read: impl FnOnce(Field<'a>) -> Option<T>) -> Result<T, Error> {
        let (table, columns) = self.of;
        let column = columns[self.next];
        let field = self.row.field(self.next)?;
        self.next += 1;
        field.and_then(read).ok_or(Error::Unreadable { table, column })
    }
}

/// Makes a struct the form of a table's rows: a column for each of its fields, with the same name.
macro_rules! row {
    (
        $row:ident in $model:ident $table:literal
        key { $($key:ident: $key_type:ty),+ }
        fixed { $($fixed:ident),* }
        changing { $($changing:ident),* }
    ) => {
        #[allow(unused_parens, reason = "only a key of several columns is a tuple")]
        impl $crate::row::Row for $row {
            const MODEL: $crate::ReadModel = $crate::ReadModel::$model;
            const TABLE: &'static str = $table;
            const COLUMNS: &'static [&'static str] =
                &[$(stringify!($key),)+ $(stringify!($fixed),)* $(stringify!($changing),)*];
            const KEY_LENGTH: usize = [$(stringify!($key)),+].len();
            const FIXED: usize =
                [$(stringify!($key),)+ $(stringify!($fixed)),*].len();

            type Key = ($($key_type),+);

            fn key(&self) -> Self::Key {
                ($(self.$key),+)
            }

            fn key_fields(($($key),+): &Self::Key) -> Vec<$crate::field::Field<'_>> {
                use $crate::field::Column as _;
                vec![$($key.field()),+]
            }

            fn fields(&self) -> Vec<$crate::field::Field<'_>> {
                use $crate::field::Column as _;
                vec![
                    $(self.$key.field(),)+
                    $(self.$fixed.field(),)*
                    $(self.$changing.field(),)*
                ]
            }

            fn read(columns: &mut $crate::row::Columns<'_>) -> Result<Self, $crate::Error> {
                Ok(Self {
                    $($key: columns.take()?,)+
                    $($fixed: columns.take()?,)*
                    $($changing: columns.take()?,)*
                })
            }
        }
    };
}
pub(crate) use row;
