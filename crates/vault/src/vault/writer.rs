//! Group commit: puts that wait for the disk together share one sync.

use std::mem;
use std::sync::Mutex;
use std::sync::mpsc::{self, SyncSender};

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::database::truncate_log;
use super::{Error, lock, without_key};
use crate::{Kind, Reference, Subject};

/// The one connection that writes, and the rows that wait for it: as many as there are callers.
pub(super) struct Writer {
    connection: Mutex<Connection>,
    waiting: Mutex<Vec<Waiting>>,
}

/// An item to be stored.
pub(super) struct Row {
    pub(super) subject: Subject,
    /// Of a subject that comes with this item.
    pub(super) wrapped_key: Option<Vec<u8>>,
    pub(super) reference: Reference,
    pub(super) kind: Kind,
    pub(super) stored_at_ms: i64,
    pub(super) ciphertext: Vec<u8>,
}

struct Waiting {
    row: Row,
    answer: SyncSender<Result<(), Error>>,
}

impl Writer {
    pub(super) fn new(connection: Connection) -> Self {
        Self { connection: Mutex::new(connection), waiting: Mutex::default() }
    }

    /// Stores the row; it is on disk when this returns.
    ///
    /// Who finds nobody waiting writes for all who come until it gets the connection; the others
    /// only wait for their answer.
    pub(super) fn insert(&self, row: Row) -> Result<(), Error> {
        let (answer, answered) = mpsc::sync_channel(1);
        let is_first = {
            let mut waiting = lock(&self.waiting);
            waiting.push(Waiting { row, answer });
            waiting.len() == 1
        };
        if is_first {
            let mut connection = lock(&self.connection);
            let batch = mem::take(&mut *lock(&self.waiting));
            insert_and_answer(&mut connection, batch);
        }
        answered.recv().expect("who takes the waiting rows answers each of them")
    }

    /// Does something in a transaction.
    pub(super) fn update<T>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, rusqlite::Error>,
    ) -> Result<T, Error> {
        Ok(in_transaction(&mut lock(&self.connection), work)?)
    }

    /// Runs deletions in a transaction, then clears what they leave in the log.
    pub(super) fn delete<T>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, rusqlite::Error>,
    ) -> Result<T, Error> {
        let mut connection = lock(&self.connection);
        let done = in_transaction(&mut connection, work)?;
        truncate_log(&connection)?;
        Ok(done)
    }
}

fn in_transaction<T>(
    connection: &mut Connection,
    work: impl FnOnce(&Transaction<'_>) -> Result<T, rusqlite::Error>,
) -> Result<T, rusqlite::Error> {
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let done = work(&tx)?;
    tx.commit()?;
    Ok(done)
}

fn insert_and_answer(connection: &mut Connection, batch: Vec<Waiting>) {
    let inserted = insert_all(connection, &batch).map_err(Error::from);
    for (i, Waiting { answer, .. }) in batch.into_iter().enumerate() {
        let outcome = match &inserted {
            Ok(refused) => refused[i].clone().map_or(Ok(()), Err),
            Err(error) => Err(error.clone()),
        };
        // Fails only when the caller has gone, and then nobody wants to know.
        let _ = answer.send(outcome);
    }
}

/// Says of each row why it was not stored, if it was not. An error stores none of them.
fn insert_all(
    connection: &mut Connection,
    batch: &[Waiting],
) -> Result<Vec<Option<Error>>, rusqlite::Error> {
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let refused =
        batch.iter().map(|Waiting { row, .. }| insert(&tx, row)).collect::<Result<_, _>>()?;
    tx.commit()?;
    Ok(refused)
}

fn insert(tx: &Transaction<'_>, row: &Row) -> Result<Option<Error>, rusqlite::Error> {
    if let Some(wrapped_key) = &row.wrapped_key {
        tx.prepare_cached("insert into subject (reference, wrapped_key) values (?1, ?2)")?
            .execute((row.subject.0, wrapped_key))?;
    }
    // The subject is looked up once more: it may have been erased since its key was read.
    let inserted = tx
        .prepare_cached(
            "insert into item (reference, subject, kind, stored_at_ms, ciphertext)
             select ?1, reference, ?3, ?4, ?5 from subject where reference = ?2",
        )?
        .execute((
            row.reference.0,
            row.subject.0,
            row.kind.name(),
            row.stored_at_ms,
            &row.ciphertext,
        ))?;
    if inserted == 1 { Ok(None) } else { without_key(tx, row.subject).map(Some) }
}

#[cfg(test)]
mod tests;
