use std::sync::Arc;

use journal::Head;
use ledger::book::{Environment, OpenBook};
use ledger::{Book, Command, CommandId, Origin, Request, Timestamp};
use metrics_exporter_prometheus::PrometheusBuilder;

use super::*;
use crate::{Machine, Seen};

#[test]
fn commits_commands_and_positions_are_measured() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let book = BookId([1; 16]);
    let shown = metrics::with_local_recorder(&recorder, || {
        let mut machine = Machine::new(Book::default(), Head::EMPTY, Seen::default());
        let mut measures = Measures::of(book, Position::START);
        leads(book).set(1.0);
        let command = Command::OpenBook(OpenBook { book, environment: Environment::Sandbox });
        let request = Request { id: CommandId([1; 16]), origin: Origin::LEDGER, command };
        machine.submit((), &request, None, Timestamp::from_millis(1));
        measures.waiting(3);
        let batch = machine.next_batch().unwrap();
        measures.append(&batch);
        measures.committed(&batch);
        // A look at the claim is no commit.
        let empty = Batch { entries: Arc::new([]), ..batch.clone() };
        measures.append(&empty);
        measures.committed(&empty);
        machine.committed(&batch);
        let outcomes = Outcomes::new();
        machine.replies().for_each(|((), result)| outcomes.count(&result));
        outcomes.count(&Err(Refusal::Reused { route: 1 }));
        outcomes.count(&Err(Refusal::Unavailable));
        let shown = recorder.handle().render();
        drop(measures);
        shown
    });
    let queue = |commands| format!("ledgeros_writer_queue_commands{{book=\"{book}\"}} {commands}");
    for line in [
        "ledgeros_writer_commit_duration_seconds_count 1".to_owned(),
        "ledgeros_writer_batch_entries_sum 1".to_owned(),
        "ledgeros_writer_commands_total{outcome=\"done\"} 1".to_owned(),
        "ledgeros_writer_commands_total{outcome=\"reused\"} 1".to_owned(),
        "ledgeros_writer_commands_total{outcome=\"failed\"} 1".to_owned(),
        queue(3),
        format!("ledgeros_journal_position{{book=\"{book}\"}} 1"),
        format!("ledgeros_writer_leads{{book=\"{book}\"}} 1"),
    ] {
        assert!(shown.lines().any(|shown| shown == line), "{line} is not in\n{shown}");
    }
    let later = recorder.handle().render();
    assert!(
        later.lines().any(|shown| shown == queue(0)),
        "nothing waits for it any more:\n{later}"
    );
}
