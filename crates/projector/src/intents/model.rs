//! How entries change intents.

use ledger::intents::{AttestationRecorded, IntentDeclared, IntentEnd, Statement};
use ledger::matching::Expectation;
use ledger::{Entry, Event};

use super::{Attestation, Intent, IntentStatus};
use crate::database::Connection;
use crate::projection::Model;
use crate::rows::Rows;
use crate::{Digest, Error, ReadModel};

#[derive(Default)]
pub(crate) struct IntentsModel {
    intents: Rows<Intent>,
    attestations: Rows<Attestation>,
}

impl Model for IntentsModel {
    const MODEL: ReadModel = ReadModel::Intents;

    fn apply(&mut self, db: &Connection, entry: &Entry) -> Result<(), Error> {
        let position = entry.position;
        for event in &entry.events {
            match event {
                Event::IntentDeclared(event) => self.intents.insert(declared(event, entry)),
                Event::IntentApproved(event) => {
                    let intent = self.intents.existing(db, event.intent, position)?;
                    intent.status = IntentStatus::Pending;
                }
                Event::AttestationRecorded(event) => {
                    self.attestations.insert(attestation(event, entry));
                    let intent = self.intents.existing(db, event.intent, position)?;
                    intent.status = IntentStatus::Revealed;
                    intent.expires_at = event.expires_at;
                    intent.attestation.get_or_insert(event.attestation);
                }
                Event::IntentAssessed(event) => {
                    let intent = self.intents.existing(db, event.intent, position)?;
                    intent.status = if event.comparison.is_match() {
                        IntentStatus::Matched
                    } else {
                        IntentStatus::Mismatched
                    };
                    intent.transaction = Some(event.transaction);
                    intent.comparison = Some(event.comparison);
                }
                Event::IntentReleased(event) => {
                    let intent = self.intents.existing(db, event.intent, position)?;
                    intent.status = match intent.attestation {
                        Some(_) => IntentStatus::Revealed,
                        None => IntentStatus::Pending,
                    };
                    intent.transaction = None;
                    intent.comparison = None;
                }
                Event::IntentClosed(event) => {
                    let intent = self.intents.existing(db, event.intent, position)?;
                    intent.status = match event.reason {
                        IntentEnd::Expired => IntentStatus::Expired,
                        IntentEnd::Canceled => IntentStatus::Canceled,
                        IntentEnd::Rejected => IntentStatus::Rejected,
                    };
                }
                Event::BookOpened(_)
                | Event::JournalRecovered(_)
                | Event::KeyCreated(_)
                | Event::KeyRevoked(_)
                | Event::ClockAdvanced(_)
                | Event::HolderCreated(_)
                | Event::HolderChanged(_)
                | Event::VerificationChanged(_)
                | Event::DocumentAdded(_)
                | Event::HolderErased(_)
                | Event::DepositConfirmed(_)
                | Event::DepositReversed(_)
                | Event::WalletCreated(_)
                | Event::VirtualAccountOpened(_)
                | Event::WalletDepositConfirmed(_)
                | Event::BankDepositConfirmed(_)
                | Event::TransferCreated(_)
                | Event::TransferAdvanced(_)
                | Event::TransferCompleted(_)
                | Event::TransferFailed(_)
                | Event::TransferReturned(_)
                | Event::TreasuryConverted(_)
                | Event::LedgerCreated(_)
                | Event::LedgerStatusChanged(_)
                | Event::LedgerTransferred(_)
                | Event::JournalPosted(_)
                | Event::JournalReversed(_)
                | Event::AgentRegistered(_)
                | Event::AgentStatusChanged(_)
                | Event::AgentPolicyChanged(_)
                | Event::AgentLimitExceeded(_)
                | Event::CardCreated(_)
                | Event::CardStatusChanged(_)
                | Event::CardLimitsChanged(_)
                | Event::AuthorizationApproved(_)
                | Event::AuthorizationDeclined(_)
                | Event::AuthorizationLinked(_)
                | Event::AuthorizationIncremented(_)
                | Event::IncrementDeclined(_)
                | Event::AuthorizationConfirmed(_)
                | Event::AuthorizationReversed(_)
                | Event::ReversalUnusable(_)
                | Event::AuthorizationExpired(_)
                | Event::CardVerified(_)
                | Event::Purchased(_)
                | Event::Cleared(_)
                | Event::ForceCleared(_)
                | Event::Corrected(_)
                | Event::Refunded(_)
                | Event::RefundReversed(_)
                | Event::UnlinkedRefundReceived(_)
                | Event::RefundReleased(_)
                | Event::PresentmentSuspended(_)
                | Event::PresentmentAssigned(_)
                | Event::PresentmentWrittenOff(_)
                | Event::NetworkSettled(_)
                | Event::WebhookRegistered(_)
                | Event::WebhookChanged(_)
                | Event::WebhookRemoved(_)
                | Event::WebhookSecretRotated(_)
                | Event::WebhookTested(_)
                | Event::WebhookReplayed(_) => {}
            }
        }
        Ok(())
    }

    fn flush(&mut self, db: &Connection, digest: &mut Digest) -> Result<(), Error> {
        self.intents.flush(db, digest)?;
        self.attestations.flush(db, digest)
    }
}

fn declared(event: &IntentDeclared, entry: &Entry) -> Intent {
    let Expectation { amount, merchant, mccs, tolerance } = event.expectation.clone();
    Intent {
        id: event.intent,
        position: entry.position,
        at: entry.at,
        card: event.card,
        summary: event.summary.clone(),
        amount,
        merchant,
        mccs,
        tolerance,
        warnings: event.warnings.clone(),
        reserves: event.reserves,
        enforcement: event.enforcement,
        expires_anyway: event.expires_anyway,
        status: if event.awaits_approval {
            IntentStatus::PendingApproval
        } else {
            IntentStatus::Pending
        },
        expires_at: event.expires_at,
        attestation: None,
        transaction: None,
        comparison: None,
    }
}

fn attestation(event: &AttestationRecorded, entry: &Entry) -> Attestation {
    let Statement { summary, amount, merchant } = event.statement.clone();
    Attestation {
        id: event.attestation,
        position: entry.position,
        at: entry.at,
        card: event.card,
        intent: event.intent,
        summary,
        amount,
        merchant,
        actor: entry.origin.actor,
        request: entry.origin.request,
    }
}
