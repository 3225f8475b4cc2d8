//! A second set of a read model's tables: filled from the journal beside the live one, and put in its place.

use std::fmt;
use std::fs::{File, TryLockError};
use std::thread;
use std::time::{Duration, Instant};

use journal::{Head, Reader};
use ledger::Position;

use crate::balances::BalancesModel;
use crate::directory::DirectoryModel;
use crate::intents::IntentsModel;
use crate::projection::{Model, Projection};
use crate::transactions::TransactionsModel;
use crate::{Error, Place, ReadModel, Set, database};

mod pages;
mod survey;

use pages::{InPage, Pages};
pub use survey::{SetState, survey};

/// Entries that go into one transaction: many enough that a row which is changed again and again is written once, few
/// enough that what they touch takes some hundred megabytes, and that a rebuild that is killed loses less than a second.
const ROUND_ENTRIES: usize = 65_536;

/// Entries that the next set may be behind the live one while everybody waits for the switch: some milliseconds.
const BEHIND_MAX: u64 = 1_024;

/// How long to try to switch while the live set is being read, and how long to leave its readers alone in between.
const SWITCH_MAX: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(200);

/// The next set of a read model's tables, on its way into the place of the live one. There is one: a second is refused for
/// as long as this lives.
///
/// It goes on where one that was stopped, or killed, has committed last.
pub struct Rebuild {
    model: ReadModel,
    place: Place,
    next: Box<dyn Next>,
    /// Held, where files have no other lock.
    _lock: Option<File>,
}

/// A projection of the next set, of whichever model.
trait Next {
    fn head(&self) -> Head;
    fn follow(&mut self, entries: &mut Pages<'_>) -> Result<(), Error>;
    fn make_indexes(&self) -> Result<bool, Error>;
}

impl<M: Model> Next for Projection<M> {
    fn head(&self) -> Head {
        self.checkpoint().head
    }

    fn follow(&mut self, entries: &mut Pages<'_>) -> Result<(), Error> {
        // Pages have no gaps.
        self.follow::<InPage>(entries).map(drop)
    }

    fn make_indexes(&self) -> Result<bool, Error> {
        self.make_indexes()
    }
}

impl Rebuild {
    /// Begins to rebuild a read model, or goes on. A set that has followed another journal is begun anew.
    ///
    /// # Errors
    ///
    /// [`Error::Taken`] when somebody is at it, [`Error::OldSet`] when the set before the last rebuild is still there.
    pub fn begin(model: ReadModel, place: &Place, journal: &mut dyn Reader) -> Result<Self, Error> {
        let lock = lock(place)?;
        database::take_back(place, model)?;
        if database::exists(place, model, Set::Old)? {
            return Err(Error::OldSet);
        }
        let mut next = open(model, place)?;
        if !has(journal, next.head())? {
            drop(next);
            database::remove(place, model, Set::Next)?;
            next = open(model, place)?;
        }
        Ok(Self { model, place: place.clone(), next, _lock: lock })
    }

    /// The last entry that it shows.
    pub fn head(&self) -> Head {
        self.next.head()
    }

    /// Follows the journal up to `until`, or until `go_on`, which is told how far it is, says no: what was followed so far
    /// is committed then. Says whether it has got there.
    pub fn fill(
        &mut self,
        journal: &mut dyn Reader,
        until: Position,
        go_on: &mut dyn FnMut(Position) -> bool,
    ) -> Result<bool, Error> {
        let next = &mut self.next;
        thread::scope(|scope| {
            let mut pages = Pages::read(scope, journal, next.head().position, until, go_on);
            while pages.begin_round(ROUND_ENTRIES) {
                next.follow(&mut pages)?;
            }
            pages.finish()?;
            Ok(until <= next.head().position)
        })
    }

    /// Makes the indexes that it was begun without, and that are not there yet.
    pub fn make_indexes(&self) -> Result<(), Error> {
        self.next.make_indexes().map(drop)
    }

    /// Brings it up to the end of the journal, and puts it in the place of the live set, which is the old one from then on.
    ///
    /// In PostgreSQL the read model may be in use: who reads it sees either set, each time a whole one. The new one shows no
    /// less than the live one does, but where that is ahead of the journal. Files must not be in use.
    pub fn switch(mut self, journal: &mut dyn Reader) -> Result<(), Error> {
        let began = Instant::now();
        loop {
            let end = journal.head()?.position;
            self.fill(journal, end, &mut |_| true)?;
            if let Place::Folder(_) = self.place {
                drop(self.next);
                return database::switch(&self.place, self.model, |_| Ok(true)).map(drop);
            }
            let (place, model) = (self.place.clone(), self.model);
            let is_done = database::switch(&place, model, |shown| {
                // A live set of this journal never shows more than it has.
                let shown = shown.min(journal.head()?.position);
                if self.head().position.0 + BEHIND_MAX < shown.0 {
                    return Ok(false);
                }
                self.fill(journal, shown, &mut |_| true)
            })?;
            if is_done {
                return Ok(());
            }
            if SWITCH_MAX < began.elapsed() {
                return Err(Error::InUse);
            }
            thread::park_timeout(PAUSE);
        }
    }

    /// Throws it away.
    pub fn discard(self) -> Result<(), Error> {
        drop(self.next);
        database::remove(&self.place, self.model, Set::Next)
    }
}

impl fmt::Debug for Rebuild {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rebuild").field("model", &self.model).finish_non_exhaustive()
    }
}

/// Removes the set that was live before the last rebuild. Says whether there was one.
pub fn drop_old(model: ReadModel, place: &Place) -> Result<bool, Error> {
    let is_there = database::exists(place, model, Set::Old)?;
    if is_there {
        database::remove(place, model, Set::Old)?;
    }
    Ok(is_there)
}

fn open(model: ReadModel, place: &Place) -> Result<Box<dyn Next>, Error> {
    Ok(match model {
        ReadModel::Balances => Box::new(Projection::<BalancesModel>::open_next(place)?),
        ReadModel::Transactions => Box::new(Projection::<TransactionsModel>::open_next(place)?),
        ReadModel::Intents => Box::new(Projection::<IntentsModel>::open_next(place)?),
        ReadModel::Directory => Box::new(Projection::<DirectoryModel>::open_next(place)?),
    })
}

/// Whether the journal has this entry where it is said to be.
fn has(journal: &mut dyn Reader, head: Head) -> Result<bool, Error> {
    if head == Head::EMPTY {
        return Ok(true);
    }
    if journal.head()?.position < head.position {
        return Ok(false);
    }
    let found = journal.read(head.position, 1)?;
    Ok(found.first().is_some_and(|stored| stored.hash == head.hash))
}

/// The lock of the folder's rebuilds; in PostgreSQL the connection that fills a set holds one.
fn lock(place: &Place) -> Result<Option<File>, Error> {
    let Place::Folder(folder) = place else { return Ok(None) };
    let folder = File::open(folder).map_err(Error::Files)?;
    match folder.try_lock() {
        Ok(()) => Ok(Some(folder)),
        Err(TryLockError::WouldBlock) => Err(Error::Taken),
        Err(TryLockError::Error(error)) => Err(Error::Files(error)),
    }
}

#[cfg(test)]
mod tests;
