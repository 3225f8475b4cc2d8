//! Intents and the accesses to card details.

use ledger::intents::{
    AttestationRecorded, IntentAssessed, IntentClosed, IntentDeclared, IntentEnd, IntentReleased,
};
use ledger::matching::Merchant;
use ledger::time::{DAY_MS, HOUR_MS};
use ledger::{AttestationId, CardId, Entry, Event, IntentId, Timestamp, TransactionId};

use crate::books::{Books, Breach, Intent, matching};

impl Books {
    pub(super) fn fold_declared(
        &mut self,
        event: &IntentDeclared,
        entry: &Entry,
    ) -> Result<(), Breach> {
        let card = self.cards.get_mut(&event.card).ok_or("whose intent?")?;
        let lasts_an_hour = event.expires_at == entry.at.plus_ms(HOUR_MS);
        require!(event.expires_anyway || lasts_an_hour, "an intent lives for an hour");
        let amount = event.expectation.amount;
        let is_above = card.controls.approval_above.is_some_and(|above| above < amount);
        require!(event.awaits_approval == is_above, "`{}` waits: {is_above}", event.intent);
        card.intents.push(event.intent);
        let intent = Intent {
            card: event.card,
            expectation: event.expectation.clone(),
            declared: entry.position,
            expires_at: event.expires_at,
            expires_anyway: event.expires_anyway,
            reserves: event.reserves,
            enforcement: event.enforcement,
            awaits_approval: event.awaits_approval,
            attested: None,
            taken: None,
            end: None,
        };
        let before = self.intents.insert(event.intent, intent);
        require!(before.is_none(), "`{}` is made twice", event.intent);
        Ok(())
    }

    pub(super) fn fold_attested(
        &mut self,
        event: &AttestationRecorded,
        entry: &Entry,
    ) -> Result<(), Breach> {
        let card = self.cards.get_mut(&event.card).ok_or("whose details?")?;
        card.read_at.push(entry.at);
        let intent = self.intents.get_mut(&event.intent).ok_or("details without an intent")?;
        require!(intent.is_live(), "details are read for `{}`, which is not live", event.intent);
        require!(intent.card == event.card, "the intent is another card's");
        require!(intent.declared == event.declared, "the intent was declared elsewhere");
        if intent.attested.is_none() {
            intent.attested = Some((event.attestation, entry.position));
            if !intent.expires_anyway {
                intent.expires_at = entry.at.plus_ms(DAY_MS);
            }
        }
        let expected = intent.expires_at;
        require!(event.expires_at == expected, "a read intent lapses at {expected:?}");
        Ok(())
    }

    /// A purchase takes the intent that suits it best, and says how it compares and who has read details for it.
    pub(super) fn takes_the_best_intent(
        &self,
        (card, amount, merchant): (CardId, u128, &Merchant),
        (intent, attestation): (Option<IntentId>, Option<AttestationId>),
        entry: &Entry,
    ) -> Result<(), Breach> {
        let compare = |expected: &_| matching::compare(expected, amount, merchant);
        let best = self.best_intent(card, amount, compare);
        require!(intent == best, "`{best:?}` suits better than `{intent:?}`");
        let attested = best.and_then(|intent| self.intents[&intent].attested).map(|(id, _)| id);
        require!(attestation == attested, "{attested:?} was the first access to details");
        let assessed = entry.events.iter().any(|event| matches!(event, Event::IntentAssessed(_)));
        require!(assessed == best.is_some(), "an intent is taken without being compared");
        Ok(())
    }

    pub(super) fn fold_assessed(
        &mut self,
        event: &IntentAssessed,
        entry: &Entry,
    ) -> Result<(), Breach> {
        let named = match self.purchases.get(&event.transaction) {
            Some(purchase) => purchase.intent,
            // A purchase in a single message ends its intent, so it is compared first.
            None => self.fold_made_here(event.transaction, entry)?,
        };
        require!(named == Some(event.intent), "the authorization names another intent");
        let intent = self.intents.get_mut(&event.intent).ok_or("which intent?")?;
        let attested = intent.attested.map(|(_, position)| position);
        require!(
            (event.declared, event.attested) == (intent.declared, attested),
            "`{}` was declared and read elsewhere",
            event.intent
        );
        match intent.taken {
            None => require!(intent.is_live(), "`{}` is taken, but not live", event.intent),
            Some((by, before)) => require!(
                by == event.transaction && before != event.comparison,
                "`{}` belongs to `{by}`, and its comparison was {before:?}",
                event.intent
            ),
        }
        intent.taken = Some((event.transaction, event.comparison));
        Ok(())
    }

    fn fold_made_here(&self, id: TransactionId, entry: &Entry) -> Result<Option<IntentId>, Breach> {
        let made = entry.events.iter().find_map(|event| match event {
            Event::Purchased(made) if made.transaction == id => Some(made),
            _ => None,
        });
        let made = made.ok_or("taken by what?")?;
        let terms = &made.terms;
        let asked = (made.card, terms.amount.0, &terms.merchant);
        self.takes_the_best_intent(asked, (made.intent, made.attestation), entry)?;
        Ok(made.intent)
    }

    pub(super) fn fold_given_back(&mut self, event: &IntentReleased) -> Result<(), Breach> {
        let purchase = self.purchases.get(&event.transaction).ok_or("given back by what?")?;
        let was_made = purchase.is_open || 0 < purchase.cleared;
        require!(!was_made, "`{}` gives back the intent of a purchase", event.transaction);
        let intent = self.intents.get_mut(&event.intent).ok_or("which intent?")?;
        let taken_by = intent.taken.map(|(by, _)| by);
        require!(taken_by == Some(event.transaction), "the intent was taken by {taken_by:?}");
        intent.taken = None;
        Ok(())
    }

    pub(super) fn fold_closed(
        &mut self,
        event: &IntentClosed,
        at: Timestamp,
    ) -> Result<(), Breach> {
        let intent = self.intents.get_mut(&event.intent).ok_or("which intent?")?;
        require!(intent.is_untaken(), "`{}` ends twice", event.intent);
        let is_right = match event.reason {
            IntentEnd::Expired => intent.expires_at <= at,
            IntentEnd::Canceled => true,
            IntentEnd::Rejected => intent.awaits_approval,
        };
        require!(is_right, "`{}` does not end by {:?}", event.intent, event.reason);
        intent.end = Some(event.reason);
        Ok(())
    }
}
