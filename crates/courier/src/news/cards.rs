//! Agents, their cards, declared purchases and real ones.

use ledger::agents::{AgentLimitExceeded, AgentRegistered, AgentStatus, AgentStatusChanged};
use ledger::authorizations::{
    AuthorizationApproved, AuthorizationDeclined, AuthorizationExpired, AuthorizationReversed,
    Purchased,
};
use ledger::cards::{CardCreated, CardStatus, CardStatusChanged};
use ledger::clearings::{Cleared, Corrected, ForceCleared};
use ledger::intents::{IntentAssessed, IntentClosed, IntentDeclared, IntentEnd};
use ledger::keys::Family::LedgerOs;
use ledger::presentments::PresentmentAssigned;
use ledger::refunds::{RefundReleased, Refunded, UnlinkedRefundReceived};
use ledger::webhooks::Topic;
use ledger::{AgentId, Amount, Asset, CardId, HolderId, TransactionId};
use serde::Serialize;

use super::{Teller, words};
use crate::Error;
use crate::facts::{Card, Purchase};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AgentData {
    agent_id: String,
    user_id: String,
    status: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ExceededData {
    agent_id: String,
    user_id: String,
    transaction_id: String,
    spending_limit: u128,
    spending_limit_frequency: &'static str,
    /// What could have been spent.
    left: u128,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CardData {
    card_id: String,
    agent_id: String,
    user_id: String,
    status: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct IntentData {
    intent_id: String,
    card_id: String,
    agent_id: String,
    user_id: String,
    status: &'static str,
    transaction_id: Option<String>,
    differences: Option<Vec<&'static str>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PurchaseData<'a> {
    transaction_id: &'a str,
    user_id: &'a str,
    agent_id: &'a str,
    card_id: &'a str,
    intent_id: Option<&'a str>,
    status: &'static str,
    /// What this is about: approved, captured, given back, refunded, declined.
    amount: u128,
    currency: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    decline_reason: Option<&'static str>,
}

/// What a purchase comes to.
struct Step {
    topic: Topic,
    status: &'static str,
    amount: Amount,
    asset: Asset,
    reason: Option<&'static str>,
}

impl Step {
    fn usd(topic: Topic, status: &'static str, amount: Amount) -> Self {
        Self { topic, status, amount, asset: Asset::Usd, reason: None }
    }
}

impl Teller<'_, '_, '_> {
    pub(super) fn agent_registered(&mut self, event: &AgentRegistered) {
        let (agent_id, user_id) = (event.agent.to_string(), event.holder.to_string());
        self.facts.set(agent_id.clone(), &user_id);
        let data = AgentData { agent_id: agent_id.clone(), user_id, status: "active" };
        self.say(LedgerOs, Topic::AgentCreated, agent_id, &data);
    }

    /// No topic is about one that goes on.
    pub(super) fn agent_status_changed(&mut self, event: &AgentStatusChanged) -> Result<(), Error> {
        let agent_id = event.agent.to_string();
        let user_id = self.facts.get(&agent_id, self.entry.position)?;
        match event.status {
            AgentStatus::Active => {}
            AgentStatus::Suspended => {
                let data = AgentData { agent_id: agent_id.clone(), user_id, status: "suspended" };
                self.say(LedgerOs, Topic::AgentSuspended, agent_id, &data);
            }
        }
        Ok(())
    }

    pub(super) fn agent_limit_exceeded(&mut self, event: &AgentLimitExceeded) -> Result<(), Error> {
        let agent_id = event.agent.to_string();
        let limit = event.exceeded.limit;
        let data = ExceededData {
            user_id: self.facts.get(&agent_id, self.entry.position)?,
            agent_id: agent_id.clone(),
            transaction_id: event.transaction.to_string(),
            spending_limit: limit.amount.0,
            spending_limit_frequency: words::window(limit.window),
            left: event.exceeded.left.0,
        };
        self.say(LedgerOs, Topic::AgentLimitExceeded, agent_id, &data);
        Ok(())
    }

    pub(super) fn card_created(&mut self, event: &CardCreated) {
        let card = Card { agent: event.agent.to_string(), user: event.holder.to_string() };
        self.facts.set(event.card.to_string(), &card);
        self.say_card(Topic::CardCreated, event.card, card, CardStatus::Active);
    }

    /// No topic is about one that thaws.
    pub(super) fn card_status_changed(&mut self, event: &CardStatusChanged) -> Result<(), Error> {
        let card = self.facts.get(&event.card.to_string(), self.entry.position)?;
        match event.status {
            CardStatus::Active => {}
            CardStatus::Frozen => self.say_card(Topic::CardFrozen, event.card, card, event.status),
            CardStatus::Closed => self.say_card(Topic::CardClosed, event.card, card, event.status),
        }
        Ok(())
    }

    pub(super) fn intent_declared(&mut self, event: &IntentDeclared) -> Result<(), Error> {
        let card = event.card.to_string();
        let Card { agent, user } = self.facts.get(&card, self.entry.position)?;
        self.facts.set(event.intent.to_string(), &(card, agent, user));
        Ok(())
    }

    pub(super) fn intent_assessed(&mut self, event: &IntentAssessed) -> Result<(), Error> {
        let comparison = event.comparison;
        let aspects = [
            (comparison.amount, "amount"),
            (comparison.merchant, "merchant"),
            (comparison.mcc, "mcc"),
        ];
        let differences =
            aspects.into_iter().filter(|(agrees, _)| !agrees).map(|(_, aspect)| aspect);
        let (topic, status) = match comparison.is_match() {
            true => (Topic::IntentMatched, "matched"),
            false => (Topic::IntentMismatched, "mismatched"),
        };
        let data = IntentData {
            transaction_id: Some(event.transaction.to_string()),
            differences: Some(differences.collect()),
            ..self.intent(event.intent.to_string(), status)?
        };
        self.say(LedgerOs, topic, event.intent.to_string(), &data);
        Ok(())
    }

    /// Who takes an intent back or rejects it knows.
    pub(super) fn intent_closed(&mut self, event: &IntentClosed) -> Result<(), Error> {
        match event.reason {
            IntentEnd::Canceled | IntentEnd::Rejected => {}
            IntentEnd::Expired => {
                let data = self.intent(event.intent.to_string(), "expired")?;
                self.say(LedgerOs, Topic::IntentExpired, event.intent.to_string(), &data);
            }
        }
        Ok(())
    }

    pub(super) fn approved(&mut self, event: &AuthorizationApproved) {
        let AuthorizationApproved { transaction, card, agent, holder, .. } = *event;
        let intent = event.intent.map(|intent| intent.to_string());
        let purchase = Purchase { intent, ..purchase((holder, agent, card)) };
        self.begin(transaction, &purchase);
        let step = Step::usd(Topic::TransactionCreated, "pending", event.approved);
        self.say_purchase(&transaction.to_string(), &purchase, step);
    }

    pub(super) fn declined(&mut self, event: &AuthorizationDeclined) {
        let AuthorizationDeclined { transaction, card, agent, holder, .. } = *event;
        let step = Step {
            asset: event.terms.asset,
            reason: Some(event.reason.name()),
            ..Step::usd(Topic::TransactionDeclined, "declined", event.terms.amount)
        };
        let purchase = purchase((holder, agent, card));
        self.say_purchase(&transaction.to_string(), &purchase, step);
    }

    /// What has cleared in part, on balance, is settled then.
    pub(super) fn reversed(&mut self, event: &AuthorizationReversed) -> Result<(), Error> {
        let (id, purchase) = self.purchase(event.transaction)?;
        if event.is_final {
            let step = match purchase.has_cleared(self.entry.position) {
                true => Step::usd(Topic::TransactionSettled, "settled", Amount::ZERO),
                false => Step::usd(Topic::TransactionVoided, "voided", event.amount),
            };
            self.say_purchase(&id, &purchase, step);
        }
        Ok(())
    }

    /// As with a reversal.
    pub(super) fn expired(&mut self, event: &AuthorizationExpired) -> Result<(), Error> {
        let (id, purchase) = self.purchase(event.transaction)?;
        let step = match purchase.has_cleared(self.entry.position) {
            true => Step::usd(Topic::TransactionSettled, "settled", Amount::ZERO),
            false => Step::usd(Topic::TransactionVoided, "expired", event.released),
        };
        self.say_purchase(&id, &purchase, step);
        Ok(())
    }

    pub(super) fn purchased(&mut self, event: &Purchased) {
        let Purchased { transaction, card, agent, holder, approved, .. } = *event;
        let intent = event.intent.map(|intent| intent.to_string());
        let purchase = Purchase { intent, ..purchase((holder, agent, card)) };
        self.settle_at_once(transaction, purchase, approved);
    }

    pub(super) fn force_cleared(&mut self, event: &ForceCleared) {
        let ForceCleared { transaction, card, agent, holder, ref terms, .. } = *event;
        self.settle_at_once(transaction, purchase((holder, agent, card)), terms.amount);
    }

    pub(super) fn assigned(&mut self, event: &PresentmentAssigned) {
        let PresentmentAssigned { transaction, card, agent, holder, ref terms } = *event;
        self.settle_at_once(transaction, purchase((holder, agent, card)), terms.amount);
    }

    pub(super) fn cleared(&mut self, event: &Cleared) -> Result<(), Error> {
        let (id, mut purchase) = self.purchase(event.transaction)?;
        let status = if event.is_final || event.is_late { "settled" } else { "pending" };
        let step = Step::usd(Topic::TransactionSettled, status, event.amount);
        self.say_purchase(&id, &purchase, step);
        purchase.clear(event.amount, self.entry.position);
        self.facts.set(id, &purchase);
        Ok(())
    }

    /// No topic is about it, but what is told at the end.
    pub(super) fn corrected(&mut self, event: &Corrected) -> Result<(), Error> {
        let (id, mut purchase) = self.purchase(event.transaction)?;
        purchase.correct(event.amount, self.entry.position);
        self.facts.set(id, &purchase);
        Ok(())
    }

    pub(super) fn refunded(&mut self, event: &Refunded) -> Result<(), Error> {
        self.say_refunded(event.transaction, event.amount)
    }

    pub(super) fn refund_released(&mut self, event: &RefundReleased) -> Result<(), Error> {
        self.say_refunded(event.transaction, event.amount)
    }

    /// It waits for a review.
    pub(super) fn unlinked_refund(&mut self, event: &UnlinkedRefundReceived) {
        let UnlinkedRefundReceived { transaction, card, agent, holder, ref terms } = *event;
        let purchase = purchase((holder, agent, card));
        self.begin(transaction, &purchase);
        let step = Step::usd(Topic::TransactionCreated, "pending", terms.amount);
        self.say_purchase(&transaction.to_string(), &purchase, step);
    }

    fn say_refunded(&mut self, transaction: TransactionId, amount: Amount) -> Result<(), Error> {
        let (id, purchase) = self.purchase(transaction)?;
        let step = Step::usd(Topic::TransactionRefunded, "refunded", amount);
        self.say_purchase(&id, &purchase, step);
        Ok(())
    }

    fn settle_at_once(&mut self, id: TransactionId, mut purchase: Purchase, amount: Amount) {
        purchase.clear(amount, self.entry.position);
        self.begin(id, &purchase);
        for topic in [Topic::TransactionCreated, Topic::TransactionSettled] {
            self.say_purchase(&id.to_string(), &purchase, Step::usd(topic, "settled", amount));
        }
    }

    fn begin(&mut self, id: TransactionId, purchase: &Purchase) {
        self.facts.set(id.to_string(), purchase);
    }

    fn purchase(&self, id: TransactionId) -> Result<(String, Purchase), Error> {
        let id = id.to_string();
        let purchase = self.facts.get(&id, self.entry.position)?;
        Ok((id, purchase))
    }

    fn intent(&self, intent_id: String, status: &'static str) -> Result<IntentData, Error> {
        let (card_id, agent_id, user_id) = self.facts.get(&intent_id, self.entry.position)?;
        let (transaction_id, differences) = (None, None);
        Ok(IntentData {
            intent_id,
            card_id,
            agent_id,
            user_id,
            status,
            transaction_id,
            differences,
        })
    }

    fn say_card(&mut self, topic: Topic, id: CardId, card: Card, status: CardStatus) {
        let Card { agent: agent_id, user: user_id } = card;
        let status = words::card_status(status);
        let data = CardData { card_id: id.to_string(), agent_id, user_id, status };
        self.say(LedgerOs, topic, id.to_string(), &data);
    }

    fn say_purchase(&mut self, id: &str, purchase: &Purchase, step: Step) {
        let data = PurchaseData {
            transaction_id: id,
            user_id: &purchase.user,
            agent_id: &purchase.agent,
            card_id: &purchase.card,
            intent_id: purchase.intent.as_deref(),
            status: step.status,
            amount: step.amount.0,
            currency: step.asset.code(),
            decline_reason: step.reason,
        };
        self.say(LedgerOs, step.topic, id.to_owned(), &data);
    }
}

fn purchase((holder, agent, card): (HolderId, AgentId, CardId)) -> Purchase {
    Purchase {
        user: holder.to_string(),
        agent: agent.to_string(),
        card: card.to_string(),
        intent: None,
        cleared: None,
        turned: Vec::new(),
        on_balance: None,
    }
}
