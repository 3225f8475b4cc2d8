//! What becomes of a hold before it is cleared.

use super::questions::Decline;
use super::*;

impl Book {
    /// An authorization that is neither cleared, voided nor expired.
    fn open_authorization(&self, id: TransactionId) -> Result<&CardTransaction, Rejection> {
        let transaction = self.purchase(id)?;
        match transaction.open {
            Some(_) => Ok(transaction),
            None => Err(Rejection::NotPending),
        }
    }

    /// Row 5.
    pub(crate) fn increment(
        &self,
        command: &Increment,
        asked: Asked,
    ) -> Result<Effects, Rejection> {
        let Increment { transaction: id, amount, network_id } = *command;
        let transaction = self.open_authorization(id)?;
        let card = self.card(transaction.card).expect("a card transaction names a card");
        let before = (transaction.counts_at, transaction.counted);
        let agent_limit = self.exceeded_agent_limit(card, before, amount, asked.now);
        match self.may_increment(transaction, card, amount, agent_limit, asked) {
            Ok(()) => {
                let incremented = AuthorizationIncremented { transaction: id, amount, network_id };
                let mut events = vec![Event::AuthorizationIncremented(incremented)];
                let told = agent_limit.into_iter();
                events.extend(told.flat_map(|limit| self.agent_events(card, id, limit)));
                let postings = Lines::of(Asset::Usd)
                    .debit(Account::Available(transaction.holder), amount)
                    .credit(Account::Held(transaction.holder, id), amount)
                    .balanced();
                Ok(Effects { events, postings })
            }
            Err(Decline { reason, exceeded }) => {
                let declined =
                    IncrementDeclined { transaction: id, amount, reason, exceeded, network_id };
                let mut events = vec![Event::IncrementDeclined(declined)];
                if let (DeclineReason::LimitAgent, Some(exceeded)) = (reason, exceeded) {
                    events.extend(self.agent_events(card, id, exceeded));
                }
                Ok(Effects::memo(events))
            }
        }
    }

    /// The merchant, the time and whether there is an intent were asked about when the authorization was approved.
    fn may_increment(
        &self,
        transaction: &CardTransaction,
        card: &Card,
        amount: Amount,
        agent_limit: Option<ExceededLimit>,
        Asked { now, is_late }: Asked,
    ) -> Result<(), Decline> {
        if require_in_range(amount).is_err() {
            return Err(DeclineReason::InvalidAmount.into());
        }
        Self::ask_waiting(is_late)?;
        self.ask_standing(card, now)?;
        self.ask_declared_amount(transaction, card, amount)?;
        let before = (transaction.counts_at, transaction.counted);
        self.ask_limits(card, before, amount, agent_limit, now)?;
        Self::ask_funds(self.available(card.holder, Asset::Usd), amount, false)?;
        Ok(())
    }

    /// Row 14.
    pub(crate) fn confirm(&self, command: &Confirm) -> Result<Effects, Rejection> {
        let Confirm { transaction: id, amount, network_id } = *command;
        let transaction = self.open_authorization(id)?;
        let held = self.held(id, transaction);
        require_in_range(amount)?;
        if held < amount {
            return Err(Rejection::ExceedsHold { held });
        }
        let released = held - amount;
        let confirmed = AuthorizationConfirmed { transaction: id, amount, released, network_id };
        let postings = release(transaction.holder, id, released).balanced();
        Ok(Effects { events: vec![Event::AuthorizationConfirmed(confirmed)], postings })
    }

    /// Rows 7 and 8.
    pub(crate) fn reverse(&self, command: &Reverse) -> Result<Effects, Rejection> {
        let Reverse { transaction: id, network_id, .. } = *command;
        let transaction = self.open_authorization(id)?;
        let held = self.held(id, transaction);
        let amount = match command.amount {
            Some(amount) => amount,
            None if held.is_zero() => return Err(Rejection::NotPending),
            None => held,
        };
        require_in_range(amount)?;
        if held < amount {
            let unusable = ReversalUnusable { transaction: id, amount, held, network_id };
            return Ok(Effects::memo([Event::ReversalUnusable(unusable)]));
        }
        let is_final = amount == held;
        let reversed = AuthorizationReversed { transaction: id, amount, is_final, network_id };
        let reversed = Event::AuthorizationReversed(reversed);
        let events = if is_final { self.ended(transaction, id, reversed) } else { vec![reversed] };
        let postings = release(transaction.holder, id, amount).balanced();
        Ok(Effects { events, postings })
    }

    /// Row 9.
    pub(crate) fn expire_authorization(
        &self,
        command: &ExpireAuthorization,
    ) -> Result<Effects, Rejection> {
        let id = command.transaction;
        let transaction = self.open_authorization(id)?;
        let released = self.held(id, transaction);
        let expired = AuthorizationExpired { transaction: id, released };
        let events = self.ended(transaction, id, Event::AuthorizationExpired(expired));
        let postings = release(transaction.holder, id, released).balanced();
        Ok(Effects { events, postings })
    }

    /// `end`, after which nothing is held any more, with what comes of it: a purchase that was not made leaves its intent
    /// to another one; one that was made in part is compared, first, with what it came to, and uses a single card up.
    fn ended(&self, transaction: &CardTransaction, id: TransactionId, end: Event) -> Vec<Event> {
        let cleared = transaction.cleared;
        if cleared.is_zero() {
            let intent = transaction.open.as_ref().and_then(|open| open.intent);
            let released = |intent| IntentReleased { intent, transaction: id };
            let released = intent.map(released).map(Event::IntentReleased);
            return [Some(end), released].into_iter().flatten().collect();
        }
        let assessed = self.final_assessment(transaction, id, cleared);
        [assessed, Some(end), self.used_up(transaction.card)].into_iter().flatten().collect()
    }

    pub(crate) fn apply_reversed(&mut self, event: &AuthorizationReversed) {
        if event.is_final {
            self.close_authorization(event.transaction);
        }
        self.recount(event.transaction);
    }

    pub(crate) fn apply_expired(&mut self, event: &AuthorizationExpired) {
        self.close_authorization(event.transaction);
        self.recount(event.transaction);
    }
}
