//! What a merchant or the network does after an authorization.

use ledger::authorizations::{Clear, ExpireAuthorization, Refund, Reverse};
use ledger::{Amount, Command, Event, TransactionId};
use serde::Serialize;

use crate::call::{Answer, Call, Write};
use crate::error::Error;
use crate::input::Fields;
use crate::input::read::{boolean, cents, text};
use crate::reference;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ReversalView {
    object: &'static str,
    transaction_id: String,
    amount: u128,
    #[serde(rename = "final")]
    is_final: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ClearingView {
    object: &'static str,
    transaction_id: String,
    amount: u128,
    from_hold: u128,
    released: u128,
    #[serde(rename = "final")]
    is_final: bool,
    late: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ExpiryView {
    object: &'static str,
    transaction_id: String,
    released: u128,
}

#[derive(Serialize)]
#[serde(untagged)]
enum GivenBackView {
    Reversal(ReversalView),
    Refund(RefundView),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RefundView {
    object: &'static str,
    transaction_id: String,
    amount: u128,
}

/// `POST /v1/sandbox/transactions/{transactionId}/reverse`
pub(super) async fn reverse(call: Call<Write>) -> Result<Answer, Error> {
    let transaction = call.path_id("transactionId")?;
    let (amount, network_id) = call.body(message)?;
    let command = Command::Reverse(Reverse { transaction, amount, network_id });
    let written = call.submit(command).await?;
    let view = written.event("networkId", |event| reversal(event, transaction))?;
    Ok(written.answer(&view))
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
        from_hold: cleared.from_hold.0,
        released: cleared.released.0,
        is_final: cleared.is_final,
        late: cleared.is_late,
    }))
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

/// `POST /v1/sandbox/transactions/{transactionId}/refund`: before anything has cleared, a reversal.
pub(super) async fn refund(call: Call<Write>) -> Result<Answer, Error> {
    let transaction = call.path_id("transactionId")?;
    let (amount, network_id) = call.body(message)?;
    let written = call.submit(Command::Refund(Refund { transaction, amount, network_id })).await?;
    let view = written.event("networkId", |event| match event {
        Event::Refunded(event) if event.transaction == transaction => {
            Some(GivenBackView::Refund(RefundView {
                object: "refund",
                transaction_id: transaction.to_string(),
                amount: event.amount.0,
            }))
        }
        other => reversal(other, transaction).map(GivenBackView::Reversal),
    })?;
    Ok(written.answer(&view))
}

/// What every message of the network may carry.
fn message(fields: &mut Fields) -> Result<(Option<Amount>, Option<[u8; 16]>), Error> {
    let amount = fields.optional("amount", cents)?;
    let network_id = fields.optional("networkId", text)?.as_ref().map(reference::network);
    Ok((amount, network_id))
}

fn reversal(event: &Event, transaction: TransactionId) -> Option<ReversalView> {
    match event {
        Event::AuthorizationReversed(event) if event.transaction == transaction => {
            Some(ReversalView {
                object: "reversal",
                transaction_id: transaction.to_string(),
                amount: event.amount.0,
                is_final: event.is_final,
            })
        }
        _ => None,
    }
}
