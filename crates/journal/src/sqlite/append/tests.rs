use super::*;

fn error(code: i32) -> rusqlite::Result<()> {
    Err(rusqlite::Error::SqliteFailure(ffi::Error::new(code), None))
}

#[test]
fn a_busy_commit_that_left_the_transaction_open_has_failed() {
    assert!(matches!(outcome(Ok(()), true), Outcome::Committed));
    assert!(matches!(outcome(error(ffi::SQLITE_BUSY), false), Outcome::Failed(_)));
}

#[test]
fn any_other_error_of_a_commit_leaves_it_unknown() {
    for code in [
        ffi::SQLITE_IOERR,
        ffi::SQLITE_IOERR_FSYNC,
        ffi::SQLITE_IOERR_WRITE,
        ffi::SQLITE_FULL,
        ffi::SQLITE_NOMEM,
        ffi::SQLITE_INTERRUPT,
        ffi::SQLITE_CORRUPT,
    ] {
        for is_closed in [true, false] {
            assert!(matches!(outcome(error(code), is_closed), Outcome::Unknown(_)), "{code}");
        }
    }
    assert!(matches!(outcome(error(ffi::SQLITE_BUSY), true), Outcome::Unknown(_)));
}

#[test]
fn an_id_is_taken_only_where_the_index_says_so() {
    let refused = |code| refused_lookup(error(code).unwrap_err());
    assert!(matches!(refused(ffi::SQLITE_CONSTRAINT_PRIMARYKEY), Failure::ReferenceTaken));
    for code in [ffi::SQLITE_CONSTRAINT_CHECK, ffi::SQLITE_FULL, ffi::SQLITE_IOERR] {
        assert!(matches!(refused(code), Failure::Database(_)), "{code}");
    }
}
