//! When what is sent, and what becomes of it: without IO, clock or chance.
//!
//! The tables know what waits; the machine knows what is on its way, and says where to look next. Each webhook has a lane
//! of its own: one that is slow or fails holds up no other.

use std::collections::{BTreeMap, BTreeSet};

use ledger::time::{DAY_MS, HOUR_MS, SECOND_MS};
use ledger::{Timestamp, WebhookId};
use sha2::{Digest, Sha256};

/// How many messages are on their way to one webhook at once. A receiver that answers within 100 ms hears of 80 a second.
const LANE_MAX: usize = 8;

/// How many messages are on their way at once: of a book's 32 webhooks, 8 each; a connection and some KiB for each.
const ALL_MAX: usize = 256;

/// How long a webhook is tried , as both surfaces promise.
pub(crate) const TRIED_MS: u64 = 3 * DAY_MS;

/// The wait after a first failure: a receiver that is started again is back.
const BACKOFF_MS: u64 = 5 * SECOND_MS;

/// The longest wait between two attempts. It is reached after thirteen, within half a day; at most twenty-four follow.
const BACKOFF_MAX_MS: u64 = 6 * HOUR_MS;

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The receiver has it.
    Taken,
    /// It has not, or did not say so in time.
    Failed,
}

/// What becomes of a message after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Nothing more: it was delivered.
    Delivered,
    /// Another attempt, not before this time.
    Again(Timestamp),
    /// Nothing more: it was tried for long enough.
    Parked,
}

/// A message that was tried.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tried<'a> {
    pub(crate) id: &'a str,
    /// Since when it is to be delivered.
    pub(crate) since: Timestamp,
    /// How often it was tried, this attempt included.
    pub(crate) attempts: u32,
}

/// What becomes of a message. `seed` spreads the attempts that failed at the same time.
pub(crate) fn judge(tried: Tried<'_>, outcome: Outcome, now: Timestamp, seed: u64) -> Verdict {
    match outcome {
        Outcome::Taken => Verdict::Delivered,
        Outcome::Failed if tried.since.plus_ms(TRIED_MS) <= now => Verdict::Parked,
        Outcome::Failed => Verdict::Again(now.plus_ms(backoff_ms(tried, seed))),
    }
}

/// Twice as long after each failure, and of that between a half and all.
fn backoff_ms(tried: Tried<'_>, seed: u64) -> u64 {
    let doublings = tried.attempts.saturating_sub(1).min(16);
    let longest = (BACKOFF_MS << doublings).min(BACKOFF_MAX_MS);
    let digest = Sha256::new()
        .chain_update(seed.to_be_bytes())
        .chain_update(tried.id)
        .chain_update(tried.attempts.to_be_bytes())
        .finalize();
    let chance = u64::from_be_bytes(*digest.first_chunk().expect("a hash has 32 bytes"));
    longest / 2 + chance % (longest / 2 + 1)
}

/// Until when a message that fails now may have to wait. What waits for longer has failed by a clock that was set back
/// since, and may be sent.
pub(crate) fn latest_again(now: Timestamp) -> Timestamp {
    now.plus_ms(BACKOFF_MAX_MS)
}

/// Which webhook's messages to look for, and how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Look {
    pub(crate) webhook: WebhookId,
    /// How many may be sent.
    pub(crate) room: usize,
}

/// What is on its way.
#[derive(Debug, Default)]
pub(crate) struct Machine {
    lanes: BTreeMap<WebhookId, Lane>,
    sent: usize,
    /// Whose messages were looked for last: the next one's turn comes before it again.
    last: Option<WebhookId>,
}

#[derive(Debug, Default)]
struct Lane {
    /// What the messages on their way are about.
    busy: BTreeSet<String>,
    /// When to look for messages.
    look_at: Option<Timestamp>,
    /// Whether the last attempt failed: then one message at a time finds out whether the receiver is back.
    is_failing: bool,
}

impl Lane {
    fn room(&self) -> usize {
        let most = if self.is_failing { 1 } else { LANE_MAX };
        most.saturating_sub(self.busy.len())
    }
}

impl Machine {
    /// There may be something for a webhook from `at` on.
    pub(crate) fn wake(&mut self, webhook: WebhookId, at: Timestamp) {
        let lane = self.lanes.entry(webhook).or_default();
        lane.look_at = Some(lane.look_at.map_or(at, |known| known.min(at)));
    }

    /// The next webhook whose messages may be sent now, each in its turn. Whoever looks wakes it again for what it has
    /// left.
    pub(crate) fn look(&mut self, now: Timestamp) -> Option<Look> {
        let free = ALL_MAX.saturating_sub(self.sent);
        let has_come = |at: Timestamp| at <= now || latest_again(now) < at;
        let is_due = |lane: &Lane| lane.look_at.is_some_and(has_come) && 0 < lane.room();
        if free == 0 {
            return None;
        }
        let mut due = self.lanes.iter().filter(|(_, lane)| is_due(lane)).map(|(id, _)| *id);
        let first = due.clone().next()?;
        let webhook = due.find(|id| self.last < Some(*id)).unwrap_or(first);
        let lane = self.lanes.get_mut(&webhook).expect("it was just there");
        lane.look_at = None;
        self.last = Some(webhook);
        Some(Look { webhook, room: lane.room().min(free) })
    }

    /// A webhook is none any more. What is on its way still ends.
    pub(crate) fn forget(&mut self, webhook: WebhookId) {
        if self.busy(webhook) == 0 {
            self.lanes.remove(&webhook);
        }
    }

    /// How many of a webhook's things have a message on its way.
    pub(crate) fn busy(&self, webhook: WebhookId) -> usize {
        self.lanes.get(&webhook).map_or(0, |lane| lane.busy.len())
    }

    /// Whether a message about something is on its way to a webhook: another one must wait.
    pub(crate) fn is_busy(&self, webhook: WebhookId, resource: &str) -> bool {
        self.lanes.get(&webhook).is_some_and(|lane| lane.busy.contains(resource))
    }

    /// A message is on its way.
    pub(crate) fn sent(&mut self, webhook: WebhookId, resource: &str) {
        let lane = self.lanes.entry(webhook).or_default();
        if lane.busy.insert(resource.to_owned()) {
            self.sent += 1;
        }
    }

    /// A message is on its way no more, and there is room for another.
    pub(crate) fn ended(
        &mut self,
        webhook: WebhookId,
        resource: &str,
        outcome: Outcome,
        now: Timestamp,
    ) {
        let lane = self.lanes.entry(webhook).or_default();
        if lane.busy.remove(resource) {
            self.sent -= 1;
        }
        lane.is_failing = outcome == Outcome::Failed;
        self.wake(webhook, now);
    }

    /// When to look again if nothing happens before.
    pub(crate) fn next_at(&self) -> Option<Timestamp> {
        if ALL_MAX <= self.sent {
            return None;
        }
        self.lanes.values().filter(|lane| 0 < lane.room()).filter_map(|lane| lane.look_at).min()
    }
}

#[cfg(test)]
mod tests;
