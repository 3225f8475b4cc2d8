//! The append, and what its errors mean.

use rusqlite::{Connection, ErrorCode, OptionalExtension, Transaction, TransactionBehavior, ffi};

use super::{SqliteReader, SqliteStore, file, head, tree};
use crate::form::Stored;
use crate::store::{Epoch, Failure, Head, Outcome, ReadError, Reader, Store, WriterId};
use crate::{chain, lookup};

impl Store for SqliteStore {
    fn claim(&mut self, writer: WriterId) -> Result<Epoch, Failure> {
        self.claim_where(writer, "true")
    }

    fn reclaim(&mut self, writer: WriterId) -> Result<Epoch, Failure> {
        self.claim_where(writer, "writer = ?2")
    }

    fn succeed(&mut self, writer: WriterId, epoch: Epoch) -> Result<Epoch, Failure> {
        self.claim_where(writer, &format!("epoch = {}", epoch.0))
    }

    /// Who writes a file holds the lock of its folder.
    fn is_shared(&self) -> bool {
        false
    }

    fn confirm(&mut self, epoch: Epoch) -> Result<(), Failure> {
        let found: i64 = self
            .journal
            .connection
            .prepare_cached("select epoch from book where number = ?1")?
            .query_row([self.journal.number], |row| row.get(0))?;
        if found.cast_unsigned() == epoch.0 { Ok(()) } else { Err(Failure::Fenced) }
    }

    fn append(&mut self, batch: &[Stored], expected: Head, epoch: Epoch) -> Outcome {
        chain::assert_follows(batch, expected);
        // Nobody asks for a commit after an error: whatever becomes of the rollback, nothing will be there.
        self.insert(batch, expected, epoch).map_or_else(Outcome::Failed, |tx| commit(&tx))
    }

    fn begin_incarnation(
        &mut self,
        incarnation: [u8; 16],
        entry: &Stored,
        expected: Head,
        epoch: Epoch,
    ) -> Outcome {
        let batch = std::slice::from_ref(entry);
        chain::assert_follows(batch, expected);
        let number = self.journal.number;
        let tx = match self.insert(batch, expected, epoch) {
            Ok(tx) => tx,
            Err(failure) => return Outcome::Failed(failure),
        };
        let sql = "update book set incarnation = ?2 where number = ?1";
        if let Err(error) = tx.execute(sql, (number, incarnation)) {
            return Outcome::Failed(error.into());
        }
        let outcome = commit(&tx);
        drop(tx);
        if let Outcome::Committed = outcome {
            self.journal.incarnation = incarnation;
        }
        outcome
    }

    fn reader(&self) -> Result<Box<dyn Reader>, ReadError> {
        let SqliteReader { number, book, incarnation, .. } = self.journal;
        let connection = file::connect_read_only(&self.path)?;
        Ok(Box::new(SqliteReader { connection, number, book, incarnation }))
    }
}

impl SqliteStore {
    fn claim_where(&mut self, writer: WriterId, condition: &str) -> Result<Epoch, Failure> {
        let number = self.journal.number;
        let connection = &mut self.journal.connection;
        let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let sql = format!(
            "update book set epoch = epoch + 1, writer = ?2 where number = ?1 and {condition}
             returning epoch"
        );
        let epoch: Option<i64> =
            tx.query_row(&sql, (number, writer.0), |row| row.get(0)).optional()?;
        tx.commit()?;
        epoch.map(|epoch| Epoch(epoch.cast_unsigned())).ok_or(Failure::Fenced)
    }

    /// All of an append but its commit.
    fn insert(
        &mut self,
        batch: &[Stored],
        expected: Head,
        epoch: Epoch,
    ) -> Result<Transaction<'_>, Failure> {
        let number = self.journal.number;
        let key = self.key.as_ref();
        let connection = &mut self.journal.connection;
        // The lock comes first: what is looked at stays so until the commit.
        let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;

        let claimed: i64 = tx
            .prepare_cached("select epoch from book where number = ?1")?
            .query_row([number], |row| row.get(0))?;
        if Epoch(claimed.cast_unsigned()) != epoch {
            return Err(Failure::Fenced);
        }
        let found = head(&tx, number)?;
        if found != expected {
            return Err(Failure::HeadMoved { expected, found });
        }

        insert_entries(&tx, number, batch)?;
        if !tree::extend(&tx, number, expected.position.0, batch, key)? {
            return Err(Failure::TreeDiffers { entries: expected.position });
        }
        Ok(tx)
    }
}

fn commit(tx: &Transaction<'_>) -> Outcome {
    let committed = tx.execute_batch("commit");
    outcome(committed, tx.is_autocommit())
}

/// Inserts entries, with the ids that they carry.
pub(super) fn insert_entries(
    connection: &Connection,
    number: i64,
    batch: &[Stored],
) -> Result<(), Failure> {
    let mut insert_entry = connection
        .prepare_cached("insert into entry (book, position, bytes) values (?1, ?2, ?3)")?;
    for stored in batch {
        let position = stored.entry.position.0.cast_signed();
        insert_entry.execute((number, position, &stored.bytes))?;
    }
    let mut insert_lookup = connection.prepare_cached(
        "insert into lookup (book, kind, hash, position) values (?1, ?2, ?3, ?4)",
    )?;
    // In the order of the index, so that each of its pages is visited once.
    for (reference, position) in chain::references(batch) {
        let (kind, position) = (lookup::kind(reference), position.0.cast_signed());
        insert_lookup
            .execute((number, kind, reference.hash(), position))
            .map_err(refused_lookup)?;
    }
    Ok(())
}

fn refused_lookup(error: rusqlite::Error) -> Failure {
    match error.sqlite_error() {
        Some(code) if code.extended_code == ffi::SQLITE_CONSTRAINT_PRIMARYKEY => {
            Failure::ReferenceTaken
        }
        Some(_) | None => error.into(),
    }
}

/// What the answer to `commit` means.
///
/// Known not to have happened is only what SQLite documents so: a commit that was busy, and left the transaction open.
/// After any other error it is closed, and that says nothing of the log: when the sync fails, the commit is in the log
/// already, though no connection sees it, and the next one that reads the log from the start finds it. A full disk may
/// be found out as late. The next commit, a claim's at the latest, is written over it.
fn outcome(committed: rusqlite::Result<()>, is_closed: bool) -> Outcome {
    match committed {
        Ok(()) => Outcome::Committed,
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && !is_closed => {
            Outcome::Failed(error.into())
        }
        Err(error) => Outcome::Unknown(error.into()),
    }
}

#[cfg(test)]
mod tests;
