//! What happened, in words.

use ledger::matching::Merchant;
use ledger::{Entry, Event};

/// What an event is called in `proto/`, and the merchant that it names.
fn told(event: &Event) -> (&'static str, Option<&Merchant>) {
    match event {
        Event::BookOpened(_) => ("book_opened", None),
        Event::KeyCreated(_) => ("key_created", None),
        Event::ClockAdvanced(_) => ("clock_advanced", None),
        Event::HolderCreated(_) => ("holder_created", None),
        Event::VerificationChanged(_) => ("verification_changed", None),
        Event::DocumentAdded(_) => ("document_added", None),
        Event::DepositConfirmed(_) => ("deposit_confirmed", None),
        Event::AgentRegistered(_) => ("agent_registered", None),
        Event::AgentStatusChanged(_) => ("agent_status_changed", None),
        Event::AgentLimitExceeded(_) => ("agent_limit_exceeded", None),
        Event::CardCreated(_) => ("card_created", None),
        Event::CardStatusChanged(_) => ("card_status_changed", None),
        Event::IntentDeclared(_) => ("intent_declared", None),
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
        Event::AuthorizationReversed(_) => ("authorization_reversed", None),
        Event::AuthorizationExpired(_) => ("authorization_expired", None),
        Event::Cleared(_) => ("cleared", None),
        Event::Refunded(_) => ("refunded", None),
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
