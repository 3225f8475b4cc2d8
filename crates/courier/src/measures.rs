//! What is measured of a courier, and its part of traces.

use std::time::Duration;

use journal::Stored;
use ledger::{BookId, Position};
use metrics::{
    Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram,
};
use tracing::{Span, debug_span};

use crate::machine::Verdict;

const ATTEMPTS: &str = "ledgeros_courier_attempts_total";
const DURATION: &str = "ledgeros_courier_attempt_duration_seconds";
const POSITION: &str = "ledgeros_courier_position";

/// Says what the metrics are.
pub(crate) fn describe() {
    describe_counter!(ATTEMPTS, "Attempts to deliver a message, by what came of them.");
    describe_histogram!(DURATION, Unit::Seconds, "Attempts to deliver a message.");
    describe_gauge!(POSITION, "The last entry whose messages are in the courier's tables.");
}

/// A message was tried.
pub(crate) fn tried(verdict: Verdict, took: Duration) {
    let outcome = match verdict {
        Verdict::Delivered => "delivered",
        Verdict::Again(_) => "failed",
        Verdict::Parked => "given_up",
    };
    counter!(ATTEMPTS, "outcome" => outcome).increment(1);
    histogram!(DURATION).record(took);
}

/// How far it is.
pub(crate) fn at(book: BookId, position: Position) {
    gauge!(POSITION, "book" => book.to_string()).set(position.0 as f64);
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
