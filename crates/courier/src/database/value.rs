//! Values as a database holds them.

use std::error::Error as StdError;

use bytes::{BufMut, BytesMut};
use ledger::{Position, Timestamp, WebhookId};
use postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use rusqlite::types::{ToSqlOutput, ValueRef};

use crate::Error;

/// What stands in one column of one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Absent,
    Integer(u64),
    Text(String),
    Bytes(Vec<u8>),
}

/// A row that was found, read from its first column to its last.
#[derive(Debug)]
pub(crate) struct Row {
    table: &'static str,
    columns: std::vec::IntoIter<Option<Value>>,
}

impl Row {
    /// `None` for what no column of ours holds.
    pub(super) fn new(columns: Vec<Option<Value>>) -> Self {
        Self { table: "courier", columns: columns.into_iter() }
    }

    /// The same, whose errors name a table.
    pub(crate) fn of(self, table: &'static str) -> Self {
        Self { table, ..self }
    }

    /// The next column.
    pub(crate) fn take<T: Column>(&mut self) -> Result<T, Error> {
        let value = self.columns.next().flatten();
        value.and_then(T::read).ok_or(Error::Unreadable { table: self.table })
    }
}

/// What fits one column.
pub(crate) trait Column: Sized {
    /// `None` for what none of this kind is written as.
    fn read(value: Value) -> Option<Self>;
}

impl<T: Column> Column for Option<T> {
    fn read(value: Value) -> Option<Self> {
        match value {
            Value::Absent => Some(None),
            present => T::read(present).map(Some),
        }
    }
}

impl Column for u64 {
    fn read(value: Value) -> Option<Self> {
        match value {
            Value::Integer(number) => Some(number),
            _ => None,
        }
    }
}

impl Column for u32 {
    fn read(value: Value) -> Option<Self> {
        u64::read(value)?.try_into().ok()
    }
}

impl Column for bool {
    fn read(value: Value) -> Option<Self> {
        match value {
            Value::Integer(0) => Some(false),
            Value::Integer(1) => Some(true),
            _ => None,
        }
    }
}

impl Column for String {
    fn read(value: Value) -> Option<Self> {
        match value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl<const N: usize> Column for [u8; N] {
    fn read(value: Value) -> Option<Self> {
        match value {
            Value::Bytes(bytes) => bytes.try_into().ok(),
            _ => None,
        }
    }
}

impl Column for Position {
    fn read(value: Value) -> Option<Self> {
        u64::read(value).map(Self)
    }
}

impl Column for Timestamp {
    fn read(value: Value) -> Option<Self> {
        u64::read(value).map(Self::from_millis)
    }
}

impl Column for WebhookId {
    fn read(value: Value) -> Option<Self> {
        <[u8; 16]>::read(value).map(Self)
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::Integer(number)
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Integer(number.into())
    }
}

impl From<bool> for Value {
    fn from(is_so: bool) -> Self {
        Self::Integer(is_so.into())
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl<const N: usize> From<[u8; N]> for Value {
    fn from(bytes: [u8; N]) -> Self {
        Self::Bytes(bytes.to_vec())
    }
}

impl From<Position> for Value {
    fn from(position: Position) -> Self {
        Self::Integer(position.0)
    }
}

impl From<Timestamp> for Value {
    fn from(at: Timestamp) -> Self {
        Self::Integer(at.as_millis())
    }
}

impl From<WebhookId> for Value {
    fn from(webhook: WebhookId) -> Self {
        webhook.0.into()
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Absent, T::into)
    }
}

impl Value {
    /// `None` for what no column of ours holds.
    pub(super) fn from_sqlite(value: ValueRef<'_>) -> Option<Self> {
        Some(match value {
            ValueRef::Null => Self::Absent,
            ValueRef::Integer(number) => Self::Integer(number.try_into().ok()?),
            ValueRef::Text(text) => Self::Text(str::from_utf8(text).ok()?.to_owned()),
            ValueRef::Blob(bytes) => Self::Bytes(bytes.to_vec()),
            ValueRef::Real(_) => return None,
        })
    }
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Absent => ValueRef::Null,
            Self::Integer(number) => ValueRef::Integer(
                i64::try_from(*number)
                    .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?,
            ),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// What stands in a column, whatever it is.
pub(super) struct Cell(pub(super) Option<Value>);

impl<'a> FromSql<'a> for Cell {
    fn from_sql(column: &Type, value: &'a [u8]) -> Result<Self, Box<dyn StdError + Sync + Send>> {
        Ok(Self(match *column {
            Type::INT8 => u64::try_from(i64::from_sql(column, value)?).ok().map(Value::Integer),
            Type::TEXT => str::from_utf8(value).ok().map(|text| Value::Text(text.to_owned())),
            Type::BYTEA => Some(Value::Bytes(value.to_vec())),
            _ => None,
        }))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn StdError + Sync + Send>> {
        Ok(Self(Some(Value::Absent)))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

impl ToSql for Value {
    fn to_sql(
        &self,
        column: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        match (self, column) {
            (Self::Absent, _) => return Ok(IsNull::Yes),
            (Self::Integer(number), &Type::INT8) => out.put_i64(i64::try_from(*number)?),
            (Self::Text(text), &Type::TEXT) => out.put_slice(text.as_bytes()),
            (Self::Bytes(bytes), &Type::BYTEA) => out.put_slice(bytes),
            (value, column) => return Err(format!("`{value:?}` is no `{column}`").into()),
        }
        Ok(IsNull::No)
    }

    fn accepts(column: &Type) -> bool {
        matches!(*column, Type::INT8 | Type::TEXT | Type::BYTEA)
    }

    to_sql_checked!();
}
