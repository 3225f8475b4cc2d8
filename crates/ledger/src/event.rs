//! What can happen: the closed list that every reader of the journal has an opinion on.

use crate::Reference;
use crate::agents::{AgentLimitExceeded, AgentRegistered, AgentStatusChanged};
use crate::authorizations::{
    AuthorizationApproved, AuthorizationDeclined, AuthorizationExpired, AuthorizationReversed,
    Cleared, Refunded,
};
use crate::book::BookOpened;
use crate::cards::{CardCreated, CardStatusChanged};
use crate::clock::ClockAdvanced;
use crate::deposits::DepositConfirmed;
use crate::holders::{DocumentAdded, HolderCreated, VerificationChanged};
use crate::intents::{
    AttestationRecorded, IntentAssessed, IntentClosed, IntentDeclared, IntentReleased,
};
use crate::keys::KeyCreated;

/// A fact.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant is documented at its type")]
pub enum Event {
    BookOpened(BookOpened),
    KeyCreated(KeyCreated),
    ClockAdvanced(ClockAdvanced),
    HolderCreated(HolderCreated),
    VerificationChanged(VerificationChanged),
    DocumentAdded(DocumentAdded),
    DepositConfirmed(DepositConfirmed),
    AgentRegistered(AgentRegistered),
    AgentStatusChanged(AgentStatusChanged),
    AgentLimitExceeded(AgentLimitExceeded),
    CardCreated(CardCreated),
    CardStatusChanged(CardStatusChanged),
    IntentDeclared(IntentDeclared),
    AttestationRecorded(AttestationRecorded),
    IntentAssessed(IntentAssessed),
    IntentReleased(IntentReleased),
    IntentClosed(IntentClosed),
    AuthorizationApproved(AuthorizationApproved),
    AuthorizationDeclined(AuthorizationDeclined),
    AuthorizationReversed(AuthorizationReversed),
    AuthorizationExpired(AuthorizationExpired),
    Cleared(Cleared),
    Refunded(Refunded),
}

impl Event {
    /// The id from outside that the event must be found by, and that counts once.
    pub fn reference(&self) -> Option<Reference> {
        match self {
            Self::DepositConfirmed(event) => Some(Reference::Deposit(event.reference)),
            Self::AgentRegistered(event) => event.reference.map(Reference::Agent),
            Self::AuthorizationApproved(event) => event.terms.network_id.map(Reference::Network),
            Self::AuthorizationDeclined(event) => event.terms.network_id.map(Reference::Network),
            Self::AuthorizationReversed(event) => event.network_id.map(Reference::Network),
            Self::Cleared(event) => event.network_id.map(Reference::Network),
            Self::Refunded(event) => event.network_id.map(Reference::Network),
            Self::BookOpened(_)
            | Self::KeyCreated(_)
            | Self::ClockAdvanced(_)
            | Self::HolderCreated(_)
            | Self::VerificationChanged(_)
            | Self::DocumentAdded(_)
            | Self::AgentStatusChanged(_)
            | Self::AgentLimitExceeded(_)
            | Self::CardCreated(_)
            | Self::CardStatusChanged(_)
            | Self::IntentDeclared(_)
            | Self::AttestationRecorded(_)
            | Self::IntentAssessed(_)
            | Self::IntentReleased(_)
            | Self::IntentClosed(_)
            | Self::AuthorizationExpired(_) => None,
        }
    }
}
