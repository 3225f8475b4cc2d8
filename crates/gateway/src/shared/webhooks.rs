//! The webhooks of the book.

use std::collections::BTreeSet;

use ledger::keys::Family;
use ledger::webhooks::{
    ChangeWebhook, RegisterWebhook, RemoveWebhook, Topic, Topics, WebhookChanged,
    WebhookRegistered, WebhookRemoved, WebhookStatus,
};
use ledger::{Command, Event, Sealed, Timestamp, WebhookId};
use projector::At;
use projector::directory::Webhook;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::Schema;
use vault::Kind;

use super::time::Time;
use crate::call::{Answer, Call, Read, Write};
use crate::clock;
use crate::error::Error;
use crate::gateway::Gateway;
use crate::input::fields::NOTHING_CHANGED;
use crate::input::read::{Id, word};
use crate::input::url::url;
use crate::input::{Field, Fields};
use crate::openapi::schema::{self, object};
use crate::openapi::{Operation, Tag};
use crate::sealed::{SealedError, recorded};
use crate::words::Word;

mod acts;
mod deliveries;
mod secret;

pub(super) use acts::{describe_replay, describe_rotate, describe_test, replay, rotate, test};
pub(super) use deliveries::{describe_list as describe_deliveries, list as deliveries};

/// Everything that the surface has, also what it will have later.
const ALL: &str = "*";
/// The surfaces that may have registered a webhook.
const BOTH: [Family; 2] = [Family::LedgerApi, Family::LedgerOs];

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Webhook)]
struct WebhookView {
    object: &'static str,
    id: String,
    /// The surface whose events it is sent, in its form.
    #[schema(schema_with = schema::word::<Family>)]
    family: &'static str,
    /// Null when the vault can't show it any more.
    url: Option<String>,
    /// Of which types; `*` for all that there are and will be.
    events: Vec<&'static str>,
    #[schema(schema_with = schema::word::<WebhookStatus>)]
    status: &'static str,
    created_at: Time,
    updated_at: Time,
}

#[derive(Serialize, ToSchema)]
#[schema(as = CreatedWebhook)]
struct CreatedView {
    #[serde(flatten)]
    view: WebhookView,
    /// Null in a replay.
    secret: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RemovedWebhook)]
struct RemovedView {
    object: &'static str,
    id: String,
    removed_at: Time,
}

/// `POST /v1/webhooks`
pub(super) async fn create(call: Call<Write>) -> Result<Answer, Error> {
    let (surface, environment) = (call.caller.family, call.gateway.environment);
    let (address, topics) = call.body(|fields| {
        Ok((
            fields.required("url", url(environment))?,
            fields.required("events", events(&[surface]))?,
        ))
    })?;
    let secret = secret::generate();
    let kept = secret.clone();
    let (url, secret_ref) = call
        .blocking(move |gateway| -> Result<_, vault::Error> {
            let url = gateway.seal_alone(Kind::WebhookUrl, address.as_bytes())?;
            let secret = gateway.seal_with(Some(url), Kind::WebhookSecret, kept.as_bytes())?;
            Ok((url, secret))
        })
        .await?;
    let command = RegisterWebhook { family: surface, topics, url, secret: secret_ref };
    let written = call.submit(Command::RegisterWebhook(command)).await?;
    let registered = written.event("Idempotency-Key", |event| match event {
        Event::WebhookRegistered(event) => Some(event),
        _ => None,
    })?;
    let WebhookRegistered { webhook: id, family, topics, url, .. } = registered.clone();
    let (position, at) = (written.entry.position, written.entry.at);
    let status = WebhookStatus::Enabled;
    let row = Webhook { id, position, at, family, topics, url, status, updated_at: at };
    let view = call.blocking(move |gateway| WebhookView::new(row, surface, gateway)).await;
    let view = written.shown(view)?;
    Ok(written.answer(&CreatedView { view, secret: (!written.is_replay).then_some(secret) }))
}

/// What [`create`] does.
pub(super) fn describe_create() -> Operation {
    Operation::new(Tag::Webhooks, "createWebhook", "Register a webhook")
        .about(
            "It is sent what happens from now on, in the form of the key's surface, whose types alone are taken. \
             `secret` is what its messages are signed with, and shown once.",
        )
        .takes(object().required("url", schema::url()).required("events", list_of_events()))
        .creates::<CreatedView>()
}

