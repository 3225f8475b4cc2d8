#![doc = include_str!("../scenarios/README.md")]

use std::fmt;
use std::fs;
use std::io;
use std::path::Path;

use crate::depth::Depth;

mod cards;
mod check;
mod expectation;
mod ledgers;
mod names;
mod network;
mod outcome;
mod people;
mod plans;
mod play;
mod step;
mod time;
mod tokens;
mod wallets;
mod webhooks;

use expectation::Expectation;
use step::Step;

/// The line of a scenario with steps that the gateway refuses as bad input.
const NOT_HTTP: &str = "not over http";

/// A file of steps.
#[derive(Debug)]
pub struct Scenario {
    name: String,
    is_for_http: bool,
    lines: Vec<Line>,
}

#[derive(Debug)]
struct Line {
    number: usize,
    text: String,
    step: Step,
    expectations: Vec<Expectation>,
}

/// A line that can't be read, or that did not end as it should.
#[derive(Debug, PartialEq, Eq)]
pub struct Failure {
    place: String,
    text: String,
    reason: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}\n{}", self.place, self.text, self.reason)
    }
}

impl Scenario {
    /// Every scenario of a folder, in the order of their names; what can't be read is a failure.
    pub fn read_all(folder: &Path) -> io::Result<Vec<Result<Self, Failure>>> {
        let mut paths: Vec<_> =
            fs::read_dir(folder)?.map(|item| Ok(item?.path())).collect::<io::Result<_>>()?;
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "scenario"));
        paths.sort();
        let read = paths.iter().map(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            Ok(Self::parse(&name, &fs::read_to_string(path)?))
        });
        read.collect()
    }

    /// Reads the text of a scenario.
    pub fn parse(name: &str, text: &str) -> Result<Self, Failure> {
        let numbered = text.lines().enumerate().map(|(index, line)| (index + 1, line.trim()));
        let is_meant = |line: &str| !line.is_empty() && !line.starts_with('#') && line != NOT_HTTP;
        let meaningful = numbered.filter(|(_, line)| is_meant(line));
        let lines = meaningful.map(|(number, text)| {
            let read = Line::parse(number, text);
            read.map_err(|reason| failure(name, number, text, reason))
        });
        Ok(Self {
            name: name.to_owned(),
            is_for_http: text.lines().all(|line| line != NOT_HTTP),
            lines: lines.collect::<Result<_, _>>()?,
        })
    }

    /// The name of its file.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether all of it can be said over HTTP.
    pub fn is_for_http(&self) -> bool {
        self.is_for_http
    }

    /// Plays every line until one does not end as it should.
    pub fn play(&self, depth: &mut dyn Depth) -> Result<(), Failure> {
        let first = self.lines.first().map_or(0, |line| line.number);
        let mut stage = play::Stage::open(depth)
            .map_err(|reason| failure(&self.name, first, "the book is opened", reason))?;
        for line in &self.lines {
            stage
                .take(line)
                .map_err(|reason| failure(&self.name, line.number, &line.text, reason))?;
        }
        Ok(())
    }
}

impl Line {
    fn parse(number: usize, text: &str) -> Result<Self, String> {
        let (step, expectations) = match text.split_once("=>") {
            Some((step, expectations)) => (step, expectations),
            None => (text, ""),
        };
        Ok(Self {
            number,
            text: text.to_owned(),
            step: step::parse(step)?,
            expectations: expectation::parse(expectations)?,
        })
    }
}

fn failure(name: &str, number: usize, text: &str, reason: String) -> Failure {
    Failure { place: format!("{name}:{number}"), text: text.to_owned(), reason }
}

#[cfg(test)]
mod tests;
