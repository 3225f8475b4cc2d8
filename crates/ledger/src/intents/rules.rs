//! What may be done with intents.

use super::*;
use crate::book::{Book, Effects, Lines, require_in_range};
use crate::clock::Deadline;
use crate::time::MINUTE_MS;
use crate::{Account, Asset, CommandId, HolderId, Postings, Rejection};

impl Book {
    /// The intent, if no purchase has taken it.
    fn untaken_intent(&self, id: IntentId) -> Result<&Intent, Rejection> {
        let untaken = self.intents.get(id).filter(|found| found.taken.is_none());
        untaken.ok_or(Rejection::UnknownIntent(id))
    }

    /// The intent, if a purchase can take it.
    fn live_intent(&self, id: IntentId) -> Result<&Intent, Rejection> {
        let intent = self.untaken_intent(id)?;
        if intent.awaits_approval { Err(Rejection::IntentAwaitsApproval) } else { Ok(intent) }
    }

    /// The intent, if somebody has yet to approve it.
    fn awaiting_intent(&self, id: IntentId) -> Result<&Intent, Rejection> {
        let intent = self.untaken_intent(id)?;
        if intent.awaits_approval { Ok(intent) } else { Err(Rejection::IntentAwaitsNothing) }
    }

    /// What an intent of a holder has set aside.
    pub(crate) fn reserved(&self, holder: HolderId, intent: IntentId) -> Amount {
        self.accounts.balance(Account::Reserved(holder, intent), Asset::Usd)
    }

