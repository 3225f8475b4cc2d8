//! Seats of several processes at the same books: one leads, the others stand by and take over.

#![allow(clippy::unwrap_used, reason = "these are tests, their helpers included")]

mod faults;
mod orderly;
mod process;
