//! Things that are lent, one at a time each, to those who ask at the same time.

use std::ops::{Deref, DerefMut};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long to wait for one: who asks is answered within two seconds, or told to come again.
const WAIT_MAX: Duration = Duration::from_secs(2);

/// Things that are lent.
#[derive(Debug)]
pub(crate) struct Loans<T> {
    desk: Mutex<Desk<T>>,
    returned: Condvar,
    /// How many may wait when none was lent for [`WAIT_MAX`].
    waiting_max: usize,
}

#[derive(Debug)]
struct Desk<T> {
    idle: Vec<T>,
    /// When one was lent last.
    lent_at: Instant,
    waiting: usize,
}

/// A thing on loan: it goes back when this is dropped, also by a panic.
pub(crate) struct Loan<'a, T: Default> {
    loans: &'a Loans<T>,
    thing: T,
}

impl<T: Default> Loans<T> {
    pub(crate) fn of(things: Vec<T>, waiting_max: usize) -> Self {
        let desk = Desk { idle: things, lent_at: Instant::now(), waiting: 0 };
        Self { desk: Mutex::new(desk), returned: Condvar::new(), waiting_max }
    }

    /// One of them, once it is there. `None` when none comes back for [`WAIT_MAX`]; at once when none was lent for as long and as
    /// many wait as may then, so that those who wait behind a server that is silent do not become more and more.
    pub(crate) fn take(&self) -> Option<Loan<'_, T>> {
        let mut desk = self.lock();
        let is_moving = desk.lent_at.elapsed() < WAIT_MAX;
        let may_wait = is_moving || desk.waiting < self.waiting_max;
        let patience = if may_wait { WAIT_MAX } else { Duration::ZERO };
        let none_is_there = |desk: &mut Desk<T>| desk.idle.is_empty();
        desk.waiting += 1;
        let waited = self.returned.wait_timeout_while(desk, patience, none_is_there);
        let (mut desk, _) = waited.unwrap_or_else(PoisonError::into_inner);
        desk.waiting -= 1;
        let thing = desk.idle.pop()?;
        desk.lent_at = Instant::now();
        Some(Loan { loans: self, thing })
    }

    /// How many are there.
    #[cfg(test)]
    pub(crate) fn idle(&self) -> usize {
        self.lock().idle.len()
    }

    /// How many wait for one.
    #[cfg(test)]
    pub(crate) fn waiting(&self) -> usize {
        self.lock().waiting
    }

    /// A panic under the lock harms nothing: it is held for a push or a pop.
    fn lock(&self) -> MutexGuard<'_, Desk<T>> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Default> Deref for Loan<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.thing
    }
}

impl<T: Default> DerefMut for Loan<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.thing
    }
}

impl<T: Default> Drop for Loan<'_, T> {
    fn drop(&mut self) {
        let thing = std::mem::take(&mut self.thing);
        self.loans.lock().idle.push(thing);
        self.loans.returned.notify_one();
    }
}