    /// The live intent of a card that suits a purchase best: one that matches before one that does not, then the
    /// smallest difference, then the oldest, then the lowest id.
    pub(crate) fn best_intent(
        &self,
        card: CardId,
        amount: Amount,
        compare: impl Fn(&Expectation) -> Comparison,
    ) -> Option<BestIntent<'_>> {
        let card = self.cards.get(card)?;
        let live = card.intents.iter().filter_map(|id| {
            let intent = self.live_intent(*id).ok()?;
            let comparison = compare(&intent.expectation);
            Some(BestIntent { id: *id, intent, comparison })
        });
        live.min_by_key(|best| {
            let difference = best.intent.expectation.amount.abs_diff(amount);
            (!best.comparison.is_match(), difference, best.intent.declared, best.id)
        })
    }

    /// Row 40, where the amount is set aside.
    pub(crate) fn declare_intent(
        &self,
        command: &DeclareIntent,
        id: CommandId,
        now: Timestamp,
    ) -> Result<Effects, Rejection> {
        let card = self.active_card(command.card, now)?;
        let amount = command.expectation.amount;
        require_in_range(amount)?;
        let live = card.intents.iter().filter(|intent| self.untaken_intent(**intent).is_ok());
        if LIVE_MAX <= live.count() {
            return Err(Rejection::TooManyIntents { max: LIVE_MAX });
        }
        if command.reserves {
            self.require_available(card.holder, Asset::Usd, amount)?;
        }
        let exceeded = card.limits.iter().filter(|limit| {
            card.spending.exceeded([*limit], (now, Amount::ZERO), amount, now).is_some()
        });
        let ttl_ms = command.ttl_minutes.map(|ttl| u64::from(ttl.min(TTL_MAX_MINUTES)) * MINUTE_MS);
        let intent = IntentId::derive(now, id, 0);
        let declared = IntentDeclared {
            intent,
            card: command.card,
            summary: command.summary.clone(),
            expectation: command.expectation.clone(),
            warnings: exceeded.map(|limit| limit.window).collect(),
            reserves: command.reserves,
            enforcement: command.enforcement,
            awaits_approval: card.controls.approval_above.is_some_and(|most| most < amount),
            expires_at: now.plus_ms(ttl_ms.unwrap_or(UNREAD_MS)),
            expires_anyway: ttl_ms.is_some(),
        };
        let reserved = if command.reserves { amount } else { Amount::ZERO };
        let postings = Lines::of(Asset::Usd)
            .debit(Account::Available(card.holder), reserved)
            .credit(Account::Reserved(card.holder, intent), reserved)
            .balanced();
        Ok(Effects { events: vec![Event::IntentDeclared(declared)], postings })
    }

    pub(crate) fn approve_intent(&self, command: &ApproveIntent) -> Result<Effects, Rejection> {
        let ApproveIntent { intent } = *command;
        self.awaiting_intent(intent)?;
        Ok(Effects::memo([Event::IntentApproved(IntentApproved { intent })]))
    }

    pub(crate) fn reject_intent(&self, command: &RejectIntent) -> Result<Effects, Rejection> {
        self.awaiting_intent(command.intent)?;
        Ok(self.end_intent(command.intent, IntentEnd::Rejected))
    }

    pub(crate) fn cancel_intent(&self, command: &CancelIntent) -> Result<Effects, Rejection> {
        self.untaken_intent(command.intent)?;
        Ok(self.end_intent(command.intent, IntentEnd::Canceled))
    }

    pub(crate) fn expire_intent(
        &self,
        command: &ExpireIntent,
        now: Timestamp,
    ) -> Result<Effects, Rejection> {
        if now < self.untaken_intent(command.intent)?.expires_at {
            return Err(Rejection::NotDue);
        }
        Ok(self.end_intent(command.intent, IntentEnd::Expired))
    }

    /// Row 40: what was set aside is available again.
    fn end_intent(&self, intent: IntentId, reason: IntentEnd) -> Effects {
        let events = vec![Event::IntentClosed(IntentClosed { intent, reason })];
        Effects { events, postings: self.unreserve(intent) }
    }

    fn unreserve(&self, id: IntentId) -> Postings {
        let intent = self.intents.get(id).expect("the intent is known");
        let card = self.card(intent.card).expect("an intent names a card");
        let reserved = self.reserved(card.holder, id);
        Lines::of(Asset::Usd)
            .debit(Account::Reserved(card.holder, id), reserved)
            .credit(Account::Available(card.holder), reserved)
            .balanced()
    }

    pub(crate) fn attest(
        &self,
        command: &Attest,
        id: CommandId,
        now: Timestamp,
    ) -> Result<Effects, Rejection> {
        let card = self.active_card(command.card, now)?;
        self.require_approved(card.holder)?;
        let Statement { amount, merchant, .. } = &command.statement;
        require_in_range(*amount)?;
        let (intent, found) = match command.intent {
            Some(named) => {
                if self.untaken_intent(named)?.card != command.card {
                    return Err(Rejection::UnknownIntent(named));
                }
                (named, self.live_intent(named)?)
            }
            None => self
                .best_intent(command.card, *amount, |expected| {
                    // Whoever reads does not know the category.
                    Comparison { mcc: true, ..expected.compare(*amount, merchant.as_str(), None) }
                })
                .map(|best| (best.id, best.intent))
                .ok_or(Rejection::IntentRequired { card: command.card })?,
        };
        let recent = || card.attested.iter().filter(|at| now < at.plus_ms(HOUR_MS));
        if READS_MAX <= recent().count() {
            let oldest = recent().next().expect("there are as many as the limit");
            return Err(Rejection::DetailsTooOften {
                max: READS_MAX,
                retry_at: oldest.plus_ms(HOUR_MS),
            });
        }
        Ok(Effects::memo([Event::AttestationRecorded(AttestationRecorded {
            attestation: AttestationId::derive(now, id, 0),
            card: command.card,
            intent,
            declared: found.declared,
            statement: command.statement.clone(),
            expires_at: match found.attested {
                None if !found.expires_anyway => now.plus_ms(READ_MS),
                Some(_) | None => found.expires_at,
            },
        })]))
    }

    pub(crate) fn apply_declared(&mut self, event: &IntentDeclared, position: Position) {
        let card = self.cards.get_mut(event.card).expect("an intent names a card");
        card.intents.push(event.intent);
        self.deadlines.insert((event.expires_at, Deadline::Intent(event.intent)));
        self.intents.insert(
            event.intent,
            Intent {
                card: event.card,
                expectation: event.expectation.clone(),
                declared: position,
                attested: None,
                expires_at: event.expires_at,
                expires_anyway: event.expires_anyway,
                enforcement: event.enforcement,
                awaits_approval: event.awaits_approval,
                taken: None,
            },
        );
    }

    pub(crate) fn apply_attested(
        &mut self,
        event: &AttestationRecorded,
        position: Position,
        at: Timestamp,
    ) {
        let card = self.cards.get_mut(event.card).expect("an attestation names a card");
        card.attested.retain(|read| at < read.plus_ms(HOUR_MS));
        card.attested.push_back(at);
        card.last_attested = Some(at);
        let intent =
            self.intents.get_mut(event.intent).expect("an attestation names a live intent");
        if intent.attested.is_none() {
            self.deadlines.remove(&(intent.expires_at, Deadline::Intent(event.intent)));
            self.deadlines.insert((event.expires_at, Deadline::Intent(event.intent)));
            intent.attested = Some((event.attestation, position));
            intent.expires_at = event.expires_at;
        }
    }

    pub(crate) fn apply_intent_approved(&mut self, event: &IntentApproved) {
        let intent = self.intents.get_mut(event.intent).expect("an approval names an intent");
        intent.awaits_approval = false;
    }

    pub(crate) fn apply_assessed(&mut self, event: &IntentAssessed) {
        let intent = self.intents.get_mut(event.intent).expect("an assessment names an intent");
        intent.taken = Some((event.transaction, event.comparison));
        self.deadlines.remove(&(intent.expires_at, Deadline::Intent(event.intent)));
    }

    pub(crate) fn apply_released(&mut self, event: &IntentReleased) {
        let intent = self.intents.get_mut(event.intent).expect("a release names an intent");
        intent.taken = None;
        self.deadlines.insert((intent.expires_at, Deadline::Intent(event.intent)));
    }

    /// Forgets an intent that can't be used again.
    pub(crate) fn drop_intent(&mut self, id: IntentId) {
        let intent = self.intents.remove(id).expect("an intent ends once");
        self.deadlines.remove(&(intent.expires_at, Deadline::Intent(id)));
        let card = self.cards.get_mut(intent.card).expect("an intent names a card");
        card.intents.retain(|other| *other != id);
    }
}
