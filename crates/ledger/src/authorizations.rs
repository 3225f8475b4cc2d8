//! Whether a purchase may be made, and what becomes of the hold: increment, confirmation, reversal, expiry.
//!
//! The rows are those of the table of postings in `docs/accounting.md`.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::agents::{AgentLimitExceeded, AgentStatus, AgentStatusChanged, OnExceeded};
use crate::book::{Asked, Book, Effects, Lines, require_in_range};
use crate::card_transactions::{CardTransaction, Kind, Open, release};
use crate::cards::{Card, CardKind, CardStatus};
use crate::clock::Deadline;
use crate::holders::VerificationStatus;
use crate::intents::IntentReleased;
use crate::limits::{ExceededLimit, Window};
use crate::matching::Merchant;
use crate::time::DAY_MS;
use crate::{
    Account, AgentId, Amount, Asset, AttestationId, CardId, CommandId, Event, HolderId, IntentId,
    Position, Rate, Rejection, Scheme, Text, Timestamp, TransactionId,
};

pub use decline::DeclineReason;

/// How long an authorization holds money.
pub const HOLD_MS: u64 = 7 * DAY_MS;
/// How long it does for lodging, airlines and car rental.
pub const TRAVEL_HOLD_MS: u64 = 31 * DAY_MS;

/// Asks whether a purchase may be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorize {
    /// With which card.
    pub card: CardId,
    /// What is asked for. An amount of zero asks only whether the card could be used.
    pub terms: Terms,
    /// How the network asks.
    pub mode: Mode,
    /// Whether the merchant takes a part, where the rest is not there.
    pub accepts_part: bool,
}

/// How the network asks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mode {
    /// The merchant captures later.
    #[default]
    Hold,
    /// In a single message: an approved purchase has cleared.
    Purchase,
    /// The network has approved it on our behalf: only a message that can't be used is declined.
    Advice,
}

/// What a merchant asks for.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Terms {
    /// How much.
    pub amount: Amount,
    /// In what.
    pub asset: Asset,
    /// What the merchant asked for, where that was another currency.
    pub original: Option<Original>,
    /// Who asks.
    pub merchant: Merchant,
    /// A hash of the network's id of the message.
    pub network_id: Option<[u8; 16]>,
}

/// What a merchant asked for in a foreign currency, as the network converted it.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Original {
    /// How much.
    pub amount: Amount,
    /// In what.
    pub asset: Asset,
    /// The price of one unit of it in US dollars.
    pub rate: Rate,
    /// Who said so.
    pub rate_source: Text<32>,
}

/// Rows 1, 3 and 6: the amount is held.
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
    /// What is held: less than was asked for, where the merchant takes a part.
    pub approved: Amount,
    /// Whether the network had approved it on our behalf.
    pub is_advice: bool,
    /// The intent that it takes.
    pub intent: Option<IntentId>,
    /// The first access to details for that intent.
    pub attestation: Option<AttestationId>,
    /// When the hold ends by itself.
    pub expires_at: Timestamp,
}

/// Row 18: the network is owed the amount at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purchased {
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
    /// What was paid: less than was asked for, where the merchant takes a part.
    pub approved: Amount,
    /// What a foreign currency costs besides.
    pub fee: Amount,
    /// The intent that it takes.
    pub intent: Option<IntentId>,
    /// The first access to details for that intent.
    pub attestation: Option<AttestationId>,
}

/// Row 4: the card could be used. Nothing is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardVerified {
    /// The new id.
    pub transaction: TransactionId,
    /// The card.
    pub card: CardId,
    /// Who spends.
    pub agent: AgentId,
    /// Whose money.
    pub holder: HolderId,
    /// Who asked.
    pub terms: Terms,
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
    /// The limit that would have been exceeded, when that is the reason and it is one of amounts.
    pub exceeded: Option<ExceededLimit>,
}

/// An authorization came after its clearing: it holds nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorizationLinked {
    /// What has cleared.
    pub transaction: TransactionId,
    /// The card.
    pub card: CardId,
    /// What was asked for.
    pub terms: Terms,
}

/// Asks for more on an authorization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Increment {
    /// Which.
    pub transaction: TransactionId,
    /// How much more.
    pub amount: Amount,
    /// A hash of the network's id of the message.
    pub network_id: Option<[u8; 16]>,
}

/// Row 5: more is held. From now on all of it counts towards limits at this time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorizationIncremented {
    /// Which.
    pub transaction: TransactionId,
    /// How much more.
    pub amount: Amount,
    /// A hash of the network's id of the message.
    pub network_id: Option<[u8; 16]>,
}

/// No more is held, for a reason from the closed list; what was held, is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncrementDeclined {
    /// Which.
    pub transaction: TransactionId,
    /// How much more was asked for.
    pub amount: Amount,
    /// Why not.
    pub reason: DeclineReason,
    /// The limit that would have been exceeded, when that is the reason and it is one of amounts.
    pub exceeded: Option<ExceededLimit>,
    /// A hash of the network's id of the message.
    pub network_id: Option<[u8; 16]>,
}

/// Says what a purchase whose amount was unknown will be, as a fuel pump does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirm {
    /// Which.
    pub transaction: TransactionId,
    /// How much; at most what is held.
    pub amount: Amount,
    /// A hash of the network's id of the message.
    pub network_id: Option<[u8; 16]>,
}

/// Row 14: no more than the purchase is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorizationConfirmed {
    /// Which.
    pub transaction: TransactionId,
    /// What is held now.
    pub amount: Amount,
    /// What was held beyond it and is available again.
    pub released: Amount,
    /// A hash of the network's id of the message.
    pub network_id: Option<[u8; 16]>,
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

/// Row 8: the network gave back more than is held. Nothing is posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReversalUnusable {
    /// Which.
    pub transaction: TransactionId,
    /// What the network gave back.
    pub amount: Amount,
    /// What is held.
    pub held: Amount,
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

mod approval;
mod decline;
mod life;
mod questions;
