//! A merchant asks for money, or for more of it.

use ledger::authorizations::{Authorize, DeclineReason, Increment, Mode};
use ledger::limits::ExceededLimit;
use ledger::{Amount, Command, Event, TransactionId};
use serde::Serialize;
use utoipa::ToSchema;

use super::terms::{network_id, terms};
use crate::call::{Answer, Call, Write};
use crate::error::Error;
use crate::exceeded::ExceededView;
use crate::input::Fields;
use crate::input::read::{boolean, cents, cents_or_zero};
use crate::openapi::schema::{self, object};
use crate::openapi::{Operation, Tag};

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AuthorizationDecision)]
struct DecisionView {
    approved: bool,
    transaction_id: String,
    /// Zero when it is declined.
    approved_amount: u128,
    #[serde(skip_serializing_if = "Option::is_none")]
    decline_reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exceeded_limit: Option<ExceededView>,
}

/// `POST /v1/sandbox/cards/{cardId}/authorizations`
pub(super) async fn play(call: Call<Write>) -> Result<Answer, Error> {
    let card = call.path_id("cardId")?;
    let command = call.body(|fields| {
        let terms = terms(fields, cents_or_zero)?;
        let mode = mode(fields)?;
        let accepts_part = fields.optional("partialAllowed", boolean)?.unwrap_or(false);
        Ok(Authorize { card, terms, mode, accepts_part })
    })?;
    let written = call.submit(Command::Authorize(command)).await?;
    let view = written.event("networkId", |event| match event {
        Event::AuthorizationApproved(event) if event.card == card => {
            Some(DecisionView::approved(event.transaction, event.approved))
        }
        Event::Purchased(event) if event.card == card => {
            Some(DecisionView::approved(event.transaction, event.approved))
        }
        Event::CardVerified(event) if event.card == card => {
            Some(DecisionView::approved(event.transaction, event.terms.amount))
        }
        Event::AuthorizationLinked(event) if event.card == card => {
            Some(DecisionView::approved(event.transaction, event.terms.amount))
        }
        Event::AuthorizationDeclined(event) if event.card == card => {
            Some(DecisionView::declined(event.transaction, event.reason, event.exceeded))
        }
        _ => None,
    })?;
    Ok(written.answer(&view))
}

/// What [`play`] does.
pub(super) fn describe_play() -> Operation {
    Operation::new(Tag::Sandbox, "playAuthorization", "Ask for money with a card")
        .takes(
            super::terms::describe(object().required("amount", schema::cents_or_zero()))
                .optional("partialAllowed", schema::boolean())
                .optional("advice", schema::boolean())
                .optional("singleMessage", schema::boolean()),
        )
        .answers::<DecisionView>()
}

/// `POST /v1/sandbox/transactions/{transactionId}/increment`
pub(super) async fn increment(call: Call<Write>) -> Result<Answer, Error> {
    let transaction = call.path_id("transactionId")?;
    let command = call.body(|fields| {
        let amount = fields.required("amount", cents)?;
        Ok(Increment { transaction, amount, network_id: network_id(fields, "networkId")? })
    })?;
    let written = call.submit(Command::Increment(command)).await?;
    let view = written.event("networkId", |event| match event {
        Event::AuthorizationIncremented(event) if event.transaction == transaction => {
            Some(DecisionView::approved(transaction, event.amount))
        }
        Event::IncrementDeclined(event) if event.transaction == transaction => {
            Some(DecisionView::declined(transaction, event.reason, event.exceeded))
        }
        _ => None,
    })?;
    Ok(written.answer(&view))
}

/// What [`increment`] does.
pub(super) fn describe_increment() -> Operation {
    Operation::new(Tag::Sandbox, "playIncrement", "Ask for more")
        .takes(
            object().required("amount", schema::cents()).optional("networkId", schema::text(100)),
        )
        .answers::<DecisionView>()
}

fn mode(fields: &mut Fields) -> Result<Mode, Error> {
    let is_advice = fields.optional("advice", boolean)?.unwrap_or(false);
    let is_single_message = fields.optional("singleMessage", boolean)?.unwrap_or(false);
    match (is_advice, is_single_message) {
        (false, false) => Ok(Mode::Hold),
        (true, false) => Ok(Mode::Advice),
        (false, true) => Ok(Mode::Purchase),
        (true, true) => {
            let reason = "can't stand beside `advice`; send one of them";
            Err(Error::invalid("singleMessage", reason))
        }
    }
}

impl DecisionView {
    fn approved(transaction: TransactionId, amount: Amount) -> Self {
        Self {
            approved: true,
            transaction_id: transaction.to_string(),
            approved_amount: amount.0,
            decline_reason: None,
            exceeded_limit: None,
        }
    }

    fn declined(
        transaction: TransactionId,
        reason: DeclineReason,
        exceeded: Option<ExceededLimit>,
    ) -> Self {
        Self {
            approved: false,
            transaction_id: transaction.to_string(),
            approved_amount: 0,
            decline_reason: Some(reason.name()),
            exceeded_limit: ExceededView::of(reason, exceeded),
        }
    }
}
