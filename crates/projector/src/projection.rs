//! A read model and the rule by which it follows the journal, without the thread that drives it.

use std::borrow::Borrow;

use journal::{Head, Reader, Stored};
use ledger::Entry;

use crate::balances::BalancesModel;
use crate::database::{Checkpoint, Connection};
use crate::directory::DirectoryModel;
use crate::intents::IntentsModel;
use crate::transactions::TransactionsModel;
use crate::{Digest, Error, Place, ReadModel};

/// What a read model does with an entry.
pub(crate) trait Model: Default {
    const MODEL: ReadModel;

    /// Changes the rows that the entry concerns, in memory.
    fn apply(&mut self, db: &Connection, entry: &Entry) -> Result<(), Error>;

    /// Writes the changed rows and forgets them.
    fn flush(&mut self, db: &Connection, digest: &mut Digest) -> Result<(), Error>;
}

/// How an entry stands to the one that was followed last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// It is the next one.
    Next,
    /// It was followed before.
    Duplicate,
    /// Entries before it are missing.
    Gap,
}

/// Compares an entry with the last one. An entry that names another one before it is no continuation, but another
/// history.
pub fn fit(head: Head, stored: &Stored) -> Result<Fit, Error> {
    let position = stored.entry.position;
    if position <= head.position {
        Ok(Fit::Duplicate)
    } else if head.position.next() < position {
        Ok(Fit::Gap)
    } else if stored.previous == head.hash {
        Ok(Fit::Next)
    } else {
        Err(Error::Broken { position, named: stored.previous, followed: head.hash })
    }
}

/// A read model that is written. After an error it must be opened again.
pub(crate) struct Projection<M> {
    db: Connection,
    model: M,
    checkpoint: Checkpoint,
    /// What tells the tables from others that take their place.
    set_number: u64,
}

impl<M: Model> Projection<M> {
    /// Opens the read model, or makes an empty one.
    pub(crate) fn open(place: &Place) -> Result<Self, Error> {
        Self::of(Connection::open(M::MODEL, place)?)
    }

    /// Opens the next set of its tables, or makes an empty one.
    pub(crate) fn open_next(place: &Place) -> Result<Self, Error> {
        Self::of(Connection::open_next(M::MODEL, place)?)
    }

    fn of(db: Connection) -> Result<Self, Error> {
        let (set_number, checkpoint) = (db.set_number()?, db.checkpoint()?);
        Ok(Self { db, model: M::default(), checkpoint, set_number })
    }

    /// Forgets rows beyond so many of a table.
    #[cfg(test)]
    pub(crate) fn remember(&mut self, rows_max: usize) {
        self.db.remember(rows_max);
    }

    /// Makes the indexes that the next set was begun without. Says whether there were any.
    pub(crate) fn make_indexes(&self) -> Result<bool, Error> {
        self.db.make_indexes()
    }

    pub(crate) fn checkpoint(&self) -> Checkpoint {
        self.checkpoint
    }

    /// Says why it follows the journal no more, or that it does again, for whoever reads it.
    pub(crate) fn set_stopped(&self, reason: Option<&str>) -> Result<(), Error> {
        self.db.set_stopped(reason)
    }

    /// Refuses a journal that ends before the read model, or at another entry.
    pub(crate) fn check_against(&self, reader: &mut dyn Reader) -> Result<(), Error> {
        let (checkpoint, head) = (self.checkpoint.head, reader.head()?);
        if head.position < checkpoint.position {
            return Err(Error::Ahead { checkpoint, head });
        }
        if head.position == checkpoint.position && head.hash != checkpoint.hash {
            return Err(Error::OtherEntry { position: head.position });
        }
        Ok(())
    }

    /// Follows entries up to the first gap, in one transaction. What was followed before is skipped. Says whether there
    /// was a gap.
    pub(crate) fn follow<S: Borrow<Stored>>(
        &mut self,
        entries: impl IntoIterator<Item = S>,
    ) -> Result<bool, Error> {
        let db = &self.db;
        let tx = db.begin()?;
        // After it nobody puts other tables in the place of these before the transaction ends.
        if db.checkpoint()? != self.checkpoint {
            let is_another = db.set_number()? != self.set_number;
            return Err(if is_another { Error::Switched } else { Error::Moved });
        }
        let Checkpoint { mut head, mut digest } = self.checkpoint;
        let mut has_gap = false;
        for stored in entries {
            let stored = stored.borrow();
            match fit(head, stored)? {
                Fit::Duplicate => {}
                Fit::Gap => {
                    has_gap = true;
                    break;
                }
                Fit::Next => {
                    self.model.apply(db, &stored.entry)?;
                    head = Head { position: stored.entry.position, hash: stored.hash };
                }
            }
        }
        if head != self.checkpoint.head {
            self.model.flush(db, &mut digest)?;
            let checkpoint = Checkpoint { head, digest };
            db.set_checkpoint(checkpoint)?;
            tx.commit()?;
            self.checkpoint = checkpoint;
        }
        Ok(has_gap)
    }
}

/// A read model of any kind that somebody else than a [`Projector`](crate::Projector) drives: a simulation.
pub trait Following: Send {
    /// The last entry that it shows.
    fn head(&self) -> Head;

    /// Refuses a journal that ends before the read model, or at another entry.
    fn check_against(&self, reader: &mut dyn Reader) -> Result<(), Error>;

    /// Follows entries up to the first gap, in one transaction. What was followed before is skipped. Says whether there
    /// was a gap. After an error it must be opened again.
    fn follow(&mut self, entries: &[Stored]) -> Result<bool, Error>;
}

impl<M: Model + Send> Following for Projection<M> {
    fn head(&self) -> Head {
        self.checkpoint.head
    }

    fn check_against(&self, reader: &mut dyn Reader) -> Result<(), Error> {
        self.check_against(reader)
    }

    fn follow(&mut self, entries: &[Stored]) -> Result<bool, Error> {
        self.follow(entries)
    }
}

/// Opens a read model, or makes an empty one.
pub fn open(model: ReadModel, place: &Place) -> Result<Box<dyn Following>, Error> {
    Ok(match model {
        ReadModel::Balances => Box::new(Projection::<BalancesModel>::open(place)?),
        ReadModel::Transactions => Box::new(Projection::<TransactionsModel>::open(place)?),
        ReadModel::Intents => Box::new(Projection::<IntentsModel>::open(place)?),
        ReadModel::Directory => Box::new(Projection::<DirectoryModel>::open(place)?),
    })
}

#[cfg(test)]
mod tests;
