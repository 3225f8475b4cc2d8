//! Webhooks.

use ledger::keys::Family;
use ledger::time::DAY_MS;
use ledger::webhooks::{
    ChangeWebhook, RegisterWebhook, ReplayWebhook, RotateWebhookSecret, Topics, WebhookChanged,
    WebhookRegistered, WebhookSecretRotated, WebhookStatus,
};
use ledger::{Entry, Event, Timestamp, WebhookId};

use super::{Books, Breach, Webhook};

impl Books {
    pub(super) fn fold_webhook(&mut self, event: &WebhookRegistered) -> Result<(), Breach> {
        let WebhookRegistered { webhook, family, topics, url, .. } = event.clone();
        let status = WebhookStatus::Enabled;
        let made = Webhook { family, topics, url, status, is_removed: false };
        let before = self.webhooks.insert(webhook, made);
        require!(before.is_none(), "`{webhook}` is made twice");
        Ok(())
    }

    pub(super) fn fold_webhook_changed(&mut self, event: &WebhookChanged) -> Result<(), Breach> {
        let webhook = self.live_webhook(event.webhook)?;
        require!(webhook.family == event.family, "`{}` changes its surface", event.webhook);
        webhook.topics.clone_from(&event.topics);
        (webhook.url, webhook.status) = (event.url, event.status);
        Ok(())
    }

    /// The one that an event speaks of.
    pub(super) fn live_webhook(&mut self, id: WebhookId) -> Result<&mut Webhook, Breach> {
        let found = self.webhooks.get_mut(&id).filter(|webhook| !webhook.is_removed);
        found.ok_or_else(|| format!("there is no `{id}`"))
    }

    /// The one that is told.
    pub(super) fn enabled_webhook(&mut self, id: WebhookId) -> Result<&mut Webhook, Breach> {
        let webhook = self.live_webhook(id)?;
        require!(webhook.status == WebhookStatus::Enabled, "`{id}` is disabled");
        Ok(webhook)
    }

    /// Why there is no such webhook, if that is so.
    pub(super) fn unknown_webhook(&self, id: WebhookId) -> Option<&'static str> {
        let is_there = self.webhooks.get(&id).is_some_and(|webhook| !webhook.is_removed);
        (!is_there).then_some("UnknownWebhook")
    }

    pub(super) fn new_webhook(&self, command: &RegisterWebhook) -> Option<&'static str> {
        let live = self.webhooks.values().filter(|webhook| !webhook.is_removed).count();
        foreign(&command.topics, command.family)
            .or_else(|| (32 <= live).then_some("TooManyWebhooks"))
    }

    pub(super) fn webhook_change(&self, command: &ChangeWebhook) -> Option<&'static str> {
        self.unknown_webhook(command.webhook).or_else(|| {
            let family = self.webhooks[&command.webhook].family;
            command.topics.as_ref().and_then(|topics| foreign(topics, family))
        })
    }

    /// Why a webhook is told nothing, if that is so.
    pub(super) fn silent_webhook(&self, id: WebhookId) -> Option<&'static str> {
        self.unknown_webhook(id).or_else(|| {
            let is_silent = self.webhooks[&id].status == WebhookStatus::Disabled;
            is_silent.then_some("WebhookDisabled")
        })
    }

    pub(super) fn webhook_replay(&self, command: &ReplayWebhook) -> Option<&'static str> {
        let is_there = (1..=self.position.0 + 1).contains(&command.from.0);
        self.silent_webhook(command.webhook).or((!is_there).then_some("NoSuchPosition"))
    }

    /// What registering must write.
    pub(super) fn webhook_registered(
        &self,
        command: &RegisterWebhook,
        entry: &Entry,
    ) -> Result<Event, Breach> {
        let Event::WebhookRegistered(WebhookRegistered { webhook, .. }) = entry.events[0] else {
            return Err("a webhook is something else".to_owned());
        };
        let RegisterWebhook { family, topics, url, secret } = command.clone();
        let registered = WebhookRegistered { webhook, family, topics, url, secret };
        Ok(Event::WebhookRegistered(registered))
    }

    /// What changing must write.
    pub(super) fn webhook_changed(&self, command: &ChangeWebhook) -> Event {
        let known = self.webhooks[&command.webhook].clone();
        Event::WebhookChanged(WebhookChanged {
            webhook: command.webhook,
            family: known.family,
            topics: command.topics.clone().unwrap_or(known.topics),
            url: command.url.unwrap_or(known.url),
            status: command.status.unwrap_or(known.status),
        })
    }

    /// What rotating must write: the end of the secret before is a day away, on a clock that nobody has advanced.
    pub(super) fn secret_rotated(&self, command: &RotateWebhookSecret, now: Timestamp) -> Event {
        let RotateWebhookSecret { webhook, secret } = *command;
        let before_until = now.minus_ms(self.clock_offset_ms).plus_ms(DAY_MS);
        Event::WebhookSecretRotated(WebhookSecretRotated { webhook, secret, before_until })
    }
}

fn foreign(topics: &Topics, family: Family) -> Option<&'static str> {
    match topics {
        Topics::All => None,
        Topics::Some(set) => {
            let is_foreign = set.iter().any(|topic| !topic.belongs_to(family));
            is_foreign.then_some("ForeignTopic")
        }
    }
}
