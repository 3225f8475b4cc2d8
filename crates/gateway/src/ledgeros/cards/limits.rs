//! Changes of how much may be spent with a card.

use std::collections::BTreeMap;

use ledger::cards::{CardLimitsChanged, ChangeCardLimits, Setting};
use ledger::limits::Limit;
use ledger::{CardId, Command, Event};
use serde::Serialize;
use utoipa::ToSchema;

use crate::call::{Answer, Call, Write};
use crate::error::Error;
use crate::input::Fields;
use crate::input::fields::NOTHING_CHANGED;
use crate::input::read::{cents, nullable};
use crate::openapi::schema::{self, Describe, object};
use crate::openapi::{Operation, Tag};
use crate::words::card_limit;

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CardLimits)]
struct LimitsView {
    object: &'static str,
    id: String,
    max_amount: u128,
    /// By name.
    limits: BTreeMap<&'static str, LimitView>,
}

/// What is used of it is not said: that changes without the card being asked.
#[derive(Serialize, ToSchema)]
#[schema(as = CardLimitAmount)]
struct LimitView {
    limit: u128,
}

/// `PATCH /v1/cards/{cardId}`
pub(in crate::ledgeros) async fn change(call: Call<Write>) -> Result<Answer, Error> {
    let card = call.path_id("cardId")?;
    let command = call.body(|fields| changes(card, fields))?;
    if command == no_changes(card) {
        return Err(Error::invalid("body", NOTHING_CHANGED));
    }
    let written = call.submit(Command::ChangeCardLimits(command)).await?;
    let changed = written.event("Idempotency-Key", |event| match event {
        Event::CardLimitsChanged(event) => Some(event),
        _ => None,
    })?;
    Ok(written.answer(&LimitsView::from(changed)))
}

/// What [`change`] does.
pub(in crate::ledgeros) fn describe_change() -> Operation {
    let limits = object()
        .optional("perAuth", schema::cents().nullable())
        .optional("perDay", schema::cents().nullable())
        .optional("perMonth", schema::cents().nullable());
    Operation::new(Tag::Cards, "changeCard", "Change a card's limits")
        .about("A limit that is `null` is lifted.")
        .takes(
            object()
                .optional("maxAmount", schema::cents())
                .optional("limits", limits.at_least_one())
                .at_least_one(),
        )
        .answers::<LimitsView>()
}

/// A limit that is `null` is lifted.
fn changes(card: CardId, fields: &mut Fields) -> Result<ChangeCardLimits, Error> {
    let total = fields.setting("maxAmount", cents)?;
    let others = fields.optional("limits", |field| {
        field.object(|fields| {
            Ok(ChangeCardLimits {
                card,
                total,
                per_authorization: fields.setting("perAuth", nullable(cents))?,
                per_day: fields.setting("perDay", nullable(cents))?,
                per_month: fields.setting("perMonth", nullable(cents))?,
            })
        })
    })?;
    Ok(others.unwrap_or(ChangeCardLimits { total, ..no_changes(card) }))
}

fn no_changes(card: CardId) -> ChangeCardLimits {
    ChangeCardLimits {
        card,
        total: Setting::Keep,
        per_authorization: Setting::Keep,
        per_day: Setting::Keep,
        per_month: Setting::Keep,
    }
}

impl From<&CardLimitsChanged> for LimitsView {
    fn from(event: &CardLimitsChanged) -> Self {
        let limit =
            |Limit { window, amount }: Limit| (card_limit(window), LimitView { limit: amount.0 });
        Self {
            object: "card",
            id: event.card.to_string(),
            max_amount: event.limits.total.0,
            limits: event.limits.iter().map(limit).collect(),
        }
    }
}
