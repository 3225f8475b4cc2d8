//! The house rules that a machine can hold: who may use whom, what may not be named where, and what lies at the top.

#![allow(clippy::unwrap_used, reason = "a test that can't go on ends")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// Which of our crates a crate may use, outside its tests. `docs/architecture.md` says why.
const ROOMS: [(&str, &[&str]); 16] = [
    ("ledger", &[]),
    ("journal", &["ledger"]),
    ("rpc", &["ledger", "journal"]),
    ("writer", &["ledger", "journal", "rpc"]),
    ("projector", &["ledger", "journal", "rpc"]),
    ("bus", &["ledger", "journal", "rpc"]),
    ("courier", &["ledger", "journal", "rpc", "vault"]),
    ("vault", &[]),
    ("providers", &["ledger", "rpc", "vault"]),
    ("audit", &["ledger", "journal", "projector"]),
    ("gateway", &["ledger", "rpc", "projector", "courier", "providers", "vault"]),
    ("daemon", &[]),
    ("servers", &[]),
    (
        "ledgeros",
        &[
            "ledger",
            "journal",
            "rpc",
            "writer",
            "projector",
            "bus",
            "courier",
            "vault",
            "providers",
            "audit",
            "gateway",
            "daemon",
        ],
    ),
    (
        "testkit",
        &[
            "ledger",
            "journal",
            "rpc",
            "writer",
            "projector",
            "bus",
            "courier",
            "vault",
            "providers",
            "audit",
            "gateway",
            "daemon",
            "ledgeros",
            "servers",
        ],
    ),
    ("simulator", &["ledger", "journal", "rpc", "writer", "projector", "bus", "audit", "testkit"]),
];

/// Crates of others that a room must not use, outside its tests.
const BANNED: [(&str, &[&str]); 9] = [
    ("ledger", &["tokio", "serde", "rusqlite", "sqlx", "getrandom", "rand", "tracing"]),
    ("journal", &["tonic", "axum", "async-nats"]),
    ("writer", &["axum", "async-nats"]),
    ("courier", &["axum", "async-nats"]),
    ("projector", &["vault", "axum", "async-nats"]),
    ("audit", &["axum", "tokio"]),
    ("gateway", &["rusqlite", "sqlx", "prost"]),
    ("daemon", &["ledger", "journal", "rusqlite"]),
    ("simulator", &["tokio", "getrandom", "rand", "tracing"]),
];

/// Words that must not stand in a room's sources.
const UNSPEAKABLE: [(&str, &[&str]); 3] = [
    ("ledger", &["HashSet", "f32", "f64", "SystemTime", "Instant::now", "async fn"]),
    ("simulator", &["HashMap", "HashSet", "SystemTime", "RandomState", "async fn"]),
    ("journal", &["on conflict", "ON CONFLICT", "or ignore", "or replace"]),
];

/// What may lie at the top, besides names that begin with a dot.
const TOP: [&str; 9] = [
    "Cargo.toml",
    "Cargo.lock",
    "crates",
    "proto",
    "migrations",
    "deploy",
    "docs",
    "justfile",
    "README.md",
];
const BUILD: &str = "target";

/// What no finished source has.
const UNFINISHED: [&str; 5] = ["todo!(", "unimplemented!(", "#[ignore", "FIXME", "thread::sleep"];

/// Past this, a file has a seam.
const LINES_MAX: usize = 600;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// Our crates, as `cargo metadata` tells of them.
fn packages() -> Vec<Value> {
    let said = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    let mut said: Value = serde_json::from_slice(&said.stdout).unwrap();
    said["packages"].as_array_mut().map(std::mem::take).unwrap()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// What each crate uses outside its tests.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let packages = packages().into_iter().map(|package| {
        let used = package["dependencies"].as_array().unwrap().iter();
        let used = used.filter(|dependency| dependency["kind"] != "dev");
        (text(&package["name"]), used.map(|dependency| text(&dependency["name"])).collect())
    });
    packages.collect()
}

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let Ok(items) = fs::read_dir(folder) else { return Vec::new() };
    let paths = items.map(|item| item.unwrap().path());
    paths
        .flat_map(|path| match path.is_dir() {
            true => files(&path, ending),
            false => vec![path],
        })
        .filter(|path| path.to_string_lossy().ends_with(ending))
        .collect()
}

