//! `ledgeros audit verify` and `ledgeros audit export`.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use audit::{Evidence, Exported, Format, Progress, Report};
use indicatif::{ProgressBar, ProgressStyle};
use journal::anchor;
use journal::checkpoint::VerifyingKey;
use serde::Serialize;
use tracing::{error, info};

use crate::cli::{ExportFormat, ReportFormat};
use crate::journal_place::Opened;
use crate::{checkpoint_keys, folder};

/// Something is wrong.
pub(crate) const UNSOUND: u8 = 1;
/// Nobody can tell.
pub(crate) const COULD_NOT_TELL: u8 = 2;

/// What is verified: one of the two.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Subject {
    /// The folder of `serve`, which may be running.
    #[arg(long)]
    data: Option<PathBuf>,
    /// A file that `export --format jsonl` has printed.
    #[arg(long)]
    export: Option<PathBuf>,
}

/// Verifies a book, and prints what was found.
pub(crate) fn verify(
    of: &Subject,
    statements: Statements,
    format: ReportFormat,
) -> Result<ExitCode> {
    let began = Instant::now();
    let report = match (&of.data, &of.export) {
        (Some(data), _) => report(data, statements),
        (None, Some(export)) => report_export(export, &statements),
        (None, None) => unreachable!("the command line is refused without either"),
    };
    let report = match report {
        Ok(report) => report,
        Err(error) => {
            error!("{error:#}");
            return Ok(ExitCode::from(COULD_NOT_TELL));
        }
    };
    let seconds = began.elapsed().as_secs_f64();
    let rate = report.entries as f64 / seconds;
    let mut out = std::io::stdout().lock();
    match format {
        ReportFormat::Text => {
            print(&mut out, &report)?;
            writeln!(out, "{rate:.0} entries/s in {seconds:.2} s")?;
        }
        ReportFormat::Json => {
            serde_json::to_writer(&mut out, &Verdict::new(&report, rate))?;
            writeln!(out)?;
        }
    }
    Ok(if report.sound() { ExitCode::SUCCESS } else { ExitCode::from(UNSOUND) })
}

/// Writes the folder's journal to stdout.
pub(crate) fn export(data: &Path, format: ExportFormat) -> Result<ExitCode> {
    let mark = anchor::read(&folder::anchor_of(data))?;
    let Opened { mut journal, incarnation } = folder::reader(data)?;
    let is_the_same = mark.incarnation == incarnation;
    ensure!(is_the_same, "the anchor is of another incarnation of the journal");
    let format = match format {
        ExportFormat::Hledger => Format::Hledger,
        ExportFormat::Beancount => Format::Beancount,
        ExportFormat::Jsonl => Format::Jsonl,
    };
    let mut out = BufWriter::new(std::io::stdout().lock());
    let end = audit::export(&mut *journal, Some(mark.head), format, &mut out)?;
    out.flush()?;
    info!(position = end.position.0, hash = %end.hash, "exported");
    Ok(ExitCode::SUCCESS)
}

/// What an auditor brings along.
#[derive(Debug, Default)]
pub(crate) struct Statements {
    /// The file of the keys that are trusted; the folder's own, if there is none.
    pub(crate) keys: Option<PathBuf>,
    /// The file of the operators' keys, if their approvals are to be checked.
    pub(crate) operators: Option<PathBuf>,
    /// Files of checkpoints that were kept.
    pub(crate) checkpoints: Vec<PathBuf>,
}

impl Statements {
    fn read_checkpoints(&self) -> Result<Vec<String>> {
        let kept = self
            .checkpoints
            .iter()
            .map(|path| fs::read_to_string(path).with_context(|| format!("`{}`", path.display())));
        kept.collect()
    }

    fn read_operators(&self) -> Result<Option<Vec<VerifyingKey>>> {
        self.operators.as_deref().map(checkpoint_keys::read_public).transpose()
    }
}

