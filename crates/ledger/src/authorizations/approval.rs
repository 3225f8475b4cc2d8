//! The answer to a merchant who asks for money.

use super::questions::Decline;
use super::*;
use crate::account::Income;
use crate::card_transactions::SinceSettlement;
use crate::clearings::{foreign_fee, less_foreign_fee};
use crate::intents::BestIntent;

/// What the questions came to.
struct Approval<'a> {
    amount: Amount,
    best: Option<BestIntent<'a>>,
    agent_limit: Option<ExceededLimit>,
}

impl Book {
    /// Rows 1 to 4, 6 and 18. A decline is a fact and therefore an entry, too.
    pub(crate) fn authorize(
        &self,
        command: &Authorize,
        id: CommandId,
        asked: Asked,
    ) -> Result<Effects, Rejection> {
        let now = asked.now;
        let card = self.card(command.card)?;
        if let Some(transaction) = self.cleared_before(command, now) {
            let terms = command.terms.clone();
            let linked = Event::AuthorizationLinked(AuthorizationLinked {
                transaction,
                card: command.card,
                terms,
            });
            return Ok(Effects::memo([linked]));
        }
        let transaction = TransactionId::derive(now, id, 0);
        let is_check = command.terms.amount.is_zero();
        Ok(match self.approval(command, card, asked) {
            Err(decline) => self.decline(command, card, transaction, decline),
            Ok(_) if is_check => verified(command, card, transaction),
            Ok(approval) if command.mode == Mode::Purchase => {
                self.sell(command, card, transaction, approval)
            }
            Ok(approval) => self.hold(command, card, transaction, approval, now),
        })
    }

    /// The clearing that named this authorization before it came.
    fn cleared_before(&self, command: &Authorize, now: Timestamp) -> Option<TransactionId> {
        let transaction = *self.early_clearings.get(command.terms.network_id?, now)?;
        let found = self.card_transaction(transaction).expect("a clearing is remembered");
        (found.card == command.card).then_some(transaction)
    }

