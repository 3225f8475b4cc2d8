//! How many requests a key may make.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::http::{HeaderValue, Method};
use governor::clock::{Clock, MonotonicClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};

use crate::routes::Route;

/// The time that a quota is for.
const WINDOW_S: u64 = 60;

/// After how many requests those keys are forgotten that have their whole quota again.
const SWEPT_AFTER: u32 = 65_536;

/// How many requests a key may make in a minute, of each class; zero is any number. A key that was idle may make them all
/// at once, and gets them back one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimits {
    /// Questions.
    pub reads: u32,
    /// Commands, but for the next class.
    pub writes: u32,
    /// Cards that are created.
    pub cards: u32,
}

impl RateLimits {
    /// Any number of everything.
    pub const NONE: Self = Self { reads: 0, writes: 0, cards: 0 };
}

/// What a request is counted as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    Reads,
    Writes,
    Cards,
}

impl Class {
    /// Of a request to a path as the router writes it.
    pub(crate) fn of(method: &Method, path: &str) -> Self {
        match method {
            &Method::GET | &Method::HEAD => Self::Reads,
            &Method::POST if path == Route::CreateCard.path() => Self::Cards,
            _ => Self::Writes,
        }
    }
}

/// Counts requests.
pub(crate) struct Limiter {
    reads: Option<Bucket>,
    writes: Option<Bucket>,
    cards: Option<Bucket>,
}

/// What a key may do, and what is left of that: the values of two headers.
#[derive(Debug)]
pub(crate) struct Allowance {
    /// `RateLimit-Policy`
    pub(crate) policy: HeaderValue,
    /// `RateLimit`
    pub(crate) left: HeaderValue,
    /// Nothing was left for this request; there will be after this time.
    pub(crate) retry_after_s: Option<u64>,
}

type Keys =
    RateLimiter<[u8; 8], HashMapStateStore<[u8; 8]>, MonotonicClock, StateInformationMiddleware>;

struct Bucket {
    name: &'static str,
    quota: NonZeroU32,
    policy: HeaderValue,
    keys: Keys,
    requests: AtomicU32,
}

impl Limiter {
    pub(crate) fn new(limits: RateLimits) -> Self {
        Self {
            reads: Bucket::new("reads", limits.reads),
            writes: Bucket::new("writes", limits.writes),
            cards: Bucket::new("cards", limits.cards),
        }
    }

    /// Counts a request of the key with this prefix. `None`: nothing is counted.
    pub(crate) fn take(&self, class: Class, prefix: [u8; 8]) -> Option<Allowance> {
        let bucket = match class {
            Class::Reads => &self.reads,
            Class::Writes => &self.writes,
            Class::Cards => &self.cards,
        };
        bucket.as_ref().map(|bucket| bucket.take(prefix))
    }
}

impl Bucket {
    fn new(name: &'static str, limit: u32) -> Option<Self> {
        let quota = NonZeroU32::new(limit)?;
        Some(Self {
            name,
            quota,
            policy: header(format!("\"{name}\";q={quota};w={WINDOW_S}")),
            keys: Keys::new(Quota::per_minute(quota), HashMapStateStore::default(), MonotonicClock),
            requests: AtomicU32::new(0),
        })
    }

    fn take(&self, prefix: [u8; 8]) -> Allowance {
        if self.requests.fetch_add(1, Ordering::Relaxed) % SWEPT_AFTER == SWEPT_AFTER - 1 {
            self.keys.retain_recent();
            self.keys.shrink_to_fit();
        }
        let (left, retry_after_s) = match self.keys.check_key(&prefix) {
            Ok(state) => (state.remaining_burst_capacity(), None),
            Err(not_until) => {
                let wait = not_until.wait_time_from(MonotonicClock.now());
                (0, Some(whole_seconds(wait).max(1)))
            }
        };
        let used = u64::from(self.quota.get() - left.min(self.quota.get()));
        let reset_s = (used * WINDOW_S).div_ceil(self.quota.get().into());
        Allowance {
            policy: self.policy.clone(),
            left: header(format!("\"{}\";r={left};t={reset_s}", self.name)),
            retry_after_s,
        }
    }
}

fn whole_seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() != 0)
}

fn header(text: String) -> HeaderValue {
    HeaderValue::try_from(text).expect("it is ASCII")
}

#[cfg(test)]
mod tests;
