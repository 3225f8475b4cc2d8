use ledger::holders::VerificationStatus;
use ledger::{AgentId, Amount, Asset, CardId, HolderId, IntentId, KeyId, TransactionId};

use super::*;

fn status_and_code(rejection: Rejection) -> (u16, &'static str) {
    let problem = Error::refused(Refusal::Rejected(rejection), Route::ReadDetails).problem();
    (problem.status.as_u16(), problem.code)
}

#[test]
fn every_rejection_has_its_status_and_code() {
    let (id, status) = ([0; 16], VerificationStatus::Denied);
    for (rejection, expected) in [
        (Rejection::BookIsOpen, (409, "book_is_open")),
        (Rejection::NotASandbox, (404, "not_a_sandbox")),
        (Rejection::UnknownKey(KeyId(id)), (404, "not_found")),
        (Rejection::KeyIsRevoked, (409, "key_revoked")),
        (Rejection::CallerIsRevoked, (401, "invalid_key")),
        (Rejection::UnknownHolder(HolderId(id)), (404, "not_found")),
        (Rejection::ProfileChanged, (409, "customer_changed")),
        (Rejection::UnknownAgent(AgentId(id)), (404, "not_found")),
        (Rejection::UnknownCard(CardId(id)), (404, "not_found")),
        (Rejection::UnknownIntent(IntentId(id)), (404, "not_found")),
        (Rejection::UnknownTransaction(TransactionId(id)), (404, "not_found")),
        (Rejection::HolderNotApproved { status }, (409, "user_not_approved")),
        (Rejection::VerificationClosed { status }, (409, "verification_closed")),
        (Rejection::AgentSuspended, (409, "agent_suspended")),
        (Rejection::TooManyCards { max: 1 }, (409, "too_many_cards")),
        (Rejection::CardNotActive { status: CardStatus::Active }, (409, "card_active")),
        (Rejection::CardNotActive { status: CardStatus::Frozen }, (409, "card_frozen")),
        (Rejection::CardNotActive { status: CardStatus::Closed }, (409, "card_closed")),
        (Rejection::CardExpired, (409, "card_expired")),
        (Rejection::TooManyWallets { max: 1 }, (409, "too_many_wallets")),
        (Rejection::IntentRequired { card: CardId(id) }, (400, "intent_required")),
        (Rejection::TooManyIntents { max: 1 }, (409, "too_many_intents")),
        (Rejection::NotPending, (409, "transaction_not_pending")),
        (Rejection::ExceedsHold { held: Amount(1) }, (409, "amount_exceeds_hold")),
        (Rejection::ExceedsCleared { left: Amount(1) }, (409, "amount_exceeds_cleared")),
        (Rejection::InsufficientFunds { available: Amount(1) }, (409, "insufficient_funds")),
        (Rejection::ExceedsRefunded { left: Amount(1) }, (409, "amount_exceeds_refunded")),
        (Rejection::NotAPurchase, (409, "not_a_purchase")),
        (Rejection::NotUnderReview, (409, "not_under_review")),
        (Rejection::CurrencyNotSupported { asset: Asset::Eurc }, (400, "currency_not_supported")),
        (Rejection::NothingToSettle, (409, "nothing_to_settle")),
        (Rejection::IntentAwaitsApproval, (409, "intent_pending_approval")),
        (Rejection::IntentAwaitsNothing, (409, "intent_not_pending_approval")),
        (Rejection::NotDue, (409, "not_due")),
        (Rejection::AmountOutOfRange, (400, "amount_out_of_range")),
        (Rejection::IdTaken, (409, "id_taken")),
    ] {
        assert_eq!(status_and_code(rejection.clone()), expected, "{rejection}");
    }
}

#[test]
fn who_must_wait_is_told_how_long() {
    let retry_after = |ahead_ms: u64| {
        let retry_at = crate::clock::wall().plus_ms(ahead_ms);
        Error::Rejected(Rejection::DetailsTooOften { max: 10, retry_at }).problem().retry_after_s
    };
    assert!((590..=600).contains(&retry_after(600_000).unwrap()));
    assert_eq!(retry_after(0), Some(1), "a time that has come is asked for once more");
    assert_eq!(retry_after(u64::MAX), Some(3_600), "no rule makes anyone wait for longer");
    for error in [Error::Busy, Error::NoWriter, Error::UnknownOutcome, Error::TooManyUploads] {
        let problem = error.problem();
        assert_eq!((problem.status.as_u16(), problem.retry_after_s), (503, Some(1)));
    }
}

#[test]
fn a_failure_says_nothing_of_its_cause() {
    let error = Error::failed(std::io::Error::other("john@example.com"));
    assert!(!error.to_string().contains("john"));
}

#[test]
fn a_used_key_says_what_it_was_used_for() {
    let message = |before: u16| {
        Error::refused(Refusal::Reused { route: before }, Route::CreateUser).to_string()
    };
    let used = "the `Idempotency-Key` was used";
    assert_eq!(message(Route::CreateUser.number()), format!("{used} with another path or body"));
    assert_eq!(
        message(Route::AdvanceClock.number()),
        format!("{used} on `POST /v1/sandbox/clock`")
    );
    assert_eq!(message(0), format!("{used} on another route"));
}
