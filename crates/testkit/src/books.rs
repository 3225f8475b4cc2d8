//! What a journal says, folded by code that shares none with the rules.
//!
//! [`Books::record`] takes the entries one after the other and refuses the first that breaks an invariant of
//! `docs/accounting.md`: what an entry posts must be what its events demand ([`rows`]), and what its events say must
//! follow from the entries before. [`Books::judge`] foretells how a request must end ([`verdict`]). Everything is
//! computed anew from lists, without a counter that could go wrong with the ledger's.

use std::collections::BTreeMap;

use ledger::agents::{AgentPolicy, AgentStatus};
use ledger::authorizations::DeclineReason;
use ledger::cards::{CardKind, CardLimits, CardStatus};
use ledger::holders::VerificationStatus;
use ledger::intents::IntentEnd;
use ledger::matching::{Comparison, Expectation, Merchant};
use ledger::{
    Account, AgentId, Asset, AttestationId, CardId, Entry, HolderId, IntentId, Position, Side,
    Timestamp, TransactionId,
};

use crate::calendar::Date;

/// Returns the words as an error unless the condition holds.
macro_rules! require {
    ($condition:expr, $($words:tt)+) => {
        if !$condition {
            return Err(format!($($words)+));
        }
    };
}

pub(crate) use require;

mod approval;
mod fold;
pub mod matching;
pub mod rows;
pub mod spending;
pub mod states;
pub mod verdict;

/// What is wrong, in words.
pub type Breach = String;

/// The state of a book after a number of entries.
#[derive(Debug, Clone, Default)]
pub struct Books {
    /// The last entry.
    pub position: Position,
    /// Its time.
    pub at: Timestamp,
    /// How far the book's clock is ahead.
    pub clock_offset_ms: u64,
    /// Debits less credits.
    pub balances: BTreeMap<(Account, Asset), i128>,
    /// People.
    pub holders: BTreeMap<HolderId, VerificationStatus>,
    /// Agents.
    pub agents: BTreeMap<AgentId, Agent>,
    /// Cards.
    pub cards: BTreeMap<CardId, Card>,
    /// Intents, ended or not.
    pub intents: BTreeMap<IntentId, Intent>,
    /// Authorizations, declined or not.
    pub purchases: BTreeMap<TransactionId, Purchase>,
}

/// An agent.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "they are the words of the ledger")]
pub struct Agent {
    pub holder: HolderId,
    pub policy: AgentPolicy,
    pub status: AgentStatus,
}

/// A card.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "they are the words of the ledger")]
pub struct Card {
    pub agent: AgentId,
    pub holder: HolderId,
    pub kind: CardKind,
    pub limits: CardLimits,
    /// The last year and month in which it is valid.
    pub valid_until: (u64, u64),
    pub status: CardStatus,
    /// Every time at which its details were read.
    pub read_at: Vec<Timestamp>,
}

/// An intent.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "they are the words of the ledger")]
pub struct Intent {
    pub card: CardId,
    pub expectation: Expectation,
    pub declared: Position,
    pub expires_at: Timestamp,
    pub attested: Option<(AttestationId, Position)>,
    /// The authorization that has it, and how that compared.
    pub taken: Option<(TransactionId, Comparison)>,
    pub end: Option<IntentEnd>,
}

impl Intent {
    /// Whether an authorization may take it.
    pub fn is_live(&self) -> bool {
        self.taken.is_none() && self.end.is_none()
    }
}

/// An authorization and what became of it.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "they are the words of the ledger")]
pub struct Purchase {
    pub card: CardId,
    pub agent: AgentId,
    pub holder: HolderId,
    pub at: Timestamp,
    pub date: Date,
    pub amount: u128,
    pub merchant: Merchant,
    pub expires_at: Timestamp,
    pub intent: Option<IntentId>,
    pub declined: Option<DeclineReason>,
    pub reversed: u128,
    pub expired: u128,
    pub cleared: u128,
    pub cleared_from_hold: u128,
    pub released: u128,
    pub refunded: u128,
    /// Neither declined, cleared for good, voided nor expired.
    pub is_open: bool,
    /// What the intent was last compared with.
    pub compared: u128,
    pub has_expired: bool,
}

impl Purchase {
    /// Invariant b: what its account must hold. `None` when more was given back than was authorized.
    pub fn held(&self) -> Option<u128> {
        let gone = self.reversed + self.expired + self.cleared_from_hold + self.released;
        match self.declined {
            Some(_) => Some(0),
            None => self.amount.checked_sub(gone),
        }
    }

    /// What counts towards limits.
    pub fn counted(&self) -> u128 {
        self.held().unwrap_or(0) + self.cleared
    }
}

