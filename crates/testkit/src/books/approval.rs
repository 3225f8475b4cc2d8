//! Whether a purchase may be made, and which intent it takes.

use std::cmp::Reverse;

use ledger::agents::{AgentStatus, OnExceeded};
use ledger::authorizations::{Authorize, DeclineReason, Increment, Mode, Terms};
use ledger::cards::{CardKind, CardLimits, CardStatus};
use ledger::holders::VerificationStatus;
use ledger::intents::Enforcement;
use ledger::limits::{Limit, Window};
use ledger::matching::{Comparison, Expectation, Merchant, Tolerance};
use ledger::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use ledger::{Account, Amount, Asset, CardId, IntentId, Timestamp, TransactionId};

use super::verdict::{Asked, AtLimit, Verdict};
use super::{Books, Card, Intent, Kind, Purchase, matching};
use crate::calendar;

/// The largest amount, 2^53 − 1.
pub(super) const AMOUNT_MAX: u128 = 9_007_199_254_740_991;

/// The first question that fails: why, and what is left of a limit.
type Failed = (DeclineReason, Option<u128>);

impl Books {
    /// The questions in the order in which they are asked: the first that fails is the reason.
    pub(super) fn authorization(&self, command: &Authorize, asked_at: Asked) -> Verdict {
        let now = asked_at.now;
        let Some(card) = self.cards.get(&command.card) else {
            return Verdict::Rejected("UnknownCard");
        };
        let early = command.terms.network_id.and_then(|id| self.cleared_early(id, now));
        if let Some((transaction, _)) = early.filter(|(_, card)| *card == command.card) {
            return Verdict::Linked(transaction);
        }
        let Terms { amount: Amount(asked), asset, merchant, .. } = &command.terms;
        let asked = *asked;
        if AMOUNT_MAX < asked {
            return self.declined(card, (DeclineReason::InvalidAmount, None));
        }
        if *asset != Asset::Usd {
            return self.declined(card, (DeclineReason::CurrencyNotSupported, None));
        }
        if asked_at.is_late && command.mode != Mode::Advice {
            return self.declined(card, (DeclineReason::DecisionTimeout, None));
        }
        if asked == 0 {
            let failed = match command.mode {
                Mode::Advice => None,
                Mode::Hold | Mode::Purchase => self.unusable_at(command.card, merchant, now),
            };
            return failed.map_or(Verdict::Verified, |failed| self.declined(card, failed));
        }
        let agent = self.at_agent_limit(card, None, asked, now);
        if command.mode == Mode::Advice {
            return Verdict::Approved { amount: asked, agent };
        }
        let compare = |expected: &_| matching::compare(expected, asked, merchant);
        let best = self.best_intent(command.card, asked, compare);
        let failed = self
            .unusable_at(command.card, merchant, now)
            .or_else(|| self.undeclared(command.card, best, asked, merchant, now))
            .or_else(|| self.used_too_often(command.card))
            .or_else(|| self.limit(command.card, None, asked, now));
        if let Some(failed) = failed {
            return self.declined(card, failed);
        }
        let reserved = best
            .map_or(0, |intent| self.credit(Account::Reserved(card.holder, intent), Asset::Usd));
        let there = self.available(card.holder) + reserved;
        let is_dearer = command.mode == Mode::Purchase && command.terms.original.is_some();
        let costs = |amount: u128| if is_dearer { amount + amount / 100 } else { amount };
        let amount = if costs(asked) <= there {
            asked
        } else if command.accepts_part {
            most(there, costs)
        } else {
            0
        };
        match amount {
            0 => self.declined(card, (DeclineReason::InsufficientFunds, None)),
            amount => Verdict::Approved { amount, agent },
        }
    }

