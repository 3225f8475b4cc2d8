//! What a seat does next, without IO.
//!
//! Time is what has passed since the seat was taken, by this process's own clock: clocks are never compared.

use std::time::Duration;

use journal::Epoch;
use journal::postgres::{Leader, Standing};

use crate::driver::SLEEP_MAX;

/// How often a writer says that it lives: six are missed before it is replaced.
pub const BEAT_EVERY: Duration = Duration::from_millis(300);
/// How long nothing must be heard of a writer before it is replaced. With what a claim takes, a book is served again within
/// five seconds of its writer's end.
pub const SILENCE_MAX: Duration = Duration::from_secs(2);
/// How often whoever stands by looks, and reads what was appended.
pub const LOOK_EVERY: Duration = Duration::from_millis(200);
/// How much longer a process waits for each book that it leads, so that one that leads fewer is quicker: longer than two
/// looks.
pub const SPREAD: Duration = Duration::from_millis(500);
/// Books beyond this make nobody wait longer: two seconds more are what the promised five leave.
const SPREAD_BOOKS_MAX: u32 = 4;
/// How long to wait before what failed is tried again.
const RETRY_AFTER: Duration = Duration::from_secs(1);
/// A writer that has not gone round for so long is stuck: it does so each second at least.
const STUCK_AFTER: Duration = SLEEP_MAX.saturating_mul(2);

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Look who leads.
    Look,
    /// Load the book.
    Load,
    /// Read what was appended since.
    Follow,
    /// Take the book over from whoever claimed it last.
    TakeOver {
        /// That claim.
        orphaned: Epoch,
    },
    /// Say that the writer lives.
    Beat,
    /// Tell the writer that no more will come.
    CloseWriter,
    /// Say that the book was put down.
    Resign,
    /// Nothing, unless something happens before.
    Wait {
        /// Until then.
        until: Duration,
    },
    /// Nothing any more.
    End,
}

/// What has happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happened {
    /// This is who leads.
    Looked(Leader),
    /// Nobody said who leads.
    Unseen,
    /// The book is loaded.
    Loaded,
    /// It is not, or what was loaded is of no use any more.
    NotLoaded,
    /// The book is this process's, and its writer runs.
    TakenOver,
    /// It is not: it may be tried again.
    NotTakenOver,
    /// The writer had gone round so often.
    Turned(u64),
    /// A beat was answered: the book is this process's still.
    BeatAnswered,
    /// A beat found another writer's claim.
    Replaced,
    /// The book was put down, or nobody could be told.
    Resigned,
    /// The writer has ended, in order or because it was replaced.
    WriterEnded,
    /// The seat is to be given up.
    StopAsked,
}

/// A process's part in one book.
#[derive(Debug)]
pub struct Machine {
    address: String,
    phase: Phase,
    is_stopping: bool,
}

#[derive(Debug)]
enum Phase {
    StandingBy(StandingBy),
    Leading(Leading),
    /// The writer has ended in order, and the seat is given up.
    Resigning,
    Ended,
}

#[derive(Debug, Default)]
struct StandingBy {
    is_loaded: bool,
    /// What was seen last, and since when nothing else was.
    seen: Option<(Leader, Duration)>,
    look_at: Duration,
    /// Whether something was done since the last look.
    has_acted: bool,
    /// After a failure.
    not_before: Duration,
}

#[derive(Debug)]
struct Leading {
    beat_at: Duration,
    /// When a beat was answered last.
    answered_at: Duration,
    /// How often the writer had gone round, and since when.
    turned: (u64, Duration),
    is_closed: bool,
    is_replaced: bool,
}

impl Machine {
    /// One that stands by for a process that is reached at this address.
    pub fn new(address: String) -> Self {
        let phase = Phase::StandingBy(StandingBy::default());
        Self { address, phase, is_stopping: false }
    }

    /// What to do now, in a process that leads so many books.
    pub fn next(&mut self, now: Duration, led: usize) -> Effect {
        match &mut self.phase {
            Phase::StandingBy(_) if self.is_stopping => {
                self.phase = Phase::Ended;
                Effect::End
            }
            Phase::StandingBy(standby) => standby.next(now, led),
            Phase::Leading(leading) => leading.next(now, self.is_stopping),
            Phase::Resigning => Effect::Resign,
            Phase::Ended => Effect::End,
        }
    }

