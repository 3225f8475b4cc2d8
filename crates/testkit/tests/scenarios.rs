//! The rules as stories, at every depth.

use std::path::Path;

use ledger::Timestamp;
use testkit::depth::{Core, Depth, Http, Writer};
use testkit::scenario::Scenario;

/// Plays every scenario on a ledger of its own.
fn play_all<D: Depth>(open: impl Fn() -> D) {
    play_those(|_| true, open);
}

fn play_those<D: Depth>(is_wanted: impl Fn(&Scenario) -> bool, open: impl Fn() -> D) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let scenarios = Scenario::read_all(&folder).expect("the folder can be read");
    assert!(!scenarios.is_empty());
    let wanted = scenarios.into_iter().filter(|read| read.as_ref().map_or(true, &is_wanted));
    let played = wanted.map(|scenario| scenario?.play(&mut open()));
    let failures: Vec<_> = played.filter_map(Result::err).map(|f| f.to_string()).collect();
    assert!(failures.is_empty(), "{} fail:\n\n{}\n", failures.len(), failures.join("\n\n"));
}

#[test]
fn every_scenario_holds_in_the_core() {
    play_all(|| Core::new(Timestamp::of_month(2026, 11)));
}

#[test]
fn every_scenario_holds_in_a_writer_over_memory() {
    play_all(Writer::over_memory);
}

#[test]
fn every_scenario_holds_in_a_writer_over_sqlite() {
    play_all(Writer::over_sqlite);
}

#[test]
fn every_scenario_holds_in_a_writer_over_a_store_that_fails() {
    play_all(Writer::over_failing_memory);
}

#[test]
fn every_scenario_holds_over_http() {
    play_those(Scenario::is_for_http, Http::start);
}
