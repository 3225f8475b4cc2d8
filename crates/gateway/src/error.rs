//! Why a request was not done as asked, and how each reason is answered: the one place where errors become statuses.

use std::borrow::Cow;
use std::error::Error as StdError;

use axum::http::StatusCode;
use ledger::cards::CardStatus;
use ledger::ledgers::LedgerStatus;
use ledger::{JournalId, LedgerId, Position, Rejection, Timestamp};
use rpc::Refusal;

use crate::library::BookCode;
use crate::routes::Route;
use crate::uuid;

/// Why a request was not done as asked. Its text is the message of the answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// A field that must be there is not.
    #[error("`{field}` is missing")]
    Missing { field: String },
    /// A field that nobody asked for.
    #[error("`{field}` is not known here")]
    UnknownField { field: String },
    /// A field, parameter, header or part that can never be right.
    #[error("`{field}` {reason}")]
    Invalid { field: String, reason: Cow<'static, str> },
    /// The body did not arrive in time.
    #[error("the `body` did not arrive within {} s", crate::front::BODY_TIMEOUT.as_secs())]
    SlowBody,

    /// No key.
    #[error("no API key; send it as `Authorization: Bearer`, `X-API-Key` or `Api-Key`")]
    NoKey,
    /// A key that is not one, is not known, or was revoked.
    #[error("invalid API key")]
    UnusableKey,
    /// A key of the other surface.
    #[error("this path takes an `{wanted}` key")]
    OtherSurface { wanted: &'static str },
    /// A key whose scope is too small.
    #[error("the key may read, but not write")]
    ReadOnlyKey,
    /// A book's key, where the service's own is wanted.
    #[error("this path takes the service's key")]
    NotForBooks,
    /// The service's key, where a book's is wanted.
    #[error("the service's key opens no book: it can only be used for `/v1/books`")]
    NotForTheService,
    /// A key that may not manage keys.
    #[error("this takes a key with the scope `admin`")]
    NotAnAdminKey,
    /// Something that is not for agents.
    #[error("an agent's token can't be used for this")]
    NotForAgents,

    /// No such path.
    #[error("there is nothing at this path")]
    UnknownPath,
    /// The path takes other methods.
    #[error("this path does not take the method `{method}`")]
    OtherMethod { method: String },
    /// No such thing in this book, or not for this key.
    #[error("no {noun} has this id")]
    UnknownId { noun: &'static str },
    /// No deposits come to this address.
    #[error("nobody receives deposits at this `address`")]
    UnknownAddress,
    /// What a customer may not do before approval.
    #[error("the customer does not have the capability `{capability}`")]
    MissingCapability { capability: &'static str },

    /// Another book is called so.
    #[error("there is a book `{code}` already")]
    BookExists { code: BookCode },
    /// An id from outside that counts once was used for something else.
    #[error("`{field}` was used for something else before")]
    CountedBefore { field: &'static str },
    /// The idempotency key was used for another request.
    #[error("the `Idempotency-Key` was used {}", another(*before, *now))]
    Reused { before: Option<Route>, now: Route },
    /// Nothing can be done any more with what was declared.
    #[error("the intent has ended, or a purchase has taken it")]
    IntentHasEnded,
    /// The rules say no.
    #[error("{}", said(.0))]
    Rejected(Rejection),

    /// The key has made as many requests as it may.
    #[error("the key has made too many requests; repeat this one later")]
    RateLimited { retry_after_s: u64 },
    /// The writer's queue is full.
    #[error("too many commands are waiting; repeat the request")]
    Busy,
    /// The writer is not there, or could not write.
    #[error("nothing can be written at the moment; repeat the request")]
    NoWriter,
    /// The command was sent, and perhaps done.
    #[error(
        "it is not known whether this was done; repeat the request with the same `Idempotency-Key`"
    )]
    UnknownOutcome,
    /// The command was done, but not all that its answer shows can be read.
    #[error(
        "this was done at position `{position}`, and can't be shown yet; repeat the request with the same \
         `Idempotency-Key` to see it: with another one, or without, it may be done again"
    )]
    DoneNotShown { position: Position, source: Box<Error> },
    /// The read models have not come so far.
    #[error("position `{position}` can't be read yet; repeat the request")]
    Behind { position: Position },
    /// As much as there may be at a time is under way.
    #[error("too many uploads are under way; repeat the request")]
    TooManyUploads,
    /// Something of ours failed.
    #[error("the request could not be answered; repeat it with the same `Idempotency-Key`")]
    Failed(#[source] Box<dyn StdError + Send + Sync>),
    /// A mistake of ours ended the request where it was.
    #[error("the request ended unexpectedly; it is not known whether anything was done")]
    Panicked,
}

/// How an error is answered, whatever the dialect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) status: StatusCode,
    /// LedgerOS's word for it.
    pub(crate) code: &'static str,
    pub(crate) retry_after_s: Option<u64>,
}

