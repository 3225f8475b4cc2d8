//! A journal in PostgreSQL: one database holds the journals of one or more books.
//!
//! A writer has a connection of its own. While it holds a book, that connection holds a lock that names the book, so that
//! a successor can find and end it, and then take over. Beside it, [`Leaders`] is where writers say that they live.

use std::fmt;

use ledger::{BookId, Position, Reference};
use postgres::Row;

use crate::checkpoint::SigningKey;
use crate::form::Hash;
use crate::store::{DatabaseError, Head, OpenError, ReadError, Reader, reads_through};
use crate::tree::Tree;
use crate::{Stored, chain, lookup};

use client::Client;
use connection::Connection;
pub use connection::{parse_url, prepare};
pub use leaders::{Leader, Leaders, Standing};

/// The journal of a book in PostgreSQL, to append to.
#[derive(Debug)]
pub struct PostgresStore {
    /// Its connection may write.
    journal: PostgresReader,
    key: Option<SigningKey>,
}

/// The journal of a book in PostgreSQL, to read. A connection that was lost is replaced.
pub struct PostgresReader {
    connection: Connection,
    /// What the book is called within the database.
    number: i32,
    book: BookId,
    incarnation: [u8; 16],
}

impl PostgresStore {
    /// Adds an empty journal to a database that was [prepared](prepare). `incarnation` is random: it tells this journal
    /// from any other of the same book.
    pub fn create(url: &str, book: BookId, incarnation: [u8; 16]) -> Result<Self, OpenError> {
        let mut connection = Connection::to_write(url)?;
        // If it can't be added, it goes with the connection.
        let client = connection.client()?;
        client.batch_execute("begin")?;
        let number = add_book(client, book, incarnation)?;
        client.batch_execute("commit")?;
        Ok(Self { journal: PostgresReader { connection, number, book, incarnation }, key: None })
    }

    /// Opens a journal that was created.
    ///
    /// Refuses a server that may lose what it has acknowledged, and a role that may change what is recorded.
    pub fn open(url: &str, book: BookId) -> Result<Self, OpenError> {
        let journal = PostgresReader::new(Connection::to_write(url)?, book)?;
        Ok(Self { journal, key: None })
    }

    /// The same, and checkpoints are signed with this key, if it is one.
    pub fn with_key(self, key: impl Into<Option<SigningKey>>) -> Self {
        Self { key: key.into(), ..self }
    }

    /// What tells this journal from any other of the same book.
    pub fn incarnation(&self) -> [u8; 16] {
        self.journal.incarnation
    }
}

impl PostgresReader {
    /// Opens a journal that was created.
    pub fn open(url: &str, book: BookId) -> Result<Self, OpenError> {
        Self::new(Connection::to_read(url)?, book)
    }

    /// What tells this journal from any other of the same book.
    pub fn incarnation(&self) -> [u8; 16] {
        self.incarnation
    }

    fn new(mut connection: Connection, book: BookId) -> Result<Self, OpenError> {
        let found = connection.client()?.query_opt(
            "select number, incarnation from journal.book where id = $1",
            &[&&book.0[..]],
        )?;
        let row = found.ok_or(OpenError::UnknownBook { book })?;
        let (number, incarnation) = (row.try_get(0)?, array(&row, 1, "book")?);
        Ok(Self { connection, number, book, incarnation })
    }

    /// Asks once more, on a new connection, when the old one turns out to be lost.
    fn ask<T>(
        &mut self,
        mut question: impl FnMut(&mut Self) -> Result<T, ReadError>,
    ) -> Result<T, ReadError> {
        match question(self) {
            Err(ReadError::Database(_)) if self.connection.is_lost() => question(self),
            answer => answer,
        }
    }
}

/// The books whose journals are in a database, in the order in which they were created.
pub fn books(url: &str) -> Result<Vec<BookId>, OpenError> {
    let mut connection = Connection::to_read(url)?;
    let (client, statement) = connection.with("select id from journal.book order by number")?;
    let mut rows = client.query_raw(&statement, &[])?;
    let mut books = Vec::new();
    while let Some(row) = rows.next()? {
        books.push(BookId(array(&row, 0, "book")?));
    }
    Ok(books)
}

impl Reader for PostgresReader {
    fn book(&self) -> BookId {
        self.book
    }

    fn head(&mut self) -> Result<Head, ReadError> {
        self.ask(|Self { connection, number, .. }| {
            let (client, statement) = connection.with(
                "select position, bytes from journal.entry where book = $1
                 order by position desc limit 1",
            )?;
            let last = client.query_opt(&statement, &[number])?;
            let Some(row) = last else { return Ok(Head::EMPTY) };
            Ok(Head { position: position(&row, 0)?, hash: Hash::of(row.try_get(1)?) })
        })
    }

    fn read(&mut self, from: Position, limit: usize) -> Result<Vec<Stored>, ReadError> {
        let first = i64::try_from(from.0).unwrap_or(i64::MAX);
        // Two rows more tell whether the last one is what was written.
        let rows_max = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(2);
        self.ask(|Self { connection, number, .. }| {
            let (client, statement) = connection.with(
                "select position, bytes from journal.entry where book = $1 and $2 <= position
                 order by position limit $3",
            )?;
            let mut rows = client.query_raw(&statement, &[number, &first, &rows_max])?;
            chain::verify(from, limit, || {
                let Some(row) = rows.next()? else { return Ok(None) };
                Ok(Some((position(&row, 0)?, row.try_get(1)?)))
            })
        })
    }

