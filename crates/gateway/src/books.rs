//! The books of the service: for who holds its key.

use axum::http::StatusCode;
use ledger::Position;
use ledger::book::Environment;
use projector::{Cursor, Page};

use crate::call::Answer;
use crate::dialect;
use crate::error::Error;
use crate::front::{Routes, ServiceCall};
use crate::input::{Field, Fields, read};
use crate::library::{BookCode, BookView};
use crate::page::LEDGEROS;

const PATH: &str = "/v1/books";

pub(crate) fn routes(routes: Routes) -> Routes {
    routes.service_write(PATH, create).service_read(PATH, list)
}

/// `POST /v1/books`: the code is what makes a repetition harmless.
async fn create(call: ServiceCall) -> Result<Answer, Error> {
    let (code, environment) = Fields::of_body(&call.body, |fields| {
        let code = fields.required("code", code)?;
        let environment = fields.optional("environment", read::word)?;
        Ok((code, environment.unwrap_or(Environment::Sandbox)))
    })?;
    let (book, keys) = call.service.create(code, environment).await?;
    Ok(answer(&BookView::from(&*book).with_keys(keys)))
}

/// `GET /v1/books`: newest first.
async fn list(mut call: ServiceCall) -> Result<Answer, Error> {
    let listing = call.read.listing(LEDGEROS, |_| Ok(()))?;
    let Page { from, limit } = listing.page;
    let books = call.service.books();
    // Books are only ever added: the number of those before a place never changes.
    let before = from.map_or(usize::MAX, |Cursor(before)| {
        usize::try_from(before.0).expect("addresses have 64 bits")
    });
    let before = before.min(books.len());
    let shown = &books[before.saturating_sub(limit)..before];
    let next = before.checked_sub(limit).filter(|rest| 0 < *rest);
    let next = next.map(|rest| Cursor(Position(rest as u64)));
    let views = shown.iter().rev().map(|book| BookView::from(&**book)).collect();
    Ok(answer(&listing.view(views, next)))
}

fn code(field: Field) -> Result<BookCode, Error> {
    BookCode::parse(field.text()?).ok_or_else(|| {
        let max = BookCode::LENGTH_MAX;
        field.invalid(format!("must have 1 to {max} of `a-z0-9-`, and begin with a letter"))
    })
}

fn answer(body: &impl serde::Serialize) -> Answer {
    let body = dialect::json(body);
    Answer { status: StatusCode::OK, body, position: None, is_replay: false }
}
