//! What becomes of an approved authorization.

use super::*;

impl Book {
    fn authorization(&self, transaction: TransactionId) -> Result<&Authorization, Rejection> {
        self.authorizations.get(transaction).ok_or(Rejection::UnknownTransaction(transaction))
    }

    /// What an authorization holds.
    fn held(&self, transaction: TransactionId, authorization: &Authorization) -> Amount {
        self.accounts.balance(Account::Held(authorization.holder, transaction), Asset::Usd)
    }

    /// Rows 7 and 8.
    pub(crate) fn reverse(&self, command: &Reverse) -> Result<Effects, Rejection> {
        let transaction = command.transaction;
        let authorization = self.authorization(transaction)?;
        let held = self.held(transaction, authorization);
        if authorization.open.is_none() || held.is_zero() {
            return Err(Rejection::NotPending);
        }
        let amount = command.amount.unwrap_or(held);
        require_in_range(amount)?;
        if held < amount {
            return Err(Rejection::ExceedsHold { held });
        }
        let is_final = amount == held;
        let mut events = vec![Event::AuthorizationReversed(AuthorizationReversed {
            transaction,
            amount,
            is_final,
            network_id: command.network_id,
        })];
        if is_final {
            events.extend(self.ending(authorization, transaction));
        }
        let postings = release(authorization.holder, transaction, amount).balanced();
        Ok(Effects { events, postings })
    }

    /// Row 9.
    pub(crate) fn expire_authorization(
        &self,
        command: &ExpireAuthorization,
    ) -> Result<Effects, Rejection> {
        let transaction = command.transaction;
        let authorization = self.authorization(transaction)?;
        if authorization.open.is_none() {
            return Err(Rejection::NotPending);
        }
        let released = self.held(transaction, authorization);
        let mut events =
            vec![Event::AuthorizationExpired(AuthorizationExpired { transaction, released })];
        events.extend(self.ending(authorization, transaction));
        let postings = release(authorization.holder, transaction, released).balanced();
        Ok(Effects { events, postings })
    }

    /// Rows 10 to 13 and 16. A capture of an approved authorization always posts: limits, card status and balance
    /// were asked when it was approved.
    pub(crate) fn clear(&self, command: &Clear) -> Result<Effects, Rejection> {
        let transaction = command.transaction;
        let authorization = self.authorization(transaction)?;
        let held = self.held(transaction, authorization);
        let amount = command.amount.unwrap_or(held);
        if amount.is_zero() && authorization.open.is_none() {
            return Err(Rejection::NotPending);
        }
        require_in_range(amount)?;
        let from_hold = held.min(amount);
        let released = if command.is_final { held - from_hold } else { Amount::ZERO };

        let mut events = Vec::with_capacity(3);
        if command.is_final {
            let total = authorization.cleared + amount;
            events.extend(self.final_assessment(authorization, transaction, total));
        }
        events.push(Event::Cleared(Cleared {
            transaction,
            amount,
            from_hold,
            released,
            is_final: command.is_final,
            is_late: authorization.open.is_none(),
            network_id: command.network_id,
        }));
        if command.is_final {
            events.extend(self.used_up(authorization.card));
        }

        let holder = authorization.holder;
        let postings = Lines::of(Asset::Usd)
            .debit(Account::Held(holder, transaction), from_hold)
            .extend(self.shortfall(holder, amount - from_hold))
            .credit(Account::NetworkPayable(Scheme::Visa), amount)
            .extend(release(holder, transaction, released))
            .balanced();
        Ok(Effects { events, postings })
    }

    /// Compares what has cleared in all with the intent, and says so when the result differs from the one at the
    /// authorization.
    fn final_assessment(
        &self,
        authorization: &Authorization,
        transaction: TransactionId,
        total: Amount,
    ) -> Option<Event> {
        let open = authorization.open.as_ref()?;
        let id = open.intent?;
        let intent = self.intents.get(id).expect("an open authorization keeps its intent");
        let merchant = &open.merchant;
        let comparison = intent.expectation.compare(total, merchant.name.as_str(), merchant.mcc);
        let (_, before) = intent.taken.expect("the authorization has taken it");
        (comparison != before).then(|| intent.assessed(id, transaction, comparison))
    }

