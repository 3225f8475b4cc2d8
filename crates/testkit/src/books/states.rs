//! The states that things are in, by the words of the API.

use ledger::cards::CardStatus;
use ledger::intents::IntentEnd;
use ledger::matching::Comparison;
use ledger::{CardId, IntentId, JournalId, TransactionId};

use super::{Books, Kind};

impl Books {
    /// The state of a card transaction.
    pub fn state_of_purchase(&self, id: TransactionId) -> &'static str {
        let purchase = &self.purchases[&id];
        if purchase.declined.is_some() {
            "declined"
        } else if purchase.is_open || purchase.is_under_review && 0 < purchase.refunded {
            "pending"
        } else if 0 < purchase.refunded {
            "refunded"
        } else if 0 < purchase.cleared {
            "settled"
        } else if purchase.kind == Kind::Authorization && purchase.has_expired {
            "expired"
        } else {
            "voided"
        }
    }

    /// The state of an intent.
    pub fn state_of_intent(&self, id: IntentId) -> &'static str {
        let intent = &self.intents[&id];
        match (intent.end, intent.taken) {
            (Some(IntentEnd::Expired), _) => "expired",
            (Some(IntentEnd::Canceled), _) => "canceled",
            (Some(IntentEnd::Rejected), _) => "rejected",
            (None, Some((_, comparison))) if comparison.is_match() => "matched",
            (None, Some(_)) => "mismatched",
            (None, None) if intent.awaits_approval => "pending_approval",
            (None, None) if intent.attested.is_some() => "revealed",
            (None, None) => "pending",
        }
    }

    /// The state of a journal.
    pub fn state_of_journal(&self, id: JournalId) -> &'static str {
        if self.journals[&id].is_reversed { "reversed" } else { "posted" }
    }

    /// The state of a deposit.
    pub fn state_of_deposit(&self, id: TransactionId) -> &'static str {
        let deposit = &self.deposits[&id];
        match (deposit.is_reversed, deposit.is_waiting) {
            (true, _) => "reversed",
            (false, true) => "waiting",
            (false, false) => "completed",
        }
    }

    /// The state of a clearing whose card was not known.
    pub fn state_of_presentment(&self, id: TransactionId) -> &'static str {
        let presentment = &self.presentments[&id];
        match (presentment.is_suspended, presentment.is_assigned) {
            (true, _) => "suspended",
            (false, true) => "assigned",
            (false, false) => "written_off",
        }
    }

    /// The state of a card.
    pub fn state_of_card(&self, id: CardId) -> &'static str {
        match self.cards[&id].status {
            CardStatus::Active => "active",
            CardStatus::Frozen => "frozen",
            CardStatus::Closed => "closed",
        }
    }
}

/// What differs between a purchase and the intent that it has taken.
pub fn differences(comparison: Comparison) -> Vec<&'static str> {
    let aspects =
        [("amount", comparison.amount), ("merchant", comparison.merchant), ("mcc", comparison.mcc)];
    aspects.iter().filter(|(_, is_same)| !is_same).map(|(word, _)| *word).collect()
}
