//! What is done with a webhook that stays what it is.

use ledger::webhooks::{
    ReplayWebhook, RotateWebhookSecret, TestWebhook, Topic, WebhookReplayed, WebhookSecretRotated,
    WebhookTested,
};
use ledger::{Command, Event, Position};
use serde::Serialize;
use utoipa::ToSchema;
use vault::Kind;

use super::{seal, secret};
use crate::call::{Answer, Call, Write};
use crate::error::Error;
use crate::input::read;
use crate::openapi::schema::{self, Describe, object};
use crate::openapi::{Operation, Tag};
use crate::shared::time::Time;

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RotatedWebhook)]
struct RotatedView {
    object: &'static str,
    id: String,
    /// Null in a replay.
    secret: Option<String>,
    /// Until when messages are signed with the secret before as well.
    previous_secret_until: Time,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TestedWebhook)]
struct TestedView {
    object: &'static str,
    id: String,
    /// Of the message that is sent.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The position of the entry that the message tells of.
    position: u64,
    created_at: Time,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ReplayedWebhook)]
struct ReplayedView {
    object: &'static str,
    id: String,
    from_position: u64,
    /// The last entry of which is told once more: the one that this wrote.
    to_position: u64,
    created_at: Time,
}

/// `POST /v1/webhooks/{webhookId}/rotate-secret`
pub(in crate::shared) async fn rotate(call: Call<Write>) -> Result<Answer, Error> {
    let webhook = call.path_id("webhookId")?;
    call.no_body()?;
    let text = secret::generate();
    let secret = seal(&call, webhook, Kind::WebhookSecret, text.clone().into_bytes()).await?;
    let command = RotateWebhookSecret { webhook, secret };
    let written = call.submit(Command::RotateWebhookSecret(command)).await?;
    let WebhookSecretRotated { webhook, before_until, .. } =
        written.event("Idempotency-Key", |event| match event {
            Event::WebhookSecretRotated(event) => Some(event),
            _ => None,
        })?;
    Ok(written.answer(&RotatedView {
        object: "webhook",
        id: webhook.to_string(),
        secret: (!written.is_replay).then_some(text),
        previous_secret_until: Time::of(*before_until, call.caller.family),
    }))
}

/// What [`rotate`] does.
pub(in crate::shared) fn describe_rotate() -> Operation {
    Operation::new(Tag::Webhooks, "rotateWebhookSecret", "Rotate a webhook's secret")
        .about(
            "`secret` is the new one, and shown once. For 24 hours messages are signed with the one before as well; \
             one that is older ends at once.",
        )
        .answers::<RotatedView>()
}

/// `POST /v1/webhooks/{webhookId}/test`
pub(in crate::shared) async fn test(call: Call<Write>) -> Result<Answer, Error> {
    let webhook = call.path_id("webhookId")?;
    call.no_body()?;
    let written = call.submit(Command::TestWebhook(TestWebhook { webhook })).await?;
    let WebhookTested { webhook } = written.event("Idempotency-Key", |event| match event {
        Event::WebhookTested(event) => Some(event),
        _ => None,
    })?;
    Ok(written.answer(&TestedView {
        object: "webhook",
        id: webhook.to_string(),
        kind: Topic::WebhookTest.name(),
        position: written.entry.position.0,
        created_at: Time::of(written.entry.at, call.caller.family),
    }))
}

/// What [`test`] does.
pub(in crate::shared) fn describe_test() -> Operation {
    Operation::new(Tag::Webhooks, "testWebhook", "Try a webhook out")
        .about("It is sent a message of the type `webhook.test`, whatever its events are.")
        .answers::<TestedView>()
}

/// `POST /v1/webhooks/{webhookId}/replay`
pub(in crate::shared) async fn replay(call: Call<Write>) -> Result<Answer, Error> {
    let webhook = call.path_id("webhookId")?;
    let from = call.body(|fields| fields.required("fromPosition", read::whole_position))?;
    let written = call.submit(Command::ReplayWebhook(ReplayWebhook { webhook, from })).await?;
    let WebhookReplayed { webhook, from: Position(from_position) } =
        *written.event("Idempotency-Key", |event| match event {
            Event::WebhookReplayed(event) => Some(event),
            _ => None,
        })?;
    Ok(written.answer(&ReplayedView {
        object: "webhook",
        id: webhook.to_string(),
        from_position,
        to_position: written.entry.position.0,
        created_at: Time::of(written.entry.at, call.caller.family),
    }))
}

/// What [`replay`] does.
pub(in crate::shared) fn describe_replay() -> Operation {
    Operation::new(Tag::Webhooks, "replayWebhook", "Send a webhook once more what has happened")
        .about("From an entry of the journal on, in its order, up to the entry that this writes.")
        .takes(
            object().required(
                "fromPosition",
                schema::position()
                    .about("As `Ledger-Position` says it; at most one more than the last."),
            ),
        )
        .answers::<ReplayedView>()
}
