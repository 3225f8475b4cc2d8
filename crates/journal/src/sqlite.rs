//! A journal in SQLite: one file holds the journals of one or more books.

use std::path::{Path, PathBuf};

use ledger::{BookId, Position, Reference};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior};

use crate::checkpoint::SigningKey;
use crate::form::{Hash, Stored};
use crate::store::{Head, OpenError, ReadError, Reader, reads_through};
use crate::tree::Tree;
use crate::{chain, lookup};

/// The journal of a book in an SQLite file, to append to.
#[derive(Debug)]
pub struct SqliteStore {
    /// Its connection may write.
    journal: SqliteReader,
    path: PathBuf,
    key: Option<SigningKey>,
}

/// The journal of a book in an SQLite file, to read. The file is opened read-only; a writer may be at work.
#[derive(Debug)]
pub struct SqliteReader {
    connection: Connection,
    /// What the book is called within the file.
    number: i64,
    book: BookId,
    incarnation: [u8; 16],
}

impl SqliteStore {
    /// Adds an empty journal to a file, which is made when there is none. `incarnation` is random: it tells this
    /// journal from any other of the same book.
    pub fn create(path: &Path, book: BookId, incarnation: [u8; 16]) -> Result<Self, OpenError> {
        let mut connection = file::create(path)?;
        // The lock comes before the look, so that of two who add the book one does.
        let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if find_book(&tx, book)?.is_some() {
            return Err(OpenError::BookExists { book });
        }
        tx.execute(
            "insert into book (id, incarnation, epoch) values (?1, ?2, 0)",
            (&book.0, &incarnation),
        )?;
        tree::create(&tx, tx.last_insert_rowid())?;
        tx.commit()?;
        Self::new(path, connection, book)
    }

    /// Opens a journal that was created.
    pub fn open(path: &Path, book: BookId) -> Result<Self, OpenError> {
        Self::new(path, file::open(path)?, book)
    }

    /// The same, and checkpoints are signed with this key, if it is one.
    pub fn with_key(self, key: impl Into<Option<SigningKey>>) -> Self {
        Self { key: key.into(), ..self }
    }

    /// What tells this journal from any other of the same book.
    pub fn incarnation(&self) -> [u8; 16] {
        self.journal.incarnation
    }

    fn new(path: &Path, connection: Connection, book: BookId) -> Result<Self, OpenError> {
        let journal = SqliteReader::new(connection, book)?;
        Ok(Self { journal, path: path.to_owned(), key: None })
    }
}

impl SqliteReader {
    /// Opens a journal that was created.
    ///
    /// The folder must be writable when no writer is at work: SQLite makes the index of its log there.
    pub fn open(path: &Path, book: BookId) -> Result<Self, OpenError> {
        Self::new(file::open_read_only(path)?, book)
    }

    /// What tells this journal from any other of the same book.
    pub fn incarnation(&self) -> [u8; 16] {
        self.incarnation
    }

    fn new(connection: Connection, book: BookId) -> Result<Self, OpenError> {
        let found = find_book(&connection, book)?;
        let (number, incarnation) = found.ok_or(OpenError::UnknownBook { book })?;
        Ok(Self { connection, number, book, incarnation })
    }
}

/// The books whose journals are in a file, in the order in which they were created.
pub fn books(path: &Path) -> Result<Vec<BookId>, OpenError> {
    let connection = file::open_for_books(path)?;
    let mut statement = connection.prepare("select id from book order by number")?;
    let books = statement.query_map((), |row| row.get(0).map(BookId))?.collect::<Result<_, _>>()?;
    Ok(books)
}

impl Reader for SqliteReader {
    fn book(&self) -> BookId {
        self.book
    }

    fn head(&mut self) -> Result<Head, ReadError> {
        Ok(head(&self.connection, self.number)?)
    }

    fn read(&mut self, from: Position, limit: usize) -> Result<Vec<Stored>, ReadError> {
        let mut statement = self.connection.prepare_cached(
            "select position, bytes from entry where book = ?1 and ?2 <= position order by position",
        )?;
        // Rows are fetched as they are asked for: no more of them than the limit needs.
        let mut rows = statement.query((self.number, i64::try_from(from.0).unwrap_or(i64::MAX)))?;
        chain::verify(from, limit, || Ok(rows.next()?.map(entry_row).transpose()?))
    }

    fn find(&mut self, reference: Reference) -> Result<Option<Stored>, ReadError> {
        let found = self
            .connection
            .prepare_cached(
                "select position from lookup where book = ?1 and kind = ?2 and hash = ?3",
            )?
            .query_row((self.number, lookup::kind(reference), reference.hash()), |row| {
                position(row, 0)
            })
            .optional()?;
        found.map(|position| chain::verify_found(self, reference, position)).transpose()
    }

    fn tree(&mut self) -> Result<Tree, ReadError> {
        tree::read(&self.connection, self.number)?.ok_or(ReadError::NoTree)
    }

    fn checkpoints(&mut self, each: &mut dyn FnMut(u64, &str)) -> Result<(), ReadError> {
        let mut statement = self.connection.prepare_cached(
            "select size, note from checkpoint where book = ?1
             union all select size, note from tree where book = ?1 and note is not null
             order by size",
        )?;
        let mut rows = statement.query([self.number])?;
        while let Some(row) = rows.next()? {
            let note: String = row.get(1)?;
            each(row.get::<_, i64>(0)?.cast_unsigned(), &note);
        }
        Ok(())
    }

    fn last_checkpoint(&mut self) -> Result<Option<String>, ReadError> {
        let last = self
            .connection
            .prepare_cached("select note from tree where book = ?1")?
            .query_row([self.number], |row| row.get(0))
            .optional()?;
        Ok(last.flatten())
    }

    fn references(&mut self, each: &mut dyn FnMut(Reference, Position)) -> Result<(), ReadError> {
        let mut statement = self
            .connection
            .prepare_cached("select kind, hash, position from lookup where book = ?1")?;
        let mut rows = statement.query([self.number])?;
        while let Some(row) = rows.next()? {
            each(reference(row)?, position(row, 2)?);
        }
        Ok(())
    }
}

reads_through! { SqliteStore }

fn head(connection: &Connection, number: i64) -> rusqlite::Result<Head> {
    let last = connection
        .prepare_cached(
            "select position, bytes from entry where book = ?1 order by position desc limit 1",
        )?
        .query_row([number], |row| {
            Ok(Head { position: position(row, 0)?, hash: Hash::of(row.get_ref(1)?.as_blob()?) })
        })
        .optional()?;
    Ok(last.unwrap_or(Head::EMPTY))
}

fn find_book(connection: &Connection, book: BookId) -> rusqlite::Result<Option<(i64, [u8; 16])>> {
    connection
        .query_row("select number, incarnation from book where id = ?1", [&book.0], |row| {
            row.try_into()
        })
        .optional()
}

fn entry_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<chain::Row> {
    Ok((position(row, 0)?, row.get(1)?))
}

fn position(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<Position> {
    let number: i64 = row.get(column)?;
    let position = u64::try_from(number).map(Position);
    position.map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, number))
}

/// The reference in a row of kind and hash.
fn reference(row: &rusqlite::Row<'_>) -> rusqlite::Result<Reference> {
    let kind = row.get(0)?;
    lookup::reference(kind, row.get(1)?)
        .ok_or(rusqlite::Error::IntegralValueOutOfRange(0, kind.into()))
}

mod append;
pub(crate) mod copy;
mod file;
mod tree;
