//! Read models: what the journal says, arranged for those who ask.
//!
//! A [`Projector`] keeps one [`ReadModel`] up with the journal, in an SQLite file or in a schema of a PostgreSQL database
//! ([`Place`]). The gateway asks [`Balances`], [`Transactions`], [`Intents`] and [`Directory`]; `audit` holds the rows
//! against a fold of its own.
//!
//! # Promises
//!
//! - Delivery is at least once, effect exactly once: an entry is followed when it is the next one and names the hash of
//!   the one before. One that was followed is skipped, a gap is filled from the journal, another history ends it.
//! - Rows, the position that they show and their digest change in one transaction. [`Progress`] tells of it afterwards.
//! - How entries are put into transactions leaves no trace, nor does the database: rows and digest depend on the entries
//!   alone.
//! - A lost connection, a server that was killed, a journal that can't be read for a while cost time only: all is opened
//!   again, and followed from where the database is. What does not pass stops the read model, and it says so.
//! - One projector writes a read model. A second one is refused, at the latest when it has something to write; or it waits,
//!   and goes on from the checkpoint when the first is gone.
//! - What a feed does not tell costs a second at most: the journal itself is looked at.
//! - A read model that has stopped says why, in its checkpoint too: a [`Watcher`] tells it to other processes.
//! - A row that was changed by something else is found: [`verify`] reads the rows themselves.
//! - Every answer says the position that it shows ([`At`]), and all of it is of that position.
//! - No personal data: the rows hold references to the vault.
//! - A [`Rebuild`] fills another set of tables beside the live one, and takes its place at once: who reads sees one or the
//!   other, each time a whole one, and none that shows less than the last, but where that was ahead of the journal. Whether
//!   it may is for `audit` to say.
//!
//! A read model that was deleted, all of its files or its schema, is made again from the journal at the next start.
//!
//! Everything here blocks for as long as the database takes: it is not for threads that run async tasks. A query waits two
//! seconds at most for a connection, and then fails.
//!
//! # Map
//!
//! A subject each: [`balances`], [`transactions`], [`intents`], [`directory`], with the forms of its rows, its queries,
//! and how entries change it. Beneath: `projector` is the thread, `watcher` looks at what another process keeps,
//! [`projection`] is the rule, `rebuild` what fills the next [`Set`] by that rule, `rows` what a batch changes, `snapshot`
//! how rows are read, over connections that `loans` lends, `row`, `field` and `words` their form, `database` the only room that
//! knows SQLite from PostgreSQL.

pub mod balances;
pub mod directory;
pub mod intents;
mod measures;
pub mod projection;
pub mod transactions;

mod database;
mod digest;
mod error;
mod field;
mod loans;
mod place;
mod progress;
mod projector;
mod read_model;
mod rebuild;
mod row;
mod rows;
mod set;
mod snapshot;
mod verify;
mod watcher;
mod words;

#[cfg(test)]
mod testing;

pub use balances::Balances;
pub use digest::Digest;
pub use directory::Directory;
pub use error::Error;
pub use field::Field;
pub use intents::Intents;
pub use place::{Place, prepare};
pub use progress::{Late, Progress, wait_for};
pub use projector::Projector;
pub use read_model::ReadModel;
pub use rebuild::{Rebuild, SetState, drop_old, survey};
pub use row::{Columns, Row, canonical};
pub use set::Set;
pub use snapshot::{At, Cursor, List, Page, Snapshot, read, read_set};
pub use transactions::Transactions;
pub use verify::{Verification, verify};
pub use watcher::Watcher;
