//! Webhooks.

use std::collections::BTreeSet;

use journal::{Undecodable, Word};
use ledger::webhooks::{
    ChangeWebhook, RegisterWebhook, RemoveWebhook, ReplayWebhook, RotateWebhookSecret, TestWebhook,
    Topic, Topics,
};

use super::Form;
use crate::proto;

records! {
    RegisterWebhook { family topics url secret }
    ChangeWebhook { webhook url topics status }
    RemoveWebhook { webhook }
    RotateWebhookSecret { webhook secret }
    TestWebhook { webhook }
    ReplayWebhook { webhook from }
}

/// Topics in the one order in which they are written.
impl Form<proto::Topics> for Topics {
    fn write(&self) -> proto::Topics {
        let topics = match self {
            Self::All => Vec::new(),
            Self::Some(topics) => topics.iter().map(Word::number).collect(),
        };
        proto::Topics { topics }
    }

    fn read(message: &proto::Topics, field: &'static str) -> Result<Self, Undecodable> {
        if !message.topics.is_sorted_by(|one, other| one < other) {
            return Err(Undecodable::Invalid { field });
        }
        let topics = message.topics.iter().map(|number| Word::read(*number, field));
        let topics = topics.collect::<Result<BTreeSet<Topic>, _>>()?;
        Ok(Self::new(topics).unwrap_or(Self::All))
    }
}

required!(Topics as proto::Topics);
