//! The life of a card transaction: authorization, reversal, expiry, clearing, refund.
//!
//! The rows are those of the table of postings in `docs/accounting.md`.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::agents::{AgentLimitExceeded, AgentStatus, AgentStatusChanged, OnExceeded};
use crate::book::{Book, Effects, Lines, require_in_range};
use crate::cards::{Card, CardKind, CardStatus, CardStatusChanged};
use crate::clock::Deadline;
use crate::holders::VerificationStatus;
use crate::intents::IntentReleased;
use crate::limits::{ExceededLimit, Window};
use crate::matching::Merchant;
use crate::time::DAY_MS;
use crate::{
    Account, AgentId, Amount, Asset, AttestationId, CardId, CommandId, Event, HolderId, IntentId,
    Rejection, Scheme, Timestamp, TransactionId,
};

/// How long an authorization holds money.
pub const HOLD_MS: u64 = 7 * DAY_MS;
/// How long it does for lodging, airlines and car rental.
pub const TRAVEL_HOLD_MS: u64 = 31 * DAY_MS;

/// Asks whether a purchase may be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorize {
    /// With which card.
    pub card: CardId,
    /// What is asked for.
    pub terms: Terms,
}

/// What a merchant asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// How much.
    pub amount: Amount,
    /// In what.
    pub asset: Asset,
    /// Who asks.
    pub merchant: Merchant,
    /// A hash of the network's id of the message.
    pub network_id: Option<[u8; 16]>,
}

/// Row 1: the amount is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorizationApproved {
    /// The new id.
    pub transaction: TransactionId,
    /// The card.
    pub card: CardId,
    /// Who spends.
    pub agent: AgentId,
    /// Whose money.
    pub holder: HolderId,
    /// What was asked for.
    pub terms: Terms,
    /// The intent that it takes.
    pub intent: Option<IntentId>,
    /// The first access to details for that intent.
    pub attestation: Option<AttestationId>,
    /// When the hold ends by itself.
    pub expires_at: Timestamp,
}

/// Row 2: nothing is held, for a reason from the closed list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorizationDeclined {
    /// The new id.
    pub transaction: TransactionId,
    /// The card.
    pub card: CardId,
    /// Who spends.
    pub agent: AgentId,
    /// Whose money.
    pub holder: HolderId,
    /// What was asked for.
    pub terms: Terms,
    /// Why not.
    pub reason: DeclineReason,
    /// The limit that would have been exceeded, when that is the reason.
    pub exceeded: Option<ExceededLimit>,
}

/// Why an authorization is declined. The list is closed: networks and platforms build on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "they are the words of the list")]
pub enum DeclineReason {
    InsufficientFunds,
    CardNotActive,
    CardFrozen,
    CardClosed,
    CardExpired,
    SingleUseAlreadyUsed,
    UserNotApproved,
    UserLocked,
    AgentSuspended,
    LimitPerAuthorization,
    LimitPerDay,
    LimitPerMonth,
    LimitCumulative,
    LimitAuthorizationCount,
    LimitAgent,
    MccBlocked,
    MccNotAllowed,
    MerchantMismatch,
    OutsideActiveHours,
    Cooldown,
    IntentRequired,
    IntentMismatch,
    AttestationRequired,
    AttestationStale,
    SuspectedFraud,
    InvalidAmount,
    CurrencyNotSupported,
    DecisionTimeout,
    SystemError,
}

impl DeclineReason {
    /// Every reason, in the order of their declaration.
    pub const ALL: [Self; 29] = [
        Self::InsufficientFunds,
        Self::CardNotActive,
        Self::CardFrozen,
        Self::CardClosed,
        Self::CardExpired,
        Self::SingleUseAlreadyUsed,
        Self::UserNotApproved,
        Self::UserLocked,
        Self::AgentSuspended,
        Self::LimitPerAuthorization,
        Self::LimitPerDay,
        Self::LimitPerMonth,
        Self::LimitCumulative,
        Self::LimitAuthorizationCount,
        Self::LimitAgent,
        Self::MccBlocked,
        Self::MccNotAllowed,
        Self::MerchantMismatch,
        Self::OutsideActiveHours,
        Self::Cooldown,
        Self::IntentRequired,
        Self::IntentMismatch,
        Self::AttestationRequired,
        Self::AttestationStale,
        Self::SuspectedFraud,
        Self::InvalidAmount,
        Self::CurrencyNotSupported,
        Self::DecisionTimeout,
        Self::SystemError,
    ];