    fn approval(
        &self,
        command: &Authorize,
        card: &Card,
        Asked { now, is_late }: Asked,
    ) -> Result<Approval<'_>, Decline> {
        let Terms { amount, asset, merchant, .. } = &command.terms;
        Self::ask_message(*amount, *asset)?;
        let best = self.best_intent(command.card, *amount, |expected| {
            expected.compare(*amount, merchant.name.as_str(), merchant.mcc)
        });
        let agent_limit = self.exceeded_agent_limit(card, (now, Amount::ZERO), *amount, now);
        if command.mode == Mode::Advice {
            return Ok(Approval { amount: *amount, best, agent_limit });
        }
        Self::ask_waiting(is_late)?;
        self.ask_standing(card, now)?;
        self.ask_controls(card, merchant, now)?;
        if amount.is_zero() {
            return Ok(Approval { amount: *amount, best: None, agent_limit: None });
        }
        self.ask_declaration(card, best.as_ref(), now)?;
        self.ask_count(card)?;
        self.ask_limits(card, (now, Amount::ZERO), *amount, agent_limit, now)?;
        let reserved =
            best.as_ref().map_or(Amount::ZERO, |best| self.reserved(card.holder, best.id));
        let there = self.available(card.holder, Asset::Usd) + reserved;
        let most = if pays_fee_at_once(command) { less_foreign_fee(there) } else { there };
        let amount = Self::ask_funds(most, *amount, command.accepts_part)?;
        Ok(Approval { amount, best, agent_limit })
    }

    /// Rows 1, 3 and 6.
    fn hold(
        &self,
        command: &Authorize,
        card: &Card,
        transaction: TransactionId,
        approval: Approval<'_>,
        now: Timestamp,
    ) -> Effects {
        let Approval { amount, best, agent_limit } = approval;
        let is_travel = command.terms.merchant.mcc.is_some_and(|mcc| mcc.is_travel());
        let mut events = vec![Event::AuthorizationApproved(AuthorizationApproved {
            transaction,
            card: command.card,
            agent: card.agent,
            holder: card.holder,
            terms: command.terms.clone(),
            approved: amount,
            is_advice: command.mode == Mode::Advice,
            intent: best.as_ref().map(|best| best.id),
            attestation: best.as_ref().and_then(BestIntent::attestation),
            expires_at: now.plus_ms(if is_travel { TRAVEL_HOLD_MS } else { HOLD_MS }),
        })];
        events.extend(best.as_ref().map(|best| best.assessed(transaction)));
        events.extend(
            agent_limit.into_iter().flat_map(|limit| self.agent_events(card, transaction, limit)),
        );
        let postings = self
            .spend(card.holder, best.map(|best| best.id), amount)
            .credit(Account::Held(card.holder, transaction), amount)
            .balanced();
        Effects { events, postings }
    }

    /// Row 18.
    fn sell(
        &self,
        command: &Authorize,
        card: &Card,
        transaction: TransactionId,
        approval: Approval<'_>,
    ) -> Effects {
        let Approval { amount, best, agent_limit } = approval;
        let fee = if pays_fee_at_once(command) { foreign_fee(amount) } else { Amount::ZERO };
        let Terms { merchant, .. } = &command.terms;
        // What has cleared is compared, and first: the purchase ends its intent.
        let assessed = best.as_ref().map(|BestIntent { id, intent, .. }| {
            let expected = &intent.expectation;
            let comparison = expected.compare(amount, merchant.name.as_str(), merchant.mcc);
            intent.assessed(*id, transaction, comparison)
        });
        let mut events = Vec::from_iter(assessed);
        events.push(Event::Purchased(Purchased {
            transaction,
            card: command.card,
            agent: card.agent,
            holder: card.holder,
            terms: command.terms.clone(),
            approved: amount,
            fee,
            intent: best.as_ref().map(|best| best.id),
            attestation: best.as_ref().and_then(BestIntent::attestation),
        }));
        events.extend(
            agent_limit.into_iter().flat_map(|limit| self.agent_events(card, transaction, limit)),
        );
        events.extend(self.used_up(command.card));
        let postings = self
            .spend(card.holder, best.map(|best| best.id), amount + fee)
            .credit(Account::NetworkPayable(Scheme::Visa), amount)
            .credit(Account::Income(Income::ForeignExchange), fee)
            .balanced();
        Effects { events, postings }
    }

    fn decline(
        &self,
        command: &Authorize,
        card: &Card,
        transaction: TransactionId,
        decline: Decline,
    ) -> Effects {
        let Decline { reason, exceeded } = decline;
        let mut events = vec![Event::AuthorizationDeclined(AuthorizationDeclined {
            transaction,
            card: command.card,
            agent: card.agent,
            holder: card.holder,
            terms: command.terms.clone(),
            reason,
            exceeded,
        })];
        if let (DeclineReason::LimitAgent, Some(exceeded)) = (reason, exceeded) {
            events.extend(self.agent_events(card, transaction, exceeded));
        }
        Effects::memo(events)
    }

    /// The debit of what a card spends: what its intent has reserved, then what can't be refused. Of the reservation
    /// nothing stays.
    fn spend(&self, holder: HolderId, intent: Option<IntentId>, amount: Amount) -> Lines {
        let reserved = intent.map_or(Amount::ZERO, |intent| self.reserved(holder, intent));
        let from_reserved = reserved.min(amount);
        let lines = match intent {
            Some(intent) => {
                Lines::of(Asset::Usd).debit(Account::Reserved(holder, intent), reserved)
            }
            None => Lines::of(Asset::Usd),
        };
        lines
            .extend(self.shortfall(holder, Asset::Usd, amount - from_reserved))
            .credit(Account::Available(holder), reserved - from_reserved)
    }

    pub(crate) fn apply_approved(&mut self, event: &AuthorizationApproved, at: Timestamp) {
        let is_foreign = event.terms.original.is_some();
        let kind = Kind::Purchase { is_foreign };
        let open = Open {
            merchant: event.terms.merchant.clone(),
            intent: event.intent,
            expires_at: event.expires_at,
        };
        let transaction = CardTransaction {
            was_asked: true,
            open: Some(open),
            ..CardTransaction::new(event.card, event.holder, kind, at)
        };
        self.card_transactions.insert(event.transaction, transaction);
        let card = self.card_mut(event.card);
        card.open_authorizations += 1;
        card.authorizations += 1;
        card.last_approved = Some(at);
        self.deadlines.insert((event.expires_at, Deadline::Authorization(event.transaction)));
        self.recount(event.transaction);
    }

    pub(crate) fn apply_purchased(&mut self, event: &Purchased, position: Position, at: Timestamp) {
        let is_foreign = event.terms.original.is_some();
        let kind = Kind::Purchase { is_foreign };
        let transaction = CardTransaction {
            cleared: event.approved,
            unsettled: SinceSettlement::new(event.approved, position),
            was_asked: true,
            ..CardTransaction::new(event.card, event.holder, kind, at)
        };
        self.card_transactions.insert(event.transaction, transaction);
        let card = self.card_mut(event.card);
        card.authorizations += 1;
        card.last_approved = Some(at);
        if let Some(intent) = event.intent {
            self.drop_intent(intent);
        }
        self.recount(event.transaction);
    }
}

/// A purchase in a foreign currency costs its fee when it clears: in a single message, at once.
fn pays_fee_at_once(command: &Authorize) -> bool {
    command.mode == Mode::Purchase && command.terms.original.is_some()
}

/// Row 4.
fn verified(command: &Authorize, card: &Card, transaction: TransactionId) -> Effects {
    Effects::memo([Event::CardVerified(CardVerified {
        transaction,
        card: command.card,
        agent: card.agent,
        holder: card.holder,
        terms: command.terms.clone(),
    })])
}
