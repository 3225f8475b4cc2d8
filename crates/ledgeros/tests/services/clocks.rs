//! The clock on the wall jumps under a writer.

use std::path::Path;

use ledger::Position;
use ledgeros::folder;
use servers::Clock;

use crate::cluster::Cluster;
use crate::faults::{begin_on, end, rate};
use crate::role::wait_until;

const HOUR_S: i64 = 3_600;

/// How often a writer has said that its clock has jumped.
fn jumps(cluster: &Cluster) -> f64 {
    let pages = cluster.writers.iter().map(|writer| writer.admin("/metrics"));
    let told = pages.flat_map(|page| {
        let lines =
            page.lines().filter(|line| line.starts_with("ledgeros_writer_clock_jumps_total{"));
        lines
            .map(|line| line.rsplit_once(' ').unwrap().1.parse::<f64>().unwrap())
            .collect::<Vec<_>>()
    });
    told.sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_jumps_is_told_and_changes_no_order() {
    let clock = Clock::new();
    let (mut cluster, spender, mut load) =
        begin_on(Cluster::start_with_writers_by(&clock.variables())).await;
    assert_eq!(jumps(&cluster), 0.0, "a clock that goes as time does is no alarm");
    let mut told = 0.0;
    for offset_s in [HOUR_S, 0, -HOUR_S, 0] {
        clock.set(offset_s);
        wait_until("the jump is told", || told < jumps(&cluster));
        told = jumps(&cluster);
        load.answers(u64::from(rate())).await;
    }
    // Another writer takes over while the clock is an hour behind what is recorded.
    let leader = cluster.leader();
    clock.set(-HOUR_S);
    wait_until("the jump is told", || told < jumps(&cluster));
    cluster.writers[leader].kill();
    load.answers(u64::from(rate())).await;
    assert!(1.0 <= jumps(&cluster), "who takes over sees that the book is ahead of the clock");
    cluster.writers[leader].start_again();
    cluster.writers[leader].wait_until_ready();
    let (done, verdict) = end(&cluster, &spender, load).await;
    println!("the judge: {verdict}");
    let (entries, span_ms) = times(&cluster.data());
    assert!(
        2 * HOUR_S.unsigned_abs() * 1_000 > span_ms && HOUR_S.unsigned_abs() * 1_000 <= span_ms
    );
    println!(
        "the clock jumped 5 times by an hour: {} commands, {entries} entries, none earlier than the one before; \
         {span_ms} ms from the first to the last",
        done.len()
    );
}

/// How many entries there are, and how much later the last one is than the first. None is earlier than the one before.
fn times(data: &Path) -> (usize, u64) {
    let entries = folder::reader(data).unwrap().journal.read(Position(1), usize::MAX).unwrap();
    let at: Vec<_> = entries.iter().map(|stored| stored.entry.at.as_millis()).collect();
    assert!(at.is_sorted());
    (at.len(), at.last().unwrap() - at.first().unwrap())
}
