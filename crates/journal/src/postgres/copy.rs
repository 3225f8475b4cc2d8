//! A database that a journal is copied into.

use ledger::BookId;
use postgres::types::Type;

use super::append::{self, COPY_ENTRIES};
use super::client::Client;
use super::connection::Connection;
use super::{add_book, position};
use crate::copy::{CopyError, Target};
use crate::form::{Stored, decode};
use crate::store::{DatabaseError, Failure, OpenError, ReadError};
use crate::tree::Tree;
use crate::{chain, lookup};

const COPY_LOOKUPS: &str =
    "copy journal.lookup (book, kind, hash, position) from stdin with (format binary)";
const COPY_CHECKPOINTS: &str =
    "copy journal.checkpoint (book, size, at, note) from stdin with (format binary)";

/// A copy that is not whole yet: nobody else sees it.
pub(crate) struct DatabaseCopy {
    /// It is in a transaction: a connection that is made anew when it is lost would leave it unnoticed.
    client: Client,
    number: i32,
}

impl DatabaseCopy {
    pub(crate) fn begin(url: &str, book: BookId, incarnation: [u8; 16]) -> Result<Self, OpenError> {
        let mut client = Connection::to_write(url)?.into_client();
        // While the source is read, nothing happens here.
        client.batch_execute("begin; set local idle_in_transaction_session_timeout = 0")?;
        let number = add_book(&mut client, book, incarnation)?;
        Ok(Self { client, number })
    }

    /// Keeps the tree, and commits.
    pub(crate) fn finish(mut self, tree: &Tree, note: Option<&str>) -> Result<(), Failure> {
        let (size, peaks) = (tree.size().cast_signed(), append::peaks(tree));
        self.client.execute(
            "update journal.tree set size = $2, peaks = $3, note = $4 where book = $1",
            &[&self.number, &size, &peaks, &note],
        )?;
        Ok(self.client.batch_execute("commit")?)
    }

    fn add_entries(&mut self, page: &[Stored]) -> Result<(), Failure> {
        append::copy_entries(&mut self.client, COPY_ENTRIES, self.number, page)?;
        let types = [Type::INT4, Type::INT2, Type::BYTEA, Type::INT8];
        let mut lookups = self.client.copy_in(COPY_LOOKUPS, &types)?;
        // In the order of the index, so that each of its pages is visited once.
        for (reference, position) in chain::references(page) {
            let (hash, position) = (reference.hash(), position.0.cast_signed());
            lookups.write(&[&self.number, &lookup::kind(reference), &&hash[..], &position])?;
        }
        lookups.finish().map_err(append::refused_lookup)?;
        Ok(())
    }
}

impl Target for DatabaseCopy {
    fn add(&mut self, page: &[Stored]) -> Result<(), CopyError> {
        Ok(self.add_entries(page)?)
    }

    fn keep(&mut self, checkpoints: &[(u64, String)]) -> Result<(), CopyError> {
        let sizes: Vec<i64> = checkpoints.iter().map(|(size, _)| size.cast_signed()).collect();
        let entries = self.client.query(
            "select position, bytes from journal.entry where book = $1 and position = any($2)
             order by position",
            &[&self.number, &sizes],
        );
        let entries = entries.map_err(Failure::from)?;
        assert_eq!(entries.len(), sizes.len(), "the last entry of each was copied");
        let mut rows = Vec::new();
        for (row, (size, note)) in entries.iter().zip(checkpoints) {
            let position = position(row, 0).map_err(Failure::from)?;
            assert_eq!(position.0, *size, "checkpoints come in order");
            let stored = decode(row.try_get(1).map_err(Failure::from)?)
                .map_err(|source| ReadError::Undecodable { position, source })?;
            rows.push((size.cast_signed(), stored.entry.at.as_millis().cast_signed(), note));
        }
        let mut insert = || -> Result<(), DatabaseError> {
            let types = [Type::INT4, Type::INT8, Type::INT8, Type::TEXT];
            let mut copy = self.client.copy_in(COPY_CHECKPOINTS, &types)?;
            for (size, at, note) in &rows {
                copy.write(&[&self.number, size, at, note])?;
            }
            copy.finish()
        };
        Ok(insert().map_err(Failure::from)?)
    }
}
