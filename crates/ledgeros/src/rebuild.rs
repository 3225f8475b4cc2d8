//! Making a read model again: fill, compare, and only then switch.

use std::fs;
use std::path::Path;
use std::time::Instant;

use anyhow::Result;
use audit::{ROWS_TOLD_MAX, Report, RowDifference};
use daemon::{Shutdown, signals};
use indicatif::ProgressBar;
use journal::Reader;
use ledger::Position;
use projector::{Place, ReadModel, Rebuild, Set, SetState, Snapshot};

use crate::folder;
use crate::projections_command::{bar, compare};

/// The exit code of a command that was stopped, as shells say it of SIGINT.
pub(crate) const STOPPED: u8 = 130;

/// How a rebuild ended.
pub(crate) enum Outcome {
    /// It is what is read from now on.
    Switched {
        /// The last entry that was compared.
        position: Position,
        /// What was otherwise in the set that was read before.
        replaced: Vec<String>,
        /// How many entries were filled in, and in what time.
        filled: Option<(u64, f64)>,
    },
    /// It is not what an independent fold of the journal says.
    Wrong(Report),
    /// The set that is read is another one.
    Different(Vec<String>),
    /// Somebody serves the files.
    Served,
    /// Somebody has stopped it.
    Stopped { position: Position },
}

/// Rebuilds a read model of the book in a folder.
pub(crate) fn run(model: ReadModel, folder: &Path, replace: bool) -> Result<Outcome> {
    let shutdown = Shutdown::new();
    signals::install(shutdown.clone())?;
    let place = folder::read_models_of(folder)?;
    if let Place::Folder(path) = &place {
        // It may have been deleted.
        fs::create_dir_all(path)?;
    }
    let mut journal = folder::reader(folder)?.journal;
    let mut work = Work { model, place: &place, journal: &mut *journal, shutdown };
    let mut rebuild = Rebuild::begin(model, &place, work.journal)?;

    let (began, first) = (Instant::now(), rebuild.head().position);
    // Never beyond the live set: the two are compared at one position.
    let until = work.until()?;
    if !work.fill(&mut rebuild, until)? {
        return Ok(Outcome::Stopped { position: rebuild.head().position });
    }
    rebuild.make_indexes()?;
    let entries = rebuild.head().position.0 - first.0;
    let filled = (0 < entries).then(|| (entries, began.elapsed().as_secs_f64()));
    // What has come meanwhile.
    let until = work.until()?;
    if !work.fill(&mut rebuild, until)? {
        return Ok(Outcome::Stopped { position: rebuild.head().position });
    }

    let compared = match work.live()? {
        None => Compared { report: work.verify()?, differences: Vec::new() },
        Some(Err(why)) => Compared { report: work.verify()?, differences: vec![why] },
        Some(Ok(_)) => {
            let at = projector::read_set(model, Set::Live, &place, |live| {
                Ok(work.compare(&mut rebuild, live))
            })?;
            at.value?
        }
    };
    if !compared.report.sound() {
        rebuild.discard()?;
        return Ok(Outcome::Wrong(compared.report));
    }
    if !compared.differences.is_empty() && !replace {
        return Ok(Outcome::Different(compared.differences));
    }
    // Nobody may open files between the two renames.
    let _lock = match &place {
        Place::Folder(_) => match folder::lock(folder) {
            Ok(lock) => Some(lock),
            Err(_) => return Ok(Outcome::Served),
        },
        Place::Postgres { .. } => None,
    };
    rebuild.switch(work.journal)?;
    let position = compared.report.head.position;
    Ok(Outcome::Switched { position, replaced: compared.differences, filled })
}

/// What was found when the new set was held against the journal, and then against the live set.
struct Compared {
    report: Report,
    differences: Vec<String>,
}

/// What all steps work on.
struct Work<'a> {
    model: ReadModel,
    place: &'a Place,
    journal: &'a mut dyn Reader,
    shutdown: Shutdown,
}

impl Work<'_> {
    /// The live set, if there is one; or why nothing can be compared with it.
    fn live(&mut self) -> Result<Option<Result<SetState, String>>> {
        let Some(live) = projector::survey(self.model, Set::Live, self.place)? else {
            return Ok(None);
        };
        let (version, head, end) = (live.version, live.head, self.journal.head()?);
        let why = if !live.is_readable {
            format!("the live set has version `{version}`")
        } else if end.position < head.position {
            format!("the live set shows entry `{}`, which the journal lacks", head.position)
        } else {
            return Ok(Some(Ok(live)));
        };
        Ok(Some(Err(why)))
    }

    /// How far to go for now.
    fn until(&mut self) -> Result<Position> {
        Ok(match self.live()? {
            Some(Ok(live)) => live.head.position,
            Some(Err(_)) | None => self.journal.head()?.position,
        })
    }

    /// Fills the new set. `false` when it was stopped.
    fn fill(&mut self, rebuild: &mut Rebuild, until: Position) -> Result<bool> {
        let bar: ProgressBar = bar("filling");
        bar.set_length(until.0);
        bar.set_position(rebuild.head().position.0);
        bar.reset_eta();
        let shutdown = &self.shutdown;
        let filled = rebuild.fill(self.journal, until, &mut |position| {
            bar.set_position(position.0);
            !shutdown.is_triggered()
        });
        bar.finish_and_clear();
        Ok(filled? && !shutdown.is_triggered())
    }

    /// Holds the new set against an independent fold.
    fn verify(&mut self) -> Result<Report> {
        compare(self.model, Set::Next, self.place, self.journal)
    }

    /// The same, at the position of the live set, and then both sets against each other.
    fn compare(&mut self, rebuild: &mut Rebuild, live: &Snapshot<'_>) -> Result<Compared> {
        rebuild.fill(self.journal, live.position(), &mut |_| true)?;
        let report = self.verify()?;
        let (shown, reached) = (live.position(), rebuild.head().position);
        let differences = if !report.sound() {
            Vec::new()
        } else if shown == reached {
            let found = audit::compare_with_next(self.model, live, self.place, ROWS_TOLD_MAX)?;
            found.iter().map(RowDifference::to_string).collect()
        } else {
            vec![format!("the live set shows entry `{shown}` only, the new one `{reached}`")]
        };
        Ok(Compared { report, differences })
    }
}
