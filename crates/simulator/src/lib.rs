//! The whole system on one thread, under random faults, from one number.
//!
//! For whoever changes the writer, the stores or the rules: it plays what no other test waits for.
//!
//! # Promises
//!
//! - Everything in a [`world`](play) follows from its seed: one generator, one heap of events, simulated time, and nothing that
//!   depends on threads, on the clock or on the order of a hash table.
//! - The machines are those of production, and so is the code between them as far as it does not wait: only what they stand
//!   on is a model (the database, the disk under an anchor, the network, clocks, clients).
//! - What is answered is held against the journal's bytes at once, by an [`auditor`] that shares no code with the rules.
//! - A failure names the seed and the command that plays it again.
//!
//! # Map
//!
//! [`options`] are what a seed expands to. `world` is all there is, and what happens next in it: `writers` and `seats` are
//! processes that can be the writer, `relays` send what is committed, `followers` bring it to `projections`, a `power_cut`
//! takes from what those have written, `clients` ask what `workload` thinks of, `disasters` happen by themselves. What
//! outlives a process lies [`outside`]: the [`database`], the [`mod@stream`] of the bus, and the disk under each
//! [`anchor_file`]. [`counters`] tell which rare paths were gone.
//!
//! [`campaign`] plays many seeds, [`shrink`] makes a failure short, and [`regressions`] are those that are played before all others.

pub mod anchor_file;
pub mod auditor;
pub mod counters;
pub mod database;
pub mod heap;
pub mod options;
pub mod outside;
pub mod random;
pub mod stream;

pub mod campaign;
pub mod regressions;
pub mod shrink;

mod clients;
mod disasters;
mod followers;
mod play;
mod power_cut;
mod projections;
mod relays;
mod seats;
mod workload;
mod world;
mod writers;

pub use play::{play, play_checked};
pub use world::Outcome;
