//! What each event changes, and what must have been so before it.

use ledger::authorizations::{
    AuthorizationApproved, AuthorizationDeclined, AuthorizationReversed, Cleared, HOLD_MS,
    Refunded, TRAVEL_HOLD_MS,
};
use ledger::cards::{CardCreated, CardKind, CardStatus};
use ledger::deposits::DepositConfirmed;
use ledger::holders::VerificationStatus;
use ledger::intents::{
    AttestationRecorded, IntentAssessed, IntentClosed, IntentDeclared, IntentEnd, IntentReleased,
    READ_MS, UNREAD_MS,
};
use ledger::{Entry, Event, Timestamp, TransactionId};

use super::{Agent, Books, Breach, Card, Intent, Purchase};
use crate::calendar;

impl Books {
    pub(super) fn fold(&mut self, event: &Event, entry: &Entry) -> Result<(), Breach> {
        match event {
            Event::BookOpened(_) => require!(entry.position.0 == 1, "a book is opened twice"),
            Event::KeyCreated(_) | Event::DocumentAdded(_) => {}
            Event::DepositConfirmed(event) => self.fold_deposit(event)?,
            Event::ClockAdvanced(event) => self.clock_offset_ms += event.by_ms,
            Event::HolderCreated(event) => {
                let before = self.holders.insert(event.holder, Default::default());
                require!(before.is_none(), "`{}` is made twice", event.holder);
            }
            Event::VerificationChanged(event) => {
                let status = self.holders.get_mut(&event.holder).ok_or("whose verification?")?;
                *status = event.verification.status;
            }
            Event::AgentRegistered(event) => {
                let (holder, policy) = (event.holder, event.policy.clone());
                let agent = Agent { holder, policy, status: Default::default() };
                let before = self.agents.insert(event.agent, agent);
                require!(before.is_none(), "`{}` is made twice", event.agent);
            }
            Event::AgentStatusChanged(event) => {
                self.agents.get_mut(&event.agent).ok_or("whose status?")?.status = event.status;
            }
            Event::AgentLimitExceeded(event) => {
                let agent = self.agents.get(&event.agent).ok_or("whose limit?")?;
                require!(agent.policy.limit == event.exceeded.limit, "another limit is told");
            }
            Event::CardCreated(event) => self.fold_card(event)?,
            Event::CardStatusChanged(event) => {
                let card = self.cards.get_mut(&event.card).ok_or("whose status?")?;
                card.status = event.status;
            }
            Event::IntentDeclared(event) => self.fold_declared(event, entry)?,
            Event::AttestationRecorded(event) => self.fold_attested(event, entry)?,
            Event::IntentAssessed(event) => self.fold_assessed(event)?,
            Event::IntentReleased(event) => self.fold_given_back(event)?,
            Event::IntentClosed(event) => self.fold_closed(event, entry.at)?,
            Event::AuthorizationApproved(event) => self.fold_approved(event, entry)?,
            Event::AuthorizationDeclined(event) => self.fold_declined(event, entry)?,
            Event::AuthorizationReversed(event) => self.fold_reversed(event, entry)?,
            Event::AuthorizationExpired(event) => {
                let purchase = self.open(event.transaction)?;
                let left = purchase.held();
                require!(left == Some(event.released.0), "an expiry leaves some of {left:?} held");
                purchase.expired += event.released.0;
                purchase.is_open = false;
                purchase.has_expired = true;
                self.closes_a_single_card(event.transaction, entry, true)?;
            }
            Event::Cleared(event) => self.fold_cleared(event, entry)?,
            Event::Refunded(event) => self.fold_refunded(event)?,
        }
        Ok(())
    }

    fn fold_deposit(&self, event: &DepositConfirmed) -> Result<(), Breach> {
        let status = self.holders.get(&event.holder).ok_or("whose deposit?")?;
        let is_approved = *status == VerificationStatus::Approved;
        require!(event.released == is_approved, "a deposit for a user who is `{status}`");
        let billionths = event.amount.0 * u128::from(event.rate.0);
        let cents = billionths / 10_u128.pow(event.asset.scale() - 2) / 1_000_000_000;
        require!(event.credited.0 == cents, "`{}` is worth `{cents}`", event.transaction);
        Ok(())
    }

    fn fold_card(&mut self, event: &CardCreated) -> Result<(), Breach> {
        let agent = self.agents.get(&event.agent).ok_or("whose card?")?;
        require!(agent.holder == event.holder, "`{}` spends for somebody else", event.card);
        let card = Card {
            agent: event.agent,
            holder: event.holder,
            kind: event.terms.kind,
            limits: event.terms.limits,
            valid_until: (event.number.expiry_year.into(), event.number.expiry_month.into()),
            status: CardStatus::Active,
            read_at: Vec::new(),
        };
        require!(self.cards.insert(event.card, card).is_none(), "`{}` is made twice", event.card);
        Ok(())
    }

