//! What the books remember of each thing.

use ledger::agents::{AgentPolicy, AgentStatus};
use ledger::authorizations::DeclineReason;
use ledger::cards::{CardControls, CardKind, CardLimits, CardStatus};
use ledger::intents::{Enforcement, IntentEnd};
use ledger::keys::Family;
use ledger::ledgers::{JournalLine, LedgerStatus};
use ledger::matching::{Comparison, Expectation, Merchant};
use ledger::transfers::TransferStatus;
use ledger::webhooks::{Topics, WebhookStatus};
use ledger::{
    AgentId, Asset, AttestationId, CardId, HolderId, IntentId, JournalId, LedgerKind, Money,
    Position, Rate, Sealed, Text, Timestamp, TransactionId, WalletId,
};

use crate::calendar::Date;

/// A key.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "they are the words of the ledger")]
pub struct Key {
    pub agent: Option<AgentId>,
    pub is_revoked: bool,
}

/// A webhook.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "they are the words of the ledger")]
pub struct Webhook {
    pub family: Family,
    pub topics: Topics,
    pub url: Sealed,
    pub status: WebhookStatus,
    pub is_removed: bool,
}

/// An agent.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "they are the words of the ledger")]
pub struct Agent {
    pub holder: HolderId,
    pub policy: AgentPolicy,
    pub status: AgentStatus,
    pub cards: Vec<CardId>,
}

/// A card.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "they are the words of the ledger")]
pub struct Card {
    pub agent: AgentId,
    pub holder: HolderId,
    pub kind: CardKind,
    pub limits: CardLimits,
    pub controls: CardControls,
    pub made_at: Timestamp,
    /// The last year and month in which it is valid.
    pub valid_until: (u64, u64),
    pub status: CardStatus,
    /// Every time at which its details were read.
    pub read_at: Vec<Timestamp>,
    /// Everything that was ever declared for it.
    pub intents: Vec<IntentId>,
    /// Everything that was ever bought with it, or tried.
    pub purchases: Vec<TransactionId>,
}

/// An intent.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "they are the words of the ledger")]
pub struct Intent {
    pub card: CardId,
    pub expectation: Expectation,
    pub declared: Position,
    pub expires_at: Timestamp,
    pub expires_anyway: bool,
    pub reserves: bool,
    pub enforcement: Option<Enforcement>,
    pub awaits_approval: bool,
    pub attested: Option<(AttestationId, Position)>,
    /// The authorization that has it, and how that compared.
    pub taken: Option<(TransactionId, Comparison)>,
    pub end: Option<IntentEnd>,
}

impl Intent {
    /// Whether it has neither ended nor been taken, approved or not.
    pub fn is_untaken(&self) -> bool {
        self.taken.is_none() && self.end.is_none()
    }

    /// Whether an authorization may take it.
    pub fn is_live(&self) -> bool {
        self.is_untaken() && !self.awaits_approval
    }
}

/// What a card transaction began as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "they are the words of the ledger")]
pub enum Kind {
    Authorization,
    /// In a single message.
    Purchase,
    /// It asked only whether the card could be used.
    Check,
    ForcePost,
    Presentment,
    UnlinkedRefund,
}

