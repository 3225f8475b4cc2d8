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
        Rejection::HolderErased(_) => "user_erased",
        Rejection::HolderNotSettled(_) => "user_not_settled",
        Rejection::VerificationClosed { .. } => "verification_closed",
        Rejection::AgentSuspended => "agent_suspended",
        Rejection::TooManyCards { .. } => "too_many_cards",
        Rejection::CardNotActive { .. } => "card_not_active",
        Rejection::CardExpired => "card_expired",
        Rejection::TooManyWallets { .. } => "too_many_wallets",
        Rejection::IntentRequired { .. } => "intent_required",
        Rejection::TooManyIntents { .. } => "too_many_intents",
        Rejection::DetailsTooOften { .. } => "details_too_often",
        Rejection::NotPending => "not_pending",
        Rejection::ExceedsHold { .. } => "exceeds_hold",
        Rejection::ExceedsCleared { .. } => "exceeds_cleared",
        Rejection::InsufficientFunds { .. } => "insufficient_funds",
        Rejection::ExceedsRefunded { .. } => "exceeds_refunded",
        Rejection::NotAPurchase => "not_a_purchase",
        Rejection::NotUnderReview => "not_under_review",
        Rejection::CurrencyNotSupported { .. } => "currency_not_supported",
        Rejection::NothingToSettle => "nothing_to_settle",
        Rejection::IntentAwaitsApproval => "intent_pending_approval",
        Rejection::IntentAwaitsNothing => "intent_not_pending_approval",
        Rejection::UnknownWallet(_) => "unknown_wallet",
        Rejection::UnknownVirtualAccount(_) => "unknown_account",
        Rejection::TransferIs { .. } => "other_transfer_status",
        Rejection::SameAsset => "same_asset",
        Rejection::UnknownLedger(_) => "unknown_ledger",
        Rejection::LedgerCodeTaken { .. } => "ledger_code_taken",
        Rejection::LedgerNotActive { .. } => "ledger_not_active",
        Rejection::LedgerNotEmpty(_) => "ledger_not_empty",
        Rejection::SameLedger => "same_ledger",
        Rejection::DifferentAssets => "different_currencies",
        Rejection::DifferentSides => "different_sides",
        Rejection::LedgerInsufficientFunds { .. } => "insufficient_funds",
        Rejection::JournalUnbalanced { .. } => "journal_unbalanced",
        Rejection::JournalLength => "journal_length",
        Rejection::NotAToken { .. } => "not_a_token",
        Rejection::NotACurrency { .. } => "not_a_currency",
        Rejection::NotACoin { .. } => "not_a_coin",
        Rejection::NothingLeftAfterFee { .. } => "nothing_left_after_fee",
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
