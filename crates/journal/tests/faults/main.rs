//! Commits whose answer is lost, and disks that fail: what a store says is what is there, then and for ever after.

#![allow(clippy::unwrap_used, reason = "these are tests, their helpers included")]
#![allow(
    clippy::print_stdout,
    reason = "what was counted is shown by `--nocapture` and by a failure"
)]

use journal::WriterId;
use ledger::BookId;

#[path = "../contract/entries.rs"]
#[allow(dead_code, reason = "the tests of the contract need more of them")]
mod entries;

mod damaged;
mod fsync;
mod lost;
mod script;

const BOOK: BookId = BookId([7; 16]);
const WRITER: WriterId = WriterId([1; 16]);
const OTHER_WRITER: WriterId = WriterId([2; 16]);
const INCARNATION: [u8; 16] = [9; 16];
