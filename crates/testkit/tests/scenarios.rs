//! The rules as stories, at every depth but the core, and the tables that say where each rule is told.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread;

use testkit::depth::{Depth, Http, Writer};
use testkit::scenario::Scenario;

/// The rows of the table of postings in `docs/accounting.md` that are built.
const ROWS: [&str; 40] = [
    "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16", "17",
    "18", "19", "20", "21", "22", "23", "24", "30", "31", "32", "33", "34", "35", "36", "36a",
    "36b", "37", "37a", "37b", "39", "39a", "40", "41",
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios")
}

/// Plays every scenario on a ledger of its own.
fn play_all<D: Depth>(open: impl Fn() -> D + Sync) {
    play_those(|_| true, open);
}

fn play_those<D: Depth>(is_wanted: impl Fn(&Scenario) -> bool, open: impl Fn() -> D + Sync) {
    play_at_once(1, is_wanted, open);
}

/// Plays so many at a time.
fn play_at_once<D: Depth>(
    threads: usize,
    is_wanted: impl Fn(&Scenario) -> bool,
    open: impl Fn() -> D + Sync,
) {
    let scenarios = Scenario::read_all(&folder()).expect("the folder can be read");
    assert!(!scenarios.is_empty());
    let wanted = scenarios.into_iter().filter(|read| read.as_ref().map_or(true, &is_wanted));
    let (waiting, failures) = (Mutex::new(wanted.collect::<Vec<_>>()), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let Some(next) = waiting.lock().expect("nobody panics here").pop() else {
                        break;
                    };
                    let played = next.and_then(|scenario| scenario.play(&mut open()));
                    if let Err(failure) = played {
                        failures.lock().expect("nobody panics here").push(failure.to_string());
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().expect("nobody panics here");
    assert!(failures.is_empty(), "{} fail:\n\n{}\n", failures.len(), failures.join("\n\n"));
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
fn every_scenario_holds_in_a_writer_over_postgres_whose_connection_is_cut() {
    let database = servers::shared().new_database();
    play_all(|| Writer::over_postgres(&database));
}

#[test]
fn every_scenario_holds_over_http() {
    play_those(Scenario::is_for_http, Http::start);
}

#[test]
fn every_scenario_holds_over_services() {
    // Most of the time roles wait for each other.
    const AT_ONCE: usize = 6;
    let (mut server, nats) = (servers::Postgres::start(), servers::Nats::start());
    server.add_settings("max_connections = 500");
    server.stop_fast();
    server.start_again();
    let database = server.new_database();
    journal::postgres::prepare(&database.owner, &database.writer_role).expect("the owner may");
    projector::prepare(&database.owner, &database.writer_role).expect("the owner may");
    let open = || Http::over_services(&database.writer, &nats.url());
    play_at_once(AT_ONCE, Scenario::is_for_http, open);
}

#[test]
fn every_row_of_the_table_of_postings_is_told() {
    let told = table("row");
    let rows: Vec<_> = told.iter().map(|(row, _)| row.as_str()).collect();
    assert_eq!(rows, ROWS);
    for (row, names) in &told {
        let prefix = format!("row-{row:0>2}-");
        assert_eq!(named(|name| name.starts_with(&prefix)), *names, "row {row}");
    }
}

#[test]
fn every_thread_is_told() {
    for (thread, names) in table("thread") {
        let prefix = format!("{}-", thread.replace('#', "-"));
        assert_eq!(named(|name| name.starts_with(&prefix)), names, "{thread}");
    }
}

#[test]
fn every_control_is_told() {
    let all = named(|_| true);
    for (control, names) in table("control") {
        assert!(names.is_subset(&all), "{control}: {:?}", names.difference(&all));
    }
}

/// The scenarios whose names are wanted.
fn named(is_wanted: impl Fn(&str) -> bool) -> BTreeSet<String> {
    let items = fs::read_dir(folder()).expect("the folder can be read");
    let names = items.filter_map(|item| {
        let name = item.expect("the folder can be read").file_name().into_string().ok()?;
        name.strip_suffix(".scenario").map(str::to_owned)
    });
    names.filter(|name| is_wanted(name)).collect()
}

/// The lines of a table of the page about scenarios: their first cell, and the scenarios that their last one names.
fn table(title: &str) -> Vec<(String, BTreeSet<String>)> {
    let page = fs::read_to_string(folder().join("README.md")).expect("the page can be read");
    let begin = format!("| {title} |");
    let lines = page.lines().skip_while(|line| !line.starts_with(&begin)).skip(2);
    let lines = lines.take_while(|line| line.starts_with('|')).map(|line| {
        let cells: Vec<_> = line.trim_matches('|').split('|').map(str::trim).collect();
        let names: BTreeSet<_> = cells[cells.len() - 1]
            .split_whitespace()
            .map(|name| name.trim_matches('`').to_owned())
            .collect();
        assert!(!names.is_empty(), "`{}` is told nowhere", cells[0]);
        (cells[0].to_owned(), names)
    });
    lines.collect()
}
