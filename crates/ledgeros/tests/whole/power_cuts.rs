//! What is made is found after a power cut: the folder that it is in is on disk, too.

use std::fs;
use std::path::Path;
use std::process::Command;

use servers::Tracing;

use crate::backups::{Bench, back_up, succeeded};

/// What makes a name, and what writes it to disk.
const CALLS: &str = "trace=/^(mkdir|rename|link|fsync)";

#[test]
fn a_new_folder_is_on_disk_with_those_that_it_is_in() {
    if let Tracing::Forbidden(why) = Tracing::find_out() {
        servers::not_tried("this machine lets nobody trace a process", &why);
        return;
    }
    let bench = Bench::new();
    let data = bench.path("new/further/data");
    let words = ["books", "create", "default"].map(Path::new);
    let calls = traced(&bench, &[&words[..], &[Path::new("--data"), &data]].concat());
    for made in ["new", "new/further", "new/further/data"] {
        assert!(is_synced(&calls, &bench.path(made)), "{made}: {calls}");
    }
    for made in ["anchor", "keys.json"] {
        let next = next(&calls, &data.join(made));
        assert!(next.contains(&sync_of(&data)), "{made}: {next} in {calls}");
    }

    let (backup, restored) = (bench.path("backup"), bench.path("put/back"));
    succeeded(&back_up(&data, &backup, None));
    let words = [Path::new("restore"), &backup, Path::new("--data"), &restored];
    let calls = traced(&bench, &words);
    for made in ["put", "put/back"] {
        assert!(is_synced(&calls, &bench.path(made)), "{made}: {calls}");
    }
}

/// Runs the binary, and says which calls it has made: a line each, after its thread, with the paths of files that are open.
fn traced(bench: &Bench, arguments: &[&Path]) -> String {
    let calls = bench.path("calls");
    let mut strace = Command::new("strace");
    strace.args(["-f", "-y", "-e", CALLS, "-o"]).arg(&calls);
    succeeded(&strace.arg(env!("CARGO_BIN_EXE_ledgeros")).args(arguments).output().unwrap());
    fs::read_to_string(calls).unwrap()
}

/// Whether the folder that it is in was written to disk after something was made.
fn is_synced(calls: &str, made: &Path) -> bool {
    let sync = sync_of(made.parent().unwrap());
    after(calls, made).any(|call| call.contains(&sync))
}

/// What the thread did next that made something.
fn next<'a>(calls: &'a str, made: &Path) -> &'a str {
    let mut after = after(calls, made);
    let thread = |call: &'a str| call.split_once(' ').map(|(thread, _)| thread);
    let its = thread(after.next().unwrap());
    after.find(|call| thread(call) == its && !call.contains("resumed>")).unwrap()
}

/// The last call that names it, and all that came later: before, the folder that it is in was missing.
fn after<'a>(calls: &'a str, made: &Path) -> impl Iterator<Item = &'a str> {
    let named = format!("\"{}\"", made.display());
    let before = calls.lines().collect::<Vec<_>>().iter().rposition(|call| call.contains(&named));
    calls.lines().skip(before.expect("it was made"))
}

fn sync_of(folder: &Path) -> String {
    format!("<{}>", folder.display())
}
