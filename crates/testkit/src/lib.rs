//! What tests are made of: scenarios, books to hold the ledger against, and random histories.
//!
//! # What it offers
//!
//! - [`scenario`]: the rules as stories that an accountant can read, and how to play them on any [`depth`]: the rules
//!   alone, a writer over each store, the whole over HTTP.
//! - [`books`]: what a journal says, folded and judged by code that shares none with the rules. It finds the first entry
//!   that breaks an invariant, and foretells how each request must end.
//! - [`generate`]: random histories that can be shortened.
//! - [`property`]: holds a property against random values, and says how to try them again.
//! - `strangers`: what strangers may send, for fuzzing.
//! - [`requests`]: requests with everything in them that the rules don't look at.
//!
//! Nothing but tests uses it.

pub mod books;
pub mod calendar;
pub mod depth;
pub mod generate;
pub mod property;
pub mod requests;
pub mod scenario;
#[cfg(feature = "stored")]
pub mod strangers;
pub mod words;
