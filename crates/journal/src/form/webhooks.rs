//! Webhooks.

use std::collections::BTreeSet;

use ledger::WebhookId;
use ledger::webhooks::{
    Topic, Topics, WebhookChanged, WebhookRegistered, WebhookRemoved, WebhookReplayed,
    WebhookSecretRotated, WebhookTested,
};

use super::Undecodable;
use super::fields::{array, bytes, position, position_number, some, time};
use super::words::Word;
use crate::proto;

impl From<&WebhookRegistered> for proto::WebhookRegistered {
    fn from(event: &WebhookRegistered) -> Self {
        Self {
            webhook: bytes(&event.webhook.0),
            family: event.family.number(),
            topics: numbers(&event.topics),
            url: Some(event.url.into()),
            secret: Some(event.secret.into()),
        }
    }
}

impl TryFrom<&proto::WebhookRegistered> for WebhookRegistered {
    type Error = Undecodable;

    fn try_from(message: &proto::WebhookRegistered) -> Result<Self, Undecodable> {
        Ok(Self {
            webhook: webhook(&message.webhook)?,
            family: Word::read(message.family, "family")?,
            topics: topics(&message.topics)?,
            url: some(&message.url, "url")?.try_into()?,
            secret: some(&message.secret, "secret")?.try_into()?,
        })
    }
}

impl From<&WebhookChanged> for proto::WebhookChanged {
    fn from(event: &WebhookChanged) -> Self {
        Self {
            webhook: bytes(&event.webhook.0),
            family: event.family.number(),
            topics: numbers(&event.topics),
            url: Some(event.url.into()),
            status: event.status.number(),
        }
    }
}

impl TryFrom<&proto::WebhookChanged> for WebhookChanged {
    type Error = Undecodable;

    fn try_from(message: &proto::WebhookChanged) -> Result<Self, Undecodable> {
        Ok(Self {
            webhook: webhook(&message.webhook)?,
            family: Word::read(message.family, "family")?,
            topics: topics(&message.topics)?,
            url: some(&message.url, "url")?.try_into()?,
            status: Word::read(message.status, "status")?,
        })
    }
}

impl From<&WebhookRemoved> for proto::WebhookRemoved {
    fn from(event: &WebhookRemoved) -> Self {
        Self { webhook: bytes(&event.webhook.0) }
    }
}

impl TryFrom<&proto::WebhookRemoved> for WebhookRemoved {
    type Error = Undecodable;

    fn try_from(message: &proto::WebhookRemoved) -> Result<Self, Undecodable> {
        Ok(Self { webhook: webhook(&message.webhook)? })
    }
}

impl From<&WebhookSecretRotated> for proto::WebhookSecretRotated {
    fn from(event: &WebhookSecretRotated) -> Self {
        Self {
            webhook: bytes(&event.webhook.0),
            secret: Some(event.secret.into()),
            before_until_ms: event.before_until.as_millis(),
        }
    }
}

impl TryFrom<&proto::WebhookSecretRotated> for WebhookSecretRotated {
    type Error = Undecodable;

    fn try_from(message: &proto::WebhookSecretRotated) -> Result<Self, Undecodable> {
        Ok(Self {
            webhook: webhook(&message.webhook)?,
            secret: some(&message.secret, "secret")?.try_into()?,
            before_until: time(message.before_until_ms, "before_until")?,
        })
    }
}

impl From<&WebhookTested> for proto::WebhookTested {
    fn from(event: &WebhookTested) -> Self {
        Self { webhook: bytes(&event.webhook.0) }
    }
}

impl TryFrom<&proto::WebhookTested> for WebhookTested {
    type Error = Undecodable;

    fn try_from(message: &proto::WebhookTested) -> Result<Self, Undecodable> {
        Ok(Self { webhook: webhook(&message.webhook)? })
    }
}

impl From<&WebhookReplayed> for proto::WebhookReplayed {
    fn from(event: &WebhookReplayed) -> Self {
        Self { webhook: bytes(&event.webhook.0), from: position_number(event.from) }
    }
}

impl TryFrom<&proto::WebhookReplayed> for WebhookReplayed {
    type Error = Undecodable;

    fn try_from(message: &proto::WebhookReplayed) -> Result<Self, Undecodable> {
        Ok(Self { webhook: webhook(&message.webhook)?, from: position(message.from, "from")? })
    }
}

fn webhook(bytes: &[u8]) -> Result<WebhookId, Undecodable> {
    array(bytes, "webhook").map(WebhookId)
}

/// All are none of them by name.
fn numbers(topics: &Topics) -> Vec<i32> {
    match topics {
        Topics::All => Vec::new(),
        Topics::Some(set) => set.iter().map(Word::number).collect(),
    }
}

/// Each once, in order.
fn topics(numbers: &[i32]) -> Result<Topics, Undecodable> {
    const FIELD: &str = "topics";
    if !numbers.is_sorted_by(|before, after| before < after) {
        return Err(Undecodable::Invalid { field: FIELD });
    }
    let topics = numbers.iter().map(|number| Word::read(*number, FIELD));
    let topics = topics.collect::<Result<BTreeSet<Topic>, Undecodable>>()?;
    Ok(Topics::new(topics).unwrap_or(Topics::All))
}
