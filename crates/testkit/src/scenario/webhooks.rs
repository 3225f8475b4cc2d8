//! Where a platform wants to be told of what happens.

use std::collections::BTreeSet;

use ledger::keys::Family;
use ledger::webhooks::{
    ChangeWebhook, RemoveWebhook, ReplayWebhook, RotateWebhookSecret, TestWebhook, Topic, Topics,
    WebhookStatus,
};
use ledger::{Command, Position, WebhookId};

use super::names::Thing;
use super::play::Stage;
use super::tokens::Tokens;
use crate::books::Breach;
use crate::requests;

/// Something that concerns a webhook. No topics are all of them.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Telling {
    Webhook { name: String, family: Family, topics: BTreeSet<Topic> },
    Rehook { webhook: String, status: Option<WebhookStatus>, topics: BTreeSet<Topic> },
    Unhook { webhook: String },
    Rotate { webhook: String },
    Ping { webhook: String },
    Retell { webhook: String, from: Position },
}

impl Telling {
    /// `None` when the verb is another family's.
    pub(super) fn parse(verb: &str, tokens: &mut Tokens) -> Result<Option<Self>, String> {
        let webhook = |tokens: &mut Tokens| tokens.word("a webhook");
        Ok(Some(match verb {
            "webhook" => Self::Webhook {
                name: webhook(tokens)?,
                family: tokens.known("a surface", family)?,
                topics: topics(tokens),
            },
            "rehook" => Self::Rehook {
                webhook: webhook(tokens)?,
                status: tokens.take_if(status),
                topics: topics(tokens),
            },
            "unhook" => Self::Unhook { webhook: webhook(tokens)? },
            "rotate" => Self::Rotate { webhook: webhook(tokens)? },
            "ping" => Self::Ping { webhook: webhook(tokens)? },
            "retell" => Self::Retell {
                webhook: webhook(tokens)?,
                from: Position(tokens.known("a position", |word| word.parse().ok())?),
            },
            _ => return Ok(None),
        }))
    }
}

impl Stage<'_> {
    pub(super) fn tell(&mut self, telling: &Telling) -> Result<(), Breach> {
        match telling {
            Telling::Webhook { name, family, topics } => {
                let topics = Topics::new(topics.clone()).unwrap_or(Topics::All);
                let command = requests::register_webhook(self.number(), *family, topics);
                self.make(name, command)
            }
            Telling::Rehook { webhook, status, topics } => {
                let webhook = self.webhook(webhook)?;
                let (url, topics) = (None, Topics::new(topics.clone()));
                let command = ChangeWebhook { webhook, url, topics, status: *status };
                self.ask(Command::ChangeWebhook(command))
            }
            Telling::Unhook { webhook } => {
                let webhook = self.webhook(webhook)?;
                self.ask(Command::RemoveWebhook(RemoveWebhook { webhook }))
            }
            Telling::Rotate { webhook } => {
                let (webhook, secret) = (self.webhook(webhook)?, requests::sealed(self.number()));
                self.ask(Command::RotateWebhookSecret(RotateWebhookSecret { webhook, secret }))
            }
            Telling::Ping { webhook } => {
                let webhook = self.webhook(webhook)?;
                self.ask(Command::TestWebhook(TestWebhook { webhook }))
            }
            Telling::Retell { webhook, from } => {
                let webhook = self.webhook(webhook)?;
                self.ask(Command::ReplayWebhook(ReplayWebhook { webhook, from: *from }))
            }
        }
    }

    fn webhook(&mut self, name: &str) -> Result<WebhookId, Breach> {
        match self.name(name)? {
            Thing::Webhook(webhook) => Ok(webhook),
            other => Err(format!("`{name}` is no webhook but {other:?}")),
        }
    }
}

fn family(word: &str) -> Option<Family> {
    Some(match word {
        "ledgerApi" => Family::LedgerApi,
        "ledgerOs" => Family::LedgerOs,
        _ => return None,
    })
}

fn status(word: &str) -> Option<WebhookStatus> {
    Some(match word {
        "enabled" => WebhookStatus::Enabled,
        "disabled" => WebhookStatus::Disabled,
        _ => return None,
    })
}

fn topics(tokens: &mut Tokens) -> BTreeSet<Topic> {
    std::iter::from_fn(|| tokens.take_if(Topic::from_name)).collect()
}