/// After what time it makes sense to ask again, when that is not known.
const RETRY_AFTER_S: u64 = 1;

impl Error {
    /// A field that can never be right.
    pub(crate) fn invalid(field: impl Into<String>, reason: impl Into<Cow<'static, str>>) -> Self {
        Self::Invalid { field: field.into(), reason: reason.into() }
    }

    /// Something of ours that failed.
    pub(crate) fn failed(source: impl StdError + Send + Sync + 'static) -> Self {
        Self::Failed(Box::new(source))
    }

    /// A command that was not done on `route`.
    pub(crate) fn refused(refusal: Refusal, route: Route) -> Self {
        match refusal {
            Refusal::Rejected(rejection) => Self::Rejected(rejection),
            Refusal::Reused { route: before } => {
                Self::Reused { before: Route::from_number(before), now: route }
            }
            Refusal::Busy => Self::Busy,
            Refusal::Unavailable => Self::NoWriter,
            Refusal::Unknown => Self::UnknownOutcome,
        }
    }

    /// How it is answered.
    pub(crate) fn problem(&self) -> Problem {
        let (status, code) = match self {
            Self::Missing { .. } => (StatusCode::BAD_REQUEST, "missing_field"),
            Self::UnknownField { .. } => (StatusCode::BAD_REQUEST, "unknown_field"),
            Self::Invalid { .. } => (StatusCode::BAD_REQUEST, "invalid_field"),
            Self::SlowBody => (StatusCode::REQUEST_TIMEOUT, "slow_body"),
            Self::NoKey => (StatusCode::UNAUTHORIZED, "missing_key"),
            Self::UnusableKey => (StatusCode::UNAUTHORIZED, "invalid_key"),
            Self::OtherSurface { .. } => (StatusCode::FORBIDDEN, "other_surface"),
            Self::ReadOnlyKey => (StatusCode::FORBIDDEN, "read_only_key"),
            Self::NotForBooks => (StatusCode::FORBIDDEN, "service_key_required"),
            Self::NotForTheService => (StatusCode::FORBIDDEN, "not_for_the_service"),
            Self::NotAnAdminKey => (StatusCode::FORBIDDEN, "admin_key_required"),
            Self::NotForAgents => (StatusCode::FORBIDDEN, "not_for_agents"),
            Self::UnknownPath => (StatusCode::NOT_FOUND, "path_not_found"),
            Self::OtherMethod { .. } => (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"),
            Self::UnknownId { .. } => (StatusCode::NOT_FOUND, "not_found"),
            Self::UnknownAddress => (StatusCode::NOT_FOUND, "address_not_found"),
            Self::MissingCapability { .. } => (StatusCode::BAD_REQUEST, "missing_capability"),
            Self::BookExists { .. } => (StatusCode::CONFLICT, "book_exists"),
            Self::CountedBefore { .. } => (StatusCode::CONFLICT, "counted_before"),
            Self::Reused { .. } => (StatusCode::CONFLICT, "idempotency_key_reused"),
            Self::IntentHasEnded => (StatusCode::CONFLICT, "intent_ended"),
            Self::Rejected(rejection) => rejected(rejection),
            Self::RateLimited { .. } => (StatusCode::TOO_MANY_REQUESTS, "rate_limited"),
            Self::Busy => (StatusCode::SERVICE_UNAVAILABLE, "busy"),
            Self::NoWriter => (StatusCode::SERVICE_UNAVAILABLE, "no_writer"),
            Self::UnknownOutcome => (StatusCode::SERVICE_UNAVAILABLE, "unknown_outcome"),
            Self::DoneNotShown { .. } => (StatusCode::SERVICE_UNAVAILABLE, "done_not_shown"),
            Self::Behind { .. } => (StatusCode::SERVICE_UNAVAILABLE, "behind"),
            Self::TooManyUploads => (StatusCode::SERVICE_UNAVAILABLE, "too_many_uploads"),
            Self::Failed(_) => (StatusCode::SERVICE_UNAVAILABLE, "failed"),
            Self::Panicked => (StatusCode::INTERNAL_SERVER_ERROR, "internal_error"),
        };
        let retry_after_s = match self {
            Self::RateLimited { retry_after_s } => Some(*retry_after_s),
            Self::Rejected(Rejection::DetailsTooOften { retry_at, .. }) => {
                Some(seconds_until(*retry_at))
            }
            _ if status == StatusCode::SERVICE_UNAVAILABLE => Some(RETRY_AFTER_S),
            _ => None,
        };
        Problem { status, code, retry_after_s }
    }
}

impl Problem {
    /// LedgerOS's kind of error.
    pub(crate) fn kind(self) -> &'static str {
        match self.status {
            StatusCode::UNAUTHORIZED => "authentication",
            StatusCode::FORBIDDEN => "permission",
            StatusCode::NOT_FOUND => "not_found",
            StatusCode::CONFLICT => "conflict",
            StatusCode::TOO_MANY_REQUESTS => "rate_limit",
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::INTERNAL_SERVER_ERROR => "unavailable",
            _ => "invalid_request",
        }
    }

