//! Ledgers themselves, and what stands on them.

use ledger::ledgers::{ChangeLedger, CreateLedger, LedgerCreated, LedgerStatus};
use ledger::{Amount, Command, Entry, Event, LedgerId, Side};
use projector::At;
use projector::balances::AccountTotals;
use projector::directory::Ledger;
use serde::Serialize;

use crate::call::{Answer, Call, Read, Write};
use crate::error::Error;
use crate::input::instant;
use crate::input::read::{self, asset, minor_units, text, word};
use crate::uuid;
use crate::words::Word;

#[derive(Serialize)]
struct LedgerView {
    id: String,
    code: String,
    name: String,
    #[serde(rename = "type")]
    kind: &'static str,
    currency: &'static str,
    #[serde(rename = "overdraftLimit")]
    overdraft_limit: u128,
    status: &'static str,
    created_at: String,
}

#[derive(Serialize)]
struct StatusView {
    id: String,
    status: &'static str,
}

#[derive(Serialize)]
struct BalanceView {
    ledger_id: String,
    /// On the side on which the ledger grows; below zero on the other.
    balance: i128,
    debits: u128,
    credits: u128,
    currency: &'static str,
    position: u64,
}

/// `POST /v1/ledgers`
pub(super) async fn create(call: Call<Write>) -> Result<Answer, Error> {
    let command = call.body(|fields| {
        Ok(CreateLedger {
            code: fields.required("code", text)?,
            name: fields.required("name", text)?,
            kind: fields.required("type", word)?,
            asset: fields.required("currency", asset)?,
            overdraft_limit: fields
                .optional("overdraftLimit", minor_units(0))?
                .unwrap_or(Amount::ZERO),
        })
    })?;
    let written = call.submit(Command::CreateLedger(command)).await?;
    let created = written.event("Idempotency-Key", |event| match event {
        Event::LedgerCreated(event) => Some(event),
        _ => None,
    })?;
    Ok(written.created(&LedgerView::from(as_created(created, &written.entry))))
}

/// `GET /v1/ledgers`: newest first.
pub(super) async fn list(mut call: Call<Read>) -> Result<Answer, Error> {
    let listing = call.long_listing(|_| Ok(()))?;
    let page = listing.page;
    let At { position, value } =
        call.ask(|models| &models.directory, move |d| d.ledgers(page)).await?;
    let views = value.rows.into_iter().map(LedgerView::from).collect();
    Ok(Answer::shown(position, &listing.page(views, value.next)))
}

/// `GET /v1/ledgers/{ledgerId}`
pub(super) async fn show(mut call: Call<Read>) -> Result<Answer, Error> {
    call.no_query()?;
    let At { position, value: ledger } = find(&call).await?;
    Ok(Answer::shown(position, &LedgerView::from(ledger)))
}

/// `GET /v1/ledgers/{ledgerId}/balance`
pub(super) async fn balance(mut call: Call<Read>) -> Result<Answer, Error> {
    call.no_query()?;
    let ledger = find(&call).await?.value;
    let (account, asset) = (ledger.account(), ledger.asset);
    let totals = move |balances: &projector::Balances| balances.account(account, asset);
    let At { position, value: totals } = call.ask(|models| &models.balances, totals).await?;
    let (debits, credits) =
        totals.map_or((0, 0), |AccountTotals { debits, credits, .. }| (debits.0, credits.0));
    let view = BalanceView {
        ledger_id: uuid::text(ledger.id.0),
        balance: signed(ledger.kind.normal_side(), debits, credits),
        debits,
        credits,
        currency: ledger.asset.code(),
        position: position.0,
    };
    Ok(Answer::shown(position, &view))
}

/// `POST /v1/ledgers/{ledgerId}/freeze`
pub(super) async fn freeze(call: Call<Write>) -> Result<Answer, Error> {
    change(call, LedgerStatus::Frozen).await
}

/// `POST /v1/ledgers/{ledgerId}/unfreeze`
pub(super) async fn unfreeze(call: Call<Write>) -> Result<Answer, Error> {
    change(call, LedgerStatus::Active).await
}

/// `POST /v1/ledgers/{ledgerId}/close`
pub(super) async fn close(call: Call<Write>) -> Result<Answer, Error> {
    change(call, LedgerStatus::Closed).await
}

async fn change(call: Call<Write>, status: LedgerStatus) -> Result<Answer, Error> {
    let ledger = call.path_with("ledgerId", read::ledger)?;
    call.no_body()?;
    let written = call.submit(Command::ChangeLedger(ChangeLedger { ledger, status })).await?;
    let changed = written.event("Idempotency-Key", |event| match event {
        Event::LedgerStatusChanged(event) => Some(event),
        _ => None,
    })?;
    let view = StatusView { id: uuid::text(changed.ledger.0), status: changed.status.word() };
    Ok(written.answer(&view))
}

/// A balance on the side on which its account grows.
pub(super) fn signed(side: Side, debits: u128, credits: u128) -> i128 {
    let (debits, credits) = (debits.cast_signed(), credits.cast_signed());
    match side {
        Side::Debit => debits - credits,
        Side::Credit => credits - debits,
    }
}

/// The ledger that the path names.
pub(super) async fn find(call: &Call<Read>) -> Result<At<Ledger>, Error> {
    let id: LedgerId = call.path_with("ledgerId", read::ledger)?;
    let found = call.ask(|models| &models.directory, move |d| d.ledger(id)).await?;
    let value = found.value.ok_or(Error::UnknownId { noun: "ledger" })?;
    Ok(At { position: found.position, value })
}

/// The row that a read model makes of it.
fn as_created(event: &LedgerCreated, entry: &Entry) -> Ledger {
    Ledger {
        id: event.ledger,
        position: entry.position,
        at: entry.at,
        code: event.code.clone(),
        name: event.name.clone(),
        kind: event.kind,
        asset: event.asset,
        overdraft_limit: event.overdraft_limit,
        status: LedgerStatus::Active,
    }
}

impl From<Ledger> for LedgerView {
    fn from(ledger: Ledger) -> Self {
        Self {
            id: uuid::text(ledger.id.0),
            code: ledger.code.as_str().to_owned(),
            name: ledger.name.as_str().to_owned(),
            kind: ledger.kind.word(),
            currency: ledger.asset.code(),
            overdraft_limit: ledger.overdraft_limit.0,
            status: ledger.status.word(),
            created_at: instant::text(ledger.at),
        }
    }
}
