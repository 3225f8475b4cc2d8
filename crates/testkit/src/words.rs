//! The words in which scenarios speak of what the ledger answers.

use ledger::Rejection;
use ledger::authorizations::DeclineReason;
use ledger::limits::Window;

/// The word for a rejection, whatever it names.
pub fn rejection(rejection: &Rejection) -> &'static str {
    match rejection {
        Rejection::BookIsOpen => "book_is_open",
        Rejection::NotASandbox => "not_a_sandbox",
        Rejection::UnknownHolder(_) => "unknown_user",
        Rejection::UnknownAgent(_) => "unknown_agent",
        Rejection::UnknownCard(_) => "unknown_card",
        Rejection::UnknownIntent(_) => "unknown_intent",
        Rejection::UnknownTransaction(_) => "unknown_transaction",
        Rejection::HolderNotApproved { .. } => "user_not_approved",
        Rejection::VerificationClosed { .. } => "verification_closed",
        Rejection::AgentSuspended => "agent_suspended",
        Rejection::TooManyCards { .. } => "too_many_cards",
        Rejection::CardNotActive { .. } => "card_not_active",
        Rejection::IntentRequired { .. } => "intent_required",
        Rejection::TooManyIntents { .. } => "too_many_intents",
        Rejection::DetailsTooOften { .. } => "details_too_often",
        Rejection::NotPending => "not_pending",
        Rejection::ExceedsHold { .. } => "exceeds_hold",
        Rejection::ExceedsCleared { .. } => "exceeds_cleared",
        Rejection::NotDue => "not_due",
        Rejection::AmountOutOfRange => "amount_out_of_range",
    }
}

/// The reason for which a card's limit declines.
///
/// # Panics
///
/// For a window that cards don't have.
pub fn limit_reason(window: Window) -> DeclineReason {
    match window {
        Window::Authorization => DeclineReason::LimitPerAuthorization,
        Window::Day => DeclineReason::LimitPerDay,
        Window::Month => DeclineReason::LimitPerMonth,
        Window::Total => DeclineReason::LimitCumulative,
        Window::Week | Window::Year => panic!("cards have no limit over a {window:?}"),
    }
}