    /// The Ledger API's word for it.
    pub(crate) fn ledger_api_code(self) -> &'static str {
        match self.status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => "UNAUTHORIZED",
            StatusCode::NOT_FOUND => "NOT_FOUND",
            StatusCode::CONFLICT => "CONFLICT",
            StatusCode::TOO_MANY_REQUESTS => "RATE_LIMITED",
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::INTERNAL_SERVER_ERROR => "INTERNAL_ERROR",
            _ => "INVALID_REQUEST",
        }
    }
}

/// What the state of the book does not allow: 409, unless a seed or a plainer word says otherwise.
fn rejected(rejection: &Rejection) -> (StatusCode, &'static str) {
    match rejection {
        Rejection::BookIsOpen => (StatusCode::CONFLICT, "book_is_open"),
        Rejection::NotASandbox => (StatusCode::NOT_FOUND, "not_a_sandbox"),
        Rejection::UnknownKey(_)
        | Rejection::UnknownHolder(_)
        | Rejection::UnknownAgent(_)
        | Rejection::UnknownCard(_)
        | Rejection::UnknownIntent(_)
        | Rejection::UnknownTransaction(_)
        | Rejection::UnknownWallet(_)
        | Rejection::UnknownVirtualAccount(_)
        | Rejection::UnknownLedger(_)
        | Rejection::UnknownJournal(_)
        | Rejection::UnknownWebhook(_) => (StatusCode::NOT_FOUND, "not_found"),
        Rejection::KeyIsRevoked => (StatusCode::CONFLICT, "key_revoked"),
        Rejection::CallerIsRevoked => (StatusCode::UNAUTHORIZED, "invalid_key"),
        Rejection::HolderNotApproved { .. } => (StatusCode::CONFLICT, "user_not_approved"),
        Rejection::HolderErased(_) => (StatusCode::CONFLICT, "user_erased"),
        Rejection::ProfileChanged => (StatusCode::CONFLICT, "customer_changed"),
        Rejection::HolderNotSettled(_) => (StatusCode::CONFLICT, "user_not_settled"),
        Rejection::VerificationClosed { .. } => (StatusCode::CONFLICT, "verification_closed"),
        Rejection::AgentSuspended => (StatusCode::CONFLICT, "agent_suspended"),
        Rejection::TooManyCards { .. } => (StatusCode::CONFLICT, "too_many_cards"),
        Rejection::CardNotActive { status } => match status {
            CardStatus::Active => (StatusCode::CONFLICT, "card_active"),
            CardStatus::Frozen => (StatusCode::CONFLICT, "card_frozen"),
            CardStatus::Closed => (StatusCode::CONFLICT, "card_closed"),
        },
        Rejection::CardExpired => (StatusCode::CONFLICT, "card_expired"),
        Rejection::TooManyWallets { .. } => (StatusCode::CONFLICT, "too_many_wallets"),
        Rejection::IntentRequired { .. } => (StatusCode::BAD_REQUEST, "intent_required"),
        Rejection::TooManyIntents { .. } => (StatusCode::CONFLICT, "too_many_intents"),
        Rejection::DetailsTooOften { .. } => (StatusCode::TOO_MANY_REQUESTS, "details_too_often"),
        Rejection::NotPending => (StatusCode::CONFLICT, "transaction_not_pending"),
        Rejection::ExceedsHold { .. } => (StatusCode::CONFLICT, "amount_exceeds_hold"),
        Rejection::ExceedsCleared { .. } => (StatusCode::CONFLICT, "amount_exceeds_cleared"),
        Rejection::InsufficientFunds { .. } => (StatusCode::CONFLICT, "insufficient_funds"),
        Rejection::ExceedsRefunded { .. } => (StatusCode::CONFLICT, "amount_exceeds_refunded"),
        Rejection::NotAPurchase => (StatusCode::CONFLICT, "not_a_purchase"),
        Rejection::NotUnderReview => (StatusCode::CONFLICT, "not_under_review"),
        Rejection::CurrencyNotSupported { .. } => {
            (StatusCode::BAD_REQUEST, "currency_not_supported")
        }
        Rejection::NothingToSettle => (StatusCode::CONFLICT, "nothing_to_settle"),
        Rejection::IntentAwaitsApproval => (StatusCode::CONFLICT, "intent_pending_approval"),
        Rejection::IntentAwaitsNothing => (StatusCode::CONFLICT, "intent_not_pending_approval"),
        Rejection::TransferIs { .. } => (StatusCode::CONFLICT, "other_transfer_status"),
        Rejection::SameAsset => (StatusCode::BAD_REQUEST, "same_asset"),
        Rejection::LedgerCodeTaken { .. } => (StatusCode::CONFLICT, "ledger_code_taken"),
        Rejection::LedgerNotActive { status, .. } => match status {
            LedgerStatus::Active => (StatusCode::CONFLICT, "ledger_active"),
            LedgerStatus::Frozen => (StatusCode::CONFLICT, "ledger_frozen"),
            LedgerStatus::Closed => (StatusCode::CONFLICT, "ledger_closed"),
        },
        Rejection::LedgerNotEmpty(_) => (StatusCode::CONFLICT, "ledger_not_empty"),
        Rejection::SameLedger => (StatusCode::BAD_REQUEST, "same_ledger"),
        Rejection::DifferentAssets => (StatusCode::CONFLICT, "different_currencies"),
        Rejection::DifferentSides => (StatusCode::BAD_REQUEST, "different_sides"),
        Rejection::LedgerInsufficientFunds { .. } => (StatusCode::CONFLICT, "insufficient_funds"),
        Rejection::JournalUnbalanced { .. } => (StatusCode::BAD_REQUEST, "journal_unbalanced"),
        Rejection::JournalLength => (StatusCode::BAD_REQUEST, "journal_length"),
        Rejection::JournalReversed { .. } => (StatusCode::CONFLICT, "journal_reversed"),
        Rejection::JournalIsReversal => (StatusCode::CONFLICT, "journal_is_reversal"),
        Rejection::NoSuchLine { .. } => (StatusCode::BAD_REQUEST, "no_such_line"),
        Rejection::ExceedsLine { .. } => (StatusCode::BAD_REQUEST, "exceeds_line"),
        Rejection::NotAToken { .. } => (StatusCode::BAD_REQUEST, "not_a_token"),
        Rejection::NotACurrency { .. } => (StatusCode::BAD_REQUEST, "not_a_currency"),
        Rejection::NotACoin { .. } => (StatusCode::BAD_REQUEST, "not_a_coin"),
        Rejection::NothingLeftAfterFee { .. } => {
            (StatusCode::BAD_REQUEST, "nothing_left_after_fee")
        }
        Rejection::TooManyWebhooks { .. } => (StatusCode::CONFLICT, "too_many_webhooks"),
        Rejection::ForeignTopic(_) => (StatusCode::BAD_REQUEST, "foreign_topic"),
        Rejection::WebhookDisabled => (StatusCode::CONFLICT, "webhook_disabled"),
        Rejection::NoSuchPosition { .. } => (StatusCode::BAD_REQUEST, "no_such_position"),
        Rejection::NotDue => (StatusCode::CONFLICT, "not_due"),
        Rejection::AmountOutOfRange => (StatusCode::BAD_REQUEST, "amount_out_of_range"),
        Rejection::IdTaken => (StatusCode::CONFLICT, "id_taken"),
    }
}

