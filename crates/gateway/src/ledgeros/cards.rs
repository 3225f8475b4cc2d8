//! Cards.

use std::collections::BTreeMap;

use ledger::cards::{
    CardControls, CardCreated, CardKind, CardLimits, CardNumber, CardStatus, CardTerms, ChangeCard,
    CreateCard,
};
use ledger::limits::Limit;
use ledger::{AgentId, Amount, Command, Entry, Event, Timestamp};
use projector::directory::Card;
use projector::transactions::Usage;
use providers::sandbox::issuer;
use serde::Serialize;
use utoipa::ToSchema;
use vault::Kind;

use crate::call::{Answer, Call, Read, Write};
use crate::clock;
use crate::error::Error;
use crate::gateway::Gateway;
use crate::input::Fields;
use crate::input::read::{Id, cents, text, word};
use crate::openapi::schema::{self, Describe, object};
use crate::openapi::{Operation, Tag};
use crate::sealed::recorded;
use crate::words::{MAX_AUTH_COUNT, Word, card_limit};

mod controls;
mod limits;

use controls::{ControlsView, controls};
pub(super) use limits::{change as change_limits, describe_change as describe_change_limits};

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Card)]
struct CardView {
    object: &'static str,
    id: String,
    agent_id: String,
    user_id: String,
    purpose: String,
    #[serde(rename = "type")]
    #[schema(schema_with = schema::word::<CardKind>)]
    kind: &'static str,
    max_amount: u128,
    /// By name; in cents, but for the count of authorizations.
    limits: BTreeMap<&'static str, LimitView>,
    #[serde(flatten)]
    controls: ControlsView,
    last4: String,
    expiration_month: String,
    expiration_year: String,
    #[schema(schema_with = schema::word::<CardStatus>)]
    status: &'static str,
    created_at: u64,
}

#[derive(Serialize, ToSchema)]
#[schema(as = CardLimit)]
struct LimitView {
    limit: u128,
    /// By what is held and what has cleared; by authorizations that are neither voided nor expired.
    used: u128,
    left: u128,
}

#[derive(Serialize, ToSchema)]
#[schema(as = CardStatus)]
struct StatusView {
    object: &'static str,
    id: String,
    #[schema(schema_with = schema::word::<CardStatus>)]
    status: &'static str,
}

/// `POST /v1/agents/{agentId}/cards`
pub(super) async fn create(call: Call<Write>) -> Result<Answer, Error> {
    let agent = call.path_id("agentId")?;
    let terms = call.body(terms)?;
    call.require_own(agent, AgentId::NOUN)?;
    let now = call.now().await?;
    let number = call.blocking(move |gateway| issue(gateway, now)).await?;
    let written = call.submit(Command::CreateCard(CreateCard { agent, terms, number })).await?;

    let created = written.event("Idempotency-Key", |event| match event {
        Event::CardCreated(event) => Some(event),
        _ => None,
    })?;
    let view = CardView::new(
        as_created(created, &written.entry),
        &Usage { spent: BTreeMap::new(), authorizations: 0 },
    );
    Ok(written.answer(&view))
}

/// What [`create`] does.
pub(super) fn describe_create() -> Operation {
    let limits = object()
        .optional("perAuth", schema::cents())
        .optional("perDay", schema::cents().about("In any 24 hours."))
        .optional("perMonth", schema::cents().about("In a calendar month, UTC."));
    let terms = object()
        .required("purpose", schema::lasting_text(500))
        .required("type", schema::word::<CardKind>())
        .required("maxAmount", schema::cents().about("What may be spent in all."))
        .optional("limits", limits);
    Operation::new(Tag::Cards, "createCard", "Create a card")
        .takes(controls::describe(terms))
        .creates::<CardView>()
}

/// `GET /v1/cards/{cardId}`
pub(super) async fn show(mut call: Call<Read>) -> Result<Answer, Error> {
    let id = call.path_id("cardId")?;
    call.no_query()?;
    let known = call.own_card(id).await?;
    let windows: Vec<_> = known.value.limits().iter().map(|limit| limit.window).collect();
    let now = call.now().await?;
    let used = call
        .ask(|models| &models.transactions, move |transactions| transactions.used(id, windows, now))
        .await?;
    let view = CardView::new(known.value, &used.value);
    Ok(Answer::shown(used.position.min(known.position), &view))
}

/// What [`show`] does.
pub(super) fn describe_show() -> Operation {
    Operation::new(Tag::Cards, "getCard", "Show a card").answers::<CardView>()
}

/// `POST /v1/cards/{cardId}/freeze`
pub(super) async fn freeze(call: Call<Write>) -> Result<Answer, Error> {
    change(call, CardStatus::Frozen).await
}

/// What [`freeze`] does.
pub(super) fn describe_freeze() -> Operation {
    Operation::new(Tag::Cards, "freezeCard", "Freeze a card").answers::<StatusView>()
}

/// `POST /v1/cards/{cardId}/unfreeze`
pub(super) async fn unfreeze(call: Call<Write>) -> Result<Answer, Error> {
    change(call, CardStatus::Active).await
}

