//! Private servers for tests, and the faults that they are put through: the real programs, each in a folder of its own, to be
//! killed freely.
//!
//! # Promises
//!
//! - Nothing is shared: no port, no folder, no setting of the machine's own server.
//! - Nothing is left behind: a server ends, and its folder goes, with the process that started it, however that ends.
//! - A program that is missing is a panic that says what to install.
//!
//! # Map
//!
//! [`Postgres`] is a server, [`Database`] one of its databases. [`shared`] is for tests that leave their server alone. [`Nats`]
//! is the other server. [`Proxy`] does harm to a commit, a [`Gate`] closes a way by TCP, a [`SmallDisk`] is soon full, a
//! [`Injection`] is what `strace` does to calls, a [`Clock`] jumps; [`Random`] decides when. [`free_port`] is for programs that
//! are told where to listen. [`not_tried`] tells of what a machine does not let a test do.

use std::io::Write;

mod child;
mod clock;
mod disk;
mod gate;
mod nats;
mod port;
mod postgres;
mod proxy;
mod random;
mod strace;

pub use crate::clock::Clock;
pub use crate::disk::SmallDisk;
pub use crate::gate::{Gate, Passing};
pub use crate::nats::{Nats, NatsCopy};
pub use crate::port::free_port;
pub use crate::postgres::{Database, Postgres, freeze, memory, shared};
pub use crate::proxy::{Harm, Proxy, Strike};
pub use crate::random::{Random, times};
pub use crate::strace::{Attached, Injection, SCRIPT_FOLDER, Tracing};

/// Says that a test could not try what it is there for: in the output of every run, also where a test's own is held back.
pub fn not_tried(what: &str, why: &str) {
    // Macros that print would be held back.
    let _ = writeln!(std::io::stderr(), "NOT TRIED: {what}: {}", why.trim_end());
}
