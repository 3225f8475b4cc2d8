//! What a journal says, folded by code that shares none with the rules.
//!
//! [`Books::record`] takes the entries one after the other and refuses the first that breaks an invariant of
//! `docs/accounting.md`: what an entry posts must be what its events demand ([`rows`]), and what its events say must
//! follow from the entries before. [`Books::judge`] foretells how a request must end ([`verdict`]). Everything is
//! computed anew from lists, without a counter that could go wrong with the ledger's.

use std::collections::{BTreeMap, BTreeSet};

use ledger::holders::VerificationStatus;
use ledger::{
    Account, AgentId, Asset, CardId, CommandId, Entry, HolderId, IntentId, JournalId, KeyId,
    LedgerId, Position, Sealed, Side, Timestamp, TransactionId, VirtualAccountId, WalletId,
    WebhookId,
};

/// Returns the words as an error unless the condition holds.
macro_rules! require {
    ($condition:expr, $($words:tt)+) => {
        if !$condition {
            return Err(format!($($words)+));
        }
    };
}

pub(crate) use require;

mod acts;
mod approval;
mod effects;
mod fold;
pub mod matching;
mod memory;
pub mod rows;
mod sound;
pub mod spending;
pub mod states;
pub mod verdict;
mod webhooks;

pub use memory::{
    Agent, Card, Deposit, Intent, Journal, Key, Kind, Ledger, Presentment, Purchase, Transfer,
    VirtualAccount, Webhook,
};

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
    /// Keys.
    pub keys: BTreeMap<KeyId, Key>,
    /// People.
    pub holders: BTreeMap<HolderId, VerificationStatus>,
    /// Where the verification of each who is locked stood before.
    pub before_lock: BTreeMap<HolderId, VerificationStatus>,
    /// What the vault keeps of the name of each.
    pub profiles: BTreeMap<HolderId, Sealed>,
    /// Under what the vault keeps what is known of each, and of their cards.
    pub subjects: BTreeMap<HolderId, BTreeSet<[u8; 16]>>,
    /// Those who were erased.
    pub erased: BTreeSet<HolderId>,
    /// Agents.
    pub agents: BTreeMap<AgentId, Agent>,
    /// Cards.
    pub cards: BTreeMap<CardId, Card>,
    /// Intents, ended or not.
    pub intents: BTreeMap<IntentId, Intent>,
    /// Card transactions, declined or not; clearings once their card is known.
    pub purchases: BTreeMap<TransactionId, Purchase>,
    /// Clearings whose card was not known.
    pub presentments: BTreeMap<TransactionId, Presentment>,
    /// Deposits, taken back or not.
    pub deposits: BTreeMap<TransactionId, Deposit>,
    /// Whose each wallet is.
    pub wallets: BTreeMap<WalletId, HolderId>,
    /// Accounts that lead to wallets.
    pub virtual_accounts: BTreeMap<VirtualAccountId, VirtualAccount>,
    /// Transfers from wallets, ended or not.
    pub transfers: BTreeMap<TransactionId, Transfer>,
    /// Every id that was ever made, or could have been, two by each command; and by which.
    pub ids: BTreeMap<TransactionId, CommandId>,
    /// Accounts of the platform's own.
    pub ledgers: BTreeMap<LedgerId, Ledger>,
    /// What was posted to them in journals, and taken back.
    pub journals: BTreeMap<JournalId, Journal>,
    /// Webhooks, removed or not.
    pub webhooks: BTreeMap<WebhookId, Webhook>,
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
        self.may_overdraw(entry)?;
        for event in &entry.events {
            self.fold(event, entry)?;
        }
        for posting in &entry.postings {
            *self.balances.entry((posting.account, posting.asset)).or_default() +=
                signed(posting.side, posting.amount.0);
        }
        for ordinal in [0, 1] {
            let id = TransactionId::derive(entry.at, entry.command, ordinal);
            self.ids.insert(id, entry.command);
        }
        self.position = entry.position;
        self.at = entry.at;
        self.sound_after(entry)
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

    /// What stands on the debit side of an account; nothing, if that is negative.
    pub fn debit(&self, account: Account, asset: Asset) -> u128 {
        self.balances.get(&(account, asset)).map_or(0, |balance| (*balance).try_into().unwrap_or(0))
    }

    /// The dollars that a holder may spend.
    pub fn available(&self, holder: HolderId) -> u128 {
        self.available_in(holder, Asset::Usd)
    }

    /// What a holder may spend of an asset.
    pub fn available_in(&self, holder: HolderId, asset: Asset) -> u128 {
        self.credit(Account::Available(holder), asset)
    }

    /// What all of a holder's authorizations hold.
    pub fn held(&self, holder: HolderId) -> u128 {
        let first = Account::Held(holder, TransactionId([0; 16]));
        let last = Account::Held(holder, TransactionId([0xff; 16]));
        self.sum(first, last)
    }

    /// What all of a holder's intents have reserved.
    pub fn reserved(&self, holder: HolderId) -> u128 {
        let first = Account::Reserved(holder, IntentId([0; 16]));
        let last = Account::Reserved(holder, IntentId([0xff; 16]));
        self.sum(first, last)
    }

    fn sum(&self, first: Account, last: Account) -> u128 {
        let own = self.balances.range((first, Asset::Usd)..=(last, Asset::Trx));
        own.map(|(_, balance)| balance.unsigned_abs()).sum()
    }

    /// The dollars that wait for a holder's approval or for a review.
    pub fn incoming(&self, holder: HolderId) -> u128 {
        self.incoming_in(holder, Asset::Usd)
    }

    /// What waits of an asset for a holder's approval or for a review.
    pub fn incoming_in(&self, holder: HolderId, asset: Asset) -> u128 {
        self.credit(Account::Incoming(holder), asset)
    }

    /// What of an asset is on its way out.
    pub fn withdrawing_in(&self, holder: HolderId, asset: Asset) -> u128 {
        self.credit(Account::Withdrawing(holder), asset)
    }

    /// The dollars that a holder owes.
    pub fn overdrawn(&self, holder: HolderId) -> u128 {
        self.overdrawn_in(holder, Asset::Usd)
    }

    /// What a holder owes of an asset.
    pub fn overdrawn_in(&self, holder: HolderId, asset: Asset) -> u128 {
        self.debit(Account::Overdrawn(holder), asset)
    }

    /// Everything of a holder but what waits, less what is owed: it changes when money has really moved.
    pub fn settled(&self, holder: HolderId) -> i128 {
        self.settled_in(holder, Asset::Usd)
    }

    /// The same of an asset.
    pub fn settled_in(&self, holder: HolderId, asset: Asset) -> i128 {
        let promised = match asset {
            Asset::Usd => self.held(holder) + self.reserved(holder),
            _ => 0,
        };
        let owned =
            self.available_in(holder, asset) + promised + self.withdrawing_in(holder, asset);
        owned.cast_signed() - self.overdrawn_in(holder, asset).cast_signed()
    }

    /// When something falls due next.
    pub fn next_due(&self) -> Option<Timestamp> {
        let intents = self.intents.values().filter(|intent| intent.is_untaken());
        let purchases = self.purchases.values().filter(|purchase| purchase.is_open);
        let deadlines = intents.map(|intent| intent.expires_at);
        deadlines.chain(purchases.map(|purchase| purchase.expires_at)).min()
    }
}

/// Debits count up, credits down.
fn signed(side: Side, amount: u128) -> i128 {
    match side {
        Side::Debit => amount.cast_signed(),
        Side::Credit => -amount.cast_signed(),
    }
}
