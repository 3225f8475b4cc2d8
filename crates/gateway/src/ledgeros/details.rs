//! Access to the number of a card.

use ledger::intents::{Attest, Statement};
use ledger::{Command, Event, IntentId};
use serde::Serialize;
use utoipa::ToSchema;
use vault::{CardNumber, Expiry, Kind};

use super::cards::month;
use super::intents;
use crate::call::{Answer, Call, Write};
use crate::error::Error;
use crate::gateway::Gateway;
use crate::input::read::{cents, id, text};
use crate::openapi::schema::{self, object};
use crate::openapi::{Operation, Tag};
use crate::sealed::SealedError;

/// Exactly what seed 004 shows.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CardDetails)]
struct DetailsView<'a> {
    access_event_id: String,
    /// Null in a replay, like the one after it, and when the number was erased.
    pan: Option<&'a str>,
    cvv: Option<&'a str>,
    expiration_month: String,
    expiration_year: String,
    last4: String,
}

/// `POST /v1/cards/{cardId}/details`
pub(super) async fn read(call: Call<Write>) -> Result<Answer, Error> {
    let card = call.path_id("cardId")?;
    let (intent, statement) = call.body(|fields| {
        let statement = Statement {
            summary: fields.required("summary", text)?,
            amount: fields.required_as(["expectedAmount", "amount"], cents)?,
            merchant: fields.required_as(["merchantText", "expectedMerchant"], text)?,
        };
        Ok((fields.optional("intentId", id)?, statement))
    })?;
    let known = call.own_card(card).await?;
    let expiry = Expiry { year: known.expiry_year, month: known.expiry_month };
    // First, so that no access is on record that was none because the vault is down.
    let sealed = known.number;
    let number = call.blocking(move |gateway: &Gateway| open(gateway, sealed)).await?;
    let attest = Command::Attest(Attest { card, intent, statement });
    let written = intents::submit(&call, attest, |found| found.card == card).await?;

    let recorded = written.event("Idempotency-Key", |event| match event {
        Event::AttestationRecorded(event) => Some(event),
        _ => None,
    })?;
    let shown = number.filter(|_| !written.is_replay);
    let cvv = shown.as_ref().map(|number| call.gateway.vault.cvv(number, expiry));
    Ok(written.answer(&DetailsView {
        access_event_id: recorded.attestation.to_string(),
        pan: shown.as_ref().map(CardNumber::expose),
        cvv: cvv.as_ref().map(|cvv| cvv.expose()),
        expiration_month: month(known.expiry_month),
        expiration_year: known.expiry_year.to_string(),
        last4: String::from_utf8_lossy(&known.last4).into_owned(),
    }))
}

/// What [`read`] does.
pub(super) fn describe_read() -> Operation {
    Operation::new(Tag::Cards, "readDetails", "Read a card's number")
        .about(
            "Needs a live intent. Every access is on record; at most 10 an hour a card. A replay shows \
             neither number nor code. `expectedAmount` and `merchantText` may be called `amount` and \
             `expectedMerchant`.",
        )
        .takes(
            object()
                .required("summary", schema::lasting_text(500))
                .optional("expectedAmount", schema::cents())
                .optional("amount", schema::cents())
                .optional("merchantText", schema::lasting_text(100))
                .optional("expectedMerchant", schema::lasting_text(100))
                .optional("intentId", schema::id::<IntentId>())
                .one_of(["expectedAmount", "amount"])
                .one_of(["merchantText", "expectedMerchant"]),
        )
        .answers::<DetailsView<'static>>()
}

/// Blocks.
fn open(gateway: &Gateway, sealed: ledger::Sealed) -> Result<Option<CardNumber>, SealedError> {
    let content = gateway.unseal(Kind::CardNumber, sealed)?;
    let number = content.map(|content| CardNumber::parse(content.expose()));
    Ok(number.transpose()?)
}
