//! The API over HTTP, with a writer that the tests play and real read models.

#![allow(clippy::unwrap_used, reason = "these are tests, their helpers included")]

mod agents;
mod bad_input;
mod dialects;
mod flow;
mod idempotency;
mod keys;
mod ledgers;
mod lists;
mod reads;
mod uploads;
mod world;
mod wrong_fields;
