//! The book's clock, which a sandbox can move forward, and the deadlines that fall due by it.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::authorizations::ExpireAuthorization;
use crate::book::{Book, Effects};
use crate::intents::ExpireIntent;
use crate::{
    Command, CommandId, Event, IntentId, Origin, Rejection, Request, Timestamp, TransactionId,
};

/// The furthest that one command moves the clock: ten years.
pub const ADVANCE_MAX_MS: u64 = 10 * 366 * crate::time::DAY_MS;

/// Moves a sandbox's clock forward.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdvanceClock {
    /// By how much, at most [`ADVANCE_MAX_MS`].
    pub by_ms: u64,
}

/// From now on the book's clock is ahead of the wall clock by so much more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClockAdvanced {
    /// By how much.
    pub by_ms: u64,
}

/// Something that happens by itself at a recorded time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub(crate) enum Deadline {
    Intent(IntentId),
    Authorization(TransactionId),
}

impl Book {
    /// The book's time when a clock on the wall shows `wall`: that, moved by what the sandbox has added, and never
    /// before the last entry. When [`ENTRIES_AT_ONCE_MAX`] entries have its time, it is a millisecond later at least, however
    /// long the clock stands still or is behind.
    ///
    /// [`ENTRIES_AT_ONCE_MAX`]: crate::book::ENTRIES_AT_ONCE_MAX
    pub fn now(&self, wall: Timestamp) -> Timestamp {
        self.earliest().max(wall.plus_ms(self.clock_offset_ms))
    }

    /// The next deadline, on the book's clock.
    pub fn next_deadline(&self) -> Option<Timestamp> {
        self.deadlines.first().map(|(at, _)| *at)
    }

    /// How far the book's clock is ahead of the wall clock.
    pub fn clock_offset_ms(&self) -> u64 {
        self.clock_offset_ms
    }

    /// The request that must be written before anything else at `now`, because its deadline has passed. The oldest
    /// comes first. Its id follows from what expires: nothing expires twice.
    pub fn due(&self, now: Timestamp) -> Option<Request> {
        let (_, deadline) = self.deadlines.first().filter(|(at, _)| *at <= now)?;
        let (mut id, command) = match *deadline {
            Deadline::Intent(intent) => (intent.0, Command::ExpireIntent(ExpireIntent { intent })),
            Deadline::Authorization(transaction) => {
                let command = ExpireAuthorization { transaction };
                (transaction.0, Command::ExpireAuthorization(command))
            }
        };
        id[0] ^= 0xff;
        Some(Request { id: CommandId(id), origin: Origin::LEDGER, command })
    }

    pub(crate) fn advance_clock(&self, command: &AdvanceClock) -> Result<Effects, Rejection> {
        self.require_sandbox()?;
        let by_ms = command.by_ms.min(ADVANCE_MAX_MS);
        Ok(Effects::memo([Event::ClockAdvanced(ClockAdvanced { by_ms })]))
    }
}
