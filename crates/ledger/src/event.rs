//! What can happen: the closed list that every reader of the journal has an opinion on.

use crate::agents::{AgentLimitExceeded, AgentPolicyChanged, AgentRegistered, AgentStatusChanged};
use crate::authorizations::{
    AuthorizationApproved, AuthorizationConfirmed, AuthorizationDeclined, AuthorizationExpired,
    AuthorizationIncremented, AuthorizationLinked, AuthorizationReversed, CardVerified,
    IncrementDeclined, Purchased, ReversalUnusable,
};
use crate::book::BookOpened;
use crate::cards::{CardCreated, CardLimitsChanged, CardStatusChanged};
use crate::clearings::{Cleared, Corrected, ForceCleared};
use crate::clock::ClockAdvanced;
use crate::deposits::{DepositConfirmed, DepositReversed};
use crate::erasure::HolderErased;
use crate::holders::{DocumentAdded, HolderChanged, HolderCreated, VerificationChanged};
use crate::intents::{
    AttestationRecorded, IntentApproved, IntentAssessed, IntentClosed, IntentDeclared,
    IntentReleased,
};
use crate::keys::{KeyCreated, KeyRevoked};
use crate::ledgers::{
    JournalPosted, JournalReversed, LedgerCreated, LedgerStatusChanged, LedgerTransferred,
};
use crate::presentments::{PresentmentAssigned, PresentmentSuspended, PresentmentWrittenOff};
use crate::recovery::JournalRecovered;
use crate::refunds::{RefundReleased, RefundReversed, Refunded, UnlinkedRefundReceived};
use crate::settlement::NetworkSettled;
use crate::transfers::{
    TransferAdvanced, TransferCompleted, TransferCreated, TransferFailed, TransferReturned,
};
use crate::treasury::TreasuryConverted;
use crate::wallets::{
    BankDepositConfirmed, VirtualAccountOpened, WalletCreated, WalletDepositConfirmed,
};
use crate::webhooks::{
    WebhookChanged, WebhookRegistered, WebhookRemoved, WebhookReplayed, WebhookSecretRotated,
    WebhookTested,
};
use crate::{Reference, Sealed};

/// A fact.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant is documented at its type")]
pub enum Event {
    BookOpened(BookOpened),
    JournalRecovered(JournalRecovered),
    KeyCreated(KeyCreated),
    KeyRevoked(KeyRevoked),
    ClockAdvanced(ClockAdvanced),
    HolderCreated(HolderCreated),
    HolderChanged(HolderChanged),
    VerificationChanged(VerificationChanged),
    DocumentAdded(DocumentAdded),
    HolderErased(HolderErased),
    DepositConfirmed(DepositConfirmed),
    DepositReversed(DepositReversed),
    WalletCreated(WalletCreated),
    VirtualAccountOpened(VirtualAccountOpened),
    WalletDepositConfirmed(WalletDepositConfirmed),
    BankDepositConfirmed(BankDepositConfirmed),
    TransferCreated(TransferCreated),
    TransferAdvanced(TransferAdvanced),
    TransferCompleted(TransferCompleted),
    TransferFailed(TransferFailed),
    TransferReturned(TransferReturned),
    TreasuryConverted(TreasuryConverted),
    LedgerCreated(LedgerCreated),
    LedgerStatusChanged(LedgerStatusChanged),
    LedgerTransferred(LedgerTransferred),
    JournalPosted(JournalPosted),
    JournalReversed(JournalReversed),
    AgentRegistered(AgentRegistered),
    AgentStatusChanged(AgentStatusChanged),
    AgentPolicyChanged(AgentPolicyChanged),
    AgentLimitExceeded(AgentLimitExceeded),
    CardCreated(CardCreated),
    CardStatusChanged(CardStatusChanged),
    CardLimitsChanged(CardLimitsChanged),
    IntentDeclared(IntentDeclared),
    IntentApproved(IntentApproved),
    AttestationRecorded(AttestationRecorded),
    IntentAssessed(IntentAssessed),
    IntentReleased(IntentReleased),
    IntentClosed(IntentClosed),
    AuthorizationApproved(AuthorizationApproved),
    AuthorizationDeclined(AuthorizationDeclined),
    AuthorizationLinked(AuthorizationLinked),
    AuthorizationIncremented(AuthorizationIncremented),
    IncrementDeclined(IncrementDeclined),
    AuthorizationConfirmed(AuthorizationConfirmed),
    AuthorizationReversed(AuthorizationReversed),
    ReversalUnusable(ReversalUnusable),
    AuthorizationExpired(AuthorizationExpired),
    CardVerified(CardVerified),
    Purchased(Purchased),
    Cleared(Cleared),
    ForceCleared(ForceCleared),
    Corrected(Corrected),
    Refunded(Refunded),
    RefundReversed(RefundReversed),
    UnlinkedRefundReceived(UnlinkedRefundReceived),
    RefundReleased(RefundReleased),
    PresentmentSuspended(PresentmentSuspended),
    PresentmentAssigned(PresentmentAssigned),
    PresentmentWrittenOff(PresentmentWrittenOff),
    NetworkSettled(NetworkSettled),
    WebhookRegistered(WebhookRegistered),
    WebhookChanged(WebhookChanged),
    WebhookRemoved(WebhookRemoved),
    WebhookSecretRotated(WebhookSecretRotated),
    WebhookTested(WebhookTested),
    WebhookReplayed(WebhookReplayed),
}

