//! The whole as its users meet it: the binary, over HTTP, on real files, killed and tampered with.

#![allow(clippy::unwrap_used, reason = "a test that can't go on ends")]

mod backups;
mod bad_backups;
mod books;
mod corruption;
mod damaged;
mod erasures;
mod frauds;
mod full_disk;
#[path = "../judge/mod.rs"]
mod judge;
mod judged;
mod keys;
mod kills;
mod operators;
mod postgres;
mod power_cuts;
mod projections;
mod races;
mod readme;
mod recoveries;
mod restores;
mod secrets;
mod support;
mod threads;
mod webhooks;