    fn find(&mut self, reference: Reference) -> Result<Option<Stored>, ReadError> {
        let (kind, hash) = (lookup::kind(reference), reference.hash());
        let found = self.ask(|Self { connection, number, .. }| {
            let (client, statement) = connection.with(
                "select position from journal.lookup
                 where book = $1 and kind = $2 and hash = $3",
            )?;
            let found = client.query_opt(&statement, &[number, &kind, &&hash[..]])?;
            Ok(found.map(|row| position(&row, 0)).transpose()?)
        })?;
        found.map(|position| chain::verify_found(self, reference, position)).transpose()
    }

    fn tree(&mut self) -> Result<Tree, ReadError> {
        self.ask(|Self { connection, number, .. }| {
            let (client, statement) =
                connection.with("select size, peaks from journal.tree where book = $1")?;
            let kept = client.query_opt(&statement, &[number])?;
            let kept = kept.map(|row| tree(&row, 0)).transpose()?.flatten();
            kept.ok_or(ReadError::NoTree)
        })
    }

    fn last_checkpoint(&mut self) -> Result<Option<String>, ReadError> {
        self.ask(|Self { connection, number, .. }| {
            let (client, statement) =
                connection.with("select note from journal.tree where book = $1")?;
            let last = client.query_opt(&statement, &[number])?;
            Ok(last.map(|row| row.try_get(0)).transpose()?.flatten())
        })
    }

    fn checkpoints(&mut self, each: &mut dyn FnMut(u64, &str)) -> Result<(), ReadError> {
        let (client, statement) = self.connection.with(
            "select size, note from journal.checkpoint where book = $1
             union all select size, note from journal.tree where book = $1 and note is not null
             order by size",
        )?;
        let mut rows = client.query_raw(&statement, &[&self.number])?;
        while let Some(row) = rows.next()? {
            each(row.try_get::<_, i64>(0)?.cast_unsigned(), row.try_get(1)?);
        }
        Ok(())
    }

    fn references(&mut self, each: &mut dyn FnMut(Reference, Position)) -> Result<(), ReadError> {
        let (client, statement) = self
            .connection
            .with("select kind, hash, position from journal.lookup where book = $1")?;
        let mut rows = client.query_raw(&statement, &[&self.number])?;
        while let Some(row) = rows.next()? {
            let reference = lookup::reference(row.try_get(0)?, array(&row, 1, "lookup")?);
            let reference = reference.ok_or(DatabaseError::Damaged { table: "lookup" })?;
            each(reference, position(&row, 2)?);
        }
        Ok(())
    }
}

reads_through! { PostgresStore }

/// Adds a book without entries; says what it is called within the database.
fn add_book(tx: &mut Client, book: BookId, incarnation: [u8; 16]) -> Result<i32, OpenError> {
    // Of two who add the book the second waits for the first, and is refused.
    let added = tx.query_one(
        "insert into journal.book (id, incarnation) values ($1, $2) returning number",
        &[&&book.0[..], &&incarnation[..]],
    );
    let number: i32 = match added {
        Ok(row) => row.try_get(0)?,
        Err(error) if is_duplicate(&error, "book_id") => {
            return Err(OpenError::BookExists { book });
        }
        Err(error) => return Err(error.into()),
    };
    tx.execute("insert into journal.tree (book, size, peaks) values ($1, 0, '')", &[&number])?;
    tx.execute("insert into journal.leader (book) values ($1)", &[&number])?;
    Ok(number)
}

impl fmt::Debug for PostgresReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresReader").field("book", &self.book).finish_non_exhaustive()
    }
}

/// A position in a row. The tables have none below one; such a one is too large for any journal.
fn position(row: &Row, column: usize) -> Result<Position, postgres::Error> {
    Ok(Position(row.try_get::<_, i64>(column)?.cast_unsigned()))
}

/// Bytes of which the table checks the number.
fn array<const N: usize>(
    row: &Row,
    column: usize,
    table: &'static str,
) -> Result<[u8; N], DatabaseError> {
    let bytes: &[u8] = row.try_get(column)?;
    bytes.try_into().map_err(|_| DatabaseError::Damaged { table })
}

/// The tree whose size and peaks stand in two columns. `None` when they are no tree's.
fn tree(row: &Row, column: usize) -> Result<Option<Tree>, postgres::Error> {
    let size: i64 = row.try_get(column)?;
    let (peaks, rest) = row.try_get::<_, &[u8]>(column + 1)?.as_chunks();
    let tree = Tree::from_peaks(size.cast_unsigned(), peaks.iter().copied().map(Hash).collect());
    Ok(tree.filter(|_| rest.is_empty()))
}

fn is_duplicate(error: &DatabaseError, constraint: &str) -> bool {
    let DatabaseError::Postgres(error) = error else { return false };
    let error = error.as_db_error();
    error.is_some_and(|error| error.constraint() == Some(constraint))
}

mod append;
mod client;
mod connection;
pub(crate) mod copy;
mod leaders;