impl Event {
    /// What it names of the vault.
    pub fn sealed(&self) -> Vec<Sealed> {
        match self {
            Self::HolderCreated(event) => vec![event.profile],
            Self::HolderChanged(event) => vec![event.profile],
            Self::DocumentAdded(event) => vec![event.content],
            Self::TransferCreated(event) => vec![event.destination.address],
            Self::CardCreated(event) => vec![event.number.sealed],
            Self::WebhookRegistered(event) => vec![event.url, event.secret],
            Self::WebhookChanged(event) => vec![event.url],
            Self::WebhookSecretRotated(event) => vec![event.secret],
            _ => Vec::new(),
        }
    }

    /// The id from outside that the event must be found by, and that counts once.
    pub fn reference(&self) -> Option<Reference> {
        match self {
            Self::DepositConfirmed(event) => Some(Reference::Deposit(event.reference)),
            Self::WalletDepositConfirmed(event) => Some(Reference::Deposit(event.reference)),
            Self::BankDepositConfirmed(event) => Some(Reference::Deposit(event.reference)),
            Self::AgentRegistered(event) => event.reference.map(Reference::Agent),
            Self::AuthorizationApproved(event) => event.terms.network_id.map(Reference::Network),
            Self::AuthorizationDeclined(event) => event.terms.network_id.map(Reference::Network),
            Self::CardVerified(event) => event.terms.network_id.map(Reference::Network),
            Self::Purchased(event) => event.terms.network_id.map(Reference::Network),
            Self::AuthorizationLinked(event) => event.terms.network_id.map(Reference::Network),
            Self::AuthorizationIncremented(event) => event.network_id.map(Reference::Network),
            Self::IncrementDeclined(event) => event.network_id.map(Reference::Network),
            Self::AuthorizationConfirmed(event) => event.network_id.map(Reference::Network),
            Self::AuthorizationReversed(event) => event.network_id.map(Reference::Network),
            Self::ReversalUnusable(event) => event.network_id.map(Reference::Network),
            Self::Cleared(event) => event.network_id.map(Reference::Network),
            Self::ForceCleared(event) => event.terms.network_id.map(Reference::Network),
            Self::Corrected(event) => event.network_id.map(Reference::Network),
            Self::Refunded(event) => event.network_id.map(Reference::Network),
            Self::RefundReversed(event) => event.network_id.map(Reference::Network),
            Self::UnlinkedRefundReceived(event) => event.terms.network_id.map(Reference::Network),
            Self::PresentmentSuspended(event) => event.terms.network_id.map(Reference::Network),
            Self::BookOpened(_)
            | Self::JournalRecovered(_)
            | Self::KeyCreated(_)
            | Self::KeyRevoked(_)
            | Self::ClockAdvanced(_)
            | Self::HolderCreated(_)
            | Self::HolderChanged(_)
            | Self::VerificationChanged(_)
            | Self::DocumentAdded(_)
            | Self::HolderErased(_)
            | Self::DepositReversed(_)
            | Self::WalletCreated(_)
            | Self::VirtualAccountOpened(_)
            | Self::TransferCreated(_)
            | Self::TransferAdvanced(_)
            | Self::TransferCompleted(_)
            | Self::TransferFailed(_)
            | Self::TransferReturned(_)
            | Self::TreasuryConverted(_)
            | Self::LedgerCreated(_)
            | Self::LedgerStatusChanged(_)
            | Self::LedgerTransferred(_)
            | Self::JournalPosted(_)
            | Self::JournalReversed(_)
            | Self::AgentStatusChanged(_)
            | Self::AgentPolicyChanged(_)
            | Self::AgentLimitExceeded(_)
            | Self::CardCreated(_)
            | Self::CardStatusChanged(_)
            | Self::CardLimitsChanged(_)
            | Self::IntentDeclared(_)
            | Self::IntentApproved(_)
            | Self::AttestationRecorded(_)
            | Self::IntentAssessed(_)
            | Self::IntentReleased(_)
            | Self::IntentClosed(_)
            | Self::AuthorizationExpired(_)
            | Self::RefundReleased(_)
            | Self::PresentmentAssigned(_)
            | Self::PresentmentWrittenOff(_)
            | Self::NetworkSettled(_)
            | Self::WebhookRegistered(_)
            | Self::WebhookChanged(_)
            | Self::WebhookRemoved(_)
            | Self::WebhookSecretRotated(_)
            | Self::WebhookTested(_)
            | Self::WebhookReplayed(_) => None,
        }
    }
}
