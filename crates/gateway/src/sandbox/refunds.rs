//! The merchant gives money back, or takes back what it gave.

use ledger::refunds::{RecordUnlinkedRefund, Refund, ReleaseRefund, ReverseRefund};
use ledger::{Command, Event};
use serde::Serialize;
use utoipa::ToSchema;

use super::AmountView;
use super::holds::{ReversalView, describe_message, message};
use super::terms::terms;
use crate::call::{Answer, Call, Write};
use crate::error::Error;
use crate::input::read::cents;
use crate::openapi::schema::{self, object};
use crate::openapi::{Operation, Tag};

#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = Refund)]
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

/// What [`refund`] does.
pub(super) fn describe_refund() -> Operation {
    Operation::new(Tag::Sandbox, "playRefund", "Give money back")
        .about("Before anything has cleared, a reversal.")
        .takes(describe_message())
        .answers::<GivenBackView>()
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

/// What [`reverse`] does.
pub(super) fn describe_reverse() -> Operation {
    Operation::new(Tag::Sandbox, "playRefundReversal", "Take a refund back")
        .takes(describe_message())
        .answers::<AmountView>()
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

/// What [`unlinked`] does.
pub(super) fn describe_unlinked() -> Operation {
    Operation::new(Tag::Sandbox, "playUnlinkedRefund", "Give money back without a purchase")
        .takes(super::terms::describe(object().required("amount", schema::cents())))
        .answers::<AmountView>()
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

/// What [`release`] does.
pub(super) fn describe_release() -> Operation {
    Operation::new(Tag::Sandbox, "playRelease", "Release an unlinked refund")
        .answers::<AmountView>()
}
