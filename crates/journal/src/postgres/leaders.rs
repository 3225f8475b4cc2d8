//! What writers say of themselves, for those who stand by.

use ledger::BookId;
use postgres::Row;

use super::connection::Connection;
use crate::store::{DatabaseError, Epoch, OpenError, WriterId};

/// The table in which writers say that they live and where they are. It decides nothing: a [claim](crate::Store::claim) does.
///
/// A connection that was lost is replaced.
pub struct Leaders {
    connection: Connection,
}

/// Who leads a book, as far as was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leader {
    /// The last claim.
    pub epoch: Epoch,
    /// Another number whenever something was said.
    pub beat: u64,
    /// What was said under this claim.
    pub standing: Standing,
}

/// What the writer of a book has said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Nothing since it claimed the book.
    Silent,
    /// That it leads.
    Leads {
        /// Where it is reached.
        address: String,
    },
    /// That it has put the book down. So it is with a book that nobody has claimed yet.
    Vacant,
}

impl Leaders {
    /// Opens the table with the role that appends.
    pub fn open(url: &str) -> Result<Self, OpenError> {
        Ok(Self { connection: Connection::to_lead(url)? })
    }

    /// Who leads a book. `None` when there is no such book.
    pub fn look(&mut self, book: BookId) -> Result<Option<Leader>, DatabaseError> {
        let (client, statement) = self.connection.with(
            "select b.epoch, l.epoch, l.beat, l.address
             from journal.book b join journal.leader l on l.book = b.number where b.id = $1",
        )?;
        let row = client.query_opt(&statement, &[&&book.0[..]])?;
        Ok(row.map(|row| leader(&row)).transpose()?)
    }

    /// Says that this writer lives, and where it is reached. Under which epoch it leads, if it still does.
    ///
    /// A writer that [claims its book again](crate::Store::reclaim) goes on under another epoch. So its id is asked for.
    pub fn beat(
        &mut self,
        book: BookId,
        writer: WriterId,
        address: &str,
    ) -> Result<Option<Epoch>, DatabaseError> {
        self.say(book, writer, Some(address))
    }

    /// Says that this writer has put the book down: whoever stands by need not wait. Nothing, when it does not lead any more.
    pub fn resign(&mut self, book: BookId, writer: WriterId) -> Result<(), DatabaseError> {
        self.say(book, writer, None).map(drop)
    }

    fn say(
        &mut self,
        book: BookId,
        writer: WriterId,
        address: Option<&str>,
    ) -> Result<Option<Epoch>, DatabaseError> {
        // A claim that is under way is not waited for: what is said after it, and of the time before, is old by its epoch.
        // A beat that is lost in a crash is followed by another one: none waits for a disk. The session keeps nothing of
        // that: a pooler may give it to who appends.
        let (client, statement) = self.connection.with(
            "update journal.leader l set epoch = b.epoch, beat = l.beat + 1, address = $3
             from journal.book b, set_config('synchronous_commit', 'off', true)
             where b.number = l.book and b.id = $1 and b.writer = $2
             returning l.epoch",
        )?;
        let row = client.query_opt(&statement, &[&&book.0[..], &&writer.0[..], &address])?;
        let epoch = row.map(|row| row.try_get::<_, i64>(0)).transpose()?;
        Ok(epoch.map(|epoch| Epoch(epoch.cast_unsigned())))
    }
}

impl std::fmt::Debug for Leaders {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Leaders").finish_non_exhaustive()
    }
}

fn leader(row: &Row) -> Result<Leader, postgres::Error> {
    let [epoch, said, beat]: [i64; 3] = [row.try_get(0)?, row.try_get(1)?, row.try_get(2)?];
    let standing = match row.try_get(3)? {
        _ if said != epoch => Standing::Silent,
        Some(address) => Standing::Leads { address },
        None => Standing::Vacant,
    };
    Ok(Leader { epoch: Epoch(epoch.cast_unsigned()), beat: beat.cast_unsigned(), standing })
}
