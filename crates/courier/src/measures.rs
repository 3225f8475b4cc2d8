//! What is measured of a courier, and its part of traces.

use std::time::Duration;

use journal::Stored;
use ledger::{BookId, Position};
use metrics::{Counter, Gauge, Histogram, Unit};
use metrics::{describe_counter, describe_gauge, describe_histogram};
use tracing::{Span, debug_span};

const ATTEMPTS: &str = "ledgeros_courier_attempts_total";
const DURATION: &str = "ledgeros_courier_attempt_duration_seconds";
const POSITION: &str = "ledgeros_courier_position";
const WAITING: &str = "ledgeros_courier_waiting_messages";

/// What the courier of a book measures.
pub(crate) struct Measures {
    taken: Counter,
    failed: Counter,
    duration: Histogram,
    position: Gauge,
    waiting: Gauge,
}

impl Measures {
    pub(crate) fn of(book: BookId) -> Self {
        describe_counter!(ATTEMPTS, "Attempts to deliver a message, by whether it was taken.");
        describe_histogram!(DURATION, Unit::Seconds, "How long they took.");
        describe_gauge!(POSITION, "The last entry whose messages are in the courier's tables.");
        describe_gauge!(WAITING, "Messages that wait to be delivered.");
        let book = book.to_string();
        let attempts = |outcome: &'static str| metrics::counter!(ATTEMPTS, "book" => book.clone(), "outcome" => outcome);
        Self {
            taken: attempts("taken"),
            failed: attempts("failed"),
            duration: metrics::histogram!(DURATION, "book" => book.clone()),
            position: metrics::gauge!(POSITION, "book" => book.clone()),
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

    pub(crate) fn at(&self, position: Position) {
        self.position.set(position.0 as f64);
    }

    pub(crate) fn waiting(&self, messages: u64) {
        self.waiting.set(messages as f64);
    }
}

/// The spans of entries that are about to be followed.
pub(crate) fn spans<'a>(book: BookId, entries: impl Iterator<Item = &'a Stored>) -> Vec<Span> {
    let spans = entries.map(|Stored { entry, .. }| {
        debug_span!(
            "courier.follow",
            request = format_args!("{:032x}", u128::from_be_bytes(entry.origin.request)),
            %book,
            position = entry.position.0,
        )
    });
    spans.filter(|span| !span.is_disabled()).collect()
}
