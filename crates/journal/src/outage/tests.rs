use std::io;

use ::postgres::{Client, NoTls};
use rusqlite::ffi;

use super::*;
use crate::ReadError;

#[test]
fn a_server_that_does_not_answer_passes_and_damage_does_not() {
    let silent = DatabaseError::Silent(io::ErrorKind::TimedOut.into());
    assert!(is_passing(&ReadError::from(silent)));
    let damaged = DatabaseError::Damaged { table: "entry" };
    assert!(!is_passing(&ReadError::from(damaged)));
}

#[test]
fn a_file_that_is_busy_passes_and_one_that_is_none_does_not() {
    let of = |code| rusqlite::Error::SqliteFailure(ffi::Error::new(code), None);
    for code in [ffi::SQLITE_BUSY, ffi::SQLITE_FULL, ffi::SQLITE_IOERR, ffi::SQLITE_CANTOPEN] {
        assert!(is_passing(&of(code)), "{}", of(code));
    }
    for code in [ffi::SQLITE_NOTADB, ffi::SQLITE_CORRUPT, ffi::SQLITE_CONSTRAINT] {
        assert!(!is_passing(&of(code)), "{}", of(code));
    }
    assert!(!is_passing(&rusqlite::Error::InvalidQuery));
}

#[test]
fn a_server_that_is_not_there_is_lost_and_settings_that_make_no_sense_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let connect = |settings: &str| Client::connect(settings, NoTls).err().unwrap();
    let away = connect(&format!("user=nobody host={}", folder.path().display()));
    assert!(is_lost(&away) && is_passing(&away), "{away:?}");
    let senseless = connect("nonsense=1");
    assert!(!is_lost(&senseless) && !is_passing(&senseless), "{senseless:?}");
}

#[test]
fn what_a_server_says_is_known_by_its_code() {
    let of = |code| {
        let code = SqlState::from_code(code);
        (ends_the_connection(&code), may_succeed_later(&code))
    };
    for code in ["57P01", "57P02", "57P03", "08000", "08006", "25P03"] {
        assert!(of(code).0, "{code}");
    }
    for code in ["40001", "40P01", "53100", "53300", "55P03", "57014", "58000", "58030", "25006"] {
        assert_eq!(of(code), (false, true), "{code}");
    }
    for code in ["23505", "25P02", "42P01", "XX001"] {
        assert_eq!(of(code), (false, false), "{code}");
    }
}
