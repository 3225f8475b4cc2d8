//! Ledgers themselves, and what stands on them.

use ledger::account::LedgerKind;
use ledger::amount::AssetKind;
use ledger::ledgers::{ChangeLedger, CreateLedger, LedgerCreated, LedgerStatus};
use ledger::{Amount, Command, Entry, Event, LedgerId, Side};
use projector::At;
use projector::balances::AccountTotals;
use projector::directory::{Ledger, LedgerFilter};
use serde::Serialize;
use utoipa::ToSchema;

use crate::call::{Answer, Call, Read, Write};
use crate::error::Error;
use crate::input::read::{self, asset, minor_units, text, word};
use crate::input::{Fields, instant};
use crate::openapi::schema::{self, Describe, object};
use crate::openapi::{Operation, Tag};
use crate::uuid;
use crate::words::Word;

#[derive(Serialize, ToSchema)]
#[schema(as = Ledger)]
struct LedgerView {
    id: String,
    code: String,
    name: String,
    #[serde(rename = "type")]
    #[schema(schema_with = schema::word::<LedgerKind>)]
    kind: &'static str,
    currency: &'static str,
    #[serde(rename = "overdraftLimit")]
    overdraft_limit: u128,
    #[schema(schema_with = schema::word::<LedgerStatus>)]
    status: &'static str,
    #[schema(format = DateTime)]
    created_at: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = LedgerStatus)]
struct StatusView {
    id: String,
    #[schema(schema_with = schema::word::<LedgerStatus>)]
    status: &'static str,
}

#[derive(Serialize, ToSchema)]
#[schema(as = LedgerBalance)]
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

/// What [`create`] does.
pub(super) fn describe_create() -> Operation {
    Operation::new(Tag::Ledgers, "createLedger", "Open a ledger")
        .takes(
            object()
                .required("code", schema::text(50).about("No other ledger has it."))
                .required("name", schema::lasting_text(100))
                .required("type", schema::word::<LedgerKind>())
                .required(
                    "currency",
                    schema::asset(&[AssetKind::Currency, AssetKind::Token, AssetKind::Coin]),
                )
                .optional(
                    "overdraftLimit",
                    schema::minor_units(0).about("How far it may fall below zero."),
                ),
        )
        .creates::<LedgerView>()
}

/// `GET /v1/ledgers`: newest first.
pub(super) async fn list(mut call: Call<Read>) -> Result<Answer, Error> {
    let listing = call.long_listing(filter)?;
    let (filter, page) = (listing.filters, listing.page);
    let At { position, value } =
        call.ask(|models| &models.directory, move |d| d.ledgers(filter, page)).await?;
    let views = value.rows.into_iter().map(LedgerView::from).collect();
    Ok(Answer::shown(position, &listing.page(views, value.next)))
}

/// What [`list`] does.
pub(super) fn describe_list() -> Operation {
    Operation::new(Tag::Ledgers, "listLedgers", "List ledgers")
        .about("Newest first.")
        .filter("type", schema::word::<LedgerKind>())
        .filter(
            "currency",
            schema::asset(&[AssetKind::Currency, AssetKind::Token, AssetKind::Coin]),
        )
        .filter("status", schema::word::<LedgerStatus>())
        .lists::<LedgerView>()
}

/// `GET /v1/ledgers/{ledgerId}`
pub(super) async fn show(mut call: Call<Read>) -> Result<Answer, Error> {
    call.no_query()?;
    let At { position, value: ledger } = find(&call).await?;
    Ok(Answer::shown(position, &LedgerView::from(ledger)))
}

/// What [`show`] does.
pub(super) fn describe_show() -> Operation {
    Operation::new(Tag::Ledgers, "getLedger", "Show a ledger").answers::<LedgerView>()
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

/// What [`balance`] does.
pub(super) fn describe_balance() -> Operation {
    Operation::new(Tag::Ledgers, "getLedgerBalance", "Show what stands on a ledger")
        .answers::<BalanceView>()
}

/// `POST /v1/ledgers/{ledgerId}/freeze`
pub(super) async fn freeze(call: Call<Write>) -> Result<Answer, Error> {
    change(call, LedgerStatus::Frozen).await
}

/// What [`freeze`] does.
pub(super) fn describe_freeze() -> Operation {
    Operation::new(Tag::Ledgers, "freezeLedger", "Freeze a ledger").answers::<StatusView>()
}

/// `POST /v1/ledgers/{ledgerId}/unfreeze`
pub(super) async fn unfreeze(call: Call<Write>) -> Result<Answer, Error> {
    change(call, LedgerStatus::Active).await
}

/// What [`unfreeze`] does.
pub(super) fn describe_unfreeze() -> Operation {
    Operation::new(Tag::Ledgers, "unfreezeLedger", "Unfreeze a ledger").answers::<StatusView>()
}

/// `POST /v1/ledgers/{ledgerId}/close`
pub(super) async fn close(call: Call<Write>) -> Result<Answer, Error> {
    change(call, LedgerStatus::Closed).await
}

/// What [`close`] does.
pub(super) fn describe_close() -> Operation {
    Operation::new(Tag::Ledgers, "closeLedger", "Close an empty ledger")
        .about("For ever.")
        .answers::<StatusView>()
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

fn filter(fields: &mut Fields) -> Result<LedgerFilter, Error> {
    Ok(LedgerFilter {
        kind: fields.optional("type", word)?,
        asset: fields.optional("currency", asset)?,
        status: fields.optional("status", word)?,
    })
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
