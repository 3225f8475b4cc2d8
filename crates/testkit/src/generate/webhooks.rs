//! What happens to webhooks.

use ledger::keys::Family;
use ledger::webhooks::{
    ChangeWebhook, RemoveWebhook, ReplayWebhook, RotateWebhookSecret, TestWebhook, Topic, Topics,
    WebhookStatus,
};
use ledger::{Command, Position, WebhookId};
use proptest::collection::btree_set;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::pick::{Pick, Scene, nth, pick};
use crate::requests;

/// Something that happens to a webhook.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "they are the commands of the ledger")]
pub enum Webhooks {
    Register { family: Family, topics: Topics },
    Change { webhook: Pick, topics: Option<Topics>, status: Option<WebhookStatus> },
    Remove(Pick),
    Rotate(Pick),
    Test(Pick),
    Replay { webhook: Pick, from: Pick },
}

pub(super) fn webhooks() -> impl Strategy<Value = Webhooks> {
    let family = select(&[Family::LedgerApi, Family::LedgerOs][..]);
    let status = select(&[WebhookStatus::Enabled, WebhookStatus::Disabled][..]);
    prop_oneof![
        3 => (family, topics()).prop_map(|(family, topics)| Webhooks::Register { family, topics }),
        2 => (pick(), option::of(topics()), option::of(status))
            .prop_map(|(webhook, topics, status)| Webhooks::Change { webhook, topics, status }),
        1 => pick().prop_map(Webhooks::Remove),
        1 => pick().prop_map(Webhooks::Rotate),
        1 => pick().prop_map(Webhooks::Test),
        2 => (pick(), pick()).prop_map(|(webhook, from)| Webhooks::Replay { webhook, from }),
    ]
}

/// Few, so that a surface often has all of them.
fn topics() -> impl Strategy<Value = Topics> {
    btree_set(select(&Topic::ALL[..]), 0..3)
        .prop_map(|topics| Topics::new(topics).unwrap_or(Topics::All))
}

impl Webhooks {
    pub(super) fn command(&self, scene: &Scene<'_>) -> Command {
        match *self {
            Self::Register { family, ref topics } => {
                requests::register_webhook(scene.number, family, topics.clone())
            }
            Self::Change { webhook, ref topics, status } => {
                let (webhook, topics) = (any(scene, webhook), topics.clone());
                Command::ChangeWebhook(ChangeWebhook { webhook, url: None, topics, status })
            }
            Self::Remove(webhook) => {
                Command::RemoveWebhook(RemoveWebhook { webhook: any(scene, webhook) })
            }
            Self::Rotate(webhook) => {
                let (webhook, secret) = (any(scene, webhook), requests::sealed(scene.number));
                Command::RotateWebhookSecret(RotateWebhookSecret { webhook, secret })
            }
            Self::Test(webhook) => {
                Command::TestWebhook(TestWebhook { webhook: any(scene, webhook) })
            }
            Self::Replay { webhook, from } => {
                let last = scene.books.position.0 + 1;
                let from = match from {
                    // The last that there could be, and the first that could not.
                    Pick::Nth(index @ 0..=1) => last + u64::from(index),
                    Pick::Nth(index) => u64::from(index).min(last),
                    Pick::Unknown => 0,
                };
                let webhook = any(scene, webhook);
                Command::ReplayWebhook(ReplayWebhook { webhook, from: Position(from) })
            }
        }
    }
}

fn any(scene: &Scene<'_>, pick: Pick) -> WebhookId {
    nth(scene.books.webhooks.keys(), pick).copied().unwrap_or(WebhookId([9; 16]))
}
