//! What the documents show is what happens.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Printed between the blocks of the script.
const MARK: &str = "== end of block";

/// A block of commands, and what it prints, when the README shows that.
struct Block {
    line: usize,
    commands: String,
    printed: Option<String>,
}

#[test]
fn the_commands_of_the_readme_print_what_it_says() {
    play("README.md");
}

#[test]
fn the_commands_of_the_auditors_print_what_their_page_says() {
    play("docs/audit.md");
}

#[test]
fn the_commands_of_the_operators_print_what_their_page_says() {
    play("docs/operations.md");
}

/// Runs the commands of a document in a folder of their own, and compares what they print.
fn play(document: &str) {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(package.join("../..").join(document)).unwrap();
    let blocks = blocks(&text);
    assert!(2 < blocks.len());

    let mut script =
        "set -euo pipefail\ntrap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n".to_owned();
    for Block { commands, .. } in &blocks {
        writeln!(script, "{commands}\necho '{MARK}'").unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    let checker = "check_export.py";
    fs::copy(package.join("tests/judge").join(checker), folder.path().join(checker)).unwrap();
    let binaries = Path::new(env!("CARGO_BIN_EXE_ledgeros")).parent().unwrap();
    let path = format!("{}:{}", binaries.display(), std::env::var("PATH").unwrap());
    let output = Command::new("bash")
        .args(["-c", &script])
        .current_dir(folder.path())
        .env("PATH", path)
        .output()
        .unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    let printed: Vec<&str> = stdout.split(MARK).map(str::trim).collect();
    for (block, printed) in blocks.iter().zip(&printed) {
        if let Some(expected) = &block.printed {
            assert_eq!(*printed, expected.trim(), "{document}:{}: {stderr}", block.line);
        }
    }
    assert_eq!(printed.len(), blocks.len() + 1, "it stopped: {stderr}");
    assert!(output.status.success(), "{stderr}");
}

/// Every `sh` block, with the `text` block that follows it.
fn blocks(document: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut lines = document.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        let Some(language) = line.strip_prefix("```").filter(|language| !language.is_empty())
        else {
            continue;
        };
        let text: Vec<&str> =
            lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```").collect();
        let text = text.join("\n");
        match language {
            "sh" => blocks.push(Block { line: number + 1, commands: text, printed: None }),
            "text" => {
                let block = blocks.last_mut().expect("output follows commands");
                assert!(block.printed.replace(text).is_none(), "line {number}: twice");
            }
            _ => {}
        }
    }
    blocks
}
