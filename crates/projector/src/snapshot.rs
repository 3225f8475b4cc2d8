//! Reading a read model: connections that can only read, and what they see at one position.

use std::time::{Duration, Instant};

use journal::Head;
use ledger::{Position, Timestamp};

use crate::database::{Checkpoint, Connection, Transaction};
use crate::field::{Column, Field};
use crate::loans::Loans;
use crate::row::{Columns, Row, canonical, table};
use crate::rows::select;
use crate::{Digest, Error, Place, ReadModel, Set};

/// Queries of a read model that run at once; more wait. They take microseconds, so four keep as many cores busy.
const CONNECTIONS: usize = 4;

/// Queries that wait for a connection when all have been at work for long: by queries that take their time, or behind a server
/// that is silent. Of the 512 threads on which tokio lets a process wait, the four read models of a book then have half.
const WAITING_MAX: usize = 64;

/// How long nobody tries to connect after a try that took longer than this and failed. What is refused at once costs no time,
/// and may be tried at once.
const AGAIN: Duration = Duration::from_secs(1);

/// Something, and the position at which it is so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct At<T> {
    /// The last entry that it shows.
    pub position: Position,
    /// What is so.
    pub value: T,
}

/// A place in a list that is read from the newest row to the oldest. Rows that are added later stand before it: going on
/// from there neither skips nor repeats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    /// The entry that has made the last row that was shown.
    pub position: Position,
    /// Which of the rows that it has made, where it has made several.
    pub number: u16,
}

impl From<Position> for Cursor {
    /// Of an entry that has made one row.
    fn from(position: Position) -> Self {
        Self { position, number: 0 }
    }
}

/// A part of a list, newest row first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Where to go on, if there is more.
    pub next: Option<Cursor>,
}

/// Which part of a list.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    /// Where to go on; at the newest row, if not said.
    pub from: Option<Cursor>,
    /// At most so many rows.
    pub limit: usize,
}

impl Page {
    /// Rows at positions below this one.
    pub(crate) fn end(self) -> Position {
        self.from.map_or(Position(i64::MAX as u64), |cursor| cursor.position)
    }

    /// One more than is shown tells whether there is more.
    pub(crate) fn limit_and_one(self) -> u64 {
        self.limit as u64 + 1
    }

    /// The list of rows that were found with the two above, newest first.
    pub(crate) fn list<T, C: Into<Cursor>>(
        self,
        mut rows: Vec<T>,
        cursor: impl Fn(&T) -> C,
    ) -> List<T> {
        let has_more = self.limit < rows.len();
        rows.truncate(self.limit);
        let next = rows.last().filter(|_| has_more).map(|row| cursor(row).into());
        List { rows, next }
    }
}

/// A read model as it is at one position, whatever is written meanwhile.
pub struct Snapshot<'a> {
    db: &'a Connection,
    /// What fixes what is seen.
    _tx: Transaction<'a>,
    checkpoint: Checkpoint,
}