/// A rejection in words. Ledgers and journals, and the fields of their bodies, are named as their surface names them.
fn said(rejection: &Rejection) -> String {
    match rejection {
        Rejection::UnknownLedger(LedgerId(ledger))
        | Rejection::LedgerNotActive { ledger: LedgerId(ledger), .. }
        | Rejection::LedgerNotEmpty(LedgerId(ledger))
        | Rejection::LedgerInsufficientFunds { ledger: LedgerId(ledger), .. } => {
            let name = LedgerId(*ledger).to_string();
            rejection.to_string().replace(&name, &uuid::text(*ledger))
        }
        Rejection::UnknownJournal(JournalId(journal))
        | Rejection::JournalReversed { by: JournalId(journal) } => {
            let name = JournalId(*journal).to_string();
            rejection.to_string().replace(&name, &uuid::text(*journal))
        }
        Rejection::NoSuchLine { place } => format!(
            "`entries[{place}].entry_id` is of no entry of the journal, or of one named before"
        ),
        Rejection::ExceedsLine { place, amount } => {
            format!("`entries[{place}].amount` exceeds the `{}` of its entry", amount.0)
        }
        Rejection::JournalUnbalanced { .. } => format!("the `entries` don't balance: {rejection}"),
        Rejection::ForeignTopic(_) => format!("of the `events`, {rejection}"),
        Rejection::NoSuchPosition { .. } => format!("`fromPosition` is beyond: {rejection}"),
        _ => rejection.to_string(),
    }
}

/// What the idempotency key was used for before.
fn another(before: Option<Route>, now: Route) -> String {
    match before {
        Some(before) if before == now => "with another path or body".to_owned(),
        Some(before) => format!("on `{before}`"),
        None => "on another route".to_owned(),
    }
}

/// The gateway does not know how far a sandbox's clock is ahead, but no rule makes anyone wait for longer than an hour.
fn seconds_until(at: Timestamp) -> u64 {
    const HOUR_S: u64 = 3_600;
    let wait_ms = at.as_millis().saturating_sub(crate::clock::wall().as_millis());
    wait_ms.div_ceil(1_000).clamp(RETRY_AFTER_S, HOUR_S)
}

#[cfg(test)]
mod tests;
