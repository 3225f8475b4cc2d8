//! What is measured of a writer, and its part of traces.

use std::time::Instant;

use ledger::{BookId, Position};
use metrics::{
    Counter, Gauge, Histogram, Unit, counter, describe_counter, describe_gauge, describe_histogram,
    gauge, histogram,
};
use rpc::{Answer, Refusal};
use tracing::{Span, debug_span};

use crate::machine::Batch;

const COMMIT: &str = "ledgeros_writer_commit_duration_seconds";
const BATCH: &str = "ledgeros_writer_batch_entries";
const COMMANDS: &str = "ledgeros_writer_commands_total";
const QUEUE: &str = "ledgeros_writer_queue_commands";
const POSITION: &str = "ledgeros_journal_position";
const LEADS: &str = "ledgeros_writer_leads";

/// Says what the metrics are.
fn describe() {
    describe_histogram!(COMMIT, Unit::Seconds, "From a batch's hand-over to its being durable.");
    describe_histogram!(BATCH, "Entries that were committed together.");
    describe_counter!(COMMANDS, "Commands that were answered, by what came of them.");
    describe_gauge!(QUEUE, "Commands that wait to be decided.");
    describe_gauge!(POSITION, "The last entry that is durable.");
}

/// Whether this process leads a book.
pub(crate) fn leads(book: BookId) -> Gauge {
    describe_gauge!(LEADS, "1 in the process that leads the book, 0 where it stands by.");
    gauge!(LEADS, "book" => book.to_string())
}

/// What is measured of the writer of a book.
pub(crate) struct Measures {
    book: BookId,
    commit: Histogram,
    batch: Histogram,
    queue: Gauge,
    position: Gauge,
    /// When the batch was handed over that is not durable yet, and its entries' spans.
    appending: Option<(Instant, Vec<Span>)>,
}

impl Measures {
    /// From its start on, where the journal ends at `durable`.
    pub(crate) fn of(book: BookId, durable: Position) -> Self {
        describe();
        let position = gauge!(POSITION, "book" => book.to_string());
        position.set(durable.0 as f64);
        Self {
            book,
            commit: histogram!(COMMIT),
            batch: histogram!(BATCH),
            queue: gauge!(QUEUE, "book" => book.to_string()),
            position,
            appending: None,
        }
    }

    /// So many commands wait.
    pub(crate) fn waiting(&self, commands: usize) {
        self.queue.set(commands as f64);
    }

    /// A batch is handed over.
    pub(crate) fn append(&mut self, batch: &Batch) {
        let spans = batch.entries.iter().map(|stored| {
            let (book, entry) = (self.book, &stored.entry);
            debug_span!(
                "writer.commit",
                request = format_args!("{:032x}", u128::from_be_bytes(entry.origin.request)),
                %book,
                position = entry.position.0,
                entries = batch.entries.len(),
            )
        });
        let spans = spans.filter(|span| !span.is_disabled()).collect();
        self.appending = Some((Instant::now(), spans));
    }

    /// That batch is durable. An empty one only asked whether it could be.
    pub(crate) fn committed(&mut self, batch: &Batch) {
        let appending = self.appending.take();
        if let (Some((begun, _)), Some(last)) = (appending, batch.entries.last()) {
            self.commit.record(begun.elapsed());
            self.batch.record(batch.entries.len() as f64);
            self.position.set(last.entry.position.0 as f64);
        }
    }
}

/// What no more is written by, no commands wait for.
impl Drop for Measures {
    fn drop(&mut self) {
        self.waiting(0);
    }
}

/// How many commands were answered, by what came of them.
pub(crate) struct Outcomes {
    done: Counter,
    replayed: Counter,
    rejected: Counter,
    reused: Counter,
    failed: Counter,
}

impl Outcomes {
    pub(crate) fn new() -> Self {
        describe();
        let outcome = |outcome| counter!(COMMANDS, "outcome" => outcome);
        Self {
            done: outcome("done"),
            replayed: outcome("replayed"),
            rejected: outcome("rejected"),
            reused: outcome("reused"),
            failed: outcome("failed"),
        }
    }

    /// A command is answered.
    pub(crate) fn count(&self, result: &Result<Answer, Refusal>) {
        let outcome = match result {
            Ok(Answer { is_replay: false, .. }) => &self.done,
            Ok(Answer { is_replay: true, .. }) => &self.replayed,
            Err(Refusal::Rejected(_)) => &self.rejected,
            Err(Refusal::Reused { .. }) => &self.reused,
            Err(Refusal::Busy | Refusal::Unavailable | Refusal::Unknown) => &self.failed,
        };
        outcome.increment(1);
    }
}

#[cfg(test)]
mod tests;