    /// Takes note of what has happened.
    pub fn happened(&mut self, now: Duration, happened: Happened) {
        match (happened, &mut self.phase) {
            (Happened::StopAsked, _) => self.is_stopping = true,
            (Happened::Looked(leader), Phase::StandingBy(standby)) => {
                if standby.seen.as_ref().is_none_or(|(seen, _)| *seen != leader) {
                    standby.seen = Some((leader, now));
                }
            }
            // What was not looked at may have changed.
            (Happened::Unseen, Phase::StandingBy(standby)) => standby.seen = None,
            (Happened::Loaded, Phase::StandingBy(standby)) => standby.is_loaded = true,
            (Happened::NotLoaded, Phase::StandingBy(standby)) => {
                standby.is_loaded = false;
                standby.not_before = now + RETRY_AFTER;
            }
            (Happened::NotTakenOver, Phase::StandingBy(standby)) => {
                standby.not_before = now + RETRY_AFTER;
            }
            (Happened::TakenOver, Phase::StandingBy(_)) => {
                self.phase = Phase::Leading(Leading {
                    beat_at: now + BEAT_EVERY,
                    answered_at: now,
                    turned: (0, now),
                    is_closed: false,
                    is_replaced: false,
                });
            }
            (Happened::Looked(leader), Phase::Leading(leading)) => {
                leading.is_replaced |= matches!(
                    &leader.standing, Standing::Leads { address } if *address != self.address
                );
            }
            (Happened::Turned(turns), Phase::Leading(leading)) => {
                if leading.turned.0 != turns {
                    leading.turned = (turns, now);
                }
            }
            (Happened::BeatAnswered, Phase::Leading(leading)) => {
                // Whoever stands by counts from the beat, not from its answer.
                leading.answered_at = leading.beat_at.saturating_sub(BEAT_EVERY);
            }
            (Happened::Replaced, Phase::Leading(leading)) => leading.is_replaced = true,
            (Happened::WriterEnded, Phase::Leading(leading)) => {
                self.phase = match self.is_stopping && !leading.is_replaced {
                    true => Phase::Resigning,
                    false => Phase::StandingBy(StandingBy { look_at: now, ..Default::default() }),
                };
            }
            (Happened::Resigned, Phase::Resigning) => self.phase = Phase::Ended,
            (
                Happened::Looked(_)
                | Happened::Unseen
                | Happened::Loaded
                | Happened::NotLoaded
                | Happened::TakenOver
                | Happened::NotTakenOver
                | Happened::Turned(_)
                | Happened::BeatAnswered
                | Happened::Replaced
                | Happened::Resigned
                | Happened::WriterEnded,
                _,
            ) => {}
        }
    }

    /// Whether another process has taken the book from this one's writer, or may have, unheard, or the writer does not go
    /// round any more: commands are not for it.
    pub fn is_unfit(&self, now: Duration) -> bool {
        match &self.phase {
            Phase::Leading(leading) => {
                leading.is_closed
                    || leading.is_replaced
                    || leading.is_stuck(now)
                    || leading.is_cut_off(now)
            }
            Phase::StandingBy(_) | Phase::Resigning | Phase::Ended => true,
        }
    }
}

impl StandingBy {
    fn next(&mut self, now: Duration, led: usize) -> Effect {
        if self.look_at <= now {
            self.look_at = now + LOOK_EVERY;
            self.has_acted = false;
            return Effect::Look;
        }
        if self.has_acted {
            return Effect::Wait { until: self.look_at };
        }
        self.has_acted = true;
        let may_try = self.not_before <= now;
        match self.orphaned(now, led) {
            _ if !self.is_loaded && may_try => Effect::Load,
            _ if !self.is_loaded => Effect::Wait { until: self.look_at },
            Some(orphaned) if may_try => Effect::TakeOver { orphaned },
            Some(_) | None => Effect::Follow,
        }
    }

    /// The last claim, if nobody acts under it any more, and this process has let those who lead fewer books go first.
    fn orphaned(&self, now: Duration, led: usize) -> Option<Epoch> {
        let (leader, since) = self.seen.as_ref()?;
        let silence = match leader.standing {
            Standing::Leads { .. } | Standing::Silent => SILENCE_MAX,
            Standing::Vacant => Duration::ZERO,
        };
        let books = u32::try_from(led).map_or(SPREAD_BOOKS_MAX, |led| led.min(SPREAD_BOOKS_MAX));
        (*since + silence + SPREAD * books <= now).then_some(leader.epoch)
    }
}

impl Leading {
    fn next(&mut self, now: Duration, is_stopping: bool) -> Effect {
        if (is_stopping || self.is_replaced) && !self.is_closed {
            self.is_closed = true;
            return Effect::CloseWriter;
        }
        if now < self.beat_at {
            return Effect::Wait { until: self.beat_at };
        }
        self.beat_at = now + BEAT_EVERY;
        if self.is_replaced || self.is_stuck(now) { Effect::Look } else { Effect::Beat }
    }

    fn is_stuck(&self, now: Duration) -> bool {
        self.turned.1 + STUCK_AFTER <= now
    }

    /// Whether those who stand by may have heard nothing for as long as they wait.
    fn is_cut_off(&self, now: Duration) -> bool {
        self.answered_at + SILENCE_MAX <= now
    }
}

#[cfg(test)]
mod tests;
