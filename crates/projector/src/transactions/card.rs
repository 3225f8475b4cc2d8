//! What is asked of cards, and what they are paid.

use ledger::authorizations::{DeclineReason, Original};
use ledger::limits::ExceededLimit;
use ledger::matching::{Comparison, Mcc};
use ledger::{
    AgentId, Amount, Asset, AttestationId, CardId, HolderId, IntentId, Position, Text, Timestamp,
    TransactionId,
};

use super::State;
use crate::row::row;
use crate::words::{Word, words};

/// How a card transaction began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The merchant asked whether a purchase may be made, and captures later.
    Authorization,
    /// The merchant asked and captured in a single message.
    Purchase,
    /// The merchant asked whether the card could be used.
    Check,
    /// The merchant captured without asking.
    ForcePost,
    /// The merchant captured without asking, and the card was found later.
    Presentment,
    /// The merchant gave money, and no purchase is known.
    UnlinkedRefund,
}

words! {
    Kind {
        Authorization "authorization"
        Purchase "purchase"
        Check "check"
        ForcePost "force_post"
        Presentment "presentment"
        UnlinkedRefund "unlinked_refund"
    }
}

impl Kind {
    /// Its word in rows.
    pub fn name(self) -> &'static str {
        self.word()
    }
}

/// What was asked of a card, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardTransaction {
    /// Its id.
    pub id: TransactionId,
    /// The entry that made it.
    pub position: Position,
    /// When it began: the time at which it counts towards limits.
    pub at: Timestamp,
    /// How it began; what was declined is an authorization.
    pub kind: Kind,
    /// Whose money.
    pub holder: HolderId,
    /// Who spends.
    pub agent: AgentId,
    /// The card.
    pub card: CardId,
    /// What was asked for at first, was captured without asking, or was given.
    pub amount: Amount,
    /// In what.
    pub asset: Asset,
    /// The same as the merchant said it, where that was another currency.
    pub original: Option<Original>,
    /// What was approved at first: less than the amount, where the merchant takes a part.
    pub approved: Amount,
    /// Whether the network had approved it on our behalf.
    pub is_advice: bool,
    /// The merchant's name as the network sent it.
    pub merchant: Text<100>,
    /// The merchant's category.
    pub mcc: Option<Mcc>,
    /// The merchant's town.
    pub city: Option<Text<50>>,
    /// The merchant's country, ISO 3166-1 alpha-2.
    pub country: Option<Text<2>>,
    /// The intent that it took. A transaction that was voided or has expired has given it back.
    pub intent: Option<IntentId>,
    /// The first access to details for that intent.
    pub attestation: Option<AttestationId>,
    /// When the hold ends by itself, with an approval.
    pub expires_at: Option<Timestamp>,
    /// Why it was declined.
    pub reason: Option<DeclineReason>,
    /// The limit that it would have exceeded, when that is the reason.
    pub exceeded: Option<ExceededLimit>,
    /// Where it stands.
    pub state: State,
    /// Whether it counts towards how often the card may be used: it was approved, and has not ended with nothing that has
    /// cleared and was not corrected.
    pub is_counted: bool,
    /// When all of it counts towards limits: when it began, or more was last asked for.
    pub counts_at: Timestamp,
    /// What is held.
    pub held: Amount,
    /// What has cleared in all, without what was corrected.
    pub cleared: Amount,
    /// What a foreign currency has cost besides.
    pub fee: Amount,
    /// What was refunded in all, without what was taken back.
    pub refunded: Amount,
    /// How it compares with the intent that it took; with what has cleared in all, once that is final.
    pub comparison: Option<Comparison>,
    /// When something last happened to it.
    pub updated_at: Timestamp,
}

row! {
    CardTransaction in Transactions "card_transaction"
    key { id: TransactionId }
    fixed {
        position, at, kind, holder, agent, card, amount, asset, original, approved, is_advice,
        merchant, mcc, city, country, intent, attestation, expires_at, reason, exceeded
    }
    changing { state, is_counted, counts_at, held, cleared, fee, refunded, comparison, updated_at }
}