/// What [`unfreeze`] does.
pub(super) fn describe_unfreeze() -> Operation {
    Operation::new(Tag::Cards, "unfreezeCard", "Unfreeze a card").answers::<StatusView>()
}

/// `POST /v1/cards/{cardId}/close`
pub(super) async fn close(call: Call<Write>) -> Result<Answer, Error> {
    change(call, CardStatus::Closed).await
}

/// What [`close`] does.
pub(super) fn describe_close() -> Operation {
    Operation::new(Tag::Cards, "closeCard", "Close a card")
        .about("For ever. What it holds stays held until it is cleared, reversed or expires.")
        .answers::<StatusView>()
}

async fn change(call: Call<Write>, status: CardStatus) -> Result<Answer, Error> {
    let card = call.path_id("cardId")?;
    call.no_body()?;
    call.require_own_card(card).await?;
    let written = call.submit(Command::ChangeCard(ChangeCard { card, status })).await?;
    let changed = written.event("Idempotency-Key", |event| match event {
        Event::CardStatusChanged(event) => Some(event),
        _ => None,
    })?;
    Ok(written.answer(&StatusView {
        object: "card",
        id: changed.card.to_string(),
        status: changed.status.word(),
    }))
}

fn terms(fields: &mut Fields) -> Result<CardTerms, Error> {
    let purpose = fields.required("purpose", text)?;
    let kind = fields.required("type", word)?;
    let total = fields.required("maxAmount", cents)?;
    let limits = fields.optional("limits", |field| {
        field.object(|fields| {
            Ok(CardLimits {
                total,
                per_authorization: fields.optional("perAuth", cents)?,
                per_day: fields.optional("perDay", cents)?,
                per_month: fields.optional("perMonth", cents)?,
            })
        })
    })?;
    let unlimited = CardLimits { total, per_authorization: None, per_day: None, per_month: None };
    let limits = limits.unwrap_or(unlimited);
    Ok(CardTerms { purpose, kind, limits, controls: controls(fields)? })
}

/// A new number, which is in the vault when this returns. Blocks.
fn issue(gateway: &Gateway, now: Timestamp) -> Result<CardNumber, vault::Error> {
    let (number, last_month) = issuer::issue(now);
    let digits = number.expose().as_bytes();
    let sealed = gateway.vault.create_subject(Kind::CardNumber, digits, clock::wall_ms())?;
    let last4 = number.last4().as_bytes();
    Ok(CardNumber {
        sealed: recorded(sealed),
        last4: last4.try_into().expect("a number has four last digits"),
        last_month,
    })
}

/// The row that a read model makes of it.
fn as_created(event: &CardCreated, entry: &Entry) -> Card {
    let CardTerms { purpose, kind, limits, controls } = event.terms.clone();
    let CardControls {
        authorizations_max,
        ttl_days,
        mccs_allowed,
        mccs_blocked,
        merchant,
        active_hours,
        cooldown_minutes,
        attestation_window_minutes,
        intent_required,
        enforcement,
        approval_above,
    } = controls;
    let CardNumber { sealed, last4, last_month } = event.number;
    Card {
        id: event.card,
        position: entry.position,
        at: entry.at,
        agent: event.agent,
        holder: event.holder,
        purpose,
        kind,
        authorizations_max,
        ttl_days,
        mccs_allowed,
        mccs_blocked,
        merchant,
        active_hours,
        cooldown_minutes,
        attestation_window_minutes,
        intent_required,
        enforcement,
        approval_above,
        number: sealed,
        last4,
        expiry_year: last_month.year(),
        expiry_month: last_month.number(),
        total: limits.total,
        per_authorization: limits.per_authorization,
        per_day: limits.per_day,
        per_month: limits.per_month,
        status: CardStatus::Active,
    }
}

impl CardView {
    fn new(card: Card, used: &Usage) -> Self {
        let amounts = card.limits().iter().map(|Limit { window, amount }| {
            let used = used.spent.get(&window).copied().unwrap_or(Amount::ZERO);
            (card_limit(window), LimitView::new(amount.0, used.0))
        });
        let count = card.authorizations_max.map(|max| {
            (MAX_AUTH_COUNT, LimitView::new(u128::from(max), u128::from(used.authorizations)))
        });
        Self {
            object: "card",
            id: card.id.to_string(),
            agent_id: card.agent.to_string(),
            user_id: card.holder.to_string(),
            purpose: card.purpose.as_str().to_owned(),
            kind: card.kind.word(),
            max_amount: card.total.0,
            limits: amounts.chain(count).collect(),
            controls: ControlsView::from(&card),
            last4: String::from_utf8_lossy(&card.last4).into_owned(),
            expiration_month: month(card.expiry_month),
            expiration_year: card.expiry_year.to_string(),
            status: card.status.word(),
            created_at: card.at.as_millis(),
        }
    }
}

impl LimitView {
    fn new(limit: u128, used: u128) -> Self {
        Self { limit, used, left: limit.saturating_sub(used) }
    }
}

/// A month in two digits, as cards have it.
pub(super) fn month(month: u8) -> String {
    format!("{month:02}")
}
