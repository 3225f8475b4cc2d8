//! The merchant captures money, with or without an authorization, or has captured too much.

use ledger::clearings::{Clear, Correct, ForceClear};
use ledger::{Command, Event};
use serde::Serialize;
use utoipa::ToSchema;

use super::AmountView;
use super::holds::{describe_message, message};
use super::terms::{network_id, terms};
use crate::call::{Answer, Call, Write};
use crate::error::Error;
use crate::input::read::{boolean, cents};
use crate::openapi::schema::{self, object};
use crate::openapi::{Operation, Tag};

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Clearing)]
struct ClearingView {
    object: &'static str,
    transaction_id: String,
    amount: u128,
    /// What a foreign currency costs besides.
    fee: u128,
    from_hold: u128,
    released: u128,
    #[serde(rename = "final")]
    is_final: bool,
    late: bool,
}

/// `POST /v1/sandbox/transactions/{transactionId}/clear`
pub(super) async fn clear(call: Call<Write>) -> Result<Answer, Error> {
    let transaction = call.path_id("transactionId")?;
    let command = call.body(|fields| {
        let is_final = fields.optional("final", boolean)?.unwrap_or(true);
        let (amount, network_id) = message(fields)?;
        Ok(Clear { transaction, amount, is_final, network_id })
    })?;
    let written = call.submit(Command::Clear(command)).await?;
    let cleared = written.event("networkId", |event| match event {
        Event::Cleared(event) if event.transaction == transaction => Some(event),
        _ => None,
    })?;
    Ok(written.answer(&ClearingView {
        object: "clearing",
        transaction_id: transaction.to_string(),
        amount: cleared.amount.0,
        fee: cleared.fee.0,
        from_hold: cleared.from_hold.0,
        released: cleared.released.0,
        is_final: cleared.is_final,
        late: cleared.is_late,
    }))
}

/// What [`clear`] does.
pub(super) fn describe_clear() -> Operation {
    Operation::new(Tag::Sandbox, "playClearing", "Capture money")
        .takes(describe_message().optional("final", schema::boolean()))
        .answers::<ClearingView>()
}

/// `POST /v1/sandbox/cards/{cardId}/force-clear`
pub(super) async fn force(call: Call<Write>) -> Result<Answer, Error> {
    let card = call.path_id("cardId")?;
    let command = call.body(|fields| {
        let terms = terms(fields, cents)?;
        let awaits = network_id(fields, "authorizationNetworkId")?;
        Ok(ForceClear { card, terms, awaits })
    })?;
    let written = call.submit(Command::ForceClear(command)).await?;
    let cleared = written.event("networkId", |event| match event {
        Event::ForceCleared(event) if event.card == card => Some(event),
        _ => None,
    })?;
    Ok(written.answer(&ClearingView {
        object: "clearing",
        transaction_id: cleared.transaction.to_string(),
        amount: cleared.terms.amount.0,
        fee: cleared.fee.0,
        from_hold: 0,
        released: 0,
        is_final: true,
        late: false,
    }))
}

/// What [`force`] does.
pub(super) fn describe_force() -> Operation {
    Operation::new(Tag::Sandbox, "playForcePost", "Capture money without an authorization")
        .takes(
            super::terms::describe(object().required("amount", schema::cents()))
                .optional("authorizationNetworkId", schema::text(100)),
        )
        .answers::<ClearingView>()
}

/// `POST /v1/sandbox/transactions/{transactionId}/correct`
pub(super) async fn correct(call: Call<Write>) -> Result<Answer, Error> {
    let transaction = call.path_id("transactionId")?;
    let (amount, network_id) = call.body(message)?;
    let command = Correct { transaction, amount, network_id };
    let written = call.submit(Command::Correct(command)).await?;
    let view = written.event("networkId", |event| match event {
        Event::Corrected(event) if event.transaction == transaction => {
            Some(AmountView::new("correction", transaction, event.amount))
        }
        _ => None,
    })?;
    Ok(written.answer(&view))
}

/// What [`correct`] does.
pub(super) fn describe_correct() -> Operation {
    Operation::new(Tag::Sandbox, "playCorrection", "Correct what was captured too much")
        .takes(describe_message())
        .answers::<AmountView>()
}