#[test]
fn every_crate_uses_only_the_rooms_that_it_may() {
    let rooms: BTreeMap<_, _> = ROOMS.into_iter().collect();
    let dependencies = dependencies();
    let ours: BTreeSet<_> = dependencies.keys().map(String::as_str).collect();
    assert_eq!(ours, rooms.keys().copied().collect(), "the table lists every crate");
    for (name, used) in &dependencies {
        let allowed = rooms[name.as_str()];
        for other in used.iter().filter(|other| ours.contains(other.as_str())) {
            assert!(allowed.contains(&other.as_str()), "`{name}` must not use `{other}`");
        }
    }
}

#[test]
fn no_crate_uses_what_is_banned_from_its_room() {
    let dependencies = dependencies();
    for (name, banned) in BANNED {
        for other in banned {
            assert!(!dependencies[name].contains(*other), "`{name}` must not use `{other}`");
        }
    }
}

#[test]
fn no_source_names_what_is_banned_from_its_room() {
    for (name, words) in UNSPEAKABLE {
        let sources = files(&root().join("crates").join(name).join("src"), ".rs");
        let statements = files(&root().join("migrations").join(name), ".sql");
        assert!(!sources.is_empty());
        for path in sources.into_iter().chain(statements) {
            let text = fs::read_to_string(&path).unwrap();
            for word in words {
                assert!(!text.contains(word), "`{word}` stands in {}", path.display());
            }
        }
    }
}

#[test]
fn no_source_is_unfinished_or_too_long() {
    for path in files(&root().join("crates"), ".rs") {
        let text = fs::read_to_string(&path).unwrap();
        let is_this_file = path.ends_with("testkit/tests/tidy.rs");
        for mark in UNFINISHED.iter().filter(|_| !is_this_file) {
            assert!(!text.contains(mark), "`{mark}` stands in {}", path.display());
        }
        let lines = text.lines().count();
        assert!(lines <= LINES_MAX, "{} has {lines} lines", path.display());
    }
}

#[test]
fn nothing_else_lies_at_the_top() {
    for item in fs::read_dir(root()).unwrap() {
        let name = item.unwrap().file_name().into_string().unwrap();
        let is_known = name.starts_with('.') || TOP.contains(&name.as_str()) || name == BUILD;
        assert!(is_known, "`{name}` lies at the top");
    }
}

#[test]
fn every_crate_forbids_unsafe_code_and_missing_documentation() {
    for package in packages() {
        let manifest = fs::read_to_string(text(&package["manifest_path"])).unwrap();
        assert!(manifest.contains("[lints]\nworkspace = true"), "{}", package["name"]);
    }
}

#[test]
fn only_the_ledgers_table_hashes() {
    for path in files(&root().join("crates/ledger/src"), ".rs") {
        let hashes = fs::read_to_string(&path).unwrap().contains("HashMap");
        assert!(!hashes || path.ends_with("table.rs"), "{}", path.display());
    }
}

#[test]
fn every_story_that_the_table_of_postings_names_is_there() {
    let text = fs::read_to_string(root().join("docs/accounting.md")).unwrap();
    let (_, table) = text.split_once("## Postings").unwrap();
    let (table, _) = table.split_once("## ").unwrap();
    let cells = table.lines().filter_map(|line| line.strip_suffix(" |")?.rsplit_once("| "));
    let stories: Vec<_> = cells
        .flat_map(|(_, cell)| cell.split(", "))
        .filter_map(|story| story.strip_prefix('`')?.strip_suffix('`'))
        .collect();
    assert!(15 < stories.len());
    for story in stories {
        let file = format!("crates/testkit/scenarios/{story}.scenario");
        assert!(root().join(&file).exists(), "{file}");
    }
}

