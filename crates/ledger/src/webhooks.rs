//! Webhooks: where a platform wants to be told of what happens, and of what. Telling it is the courier's work.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::book::{Book, Effects};
use crate::entry::CommandId;
use crate::keys::Family;
use crate::time::DAY_MS;
use crate::{Event, Position, Rejection, Sealed, Timestamp, WebhookId};

mod topic;

#[cfg(test)]
mod tests;

pub use topic::{Topic, TopicSet, Topics};

/// How many webhooks a book may have: whatever happens is sent as many times, and each that hangs takes one of the
/// courier's connections. A platform has a handful, one for each of its services.
pub const WEBHOOKS_MAX: usize = 32;

/// How long the secret before stays valid beside a new one.
pub const OVERLAP_MS: u64 = DAY_MS;

/// Whether a webhook is told anything.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize,
)]
pub enum WebhookStatus {
    /// It is.
    Enabled,
    /// Not for now. What happens meanwhile is told only when it is replayed.
    Disabled,
}

/// Adds a webhook. Its address, which may carry a token, and its secret lie in the vault under a subject of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterWebhook {
    /// The surface in whose dialect it is told.
    pub family: Family,
    /// Of what.
    pub topics: Topics,
    /// Where.
    pub url: Sealed,
    /// What messages are signed with.
    pub secret: Sealed,
}

/// A webhook is told what happens from the next entry on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookRegistered {
    /// The new id.
    pub webhook: WebhookId,
    /// The surface in whose dialect it is told.
    pub family: Family,
    /// Of what.
    pub topics: Topics,
    /// Where.
    pub url: Sealed,
    /// What messages are signed with.
    pub secret: Sealed,
}

/// Changes what is there; the rest stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeWebhook {
    /// Which.
    pub webhook: WebhookId,
    /// Where it is told from now on.
    pub url: Option<Sealed>,
    /// Of what.
    pub topics: Option<Topics>,
    /// Whether it is told anything.
    pub status: Option<WebhookStatus>,
}

/// A webhook is so from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookChanged {
    /// Which.
    pub webhook: WebhookId,
    /// The surface in whose dialect it is told, which never changes.
    pub family: Family,
    /// Of what it is told.
    pub topics: Topics,
    /// Where.
    pub url: Sealed,
    /// Whether it is told anything.
    pub status: WebhookStatus,
}

/// Takes a webhook away, for ever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoveWebhook {
    /// Which.
    pub webhook: WebhookId,
}

/// A webhook is told nothing any more, not even what was on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookRemoved {
    /// Which.
    pub webhook: WebhookId,
}

/// Gives a webhook another secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RotateWebhookSecret {
    /// Whose.
    pub webhook: WebhookId,
    /// What messages are signed with from now on.
    pub secret: Sealed,
}

/// A webhook has another secret. Messages are signed with the one before as well, for a while; with none that is older.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookSecretRotated {
    /// Whose.
    pub webhook: WebhookId,
    /// What messages are signed with from now on.
    pub secret: Sealed,
    /// When the one before ends: by the clock on the wall, which a sandbox can't move.
    pub before_until: Timestamp,
}

/// Tries a webhook out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestWebhook {
    /// Which.
    pub webhook: WebhookId,
}

/// A webhook is told that it is tried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookTested {
    /// Which.
    pub webhook: WebhookId,
}

/// Tells a webhook once more what has happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplayWebhook {
    /// Which.
    pub webhook: WebhookId,
    /// From which entry on: 1 at least, and the one that this writes at most.
    pub from: Position,
}

/// A webhook is told once more what has happened, up to this entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookReplayed {
    /// Which.
    pub webhook: WebhookId,
    /// From which entry on.
    pub from: Position,
}

/// What the rules need to know of a webhook.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct Webhook {
    family: Family,
    topics: Topics,
    url: Sealed,
    status: WebhookStatus,
}

impl Webhook {
    pub(crate) fn new(registered: &WebhookRegistered) -> Self {
        let WebhookRegistered { family, url, .. } = *registered;
        let topics = registered.topics.clone();
        Self { family, topics, url, status: WebhookStatus::Enabled }
    }
}

