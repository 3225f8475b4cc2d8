//! Entries over a real NATS, which loses, repeats, reorders and forgets.

#![allow(clippy::unwrap_used, reason = "a test that can't go on ends")]

mod faults;
mod lag;
mod messages;
mod stage;
mod strangers;
mod streams;
mod takeover;
