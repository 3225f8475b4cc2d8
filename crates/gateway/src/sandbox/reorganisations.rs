//! A chain takes back what it had confirmed.

use ledger::deposits::ReverseDeposit;
use ledger::{Command, Event};
use serde::Serialize;
use utoipa::ToSchema;

use super::MoneyView;
use crate::call::{Answer, Call, Write};
use crate::error::Error;
use crate::openapi::{Operation, Tag};

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = DepositReversal)]
struct DepositReversalView {
    object: &'static str,
    transaction_id: String,
    /// What had arrived.
    arrived: MoneyView,
    /// What had been credited for it.
    credited: MoneyView,
}

/// `POST /v1/sandbox/deposits/{transactionId}/reverse`
pub(super) async fn reverse(call: Call<Write>) -> Result<Answer, Error> {
    let transaction = call.path_id("transactionId")?;
    call.no_body()?;
    let command = Command::ReverseDeposit(ReverseDeposit { transaction });
    let written = call.submit(command).await?;
    let reversed = written.event("Idempotency-Key", |event| match event {
        Event::DepositReversed(event) if event.transaction == transaction => Some(event),
        _ => None,
    })?;
    Ok(written.answer(&DepositReversalView {
        object: "depositReversal",
        transaction_id: transaction.to_string(),
        arrived: reversed.arrived.into(),
        credited: reversed.credited.into(),
    }))
}

/// What [`reverse`] does.
pub(super) fn describe_reverse() -> Operation {
    Operation::new(Tag::Sandbox, "reverseDeposit", "Take a deposit back")
        .about("As a chain does that is reorganised.")
        .answers::<DepositReversalView>()
}
