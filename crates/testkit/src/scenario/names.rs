//! What names are bound to.

use ledger::account::LedgerKind;
use ledger::{
    Account, AgentId, Asset, CardId, Entry, Event, HolderId, IntentId, JournalId, KeyId, LedgerId,
    TransactionId, VirtualAccountId, WalletId, WebhookId,
};

/// What a name is bound to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Thing {
    User(HolderId),
    Key(KeyId),
    Agent(AgentId),
    Card(CardId),
    Intent(IntentId),
    /// A card transaction, or a clearing that nobody can place.
    Transaction(TransactionId),
    /// And under whose name it stands.
    Deposit(TransactionId, HolderId),
    Wallet(WalletId),
    VirtualAccount(VirtualAccountId, WalletId),
    Transfer(TransactionId, WalletId),
    Ledger(Ledger),
    Journal(JournalId),
    Webhook(WebhookId),
}

/// An account of the platform's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ledger {
    pub(super) id: LedgerId,
    pub(super) kind: LedgerKind,
    pub(super) asset: Asset,
}

impl Ledger {
    pub(super) fn account(self) -> Account {
        Account::Ledger(self.kind, self.id)
    }
}

/// What an accepted entry made; the last thing, where it made several.
pub(super) fn made(entry: &Entry) -> Option<Thing> {
    entry.events.iter().rev().find_map(|event| match event {
        Event::HolderCreated(event) => Some(Thing::User(event.holder)),
        // An agent's own key goes by the agent's name.
        Event::KeyCreated(event) if event.agent.is_none() => Some(Thing::Key(event.key)),
        Event::AgentRegistered(event) => Some(Thing::Agent(event.agent)),
        Event::CardCreated(event) => Some(Thing::Card(event.card)),
        Event::IntentDeclared(event) => Some(Thing::Intent(event.intent)),
        Event::AuthorizationApproved(event) => Some(Thing::Transaction(event.transaction)),
        Event::AuthorizationDeclined(event) => Some(Thing::Transaction(event.transaction)),
        Event::AuthorizationLinked(event) => Some(Thing::Transaction(event.transaction)),
        Event::CardVerified(event) => Some(Thing::Transaction(event.transaction)),
        Event::Purchased(event) => Some(Thing::Transaction(event.transaction)),
        Event::ForceCleared(event) => Some(Thing::Transaction(event.transaction)),
        Event::UnlinkedRefundReceived(event) => Some(Thing::Transaction(event.transaction)),
        Event::PresentmentSuspended(event) => Some(Thing::Transaction(event.transaction)),
        Event::DepositConfirmed(event) => Some(Thing::Deposit(event.transaction, event.holder)),
        Event::WalletDepositConfirmed(event) => {
            Some(Thing::Deposit(event.transaction, event.wallet.holder()))
        }
        Event::BankDepositConfirmed(event) => {
            Some(Thing::Deposit(event.transaction, event.wallet.holder()))
        }
        Event::WalletCreated(event) => Some(Thing::Wallet(event.wallet)),
        Event::VirtualAccountOpened(event) => {
            Some(Thing::VirtualAccount(event.account, event.wallet))
        }
        Event::TransferCreated(event) => Some(Thing::Transfer(event.transaction, event.wallet)),
        Event::LedgerCreated(event) => {
            let (id, kind, asset) = (event.ledger, event.kind, event.asset);
            Some(Thing::Ledger(Ledger { id, kind, asset }))
        }
        Event::JournalPosted(event) => Some(Thing::Journal(event.journal)),
        Event::JournalReversed(event) => Some(Thing::Journal(event.journal)),
        Event::WebhookRegistered(event) => Some(Thing::Webhook(event.webhook)),
        Event::BookOpened(_)
        | Event::JournalRecovered(_)
        | Event::KeyCreated(_)
        | Event::KeyRevoked(_)
        | Event::HolderChanged(_)
        | Event::ClockAdvanced(_)
        | Event::VerificationChanged(_)
        | Event::DocumentAdded(_)
        | Event::HolderErased(_)
        | Event::DepositReversed(_)
        | Event::TransferAdvanced(_)
        | Event::TransferCompleted(_)
        | Event::TransferFailed(_)
        | Event::TransferReturned(_)
        | Event::TreasuryConverted(_)
        | Event::LedgerStatusChanged(_)
        | Event::LedgerTransferred(_)
        | Event::AgentStatusChanged(_)
        | Event::AgentPolicyChanged(_)
        | Event::AgentLimitExceeded(_)
        | Event::CardStatusChanged(_)
        | Event::CardLimitsChanged(_)
        | Event::IntentApproved(_)
        | Event::AttestationRecorded(_)
        | Event::IntentAssessed(_)
        | Event::IntentReleased(_)
        | Event::IntentClosed(_)
        | Event::AuthorizationIncremented(_)
        | Event::IncrementDeclined(_)
        | Event::AuthorizationConfirmed(_)
        | Event::AuthorizationReversed(_)
        | Event::ReversalUnusable(_)
        | Event::AuthorizationExpired(_)
        | Event::Cleared(_)
        | Event::Corrected(_)
        | Event::Refunded(_)
        | Event::RefundReversed(_)
        | Event::RefundReleased(_)
        | Event::PresentmentAssigned(_)
        | Event::PresentmentWrittenOff(_)
        | Event::NetworkSettled(_)
        | Event::WebhookChanged(_)
        | Event::WebhookRemoved(_)
        | Event::WebhookSecretRotated(_)
        | Event::WebhookTested(_)
        | Event::WebhookReplayed(_) => None,
    })
}
