//! Private servers for tests: the real programs, each in a folder of its own, to be killed freely.
//!
//! # Promises
//!
//! - Nothing is shared: no port, no folder, no setting of the machine's own server.
//! - Nothing is left behind: a server ends, and its folder goes, with the process that started it, however that ends.
//! - A program that is missing is a panic that says what to install.
//!
//! # Map
//!
//! [`Postgres`] is a server, [`Database`] one of its databases. [`shared`] is for tests that leave their server alone.

mod postgres;

pub use crate::postgres::{Database, Postgres, shared};
