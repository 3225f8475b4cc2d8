//! A journal in PostgreSQL: one database holds the journals of one or more books.
//!
//! A writer has a connection of its own. While it holds a book, that connection holds a lock that names the book, so that
//! a successor can find and end it, and then take over.

use std::fmt;

use ledger::{BookId, Position, Reference};
use postgres::fallible_iterator::FallibleIterator;
use postgres::types::ToSql;
use postgres::{GenericClient, Row};

use crate::checkpoint::SigningKey;
use crate::form::Hash;
use crate::store::{Head, OpenError, ReadError, Reader, reads_through};
use crate::tree::Tree;
use crate::{Stored, chain, lookup};

use connection::Connection;
pub use connection::prepare;

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
        let mut tx = connection.client()?.transaction()?;
        let number = add_book(&mut tx, book, incarnation)?;
        tx.commit()?;
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
        let (number, incarnation) = (row.get(0), array(&row, 1));
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
    let rows = connection.client()?.query("select id from journal.book order by number", &[])?;
    Ok(rows.iter().map(|row| BookId(array(row, 0))).collect())
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
            Ok(last.map_or(Head::EMPTY, |row| Head {
                position: position(&row, 0),
                hash: Hash::of(row.get(1)),
            }))
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
            let parameters: [&(dyn ToSql + Sync); 3] = [number, &first, &rows_max];
            let mut rows = client.query_raw(&statement, parameters)?;
            chain::verify(from, limit, || {
                Ok(rows.next()?.map(|row| (position(&row, 0), row.get::<_, Vec<u8>>(1))))
            })
        })
    }

    fn find(&mut self, reference: Reference) -> Result<Option<Position>, ReadError> {
        let (kind, hash) = (lookup::kind(reference), reference.hash());
        let found = self.ask(|Self { connection, number, .. }| {
            let (client, statement) = connection.with(
                "select position from journal.lookup
                 where book = $1 and kind = $2 and hash = $3",
            )?;
            let found = client.query_opt(&statement, &[number, &kind, &&hash[..]])?;
            Ok(found.map(|row| position(&row, 0)))
        })?;
        found.map(|position| chain::verify_found(self, reference, position)).transpose()
    }

    fn tree(&mut self) -> Result<Tree, ReadError> {
        self.ask(|Self { connection, number, .. }| {
            let (client, statement) =
                connection.with("select size, peaks from journal.tree where book = $1")?;
            let kept = client.query_opt(&statement, &[number])?;
            kept.and_then(|row| tree(&row, 0)).ok_or(ReadError::NoTree)
        })
    }

    fn last_checkpoint(&mut self) -> Result<Option<String>, ReadError> {
        self.ask(|Self { connection, number, .. }| {
            let (client, statement) =
                connection.with("select note from journal.tree where book = $1")?;
            let last = client.query_opt(&statement, &[number])?;
            Ok(last.and_then(|row| row.get(0)))
        })
    }

    fn checkpoints(&mut self, each: &mut dyn FnMut(u64, &str)) -> Result<(), ReadError> {
        let (client, statement) = self.connection.with(
            "select size, note from journal.checkpoint where book = $1
             union all select size, note from journal.tree where book = $1 and note is not null
             order by size",
        )?;
        let mut rows = client.query_raw(&statement, [&self.number])?;
        while let Some(row) = rows.next()? {
            each(row.get::<_, i64>(0).cast_unsigned(), row.get(1));
        }
        Ok(())
    }

    fn references(&mut self, each: &mut dyn FnMut(Reference, Position)) -> Result<(), ReadError> {
        let (client, statement) = self
            .connection
            .with("select kind, hash, position from journal.lookup where book = $1")?;
        let mut rows = client.query_raw(&statement, [&self.number])?;
        while let Some(row) = rows.next()? {
            let reference = lookup::reference(row.get(0), array(&row, 1));
            each(reference.expect("the table has no other kind"), position(&row, 2));
        }
        Ok(())
    }
}

reads_through! { PostgresStore }

/// Adds a book without entries; says what it is called within the database.
fn add_book(
    tx: &mut impl GenericClient,
    book: BookId,
    incarnation: [u8; 16],
) -> Result<i32, OpenError> {
    // Of two who add the book the second waits for the first, and is refused.
    let added = tx.query_one(
        "insert into journal.book (id, incarnation) values ($1, $2) returning number",
        &[&&book.0[..], &&incarnation[..]],
    );
    let number: i32 = match added {
        Ok(row) => row.get(0),
        Err(error) if is_duplicate(&error, "book_id") => {
            return Err(OpenError::BookExists { book });
        }
        Err(error) => return Err(error.into()),
    };
    tx.execute("insert into journal.tree (book, size, peaks) values ($1, 0, '')", &[&number])?;
    Ok(number)
}

impl fmt::Debug for PostgresReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresReader").field("book", &self.book).finish_non_exhaustive()
    }
}

/// A position in a row: the tables have none below one.
fn position(row: &Row, column: usize) -> Position {
    Position(row.get::<_, i64>(column).cast_unsigned())
}

/// Bytes of which the table checks the number.
fn array<const N: usize>(row: &Row, column: usize) -> [u8; N] {
    row.get::<_, &[u8]>(column).try_into().expect("the table checks the length")
}

/// The tree whose size and peaks stand in two columns. `None` when they are no tree's.
fn tree(row: &Row, column: usize) -> Option<Tree> {
    let size: i64 = row.get(column);
    let (peaks, rest) = row.get::<_, &[u8]>(column + 1).as_chunks();
    let tree = Tree::from_peaks(size.cast_unsigned(), peaks.iter().copied().map(Hash).collect());
    tree.filter(|_| rest.is_empty())
}

fn is_duplicate(error: &postgres::Error, constraint: &str) -> bool {
    let error = error.as_db_error();
    error.is_some_and(|error| error.constraint() == Some(constraint))
}

mod append;
mod connection;
pub(crate) mod copy;
