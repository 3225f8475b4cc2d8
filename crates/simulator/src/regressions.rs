//! Seeds that have failed once. They are played before all others.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::PathBuf;

use crate::options::{Options, Wanted};

/// A line each: seed, commands, faults; what stands behind a `#` is for people.
fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("regressions.txt")
}

/// All of them. Without the file, none.
///
/// # Errors
///
/// When the file can't be read, or a line of it.
pub fn read() -> io::Result<Vec<Options>> {
    let text = match fs::read_to_string(path()) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        read => read?,
    };
    let lines = text.lines().filter_map(|line| {
        let line = line.split('#').next().unwrap_or_default().trim();
        (!line.is_empty()).then(|| parse(line).ok_or_else(|| unreadable(line)))
    });
    lines.collect()
}

fn unreadable(line: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("`{line}` is no seed, commands and faults"))
}

fn parse(line: &str) -> Option<Options> {
    let mut words = line.split_whitespace();
    let (seed, commands) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    let wanted: Wanted = words.next()?.parse().ok()?;
    words.next().is_none().then(|| Options::of(seed, commands, &wanted))
}

/// Adds one. The line that was added.
///
/// # Errors
///
/// When the file can't be written.
pub fn add(arguments: &str, breach: &str) -> io::Result<String> {
    let words: Vec<_> =
        arguments.split_whitespace().filter(|word| !word.starts_with('-')).collect();
    let why = breach.lines().next().unwrap_or_default();
    let line = format!("{} # {why}", words.join(" "));
    let mut file = OpenOptions::new().create(true).append(true).open(path())?;
    writeln!(file, "{line}")?;
    Ok(line)
}
