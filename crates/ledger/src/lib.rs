//! The domain of a double-entry ledger that issues cards: what may happen, and what it does to the books.
//!
//! A [`Book`] is one platform's accounts in one environment. [`Book::decide`] answers a [`Request`] with the one [`Entry`]
//! that it writes, or with a [`Rejection`]; [`Book::apply`] brings the book to the state after an entry. Everything
//! else in the system is derived from the entries.
//!
//! # Promises
//!
//! - The same entries give the same book, on every machine: no IO, clock, randomness, float or hash order is used.
//! - Every entry balances in every asset: [`Postings`] can't be made otherwise.
//! - `apply` can't fail. It asserts what `decide` has established; a failed assertion is a bug, and stops the writer.
//! - `decide` changes nothing, and a refused request leaves nothing behind.
//!
//! # Map
//!
//! Words first ([`amount`], [`account`], [`posting`], [`id`], [`time`], [`text`], [`metadata`],
//! [`approval`]), then what is asked and what is
//! recorded ([`command`], [`event`], [`entry`], [`rejection`]), then the rules, a file a subject: [`holders`],
//! [`deposits`], [`keys`], [`agents`], [`cards`], [`intents`], [`authorizations`], [`clearings`], [`refunds`],
//! [`presentments`], [`settlement`], [`wallets`], [`transfers`], [`treasury`], [`ledgers`], [`webhooks`], [`clock`], and the operators'
//! acts, [`erasure`] and [`recovery`]; they meet in [`book`].

pub mod account;
pub mod amount;
pub mod approval;
pub mod id;
pub mod metadata;
pub mod posting;
pub mod text;
pub mod time;

pub mod command;
pub mod entry;
pub mod event;
pub mod rejection;

pub mod agents;
pub mod authorizations;
pub mod book;
pub mod cards;
pub mod clearings;
pub mod clock;
pub mod deposits;
pub mod erasure;
pub mod holders;
pub mod intents;
pub mod keys;
pub mod ledgers;
pub mod limits;
pub mod matching;
pub mod presentments;
pub mod recovery;
pub mod refunds;
pub mod settlement;
pub mod transfers;
pub mod treasury;
pub mod wallets;
pub mod webhooks;

mod accounts;
mod card_transactions;
mod recent;
mod table;

pub use account::{Account, Expense, Income, LedgerKind, Scheme};
pub use amount::{Amount, Asset, Money, Rate};
pub use approval::Approval;
pub use book::Book;
pub use command::{Command, Request};
pub use entry::{CommandId, Entry, Origin, Position, Reference, Sealed};
pub use event::Event;
pub use id::{
    AgentId, AttestationId, BookId, CardId, DocumentId, HolderId, IntentId, JournalId, KeyId,
    LedgerId, TransactionId, VirtualAccountId, WalletId, WebhookId,
};
pub use metadata::Metadata;
pub use posting::{Posting, Postings, Side};
pub use rejection::Rejection;
pub use text::Text;
pub use time::{Month, Timestamp};

/// Names this version of the rules: a [`Book`] that was written as bytes is read back under the same name only.
pub const RULES: &str = env!("LEDGER_RULES");