/// Verifies the folder's book.
pub(crate) fn report(data: &Path, statements: Statements) -> Result<Report> {
    let keys = match &statements.keys {
        Some(keys) => checkpoint_keys::read_public(keys)?,
        None => checkpoint_keys::trusted(data)?,
    };
    let checkpoints = statements.read_checkpoints()?;
    let operators = statements.read_operators()?;
    let mark = anchor::read(&folder::anchor_of(data))?;
    let Opened { journal, incarnation } = folder::reader(data)?;
    let evidence = Evidence {
        anchor: Some(mark),
        incarnation,
        journal,
        keys,
        operators,
        checkpoints,
        read_models: folder::read_models_of(data)?,
    };
    // Drawn on a terminal only, and not more often than twenty times a second.
    let bar = ProgressBar::new(mark.head.position.0)
        .with_style(style("{bar:40} {human_pos}/{human_len} entries {per_sec} {eta}"));
    let report = audit::verify(evidence, &mut |Progress { entries, of }| {
        bar.set_length(of);
        bar.set_position(entries);
    });
    bar.finish_and_clear();
    Ok(report?)
}

/// Verifies the book in a file.
fn report_export(export: &Path, statements: &Statements) -> Result<Report> {
    let checkpoints = statements.read_checkpoints()?;
    let keys = match &statements.keys {
        Some(keys) => checkpoint_keys::read_public(keys)?,
        None => Vec::new(),
    };
    let operators = statements.read_operators()?;
    let is_said_by_whom = !keys.is_empty() || checkpoints.is_empty();
    ensure!(
        is_said_by_whom,
        "an export has no keys: those that its checkpoints are believed of must be given"
    );
    let unreadable = || format!("`{}` can't be verified", export.display());
    let file = File::open(export).with_context(unreadable)?;
    let exported = Exported::open(file).with_context(unreadable)?;
    let bar = ProgressBar::no_length().with_style(style("{human_pos} entries {per_sec}"));
    let report = audit::verify_export(exported, &keys, operators, &checkpoints, &mut |entries| {
        bar.set_position(entries);
    });
    bar.finish_and_clear();
    Ok(report?)
}

fn style(template: &'static str) -> ProgressStyle {
    ProgressStyle::with_template(template).expect("the template is a constant")
}

/// Prints a report for people.
pub(crate) fn print(out: &mut dyn Write, report: &Report) -> std::io::Result<()> {
    let verdict = if report.sound() { "sound" } else { "NOT SOUND" };
    writeln!(out, "{}: {} entries, {verdict}", report.book, report.entries)?;
    writeln!(out, "head: entry {}, {}", report.head.position, report.head.hash)?;
    for found in &report.discrepancies {
        match found.position {
            Some(position) => writeln!(out, "wrong: entry {position}: {}", found.what)?,
            None => writeln!(out, "wrong: {}", found.what)?,
        }
    }
    report.notes.iter().try_for_each(|note| writeln!(out, "note: {note}"))
}

/// A report for programs.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Verdict {
    sound: bool,
    books: [Book; 1],
    entries_per_second: u64,
}

#[derive(Serialize)]
struct Book {
    id: String,
    entries: u64,
    head: Head,
    discrepancies: Vec<Discrepancy>,
    notes: Vec<String>,
}

#[derive(Serialize)]
struct Head {
    position: u64,
    hash: String,
}

#[derive(Serialize)]
struct Discrepancy {
    position: Option<u64>,
    what: String,
}

impl Verdict {
    fn new(report: &Report, rate: f64) -> Self {
        let discrepancies = report.discrepancies.iter().map(|found| Discrepancy {
            position: found.position.map(|position| position.0),
            what: found.what.clone(),
        });
        let head = Head { position: report.head.position.0, hash: report.head.hash.to_string() };
        let book = Book {
            id: report.book.to_string(),
            entries: report.entries,
            head,
            discrepancies: discrepancies.collect(),
            notes: report.notes.clone(),
        };
        Self { sound: report.sound(), books: [book], entries_per_second: rate as u64 }
    }
}
