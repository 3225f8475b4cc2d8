//! The merchant gives money back, or takes back what it gave.

use ledger::refunds::{RecordUnlinkedRefund, Refund, ReleaseRefund, ReverseRefund};
use ledger::{Command, Event};
use serde::Serialize;

use super::AmountView;
use super::holds::{ReversalView, message};
use super::terms::terms;
use crate::call::{Answer, Call, Write};
use crate::error::Error;
use crate::input::read::cents;

#[derive(Serialize)]
#[serde(untagged)]
enum GivenBackView {
    Reversal(ReversalView),
    Refund(AmountView),
}

/// `POST /v1/sandbox/transactions/{transactionId}/refund`: before anything has cleared, a reversal.
pub(super) async fn refund(call: Call<Write>) -> Result<Answer, Error> {
    let transaction = call.path_id("transactionId")?;
    let (amount, network_id) = call.body(message)?;
    let written = call.submit(Command::Refund(Refund { transaction, amount, network_id })).await?;
    let view = written.event("networkId", |event| match event {
        Event::Refunded(event) if event.transaction == transaction => {
            let refund = AmountView::new("refund", transaction, event.amount);
            Some(GivenBackView::Refund(refund))
        }
        other => ReversalView::of(other, transaction).map(GivenBackView::Reversal),
    })?;
    Ok(written.answer(&view))
}

/// `POST /v1/sandbox/transactions/{transactionId}/refund-reversal`
pub(super) async fn reverse(call: Call<Write>) -> Result<Answer, Error> {
    let transaction = call.path_id("transactionId")?;
    let (amount, network_id) = call.body(message)?;
    let command = ReverseRefund { transaction, amount, network_id };
    let written = call.submit(Command::ReverseRefund(command)).await?;
    let view = written.event("networkId", |event| match event {
        Event::RefundReversed(event) if event.transaction == transaction => {
            Some(AmountView::new("refundReversal", transaction, event.amount))
        }
        _ => None,
    })?;
    Ok(written.answer(&view))
}

/// `POST /v1/sandbox/cards/{cardId}/unlinked-refund`
pub(super) async fn unlinked(call: Call<Write>) -> Result<Answer, Error> {
    let card = call.path_id("cardId")?;
    let terms = call.body(|fields| terms(fields, cents))?;
    let command = Command::RecordUnlinkedRefund(RecordUnlinkedRefund { card, terms });
    let written = call.submit(command).await?;
    let view = written.event("networkId", |event| match event {
        Event::UnlinkedRefundReceived(event) if event.card == card => {
            Some(AmountView::new("refund", event.transaction, event.terms.amount))
        }
        _ => None,
    })?;
    Ok(written.answer(&view))
}

/// `POST /v1/sandbox/transactions/{transactionId}/release`: the review of an unlinked refund ends well.
pub(super) async fn release(call: Call<Write>) -> Result<Answer, Error> {
    let transaction = call.path_id("transactionId")?;
    call.no_body()?;
    let command = Command::ReleaseRefund(ReleaseRefund { transaction });
    let written = call.submit(command).await?;
    let view = written.event("Idempotency-Key", |event| match event {
        Event::RefundReleased(event) if event.transaction == transaction => {
            Some(AmountView::new("release", transaction, event.amount))
        }
        _ => None,
    })?;
    Ok(written.answer(&view))
}
