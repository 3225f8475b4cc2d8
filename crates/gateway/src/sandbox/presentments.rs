//! Captures for a card that can't be found.

use ledger::presentments::{AssignPresentment, RecordPresentment, WriteOffPresentment};
use ledger::{CardId, Command, Event};
use serde::Serialize;
use utoipa::ToSchema;

use super::AmountView;
use super::terms::terms;
use crate::call::{Answer, Call, Write};
use crate::error::Error;
use crate::input::read::{cents, id};
use crate::openapi::schema::{self, object};
use crate::openapi::{Operation, Tag};

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Assignment)]
struct AssignmentView {
    object: &'static str,
    transaction_id: String,
    card_id: String,
    user_id: String,
    amount: u128,
}

/// `POST /v1/sandbox/network/presentments`
pub(super) async fn play(call: Call<Write>) -> Result<Answer, Error> {
    let terms = call.body(|fields| terms(fields, cents))?;
    let written = call.submit(Command::RecordPresentment(RecordPresentment { terms })).await?;
    let view = written.event("networkId", |event| match event {
        Event::PresentmentSuspended(event) => {
            Some(AmountView::new("presentment", event.transaction, event.terms.amount))
        }
        _ => None,
    })?;
    Ok(written.answer(&view))
}

/// What [`play`] does.
pub(super) fn describe_play() -> Operation {
    Operation::new(Tag::Sandbox, "playPresentment", "Capture money from a card that can't be found")
        .takes(super::terms::describe(object().required("amount", schema::cents())))
        .answers::<AmountView>()
}

/// `POST /v1/sandbox/transactions/{transactionId}/assign`
pub(super) async fn assign(call: Call<Write>) -> Result<Answer, Error> {
    let transaction = call.path_id("transactionId")?;
    let card = call.body(|fields| fields.required("cardId", id::<CardId>))?;
    let command = Command::AssignPresentment(AssignPresentment { transaction, card });
    let written = call.submit(command).await?;
    let assigned = written.event("Idempotency-Key", |event| match event {
        Event::PresentmentAssigned(event) if event.transaction == transaction => Some(event),
        _ => None,
    })?;
    Ok(written.answer(&AssignmentView {
        object: "assignment",
        transaction_id: transaction.to_string(),
        card_id: assigned.card.to_string(),
        user_id: assigned.holder.to_string(),
        amount: assigned.terms.amount.0,
    }))
}

/// What [`assign`] does.
pub(super) fn describe_assign() -> Operation {
    Operation::new(Tag::Sandbox, "assignPresentment", "Say whose a capture is")
        .takes(object().required("cardId", schema::id::<CardId>()))
        .answers::<AssignmentView>()
}

/// `POST /v1/sandbox/transactions/{transactionId}/write-off`
pub(super) async fn write_off(call: Call<Write>) -> Result<Answer, Error> {
    let transaction = call.path_id("transactionId")?;
    call.no_body()?;
    let command = Command::WriteOffPresentment(WriteOffPresentment { transaction });
    let written = call.submit(command).await?;
    let view = written.event("Idempotency-Key", |event| match event {
        Event::PresentmentWrittenOff(event) if event.transaction == transaction => {
            Some(AmountView::new("writeOff", transaction, event.amount))
        }
        _ => None,
    })?;
    Ok(written.answer(&view))
}

/// What [`write_off`] does.
pub(super) fn describe_write_off() -> Operation {
    Operation::new(Tag::Sandbox, "writeOffPresentment", "Give a capture up").answers::<AmountView>()
}
