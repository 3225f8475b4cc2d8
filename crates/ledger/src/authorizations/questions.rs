//! What is asked before money is held. The order of the questions is part of the contract: the first that fails is the
//! reason of the decline.

use super::*;
use crate::amount::AMOUNT_MAX;
use crate::intents::{BestIntent, Enforcement, Intent};
use crate::time::MINUTE_MS;

/// Why not, and at which limit.
pub(super) struct Decline {
    pub(super) reason: DeclineReason,
    pub(super) exceeded: Option<ExceededLimit>,
}

impl From<DeclineReason> for Decline {
    fn from(reason: DeclineReason) -> Self {
        Self { reason, exceeded: None }
    }
}

impl Book {
    /// What was asked for.
    pub(super) fn ask_message(amount: Amount, asset: Asset) -> Result<(), Decline> {
        if AMOUNT_MAX < amount {
            return Err(DeclineReason::InvalidAmount.into());
        }
        if asset != Asset::Usd {
            return Err(DeclineReason::CurrencyNotSupported.into());
        }
        Ok(())
    }

    /// Whether anybody still waits for the answer.
    pub(super) fn ask_waiting(is_late: bool) -> Result<(), Decline> {
        if is_late { Err(DeclineReason::DecisionTimeout.into()) } else { Ok(()) }
    }

    /// Who asks: holder, agent, card.
    pub(super) fn ask_standing(&self, card: &Card, now: Timestamp) -> Result<(), Decline> {
        let holder = self.holder(card.holder).expect("a card has a holder");
        match holder.verification.status {
            VerificationStatus::Approved => {}
            VerificationStatus::Locked => return Err(DeclineReason::UserLocked.into()),
            _ => return Err(DeclineReason::UserNotApproved.into()),
        }
        if self.agent_of(card).status == AgentStatus::Suspended {
            return Err(DeclineReason::AgentSuspended.into());
        }
        match card.status {
            CardStatus::Active => {}
            CardStatus::Frozen => return Err(DeclineReason::CardFrozen.into()),
            CardStatus::Closed => return Err(DeclineReason::CardClosed.into()),
        }
        if card.expires_at <= now {
            return Err(DeclineReason::CardExpired.into());
        }
        Ok(())
    }

    /// Whether the card is meant for this purchase, at this merchant, at this time.
    pub(super) fn ask_controls(
        &self,
        card: &Card,
        merchant: &Merchant,
        now: Timestamp,
    ) -> Result<(), Decline> {
        if card.kind == CardKind::Single && 0 < card.open_authorizations {
            return Err(DeclineReason::SingleUseAlreadyUsed.into());
        }
        let controls = &card.controls;
        if merchant.mcc.is_some_and(|mcc| controls.mccs_blocked.contains(&mcc)) {
            return Err(DeclineReason::MccBlocked.into());
        }
        let allowed = &controls.mccs_allowed;
        if !allowed.is_empty() && !merchant.mcc.is_some_and(|mcc| allowed.contains(&mcc)) {
            return Err(DeclineReason::MccNotAllowed.into());
        }
        if controls.merchant.as_ref().is_some_and(|locked| !merchant.is_called(locked)) {
            return Err(DeclineReason::MerchantMismatch.into());
        }
        if controls.active_hours.is_some_and(|hours| !hours.contains(now)) {
            return Err(DeclineReason::OutsideActiveHours.into());
        }
        let cooldown_ms = u64::from(controls.cooldown_minutes) * MINUTE_MS;
        if card.last_approved.is_some_and(|last| now < last.plus_ms(cooldown_ms)) {
            return Err(DeclineReason::Cooldown.into());
        }
        Ok(())
    }

    /// Whether the purchase was declared, and the card's details were read for it.
    pub(super) fn ask_declaration(
        &self,
        card: &Card,
        best: Option<&BestIntent<'_>>,
        now: Timestamp,
    ) -> Result<(), Decline> {
        let controls = &card.controls;
        if controls.intent_required && best.is_none() {
            return Err(DeclineReason::IntentRequired.into());
        }
        let declines =
            |best: &BestIntent<'_>| !best.comparison.is_match() && is_enforced(card, best.intent);
        if best.is_some_and(declines) {
            return Err(DeclineReason::IntentMismatch.into());
        }
        let Some(window_minutes) = controls.attestation_window_minutes else { return Ok(()) };
        match card.last_attested {
            None => Err(DeclineReason::AttestationRequired.into()),
            Some(last) if last.plus_ms(u64::from(window_minutes) * MINUTE_MS) < now => {
                Err(DeclineReason::AttestationStale.into())
            }
            Some(_) => Ok(()),
        }
    }

