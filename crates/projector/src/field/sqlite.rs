//! Fields as SQLite holds them.

use rusqlite::ToSql;
use rusqlite::types::{ToSqlOutput, ValueRef};

use super::Field;

impl Field<'_> {
    /// `None` for what no column of ours holds.
    pub(crate) fn from_sqlite(value: ValueRef<'_>) -> Option<Field<'_>> {
        Some(match value {
            ValueRef::Null => Field::Absent,
            ValueRef::Integer(number) => Field::Integer(number.try_into().ok()?),
            ValueRef::Text(text) => Field::Text(std::str::from_utf8(text).ok()?.into()),
            ValueRef::Blob(bytes) => Field::Bytes(bytes.into()),
            ValueRef::Real(_) => return None,
        })
    }
}

impl ToSql for Field<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Absent => ValueRef::Null,
            Self::Integer(number) => {
                let number = i64::try_from(*number);
                ValueRef::Integer(
                    number
                        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?,
                )
            }
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}
