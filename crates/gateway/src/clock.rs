//! The clock on the wall.

use std::time::SystemTime;

use ledger::Timestamp;

/// What it shows.
pub(crate) fn wall() -> Timestamp {
    let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(u64::try_from(since_1970.as_millis()).unwrap_or(u64::MAX))
}

/// What it shows, as the vault counts.
pub(crate) fn wall_ms() -> i64 {
    i64::try_from(wall().as_millis()).expect("a timestamp has 48 bits")
}