/// A card transaction and what became of it.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "they are the words of the ledger")]
pub struct Purchase {
    pub kind: Kind,
    pub card: CardId,
    pub agent: AgentId,
    pub holder: HolderId,
    pub position: Position,
    pub at: Timestamp,
    /// When all of it counts towards limits.
    pub counts_at: Timestamp,
    pub counts_on: Date,
    /// What was asked for.
    pub amount: u128,
    /// What of it was approved at first.
    pub approved: u128,
    pub is_foreign: bool,
    pub merchant: Merchant,
    /// The authorization that is still to come.
    pub awaits: Option<[u8; 16]>,
    pub expires_at: Timestamp,
    pub intent: Option<IntentId>,
    pub declined: Option<DeclineReason>,
    pub incremented: u128,
    pub confirmed_down: u128,
    pub reversed: u128,
    pub expired: u128,
    /// Less what was corrected.
    pub cleared: u128,
    pub corrected: u128,
    /// What the foreign currency has cost.
    pub fees: u128,
    pub cleared_from_hold: u128,
    pub released: u128,
    /// Less what was taken back.
    pub refunded: u128,
    /// What of `cleared` the network was not paid for yet.
    pub unsettled: u128,
    /// What of `refunded` the network has not paid yet.
    pub uncollected: u128,
    /// An unlinked refund waits to be released.
    pub is_under_review: bool,
    /// An authorization is neither declined, cleared for good, voided nor expired.
    pub is_open: bool,
    /// What the intent was last compared with.
    pub compared: u128,
    pub has_expired: bool,
    /// It was voided or has expired before anything had cleared, or all of that was corrected, and nothing has cleared since.
    pub was_unused: bool,
}

impl Purchase {
    /// Invariant b: what its account must hold. `None` when more was given back than was authorized.
    pub fn held(&self) -> Option<u128> {
        let gone = self.reversed
            + self.expired
            + self.confirmed_down
            + self.cleared_from_hold
            + self.released;
        match (self.kind, self.declined) {
            (Kind::Authorization, None) => (self.approved + self.incremented).checked_sub(gone),
            _ => Some(0),
        }
    }

    /// What counts towards limits.
    pub fn counted(&self) -> u128 {
        self.held().unwrap_or(0) + self.cleared
    }

    /// Whether it was approved and may still clear, be reversed or be given back.
    pub fn is_purchase(&self) -> bool {
        match self.kind {
            Kind::Authorization | Kind::Purchase | Kind::ForcePost | Kind::Presentment => {
                self.declined.is_none()
            }
            Kind::Check | Kind::UnlinkedRefund => false,
        }
    }
}

/// A clearing for a card that can't be found.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "they are the words of the ledger")]
pub struct Presentment {
    pub terms: ledger::authorizations::Terms,
    pub is_settled: bool,
    pub is_assigned: bool,
    /// Neither assigned nor written off.
    pub is_suspended: bool,
}

/// A deposit.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "they are the words of the ledger")]
pub struct Deposit {
    /// Whose approval it waits for, if it does.
    pub person: HolderId,
    /// Who has the money: the person or a wallet.
    pub owner: HolderId,
    pub at: Timestamp,
    pub arrived: Money,
    pub credited: Money,
    pub is_waiting: bool,
    pub is_reversed: bool,
}

/// An account at the bank that leads to a wallet.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "they are the words of the ledger")]
pub struct VirtualAccount {
    pub holder: HolderId,
    pub wallet: WalletId,
    pub currency: Asset,
}

/// A transfer.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "they are the words of the ledger")]
pub struct Transfer {
    pub wallet: WalletId,
    pub money: Money,
    pub fee: u128,
    /// What is to arrive.
    pub asset: Asset,
    pub status: TransferStatus,
    /// When it arrived, and what did.
    pub completed: Option<(Timestamp, Money)>,
    pub client_reference: Option<Text<100>>,
}

impl Transfer {
    /// What leaves the wallet for the receiver.
    pub fn sent(&self) -> u128 {
        self.money.amount.0 - self.fee
    }

    /// At which rate it arrives when somebody says this one: an asset is worth itself.
    pub fn rate(&self, said: Rate) -> Rate {
        if self.asset == self.money.asset { Rate::ONE } else { said }
    }
}

/// An account of the platform's own.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "they are the words of the ledger")]
pub struct Ledger {
    pub code: Text<50>,
    pub kind: LedgerKind,
    pub asset: Asset,
    pub overdraft_limit: u128,
    pub status: LedgerStatus,
}

/// A journal, or what takes one back.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "they are the words of the ledger")]
pub struct Journal {
    pub lines: Vec<JournalLine>,
    pub reverses: Option<JournalId>,
    pub is_reversed: bool,
}
