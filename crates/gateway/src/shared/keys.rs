//! The keys of the book, agents' tokens among them.

use ledger::keys::{CreateKey, Family, KeyCreated, KeyRevoked, NewKey, Scope};
use ledger::{Command, Event};
use projector::At;
use projector::directory::Key;
use serde::Serialize;
use utoipa::ToSchema;

use super::time::Time;
use crate::call::{Answer, Call, Read, Write};
use crate::error::Error;
use crate::hex;
use crate::input::read::word;
use crate::keys;
use crate::openapi::schema::{self, Describe, object};
use crate::openapi::{Operation, Tag};
use crate::words::Word;

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Key)]
struct KeyView {
    object: &'static str,
    id: String,
    /// What it is found by, and recognised in a configuration: the part of it that is no secret.
    prefix: String,
    #[schema(schema_with = schema::word::<Scope>)]
    scope: &'static str,
    #[schema(schema_with = schema::word::<Family>)]
    family: &'static str,
    /// The agent whose token it is.
    agent_id: Option<String>,
    created_at: Time,
    revoked_at: Option<Time>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = CreatedKey)]
struct CreatedView {
    #[serde(flatten)]
    view: KeyView,
    /// Null in a replay.
    key: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RevokedKey)]
struct RevokedView {
    object: &'static str,
    id: String,
    revoked_at: Time,
}

/// `POST /v1/keys`
pub(super) async fn create(call: Call<Write>) -> Result<Answer, Error> {
    let (scope, family) = call.body(|fields| {
        let scope: Scope = fields.required("scope", word)?;
        Ok((scope, fields.optional("family", word)?))
    })?;
    let surface = call.caller.family;
    let environment = call.gateway.environment;
    let (text, new) = keys::generate(family.unwrap_or(surface), environment, scope);
    let written = call.submit(Command::CreateKey(CreateKey(new))).await?;
    let created = written.event("Idempotency-Key", |event| match event {
        Event::KeyCreated(event) => Some(event),
        _ => None,
    })?;
    let KeyCreated { key: id, new, agent } = created.clone();
    let NewKey { family, scope, prefix, digest } = new;
    let (position, at) = (written.entry.position, written.entry.at);
    let row = Key { prefix, id, position, at, family, scope, digest, agent, revoked_at: None };
    Ok(written.answer(&CreatedView {
        view: KeyView::new(row, surface),
        key: (!written.is_replay).then_some(text),
    }))
}

/// What [`create`] does.
pub(super) fn describe_create() -> Operation {
    Operation::new(Tag::Keys, "createKey", "Make a key")
        .about("`key` is its text, and shown once: only a hash of its secret is kept.")
        .takes(
            object().required("scope", schema::word::<Scope>()).optional(
                "family",
                schema::word::<Family>()
                    .about("The surface whose dialect it speaks; the caller's if it is left out."),
            ),
        )
        .creates::<CreatedView>()
}

/// `GET /v1/keys`: newest first.
pub(super) async fn list(mut call: Call<Read>) -> Result<Answer, Error> {
    let surface = call.caller.family;
    let listing = match surface {
        Family::LedgerOs => call.listing(|_| Ok(()))?,
        Family::LedgerApi => call.long_listing(|_| Ok(()))?,
    };
    let page = listing.page;
    let found = call.ask(|models| &models.directory, move |d| d.keys(page)).await?;
    let At { position, value: keys } = found;
    let views = keys.rows.into_iter().map(|row| KeyView::new(row, surface)).collect();
    Ok(match surface {
        Family::LedgerOs => Answer::shown(position, &listing.view(views, keys.next)),
        Family::LedgerApi => Answer::shown(position, &listing.items(views, keys.next)),
    })
}

/// What [`list`] does.
pub(super) fn describe_list() -> Operation {
    Operation::new(Tag::Keys, "listKeys", "List keys")
        .about("Newest first, revoked ones and agents' tokens among them.")
        .lists::<KeyView>()
}

/// `DELETE /v1/keys/{keyId}`
pub(super) async fn revoke(call: Call<Write>) -> Result<Answer, Error> {
    let key = call.path_id("keyId")?;
    call.no_body()?;
    let command = Command::RevokeKey(ledger::keys::RevokeKey { key });
    let written = call.submit(command).await?;
    let KeyRevoked { key } = written.event("Idempotency-Key", |event| match event {
        Event::KeyRevoked(event) => Some(event),
        _ => None,
    })?;
    call.gateway.note_revoked(*key);
    Ok(written.answer(&RevokedView {
        object: "key",
        id: key.to_string(),
        revoked_at: Time::of(written.entry.at, call.caller.family),
    }))
}

/// What [`revoke`] does.
pub(super) fn describe_revoke() -> Operation {
    Operation::new(Tag::Keys, "revokeKey", "Revoke a key")
        .about(
            "For ever, and also the key that asks. One that is revoked already is a conflict: the time of \
             the first revocation counts.",
        )
        .answers::<RevokedView>()
}

impl KeyView {
    fn new(key: Key, surface: Family) -> Self {
        Self {
            object: "key",
            id: key.id.to_string(),
            prefix: hex::encode(&key.prefix),
            scope: key.scope.word(),
            family: key.family.word(),
            agent_id: key.agent.map(|agent| agent.to_string()),
            created_at: Time::of(key.at, surface),
            revoked_at: key.revoked_at.map(|at| Time::of(at, surface)),
        }
    }
}