/// `GET /v1/webhooks`: newest first.
pub(super) async fn list(mut call: Call<Read>) -> Result<Answer, Error> {
    let surface = call.caller.family;
    let listing = match surface {
        Family::LedgerOs => call.listing(|_| Ok(()))?,
        Family::LedgerApi => call.long_listing(|_| Ok(()))?,
    };
    let page = listing.page;
    let found = call.ask(|models| &models.directory, move |d| d.webhooks(page)).await?;
    let At { position, value: webhooks } = found;
    let show = move |gateway: &Gateway| -> Result<_, SealedError> {
        let rows = webhooks.rows.into_iter();
        let views = rows.map(|row| WebhookView::new(row, surface, gateway));
        Ok((views.collect::<Result<Vec<_>, _>>()?, webhooks.next))
    };
    let (views, next) = call.blocking(show).await?;
    Ok(match surface {
        Family::LedgerOs => Answer::shown(position, &listing.view(views, next)),
        Family::LedgerApi => Answer::shown(position, &listing.items(views, next)),
    })
}

/// What [`list`] does.
pub(super) fn describe_list() -> Operation {
    Operation::new(Tag::Webhooks, "listWebhooks", "List webhooks")
        .about("Newest first, those of the other surface among them.")
        .lists::<WebhookView>()
}

/// `GET /v1/webhooks/{webhookId}`
pub(super) async fn show(mut call: Call<Read>) -> Result<Answer, Error> {
    call.no_query()?;
    let surface = call.caller.family;
    let At { position, value: found } = find(&call, call.path_id("webhookId")?).await?;
    let row = found.ok_or(Error::UnknownId { noun: WebhookId::NOUN })?;
    let view = call.blocking(move |gateway| WebhookView::new(row, surface, gateway)).await?;
    Ok(Answer::shown(position, &view))
}

/// What [`show`] does.
pub(super) fn describe_show() -> Operation {
    Operation::new(Tag::Webhooks, "getWebhook", "Get a webhook").answers::<WebhookView>()
}

/// `PATCH /v1/webhooks/{webhookId}`
pub(super) async fn change(call: Call<Write>) -> Result<Answer, Error> {
    let webhook = call.path_id("webhookId")?;
    let environment = call.gateway.environment;
    let (address, topics, status) = call.body(|fields: &mut Fields| {
        let address = fields.optional("url", url(environment))?;
        let topics = fields.optional("events", events(&BOTH))?;
        match (address, topics, fields.optional("status", word)?) {
            (None, None, None) => Err(Error::invalid("body", NOTHING_CHANGED)),
            changes => Ok(changes),
        }
    })?;
    let url = match address {
        Some(address) => Some(seal(&call, webhook, Kind::WebhookUrl, address.into_bytes()).await?),
        None => None,
    };
    let command = ChangeWebhook { webhook, url, topics, status };
    let written = call.submit(Command::ChangeWebhook(command)).await?;
    let changed = written.event("Idempotency-Key", |event| match event {
        Event::WebhookChanged(event) => Some(event),
        _ => None,
    })?;
    let WebhookChanged { webhook: id, family, topics, url, status } = changed.clone();
    let (position, updated_at) = (written.entry.position, written.entry.at);
    let at = created_at(id);
    let row = Webhook { id, position, at, family, topics, url, status, updated_at };
    let surface = call.caller.family;
    let view = call.blocking(move |gateway| WebhookView::new(row, surface, gateway)).await;
    Ok(written.answer(&written.shown(view)?))
}

/// What [`change`] does.
pub(super) fn describe_change() -> Operation {
    Operation::new(Tag::Webhooks, "changeWebhook", "Change a webhook")
        .about(
            "What is left out stays. What happens while a webhook is disabled is sent to it only when it is replayed.",
        )
        .takes(
            object()
                .optional("url", schema::url())
                .optional("events", list_of_events())
                .optional("status", schema::word::<WebhookStatus>())
                .at_least_one(),
        )
        .answers::<WebhookView>()
}

/// `DELETE /v1/webhooks/{webhookId}`
pub(super) async fn remove(call: Call<Write>) -> Result<Answer, Error> {
    let webhook = call.path_id("webhookId")?;
    call.no_body()?;
    let written = call.submit(Command::RemoveWebhook(RemoveWebhook { webhook })).await?;
    let WebhookRemoved { webhook } = written.event("Idempotency-Key", |event| match event {
        Event::WebhookRemoved(event) => Some(event),
        _ => None,
    })?;
    Ok(written.answer(&RemovedView {
        object: "webhook",
        id: webhook.to_string(),
        removed_at: Time::of(written.entry.at, call.caller.family),
    }))
}

