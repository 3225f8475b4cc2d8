//! Declared purchases, and the accesses to card details that were made for them.

use ledger::intents::Enforcement;
use ledger::limits::Window;
use ledger::matching::{Comparison, Mcc, Tolerance};
use ledger::{
    Amount, AttestationId, CardId, IntentId, KeyId, Position, Text, Timestamp, TransactionId,
};

use crate::field::Column;
use crate::row::row;
use crate::snapshot::{At, List, Page, Pool};
use crate::words::{Word, words};
use crate::{Error, Place, ReadModel};

mod model;

pub(crate) use model::IntentsModel;

/// Where an intent stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum IntentStatus {
    /// Declared, and not approved yet.
    PendingApproval,
    /// Declared, and approved where that was needed.
    Pending,
    /// Card details were read for it.
    Revealed,
    /// A purchase has taken it, and is the one that was declared.
    Matched,
    /// A purchase has taken it that differs from the one that was declared.
    Mismatched,
    /// Its time has passed.
    Expired,
    /// It was taken back.
    Canceled,
    /// It was not approved.
    Rejected,
}

words! {
    IntentStatus {
        PendingApproval "pending_approval"
        Pending "pending"
        Revealed "revealed"
        Matched "matched"
        Mismatched "mismatched"
        Expired "expired"
        Canceled "canceled"
        Rejected "rejected"
    }
}

impl IntentStatus {
    /// Its word in rows.
    pub fn name(self) -> &'static str {
        self.word()
    }
}

/// A declared purchase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intent {
    /// Its id.
    pub id: IntentId,
    /// The entry that declared it.
    pub position: Position,
    /// When it was declared.
    pub at: Timestamp,
    /// The card.
    pub card: CardId,
    /// What it is, in words.
    pub summary: Text<500>,
    /// How much, in cents of US dollars.
    pub amount: Amount,
    /// Some part of the merchant's name.
    pub merchant: Text<100>,
    /// The categories that the merchant may be in; any, when empty.
    pub mccs: Vec<Mcc>,
    /// How far the amount may be off.
    pub tolerance: Tolerance,
    /// The card's limits that it would have exceeded when it was declared.
    pub warnings: Vec<Window>,
    /// Whether the amount was set aside for it.
    pub reserves: bool,
    /// What becomes of another purchase, if the card is not to say.
    pub enforcement: Option<Enforcement>,
    /// Whether it lapses at its first `expires_at` although details are read.
    pub expires_anyway: bool,
    /// Where it stands.
    pub status: IntentStatus,
    /// When it lapses without a purchase.
    pub expires_at: Timestamp,
    /// The first access to details for it.
    pub attestation: Option<AttestationId>,
    /// The purchase that has taken it.
    pub transaction: Option<TransactionId>,
    /// How that compares.
    pub comparison: Option<Comparison>,
}

row! {
    Intent in Intents "intent"
    key { id: IntentId }
    fixed {
        position, at, card, summary, amount, merchant, mccs, tolerance, warnings, reserves,
        enforcement, expires_anyway
    }
    changing { status, expires_at, attestation, transaction, comparison }
}

/// An access to the details of a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attestation {
    /// Its id.
    pub id: AttestationId,
    /// The entry that recorded it.
    pub position: Position,
    /// When.
    pub at: Timestamp,
    /// The card.
    pub card: CardId,
    /// The intent that was acted on.
    pub intent: IntentId,
    /// What the details were read for, in words.
    pub summary: Text<500>,
    /// How much was to be spent, in cents of US dollars.
    pub amount: Amount,
    /// Some part of the merchant's name.
    pub merchant: Text<100>,
    /// The key of who read them.
    pub actor: Option<KeyId>,
    /// The `Request-Id` of the answer that had them.
    pub request: [u8; 16],
}

row! {
    Attestation in Intents "attestation"
    key { id: AttestationId }
    fixed { position, at, card, intent, summary, amount, merchant, actor, request }
    changing {}
}

/// Queries over intents. Each blocks for as long as the database takes.
#[derive(Debug)]
pub struct Intents(Pool);

impl Intents {
    /// Opens the read model, which a projector must have made.
    pub fn open(place: &Place) -> Result<Self, Error> {
        Pool::open(ReadModel::Intents, place).map(Self)
    }

    /// The intent with this id.
    pub fn intent(&self, id: IntentId) -> Result<At<Option<Intent>>, Error> {
        self.0.read(|snapshot| snapshot.row(id))
    }

    /// The intents of a card, the newest first.
    pub fn of_card(&self, card: CardId, page: Page) -> Result<At<List<Intent>>, Error> {
        self.0.read(|snapshot| {
            snapshot.list(Some(("card", card.field())), page, |intent: &Intent| intent.position)
        })
    }

    /// The accesses to card details for an intent, in order.
    pub fn attestations(&self, intent: IntentId) -> Result<At<Vec<Attestation>>, Error> {
        self.0.read(|snapshot| snapshot.rows("intent = ?1 order by position", &[intent.field()]))
    }
}

#[cfg(test)]
mod tests;
