//! Webhooks: what happened in a book, told to its platforms.
//!
//! A [`Courier`] follows the journal of a book, keeps what is to be told in tables of its own ([`Place`]: an SQLite file or a
//! PostgreSQL schema), and sends it. The gateway asks [`Deliveries`] what became of it.
//!
//! # Promises
//!
//! To who is told:
//!
//! - At least once: what an entry has to tell is in the tables in the same transaction as the position that was reached,
//!   and stays there until the receiver has answered with a 2xx within 15 seconds, or was tried for three days. A courier
//!   that was killed goes on from there.
//! - Every attempt, replay and courier uses the same id and the same bytes: who is told can count a message once.
//! - In order for one thing (a user, a card, a transaction): the next message about it is sent when the one before was
//!   taken or was parked.
//! - Every message is signed, for 24 hours after a rotation with both secrets: as Standard Webhooks on LedgerOS; on the
//!   Ledger API with HMAC-SHA256 of `t.body` under the secret as it was shown.
//! - No personal data: ids, states, amounts.
//!
//! To who is not told:
//!
//! - No webhook holds up another: each has a lane of its own, and one that fails is tried with one message at a time.
//! - Nothing is sent to a webhook that was disabled or removed, but what was on its way already.
//!
//! To who runs it:
//!
//! - Connections are made only to addresses that were looked at: public ones, unless the options say otherwise. A name that
//!   leads elsewhere, an address in digits in whatever form, a port of a machine's services are refused. Redirects and
//!   proxies are not followed.
//! - Secrets and addresses come from the vault at each attempt, and stand in no log, no error and no table. Secrets are
//!   overwritten in memory when the message is signed.
//! - Of two couriers of a book one works; the other waits, and takes over.
//! - An SQLite file of up to 64 MiB that is not what was written into it is refused before anybody is told what it says.
//! - The log has every attempt, up to 64 of a message, until 30 days after its end; but not what was on its way when another
//!   courier took over, and sent the same.
//! - Everything has a limit: messages on their way, messages that wait, attempts, what is read of an answer.
//!
//! To auditors: it appends nothing. Tables that were deleted are made again from the journal; all is then told once more,
//! under the same ids.
//!
//! # Map
//!
//! `news` says what there is to tell of an entry, with `facts` for what the entry does not say; `message` its name and its
//! bytes; `store` what is kept, over `database`, the only room that knows SQLite from PostgreSQL; `machine` what is sent
//! when; `sender` sends, to where `address` allows it, with a `signature`; `courier` is the thread that drives all that.

mod address;
mod courier;
mod database;
mod deliveries;
mod error;
mod facts;
mod machine;
mod measures;
mod message;
mod news;
mod options;
mod place;
mod sender;
mod signature;
mod store;

#[cfg(test)]
mod testing;

pub use courier::{Courier, Progress};
pub use deliveries::{Attempt, Cursor, Deliveries, Delivery, List, State};
pub use error::Error;
pub use options::{Clock, Options};
pub use place::Place;
