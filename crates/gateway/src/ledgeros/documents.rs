//! Documents that a verification wants.

use bytes::Bytes;
use ledger::holders::{AddDocument, DocumentKind};
use ledger::{Command, Event, HolderId};
use serde::Serialize;
use utoipa::ToSchema;
use vault::Kind;

use crate::call::{Answer, Call, Write};
use crate::error::Error;
use crate::input::json::Json;
use crate::input::read::{Id, word};
use crate::input::{Field, multipart};
use crate::openapi::schema::{self, object};
use crate::openapi::{Operation, Tag};
use crate::words::Word;

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Document)]
struct DocumentView {
    object: &'static str,
    id: String,
    user_id: String,
    #[schema(schema_with = schema::word::<DocumentKind>)]
    document_type: &'static str,
    created_at: u64,
}

/// `PUT /v1/verification/user/{userId}/document`
pub(super) async fn add(call: Call<Write>) -> Result<Answer, Error> {
    let holder = call.path_id("userId")?;
    let parts = multipart::parts(&call.kind.head.headers, call.kind.body.clone()).await?;
    let (kind, file) = document(parts)?;
    let found = call.known(|models| &models.directory, move |d| d.holder(holder)).await?;
    // It changes, but not whose it is: the document is put beside it.
    let profile = found.ok_or(Error::UnknownId { noun: HolderId::NOUN })?.profile;

    let content = call.seal_beside(holder, profile, Kind::Document, file.clone()).await?;
    let command = Command::AddDocument(AddDocument { holder, kind, content });
    // The body has a random boundary, so it is not what tells a repetition.
    let written = call.submit_with(command, &[kind.word().as_bytes(), &file]).await?;

    let added = written.event("Idempotency-Key", |event| match event {
        Event::DocumentAdded(event) => Some(event),
        _ => None,
    })?;
    Ok(written.answer(&DocumentView {
        object: "document",
        id: added.document.to_string(),
        user_id: added.holder.to_string(),
        document_type: added.kind.word(),
        created_at: written.at_ms(),
    }))
}

/// What [`add`] does.
pub(super) fn describe_add() -> Operation {
    Operation::new(Tag::Verification, "addDocument", "Upload a document")
        .about("A PDF, PNG or JPEG of at most 10 MiB. It is kept encrypted.")
        .takes_upload(
            object()
                .required("documentType", schema::word::<DocumentKind>())
                .required("file", schema::file()),
        )
        .answers::<DocumentView>()
}

/// The two parts of an upload.
fn document(parts: Vec<multipart::Part>) -> Result<(DocumentKind, Bytes), Error> {
    let (mut kind, mut file) = (None, None);
    for (name, content) in parts {
        let slot = match name.as_str() {
            "documentType" => &mut kind,
            "file" => &mut file,
            _ => return Err(Error::UnknownField { field: name }),
        };
        if slot.replace(content).is_some() {
            return Err(Error::invalid(name, "stands twice"));
        }
    }
    let missing = |name: &str| Error::Missing { field: name.to_owned() };
    let kind = kind.ok_or_else(|| missing("documentType"))?;
    let text = String::from_utf8_lossy(&kind).into_owned();
    let kind = word(Field { name: "documentType".to_owned(), value: Json::Text(text) })?;
    let file = file.ok_or_else(|| missing("file"))?;
    if vault::CONTENT_BYTES_MAX < file.len() {
        let reason = format!("must have at most {} bytes", vault::CONTENT_BYTES_MAX);
        return Err(Error::invalid("file", reason));
    }
    if !is_document(&file) {
        return Err(Error::invalid("file", "must be a PDF, PNG or JPEG"));
    }
    Ok((kind, file))
}

/// By the first bytes: ISO 32000-1, 7.5.2; ISO/IEC 15948, 5.2; ITU-T T.81, B.1.1.3 (SOI and the next marker's begin).
fn is_document(file: &[u8]) -> bool {
    [&b"%PDF-"[..], b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"]
        .iter()
        .any(|beginning| file.starts_with(beginning))
}
