//! `ledgeros projections`: how the read models of a book are, whether they are right, and making them again.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};
use audit::Report;
use clap::{Args, Subcommand, ValueEnum};
use gateway::BookCode;
use indicatif::{ProgressBar, ProgressStyle};
use journal::Reader;
use ledger::Position;
use projector::{Place, ReadModel, Set, SetState};
use tracing::error;

use crate::audit_command::{COULD_NOT_TELL, UNSOUND};
use crate::rebuild::{self, Outcome};
use crate::{folder, library};

#[derive(Debug, Subcommand)]
pub(crate) enum Projections {
    /// Prints a line for each set of tables: read model, set, last entry, entries behind, version, who is at it, digest.
    Status {
        #[command(flatten)]
        of: Book,
    },
    /// Makes a read model again from the journal, beside the one that is read, and puts it in its place when it is what the
    /// journal says. It can be stopped; the same command goes on.
    ///
    /// Exits with 0 when it is done, with 1 when it was not put in place because of what differs, with 2 when that can't be
    /// told, with 130 when it was stopped.
    Rebuild {
        model: Model,
        #[command(flatten)]
        of: Book,
        /// Puts it in place also when the one that is read differs from it.
        #[arg(long)]
        replace: bool,
    },
    /// Compares a read model, row by row, with the journal.
    ///
    /// Exits with 0 when it is what the journal says, with 1 when it is not, with 2 when that can't be told.
    Verify {
        model: Model,
        #[command(flatten)]
        of: Book,
    },
    /// Removes the tables that were read before the last rebuild.
    DropOld {
        model: Model,
        #[command(flatten)]
        of: Book,
    },
}

/// Whose read models.
#[derive(Debug, Args)]
pub(crate) struct Book {
    /// The folder of the service, which may be running.
    #[arg(long)]
    data: PathBuf,
    /// The book.
    #[arg(long, default_value = "default", value_parser = code)]
    book: BookCode,
}

/// A read model.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Model {
    Balances,
    Transactions,
    Intents,
    Directory,
}

impl Projections {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let result = match self {
            Self::Status { of } => status(&of.folder()),
            Self::Rebuild { model, of, replace } => rebuild(model.into(), &of.folder(), replace),
            Self::Verify { model, of } => verify(model.into(), &of.folder()),
            Self::DropOld { model, of } => drop_old(model.into(), &of.folder()),
        };
        result.or_else(|error| {
            error!("{error:#}");
            Ok(ExitCode::from(COULD_NOT_TELL))
        })
    }
}

