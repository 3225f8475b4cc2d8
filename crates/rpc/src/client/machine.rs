//! What waits for an answer, and what may have become of it, without IO.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use journal::Epoch;
use ledger::Request;
use prost::Message;

use crate::limits::{BATCH_BYTES, BATCH_MAX};
use crate::proto::NumberedRequest;
use crate::{Answer, Refusal, form};

/// How many commands wait at a time: as many as a leader takes from a stream before it has answered any.
const WAITING_MAX: usize = 8_192;

/// How long a leader is left alone that could not take a command.
const HOLD: Duration = Duration::from_millis(100);

/// Remembers each command until it is answered. `T` stands for whoever waits for that.
#[derive(Debug)]
pub(super) struct Machine<T> {
    next: u64,
    /// By number, so in the order in which they came and in which they are given up.
    waiting: BTreeMap<u64, Waiting<T>>,
    /// Those of them that are on no stream.
    unsent: BTreeSet<u64>,
    hold_until: Option<Instant>,
}

#[derive(Debug)]
struct Waiting<T> {
    from: T,
    request: Request,
    is_trial: bool,
    give_up: Instant,
    /// Under which claims it may have been done, at most: those of the streams that ended without a word about it.
    /// Without one, it was certainly not.
    lost_under: Option<Epoch>,
}

impl<T> Machine<T> {
    /// One that waits for nothing.
    pub(super) fn new() -> Self {
        Self { next: 0, waiting: BTreeMap::new(), unsent: BTreeSet::new(), hold_until: None }
    }

    /// Whether nobody waits.
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// How many commands can come.
    pub(super) fn room(&self) -> usize {
        WAITING_MAX - self.waiting.len()
    }

    /// Takes a command, which is given up when nobody waits for its answer any more.
    pub(super) fn submit(&mut self, from: T, request: Request, is_trial: bool, give_up: Instant) {
        let waiting = Waiting { from, request, is_trial, give_up, lost_under: None };
        self.waiting.insert(self.next, waiting);
        self.unsent.insert(self.next);
        self.next += 1;
    }

    /// Whether [`Machine::batch`] has something to send.
    pub(super) fn has_unsent(&self, now: Instant) -> bool {
        !self.unsent.is_empty() && self.hold_until.is_none_or(|until| until <= now)
    }

    /// What is to be sent on the stream that is open, in the order in which it came.
    pub(super) fn batch(&mut self, now: Instant) -> Vec<NumberedRequest> {
        let mut batch = Vec::new();
        let mut bytes = 0;
        while batch.len() < BATCH_MAX
            && bytes < BATCH_BYTES
            && let Some(number) = self.unsent.pop_first()
        {
            let waiting = &self.waiting[&number];
            let request = Some(form::request(&waiting.request));
            let left = waiting.give_up.saturating_duration_since(now).as_millis();
            let (patience_ms, trial) = (u32::try_from(left).ok(), waiting.is_trial);
            let message = NumberedRequest { number, request, trial, patience_ms };
            bytes += message.encoded_len();
            batch.push(message);
        }
        batch
    }

    /// Takes a leader's word. Returns what whoever waits is to know.
    pub(super) fn answered(
        &mut self,
        number: u64,
        epoch: Epoch,
        result: Result<Answer, Refusal>,
        now: Instant,
    ) -> Option<(T, Result<Answer, Refusal>)> {
        let waiting = self.waiting.get_mut(&number).filter(|_| !self.unsent.contains(&number))?;
        let result = match (result, waiting.lost_under) {
            (Ok(Answer { entry, is_replay }), lost) => {
                // What an earlier message of this very request has written is no replay to whoever made it.
                let is_own =
                    lost.is_some() && entry.origin.request == waiting.request.origin.request;
                Ok(Answer { entry, is_replay: is_replay && !is_own })
            }
            // What a stream under this claim has lost may still be on its way to the same writer, and be done later.
            (Err(Refusal::Rejected(_)), Some(lost)) if epoch <= lost => Err(Refusal::Unknown),
            (Err(Refusal::Rejected(rejection)), _) => Err(Refusal::Rejected(rejection)),
            (Err(Refusal::Reused { route }), _) => Err(Refusal::Reused { route }),
            (Err(Refusal::Busy), None) => Err(Refusal::Busy),
            (Err(Refusal::Unknown), _) => {
                waiting.lose(epoch);
                return self.send_again(number, now);
            }
            (Err(Refusal::Busy | Refusal::Unavailable), _) => return self.send_again(number, now),
        };
        self.waiting.remove(&number).map(|waiting| (waiting.from, result))
    }

    fn send_again<U>(&mut self, number: u64, now: Instant) -> Option<U> {
        self.unsent.insert(number);
        self.hold_until = Some(now + HOLD);
        None
    }

    /// Takes note that the stream has ended. What was sent on it and not answered is sent again.
    pub(super) fn lost(&mut self, epoch: Epoch) {
        self.hold_until = None;
        for (number, waiting) in &mut self.waiting {
            if self.unsent.insert(*number) {
                waiting.lose(epoch);
            }
        }
    }

    /// When [`Machine::expire`] or [`Machine::has_unsent`] will have something new to say.
    pub(super) fn wake(&self) -> Option<Instant> {
        let give_up = self.waiting.first_key_value().map(|(_, waiting)| waiting.give_up);
        give_up.into_iter().chain(self.hold_until).min()
    }

    /// Those who have waited for too long, and what they are to know.
    pub(super) fn expire(&mut self, now: Instant) -> impl Iterator<Item = (T, Refusal)> {
        self.hold_until = self.hold_until.filter(|until| now < *until);
        std::iter::from_fn(move || {
            let first = self.waiting.first_entry().filter(|first| first.get().give_up <= now)?;
            let (number, waiting) = first.remove_entry();
            let was_sent = !self.unsent.remove(&number);
            let may_be_done = !waiting.is_trial && (was_sent || waiting.lost_under.is_some());
            let refusal = if may_be_done { Refusal::Unknown } else { Refusal::Unavailable };
            Some((waiting.from, refusal))
        })
    }
}

impl<T> Waiting<T> {
    /// It may have been done under this claim. A trial does nothing, so that it can't.
    fn lose(&mut self, epoch: Epoch) {
        if !self.is_trial {
            self.lost_under = self.lost_under.max(Some(epoch));
        }
    }
}

#[cfg(test)]
mod tests;
