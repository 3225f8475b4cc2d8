//! Fields as PostgreSQL holds them: `bigint`, `text`, `bytea`, or null of any of these.

use std::error::Error;

use bytes::{BufMut, BytesMut};
use postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

use super::Field;

/// What stands in a column, whatever it is; `None` for what no column of ours holds.
pub(crate) struct Cell<'a>(pub(crate) Option<Field<'a>>);

impl<'a> FromSql<'a> for Cell<'a> {
    fn from_sql(column: &Type, value: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(match *column {
            Type::INT8 => u64::try_from(i64::from_sql(column, value)?).ok().map(Field::Integer),
            Type::TEXT => std::str::from_utf8(value).ok().map(|text| Field::Text(text.into())),
            Type::BYTEA => Some(Field::Bytes(value.into())),
            _ => None,
        }))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(Some(Field::Absent)))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

impl ToSql for Field<'_> {
    fn to_sql(
        &self,
        column: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match (self, column) {
            (Self::Absent, _) => return Ok(IsNull::Yes),
            (Self::Integer(number), &Type::INT8) => out.put_i64(i64::try_from(*number)?),
            (Self::Text(text), &Type::TEXT) => out.put_slice(text.as_bytes()),
            (Self::Bytes(bytes), &Type::BYTEA) => out.put_slice(bytes),
            (field, column) => return Err(format!("`{field:?}` is no `{column}`").into()),
        }
        Ok(IsNull::No)
    }

    fn accepts(column: &Type) -> bool {
        matches!(*column, Type::INT8 | Type::TEXT | Type::BYTEA)
    }

    to_sql_checked!();
}
