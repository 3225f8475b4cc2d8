//! What is measured of a read model, and its part of traces.

use std::time::Instant;

use journal::Stored;
use ledger::{BookId, Position};
use metrics::{Gauge, Histogram, Unit, describe_gauge, describe_histogram, gauge, histogram};
use tracing::{Span, debug_span};

use crate::ReadModel;

const FOLLOW: &str = "ledgeros_projection_follow_duration_seconds";
const POSITION: &str = "ledgeros_projection_position";
const LAG: &str = "ledgeros_projection_lag_entries";

/// What is measured of a read model of a book.
pub(crate) struct Measures {
    book: BookId,
    model: ReadModel,
    follow: Histogram,
    position: Gauge,
    lag: Gauge,
}

/// Entries that are being followed.
pub(crate) struct Following {
    begun: Instant,
    /// Ended once the entries are shown.
    _spans: Vec<Span>,
}

impl Measures {
    pub(crate) fn of(book: BookId, model: ReadModel) -> Self {
        describe_histogram!(FOLLOW, Unit::Seconds, "A transaction of a read model.");
        describe_gauge!(POSITION, "The last entry that a read model shows.");
        describe_gauge!(LAG, "Entries that are committed, as far as is known, and not shown.");
        let labels = [("book", book.to_string()), ("model", model.to_string())];
        Self {
            book,
            model,
            follow: histogram!(FOLLOW, "model" => model.to_string()),
            position: gauge!(POSITION, &labels),
            lag: gauge!(LAG, &labels),
        }
    }

    /// These entries are about to be followed.
    pub(crate) fn begin<'a>(&self, entries: impl Iterator<Item = &'a Stored>) -> Following {
        let spans = entries.map(|Stored { entry, .. }| {
            debug_span!(
                "projector.follow",
                request = format_args!("{:032x}", u128::from_be_bytes(entry.origin.request)),
                book = %self.book,
                model = %self.model,
                position = entry.position.0,
            )
        });
        let spans = spans.filter(|span| !span.is_disabled()).collect();
        Following { begun: Instant::now(), _spans: spans }
    }

    /// They are shown.
    pub(crate) fn followed(&self, following: Following) {
        self.follow.record(following.begun.elapsed());
    }

    /// What is shown now, and where the journal ends as far as is known.
    pub(crate) fn at(&self, position: Position, head: Position) {
        self.position.set(position.0 as f64);
        self.lag.set(head.0.saturating_sub(position.0) as f64);
    }
}