    /// More on an authorization: who asks, whether so much was declared and may be spent, and whether it is there.
    pub(super) fn increment(&self, command: &Increment, Asked { now, is_late }: Asked) -> Verdict {
        let purchase = match self.still_open(command.transaction) {
            Ok(purchase) => purchase,
            Err(word) => return Verdict::Rejected(word),
        };
        let card = &self.cards[&purchase.card];
        let amount = command.amount.0;
        if out_of_range(command.amount).is_some() {
            return self.declined(card, (DeclineReason::InvalidAmount, None));
        }
        if is_late {
            return self.declined(card, (DeclineReason::DecisionTimeout, None));
        }
        let raised = Some(command.transaction);
        let failed = self
            .standing(card, now)
            .or_else(|| self.beyond_declared(purchase, amount))
            .or_else(|| self.limit(purchase.card, raised, amount, now))
            .or_else(|| {
                let is_there = amount <= self.available(purchase.holder);
                (!is_there).then_some((DeclineReason::InsufficientFunds, None))
            });
        match failed {
            Some(failed) => self.declined(card, failed),
            None => {
                let agent = self.at_agent_limit(card, raised, amount, now);
                Verdict::Approved { amount, agent }
            }
        }
    }

    fn declined(&self, card: &Card, (reason, left): Failed) -> Verdict {
        let suspends = reason == DeclineReason::LimitAgent
            && self.agents[&card.agent].policy.on_exceeded == OnExceeded::Suspend;
        let agent = if suspends { AtLimit::Suspended } else { AtLimit::Silent };
        Verdict::Declined { reason, left, agent }
    }

    /// Whether holder, agent and card may spend at all.
    fn standing(&self, card: &Card, now: Timestamp) -> Option<Failed> {
        let reason = match self.holders[&card.holder] {
            VerificationStatus::Approved => None,
            VerificationStatus::Locked => Some(DeclineReason::UserLocked),
            _ => Some(DeclineReason::UserNotApproved),
        };
        let agent = self.agents[&card.agent].status;
        let reason = reason
            .or((agent == AgentStatus::Suspended).then_some(DeclineReason::AgentSuspended))
            .or(match card.status {
                CardStatus::Active => None,
                CardStatus::Frozen => Some(DeclineReason::CardFrozen),
                CardStatus::Closed => Some(DeclineReason::CardClosed),
            });
        let is_over = is_over(card, now);
        reason.or(is_over.then_some(DeclineReason::CardExpired)).map(|reason| (reason, None))
    }

    /// Whether the card is meant for this merchant and this time.
    fn unusable_at(&self, id: CardId, merchant: &Merchant, now: Timestamp) -> Option<Failed> {
        let card = &self.cards[&id];
        if let Some(failed) = self.standing(card, now) {
            return Some(failed);
        }
        let controls = &card.controls;
        let is_in_use = self.purchases_of(id).any(|one| one.is_open);
        let mcc = merchant.mcc;
        let is_blocked = mcc.is_some_and(|mcc| controls.mccs_blocked.contains(&mcc));
        let is_allowed = controls.mccs_allowed.is_empty()
            || mcc.is_some_and(|mcc| controls.mccs_allowed.contains(&mcc));
        let is_other = controls
            .merchant
            .as_ref()
            .is_some_and(|name| !matching::is_same(name.as_str(), merchant.name.as_str()));
        let minute = now.as_millis() / MINUTE_MS % (24 * 60);
        let is_asleep = controls.active_hours.is_some_and(|hours| {
            let (from, until): (u64, u64) =
                (hours.from_minute().into(), hours.until_minute().into());
            // Counted from the first minute on, round the clock.
            let day = 24 * 60;
            (until + day - from) % day <= (minute + day - from) % day
        });
        let rests_ms = u64::from(controls.cooldown_minutes) * MINUTE_MS;
        let last = self.purchases_of(id).filter(|one| was_approved(one)).map(|one| one.at).max();
        let rests = last.is_some_and(|last| now.as_millis() - last.as_millis() < rests_ms);
        let questions = [
            (card.kind == CardKind::Single && is_in_use, DeclineReason::SingleUseAlreadyUsed),
            (is_blocked, DeclineReason::MccBlocked),
            (!is_allowed, DeclineReason::MccNotAllowed),
            (is_other, DeclineReason::MerchantMismatch),
            (is_asleep, DeclineReason::OutsideActiveHours),
            (rests, DeclineReason::Cooldown),
        ];
        let failed = questions.into_iter().find(|(fails, _)| *fails);
        failed.map(|(_, reason)| (reason, None))
    }

