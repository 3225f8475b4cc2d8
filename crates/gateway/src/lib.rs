//! The public HTTP API: three surfaces over one ledger.
//!
//! A request is read once and strictly into a [`ledger::Command`], sent through [`rpc::Commands`], and answered from the
//! entry that it wrote; or it is a question to the read models. No rule lives here.
//!
//! # Promises
//!
//! To clients:
//!
//! - Bad input is answered with a 4xx that names the field, and nothing is written.
//! - The same `Idempotency-Key`, route and body have one effect, and get the first answer again. That one and its replay
//!   come from the same code and the same entry; only secrets are shown once.
//! - Every answer has a `Request-Id`, which is in the log and in the entry. Answers to writes and reads have a
//!   `Ledger-Position`; a read waits until it shows what its key last wrote through this gateway.
//! - A key sees its book, an agent's token its agent's things: anything else is 404, as if it were not there.
//!
//! To operators:
//!
//! - Authorizations wait for nothing but the writer: no read model, vault or database is asked on their way. Keys are
//!   remembered for [`keys::FRESH`], which is how long one goes on that was revoked elsewhere; one that was revoked here is
//!   refused at once.
//! - No body, name, key or card number is logged.
//!
//! # Map
//!
//! [`Service`] holds the books, and knows whose key is whose; a book has a [`Gateway`], and new ones come from a [`Library`].
//! `front` is what every request passes, `limits` counts them, `call` what a handler gets and what it can do, `input` the strict reading, `error`
//! the one mapping of errors, `dialect` how they are said; [`keys`] are who is let in, and [`routes`] numbers what can be
//! written. The surfaces are `ledgeros`, `ledger_api` and `ledgers`, a file a resource, and `shared`, where the key decides;
//! `sandbox` plays the outside world.

mod books;
mod call;
mod clock;
mod dialect;
mod error;
mod exceeded;
mod front;
mod gateway;
mod hex;
mod input;
pub mod keys;
mod ledger_api;
mod ledgeros;
mod ledgers;
mod library;
mod limits;
mod openapi;
mod page;
mod profile;
mod reference;
mod request_id;
pub mod routes;
mod sandbox;
mod sealed;
mod service;
mod shared;
mod uuid;
mod words;

use std::sync::Arc;

use axum::Router;

pub use gateway::{Followed, Gateway, ReadModels};
pub use library::{BookCode, BookView, FirstKeys, Library, NewBook, ServedBook};
pub use limits::RateLimits;
pub use service::Service;

/// The whole API.
pub fn router(service: impl Into<Arc<Service>>) -> Router {
    let routes = front::Routes::default();
    let routes = ledger_api::routes(routes);
    let routes = ledgeros::routes(routes);
    let routes = ledgers::routes(routes);
    let routes = shared::routes(routes);
    let routes = books::routes(routes);
    sandbox::routes(routes).router(service.into())
}

/// Random bytes.
///
/// # Panics
///
/// Where the operating system has no source of randomness: nothing can be kept secret there.
fn random<const BYTES: usize>() -> [u8; BYTES] {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}
