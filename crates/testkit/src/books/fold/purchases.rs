//! Purchases: approved, declined, reversed, expired, cleared.

use ledger::authorizations::{
    AuthorizationApproved, AuthorizationDeclined, AuthorizationExpired, AuthorizationLinked,
    AuthorizationReversed, CardVerified, HOLD_MS, Purchased, TRAVEL_HOLD_MS, Terms,
};
use ledger::clearings::{Cleared, Corrected, ForceCleared};
use ledger::{
    Account, AgentId, Asset, CardId, Entry, HolderId, IntentId, Timestamp, TransactionId,
};

use crate::books::{Books, Breach, Kind, Purchase};
use crate::calendar;

impl Books {
    pub(super) fn fold_approved(
        &mut self,
        event: &AuthorizationApproved,
        entry: &Entry,
    ) -> Result<(), Breach> {
        let id = event.transaction;
        let (asked, approved) = (event.terms.amount.0, event.approved.0);
        require!(0 < approved && approved <= asked, "`{id}` holds {approved} of {asked}");
        let there = self.there(event.holder, event.intent);
        require!(event.is_advice || approved <= there, "`{id}` holds {approved} of {there}");
        let mcc = event.terms.merchant.mcc.map(|mcc| mcc.code());
        let is_travel = matches!(mcc, Some(3000..=3999 | 4511 | 7011 | 7512));
        let lasts_ms = if is_travel { TRAVEL_HOLD_MS } else { HOLD_MS };
        require!(event.expires_at == entry.at.plus_ms(lasts_ms), "a hold ends at another time");
        let merchant = &event.terms.merchant;
        let named = (event.intent, event.attestation);
        self.takes_the_best_intent((event.card, asked, merchant), named, entry)?;

        let who = (event.card, event.agent, event.holder);
        let mut purchase = purchase(Kind::Authorization, entry, &event.terms, who);
        purchase.approved = approved;
        purchase.expires_at = event.expires_at;
        purchase.intent = event.intent;
        purchase.is_open = true;
        self.add_purchase(id, purchase)
    }

    pub(super) fn fold_purchased(
        &mut self,
        event: &Purchased,
        entry: &Entry,
    ) -> Result<(), Breach> {
        let id = event.transaction;
        let (asked, approved) = (event.terms.amount.0, event.approved.0);
        require!(0 < approved && approved <= asked, "`{id}` pays {approved} of {asked}");
        let there = self.there(event.holder, event.intent);
        require!(approved <= there, "`{id}` pays {approved} of {there}");
        match event.intent {
            None => {
                let merchant = &event.terms.merchant;
                let named = (None, event.attestation);
                self.takes_the_best_intent((event.card, asked, merchant), named, entry)?;
            }
            Some(intent) => {
                let taken = self.intents.get(&intent).and_then(|intent| intent.taken);
                let taken_by = taken.map(|(by, _)| by);
                require!(taken_by == Some(id), "`{intent}` is taken by {taken_by:?}");
            }
        }
        let who = (event.card, event.agent, event.holder);
        let mut purchase = purchase(Kind::Purchase, entry, &event.terms, who);
        purchase.approved = approved;
        purchase.compared = approved;
        purchase.intent = event.intent;
        purchase.clear(approved, event.fee.0)?;
        self.add_purchase(id, purchase)?;
        self.closes_a_single_card(id, entry, true)
    }

    pub(super) fn fold_declined(
        &mut self,
        event: &AuthorizationDeclined,
        entry: &Entry,
    ) -> Result<(), Breach> {
        let who = (event.card, event.agent, event.holder);
        let mut purchase = purchase(Kind::Authorization, entry, &event.terms, who);
        purchase.declined = Some(event.reason);
        self.add_purchase(event.transaction, purchase)
    }

    pub(super) fn fold_verified(
        &mut self,
        event: &CardVerified,
        entry: &Entry,
    ) -> Result<(), Breach> {
        require!(event.terms.amount.0 == 0, "`{}` is more than a check", event.transaction);
        let who = (event.card, event.agent, event.holder);
        self.add_purchase(event.transaction, purchase(Kind::Check, entry, &event.terms, who))
    }

    pub(super) fn fold_linked(
        &mut self,
        event: &AuthorizationLinked,
        entry: &Entry,
    ) -> Result<(), Breach> {
        let early = event.terms.network_id.and_then(|id| self.cleared_early(id, entry.at));
        let found = early.map(|(id, _)| id);
        require!(found == Some(event.transaction), "{found:?} has waited for it");
        Ok(())
    }

    pub(super) fn fold_reversed(
        &mut self,
        event: &AuthorizationReversed,
        entry: &Entry,
    ) -> Result<(), Breach> {
        let purchase = self.open(event.transaction)?;
        purchase.reversed += event.amount.0;
        let left = purchase.held();
        require!(event.is_final == (left == Some(0)), "after a reversal {left:?} is held");
        purchase.is_open = !event.is_final;
        if event.is_final {
            purchase.end();
        }
        self.closes_a_single_card(event.transaction, entry, event.is_final)
    }

    pub(super) fn fold_expired(
        &mut self,
        event: &AuthorizationExpired,
        entry: &Entry,
    ) -> Result<(), Breach> {
        let purchase = self.open(event.transaction)?;
        let left = purchase.held();
        require!(left == Some(event.released.0), "an expiry leaves some of {left:?} held");
        purchase.expired += event.released.0;
        purchase.is_open = false;
        purchase.has_expired = true;
        purchase.end();
        self.closes_a_single_card(event.transaction, entry, true)
    }

