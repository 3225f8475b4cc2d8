//! What is written of cards, agents and intents.

use ledger::agents::{AgentPolicy, AgentPolicyChanged, ChangeAgentPolicy};
use ledger::cards::{CardLimits, CardLimitsChanged, ChangeCardLimits};
use ledger::intents::{Attest, AttestationRecorded, DeclareIntent, IntentDeclared};
use ledger::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use ledger::{Entry, Event, Timestamp};

use crate::books::{Books, Breach};

impl Books {
    pub(super) fn policy_changed(&self, command: &ChangeAgentPolicy) -> Event {
        let before = &self.agents[&command.agent].policy;
        let policy = AgentPolicy {
            limit: command.limit.or(before.limit),
            on_exceeded: command.on_exceeded.or(before.on_exceeded),
            cards_max: command.cards_max.or(before.cards_max),
        };
        Event::AgentPolicyChanged(AgentPolicyChanged { agent: command.agent, policy })
    }

    pub(super) fn limits_changed(&self, command: &ChangeCardLimits) -> Event {
        let before = &self.cards[&command.card].limits;
        let limits = CardLimits {
            total: command.total.or(before.total),
            per_authorization: command.per_authorization.or(before.per_authorization),
            per_day: command.per_day.or(before.per_day),
            per_month: command.per_month.or(before.per_month),
        };
        Event::CardLimitsChanged(CardLimitsChanged { card: command.card, limits })
    }

    pub(super) fn declared(
        &self,
        command: &DeclareIntent,
        entry: &Entry,
        now: Timestamp,
    ) -> Result<Event, Breach> {
        let Event::IntentDeclared(found) = &entry.events[0] else {
            return Err("an intent is something else".to_owned());
        };
        let above = self.cards[&command.card].controls.approval_above;
        let lives_ms = command
            .ttl_minutes
            .map_or(HOUR_MS, |minutes| (u64::from(minutes) * MINUTE_MS).min(7 * DAY_MS));
        Ok(Event::IntentDeclared(IntentDeclared {
            intent: found.intent,
            card: command.card,
            summary: command.summary.clone(),
            expectation: command.expectation.clone(),
            warnings: self.warnings(command, now),
            reserves: command.reserves,
            enforcement: command.enforcement,
            awaits_approval: above.is_some_and(|above| above < command.expectation.amount),
            expires_at: now.plus_ms(lives_ms),
            expires_anyway: command.ttl_minutes.is_some(),
        }))
    }

    /// The intent that is named, or the one that suits the reader best.
    pub(super) fn attested(&self, command: &Attest, entry: &Entry) -> Result<Event, Breach> {
        let Event::AttestationRecorded(found) = &entry.events[0] else {
            return Err("an attestation is something else".to_owned());
        };
        let chosen = command.intent.or_else(|| self.intent_to_read(command));
        let intent = chosen.ok_or("no intent suits the reader")?;
        Ok(Event::AttestationRecorded(AttestationRecorded {
            card: command.card,
            intent,
            declared: self.intents[&intent].declared,
            statement: command.statement.clone(),
            ..found.clone()
        }))
    }
}
