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
//! [`Postgres`] is a server, [`Database`] one of its databases. [`shared`] is for tests that leave their server alone.
//! [`Proxy`] does harm to a commit, a [`SmallDisk`] is soon full, a [`Failing`] call is one that `strace` lets fail; [`Random`] decides when.

mod disk;
mod postgres;
mod proxy;
mod random;
mod strace;

pub use crate::disk::SmallDisk;
pub use crate::postgres::{Database, Postgres, freeze, memory, shared};
pub use crate::proxy::{Harm, Proxy, Strike};
pub use crate::random::{Random, times};
pub use crate::strace::{Attached, Failing, INJECTED, Tracing};
