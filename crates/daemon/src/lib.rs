//! What every long-running role shares. It knows nothing of money.
//!
//! A role starts in this order: core dumps off, configuration, telemetry, signals, listener, work.
//!
//! - [`config`]: one TOML file, overridden by the environment. What is not known is refused by name; secrets stand in files of
//!   their own.
//! - [`telemetry`]: the log goes to stderr, as text or JSON; stdout belongs to the program.
//! - [`signals`]: the first SIGINT or SIGTERM triggers the [`Shutdown`], the second ends the process,
//!   even while every thread of the role is stuck.
//! - [`Shutdown`]: the handle that all parts of a role wait for. A part that cannot go on triggers it too.
//! - [`serve()`]: HTTP/1.1 within [`Limits`]. A request whose head was read when the drain began is
//!   answered, or counted in [`Drained::Cut`]: none disappears silently.
//! - [`core_dumps`]: memory that held a card number is not written to disk by a crash.

pub mod config;
pub mod core_dumps;
pub mod serve;
pub mod shutdown;
pub mod signals;
pub mod telemetry;

pub use serve::{Drained, Limits, serve};
pub use shutdown::Shutdown;