    /// Whether it had to be declared, and its details read.
    fn undeclared(
        &self,
        id: CardId,
        best: Option<IntentId>,
        asked: u128,
        merchant: &Merchant,
        now: Timestamp,
    ) -> Option<Failed> {
        let card = &self.cards[&id];
        let controls = &card.controls;
        let is_other = best.is_some_and(|intent| {
            let intent = &self.intents[&intent];
            let declines = declines_others(card, intent);
            let is_match = matching::compare(&intent.expectation, asked, merchant).is_match();
            declines && !is_match
        });
        let window_ms =
            controls.attestation_window_minutes.map(|minutes| u64::from(minutes) * MINUTE_MS);
        let read_ago_ms = card.read_at.last().map(|at| now.as_millis() - at.as_millis());
        let is_stale =
            window_ms.zip(read_ago_ms).is_some_and(|(window, read_ago)| window < read_ago);
        let questions = [
            (controls.intent_required && best.is_none(), DeclineReason::IntentRequired),
            (is_other, DeclineReason::IntentMismatch),
            (window_ms.is_some() && read_ago_ms.is_none(), DeclineReason::AttestationRequired),
            (is_stale, DeclineReason::AttestationStale),
        ];
        let failed = questions.into_iter().find(|(fails, _)| *fails);
        failed.map(|(_, reason)| (reason, None))
    }

    /// Whether more on an authorization makes it dearer than the purchase that was declared, where that matters.
    fn beyond_declared(&self, purchase: &Purchase, more: u128) -> Option<Failed> {
        let intent = &self.intents[&purchase.intent?];
        let expected = intent.expectation.amount.0;
        // In hundredths of a cent.
        let most = match intent.expectation.tolerance {
            Tolerance::Amount(allowed) => 100 * (expected + allowed.0),
            Tolerance::Percent(percent) => expected * (100 + u128::from(percent)),
        };
        let is_beyond = most < 100 * (purchase.counted() + more);
        let declines = declines_others(&self.cards[&purchase.card], intent);
        (declines && is_beyond).then_some((DeclineReason::IntentMismatch, None))
    }

    fn used_too_often(&self, id: CardId) -> Option<Failed> {
        let max = self.cards[&id].controls.authorizations_max?;
        let is_full = max as usize <= self.authorizations_of(id);
        is_full.then_some((DeclineReason::LimitAuthorizationCount, None))
    }

    /// Whether `amount` more exceeds a limit of the card, or one of the agent that declines; on an authorization that
    /// there is already, or on a new one.
    fn limit(
        &self,
        id: CardId,
        raised: Option<TransactionId>,
        amount: u128,
        now: Timestamp,
    ) -> Option<Failed> {
        let card = &self.cards[&id];
        for limit in limits(&card.limits) {
            let left = self.left(&[id], limit, raised, now);
            if left < amount {
                let reason = match limit.window {
                    Window::Authorization => DeclineReason::LimitPerAuthorization,
                    Window::Day => DeclineReason::LimitPerDay,
                    Window::Month => DeclineReason::LimitPerMonth,
                    _ => DeclineReason::LimitCumulative,
                };
                return Some((reason, Some(left)));
            }
        }
        let left = self.left_for_agent(card, raised, now);
        let declines = self.agents[&card.agent].policy.on_exceeded == OnExceeded::Suspend;
        (declines && left < amount).then_some((DeclineReason::LimitAgent, Some(left)))
    }

    fn left_for_agent(&self, card: &Card, raised: Option<TransactionId>, now: Timestamp) -> u128 {
        let agent = &self.agents[&card.agent];
        self.left(&agent.cards, agent.policy.limit, raised, now)
    }

