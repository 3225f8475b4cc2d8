//! A writer on databases that are damaged, full, or cut off: an answer holds, and nothing wrong is served.

#![allow(clippy::unwrap_used, reason = "these are tests, their helpers included")]
#![allow(
    clippy::print_stdout,
    reason = "what was counted is shown by `--nocapture` and by a failure"
)]

mod campaign;
mod fsync;
mod full;
mod ledger;
mod lost;
mod postgres;
mod sqlite;