impl Book {
    pub(crate) fn register_webhook(
        &self,
        command: &RegisterWebhook,
        id: CommandId,
        now: Timestamp,
    ) -> Result<Effects, Rejection> {
        require_own(&command.topics, command.family)?;
        if WEBHOOKS_MAX <= self.webhooks.len() {
            return Err(Rejection::TooManyWebhooks { max: WEBHOOKS_MAX });
        }
        let RegisterWebhook { family, topics, url, secret } = command.clone();
        let webhook = WebhookId::derive(now, id, 0);
        let registered = WebhookRegistered { webhook, family, topics, url, secret };
        Ok(Effects::memo([Event::WebhookRegistered(registered)]))
    }

    pub(crate) fn change_webhook(&self, command: &ChangeWebhook) -> Result<Effects, Rejection> {
        let webhook = command.webhook;
        let known = self.webhook(webhook)?;
        let topics = command.topics.as_ref().unwrap_or(&known.topics);
        require_own(topics, known.family)?;
        Ok(Effects::memo([Event::WebhookChanged(WebhookChanged {
            webhook,
            family: known.family,
            topics: topics.clone(),
            url: command.url.unwrap_or(known.url),
            status: command.status.unwrap_or(known.status),
        })]))
    }

    pub(crate) fn remove_webhook(&self, command: &RemoveWebhook) -> Result<Effects, Rejection> {
        let webhook = command.webhook;
        self.webhook(webhook)?;
        Ok(Effects::memo([Event::WebhookRemoved(WebhookRemoved { webhook })]))
    }

    pub(crate) fn rotate_webhook_secret(
        &self,
        command: &RotateWebhookSecret,
        now: Timestamp,
    ) -> Result<Effects, Rejection> {
        let RotateWebhookSecret { webhook, secret } = *command;
        self.webhook(webhook)?;
        let before_until = now.minus_ms(self.clock_offset_ms).plus_ms(OVERLAP_MS);
        let rotated = WebhookSecretRotated { webhook, secret, before_until };
        Ok(Effects::memo([Event::WebhookSecretRotated(rotated)]))
    }

    pub(crate) fn test_webhook(&self, command: &TestWebhook) -> Result<Effects, Rejection> {
        let webhook = command.webhook;
        self.require_enabled(webhook)?;
        Ok(Effects::memo([Event::WebhookTested(WebhookTested { webhook })]))
    }

    pub(crate) fn replay_webhook(&self, command: &ReplayWebhook) -> Result<Effects, Rejection> {
        let ReplayWebhook { webhook, from } = *command;
        self.require_enabled(webhook)?;
        let last = self.position().next();
        if from == Position::START || last < from {
            return Err(Rejection::NoSuchPosition { last });
        }
        Ok(Effects::memo([Event::WebhookReplayed(WebhookReplayed { webhook, from })]))
    }

    pub(crate) fn apply_webhook_changed(&mut self, event: &WebhookChanged) {
        let known = self.webhooks.get_mut(event.webhook).expect("the event names a webhook");
        known.topics = event.topics.clone();
        known.url = event.url;
        known.status = event.status;
    }

    pub(crate) fn apply_webhook_removed(&mut self, event: &WebhookRemoved) {
        let known = self.webhooks.remove(event.webhook);
        assert!(known.is_some(), "a webhook is removed once");
    }

    fn webhook(&self, webhook: WebhookId) -> Result<&Webhook, Rejection> {
        self.webhooks.get(webhook).ok_or(Rejection::UnknownWebhook(webhook))
    }

    /// Nothing is sent to one that is disabled, so nothing is promised either.
    fn require_enabled(&self, webhook: WebhookId) -> Result<(), Rejection> {
        match self.webhook(webhook)?.status {
            WebhookStatus::Enabled => Ok(()),
            WebhookStatus::Disabled => Err(Rejection::WebhookDisabled),
        }
    }
}

/// Refuses topics that a surface does not have.
fn require_own(topics: &Topics, family: Family) -> Result<(), Rejection> {
    topics.foreign_to(family).map_or(Ok(()), |topic| Err(Rejection::ForeignTopic(topic)))
}
