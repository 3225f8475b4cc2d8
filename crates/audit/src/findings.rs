//! What is found on the way, and what it amounts to.

use std::error::Error;

use journal::causes::{causes, in_one_line};
use journal::{Head, ReadError};
use ledger::{BookId, Position};
use postgres::error::SqlState;
use projector::ReadModel;
use rusqlite::ErrorCode;

use crate::exported::Fault;
use crate::{CouldNotTell, Discrepancy, Report};

/// Findings so far.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    discrepancies: Vec<Discrepancy>,
    notes: Vec<String>,
    untold: Vec<CouldNotTell>,
}

impl Findings {
    /// Whether nothing wrong was found yet.
    pub(crate) fn are_none(&self) -> bool {
        self.discrepancies.is_empty()
    }

    /// Something is wrong with an entry.
    pub(crate) fn wrong_at(&mut self, position: Position, what: impl Into<String>) {
        let position = Some(position);
        self.discrepancies.push(Discrepancy { position, what: what.into() });
    }

    /// Something is wrong that is no entry.
    pub(crate) fn wrong(&mut self, what: impl Into<String>) {
        self.discrepancies.push(Discrepancy { position: None, what: what.into() });
    }

    /// Something was not checked.
    pub(crate) fn note(&mut self, what: impl Into<String>) {
        self.notes.push(what.into());
    }

    /// The journal could not be read at `position` or soon after it, unless the error knows better.
    pub(crate) fn unreadable_journal(&mut self, position: Position, error: ReadError) {
        match position_of(&error) {
            Some(known) => self.wrong_at(known, in_one_line(&error)),
            None if is_damage(&error) => self.wrong_at(position, in_one_line(&error)),
            None => self.untold.push(error.into()),
        }
    }

    /// An export could not be read on.
    pub(crate) fn faulty_export(&mut self, fault: Fault) {
        match fault {
            Fault::Wrong { position, what } => self.wrong_at(position, what),
            Fault::File(error) => self.untold.push(error.into()),
        }
    }

    /// A read model could not be read.
    pub(crate) fn unreadable_model(&mut self, model: ReadModel, error: projector::Error) {
        let is_wrong = match &error {
            projector::Error::Unreadable { .. } => true,
            error => is_damage(error),
        };
        if is_wrong {
            self.wrong(format!("{model}: {}", in_one_line(&error)));
        } else {
            self.untold.push(CouldNotTell::ReadModel { model, source: error });
        }
    }

    /// What is wrong outweighs what can't be told.
    pub(crate) fn report(
        self,
        book: BookId,
        entries: u64,
        head: Head,
    ) -> Result<Report, CouldNotTell> {
        let Self { discrepancies, mut notes, mut untold } = self;
        if discrepancies.is_empty() && !untold.is_empty() {
            return Err(untold.swap_remove(0));
        }
        notes.extend(untold.iter().map(|error| in_one_line(error)));
        Ok(Report { book, entries, head, discrepancies, notes })
    }
}

/// The entry that an error is about.
fn position_of(error: &ReadError) -> Option<Position> {
    match error {
        ReadError::Changed { position, .. }
        | ReadError::Missing { position }
        | ReadError::Undecodable { position, .. }
        | ReadError::Misfiled { position } => Some(*position),
        ReadError::NoTree | ReadError::Database(_) => None,
    }
}

/// Whether a database holds what no program of ours has written: as opposed to one that is locked, or can't be opened.
fn is_damage(error: &(dyn Error + 'static)) -> bool {
    causes(error).any(|cause| {
        cause.downcast_ref().is_some_and(is_damage_of_sqlite)
            || cause.downcast_ref().is_some_and(is_damage_of_postgres)
    })
}

fn is_damage_of_sqlite(error: &rusqlite::Error) -> bool {
    match error.sqlite_error_code() {
        // `Unknown` is what SQLite calls a table or a column that is not there.
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::Unknown) => true,
        Some(_) => false,
        // SQLite gave something, and it is not what it should be.
        None => true,
    }
}

fn is_damage_of_postgres(error: &postgres::Error) -> bool {
    const DAMAGE: [SqlState; 6] = [
        SqlState::DATA_CORRUPTED,
        SqlState::INDEX_CORRUPTED,
        // The file of a table is not there.
        SqlState::UNDEFINED_FILE,
        SqlState::CHARACTER_NOT_IN_REPERTOIRE,
        SqlState::UNDEFINED_TABLE,
        SqlState::UNDEFINED_COLUMN,
    ];
    error.code().is_some_and(|code| DAMAGE.contains(code))
}
