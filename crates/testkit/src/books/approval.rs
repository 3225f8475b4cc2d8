//! Whether a purchase may be made, and which intent it takes.

use std::cmp::Reverse;

use ledger::agents::{AgentStatus, OnExceeded};
use ledger::authorizations::{Authorize, DeclineReason};
use ledger::cards::{CardKind, CardLimits, CardStatus};
use ledger::holders::VerificationStatus;
use ledger::limits::{Limit, Window};
use ledger::matching::Merchant;
use ledger::{Amount, Asset, CardId, IntentId, Timestamp};

use super::verdict::Verdict;
use super::{Books, matching};
use crate::calendar;
use crate::words;

/// The largest amount, 2^53 − 1.
const AMOUNT_MAX: u128 = 9_007_199_254_740_991;

impl Books {
    /// The questions in the order in which they are asked: the first that fails is the reason.
    pub(super) fn authorization(&self, command: &Authorize, now: Timestamp) -> Verdict {
        let Some(card) = self.cards.get(&command.card) else {
            return Verdict::Rejected("unknown_card");
        };
        let declined = |reason| Verdict::Declined { reason, left: None };
        let amount = command.terms.amount;
        if out_of_range(amount).is_some() {
            return declined(DeclineReason::InvalidAmount);
        }
        if command.terms.asset != Asset::Usd {
            return declined(DeclineReason::CurrencyNotSupported);
        }
        match self.holders[&card.holder] {
            VerificationStatus::Approved => {}
            VerificationStatus::Locked => return declined(DeclineReason::UserLocked),
            _ => return declined(DeclineReason::UserNotApproved),
        }
        let agent = &self.agents[&card.agent];
        if agent.status == AgentStatus::Suspended {
            return declined(DeclineReason::AgentSuspended);
        }
        match card.status {
            CardStatus::Active => {}
            CardStatus::Frozen => return declined(DeclineReason::CardFrozen),
            CardStatus::Closed => return declined(DeclineReason::CardClosed),
        }
        let today = calendar::date(now);
        if card.valid_until < (today.year, today.month) {
            return declined(DeclineReason::CardExpired);
        }
        let is_in_use =
            |id: CardId| self.purchases.values().any(|one| one.card == id && one.is_open);
        if card.kind == CardKind::Single && is_in_use(command.card) {
            return declined(DeclineReason::SingleUseAlreadyUsed);
        }
        for limit in limits(&card.limits) {
            let left = self.left_of_card(command.card, limit, now);
            if left < amount.0 {
                let reason = words::limit_reason(limit.window);
                return Verdict::Declined { reason, left: Some(left) };
            }
        }
        let left = self.left_of_agent(card.agent, agent.policy.limit, now);
        let exceeds = left < amount.0;
        if exceeds && agent.policy.on_exceeded == OnExceeded::Suspend {
            return Verdict::Declined { reason: DeclineReason::LimitAgent, left: Some(left) };
        }
        if self.available(card.holder) < amount.0 {
            return declined(DeclineReason::InsufficientFunds);
        }
        Verdict::Approved { tells: exceeds && agent.policy.on_exceeded == OnExceeded::Notify }
    }

    /// The live intent that a purchase takes.
    pub(super) fn best_intent(
        &self,
        card: CardId,
        amount: u128,
        merchant: &Merchant,
    ) -> Option<IntentId> {
        let live =
            self.intents.iter().filter(|(_, intent)| intent.card == card && intent.is_live());
        let (id, _) = live.max_by_key(|(id, intent)| {
            let expected = intent.expectation.amount.0;
            let difference = expected.max(amount) - expected.min(amount);
            let is_match = matching::compare(&intent.expectation, amount, merchant).is_match();
            (is_match, Reverse(difference), Reverse(intent.declared), Reverse(**id))
        })?;
        Some(*id)
    }
}

/// The limits of a card, in the order in which they are asked.
pub(super) fn limits(limits: &CardLimits) -> Vec<Limit> {
    let mut set = Vec::new();
    for (window, amount) in [
        (Window::Authorization, limits.per_authorization),
        (Window::Day, limits.per_day),
        (Window::Month, limits.per_month),
        (Window::Total, Some(limits.total)),
    ] {
        set.extend(amount.map(|amount| Limit { window, amount }));
    }
    set
}

/// Why an amount is refused, if it is.
pub(super) fn out_of_range(amount: Amount) -> Option<&'static str> {
    (amount.0 == 0 || AMOUNT_MAX < amount.0).then_some("amount_out_of_range")
}