impl Snapshot<'_> {
    /// The last entry that it shows.
    pub fn position(&self) -> Position {
        self.checkpoint.head.position
    }

    /// The same, with its hash.
    pub fn head(&self) -> Head {
        self.checkpoint.head
    }

    /// The digest that was kept along with the rows.
    pub fn digest(&self) -> Digest {
        self.checkpoint.digest
    }

    /// Calls `each` with every row of a table, in the order of the keys.
    pub fn each<R: Row>(&self, mut each: impl FnMut(R)) -> Result<(), Error> {
        self.walk::<R>(&in_order::<R>(), |mut columns| R::read(&mut columns).map(&mut each))
    }

    /// The same with the fields as they stand there, whatever they mean.
    pub fn each_raw_in_order<R: Row>(
        &self,
        mut each: impl FnMut(&[Field<'_>]),
    ) -> Result<(), Error> {
        self.walk::<R>(&in_order::<R>(), |columns| columns.rest().map(|fields| each(&fields)))
    }

    /// Calls `each` with the fields of every row of a table as they stand there, whatever they mean, in no order.
    pub fn each_raw<R: Row>(&self, mut each: impl FnMut(&[Field<'_>])) -> Result<(), Error> {
        self.walk::<R>("", |columns| columns.rest().map(|fields| each(&fields)))
    }

    /// The digest of the rows of a table as they stand there.
    pub(crate) fn scan<R: Row>(&self) -> Result<Digest, Error> {
        let mut digest = Digest::default();
        self.each_raw::<R>(|fields| digest += Digest::of(&canonical(R::TABLE, fields)))?;
        Ok(digest)
    }

    /// The row with this key.
    pub(crate) fn row<R: Row>(&self, key: R::Key) -> Result<Option<R>, Error> {
        let rows = self.rows(&table::<R>().key_condition(), &R::key_fields(&key))?;
        Ok(rows.into_iter().next())
    }

    /// The rows that `condition` selects; order and limit may follow it.
    pub(crate) fn rows<R: Row>(
        &self,
        condition: &str,
        parameters: &[Field<'_>],
    ) -> Result<Vec<R>, Error> {
        select(self.db, condition, parameters)
    }

    /// A part of the list of rows, or of those with this value in a column.
    pub(crate) fn list<R: Row>(
        &self,
        of: Option<(&str, Field<'_>)>,
        page: Page,
        position: impl Fn(&R) -> Position,
    ) -> Result<List<R>, Error> {
        self.list_of(of, page, position)
    }

    /// A part of the list of rows with these values in these columns.
    pub(crate) fn list_of<'f, R: Row>(
        &self,
        of: impl IntoIterator<Item = (&'f str, Field<'f>)>,
        page: Page,
        position: impl Fn(&R) -> Position,
    ) -> Result<List<R>, Error> {
        let (end, limit) = (page.end(), page.limit_and_one());
        let mut parameters = vec![end.field(), limit.field()];
        let mut condition = String::new();
        for (column, value) in of {
            parameters.push(value);
            condition += &format!("{column} = ?{} and ", parameters.len());
        }
        condition += "position < ?1 order by position desc limit ?2";
        Ok(page.list(self.rows(&condition, &parameters)?, position))
    }

    /// A position that parts the rows of a table: the times of those before it are before `at`, the others' are not.
    ///
    /// The book's time does not go back, so this halves the positions where an index would take room.
    pub(crate) fn first_since<R: Row>(&self, at: Timestamp) -> Result<Position, Error> {
        let table = R::TABLE;
        let last = self.db.query(&format!("select max(position) from {table}"), &[], |row| {
            Columns::new(row, table, &["position"]).take::<Option<Position>>()
        })?;
        let next = format!(
            "select position, at from {table} where ?1 <= position order by position limit 1"
        );
        let end = last.first().copied().flatten().map_or(Position::START, Position::next);
        let (mut low, mut high) = (Position::START, end);
        while low < high {
            let middle = Position(low.0 + (high.0 - low.0) / 2);
            let found = self.db.query(&next, &[middle.field()], |row| {
                let mut columns = Columns::new(row, table, &["position", "at"]);
                Ok((columns.take::<Position>()?, columns.take::<Timestamp>()?))
            })?;
            let &(position, found) = found.first().expect("there is one before the end");
            if found < at { low = position.next() } else { high = middle }
        }
        Ok(low)
    }

    /// The column, for a condition that is to be found by another index.
    pub(crate) fn aside(&self, column: &str) -> String {
        self.db.aside(column)
    }

    fn walk<R: Row>(
        &self,
        order: &str,
        mut each: impl FnMut(Columns<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let sql = format!("select {} from {}{order}", table::<R>().column_list(), R::TABLE);
        self.db.walk(&sql, |row| each(Columns::of::<R>(row)))
    }
}

/// The order of the keys.
fn in_order<R: Row>() -> String {
    let order: Vec<_> = (1..=R::KEY_LENGTH).map(|column| column.to_string()).collect();
    format!(" order by {}", order.join(", "))
}

/// Reads a read model that nobody need be following the journal with.
pub fn read<T>(
    model: ReadModel,
    place: &Place,
    read: impl FnOnce(&Snapshot<'_>) -> Result<T, Error>,
) -> Result<At<T>, Error> {
    read_set(model, Set::Live, place, read)
}

/// The same of any set of its tables.
pub fn read_set<T>(
    model: ReadModel,
    set: Set,
    place: &Place,
    read: impl FnOnce(&Snapshot<'_>) -> Result<T, Error>,
) -> Result<At<T>, Error> {
    read_with(&snapshot(&Connection::open_reader(model, set, place)?)?, read)
}

fn snapshot(db: &Connection) -> Result<Snapshot<'_>, Error> {
    let tx = db.begin_reading()?;
    Ok(Snapshot { db, _tx: tx, checkpoint: db.standing()?.checkpoint })
}

fn read_with<T>(
    snapshot: &Snapshot<'_>,
    read: impl FnOnce(&Snapshot<'_>) -> Result<T, Error>,
) -> Result<At<T>, Error> {
    Ok(At { position: snapshot.position(), value: read(snapshot)? })
}

/// The connections of those who query a read model.
#[derive(Debug)]
pub(crate) struct Pool {
    model: ReadModel,
    place: Place,
    /// `None` for one that is to be opened when it is needed.
    connections: Loans<Option<Connection>>,
    /// The right to open one, which one query has at a time; and when who had it has last waited in vain.
    opener: Loans<Option<Instant>>,
}

impl Pool {
    pub(crate) fn open(model: ReadModel, place: &Place) -> Result<Self, Error> {
        // The first one tells whether there is something to be read.
        let mut connections: Vec<_> = (1..CONNECTIONS).map(|_| None).collect();
        connections.push(Some(Connection::open_reader(model, Set::Live, place)?));
        let connections = Loans::of(connections, WAITING_MAX);
        // Nobody waits behind one who has tried for long: the server is silent.
        let opener = Loans::of(vec![None], 0);
        Ok(Self { model, place: place.clone(), connections, opener })
    }

    /// Runs a query in one read transaction, once a connection is free.
    ///
    /// A connection that was lost before is replaced. When one is lost on the way, that is an error; so it is when none comes
    /// free.
    pub(crate) fn read<T>(
        &self,
        read: impl FnOnce(&Snapshot<'_>) -> Result<T, Error>,
    ) -> Result<At<T>, Error> {
        let mut lent = self.connections.take().ok_or(Error::Silent)?;
        lent.take_if(|connection| connection.is_lost());
        match lent.as_ref().map(snapshot) {
            None | Some(Err(Error::Unreachable(_))) => {}
            Some(snapshot) => return read_with(&snapshot?, read),
        }
        let db = lent.insert(self.open_another()?);
        read_with(&snapshot(db)?, read)
    }

    /// While a server is silent, one query tries it.
    fn open_another(&self) -> Result<Connection, Error> {
        let mut failed_at = self.opener.take().ok_or(Error::Silent)?;
        if failed_at.is_some_and(|at| at.elapsed() < AGAIN) {
            return Err(Error::Silent);
        }
        let began = Instant::now();
        let opened = Connection::open_reader(self.model, Set::Live, &self.place);
        let is_in_vain = matches!(opened, Err(Error::Unreachable(_))) && AGAIN < began.elapsed();
        *failed_at = is_in_vain.then(Instant::now);
        opened
    }
}

#[cfg(test)]
mod tests;
