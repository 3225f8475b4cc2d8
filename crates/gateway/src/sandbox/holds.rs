//! What becomes of a hold before it is cleared.

use ledger::authorizations::{Confirm, ExpireAuthorization, Reverse};
use ledger::{Amount, Command, Event, TransactionId};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::Object;

use super::terms::network_id;
use crate::call::{Answer, Call, Write};
use crate::error::Error;
use crate::input::Fields;
use crate::input::read::cents;
use crate::openapi::schema::{self, Body, object};
use crate::openapi::{Operation, Tag};

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Reversal)]
pub(super) struct ReversalView {
    #[schema(schema_with = reversal)]
    object: &'static str,
    transaction_id: String,
    amount: u128,
    #[serde(rename = "final")]
    is_final: bool,
    /// Whether it was given back: more than is held can't be.
    applied: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    held: Option<u128>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Confirmation)]
struct ConfirmationView {
    object: &'static str,
    transaction_id: String,
    /// What is held now.
    amount: u128,
    released: u128,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Expiry)]
struct ExpiryView {
    object: &'static str,
    transaction_id: String,
    released: u128,
}

/// `POST /v1/sandbox/transactions/{transactionId}/reverse`
pub(super) async fn reverse(call: Call<Write>) -> Result<Answer, Error> {
    let transaction = call.path_id("transactionId")?;
    let (amount, network_id) = call.body(message)?;
    let command = Command::Reverse(Reverse { transaction, amount, network_id });
    let written = call.submit(command).await?;
    let view = written.event("networkId", |event| ReversalView::of(event, transaction))?;
    Ok(written.answer(&view))
}

/// What [`reverse`] does.
pub(super) fn describe_reverse() -> Operation {
    Operation::new(Tag::Sandbox, "playReversal", "Give a hold back, or a part of it")
        .takes(describe_message())
        .answers::<ReversalView>()
}

/// `POST /v1/sandbox/transactions/{transactionId}/confirm`
pub(super) async fn confirm(call: Call<Write>) -> Result<Answer, Error> {
    let transaction = call.path_id("transactionId")?;
    let command = call.body(|fields| {
        let amount = fields.required("amount", cents)?;
        Ok(Confirm { transaction, amount, network_id: network_id(fields, "networkId")? })
    })?;
    let written = call.submit(Command::Confirm(command)).await?;
    let confirmed = written.event("networkId", |event| match event {
        Event::AuthorizationConfirmed(event) if event.transaction == transaction => Some(event),
        _ => None,
    })?;
    Ok(written.answer(&ConfirmationView {
        object: "confirmation",
        transaction_id: transaction.to_string(),
        amount: confirmed.amount.0,
        released: confirmed.released.0,
    }))
}

/// What [`confirm`] does.
pub(super) fn describe_confirm() -> Operation {
    Operation::new(Tag::Sandbox, "playConfirmation", "Say what a hold comes to")
        .takes(
            object().required("amount", schema::cents()).optional("networkId", schema::text(100)),
        )
        .answers::<ConfirmationView>()
}

/// `POST /v1/sandbox/transactions/{transactionId}/expire`
pub(super) async fn expire(call: Call<Write>) -> Result<Answer, Error> {
    let transaction = call.path_id("transactionId")?;
    call.no_body()?;
    let command = Command::ExpireAuthorization(ExpireAuthorization { transaction });
    let written = call.submit(command).await?;
    let expired = written.event("Idempotency-Key", |event| match event {
        Event::AuthorizationExpired(event) if event.transaction == transaction => Some(event),
        _ => None,
    })?;
    Ok(written.answer(&ExpiryView {
        object: "expiry",
        transaction_id: transaction.to_string(),
        released: expired.released.0,
    }))
}

/// What [`expire`] does.
pub(super) fn describe_expire() -> Operation {
    Operation::new(Tag::Sandbox, "playExpiry", "Let a hold expire").answers::<ExpiryView>()
}

/// What a message of the network about a transaction carries, at most.
pub(super) fn message(fields: &mut Fields) -> Result<(Option<Amount>, Option<[u8; 16]>), Error> {
    Ok((fields.optional("amount", cents)?, network_id(fields, "networkId")?))
}

fn reversal() -> Object {
    schema::one_of(["reversal"])
}

/// What [`message`] reads.
pub(super) fn describe_message() -> Body {
    object().optional("amount", schema::cents()).optional("networkId", schema::text(100))
}

impl ReversalView {
    /// What is answered to an event that is a reversal of the transaction.
    pub(super) fn of(event: &Event, transaction: TransactionId) -> Option<Self> {
        let (amount, is_final, held) = match event {
            Event::AuthorizationReversed(event) if event.transaction == transaction => {
                (event.amount, event.is_final, None)
            }
            Event::ReversalUnusable(event) if event.transaction == transaction => {
                (event.amount, false, Some(event.held.0))
            }
            _ => return None,
        };
        Some(Self {
            object: "reversal",
            transaction_id: transaction.to_string(),
            amount: amount.0,
            is_final,
            applied: held.is_none(),
            held,
        })
    }
}
