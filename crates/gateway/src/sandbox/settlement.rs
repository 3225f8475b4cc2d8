//! The day's settlement with the card network.

use ledger::settlement::SettleNetwork;
use ledger::{Amount, Command, Event, Scheme};
use serde::Serialize;
use utoipa::ToSchema;

use crate::call::{Answer, Call, Write};
use crate::error::Error;
use crate::input::calendar;
use crate::input::read::{cents_or_zero, date};
use crate::openapi::schema::{self, object};
use crate::openapi::{Operation, Tag};

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Settlement)]
struct SettlementView {
    object: &'static str,
    date: String,
    /// What was owed to the network.
    paid: u128,
    /// What the network owed.
    collected: u128,
    interchange: u128,
    interchange_returned: u128,
    fees: u128,
}

/// `POST /v1/sandbox/network/settle`
pub(super) async fn settle(call: Call<Write>) -> Result<Answer, Error> {
    let command = call.body(|fields| {
        let day = fields.optional("date", date)?;
        let fees = fields.optional("fees", cents_or_zero)?.unwrap_or(Amount::ZERO);
        Ok(SettleNetwork { scheme: Scheme::Visa, day, fees })
    })?;
    let written = call.submit(Command::SettleNetwork(command)).await?;
    let settled = written.event("Idempotency-Key", |event| match event {
        Event::NetworkSettled(event) => Some(event),
        _ => None,
    })?;
    Ok(written.answer(&SettlementView {
        object: "settlement",
        date: calendar::text(settled.day),
        paid: settled.paid.0,
        collected: settled.collected.0,
        interchange: settled.interchange.0,
        interchange_returned: settled.interchange_returned.0,
        fees: settled.fees.0,
    }))
}

/// What [`settle`] does.
pub(super) fn describe_settle() -> Operation {
    Operation::new(Tag::Sandbox, "settleNetwork", "Settle with the card network")
        .takes(object().optional("date", schema::date()).optional("fees", schema::cents_or_zero()))
        .answers::<SettlementView>()
}
