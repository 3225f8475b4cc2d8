//! Declared purchases, and the accesses to card details that were made for them.

use ledger::intents::{AttestationRecorded, IntentDeclared, IntentEnd, Statement};
use ledger::matching::Expectation;
use ledger::{Entry, Event, IntentId};
use projector::intents::{Attestation, Intent, IntentStatus};
use rustc_hash::FxHashMap;

use super::fold::{Fold, known};
use super::rows::Rows;
use crate::sums::Sums;

/// Intents that have not lapsed and were not taken back or rejected. Where they stand follows from what their rows have,
/// but for the approval that some await.
#[derive(Default)]
pub(super) struct Intents {
    open: FxHashMap<IntentId, Intent>,
}

impl Fold for Intents {
    fn follow(&mut self, entry: &Entry, rows: &mut dyn Rows) -> Result<(), String> {
        for event in &entry.events {
            match event {
                Event::IntentDeclared(event) => {
                    self.open.insert(event.intent, declared(event, entry));
                }
                Event::IntentApproved(event) => {
                    self.intent(event.intent)?.status = IntentStatus::Pending;
                }
                Event::AttestationRecorded(event) => {
                    rows.whole(&attestation(event, entry));
                    let intent = self.intent(event.intent)?;
                    intent.attestation = intent.attestation.or(Some(event.attestation));
                    intent.expires_at = event.expires_at;
                }
                Event::IntentAssessed(event) => {
                    let intent = self.intent(event.intent)?;
                    intent.transaction = Some(event.transaction);
                    intent.comparison = Some(event.comparison);
                }
                Event::IntentReleased(event) => {
                    let intent = self.intent(event.intent)?;
                    (intent.transaction, intent.comparison) = (None, None);
                }
                Event::IntentClosed(event) => {
                    self.intent(event.intent)?.status = match event.reason {
                        IntentEnd::Expired => IntentStatus::Expired,
                        IntentEnd::Canceled => IntentStatus::Canceled,
                        IntentEnd::Rejected => IntentStatus::Rejected,
                    };
                    self.open.remove(&event.intent).iter().for_each(|intent| rows.whole(intent));
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

    fn finish(&mut self, _: &Sums, rows: &mut dyn Rows) {
        for intent in self.open.values_mut() {
            intent.status = match (intent.comparison, intent.attestation) {
                (Some(comparison), _) if comparison.is_match() => IntentStatus::Matched,
                (Some(_), _) => IntentStatus::Mismatched,
                (None, Some(_)) => IntentStatus::Revealed,
                // Declared, or approved after that.
                (None, None) => intent.status,
            };
            rows.whole(&*intent);
        }
    }
}

impl Intents {
    fn intent(&mut self, id: IntentId) -> Result<&mut Intent, String> {
        known(self.open.get_mut(&id), id)
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
