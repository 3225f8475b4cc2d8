//! The single writer of a book: it decides commands in order and answers when their entries are durable.
//!
//! # Promises
//!
//! - An answer is sent only after the entry that it tells of is committed and the anchor outside the store knows of it.
//!   A refusal or a replay is held back in the same way, as long as it rests on an entry that is not durable yet.
//! - Where another process may have claimed the book, nothing is answered without a commit, or a look at the claim, that
//!   began after the question had come. A writer that was replaced answers nothing, whatever it believes.
//! - The same command id has one effect, for ever; so has every other id that counts once. They are looked for before
//!   anything is decided.
//! - What a deadline demands is written before any command that comes after it.
//! - When it is not known whether a batch was stored, the state is dropped and read again from the journal, and each
//!   waiting command is answered by what stands there.
//! - The queue is bounded: a full one refuses.
//! - Of all processes that have a [`Seat`] at a book one leads it, and when it falls silent or puts the book down another one
//!   takes it over, from a state that it has kept. Which one, the journal's epoch decides; no clock is compared with another.
//! - A journal that lacks what its anchor, or a [`Witness`], has seen is not written. A rule that panics ends the book in this
//!   process, and no other book.
//!
//! # Map
//!
//! [`machine`] is the logic, without IO: commands in, batches and answers out. [`start`] reads a book from its journal
//! and a [`snapshot`]. [`mod@append`] stores a batch, [`mod@prior`] finds what a request repeats. [`driver`] runs the machine: one thread decides the next batch while another stores the last.
//! [`seat`] is a process's part in a book that several processes may lead: its own machine, and what does as that says.
//! [`offline`] writes what operators do while nobody serves the book.

pub mod append;
pub mod driver;
pub mod machine;
pub mod offline;
pub mod prior;
pub mod seat;
pub mod snapshot;
pub mod start;

mod measures;
mod seen;
mod wall_clock;

pub use driver::{Writer, WriterStopped};
pub use machine::{Batch, Machine};
pub use offline::{NotWritten, Offline};
pub use seat::{Candidate, Hindered, LedBooks, Seat};
pub use seen::{Filed, Seen};
pub use start::{Home, StartError, Witness};
