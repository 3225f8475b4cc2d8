//! The connection that reads what became of messages, and who waits for it.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::database::Connection;
use crate::{Error, Place};

/// How long to wait for the connection: who asks is answered within two seconds, or told to come again.
const WAIT_MAX: Duration = Duration::from_secs(2);

/// How long nobody tries to connect after a try that took longer than this and failed. What is refused at once costs no time,
/// and may be tried at once.
const AGAIN: Duration = Duration::from_secs(1);

/// Where the connection is lent, to one at a time.
pub(super) struct Desk {
    pub(super) place: Place,
    state: Mutex<State>,
    returned: Condvar,
}

struct State {
    /// Not there while it is lent.
    reader: Option<Reader>,
    /// When it was lent last.
    lent_at: Instant,
}

/// A connection that is opened when it is needed.
#[derive(Default)]
struct Reader {
    db: Option<Connection>,
    /// When a server was last waited for in vain.
    failed_at: Option<Instant>,
}

/// A reader on loan: it goes back also when the reading panics.
struct Lease<'a> {
    desk: &'a Desk,
    reader: Reader,
}

impl Desk {
    pub(super) fn new(place: Place) -> Self {
        let state = State { reader: Some(Reader::default()), lent_at: Instant::now() };
        Self { place, state: Mutex::new(state), returned: Condvar::new() }
    }

    /// Reads in one transaction. `None` where no courier was ever started.
    pub(super) fn read<T>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        let mut lease = self.lease()?;
        let db = lease.reader.open(&self.place)?;
        db.map(|db| db.in_transaction(|| read(db))).transpose()
    }

    /// The connection, once it is there. Where it was lent long ago, nobody waits behind whoever has it: behind a server that is
    /// silent, those who wait would become more and more.
    fn lease(&self) -> Result<Lease<'_>, Error> {
        let state = self.lock();
        let is_moving = state.lent_at.elapsed() < WAIT_MAX;
        let patience = if is_moving { WAIT_MAX } else { Duration::ZERO };
        let is_lent = |state: &mut State| state.reader.is_none();
        let waited = self.returned.wait_timeout_while(state, patience, is_lent);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let reader = state.reader.take().ok_or(Error::Silent)?;
        state.lent_at = Instant::now();
        Ok(Lease { desk: self, reader })
    }

    /// A panic under the lock harms nothing: it is held to take a thing or to put it back.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reader {
    /// The connection, opened where it is not there or was lost. `None` where there is nothing to read.
    fn open(&mut self, place: &Place) -> Result<Option<&Connection>, Error> {
        self.db.take_if(|db| db.is_lost());
        if self.db.is_none() {
            if self.failed_at.is_some_and(|at| at.elapsed() < AGAIN) {
                return Err(Error::Silent);
            }
            let began = Instant::now();
            let opened = open(place);
            let is_in_vain =
                matches!(opened, Err(Error::Unreachable(_))) && AGAIN < began.elapsed();
            self.failed_at = is_in_vain.then(Instant::now);
            self.db = opened?;
        }
        Ok(self.db.as_ref())
    }
}

fn open(place: &Place) -> Result<Option<Connection>, Error> {
    if Connection::exists(place)? { Connection::open_reader(place).map(Some) } else { Ok(None) }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        let reader = std::mem::take(&mut self.reader);
        self.desk.lock().reader = Some(reader);
        self.desk.returned.notify_one();
    }
}

#[cfg(test)]
mod tests;
