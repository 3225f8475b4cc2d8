//! What a scenario can be played on: the core, a writer over a store, and whatever else takes requests.

use std::sync::Arc;

use ledger::{Entry, Position, Request, Timestamp};
use rpc::Answer;

use crate::books::{Books, Breach};

pub mod core;
pub mod http;
pub mod writer;

pub use self::core::Core;
pub use self::http::Http;
pub use self::writer::Writer;

/// A ledger that takes requests.
pub trait Depth {
    /// Sends a request and waits for its answer. The inner error is a refusal, by its word ([`crate::words`]).
    fn submit(&mut self, request: &Request) -> Result<Result<Answer, String>, Breach>;

    /// What the journal has from a position on.
    fn read(&mut self, from: Position) -> Result<Vec<Arc<Entry>>, Breach>;

    /// The clock on the wall.
    fn wall(&self) -> Timestamp;

    /// Compares everything that the ledger shows by itself with what its entries say.
    fn compare(&mut self, books: &Books) -> Result<(), Breach>;

    /// Stops in good order and starts again from what was kept.
    fn restart(&mut self) -> Result<(), Breach>;
}
