//! What a scenario can be played on: the core, a writer over a store, and whatever else takes requests.

use std::sync::Arc;

use ledger::{Entry, Position, Request, Timestamp};

use crate::books::{Books, Breach};

pub mod core;
#[cfg(feature = "whole")]
pub mod http;
#[cfg(feature = "whole")]
pub mod writer;

pub use self::core::Core;
#[cfg(feature = "whole")]
pub use self::{http::Http, writer::Writer};

/// A request that was done.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The entry that it wrote.
    pub entry: Arc<Entry>,
    /// Whether that was written for an earlier request of the same id.
    pub is_replay: bool,
}

/// A ledger that takes requests.
pub trait Depth {
    /// Sends a request and waits for its answer. The inner error is a refusal, by its word ([`crate::words`]).
    fn submit(&mut self, request: &Request) -> Result<Result<Answer, String>, Breach>;

    /// Tries a request out, and compares what it would do with the entries so far. Nothing is written. The inner error is a
    /// refusal, as that of [`Depth::submit`].
    fn try_out(&mut self, request: &Request, books: &Books) -> Result<Result<(), String>, Breach>;

    /// What the journal has from a position on.
    fn read(&mut self, from: Position) -> Result<Vec<Arc<Entry>>, Breach>;

    /// The clock on the wall.
    fn wall(&self) -> Timestamp;

    /// Compares everything that the ledger shows by itself with what its entries say.
    fn compare(&mut self, books: &Books) -> Result<(), Breach>;

    /// Stops in good order and starts again from what was kept.
    fn restart(&mut self) -> Result<(), Breach>;
}

/// What the clock of this machine shows.
#[cfg(feature = "whole")]
fn wall_clock() -> Timestamp {
    use std::time::SystemTime;

    let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let millis = since_1970.expect("it is later than 1970").as_millis();
    Timestamp::from_millis(millis.try_into().unwrap_or(u64::MAX))
}