    fn fold_declared(&mut self, event: &IntentDeclared, entry: &Entry) -> Result<(), Breach> {
        require!(event.expires_at == entry.at.plus_ms(UNREAD_MS), "an intent lives for an hour");
        let intent = Intent {
            card: event.card,
            expectation: event.expectation.clone(),
            declared: entry.position,
            expires_at: event.expires_at,
            attested: None,
            taken: None,
            end: None,
        };
        let before = self.intents.insert(event.intent, intent);
        require!(before.is_none(), "`{}` is made twice", event.intent);
        Ok(())
    }

    fn fold_attested(&mut self, event: &AttestationRecorded, entry: &Entry) -> Result<(), Breach> {
        let card = self.cards.get_mut(&event.card).ok_or("whose details?")?;
        card.read_at.push(entry.at);
        let intent = self.intents.get_mut(&event.intent).ok_or("details without an intent")?;
        require!(intent.is_live(), "details are read for `{}`, which has ended", event.intent);
        require!(intent.card == event.card, "the intent is another card's");
        require!(intent.declared == event.declared, "the intent was declared elsewhere");
        if intent.attested.is_none() {
            intent.attested = Some((event.attestation, entry.position));
            intent.expires_at = entry.at.plus_ms(READ_MS);
        }
        let expected = intent.expires_at;
        require!(event.expires_at == expected, "a read intent lives for 24 hours");
        Ok(())
    }

    fn fold_assessed(&mut self, event: &IntentAssessed) -> Result<(), Breach> {
        let intent = self.intents.get_mut(&event.intent).ok_or("which intent?")?;
        let attested = intent.attested.map(|(_, position)| position);
        require!(
            (event.declared, event.attested) == (intent.declared, attested),
            "`{}` was declared and read elsewhere",
            event.intent
        );
        match intent.taken {
            None => require!(intent.end.is_none(), "`{}` is taken after its end", event.intent),
            Some((by, before)) => require!(
                by == event.transaction && before != event.comparison,
                "`{}` belongs to `{by}`, and its comparison was {before:?}",
                event.intent
            ),
        }
        intent.taken = Some((event.transaction, event.comparison));
        let purchase = self.purchases.get(&event.transaction).ok_or("taken by what?")?;
        require!(purchase.intent == Some(event.intent), "the authorization names another intent");
        Ok(())
    }

    fn fold_given_back(&mut self, event: &IntentReleased) -> Result<(), Breach> {
        let purchase = self.purchases.get(&event.transaction).ok_or("given back by what?")?;
        let was_made = purchase.is_open || 0 < purchase.cleared;
        require!(!was_made, "`{}` gives back the intent of a purchase", event.transaction);
        let intent = self.intents.get_mut(&event.intent).ok_or("which intent?")?;
        let taken_by = intent.taken.map(|(by, _)| by);
        require!(taken_by == Some(event.transaction), "the intent was taken by {taken_by:?}");
        intent.taken = None;
        Ok(())
    }

    fn fold_closed(&mut self, event: &IntentClosed, at: Timestamp) -> Result<(), Breach> {
        let intent = self.intents.get_mut(&event.intent).ok_or("which intent?")?;
        require!(intent.is_live(), "`{}` ends twice", event.intent);
        let is_due = event.reason != IntentEnd::Expired || intent.expires_at <= at;
        require!(is_due, "`{}` lapses too early", event.intent);
        intent.end = Some(event.reason);
        Ok(())
    }

    fn fold_approved(
        &mut self,
        event: &AuthorizationApproved,
        entry: &Entry,
    ) -> Result<(), Breach> {
        let card = self.cards.get(&event.card).ok_or("approved for which card?")?;
        require!(
            (card.agent, card.holder) == (event.agent, event.holder),
            "`{}` names somebody else",
            event.transaction
        );
        let amount = event.terms.amount.0;
        let available = self.available(event.holder);
        require!(amount <= available, "`{}` holds {amount} of {available}", event.transaction);
        let is_travel = event
            .terms
            .merchant
            .mcc
            .is_some_and(|mcc| matches!(mcc.code(), 3000..=3999 | 4511 | 7011 | 7512));
        let lasts_ms = if is_travel { TRAVEL_HOLD_MS } else { HOLD_MS };
        require!(event.expires_at == entry.at.plus_ms(lasts_ms), "a hold ends at another time");

        let best = self.best_intent(event.card, amount, &event.terms.merchant);
        require!(event.intent == best, "`{best:?}` suits better than `{:?}`", event.intent);
        let attested = best.and_then(|intent| self.intents[&intent].attested).map(|(id, _)| id);
        require!(event.attestation == attested, "{attested:?} was the first access to details");
        let assessed = entry.events.iter().any(|event| matches!(event, Event::IntentAssessed(_)));
        require!(assessed == best.is_some(), "an intent is taken without being compared");

        let mut purchase = purchase(entry.at, &event.terms, event.card, event.agent, event.holder);
        purchase.expires_at = event.expires_at;
        purchase.intent = event.intent;
        self.add_purchase(event.transaction, purchase)
    }