#[test]
fn every_test_that_the_table_of_other_peoples_bugs_names_is_there() {
    let text = fs::read_to_string(root().join("docs/accounting.md")).unwrap();
    let (_, table) = text.split_once("## Other people's bugs").unwrap();
    let sources = files(&root().join("crates"), ".rs");
    let sources: Vec<_> = sources.iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    let rows = table.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
    let mut named = 0;
    for row in rows.filter(|row| row.contains('#')) {
        let (thread, rest) = row.split_once(" | ").unwrap();
        let (_, tests) = rest.rsplit_once(" | ").unwrap();
        let tests = tests.split(", ").filter_map(|test| test.strip_prefix('`')?.strip_suffix('`'));
        for test in tests {
            named += 1;
            if test.contains('_') {
                let head = format!("fn {test}(");
                assert!(sources.iter().any(|source| source.contains(&head)), "{test}");
            } else {
                let file = root().join(format!("crates/testkit/scenarios/{test}.scenario"));
                let story =
                    fs::read_to_string(&file).unwrap_or_else(|error| panic!("{test}: {error}"));
                let comment = story.lines().next().unwrap();
                assert!(comment.starts_with('#') && comment.contains(thread), "{test}: {comment}");
            }
        }
    }
    assert!(20 < named, "{named}");
}

#[test]
fn every_test_that_the_page_of_security_names_is_there() {
    let page = fs::read_to_string(root().join("docs/security.md")).unwrap();
    let sources = files(&root().join("crates"), ".rs");
    let sources: Vec<_> = sources.iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    let rows = page.lines().skip_while(|line| !line.starts_with("| --- ")).skip(1);
    let rows = rows.take_while(|line| line.starts_with("| "));
    let mut named = 0;
    for row in rows {
        let cells: Vec<_> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let [attack, _, tests, command] = cells[..] else { panic!("{row}") };
        assert!(command.starts_with('`'), "{attack}: no command");
        let tests: Vec<_> = tests.split(", ").filter_map(|test| test.strip_prefix('`')).collect();
        assert!(!tests.is_empty() || command == "`just deny`", "{attack}: no test");
        for test in tests {
            let head = format!("fn {}(", test.trim_end_matches('`'));
            assert!(sources.iter().any(|source| source.contains(&head)), "{attack}: {test}");
            named += 1;
        }
    }
    assert!(70 < named, "{named}");
}

/// What a stranger sends is compared with what he must not find out letter by letter.
#[test]
fn secrets_are_compared_in_constant_time() {
    const SECRET: [&str; 6] = ["digest", "mac", "secret", "commitment", "token", "fingerprint"];
    let crates = ["gateway", "vault", "courier", "providers", "ledgeros"];
    let sources = crates.map(|name| files(&root().join("crates").join(name).join("src"), ".rs"));
    let mut compared = 0;
    for path in sources.into_iter().flatten().filter(|path| !path.ends_with("tests.rs")) {
        let text = fs::read_to_string(&path).unwrap();
        compared += text.matches(".ct_eq(").count();
        for line in text.lines() {
            let words: Vec<_> = line.split_whitespace().collect();
            let sides = words.windows(3).filter(|words| ["==", "!="].contains(&words[1]));
            for side in sides.flat_map(|words| [words[0], words[2]]) {
                let name = side.trim_matches(|letter: char| !letter.is_alphanumeric());
                let name = name.rsplit(['.', ':', '*', '&', '(']).next().unwrap();
                assert!(!SECRET.contains(&name), "{}: {line}", path.display());
            }
        }
    }
    assert!(5 <= compared, "{compared}");
}

/// `deploy/planted` puts all of them into one copy of the sources.
#[test]
fn every_planted_fault_can_be_planted() {
    let mut patches = files(&root().join("crates/simulator/planted"), ".patch");
    patches.sort_by_key(|path| path.file_name().map(ToOwned::to_owned));
    let patches: Vec<_> = patches.iter().map(|path| fs::read(path).unwrap()).collect();
    let mut git = Command::new("git")
        .args(["apply", "--check", "-"])
        .current_dir(root())
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    git.stdin.take().unwrap().write_all(&patches.concat()).unwrap();
    assert!(git.wait().unwrap().success(), "a patch does not fit the sources any more");
}
