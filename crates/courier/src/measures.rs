//! What a courier measures.

use std::time::Duration;

use ledger::BookId;
use metrics::{Counter, Gauge, Histogram, Unit};
use metrics::{describe_counter, describe_gauge, describe_histogram};

const ATTEMPTS: &str = "ledgeros_courier_attempts_total";
const DURATION: &str = "ledgeros_courier_attempt_duration_seconds";
const WAITING: &str = "ledgeros_courier_waiting_messages";

/// What the courier of a book measures.
pub(crate) struct Measures {
    taken: Counter,
    failed: Counter,
    duration: Histogram,
    waiting: Gauge,
}

impl Measures {
    pub(crate) fn of(book: BookId) -> Self {
        describe_counter!(ATTEMPTS, "Attempts to deliver a message, by whether it was taken.");
        describe_histogram!(DURATION, Unit::Seconds, "How long they took.");
        describe_gauge!(WAITING, "Messages that wait to be delivered.");
        let book = book.to_string();
        let attempts = |outcome: &'static str| metrics::counter!(ATTEMPTS, "book" => book.clone(), "outcome" => outcome);
        Self {
            taken: attempts("taken"),
            failed: attempts("failed"),
            duration: metrics::histogram!(DURATION, "book" => book.clone()),
            waiting: metrics::gauge!(WAITING, "book" => book.clone()),
        }
    }

    pub(crate) fn attempt(&self, was_taken: bool, duration: Duration) {
        if was_taken {
            self.taken.increment(1)
        } else {
            self.failed.increment(1)
        }
        self.duration.record(duration);
    }

    pub(crate) fn waiting(&self, messages: u64) {
        self.waiting.set(messages as f64);
    }
}
