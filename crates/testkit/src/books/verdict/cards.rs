//! What may be done with cards and their intents.

use ledger::agents::AgentStatus;
use ledger::cards::{CardStatus, ChangeCardLimits, CreateCard};
use ledger::holders::VerificationStatus;
use ledger::intents::{Attest, DeclareIntent, LIVE_MAX, READS_MAX};
use ledger::limits::Window;
use ledger::matching::{Expectation, Merchant};
use ledger::time::HOUR_MS;
use ledger::{CardId, IntentId, Timestamp};

use crate::books::approval::{is_over, limits, out_of_range};
use crate::books::{Books, Intent, matching};

impl Books {
    pub(super) fn card_refusal(&self, command: &CreateCard) -> Option<&'static str> {
        let Some(agent) = self.agents.get(&command.agent) else { return Some("UnknownAgent") };
        if self.holders[&agent.holder] != VerificationStatus::Approved {
            return Some("HolderNotApproved");
        }
        if agent.status == AgentStatus::Suspended {
            return Some("AgentSuspended");
        }
        let cards = agent.cards.iter().map(|card| &self.cards[card]);
        let open = cards.filter(|card| card.status != CardStatus::Closed);
        if agent.policy.cards_max.is_some_and(|max| max as usize <= open.count()) {
            return Some("TooManyCards");
        }
        limits(&command.terms.limits).into_iter().find_map(|limit| out_of_range(limit.amount))
    }

    /// Why nothing about a card can be changed any more.
    pub(super) fn closed(&self, card: CardId) -> Option<&'static str> {
        match self.cards.get(&card) {
            None => Some("UnknownCard"),
            Some(card) => (card.status == CardStatus::Closed).then_some("CardNotActive"),
        }
    }

    pub(super) fn limits_refusal(&self, command: &ChangeCardLimits) -> Option<&'static str> {
        self.closed(command.card).or_else(|| {
            let before = &self.cards[&command.card].limits;
            let after = [
                Some(command.total.or(before.total)),
                command.per_authorization.or(before.per_authorization),
                command.per_day.or(before.per_day),
                command.per_month.or(before.per_month),
            ];
            after.into_iter().flatten().find_map(out_of_range)
        })
    }

    pub(super) fn intent_refusal(
        &self,
        command: &DeclareIntent,
        now: Timestamp,
    ) -> Option<&'static str> {
        if let Some(word) = self.unusable(command.card, now) {
            return Some(word);
        }
        let amount = command.expectation.amount;
        let card = &self.cards[&command.card];
        let waiting = card.intents.iter().filter(|id| self.intents[id].is_untaken());
        let is_full = LIVE_MAX <= waiting.count();
        let is_there = !command.reserves || amount.0 <= self.available(card.holder);
        out_of_range(amount)
            .or(is_full.then_some("TooManyIntents"))
            .or((!is_there).then_some("InsufficientFunds"))
    }

    pub(super) fn attestation_refusal(
        &self,
        command: &Attest,
        now: Timestamp,
    ) -> Option<&'static str> {
        if let Some(word) = self.unusable(command.card, now) {
            return Some(word);
        }
        let card = &self.cards[&command.card];
        if self.holders[&card.holder] != VerificationStatus::Approved {
            return Some("HolderNotApproved");
        }
        if let Some(word) = out_of_range(command.statement.amount) {
            return Some(word);
        }
        match command.intent {
            Some(named) => {
                let intent = self.intents.get(&named).filter(|intent| intent.is_untaken());
                match intent {
                    None => return Some("UnknownIntent"),
                    Some(intent) if intent.card != command.card => return Some("UnknownIntent"),
                    Some(intent) if intent.awaits_approval => return Some("IntentAwaitsApproval"),
                    Some(_) => {}
                }
            }
            None if self.intent_to_read(command).is_none() => return Some("IntentRequired"),
            None => {}
        }
        let within_an_hour = |at: &&Timestamp| now.as_millis() - at.as_millis() < HOUR_MS;
        let reads = card.read_at.iter().rev().take_while(within_an_hour).count();
        (READS_MAX <= reads).then_some("DetailsTooOften")
    }

    fn unusable(&self, card: CardId, now: Timestamp) -> Option<&'static str> {
        match self.cards.get(&card) {
            None => Some("UnknownCard"),
            Some(card) if card.status != CardStatus::Active => Some("CardNotActive"),
            Some(card) if is_over(card, now) => Some("CardExpired"),
            Some(card) => {
                let agent = self.agents[&card.agent].status;
                (agent == AgentStatus::Suspended).then_some("AgentSuspended")
            }
        }
    }

    pub(super) fn taken_or_ended(&self, intent: IntentId) -> Option<&'static str> {
        let is_untaken = self.intents.get(&intent).is_some_and(Intent::is_untaken);
        (!is_untaken).then_some("UnknownIntent")
    }

    pub(super) fn awaits_nothing(&self, intent: IntentId) -> Option<&'static str> {
        self.taken_or_ended(intent).or_else(|| {
            let awaits = self.intents[&intent].awaits_approval;
            (!awaits).then_some("IntentAwaitsNothing")
        })
    }

    /// The intent that a reader who names none acts on: whoever reads knows no category.
    pub(in crate::books) fn intent_to_read(&self, command: &Attest) -> Option<IntentId> {
        let name = command.statement.merchant.clone();
        let merchant = Merchant { name, mcc: None, city: None, country: None };
        let amount = command.statement.amount.0;
        self.best_intent(command.card, amount, |expected| {
            let uncategorized = Expectation { mccs: Vec::new(), ..expected.clone() };
            matching::compare(&uncategorized, amount, &merchant)
        })
    }

    /// The limits that a declared purchase would exceed now.
    pub(in crate::books) fn warnings(
        &self,
        command: &DeclareIntent,
        now: Timestamp,
    ) -> Vec<Window> {
        let amount = command.expectation.amount.0;
        let exceeded = limits(&self.cards[&command.card].limits)
            .into_iter()
            .filter(|limit| self.left_of_card(command.card, *limit, now) < amount);
        exceeded.map(|limit| limit.window).collect()
    }
}
