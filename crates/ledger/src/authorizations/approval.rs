//! Whether a purchase may be made. The order of the questions is part of the contract: the first that fails is the
//! reason of the decline.

use super::*;

/// Why not, and at which limit.
struct Decline {
    reason: DeclineReason,
    exceeded: Option<ExceededLimit>,
}

impl From<DeclineReason> for Decline {
    fn from(reason: DeclineReason) -> Self {
        Self { reason, exceeded: None }
    }
}

impl Book {
    /// Rows 1 and 2. A decline is a fact and therefore an entry, too.
    pub(crate) fn authorize(
        &self,
        command: &Authorize,
        id: CommandId,
        now: Timestamp,
    ) -> Result<Effects, Rejection> {
        let card = self.card(command.card)?;
        let transaction = TransactionId::derive(now, id, 0);
        let agent_limit = self.exceeded_agent_limit(card, command.terms.amount, now);
        match self.approval(card, &command.terms, agent_limit, now) {
            Ok(()) => Ok(self.approve(command, card, transaction, agent_limit, now)),
            Err(decline) => Ok(self.decline(command, card, transaction, decline)),
        }
    }

    fn exceeded_agent_limit(
        &self,
        card: &Card,
        amount: Amount,
        now: Timestamp,
    ) -> Option<ExceededLimit> {
        let agent = self.agent_of(card);
        agent.spending.exceeded([agent.policy.limit], amount, now)
    }

    /// Asks what was asked for, then who asks (holder, agent, card), then how much may be spent, then what is there.
    fn approval(
        &self,
        card: &Card,
        terms: &Terms,
        agent_limit: Option<ExceededLimit>,
        now: Timestamp,
    ) -> Result<(), Decline> {
        if require_in_range(terms.amount).is_err() {
            return Err(DeclineReason::InvalidAmount.into());
        }
        if terms.asset != Asset::Usd {
            return Err(DeclineReason::CurrencyNotSupported.into());
        }
        let holder = self.holder(card.holder).expect("a card has a holder");
        match holder.verification.status {
            VerificationStatus::Approved => {}
            VerificationStatus::Locked => return Err(DeclineReason::UserLocked.into()),
            _ => return Err(DeclineReason::UserNotApproved.into()),
        }
        let agent = self.agent_of(card);
        if agent.status == AgentStatus::Suspended {
            return Err(DeclineReason::AgentSuspended.into());
        }
        self.usable(card, now)?;
        if let Some(exceeded) = card.spending.exceeded(card.limits.iter(), terms.amount, now) {
            let reason = card_limit_reason(exceeded.limit.window);
            return Err(Decline { reason, exceeded: Some(exceeded) });
        }
        if agent.policy.on_exceeded == OnExceeded::Suspend && agent_limit.is_some() {
            return Err(Decline { reason: DeclineReason::LimitAgent, exceeded: agent_limit });
        }
        if self.available(card.holder) < terms.amount {
            return Err(DeclineReason::InsufficientFunds.into());
        }
        Ok(())
    }

    fn usable(&self, card: &Card, now: Timestamp) -> Result<(), Decline> {
        match card.status {
            CardStatus::Active => {}
            CardStatus::Frozen => return Err(DeclineReason::CardFrozen.into()),
            CardStatus::Closed => return Err(DeclineReason::CardClosed.into()),
        }
        if card.expires_at <= now {
            return Err(DeclineReason::CardExpired.into());
        }
        if card.kind == CardKind::Single && 0 < card.open_authorizations {
            return Err(DeclineReason::SingleUseAlreadyUsed.into());
        }
        Ok(())
    }

    fn approve(
        &self,
        command: &Authorize,
        card: &Card,
        transaction: TransactionId,
        agent_limit: Option<ExceededLimit>,
        now: Timestamp,
    ) -> Effects {
        let terms = &command.terms;
        let merchant = &terms.merchant;
        let best = self.best_intent(card, terms.amount, merchant.name.as_str(), merchant.mcc);
        let is_travel = merchant.mcc.is_some_and(|mcc| mcc.is_travel());
        let mut events = vec![Event::AuthorizationApproved(AuthorizationApproved {
            transaction,
            card: command.card,
            agent: card.agent,
            holder: card.holder,
            terms: terms.clone(),
            intent: best.map(|(id, _, _)| id),
            attestation: best.and_then(|(_, intent, _)| intent.attested).map(|(id, _)| id),
            expires_at: now.plus_ms(if is_travel { TRAVEL_HOLD_MS } else { HOLD_MS }),
        })];
        if let Some((id, intent, comparison)) = best {
            events.push(intent.assessed(id, transaction, comparison));
        }
        let notify = self.agent_of(card).policy.on_exceeded == OnExceeded::Notify;
        if let Some(exceeded) = agent_limit.filter(|_| notify) {
            let agent = card.agent;
            events.push(Event::AgentLimitExceeded(AgentLimitExceeded {
                agent,
                transaction,
                exceeded,
            }));
        }
        let postings = Lines::of(Asset::Usd)
            .debit(Account::Available(card.holder), terms.amount)
            .credit(Account::Held(card.holder, transaction), terms.amount)
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
        let mut events = vec![Event::AuthorizationDeclined(AuthorizationDeclined {
            transaction,
            card: command.card,
            agent: card.agent,
            holder: card.holder,
            terms: command.terms.clone(),
            reason: decline.reason,
            exceeded: decline.exceeded,
        })];
        if let (DeclineReason::LimitAgent, Some(exceeded)) = (decline.reason, decline.exceeded) {
            let (agent, status) = (card.agent, AgentStatus::Suspended);
            events.push(Event::AgentLimitExceeded(AgentLimitExceeded {
                agent,
                transaction,
                exceeded,
            }));
            events.push(Event::AgentStatusChanged(AgentStatusChanged { agent, status }));
        }
        Effects::memo(events)
    }

    pub(crate) fn apply_approved(&mut self, event: &AuthorizationApproved, at: Timestamp) {
        self.authorizations.insert(
            event.transaction,
            Authorization {
                card: event.card,
                holder: event.holder,
                at,
                cleared: Amount::ZERO,
                refunded: Amount::ZERO,
                counted: Amount::ZERO,
                open: Some(Open {
                    merchant: event.terms.merchant.clone(),
                    intent: event.intent,
                    expires_at: event.expires_at,
                }),
            },
        );
        let card = self.cards.get_mut(event.card).expect("an authorization names a card");
        card.open_authorizations += 1;
        self.deadlines.insert((event.expires_at, Deadline::Authorization(event.transaction)));
        self.recount(event.transaction);
    }
}

fn card_limit_reason(window: Window) -> DeclineReason {
    match window {
        Window::Authorization => DeclineReason::LimitPerAuthorization,
        Window::Day => DeclineReason::LimitPerDay,
        Window::Month => DeclineReason::LimitPerMonth,
        Window::Total => DeclineReason::LimitCumulative,
        Window::Week | Window::Year => unreachable!("cards have no such limit"),
    }
}
