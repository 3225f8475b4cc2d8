//! What was posted to a ledger: its entries, and its statement of a period.

use projector::At;
use projector::balances::{Period, Statement};
use projector::directory::Ledger;
use serde::Serialize;
use utoipa::ToSchema;

use super::accounts::{find, signed};
use super::entries::EntryView;
use crate::call::{Answer, Call, Read};
use crate::error::Error;
use crate::input::{Fields, instant};
use crate::openapi::schema::{self, Describe};
use crate::openapi::{Operation, Tag};
use crate::uuid;

/// A period of a ledger, with a part of its entries. Without `to`, what is posted meanwhile shows on the next part.
#[derive(Serialize, ToSchema)]
#[schema(as = LedgerStatement)]
struct StatementView {
    ledger_id: String,
    currency: &'static str,
    #[schema(format = DateTime)]
    from: Option<String>,
    #[schema(format = DateTime)]
    to: Option<String>,
    /// Both on the side on which the ledger grows.
    opening_balance: i128,
    closing_balance: i128,
    /// What was posted in the period, whatever part of it is shown.
    debits: u128,
    credits: u128,
    /// Newest first.
    entries: Vec<EntryView>,
    has_more: bool,
    cursor: Option<String>,
}

/// `GET /v1/ledgers/{ledgerId}/entries`: newest first.
pub(super) async fn entries(mut call: Call<Read>) -> Result<Answer, Error> {
    let listing = call.long_listing(period)?;
    let (id, period, page) = (find(&call).await?.value.id, listing.filters, listing.page);
    let At { position, value: list } = call
        .ask(|models| &models.balances, move |balances| balances.postings(id, period, page))
        .await?;
    let views = list.rows.into_iter().map(EntryView::from).collect();
    Ok(Answer::shown(position, &listing.page(views, list.next)))
}

/// What [`entries`] does.
pub(super) fn describe_entries() -> Operation {
    let operation = Operation::new(Tag::Ledgers, "listEntries", "List the entries of a ledger");
    within(operation).lists::<EntryView>()
}

/// `GET /v1/ledgers/{ledgerId}/statement`: its entries newest first, in parts as those of the ledger.
pub(super) async fn statement(mut call: Call<Read>) -> Result<Answer, Error> {
    let listing = call.long_listing(period)?;
    let Ledger { id, kind, asset, .. } = find(&call).await?.value;
    let (period, page) = (listing.filters, listing.page);
    let At { position, value: Statement { opening, closing, postings } } = call
        .ask(|models| &models.balances, move |balances| balances.statement(id, period, page))
        .await?;
    let side = kind.normal_side();
    let views = postings.rows.into_iter().map(EntryView::from).collect();
    let cursor = listing.cursor(postings.next);
    let view = StatementView {
        ledger_id: uuid::text(id.0),
        currency: asset.code(),
        from: period.from.map(instant::text),
        to: period.until.map(instant::text),
        opening_balance: signed(side, opening.debits.0, opening.credits.0),
        closing_balance: signed(side, closing.debits.0, closing.credits.0),
        debits: closing.debits.0 - opening.debits.0,
        credits: closing.credits.0 - opening.credits.0,
        entries: views,
        has_more: cursor.is_some(),
        cursor,
    };
    Ok(Answer::shown(position, &view))
}

/// What [`statement`] does.
pub(super) fn describe_statement() -> Operation {
    let operation = Operation::new(Tag::Ledgers, "getStatement", "Show the statement of a ledger")
        .about(
            "What stood on it before the period and at its end, and what was posted between. The entries come \
             in parts, as those of the ledger do.",
        );
    within(operation)
        .filter("limit", schema::count(1, 200))
        .filter("cursor", schema::string())
        .answers::<StatementView>()
}

/// The period that an operation is about.
fn within(operation: Operation) -> Operation {
    operation
        .filter("from", schema::instant().about("The first time that is part of the period."))
        .filter("to", schema::instant().about("The first time that is not any more."))
}

/// `from`, which is part of it, and `to`, which is not.
fn period(fields: &mut Fields) -> Result<Period, Error> {
    Ok(Period {
        from: fields.optional("from", instant::bound)?,
        until: fields.optional("to", instant::bound)?,
    })
}
