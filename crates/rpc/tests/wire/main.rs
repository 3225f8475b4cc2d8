//! gRPC over loopback: real servers and clients, and writers that the tests play.

#![allow(clippy::unwrap_used, reason = "these are tests, their helpers included")]

mod calls;
mod changes;
mod failures;
mod journals;
mod play;
mod processes;
mod streams;
mod tls;
