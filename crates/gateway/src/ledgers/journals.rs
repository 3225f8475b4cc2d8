//! Journals: any number of postings that balance.

use ledger::ledgers::{JournalLine, PostJournal};
use ledger::posting::POSTINGS_MAX;
use ledger::{Command, Event, Side};
use serde::Serialize;
use utoipa::ToSchema;

use super::entries::{self, EntryView, NoMetadata};
use crate::call::{Answer, Call, Write};
use crate::error::Error;
use crate::input::read::{self, minor_units, text, word};
use crate::input::{Field, instant};
use crate::openapi::schema::{self, object};
use crate::openapi::{Operation, Tag};
use crate::uuid;

#[derive(Serialize, ToSchema)]
#[schema(as = Journal)]
struct JournalView {
    id: String,
    description: Option<String>,
    entries: Vec<EntryView>,
    metadata: NoMetadata,
    #[schema(format = DateTime)]
    timestamp: String,
}

/// `POST /v1/ledgers/journals`
pub(super) async fn post(call: Call<Write>) -> Result<Answer, Error> {
    let command = call.body(|fields| {
        Ok(PostJournal {
            lines: fields.required("entries", lines)?,
            description: fields.optional("description", text)?,
        })
    })?;
    let written = call.submit(Command::PostJournal(command)).await?;
    let posted = written.event("Idempotency-Key", |event| match event {
        Event::JournalPosted(event) => Some(event),
        _ => None,
    })?;
    let said = |number: usize| entries::shown(&posted.lines[number].description);
    let entries = entries::views(&call, &written, posted.journal, said).await?;
    Ok(written.created(&JournalView {
        id: uuid::text(posted.journal.0),
        description: entries::shown(&posted.description),
        entries,
        metadata: NoMetadata {},
        timestamp: instant::text(written.entry.at),
    }))
}

/// What [`post`] does.
pub(super) fn describe_post() -> Operation {
    let line = object()
        .required("ledger_id", schema::uuid())
        .required("type", schema::word::<Side>())
        .required("amount", schema::minor_units(1))
        .optional("description", schema::text(200));
    Operation::new(Tag::Journals, "postJournal", "Post entries that balance")
        .takes(
            object()
                .required("entries", schema::list(2, POSTINGS_MAX, line))
                .optional("description", schema::text(500)),
        )
        .creates::<JournalView>()
}

fn lines(field: Field) -> Result<Vec<JournalLine>, Error> {
    let too_few = field.invalid("must have at least 2 items");
    let lines = field.list(POSTINGS_MAX, line)?;
    if lines.len() < 2 { Err(too_few) } else { Ok(lines) }
}

fn line(field: Field) -> Result<JournalLine, Error> {
    field.object(|fields| {
        Ok(JournalLine {
            ledger: fields.required("ledger_id", read::ledger)?,
            side: fields.required("type", word)?,
            amount: fields.required("amount", minor_units(1))?,
            description: fields.optional("description", text)?,
        })
    })
}