    /// Its word in the API, in read models and in exports.
    pub fn name(self) -> &'static str {
        match self {
            Self::InsufficientFunds => "insufficient_funds",
            Self::CardNotActive => "card_not_active",
            Self::CardFrozen => "card_frozen",
            Self::CardClosed => "card_closed",
            Self::CardExpired => "card_expired",
            Self::SingleUseAlreadyUsed => "single_use_already_used",
            Self::UserNotApproved => "user_not_approved",
            Self::UserLocked => "user_locked",
            Self::AgentSuspended => "agent_suspended",
            Self::LimitPerAuthorization => "limit_per_authorization",
            Self::LimitPerDay => "limit_per_day",
            Self::LimitPerMonth => "limit_per_month",
            Self::LimitCumulative => "limit_cumulative",
            Self::LimitAuthorizationCount => "limit_authorization_count",
            Self::LimitAgent => "limit_agent",
            Self::MccBlocked => "mcc_blocked",
            Self::MccNotAllowed => "mcc_not_allowed",
            Self::MerchantMismatch => "merchant_mismatch",
            Self::OutsideActiveHours => "outside_active_hours",
            Self::Cooldown => "cooldown",
            Self::IntentRequired => "intent_required",
            Self::IntentMismatch => "intent_mismatch",
            Self::AttestationRequired => "attestation_required",
            Self::AttestationStale => "attestation_stale",
            Self::SuspectedFraud => "suspected_fraud",
            Self::InvalidAmount => "invalid_amount",
            Self::CurrencyNotSupported => "currency_not_supported",
            Self::DecisionTimeout => "decision_timeout",
            Self::SystemError => "system_error",
        }
    }
}

/// Gives back what an authorization holds, or a part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reverse {
    /// Which.
    pub transaction: TransactionId,
    /// How much; all of it, if not said.
    pub amount: Option<Amount>,
    /// A hash of the network's id of the message.
    pub network_id: Option<[u8; 16]>,
}

/// Rows 7 and 8: held money is available again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorizationReversed {
    /// Which.
    pub transaction: TransactionId,
    /// How much.
    pub amount: Amount,
    /// Whether nothing is held any more.
    pub is_final: bool,
    /// A hash of the network's id of the message.
    pub network_id: Option<[u8; 16]>,
}

/// Ends a hold that nobody cleared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpireAuthorization {
    /// Which.
    pub transaction: TransactionId,
}

/// Row 9: what was left of the hold is available again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorizationExpired {
    /// Which.
    pub transaction: TransactionId,
    /// What was left.
    pub released: Amount,
}

/// Records the merchant's capture. It can't be refused: the network has paid the merchant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clear {
    /// Which.
    pub transaction: TransactionId,
    /// How much; what is held, if not said.
    pub amount: Option<Amount>,
    /// Whether no other clearing follows.
    pub is_final: bool,
    /// A hash of the network's id of the message.
    pub network_id: Option<[u8; 16]>,
}

/// Rows 10 to 13 and 16: the network is owed what the merchant captured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cleared {
    /// Which.
    pub transaction: TransactionId,
    /// How much.
    pub amount: Amount,
    /// How much of it was held; the rest comes from `available` and, where that is not enough, is overdrawn.
    pub from_hold: Amount,
    /// What was held beyond it and is available again.
    pub released: Amount,
    /// Whether no other clearing follows.
    pub is_final: bool,
    /// Whether the authorization had been voided or had expired.
    pub is_late: bool,
    /// A hash of the network's id of the message.
    pub network_id: Option<[u8; 16]>,
}

/// Records that the merchant gives money back. Before anything has cleared this is a reversal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refund {
    /// Which.
    pub transaction: TransactionId,
    /// How much; all that has cleared and is not refunded, if not said.
    pub amount: Option<Amount>,
    /// A hash of the network's id of the message.
    pub network_id: Option<[u8; 16]>,
}

/// Row 21: the network owes what the merchant gives back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refunded {
    /// Which.
    pub transaction: TransactionId,
    /// How much.
    pub amount: Amount,
    /// A hash of the network's id of the message.
    pub network_id: Option<[u8; 16]>,
}

/// What the rules need to know of an approved authorization. What it holds is the balance of its account.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct Authorization {
    pub(crate) card: CardId,
    pub(crate) holder: HolderId,
    /// When it was approved: the time at which it counts towards limits.
    at: Timestamp,
    cleared: Amount,
    refunded: Amount,
    /// What counts towards limits: held and cleared.
    counted: Amount,
    /// Until it is cleared, voided or expired.
    pub(crate) open: Option<Open>,
}

/// What matters only until the end of an authorization.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct Open {
    merchant: Merchant,
    intent: Option<IntentId>,
    expires_at: Timestamp,
}

mod approval;
mod life;
