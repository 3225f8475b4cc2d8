//! Card transactions and deposits, and what has happened to each.

use std::path::Path;

use ledger::authorizations::DeclineReason;
use ledger::deposits::Chain;
use ledger::limits::ExceededLimit;
use ledger::matching::{Comparison, Mcc};
use ledger::{
    AgentId, Amount, Asset, AttestationId, CardId, HolderId, IntentId, Position, Posting, Rate,
    Text, Timestamp, TransactionId,
};

use crate::row::row;
use crate::snapshot::Pool;
use crate::words::{Word, words};
use crate::{Error, ReadModel};

mod model;
mod queries;

pub(crate) use model::TransactionsModel;
pub use queries::{Filter, History};

/// Where a card transaction or a deposit stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Approved. Money is held, or more clearings are expected; also while a part has cleared or was refunded already.
    Pending,
    /// Cleared, and nothing refunded.
    Settled,
    /// Taken back before anything had cleared.
    Voided,
    /// Cleared, and refunded in full or in part.
    Refunded,
    /// Not approved.
    Declined,
    /// Not cleared in time.
    Expired,
    /// A deposit that its holder can't spend before approval.
    Waiting,
    /// A deposit that its holder can spend.
    Completed,
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

/// What was asked of a card, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardTransaction {
    /// Its id.
    pub id: TransactionId,
    /// The entry that made it.
    pub position: Position,
    /// When it was authorized or declined: the time at which it counts towards limits.
    pub at: Timestamp,
    /// Whose money.
    pub holder: HolderId,
    /// Who spends.
    pub agent: AgentId,
    /// The card.
    pub card: CardId,
    /// What was asked for: with an approval, all of it was authorized.
    pub amount: Amount,
    /// In what.
    pub asset: Asset,
    /// The merchant's name as the network sent it.
    pub merchant: Text<100>,
    /// The merchant's category.
    pub mcc: Option<Mcc>,
    /// The merchant's town.
    pub city: Option<Text<50>>,
    /// The merchant's country, ISO 3166-1 alpha-2.
    pub country: Option<Text<2>>,
    /// The intent that it took. A transaction that was voided or has expired has given it back.
    pub intent: Option<IntentId>,
    /// The first access to details for that intent.
    pub attestation: Option<AttestationId>,
    /// When the hold ends by itself, with an approval.
    pub expires_at: Option<Timestamp>,
    /// Why it was declined.
    pub reason: Option<DeclineReason>,
    /// The limit that it would have exceeded, when that is the reason.
    pub exceeded: Option<ExceededLimit>,
    /// Where it stands.
    pub state: State,
    /// What is held.
    pub held: Amount,
    /// What has cleared in all.
    pub cleared: Amount,
    /// What was refunded in all.
    pub refunded: Amount,
    /// How it compares with the intent that it took; with what has cleared in all, once that is final.
    pub comparison: Option<Comparison>,
    /// When something last happened to it.
    pub updated_at: Timestamp,
}

row! {
    CardTransaction in Transactions "card_transaction"
    key { id: TransactionId }
    fixed {
        position, at, holder, agent, card, amount, asset, merchant, mcc, city, country, intent,
        attestation, expires_at, reason, exceeded
    }
    changing { state, held, cleared, refunded, comparison, updated_at }
}

/// Tokens that arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deposit {
    /// Its id.
    pub id: TransactionId,
    /// The entry that made it.
    pub position: Position,
    /// When it was confirmed.
    pub at: Timestamp,
    /// Whose.
    pub holder: HolderId,
    /// The chain.
    pub chain: Chain,
    /// How many tokens.
    pub amount: Amount,
    /// Which.
    pub asset: Asset,
    /// What they are worth to the holder, in cents of US dollars.
    pub credited: Amount,
    /// The price of the token in US dollars.
    pub rate: Rate,
    /// Who said so.
    pub rate_source: Text<32>,
    /// Where it stands.
    pub state: State,
    /// When it came there.
    pub updated_at: Timestamp,
}

row! {
    Deposit in Transactions "deposit"
    key { id: TransactionId }
    fixed { position, at, holder, chain, amount, asset, credited, rate, rate_source }
    changing { state, updated_at }
}

/// What one entry did to a card transaction or a deposit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// To which.
    pub transaction: TransactionId,
    /// The entry.
    pub position: Position,
    /// When.
    pub at: Timestamp,
    /// What happened.
    pub kind: StepKind,
    /// How much: asked for, held, given back, captured, credited.
    pub amount: Amount,
    /// In what.
    pub asset: Asset,
    /// Whether an authorization ended with it.
    pub ends_hold: bool,
    /// Whether it is a clearing that came after the authorization had ended.
    pub is_late: bool,
    /// All postings of the entry. An approval releases all that waits for it in one entry.
    pub postings: Vec<Posting>,
}

row! {
    Step in Transactions "step"
    key { transaction: TransactionId, position: Position }
    fixed { at, kind, amount, asset, ends_hold, is_late, postings }
    changing {}
}

/// What can happen to a card transaction or a deposit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum StepKind {
    /// It was approved.
    Authorization,
    /// It was declined.
    Decline,
    /// What was held was given back, or a part of it.
    Reversal,
    /// What was held was given back because its time had passed.
    Expiry,
    /// The merchant captured money.
    Clearing,
    /// The merchant gave money back.
    Refund,
    /// Tokens arrived.
    Deposit,
    /// What had arrived can be spent.
    Release,
}

words! {
    StepKind {
        Authorization "authorization"
        Decline "decline"
        Reversal "reversal"
        Expiry "expiry"
        Clearing "clearing"
        Refund "refund"
        Deposit "deposit"
        Release "release"
    }
}

impl StepKind {
    /// Its word in rows.
    pub fn name(self) -> &'static str {
        self.word()
    }
}

/// A card transaction or a deposit.
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

/// Queries over transactions. Each blocks for as long as the database takes.
#[derive(Debug)]
pub struct Transactions(Pool);

impl Transactions {
    /// Opens the read model, which a projector must have made.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        Pool::open(ReadModel::Transactions, folder).map(Self)
    }
}

#[cfg(test)]
mod tests;
