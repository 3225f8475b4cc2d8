//! A merchant asks for money.

use ledger::authorizations::{Authorize, Terms};
use ledger::matching::Merchant;
use ledger::{Asset, Command, Event};
use serde::Serialize;

use crate::call::{Answer, Call, Write};
use crate::error::Error;
use crate::exceeded::ExceededView;
use crate::input::Field;
use crate::input::read::{asset, cents, country, mcc, text};
use crate::reference;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DecisionView {
    approved: bool,
    transaction_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    approved_amount: Option<u128>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decline_reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exceeded_limit: Option<ExceededView>,
}

/// `POST /v1/sandbox/cards/{cardId}/authorizations`
pub(super) async fn play(call: Call<Write>) -> Result<Answer, Error> {
    let card = call.path_id("cardId")?;
    let terms = call.body(|fields| {
        Ok(Terms {
            amount: fields.required("amount", cents)?,
            asset: fields.optional("currency", asset)?.unwrap_or(Asset::Usd),
            merchant: fields.required("merchant", merchant)?,
            network_id: fields.optional("networkId", text)?.as_ref().map(reference::network),
        })
    })?;
    let written = call.submit(Command::Authorize(Authorize { card, terms })).await?;

    let view = written.event("networkId", |event| match event {
        Event::AuthorizationApproved(event) if event.card == card => Some(DecisionView {
            approved: true,
            transaction_id: event.transaction.to_string(),
            approved_amount: Some(event.terms.amount.0),
            decline_reason: None,
            exceeded_limit: None,
        }),
        Event::AuthorizationDeclined(event) if event.card == card => Some(DecisionView {
            approved: false,
            transaction_id: event.transaction.to_string(),
            approved_amount: None,
            decline_reason: Some(event.reason.name()),
            exceeded_limit: event.exceeded.map(|limit| ExceededView::new(event.reason, limit)),
        }),
        _ => None,
    })?;
    Ok(written.answer(&view))
}

fn merchant(field: Field) -> Result<Merchant, Error> {
    field.object(|fields| {
        Ok(Merchant {
            name: fields.required("name", text)?,
            mcc: fields.optional("mcc", mcc)?,
            city: fields.optional("city", text)?,
            country: fields.optional("country", country)?,
        })
    })
}