    /// What follows for the agent when `amount` more is approved.
    fn at_agent_limit(
        &self,
        card: &Card,
        raised: Option<TransactionId>,
        amount: u128,
        now: Timestamp,
    ) -> AtLimit {
        let exceeds = self.left_for_agent(card, raised, now) < amount;
        match self.agents[&card.agent].policy.on_exceeded {
            OnExceeded::Suspend if exceeds => AtLimit::Suspended,
            OnExceeded::Notify if exceeds => AtLimit::Told,
            _ => AtLimit::Silent,
        }
    }

    /// The clearing that has waited for an authorization with this id, and its card.
    pub(super) fn cleared_early(
        &self,
        network_id: [u8; 16],
        now: Timestamp,
    ) -> Option<(TransactionId, CardId)> {
        let waits = |one: &Purchase| {
            one.awaits == Some(network_id) && now < one.at.plus_ms(7 * 24 * HOUR_MS)
        };
        let waiting = self.purchases.iter().filter(|(_, one)| waits(one));
        let last = waiting.max_by_key(|(_, one)| one.position);
        last.map(|(id, one)| (*id, one.card))
    }

    /// The live intent that a purchase takes.
    pub(super) fn best_intent(
        &self,
        card: CardId,
        amount: u128,
        compare: impl Fn(&Expectation) -> Comparison,
    ) -> Option<IntentId> {
        let declared = self.cards[&card].intents.iter().map(|id| (id, &self.intents[id]));
        let live = declared.filter(|(_, intent)| intent.is_live());
        let (id, _) = live.max_by_key(|(id, intent)| {
            let expected = intent.expectation.amount.0;
            let difference = expected.max(amount) - expected.min(amount);
            let is_match = compare(&intent.expectation).is_match();
            (is_match, Reverse(difference), Reverse(intent.declared), Reverse(**id))
        })?;
        Some(*id)
    }

    /// An authorization that was approved and has not ended, or why it is not one.
    pub(super) fn still_open(&self, id: TransactionId) -> Result<&Purchase, &'static str> {
        let purchase = self.bought(id)?;
        if purchase.is_open { Ok(purchase) } else { Err("NotPending") }
    }

    /// A card transaction with which the card pays, or why it is not one.
    pub(super) fn bought(&self, id: TransactionId) -> Result<&Purchase, &'static str> {
        match self.purchases.get(&id) {
            Some(purchase) if purchase.is_purchase() => Ok(purchase),
            Some(purchase) if purchase.kind == Kind::UnlinkedRefund => Err("NotAPurchase"),
            Some(_) | None => Err("UnknownTransaction"),
        }
    }
}

/// Whether a merchant was ever told yes: what the cooldown counts from.
fn was_approved(purchase: &Purchase) -> bool {
    matches!(purchase.kind, Kind::Authorization | Kind::Purchase) && purchase.declined.is_none()
}

/// Whether card or intent want no other purchase than the declared one.
fn declines_others(card: &Card, intent: &Intent) -> bool {
    card.controls.enforcement == Enforcement::Decline
        || intent.enforcement == Some(Enforcement::Decline)
}

/// The most that can be paid, found by halving.
fn most(there: u128, costs: impl Fn(u128) -> u128) -> u128 {
    let (mut fits, mut exceeds) = (0, there + 1);
    while fits + 1 < exceeds {
        let middle = (fits + exceeds) / 2;
        if costs(middle) <= there { fits = middle } else { exceeds = middle }
    }
    fits
}

/// Whether a card's last month, or its days, are over.
pub(super) fn is_over(card: &Card, now: Timestamp) -> bool {
    let today = calendar::date(now);
    let lived_ms = now.as_millis() - card.made_at.as_millis();
    let outlived = |days: u16| u64::from(days) * DAY_MS <= lived_ms;
    card.valid_until < (today.year, today.month) || card.controls.ttl_days.is_some_and(outlived)
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
    (amount.0 == 0 || AMOUNT_MAX < amount.0).then_some("AmountOutOfRange")
}