    pub(super) fn fold_cleared(&mut self, event: &Cleared, entry: &Entry) -> Result<(), Breach> {
        let id = event.transaction;
        let purchase = self.purchases.get_mut(&id).ok_or("which is cleared?")?;
        require!(purchase.is_purchase(), "`{id}` can't be cleared");
        let held = purchase.held().unwrap_or(0);
        let from_hold = held.min(event.amount.0 + event.fee.0);
        let released = if event.is_final { held - from_hold } else { 0 };
        require!(
            (event.from_hold.0, event.released.0) == (from_hold, released),
            "`{id}` takes {from_hold} from its hold and releases {released}"
        );
        let is_late = !purchase.is_open;
        require!(event.is_late == is_late, "`{id}` is late: {is_late}");
        purchase.clear(event.amount.0, event.fee.0)?;
        purchase.cleared_from_hold += from_hold;
        purchase.released += released;
        if event.is_final && purchase.is_open {
            purchase.is_open = false;
            purchase.compared = purchase.cleared;
        }
        purchase.was_unused = false;
        self.closes_a_single_card(id, entry, event.is_final || is_late)
    }

    pub(super) fn fold_force_cleared(
        &mut self,
        event: &ForceCleared,
        entry: &Entry,
    ) -> Result<(), Breach> {
        let who = (event.card, event.agent, event.holder);
        let mut purchase = purchase(Kind::ForcePost, entry, &event.terms, who);
        purchase.awaits = event.awaits;
        purchase.clear(event.terms.amount.0, event.fee.0)?;
        self.add_purchase(event.transaction, purchase)?;
        self.closes_a_single_card(event.transaction, entry, true)
    }

    pub(super) fn fold_corrected(&mut self, event: &Corrected) -> Result<(), Breach> {
        let id = event.transaction;
        let purchase = self.purchases.get_mut(&id).ok_or("which is corrected?")?;
        let (amount, left) = (event.amount.0, purchase.cleared - purchase.refunded);
        require!(0 < amount && amount <= left, "`{id}` corrects {amount} of {left}");
        let unsettled = amount.min(purchase.unsettled);
        require!(event.unsettled.0 == unsettled, "`{id}` has {unsettled} to settle");
        purchase.cleared -= amount;
        purchase.corrected += amount;
        purchase.unsettled -= unsettled;
        purchase.was_unused |= purchase.cleared == 0 && !purchase.is_open;
        Ok(())
    }

    /// What is there for a purchase: what may be spent, and what its intent has reserved.
    fn there(&self, holder: HolderId, intent: Option<IntentId>) -> u128 {
        let reserved =
            intent.map(|intent| self.credit(Account::Reserved(holder, intent), Asset::Usd));
        self.available(holder) + reserved.unwrap_or(0)
    }

    pub(super) fn add_purchase(
        &mut self,
        id: TransactionId,
        purchase: Purchase,
    ) -> Result<(), Breach> {
        let card = self.cards.get_mut(&purchase.card).ok_or("which card?")?;
        let is_own = (card.agent, card.holder) == (purchase.agent, purchase.holder);
        require!(is_own, "`{id}` names somebody else");
        card.purchases.push(id);
        require!(self.purchases.insert(id, purchase).is_none(), "`{id}` is made twice");
        Ok(())
    }

    pub(super) fn open(&mut self, id: TransactionId) -> Result<&mut Purchase, Breach> {
        let purchase = self.purchases.get_mut(&id).filter(|purchase| purchase.is_open);
        purchase.ok_or_else(|| format!("`{id}` is not open"))
    }
}

impl Purchase {
    /// Nothing is held any more: what was captured is all that will be, if anything was.
    fn end(&mut self) {
        match self.cleared {
            0 => self.was_unused = true,
            cleared => self.compared = cleared,
        }
    }

    /// Row 31: a foreign currency costs one hundredth, rounded down.
    fn clear(&mut self, amount: u128, fee: u128) -> Result<(), Breach> {
        let expected = if self.is_foreign { amount / 100 } else { 0 };
        require!(fee == expected, "the fee of {amount} is {fee}, not {expected}");
        self.cleared += amount;
        self.unsettled += amount;
        self.fees += fee;
        Ok(())
    }
}

/// A card transaction of which nothing has happened yet.
pub(super) fn purchase(
    kind: Kind,
    entry: &Entry,
    terms: &Terms,
    (card, agent, holder): (CardId, AgentId, HolderId),
) -> Purchase {
    let at: Timestamp = entry.at;
    Purchase {
        kind,
        card,
        agent,
        holder,
        position: entry.position,
        at,
        counts_at: at,
        counts_on: calendar::date(at),
        amount: terms.amount.0,
        approved: 0,
        is_foreign: terms.original.is_some(),
        merchant: terms.merchant.clone(),
        awaits: None,
        expires_at: at,
        intent: None,
        declined: None,
        incremented: 0,
        confirmed_down: 0,
        reversed: 0,
        expired: 0,
        cleared: 0,
        corrected: 0,
        fees: 0,
        cleared_from_hold: 0,
        released: 0,
        refunded: 0,
        unsettled: 0,
        uncollected: 0,
        is_under_review: false,
        is_open: false,
        compared: terms.amount.0,
        has_expired: false,
        was_unused: false,
    }
}
