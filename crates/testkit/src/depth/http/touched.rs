//! What entries speak of, and what is therefore looked at.

use std::collections::BTreeSet;

use ledger::{
    AgentId, CardId, Event, HolderId, IntentId, JournalId, KeyId, LedgerId, TransactionId,
    WalletId, WebhookId,
};

use crate::books::Books;

/// What entries speak of.
#[derive(Debug, Default)]
pub(super) struct Touched {
    pub(super) keys: BTreeSet<KeyId>,
    pub(super) holders: BTreeSet<HolderId>,
    pub(super) agents: BTreeSet<AgentId>,
    pub(super) cards: BTreeSet<CardId>,
    pub(super) intents: BTreeSet<IntentId>,
    pub(super) purchases: BTreeSet<TransactionId>,
    pub(super) deposits: BTreeSet<TransactionId>,
    pub(super) wallets: BTreeSet<WalletId>,
    pub(super) transfers: BTreeSet<TransactionId>,
    pub(super) ledgers: BTreeSet<LedgerId>,
    pub(super) journals: BTreeSet<JournalId>,
    pub(super) webhooks: BTreeSet<WebhookId>,
}

impl Touched {
    pub(super) fn add(&mut self, event: &Event) {
        match event {
            Event::BookOpened(_)
            | Event::JournalRecovered(_)
            | Event::ClockAdvanced(_)
            | Event::TreasuryConverted(_)
            | Event::NetworkSettled(_)
            | Event::VirtualAccountOpened(_)
            | Event::PresentmentSuspended(_)
            | Event::PresentmentWrittenOff(_) => {}
            Event::KeyCreated(event) => drop(self.keys.insert(event.key)),
            Event::WebhookRegistered(event) => drop(self.webhooks.insert(event.webhook)),
            Event::WebhookChanged(event) => drop(self.webhooks.insert(event.webhook)),
            Event::WebhookRemoved(event) => drop(self.webhooks.insert(event.webhook)),
            Event::WebhookSecretRotated(event) => drop(self.webhooks.insert(event.webhook)),
            Event::WebhookTested(event) => drop(self.webhooks.insert(event.webhook)),
            Event::WebhookReplayed(event) => drop(self.webhooks.insert(event.webhook)),
            Event::KeyRevoked(event) => drop(self.keys.insert(event.key)),
            Event::HolderChanged(event) => drop(self.holders.insert(event.holder)),
            Event::HolderCreated(event) => drop(self.holders.insert(event.holder)),
            Event::VerificationChanged(event) => drop(self.holders.insert(event.holder)),
            Event::DocumentAdded(event) => drop(self.holders.insert(event.holder)),
            Event::HolderErased(event) => drop(self.holders.insert(event.holder)),
            Event::DepositConfirmed(event) => drop(self.deposits.insert(event.transaction)),
            Event::DepositReversed(event) => drop(self.deposits.insert(event.transaction)),
            Event::WalletDepositConfirmed(event) => drop(self.deposits.insert(event.transaction)),
            Event::BankDepositConfirmed(event) => drop(self.deposits.insert(event.transaction)),
            Event::WalletCreated(event) => drop(self.wallets.insert(event.wallet)),
            Event::TransferCreated(event) => drop(self.transfers.insert(event.transaction)),
            Event::TransferAdvanced(event) => drop(self.transfers.insert(event.transaction)),
            Event::TransferCompleted(event) => drop(self.transfers.insert(event.transaction)),
            Event::TransferFailed(event) => drop(self.transfers.insert(event.transaction)),
            Event::TransferReturned(event) => drop(self.transfers.insert(event.transaction)),
            Event::LedgerCreated(event) => drop(self.ledgers.insert(event.ledger)),
            Event::LedgerStatusChanged(event) => drop(self.ledgers.insert(event.ledger)),
            Event::LedgerTransferred(event) => {
                self.ledgers.extend([event.source, event.destination]);
            }
            Event::JournalPosted(event) => {
                self.ledgers.extend(event.lines.iter().map(|line| line.ledger));
                self.journals.insert(event.journal);
            }
            Event::JournalReversed(event) => {
                self.ledgers.extend(event.lines.iter().map(|line| line.ledger));
                self.journals.extend([event.journal, event.of]);
            }
            Event::AgentRegistered(event) => drop(self.agents.insert(event.agent)),
            Event::AgentStatusChanged(event) => drop(self.agents.insert(event.agent)),
            Event::AgentPolicyChanged(event) => drop(self.agents.insert(event.agent)),
            Event::AgentLimitExceeded(event) => drop(self.agents.insert(event.agent)),
            Event::CardCreated(event) => drop(self.cards.insert(event.card)),
            Event::CardStatusChanged(event) => drop(self.cards.insert(event.card)),
            Event::CardLimitsChanged(event) => drop(self.cards.insert(event.card)),
            Event::IntentDeclared(event) => drop(self.intents.insert(event.intent)),
            Event::IntentApproved(event) => drop(self.intents.insert(event.intent)),
            Event::AttestationRecorded(event) => drop(self.intents.insert(event.intent)),
            Event::IntentAssessed(event) => drop(self.intents.insert(event.intent)),
            Event::IntentReleased(event) => drop(self.intents.insert(event.intent)),
            Event::IntentClosed(event) => drop(self.intents.insert(event.intent)),
            Event::AuthorizationApproved(event) => drop(self.purchases.insert(event.transaction)),
            Event::AuthorizationDeclined(event) => drop(self.purchases.insert(event.transaction)),
            Event::AuthorizationLinked(event) => drop(self.purchases.insert(event.transaction)),
            Event::AuthorizationIncremented(event) => {
                self.purchases.insert(event.transaction);
            }
            Event::IncrementDeclined(event) => drop(self.purchases.insert(event.transaction)),
            Event::AuthorizationConfirmed(event) => drop(self.purchases.insert(event.transaction)),
            Event::AuthorizationReversed(event) => drop(self.purchases.insert(event.transaction)),
            Event::ReversalUnusable(event) => drop(self.purchases.insert(event.transaction)),
            Event::AuthorizationExpired(event) => drop(self.purchases.insert(event.transaction)),
            Event::CardVerified(event) => drop(self.purchases.insert(event.transaction)),
            Event::Purchased(event) => drop(self.purchases.insert(event.transaction)),
            Event::Cleared(event) => drop(self.purchases.insert(event.transaction)),
            Event::ForceCleared(event) => drop(self.purchases.insert(event.transaction)),
            Event::Corrected(event) => drop(self.purchases.insert(event.transaction)),
            Event::Refunded(event) => drop(self.purchases.insert(event.transaction)),
            Event::RefundReversed(event) => drop(self.purchases.insert(event.transaction)),
            Event::UnlinkedRefundReceived(event) => drop(self.purchases.insert(event.transaction)),
            Event::RefundReleased(event) => drop(self.purchases.insert(event.transaction)),
            Event::PresentmentAssigned(event) => drop(self.purchases.insert(event.transaction)),
        }
    }

    /// Adds what the things concern.
    pub(super) fn complete(&mut self, books: &Books) {
        for purchase in self.purchases.iter().map(|id| &books.purchases[id]) {
            self.holders.insert(purchase.holder);
            self.cards.insert(purchase.card);
            self.intents.extend(purchase.intent);
        }
        for intent in self.intents.iter().map(|id| &books.intents[id]) {
            self.holders.insert(books.cards[&intent.card].holder);
        }
        // What waited, an approval releases.
        let theirs = books.deposits.iter().filter(|(_, d)| self.holders.contains(&d.person));
        self.deposits.extend(theirs.map(|(id, _)| *id));
        for deposit in self.deposits.iter().map(|id| &books.deposits[id]) {
            match books.wallets.keys().find(|wallet| wallet.holder() == deposit.owner) {
                Some(wallet) => drop(self.wallets.insert(*wallet)),
                None => drop(self.holders.insert(deposit.owner)),
            }
        }
        self.wallets.extend(self.transfers.iter().map(|id| books.transfers[id].wallet));
    }
}
