//! Spending limits and what counts towards them.

use std::collections::VecDeque;

use borsh::{BorshDeserialize, BorshSerialize};

use crate::time::DAY_MS;
use crate::{Amount, Timestamp};

/// What a limit is counted over. All windows are UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum Window {
    /// One authorization by itself.
    Authorization,
    /// The last 24 hours: what counts at exactly 24 hours ago does not count any more.
    Day,
    /// The ISO 8601 week, from Monday.
    Week,
    /// The calendar month.
    Month,
    /// The calendar year.
    Year,
    /// All time.
    Total,
}

impl Window {
    /// Authorizations from this time on count at `now`.
    pub fn start(self, now: Timestamp) -> Timestamp {
        match self {
            Self::Authorization => now,
            Self::Day => now.minus_ms(DAY_MS - 1),
            Self::Week => now.week_start(),
            Self::Month => now.month_start(),
            Self::Year => now.year_start(),
            Self::Total => Timestamp::default(),
        }
    }
}

/// At most so much in a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Limit {
    /// The window.
    pub window: Window,
    /// The most that may be spent in it.
    pub amount: Amount,
}

impl Limit {
    /// Whether `amount` more would exceed it when `spent` counts towards it, and what is left.
    pub(crate) fn exceeded(self, spent: Amount, amount: Amount) -> Option<ExceededLimit> {
        let left = self.amount.saturating_sub(spent);
        (left < amount).then_some(ExceededLimit { limit: self, left })
    }
}

/// A limit that an authorization would exceed, and what was left of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExceededLimit {
    /// The limit.
    pub limit: Limit,
    /// What could have been spent.
    pub left: Amount,
}

/// What a card or an agent has spent, by the time at which it counts: open holds and what has cleared.
/// Reversals and expiries give back, refunds don't.
#[derive(Debug, Clone, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct Spending {
    /// The last 24 hours, oldest first; older ones leave when a newer one comes.
    day: VecDeque<(Timestamp, Amount)>,
    week: Bucket,
    month: Bucket,
    year: Bucket,
    total: Amount,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
struct Bucket {
    start: Timestamp,
    amount: Amount,
}

impl Spending {
    /// The first limit that `amount` more would exceed at `now`, all of it and what the same authorization counts for
    /// already, and since when.
    pub(crate) fn exceeded(
        &self,
        limits: impl IntoIterator<Item = Limit>,
        before: (Timestamp, Amount),
        amount: Amount,
        now: Timestamp,
    ) -> Option<ExceededLimit> {
        let spent = |window: Window| {
            let (at, before) = before;
            let is_elsewhere = window == Window::Authorization || at < window.start(now);
            self.spent(window, now) + if is_elsewhere { before } else { Amount::ZERO }
        };
        limits.into_iter().find_map(|limit| limit.exceeded(spent(limit.window), amount))
    }

    fn spent(&self, window: Window, now: Timestamp) -> Amount {
        let start = window.start(now);
        let bucket = |bucket: &Bucket| {
            if bucket.start == start { bucket.amount } else { Amount::ZERO }
        };
        match window {
            Window::Authorization => Amount::ZERO,
            Window::Day => {
                let recent = self.day.iter().rev().take_while(|(at, _)| start <= *at);
                recent.map(|(_, amount)| *amount).sum()
            }
            Window::Week => bucket(&self.week),
            Window::Month => bucket(&self.month),
            Window::Year => bucket(&self.year),
            Window::Total => self.total,
        }
    }

    /// Counts `amount` more for an authorization that counts at `at`.
    pub(crate) fn add(&mut self, at: Timestamp, amount: Amount) {
        for (bucket, start) in self.buckets(at) {
            if bucket.start < start {
                *bucket = Bucket { start, amount: Amount::ZERO };
            }
            if bucket.start == start {
                bucket.amount += amount;
            }
        }
        self.total += amount;
        match self.day.binary_search_by_key(&at, |(at, _)| *at) {
            Ok(index) => self.day[index].1 += amount,
            Err(index) => self.day.insert(index, (at, amount)),
        }
        let oldest = Window::Day.start(self.day.back().map_or(at, |(at, _)| *at));
        while self.day.front().is_some_and(|(at, _)| *at < oldest) {
            self.day.pop_front();
        }
    }

    /// Counts `amount` less for an authorization that counts at `at`.
    pub(crate) fn give_back(&mut self, at: Timestamp, amount: Amount) {
        for (bucket, start) in self.buckets(at) {
            if bucket.start == start {
                bucket.amount -= amount;
            }
        }
        self.total -= amount;
        if let Ok(index) = self.day.binary_search_by_key(&at, |(at, _)| *at) {
            self.day[index].1 -= amount;
        }
    }

    fn buckets(&mut self, at: Timestamp) -> [(&mut Bucket, Timestamp); 3] {
        [
            (&mut self.week, at.week_start()),
            (&mut self.month, at.month_start()),
            (&mut self.year, at.year_start()),
        ]
    }
}

#[cfg(test)]
mod tests;
