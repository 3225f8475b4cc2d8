//! The books of the service: for who holds its key.

use std::sync::Arc;

use axum::http::StatusCode;
use bytes::Bytes;
use ledger::book::Environment;
use serde::Serialize;

use crate::call::{Answer, Read};
use crate::dialect;
use crate::error::Error;
use crate::front::{Routes, ServiceCall};
use crate::input::{Field, Fields, read};
use crate::library::{BookCode, BookView, ServedBook};
use crate::openapi::schema::{self, object};
use crate::openapi::{Operation, Tag};
use crate::page::{LEDGEROS, ListView, limit};

const PATH: &str = "/v1/books";

pub(crate) fn routes(routes: Routes) -> Routes {
    routes.service_write(PATH, create, describe_create()).service_read(PATH, list, describe_list())
}

/// `POST /v1/books`: the code is what makes a repetition harmless.
async fn create(call: ServiceCall<Bytes>) -> Result<Answer, Error> {
    let (code, environment) = Fields::of_body(&call.kind, |fields| {
        let code = fields.required("code", code)?;
        let environment = fields.optional("environment", read::word)?;
        Ok((code, environment.unwrap_or(Environment::Sandbox)))
    })?;
    let (book, keys) = call.service.create(code, environment).await?;
    Ok(answer(&BookView::from(&*book).with_keys(keys)))
}

/// What [`create`] does.
fn describe_create() -> Operation {
    Operation::new(Tag::Books, "createBook", "Make a book")
        .about("A code is taken once. The keys are shown once.")
        .takes(
            object()
                .required("code", schema::matching("^[a-z][a-z0-9-]{0,39}$"))
                .optional("environment", schema::word::<Environment>()),
        )
        .creates::<BookView>()
}

/// `GET /v1/books`: newest first.
async fn list(call: ServiceCall<Read>) -> Result<Answer, Error> {
    let books = call.service.books();
    let (limit, before) = Fields::of_query(call.kind.parameters, |fields| {
        let limit = fields.optional("limit", limit(LEDGEROS.max))?.unwrap_or(LEDGEROS.default);
        let before = fields.optional("cursor", |field| place(&field, &books))?;
        Ok((limit, before.unwrap_or(books.len())))
    })?;
    // Books are only ever added at the end.
    let first = before.saturating_sub(limit);
    let views = books[first..before].iter().rev().map(|book| BookView::from(&**book)).collect();
    let cursor = (0 < first).then(|| books[first].code.to_string());
    Ok(answer(&ListView::new(views, cursor)))
}

/// What [`list`] does.
fn describe_list() -> Operation {
    Operation::new(Tag::Books, "listBooks", "List books").about("Newest first.").lists::<BookView>()
}

/// Where the book stands that was shown last.
fn place(cursor: &Field, books: &[Arc<ServedBook>]) -> Result<usize, Error> {
    let code = cursor.text()?;
    let place = books.iter().position(|book| book.code.as_str() == code);
    place.ok_or_else(|| cursor.invalid("is not one that this API gave"))
}

fn code(field: Field) -> Result<BookCode, Error> {
    BookCode::parse(field.text()?).ok_or_else(|| {
        let max = BookCode::LENGTH_MAX;
        field.invalid(format!("must have 1 to {max} of `a-z0-9-`, and begin with a letter"))
    })
}

fn answer(body: &impl Serialize) -> Answer {
    let body = dialect::json(body);
    Answer { status: StatusCode::OK, body, position: None, is_replay: false }
}