/// What [`remove`] does.
pub(super) fn describe_remove() -> Operation {
    Operation::new(Tag::Webhooks, "removeWebhook", "Remove a webhook")
        .about("For ever: nothing is sent to it any more, not even what was on its way.")
        .answers::<RemovedView>()
}

/// A webhook, if it is there.
async fn find(call: &Call<Read>, id: WebhookId) -> Result<At<Option<Webhook>>, Error> {
    call.ask(|models| &models.directory, move |d| d.webhook(id)).await
}

/// Keeps something of a webhook where the rest of it lies. What is not there has nothing beside which it could lie: the
/// writer refuses it, or knows the command already.
async fn seal(
    call: &Call<Write>,
    webhook: WebhookId,
    kind: Kind,
    content: Vec<u8>,
) -> Result<Sealed, Error> {
    let found = call.known(|models| &models.directory, move |d| d.webhook(webhook)).await?;
    let beside = found.map(|found| found.url);
    call.blocking(move |gateway| gateway.seal_with(beside, kind, &content)).await
}

impl Gateway {
    /// Keeps an item under a subject of its own. Blocks.
    fn seal_alone(&self, kind: Kind, content: &[u8]) -> Result<Sealed, vault::Error> {
        self.vault.create_subject(kind, content, clock::wall_ms()).map(recorded)
    }

    /// Keeps an item under the subject of another, or under one of its own where that is not. Blocks.
    fn seal_with(
        &self,
        other: Option<Sealed>,
        kind: Kind,
        content: &[u8],
    ) -> Result<Sealed, vault::Error> {
        let beside = other.map(|other| self.seal_beside(other, kind, content)).transpose()?;
        beside.flatten().map_or_else(|| self.seal_alone(kind, content), Ok)
    }
}

impl WebhookView {
    /// Blocks.
    fn new(row: Webhook, surface: Family, gateway: &Gateway) -> Result<Self, SealedError> {
        let Webhook { id, at, family, topics, url, status, updated_at, .. } = row;
        let url = gateway.unseal(Kind::WebhookUrl, url)?;
        Ok(Self {
            object: "webhook",
            id: id.to_string(),
            family: family.word(),
            url: url.and_then(|url| String::from_utf8(url.expose().to_vec()).ok()),
            events: match &topics {
                Topics::All => vec![ALL],
                Topics::Some(set) => set.iter().map(Topic::name).collect(),
            },
            status: status.word(),
            created_at: Time::of(at, surface),
            updated_at: Time::of(updated_at, surface),
        })
    }
}

/// The time of the entry that registered a webhook: its id begins with it.
fn created_at(WebhookId(bytes): WebhookId) -> Timestamp {
    let mut millis = [0; 8];
    millis[2..].copy_from_slice(&bytes[..6]);
    Timestamp::from_millis(u64::from_be_bytes(millis))
}

/// Names of types that one of the surfaces has, or `*` alone. The surface of a webhook that is there is known to the
/// rules: they see to it.
fn events(surfaces: &[Family]) -> impl Fn(Field) -> Result<Topics, Error> {
    move |field| {
        let name = field.name.clone();
        let invalid = |reason: &str| Error::invalid(name.as_str(), reason.to_owned());
        let texts = field.list(Topic::ALL.len(), |item| match item.text()? {
            ALL => Ok(None),
            text => match of(surfaces).find(|topic| topic.name() == text) {
                Some(topic) => Ok(Some(topic)),
                None => {
                    let names: Vec<_> = of(surfaces).map(|t| format!("`{}`", t.name())).collect();
                    let names = names.join(", ");
                    Err(item.invalid(format!("is not `{ALL}`, and must be one of {names}")))
                }
            },
        })?;
        if texts == [None] {
            return Ok(Topics::All);
        }
        let topics: Option<BTreeSet<Topic>> = texts.into_iter().collect();
        let topics = topics.ok_or_else(|| invalid("must have names, or `*` alone"))?;
        Topics::new(topics).ok_or_else(|| invalid("must not be empty"))
    }
}

/// What one of the surfaces has.
fn of(surfaces: &[Family]) -> impl Iterator<Item = Topic> {
    let is_theirs = |topic: &Topic| surfaces.iter().any(|family| topic.belongs_to(*family));
    Topic::ALL.into_iter().filter(is_theirs)
}

/// What [`events`] takes, of either surface.
fn list_of_events() -> Schema {
    let some = schema::list(1, Topic::ALL.len(), schema::one_of(of(&BOTH).map(Topic::name)));
    let all = schema::list(1, 1, schema::one_of([ALL]));
    schema::either(some, all)
}