    fn fold_declined(
        &mut self,
        event: &AuthorizationDeclined,
        entry: &Entry,
    ) -> Result<(), Breach> {
        let mut purchase = purchase(entry.at, &event.terms, event.card, event.agent, event.holder);
        purchase.declined = Some(event.reason);
        purchase.is_open = false;
        self.add_purchase(event.transaction, purchase)
    }

    fn add_purchase(&mut self, id: TransactionId, purchase: Purchase) -> Result<(), Breach> {
        require!(self.purchases.insert(id, purchase).is_none(), "`{id}` is made twice");
        Ok(())
    }

    fn fold_reversed(
        &mut self,
        event: &AuthorizationReversed,
        entry: &Entry,
    ) -> Result<(), Breach> {
        let purchase = self.open(event.transaction)?;
        purchase.reversed += event.amount.0;
        let left = purchase.held();
        require!(event.is_final == (left == Some(0)), "after a reversal {left:?} is held");
        purchase.is_open = !event.is_final;
        self.closes_a_single_card(event.transaction, entry, event.is_final)
    }

    fn fold_cleared(&mut self, event: &Cleared, entry: &Entry) -> Result<(), Breach> {
        let purchase = self.purchases.get_mut(&event.transaction).ok_or("which is cleared?")?;
        require!(purchase.declined.is_none(), "`{}` was declined", event.transaction);
        let held = purchase.held().unwrap_or(0);
        let from_hold = held.min(event.amount.0);
        let released = if event.is_final { held - from_hold } else { 0 };
        require!(
            (event.from_hold.0, event.released.0) == (from_hold, released),
            "`{}` takes {from_hold} from its hold and releases {released}",
            event.transaction
        );
        let is_late = !purchase.is_open;
        require!(event.is_late == is_late, "`{}` is late: {is_late}", event.transaction);
        purchase.cleared += event.amount.0;
        purchase.cleared_from_hold += from_hold;
        purchase.released += released;
        if event.is_final && purchase.is_open {
            purchase.is_open = false;
            purchase.compared = purchase.cleared;
        }
        self.closes_a_single_card(event.transaction, entry, event.is_final)
    }

    /// A card for one purchase is closed by the entry after which nothing more of the purchase is expected.
    fn closes_a_single_card(
        &self,
        id: TransactionId,
        entry: &Entry,
        is_last: bool,
    ) -> Result<(), Breach> {
        let purchase = &self.purchases[&id];
        let card = &self.cards[&purchase.card];
        let is_open_single = card.kind == CardKind::Single && card.status != CardStatus::Closed;
        let expected = is_last && 0 < purchase.cleared && is_open_single;
        let closes = entry.events.iter().any(|event| {
            matches!(event, Event::CardStatusChanged(event) if event.status == CardStatus::Closed)
        });
        require!(closes == expected, "`{id}` closes its card: {expected}");
        Ok(())
    }

    fn fold_refunded(&mut self, event: &Refunded) -> Result<(), Breach> {
        let purchase = self.purchases.get_mut(&event.transaction).ok_or("which is refunded?")?;
        purchase.refunded += event.amount.0;
        Ok(())
    }

    fn open(&mut self, id: TransactionId) -> Result<&mut Purchase, Breach> {
        let purchase = self.purchases.get_mut(&id).filter(|purchase| purchase.is_open);
        purchase.ok_or_else(|| format!("`{id}` is not open"))
    }
}

fn purchase(
    at: Timestamp,
    terms: &ledger::authorizations::Terms,
    card: ledger::CardId,
    agent: ledger::AgentId,
    holder: ledger::HolderId,
) -> Purchase {
    Purchase {
        card,
        agent,
        holder,
        at,
        date: calendar::date(at),
        amount: terms.amount.0,
        merchant: terms.merchant.clone(),
        expires_at: at,
        intent: None,
        declined: None,
        reversed: 0,
        expired: 0,
        cleared: 0,
        cleared_from_hold: 0,
        released: 0,
        refunded: 0,
        is_open: true,
        compared: terms.amount.0,
        has_expired: false,
    }
}
