//! A file that a journal is copied into.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use ledger::BookId;
use rusqlite::Connection;

use super::{append, file, tree};
use crate::copy::{CopyError, Target};
use crate::form::{Stored, decode};
use crate::store::{Failure, ReadError};
use crate::tree::Tree;
use crate::whole;

/// What the book is called within the file.
const NUMBER: i64 = 1;

/// A copy that is not whole yet. Its file has another name than it will have, and no book.
pub(crate) struct FileCopy {
    connection: Connection,
    unfinished: PathBuf,
    path: PathBuf,
}

impl FileCopy {
    pub(crate) fn begin(path: &Path) -> Result<Self, CopyError> {
        if path.try_exists()? {
            return Err(io::Error::from(io::ErrorKind::AlreadyExists).into());
        }
        let unfinished = whole::unfinished(path);
        whole::remove(&unfinished)?;
        let connection = file::create_unlogged(&unfinished)?;
        connection.execute_batch("begin").map_err(Failure::from)?;
        Ok(Self { connection, unfinished, path: path.to_owned() })
    }

    /// Names the book, writes all to disk, and gives the file its name.
    pub(crate) fn finish(
        self,
        book: BookId,
        incarnation: [u8; 16],
        tree: &Tree,
        note: Option<&str>,
    ) -> Result<(), CopyError> {
        let end = || -> rusqlite::Result<()> {
            self.connection.execute(
                "insert into book (number, id, incarnation, epoch) values (?1, ?2, ?3, 0)",
                (NUMBER, &book.0, &incarnation),
            )?;
            tree::create(&self.connection, NUMBER)?;
            tree::write(&self.connection, NUMBER, tree, note)?;
            self.connection.execute_batch("commit")
        };
        end().map_err(Failure::from)?;
        self.connection.close().map_err(|(_, error)| Failure::from(error))?;
        File::open(&self.unfinished)?.sync_all()?;
        Ok(whole::finish(&self.unfinished, &self.path)?)
    }

    /// Removes the file.
    pub(crate) fn abandon(self) -> io::Result<()> {
        drop(self.connection);
        whole::remove(&self.unfinished)
    }
}

impl Target for FileCopy {
    fn add(&mut self, page: &[Stored]) -> Result<(), CopyError> {
        Ok(append::insert_entries(&self.connection, NUMBER, page)?)
    }

    fn keep(&mut self, checkpoints: &[(u64, String)]) -> Result<(), CopyError> {
        let mut find = self
            .connection
            .prepare_cached("select bytes from entry where book = ?1 and position = ?2")
            .map_err(Failure::from)?;
        for (size, note) in checkpoints {
            let bytes = find.query_row((NUMBER, size.cast_signed()), |row| row.get(0));
            let position = ledger::Position(*size);
            let stored = decode(bytes.map_err(Failure::from)?)
                .map_err(|source| ReadError::Undecodable { position, source })?;
            tree::insert_checkpoint(&self.connection, NUMBER, *size, stored.entry.at, note)
                .map_err(Failure::from)?;
        }
        Ok(())
    }
}
