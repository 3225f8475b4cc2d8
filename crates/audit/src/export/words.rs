//! What happened, in words.

use ledger::matching::Merchant;
use ledger::{Entry, Event};

/// What an event is called in `proto/`, and the merchant that it names.
fn told(event: &Event) -> (&'static str, Option<&Merchant>) {
    match event {
        Event::BookOpened(_) => ("book_opened", None),
        Event::JournalRecovered(_) => ("journal_recovered", None),
        Event::KeyCreated(_) => ("key_created", None),
        Event::KeyRevoked(_) => ("key_revoked", None),
        Event::ClockAdvanced(_) => ("clock_advanced", None),
        Event::HolderCreated(_) => ("holder_created", None),
        Event::HolderChanged(_) => ("holder_changed", None),
        Event::VerificationChanged(_) => ("verification_changed", None),
        Event::DocumentAdded(_) => ("document_added", None),
        Event::HolderErased(_) => ("holder_erased", None),
        Event::DepositConfirmed(_) => ("deposit_confirmed", None),
        Event::DepositReversed(_) => ("deposit_reversed", None),
        Event::WalletCreated(_) => ("wallet_created", None),
        Event::VirtualAccountOpened(_) => ("virtual_account_opened", None),
        Event::WalletDepositConfirmed(_) => ("wallet_deposit_confirmed", None),
        Event::BankDepositConfirmed(_) => ("bank_deposit_confirmed", None),
        Event::TransferCreated(_) => ("transfer_created", None),
        Event::TransferAdvanced(_) => ("transfer_advanced", None),
        Event::TransferCompleted(_) => ("transfer_completed", None),
        Event::TransferFailed(_) => ("transfer_failed", None),
        Event::TransferReturned(_) => ("transfer_returned", None),
        Event::TreasuryConverted(_) => ("treasury_converted", None),
        Event::LedgerCreated(_) => ("ledger_created", None),
        Event::LedgerStatusChanged(_) => ("ledger_status_changed", None),
        Event::LedgerTransferred(_) => ("ledger_transferred", None),
        Event::JournalPosted(_) => ("journal_posted", None),
        Event::JournalReversed(_) => ("journal_reversed", None),
        Event::AgentRegistered(_) => ("agent_registered", None),
        Event::AgentStatusChanged(_) => ("agent_status_changed", None),
        Event::AgentPolicyChanged(_) => ("agent_policy_changed", None),
        Event::AgentLimitExceeded(_) => ("agent_limit_exceeded", None),
        Event::CardCreated(_) => ("card_created", None),
        Event::CardStatusChanged(_) => ("card_status_changed", None),
        Event::CardLimitsChanged(_) => ("card_limits_changed", None),
        Event::IntentDeclared(_) => ("intent_declared", None),
        Event::IntentApproved(_) => ("intent_approved", None),
        Event::AttestationRecorded(_) => ("attestation_recorded", None),
        Event::IntentAssessed(_) => ("intent_assessed", None),
        Event::IntentReleased(_) => ("intent_released", None),
        Event::IntentClosed(_) => ("intent_closed", None),
        Event::AuthorizationApproved(event) => {
            ("authorization_approved", Some(&event.terms.merchant))
        }
        Event::AuthorizationDeclined(event) => {
            ("authorization_declined", Some(&event.terms.merchant))
        }
        Event::AuthorizationLinked(event) => ("authorization_linked", Some(&event.terms.merchant)),
        Event::AuthorizationIncremented(_) => ("authorization_incremented", None),
        Event::IncrementDeclined(_) => ("increment_declined", None),
        Event::AuthorizationConfirmed(_) => ("authorization_confirmed", None),
        Event::AuthorizationReversed(_) => ("authorization_reversed", None),
        Event::ReversalUnusable(_) => ("reversal_unusable", None),
        Event::AuthorizationExpired(_) => ("authorization_expired", None),
        Event::CardVerified(event) => ("card_verified", Some(&event.terms.merchant)),
        Event::Purchased(event) => ("purchased", Some(&event.terms.merchant)),
        Event::Cleared(_) => ("cleared", None),
        Event::ForceCleared(event) => ("force_cleared", Some(&event.terms.merchant)),
        Event::Corrected(_) => ("corrected", None),
        Event::Refunded(_) => ("refunded", None),
        Event::RefundReversed(_) => ("refund_reversed", None),
        Event::UnlinkedRefundReceived(event) => {
            ("unlinked_refund_received", Some(&event.terms.merchant))
        }
        Event::RefundReleased(_) => ("refund_released", None),
        Event::PresentmentSuspended(event) => {
            ("presentment_suspended", Some(&event.terms.merchant))
        }
        Event::PresentmentAssigned(event) => ("presentment_assigned", Some(&event.terms.merchant)),
        Event::PresentmentWrittenOff(_) => ("presentment_written_off", None),
        Event::NetworkSettled(_) => ("network_settled", None),
        Event::WebhookRegistered(_) => ("webhook_registered", None),
        Event::WebhookChanged(_) => ("webhook_changed", None),
        Event::WebhookRemoved(_) => ("webhook_removed", None),
        Event::WebhookSecretRotated(_) => ("webhook_secret_rotated", None),
        Event::WebhookTested(_) => ("webhook_tested", None),
        Event::WebhookReplayed(_) => ("webhook_replayed", None),
    }
}

/// The kinds of an entry's events, in order.
pub(super) fn kinds(entry: &Entry) -> Vec<&'static str> {
    entry.events.iter().map(|event| told(event).0).collect()
}

/// A line about an entry: the merchant's name, if it names one, or else the kind of its first event.
pub(super) fn narration(entry: &Entry) -> &str {
    let merchant = entry.events.iter().find_map(|event| told(event).1);
    match merchant {
        Some(merchant) => merchant.name.as_str(),
        None => entry.events.first().map_or("", |event| told(event).0),
    }
}
