//! Which errors of a database pass: for whoever keeps tables beside a journal, and goes on when they have.

use std::error::Error;

use ::postgres::error::SqlState;
use rusqlite::ErrorCode;

use crate::DatabaseError;
use crate::causes::causes;

/// Whether PostgreSQL hears no more of this connection: it has ended it, or nothing comes through.
pub fn is_lost(error: &::postgres::Error) -> bool {
    match error.code() {
        Some(code) => ends_the_connection(code),
        None => error.is_closed() || causes(error).any(|cause| cause.is::<std::io::Error>()),
    }
}

fn ends_the_connection(code: &SqlState) -> bool {
    const CODES: [SqlState; 5] = [
        SqlState::ADMIN_SHUTDOWN,
        SqlState::CRASH_SHUTDOWN,
        SqlState::CANNOT_CONNECT_NOW,
        SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
        SqlState::IDLE_SESSION_TIMEOUT,
    ];
    CODES.contains(code) || code.code().starts_with("08")
}

/// Whether the same may succeed later: a database was the cause, and nothing is wrong with what was read or written.
pub fn is_passing(error: &(dyn Error + 'static)) -> bool {
    causes(error).any(|cause| {
        matches!(cause.downcast_ref(), Some(DatabaseError::Silent(_)))
            || cause.downcast_ref().is_some_and(passes_in_sqlite)
            || cause.downcast_ref().is_some_and(passes_in_postgres)
    })
}

fn passes_in_sqlite(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(
            ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::OutOfMemory
                | ErrorCode::SystemIoFailure
                | ErrorCode::DiskFull
                | ErrorCode::CannotOpen
                | ErrorCode::FileLockingProtocolFailed
        )
    )
}

fn passes_in_postgres(error: &::postgres::Error) -> bool {
    is_lost(error) || error.code().is_some_and(may_succeed_later)
}

/// Transactions that were rolled back, want of resources, locks, an operator's hand, the system's failures; and a server that
/// only reads until it has taken over.
fn may_succeed_later(code: &SqlState) -> bool {
    const CLASSES: [&str; 4] = ["40", "53", "55", "57"];
    const CODES: [SqlState; 3] =
        [SqlState::SYSTEM_ERROR, SqlState::IO_ERROR, SqlState::READ_ONLY_SQL_TRANSACTION];
    CODES.contains(code) || CLASSES.iter().any(|class| code.code().starts_with(class))
}

#[cfg(test)]
mod tests;
