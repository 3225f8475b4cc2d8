//! The services as operators run them: processes of their own, on a real PostgreSQL and a real NATS, killed, stopped and cut
//! off under load.
//!
//! `LEDGEROS_LONG=1` runs each with as many faults, and as much load, as the promises name.

#![allow(clippy::unwrap_used, reason = "a test that can't go on ends")]

mod anchors;
mod books;
mod clocks;
mod cluster;
mod config;
mod database;
mod erasures;
mod faults;
#[path = "../judge/mod.rs"]
mod judge;
mod lag;
mod load;
mod network;
mod restores;
mod role;
mod secrets;
mod trace;
mod webhooks;