    /// Whether an authorization is still the declared purchase when it is for `more`. Less may be captured than is held:
    /// only too much differs.
    pub(super) fn ask_declared_amount(
        &self,
        transaction: &CardTransaction,
        card: &Card,
        more: Amount,
    ) -> Result<(), Decline> {
        let Some(taken) = transaction.open.as_ref().and_then(|open| open.intent) else {
            return Ok(());
        };
        let intent = self.intents.get(taken).expect("an open authorization keeps its intent");
        let total = transaction.counted + more;
        if is_enforced(card, intent) && intent.expectation.is_exceeded_by(total) {
            return Err(DeclineReason::IntentMismatch.into());
        }
        Ok(())
    }

    /// How often the card may be used.
    pub(super) fn ask_count(&self, card: &Card) -> Result<(), Decline> {
        match card.controls.authorizations_max {
            Some(max) if max <= card.authorizations => {
                Err(DeclineReason::LimitAuthorizationCount.into())
            }
            Some(_) | None => Ok(()),
        }
    }

    /// How much may be spent. `before` is what the same authorization has spent already, and when.
    pub(super) fn ask_limits(
        &self,
        card: &Card,
        before: (Timestamp, Amount),
        amount: Amount,
        agent_limit: Option<ExceededLimit>,
        now: Timestamp,
    ) -> Result<(), Decline> {
        if let Some(exceeded) = card.spending.exceeded(card.limits.iter(), before, amount, now) {
            let reason = card_limit_reason(exceeded.limit.window);
            return Err(Decline { reason, exceeded: Some(exceeded) });
        }
        let suspends = self.agent_of(card).policy.on_exceeded == OnExceeded::Suspend;
        if suspends && agent_limit.is_some() {
            return Err(Decline { reason: DeclineReason::LimitAgent, exceeded: agent_limit });
        }
        Ok(())
    }

    /// The limit of the card's agent that `amount` more would exceed.
    pub(super) fn exceeded_agent_limit(
        &self,
        card: &Card,
        before: (Timestamp, Amount),
        amount: Amount,
        now: Timestamp,
    ) -> Option<ExceededLimit> {
        let agent = self.agent_of(card);
        agent.spending.exceeded([agent.policy.limit], before, amount, now)
    }

    /// What is there: the amount that can be approved, when at most `most` can be paid.
    pub(super) fn ask_funds(
        most: Amount,
        amount: Amount,
        accepts_part: bool,
    ) -> Result<Amount, Decline> {
        if amount <= most {
            Ok(amount)
        } else if accepts_part && !most.is_zero() {
            Ok(most)
        } else {
            Err(DeclineReason::InsufficientFunds.into())
        }
    }

    /// A decline at the agent's limit suspends the agent, and one above it tells the platform, if that was wanted.
    pub(super) fn agent_events(
        &self,
        card: &Card,
        transaction: TransactionId,
        exceeded: ExceededLimit,
    ) -> Vec<Event> {
        let agent = card.agent;
        let told = Event::AgentLimitExceeded(AgentLimitExceeded { agent, transaction, exceeded });
        let status = AgentStatus::Suspended;
        match self.agent_of(card).policy.on_exceeded {
            OnExceeded::Suspend => {
                let suspended = AgentStatusChanged { agent, status };
                vec![told, Event::AgentStatusChanged(suspended)]
            }
            OnExceeded::Notify => vec![told],
            OnExceeded::Ignore => Vec::new(),
        }
    }
}

/// Whether a purchase that is not the declared one is declined.
fn is_enforced(card: &Card, intent: &Intent) -> bool {
    [Some(card.controls.enforcement), intent.enforcement].contains(&Some(Enforcement::Decline))
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