fn status(folder: &Path) -> Result<ExitCode> {
    let place = folder::read_models_of(folder)?;
    let mut journal = folder::reader(folder)?.journal;
    let mut out = std::io::stdout().lock();
    for model in ReadModel::ALL {
        for set in Set::ALL {
            let Some(state) = projector::survey(model, set, &place)? else { continue };
            let end = journal.head()?.position;
            let SetState { version, head, digest, .. } = state;
            let (position, behind) = (head.position, end.0.saturating_sub(head.position.0));
            let is = condition(set, &state, folder, end);
            write!(out, "{model} {set} {position} {behind} {version} {is} {digest}")?;
            let why = state.stopped.map(|why| format!(" {why}")).unwrap_or_default();
            writeln!(out, "{why}")?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// A word for who is at it, or for why nobody can be.
fn condition(set: Set, state: &SetState, folder: &Path, end: Position) -> &'static str {
    let is_kept = || state.is_kept.unwrap_or_else(|| folder::lock(folder).is_err());
    match set {
        Set::Old => "waits-to-be-dropped",
        _ if !state.is_readable => "other-version",
        _ if state.stopped.is_some() => "stopped",
        _ if end < state.head.position => "ahead-of-journal",
        Set::Live if is_kept() => "kept",
        Set::Live => "not-kept",
        Set::Next if is_kept() => "being-filled",
        Set::Next => "unfinished",
    }
}

fn verify(model: ReadModel, folder: &Path) -> Result<ExitCode> {
    let place = folder::read_models_of(folder)?;
    let mut journal = folder::reader(folder)?.journal;
    let report = compare(model, Set::Live, &place, &mut *journal)?;
    print(model, &report)?;
    Ok(if report.sound() { ExitCode::SUCCESS } else { ExitCode::from(UNSOUND) })
}

fn rebuild(model: ReadModel, folder: &Path, replace: bool) -> Result<ExitCode> {
    let outcome = rebuild::run(model, folder, replace)?;
    let mut out = std::io::stdout().lock();
    match outcome {
        Outcome::Switched { position, replaced, filled } => {
            replaced.iter().try_for_each(|what| writeln!(out, "replaced: {what}"))?;
            writeln!(out, "{model}: rebuilt up to entry {position}")?;
            if let Some((entries, seconds)) = filled {
                let rate = entries as f64 / seconds;
                writeln!(out, "{entries} entries in {seconds:.2} s, {rate:.0} entries/s")?;
            }
            Ok(ExitCode::SUCCESS)
        }
        Outcome::Wrong(report) => {
            print(model, &report)?;
            writeln!(
                out,
                "{model}: what was rebuilt is not what the journal says, and was thrown away"
            )?;
            Ok(ExitCode::from(UNSOUND))
        }
        Outcome::Different(found) => {
            found.iter().try_for_each(|what| writeln!(out, "differs: {what}"))?;
            writeln!(
                out,
                "{model}: rebuilt, but not put in place: give `--replace` if it is to be"
            )?;
            Ok(ExitCode::from(UNSOUND))
        }
        Outcome::Served => {
            error!(
                "{model}: rebuilt, but files can't be put in place while they are served: stop the service, and repeat the command"
            );
            Ok(ExitCode::from(COULD_NOT_TELL))
        }
        Outcome::Stopped { position } => {
            error!("{model}: stopped at entry {position}: the same command goes on");
            Ok(ExitCode::from(rebuild::STOPPED))
        }
    }
}

fn drop_old(model: ReadModel, folder: &Path) -> Result<ExitCode> {
    projector::drop_old(model, &folder::read_models_of(folder)?)?;
    Ok(ExitCode::SUCCESS)
}

/// Compares a set of tables with the journal, and shows how far it is.
pub(crate) fn compare(
    model: ReadModel,
    set: Set,
    place: &Place,
    journal: &mut dyn Reader,
) -> Result<Report> {
    let bar = bar("comparing");
    let report = audit::verify_read_model(model, set, place, journal, &mut |progress| {
        bar.set_length(progress.of);
        bar.set_position(progress.entries);
    });
    bar.finish_and_clear();
    Ok(report?)
}

/// Drawn on a terminal only, on stderr.
pub(crate) fn bar(what: &'static str) -> ProgressBar {
    let template = "{msg} {bar:40} {human_pos}/{human_len} entries {per_sec} {eta}";
    let style = ProgressStyle::with_template(template).expect("the template is a constant");
    let bar = ProgressBar::no_length().with_style(style).with_message(what);
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

fn print(model: ReadModel, report: &Report) -> Result<()> {
    let mut out = std::io::stdout().lock();
    let verdict = if report.sound() { "sound" } else { "NOT SOUND" };
    writeln!(out, "{model}: {} entries, {verdict}", report.entries)?;
    report.discrepancies.iter().try_for_each(|found| writeln!(out, "wrong: {}", found.what))?;
    Ok(report.notes.iter().try_for_each(|note| writeln!(out, "note: {note}"))?)
}

fn code(text: &str) -> Result<BookCode> {
    BookCode::parse(text).context("it is no code of a book")
}

impl Book {
    fn folder(&self) -> PathBuf {
        library::place(&self.data, &self.book)
    }
}

impl From<Model> for ReadModel {
    fn from(model: Model) -> Self {
        match model {
            Model::Balances => Self::Balances,
            Model::Transactions => Self::Transactions,
            Model::Intents => Self::Intents,
            Model::Directory => Self::Directory,
        }
    }
}
