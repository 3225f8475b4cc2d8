//! From an entry to what there is to tell of it.

use ledger::keys::Family;
use ledger::webhooks::{
    Topic, WebhookChanged, WebhookRegistered, WebhookRemoved, WebhookReplayed, WebhookSecretRotated,
};
use ledger::{Entry, Event, WebhookId};
use serde::Serialize;

use crate::Error;
use crate::facts::Facts;

mod cards;
mod money;
mod people;
mod words;

#[cfg(test)]
mod tests;

/// Something to tell to whoever wants to hear of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct News {
    /// On which surface.
    pub(crate) family: Family,
    pub(crate) topic: Topic,
    /// What it is about: what is told of one thing is told in order.
    pub(crate) resource: String,
    /// In JSON.
    pub(crate) data: String,
    /// The only one to tell, where that is not everybody.
    pub(crate) only: Option<WebhookId>,
}

/// What changes who is told.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Change<'e> {
    Registered(&'e WebhookRegistered),
    Changed(&'e WebhookChanged),
    Removed(&'e WebhookRemoved),
    Rotated(&'e WebhookSecretRotated),
    Replayed(&'e WebhookReplayed),
}

/// What an entry has for the courier.
#[derive(Debug, Default)]
pub(crate) struct Told<'e> {
    /// What there is to tell, on both surfaces.
    pub(crate) news: Vec<News>,
    /// Who is told from then on.
    pub(crate) changes: Vec<Change<'e>>,
}

/// What an entry has for the courier.
///
/// The ids of messages rest on the order of its news: for an event that was released, more may only come at the end.
pub(crate) fn told<'e>(entry: &'e Entry, facts: &mut Facts<'_>) -> Result<Told<'e>, Error> {
    let mut teller = Teller { entry, facts, news: Vec::new(), changes: Vec::new() };
    for event in &entry.events {
        teller.tell(event)?;
    }
    let Teller { news, changes, .. } = teller;
    Ok(Told { news, changes })
}

/// What is told so far of an entry.
struct Teller<'e, 'f, 'l> {
    entry: &'e Entry,
    facts: &'f mut Facts<'l>,
    news: Vec<News>,
    changes: Vec<Change<'e>>,
}

/// Whom a trial is for.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TestData {
    webhook_id: String,
}

impl<'e> Teller<'e, '_, '_> {
    fn tell(&mut self, event: &'e Event) -> Result<(), Error> {
        match event {
            Event::HolderCreated(event) => self.holder_created(event)?,
            Event::HolderChanged(event) => self.holder_changed(event),
            Event::VerificationChanged(event) => self.verification_changed(event)?,
            Event::WalletCreated(event) => self.wallet_created(event),
            Event::VirtualAccountOpened(event) => self.virtual_account_opened(event),
            Event::DepositConfirmed(event) => self.deposited(event)?,
            Event::WalletDepositConfirmed(event) => self.wallet_deposited(event)?,
            Event::BankDepositConfirmed(event) => self.bank_deposited(event)?,
            Event::DepositReversed(event) => self.deposit_reversed(event)?,
            Event::TransferCreated(event) => self.transfer_created(event),
            Event::TransferAdvanced(event) => self.transfer_advanced(event)?,
            Event::TransferCompleted(event) => self.transfer_completed(event)?,
            Event::TransferFailed(event) => self.transfer_failed(event)?,
            Event::TransferReturned(event) => self.transfer_returned(event)?,
            Event::AgentRegistered(event) => self.agent_registered(event),
            Event::AgentStatusChanged(event) => self.agent_status_changed(event)?,
            Event::AgentLimitExceeded(event) => self.agent_limit_exceeded(event)?,
            Event::CardCreated(event) => self.card_created(event),
            Event::CardStatusChanged(event) => self.card_status_changed(event)?,
            Event::IntentDeclared(event) => self.intent_declared(event)?,
            Event::IntentAssessed(event) => self.intent_assessed(event)?,
            Event::IntentClosed(event) => self.intent_closed(event)?,
            Event::AuthorizationApproved(event) => self.approved(event),
            Event::AuthorizationDeclined(event) => self.declined(event),
            Event::AuthorizationReversed(event) => self.reversed(event)?,
            Event::AuthorizationExpired(event) => self.expired(event)?,
            Event::Purchased(event) => self.purchased(event),
            Event::Cleared(event) => self.cleared(event)?,
            Event::Corrected(event) => self.corrected(event)?,
            Event::ForceCleared(event) => self.force_cleared(event),
            Event::PresentmentAssigned(event) => self.assigned(event),
            Event::Refunded(event) => self.refunded(event)?,
            Event::UnlinkedRefundReceived(event) => self.unlinked_refund(event),
            Event::RefundReleased(event) => self.refund_released(event)?,
            Event::WebhookTested(event) => {
                let data = TestData { webhook_id: event.webhook.to_string() };
                let resource = event.webhook.to_string();
                for family in [Family::LedgerApi, Family::LedgerOs] {
                    self.say(family, Topic::WebhookTest, resource.clone(), &data);
                }
                self.news.iter_mut().for_each(|news| news.only = Some(event.webhook));
            }
            Event::WebhookRegistered(event) => self.changes.push(Change::Registered(event)),
            Event::WebhookChanged(event) => self.changes.push(Change::Changed(event)),
            Event::WebhookRemoved(event) => self.changes.push(Change::Removed(event)),
            Event::WebhookSecretRotated(event) => self.changes.push(Change::Rotated(event)),
            Event::WebhookReplayed(event) => self.changes.push(Change::Replayed(event)),
            // No topic is about these.
            Event::BookOpened(_)
            | Event::JournalRecovered(_)
            | Event::KeyCreated(_)
            | Event::KeyRevoked(_)
            | Event::ClockAdvanced(_)
            | Event::DocumentAdded(_)
            | Event::HolderErased(_)
            | Event::TreasuryConverted(_)
            | Event::LedgerCreated(_)
            | Event::LedgerStatusChanged(_)
            | Event::LedgerTransferred(_)
            | Event::JournalPosted(_)
            | Event::JournalReversed(_)
            | Event::AgentPolicyChanged(_)
            | Event::CardLimitsChanged(_)
            | Event::IntentApproved(_)
            | Event::AttestationRecorded(_)
            | Event::IntentReleased(_)
            | Event::NetworkSettled(_)
            // A purchase stays where it is.
            | Event::AuthorizationLinked(_)
            | Event::AuthorizationIncremented(_)
            | Event::IncrementDeclined(_)
            | Event::AuthorizationConfirmed(_)
            | Event::ReversalUnusable(_)
            | Event::CardVerified(_)
            | Event::RefundReversed(_)
            // It is nobody's.
            | Event::PresentmentSuspended(_)
            | Event::PresentmentWrittenOff(_) => {}
        }
        Ok(())
    }

    fn say(&mut self, family: Family, topic: Topic, resource: String, data: &impl Serialize) {
        let data = serde_json::to_string(data).expect("data are texts and numbers");
        self.news.push(News { family, topic, resource, data, only: None });
    }
}
