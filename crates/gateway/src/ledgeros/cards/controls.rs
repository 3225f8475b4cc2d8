//! When, where and how a card may be used.

use ledger::cards::{ActiveHours, CardControls};
use ledger::intents::Enforcement;
use projector::directory::Card;
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::Error;
use crate::input::read::{boolean, cents_or_zero, count, mccs, minute_of_day, text, word};
use crate::input::{Field, Fields};
use crate::openapi::schema::{self, Body, Describe, object};
use crate::words::{MAX_AUTH_COUNT, Word, mcc_digits};

/// More purchases than any card makes.
const AUTHORIZATIONS_MAX: u32 = 1_000_000;
/// Longer than any card's number is valid: three years and the rest of a month.
const TTL_DAYS_MAX: u32 = 4 * 365;
/// More categories than anybody lists by hand.
const MCCS_MAX: usize = 100;
/// A year: who would wait for longer closes the card.
const MINUTES_MAX: u32 = 365 * 24 * 60;

/// As they are set.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CardControls)]
pub(super) struct ControlsView {
    max_auth_count: Option<u32>,
    ttl_days: Option<u16>,
    allowed_mccs: Vec<String>,
    blocked_mccs: Vec<String>,
    merchant_hint: Option<String>,
    active_hours: Option<HoursView>,
    cooldown_minutes: u32,
    attestation_window_minutes: Option<u32>,
    require_intent: bool,
    #[schema(schema_with = schema::word::<Enforcement>)]
    enforcement: &'static str,
    approval_above: Option<u128>,
}

/// Of each day, UTC.
#[derive(Serialize, ToSchema)]
#[schema(as = ActiveHours)]
struct HoursView {
    from: String,
    until: String,
}

/// Reads what a card may be used for, besides its limits.
pub(super) fn controls(fields: &mut Fields) -> Result<CardControls, Error> {
    let ttl_days = fields.optional("ttlDays", count(1, TTL_DAYS_MAX))?;
    let cooldown_minutes = fields.optional("cooldownMinutes", count(0, MINUTES_MAX))?;
    Ok(CardControls {
        authorizations_max: fields.optional(MAX_AUTH_COUNT, count(1, AUTHORIZATIONS_MAX))?,
        ttl_days: ttl_days
            .map(|days| u16::try_from(days).expect("four years have 16 bits of days")),
        mccs_allowed: fields.optional("allowedMccs", mccs(MCCS_MAX))?.unwrap_or_default(),
        mccs_blocked: fields.optional("blockedMccs", mccs(MCCS_MAX))?.unwrap_or_default(),
        merchant: fields.optional("merchantHint", text)?,
        active_hours: fields.optional("activeHours", active_hours)?,
        cooldown_minutes: cooldown_minutes.unwrap_or(0),
        attestation_window_minutes: fields
            .optional("attestationWindowMinutes", count(1, MINUTES_MAX))?,
        intent_required: fields.optional("requireIntent", boolean)?.unwrap_or(false),
        enforcement: fields.optional("enforcement", word)?.unwrap_or_default(),
        approval_above: fields.optional("approvalAbove", cents_or_zero)?,
    })
}

/// What [`controls`] reads.
pub(super) fn describe(body: Body) -> Body {
    let hours = object()
        .required("from", schema::minute_of_day())
        .required("until", schema::minute_of_day())
        .about("Of each day, UTC. They differ.");
    body.optional(MAX_AUTH_COUNT, schema::count(1, AUTHORIZATIONS_MAX))
        .optional("ttlDays", schema::count(1, TTL_DAYS_MAX))
        .optional("allowedMccs", schema::list(1, MCCS_MAX, schema::mcc()))
        .optional("blockedMccs", schema::list(1, MCCS_MAX, schema::mcc()))
        .optional("merchantHint", schema::lasting_text(100))
        .optional("activeHours", hours)
        .optional("cooldownMinutes", schema::count(0, MINUTES_MAX))
        .optional("attestationWindowMinutes", schema::count(1, MINUTES_MAX))
        .optional("requireIntent", schema::boolean())
        .optional("enforcement", schema::word::<Enforcement>())
        .optional(
            "approvalAbove",
            schema::cents_or_zero().about("Intents above it wait for approval."),
        )
}

fn active_hours(field: Field) -> Result<ActiveHours, Error> {
    let name = format!("{}.until", field.name);
    field.object(|fields| {
        let from = fields.required("from", minute_of_day)?;
        let until = fields.required("until", minute_of_day)?;
        ActiveHours::new(from, until).ok_or_else(|| Error::invalid(name, "must differ from `from`"))
    })
}

impl From<&Card> for ControlsView {
    fn from(card: &Card) -> Self {
        Self {
            max_auth_count: card.authorizations_max,
            ttl_days: card.ttl_days,
            allowed_mccs: card.mccs_allowed.iter().map(mcc_digits).collect(),
            blocked_mccs: card.mccs_blocked.iter().map(mcc_digits).collect(),
            merchant_hint: card.merchant.as_ref().map(|name| name.as_str().to_owned()),
            active_hours: card.active_hours.map(HoursView::from),
            cooldown_minutes: card.cooldown_minutes,
            attestation_window_minutes: card.attestation_window_minutes,
            require_intent: card.intent_required,
            enforcement: card.enforcement.word(),
            approval_above: card.approval_above.map(|amount| amount.0),
        }
    }
}

impl From<ActiveHours> for HoursView {
    fn from(hours: ActiveHours) -> Self {
        let text = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
        Self { from: text(hours.from_minute()), until: text(hours.until_minute()) }
    }
}
