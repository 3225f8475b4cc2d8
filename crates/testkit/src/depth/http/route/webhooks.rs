//! What both surfaces are told of webhooks.

use hyper::Method;
use ledger::keys::Family;
use ledger::webhooks::{
    ChangeWebhook, RegisterWebhook, RemoveWebhook, ReplayWebhook, Topic, Topics, WebhookStatus,
};
use serde_json::{Value, json};

use super::{Route, call, patch, post};
use crate::depth::http::client::Surface;

pub(super) fn register(command: &RegisterWebhook) -> Route {
    let surface = match command.family {
        Family::LedgerApi => Surface::LedgerApi,
        Family::LedgerOs => Surface::LedgerOs,
    };
    let body = json!({"url": "https://example.com/hook", "events": events(&command.topics)});
    Route { surface, ..post("/v1/webhooks", body) }
}

pub(super) fn change(command: &ChangeWebhook) -> Route {
    let mut body = json!({});
    if let Some(topics) = &command.topics {
        body["events"] = events(topics);
    }
    if let Some(status) = command.status {
        body["status"] = self::status(status).into();
    }
    patch(format!("/v1/webhooks/{}", command.webhook), body)
}

pub(super) fn remove(command: &RemoveWebhook) -> Route {
    Route { method: Method::DELETE, ..call(format!("/v1/webhooks/{}", command.webhook)) }
}

pub(super) fn replay(command: &ReplayWebhook) -> Route {
    let path = format!("/v1/webhooks/{}/replay", command.webhook);
    post(path, json!({"fromPosition": command.from.0}))
}

pub(in super::super) fn events(topics: &Topics) -> Value {
    match topics {
        Topics::All => json!(["*"]),
        Topics::Some(set) => set.iter().map(Topic::name).collect(),
    }
}

pub(in super::super) fn status(status: WebhookStatus) -> &'static str {
    match status {
        WebhookStatus::Enabled => "enabled",
        WebhookStatus::Disabled => "disabled",
    }
}
