use super::*;

/// What is shown of measurements.
pub(crate) fn measured(measure: impl FnOnce()) -> Exposition {
    let recorder = builder().unwrap().build_recorder();
    metrics::with_local_recorder(&recorder, measure);
    Exposition(recorder.handle())
}

#[test]
fn durations_and_counts_have_buckets_of_their_own() {
    let shown = measured(|| {
        metrics::histogram!("writer_commit_duration_seconds").record(0.002);
        metrics::histogram!("writer_batch_entries").record(100.0);
        metrics::counter!("writer_refusals_total", "reason" => "limit").increment(2);
    });
    let shown = shown.render();
    for line in [
        "writer_commit_duration_seconds_bucket{le=\"0.001\"} 0",
        "writer_commit_duration_seconds_bucket{le=\"0.0025\"} 1",
        "writer_batch_entries_bucket{le=\"64\"} 0",
        "writer_batch_entries_bucket{le=\"128\"} 1",
        "writer_refusals_total{reason=\"limit\"} 2",
    ] {
        assert!(shown.lines().any(|shown| shown == line), "{line} is not in\n{shown}");
    }
}
