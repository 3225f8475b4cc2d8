//! New rows of many entries in one stream, without a plan and without a parameter.

use std::io::Write;

use bytes::{BufMut, BytesMut};

use super::Connection;
use crate::Error;
use crate::database::Table;
use crate::field::Field;

/// What a stream begins with: its signature, no flags, no extension.
const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

/// What it ends with, in the place of a row's number of columns.
const TRAILER: i16 = -1;

/// What stands in the place of a length where there is no value.
const ABSENT: i32 = -1;

/// Handed to the client at once: it makes a message of it.
const MESSAGE_BYTES: usize = 256 * 1024;

/// Rows in the form of `copy … with (format binary)`.
#[derive(Default)]
pub(super) struct Copy {
    bytes: BytesMut,
}

impl Copy {
    /// Takes a row.
    pub(super) fn push(&mut self, table: Table, row: &[Field<'_>]) -> Result<(), Error> {
        if self.bytes.is_empty() {
            self.bytes.put_slice(HEADER);
        }
        self.bytes.put_i16(row.len() as i16);
        for (field, column) in row.iter().zip(table.columns) {
            match field {
                Field::Absent => self.bytes.put_i32(ABSENT),
                Field::Integer(number) => {
                    let number = i64::try_from(*number)
                        .map_err(|_| Error::Unreadable { table: table.name, column })?;
                    self.value(&number.to_be_bytes());
                }
                Field::Text(text) => self.value(text.as_bytes()),
                Field::Bytes(bytes) => self.value(bytes),
            }
        }
        Ok(())
    }

    /// Writes what was taken.
    pub(super) fn write(mut self, db: &Connection, table: Table) -> Result<(), Error> {
        if self.bytes.is_empty() {
            return Ok(());
        }
        self.bytes.put_i16(TRAILER);
        let (name, columns) = (table.name, table.column_list());
        let sql = format!("copy {name} ({columns}) from stdin with (format binary)");
        db.run(|client| {
            let mut stream = client.copy_in(&sql)?;
            // A failure to write is told, with its cause, by the end of the stream.
            let _ = self.bytes.chunks(MESSAGE_BYTES).try_for_each(|part| stream.write_all(part));
            stream.finish()
        })?;
        Ok(())
    }

    fn value(&mut self, content: &[u8]) {
        let length = i32::try_from(content.len()).expect("a field has less than 2 GiB");
        self.bytes.put_i32(length);
        self.bytes.put_slice(content);
    }
}
