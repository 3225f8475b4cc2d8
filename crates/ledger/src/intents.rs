//! Declared purchases, and the accesses to card details that they allow.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::limits::Window;
use crate::matching::{Comparison, Expectation};
use crate::time::HOUR_MS;
use crate::{
    Amount, AttestationId, CardId, Event, IntentId, Position, Text, Timestamp, TransactionId,
};

/// How long an intent lives when no details are read (seed 004: one hour).
pub const UNREAD_MS: u64 = HOUR_MS;
/// How long it lives after its details were first read (seed 004: 24 hours).
pub const READ_MS: u64 = 24 * HOUR_MS;
/// How often a card's details may be read within an hour.
pub const READS_MAX: usize = 10;
/// How many intents of a card may live at once, those that wait for approval among them: more than an agent plans, few
/// enough to compare one by one. One that a purchase has taken does not count, and may be given back beyond that.
pub const LIVE_MAX: usize = 100;
/// The longest that an intent may be asked to live: as long as an authorization holds money.
pub const TTL_MAX_MINUTES: u32 = 7 * 24 * 60;

/// Declares a purchase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclareIntent {
    /// The card it will be made with.
    pub card: CardId,
    /// What it is, in words.
    pub summary: Text<500>,
    /// How it will look.
    pub expectation: Expectation,
    /// Whether the amount is set aside for it.
    pub reserves: bool,
    /// What becomes of another purchase; it is declined, too, where the card says so.
    pub enforcement: Option<Enforcement>,
    /// How long it lives, whatever happens to it; 1 to [`TTL_MAX_MINUTES`].
    pub ttl_minutes: Option<u32>,
}

/// What becomes of a purchase that is not the declared one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Enforcement {
    /// It is approved, and the platform is told.
    #[default]
    Inform,
    /// It is declined.
    Decline,
}

/// A purchase is expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntentDeclared {
    /// The new id.
    pub intent: IntentId,
    /// The card it will be made with.
    pub card: CardId,
    /// What it is, in words.
    pub summary: Text<500>,
    /// How it will look.
    pub expectation: Expectation,
    /// The card's limits that it would exceed now. They decide at the authorization.
    pub warnings: Vec<Window>,
    /// Whether the amount is set aside for it (row 40).
    pub reserves: bool,
    /// What becomes of another purchase; it is declined, too, where the card says so.
    pub enforcement: Option<Enforcement>,
    /// Whether somebody must approve it first.
    pub awaits_approval: bool,
    /// When it lapses unless details are read.
    pub expires_at: Timestamp,
    /// Whether it lapses then although details are read.
    pub expires_anyway: bool,
}

/// Lets an intent that waits for approval be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApproveIntent {
    /// Which.
    pub intent: IntentId,
}

/// An intent can be used from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntentApproved {
    /// Which.
    pub intent: IntentId,
}

/// Ends an intent that waits for approval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectIntent {
    /// Which.
    pub intent: IntentId,
}

/// Takes a declared purchase back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CancelIntent {
    /// Which.
    pub intent: IntentId,
}

/// Lets a declared purchase lapse, once its deadline has passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpireIntent {
    /// Which.
    pub intent: IntentId,
}

/// An intent ended without a purchase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntentClosed {
    /// Which.
    pub intent: IntentId,
    /// How.
    pub reason: IntentEnd,
}

/// How an intent ended without a purchase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IntentEnd {
    /// Its deadline passed.
    Expired,
    /// It was taken back.
    Canceled,
    /// It was not approved.
    Rejected,
}

/// Asks for a card's details and says what for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attest {
    /// The card.
    pub card: CardId,
    /// The intent that is acted on; the best matching live one, if it is not named.
    pub intent: Option<IntentId>,
    /// What the details are read for.
    pub statement: Statement,
}

/// What the reader of card details says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// What they are for, in words.
    pub summary: Text<500>,
    /// The amount, in minor units of US dollars.
    pub amount: Amount,
    /// Some part of the merchant's name.
    pub merchant: Text<100>,
}

/// Card details were shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttestationRecorded {
    /// The new id.
    pub attestation: AttestationId,
    /// The card.
    pub card: CardId,
    /// The intent that is acted on.
    pub intent: IntentId,
    /// Where it was declared.
    pub declared: Position,
    /// What the details were read for.
    pub statement: Statement,
    /// When the intent lapses without a purchase.
    pub expires_at: Timestamp,
}

/// An authorization or its final clearing was compared with the intent that it took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntentAssessed {
    /// The intent.
    pub intent: IntentId,
    /// The authorization that took it.
    pub transaction: TransactionId,
    /// What agrees.
    pub comparison: Comparison,
    /// Where the intent was declared.
    pub declared: Position,
    /// Where details were first read for it.
    pub attested: Option<Position>,
}

/// The authorization that had taken an intent was voided or expired: the intent can be used again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntentReleased {
    /// The intent.
    pub intent: IntentId,
    /// The authorization.
    pub transaction: TransactionId,
}

/// What the rules need to know of an intent that is live or belongs to an open authorization.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct Intent {
    pub(crate) card: CardId,
    pub(crate) expectation: Expectation,
    pub(crate) declared: Position,
    pub(crate) attested: Option<(AttestationId, Position)>,
    pub(crate) expires_at: Timestamp,
    pub(crate) expires_anyway: bool,
    pub(crate) enforcement: Option<Enforcement>,
    pub(crate) awaits_approval: bool,
    /// The authorization that has taken it, and how that compared.
    pub(crate) taken: Option<(TransactionId, Comparison)>,
}

impl Intent {
    pub(crate) fn assessed(
        &self,
        intent: IntentId,
        transaction: TransactionId,
        comparison: Comparison,
    ) -> Event {
        Event::IntentAssessed(IntentAssessed {
            intent,
            transaction,
            comparison,
            declared: self.declared,
            attested: self.attested.map(|(_, position)| position),
        })
    }
}

/// The intent that suits a purchase best, and how they compare.
pub(crate) struct BestIntent<'a> {
    pub(crate) id: IntentId,
    pub(crate) intent: &'a Intent,
    pub(crate) comparison: Comparison,
}

impl BestIntent<'_> {
    /// The first access to details for it.
    pub(crate) fn attestation(&self) -> Option<AttestationId> {
        self.intent.attested.map(|(id, _)| id)
    }

    /// The purchase was compared with it.
    pub(crate) fn assessed(&self, transaction: TransactionId) -> Event {
        self.intent.assessed(self.id, transaction, self.comparison)
    }
}

mod rules;
