//! Ports to the outside world: who verifies identities, keeps tokens in custody, issues cards.
//!
//! In a test book the outside world is the [`sandbox`], played by hand. It holds no state: what it gives
//! to a holder follows from a seed and the holder's id, so that asking again gives the same.
//!
//! # Promises
//!
//! - An [`Address`] is well formed, and one address has one text: comparing texts compares addresses.
//! - What the sandbox derives never changes: golden values are among the tests. Without the seed it can't
//!   be guessed. An address for deposits shows its owner's id; nothing else can be traced back to the holder.
//! - A card number leaves only as [`vault::CardNumber`], which can't be printed.

mod address;
pub mod sandbox;

pub use address::{Address, InvalidAddress};