impl Books {
    /// Takes the next entry, if it is sound.
    pub fn record(&mut self, entry: &Entry) -> Result<(), Breach> {
        require!(
            entry.position == self.position.next(),
            "after `{}` comes `{}`",
            self.position,
            entry.position
        );
        require!(self.at <= entry.at, "entry `{}` is earlier than the one before", entry.position);
        require!(!entry.events.is_empty(), "entry `{}` says nothing", entry.position);
        let (found, expected) = (rows::of_entry(entry), rows::of_events(self, &entry.events));
        require!(
            found == expected,
            "entry `{}` posts\n  {}\nand not\n  {}",
            entry.position,
            rows::told(&found),
            rows::told(&expected)
        );
        for event in &entry.events {
            self.fold(event, entry)?;
        }
        for posting in &entry.postings {
            *self.balances.entry((posting.account, posting.asset)).or_default() +=
                signed(posting.side, posting.amount.0);
        }
        self.position = entry.position;
        self.at = entry.at;
        self.sound()
    }

    /// Every invariant that concerns the state alone.
    fn sound(&self) -> Result<(), Breach> {
        for (asset, difference) in self.trial_balance() {
            require!(difference == 0, "in `{asset}` debits exceed credits by `{difference}`");
        }
        for ((account, asset), balance) in &self.balances {
            let is_sound = match account {
                Account::Available(_) | Account::Held(..) | Account::Incoming(_) => *balance <= 0,
                Account::NetworkPayable(_) => *balance <= 0,
                Account::Overdrawn(_) | Account::NetworkReceivable(_) | Account::Custody => {
                    0 <= *balance
                }
                Account::Exchange => true,
            };
            require!(is_sound, "`{account}` in `{asset}` is on the wrong side by `{balance}`");
        }
        self.purchases.iter().try_for_each(|(id, purchase)| self.purchase_is_sound(*id, purchase))
    }

    fn purchase_is_sound(&self, id: TransactionId, purchase: &Purchase) -> Result<(), Breach> {
        let account = Account::Held(purchase.holder, id);
        let (held, expected) = (self.credit(account, Asset::Usd), purchase.held());
        require!(Some(held) == expected, "`{account}` is `{held}`, its events say {expected:?}");
        require!(purchase.is_open || held == 0, "`{id}` has ended and holds `{held}`");
        require!(purchase.refunded <= purchase.cleared, "`{id}` refunds more than was cleared");
        if let Some(intent) = purchase.intent.and_then(|intent| self.intents.get(&intent))
            && let Some((taken_by, comparison)) = intent.taken
            && taken_by == id
        {
            let was_made = purchase.is_open || 0 < purchase.cleared;
            require!(was_made, "`{id}` keeps the intent of a purchase that was not made");
            let Purchase { compared, merchant, .. } = purchase;
            let expected = matching::compare(&intent.expectation, *compared, merchant);
            require!(comparison == expected, "`{id}` compares as {comparison:?}, not {expected:?}");
        }
        Ok(())
    }

    /// Debits less credits of each asset: zero.
    pub fn trial_balance(&self) -> BTreeMap<Asset, i128> {
        let mut differences = BTreeMap::new();
        for ((_, asset), balance) in &self.balances {
            *differences.entry(*asset).or_default() += balance;
        }
        differences
    }

    /// What stands on the credit side of an account; nothing, if that is negative.
    pub fn credit(&self, account: Account, asset: Asset) -> u128 {
        self.balances.get(&(account, asset)).map_or(0, |balance| (-balance).try_into().unwrap_or(0))
    }

    /// What a holder may spend.
    pub fn available(&self, holder: HolderId) -> u128 {
        self.credit(Account::Available(holder), Asset::Usd)
    }

    /// What all of a holder's authorizations hold.
    pub fn held(&self, holder: HolderId) -> u128 {
        let own = self
            .balances
            .iter()
            .filter(|((account, _), _)| matches!(account, Account::Held(of, _) if *of == holder));
        own.map(|(_, balance)| balance.unsigned_abs()).sum()
    }

    /// What waits for a holder's approval.
    pub fn incoming(&self, holder: HolderId) -> u128 {
        self.credit(Account::Incoming(holder), Asset::Usd)
    }

    /// What a holder owes.
    pub fn overdrawn(&self, holder: HolderId) -> u128 {
        let balance = self.balances.get(&(Account::Overdrawn(holder), Asset::Usd));
        balance.map_or(0, |balance| balance.unsigned_abs())
    }

    /// Available and held less what is owed: it changes when money has really moved.
    pub fn settled(&self, holder: HolderId) -> i128 {
        let owned = self.available(holder) + self.held(holder);
        owned.cast_signed() - self.overdrawn(holder).cast_signed()
    }
}

/// Debits count up, credits down.
fn signed(side: Side, amount: u128) -> i128 {
    match side {
        Side::Debit => amount.cast_signed(),
        Side::Credit => -amount.cast_signed(),
    }
}
