//! Card transactions, deposits and transfers, and what has happened to each.

use ledger::Position;

use crate::snapshot::Pool;
use crate::words::{Word, words};
use crate::{Error, Place, ReadModel};

mod card;
mod deposits;
mod model;
mod queries;
mod steps;
mod transfers;

pub use card::{CardTransaction, Kind};
pub use deposits::{Deposit, WalletDeposit};
pub(crate) use model::TransactionsModel;
pub use queries::{Filter, History, Usage, WalletFilter, Wanted};
pub use steps::{Step, StepKind};
pub use transfers::Transfer;

/// Where a card transaction or a deposit stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Approved. Money is held, or more clearings are expected; also while a part has cleared or was refunded already.
    /// An unlinked refund: it waits for a review.
    Pending,
    /// Cleared, and nothing refunded.
    Settled,
    /// Taken back before anything had cleared, or in full. A check: nothing was ever asked for.
    Voided,
    /// Cleared, and refunded in full or in part. An unlinked refund: its holder can spend it.
    Refunded,
    /// Not approved.
    Declined,
    /// Not cleared in time.
    Expired,
    /// A deposit that its holder can't spend before approval.
    Waiting,
    /// A deposit that its holder can spend.
    Completed,
    /// A deposit that its chain took back.
    Reversed,
}

words! {
    State {
        Pending "pending"
        Settled "settled"
        Voided "voided"
        Refunded "refunded"
        Declined "declined"
        Expired "expired"
        Waiting "waiting"
        Completed "completed"
        Reversed "reversed"
    }
}

impl State {
    /// Its word in rows.
    pub fn name(self) -> &'static str {
        self.word()
    }

    /// The state with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::from_word(name)
    }
}

/// What happens to a person's US dollars.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "nearly all are cards', and a page of them is short")]
pub enum Transaction {
    /// A card's.
    Card(CardTransaction),
    /// A deposit.
    Deposit(Deposit),
}

impl Transaction {
    /// The entry that made it.
    pub fn position(&self) -> Position {
        match self {
            Self::Card(transaction) => transaction.position,
            Self::Deposit(deposit) => deposit.position,
        }
    }
}

/// What happens to the tokens of a wallet.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "a page of them is short")]
pub enum WalletTransaction {
    /// A deposit.
    Deposit(WalletDeposit),
    /// A transfer.
    Transfer(Transfer),
}

impl WalletTransaction {
    /// The entry that made it.
    pub fn position(&self) -> Position {
        match self {
            Self::Deposit(deposit) => deposit.position,
            Self::Transfer(transfer) => transfer.position,
        }
    }
}

/// Queries over transactions. Each blocks for as long as the database takes.
#[derive(Debug)]
pub struct Transactions(Pool);

impl Transactions {
    /// Opens the read model, which a projector must have made.
    pub fn open(place: &Place) -> Result<Self, Error> {
        Pool::open(ReadModel::Transactions, place).map(Self)
    }
}

#[cfg(test)]
mod tests;