    /// What follows when nothing is held any more: a purchase that was not made leaves its intent to another one,
    /// one that was made in part uses a single card up.
    fn ending(&self, authorization: &Authorization, transaction: TransactionId) -> Option<Event> {
        if !authorization.cleared.is_zero() {
            return self.used_up(authorization.card);
        }
        let intent = authorization.open.as_ref()?.intent?;
        Some(Event::IntentReleased(IntentReleased { intent, transaction }))
    }

    /// A card for one purchase is closed by its clearing.
    fn used_up(&self, id: CardId) -> Option<Event> {
        let card = self.card(id).expect("an authorization names a card");
        let closes = card.kind == CardKind::Single && card.status != CardStatus::Closed;
        let status = CardStatus::Closed;
        closes.then_some(Event::CardStatusChanged(CardStatusChanged { card: id, status }))
    }

    /// Row 21; row 23 before anything has cleared.
    pub(crate) fn refund(&self, command: &Refund) -> Result<Effects, Rejection> {
        let Refund { transaction, amount, network_id } = *command;
        let authorization = self.authorization(transaction)?;
        if authorization.cleared.is_zero() {
            return self.reverse(&Reverse { transaction, amount, network_id });
        }
        let left = authorization.cleared - authorization.refunded;
        let amount = amount.unwrap_or(left);
        if left < amount || left.is_zero() {
            return Err(Rejection::ExceedsCleared { left });
        }
        require_in_range(amount)?;
        let postings = Lines::of(Asset::Usd)
            .debit(Account::NetworkReceivable(Scheme::Visa), amount)
            .extend(self.repayment(authorization.holder, amount))
            .balanced();
        let event = Event::Refunded(Refunded { transaction, amount, network_id });
        Ok(Effects { events: vec![event], postings })
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

    pub(crate) fn apply_cleared(&mut self, event: &Cleared) {
        self.authorization_mut(event.transaction).cleared += event.amount;
        if event.is_final && !event.is_late {
            self.close_authorization(event.transaction);
        }
        self.recount(event.transaction);
    }

    pub(crate) fn apply_refunded(&mut self, event: &Refunded) {
        self.authorization_mut(event.transaction).refunded += event.amount;
    }

    fn authorization_mut(&mut self, transaction: TransactionId) -> &mut Authorization {
        self.authorizations.get_mut(transaction).expect("the event names an authorization")
    }

    /// Ends an authorization. An intent that led to a purchase ends with it; another one is given back by an event.
    fn close_authorization(&mut self, transaction: TransactionId) {
        let authorization = self.authorization_mut(transaction);
        let open = authorization.open.take().expect("an authorization ends once");
        let (card, is_purchase) = (authorization.card, !authorization.cleared.is_zero());
        if let Some(intent) = open.intent.filter(|_| is_purchase) {
            self.drop_intent(intent);
        }
        self.deadlines.remove(&(open.expires_at, Deadline::Authorization(transaction)));
        let card = self.cards.get_mut(card).expect("an authorization names a card");
        card.open_authorizations -= 1;
    }

    /// Brings what counts towards limits to what is held and cleared now, at the time of the authorization.
    pub(super) fn recount(&mut self, transaction: TransactionId) {
        let authorization = self.authorization(transaction).expect("the event names it");
        let counts = self.held(transaction, authorization) + authorization.cleared;
        let Authorization { card, at, counted, .. } = *authorization;
        self.authorization_mut(transaction).counted = counts;
        let card = self.cards.get_mut(card).expect("an authorization names a card");
        let agent = self.agents.get_mut(card.agent).expect("a card names an agent");
        for spending in [&mut card.spending, &mut agent.spending] {
            if counted < counts {
                spending.add(at, counts - counted);
            } else if counts < counted {
                spending.give_back(at, counted - counts);
            }
        }
    }
}

/// Held money becomes available: not new money, so it repays nothing.
fn release(holder: HolderId, transaction: TransactionId, amount: Amount) -> Lines {
    Lines::of(Asset::Usd)
        .debit(Account::Held(holder, transaction), amount)
        .credit(Account::Available(holder), amount)
}
