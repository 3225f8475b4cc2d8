//! Journals: any number of postings that balance, and what takes them back.

use std::collections::BTreeMap;

use ledger::ledgers::{JournalLine, PostJournal, ReverseJournal, ReversedPart};
use ledger::posting::POSTINGS_MAX;
use ledger::{Command, Entry, Event, JournalId, Metadata, Side, Text, Timestamp};
use projector::At;
use projector::balances::PostedJournal;
use serde::Serialize;
use utoipa::ToSchema;

use super::entries::{self, EntryView};
use crate::call::{Answer, Call, Read, Write};
use crate::error::Error;
use crate::input::read::{self, boolean, minor_units, text, word};
use crate::input::{Field, instant, metadata};
use crate::openapi::schema::{self, object};
use crate::openapi::{Operation, Tag};
use crate::uuid;

/// A line that no journal has. The rules say so, once they have said whether there is such a journal.
const NO_LINE: u16 = u16::MAX;

#[derive(Serialize, ToSchema)]
#[schema(as = Journal)]
struct JournalView {
    /// Not of one that was only tried out.
    id: Option<String>,
    description: Option<String>,
    entries: Vec<EntryView>,
    metadata: BTreeMap<String, String>,
    #[schema(format = DateTime)]
    timestamp: String,
    /// When it took place, as the platform sees it.
    #[schema(format = DateTime)]
    effective_at: Option<String>,
    /// The journal that it takes back.
    reverses: Option<String>,
    /// The one that has taken it back.
    reversed_by: Option<String>,
    /// Whether it was only tried out; left out where it was not.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    dry_run: bool,
}

/// What an entry says of a journal.
struct Said<'a> {
    journal: JournalId,
    description: &'a Option<Text<500>>,
    effective_at: Option<Timestamp>,
    metadata: &'a Metadata,
    reverses: Option<JournalId>,
}

/// `POST /v1/ledgers/journals`
pub(super) async fn post(call: Call<Write>) -> Result<Answer, Error> {
    let (command, is_trial) = call.body(|fields| {
        let command = PostJournal {
            lines: fields.required("entries", lines(line))?,
            description: fields.optional("description", text)?,
            effective_at: fields.optional("effective_at", instant::instant)?,
            metadata: fields.optional("metadata", metadata::metadata)?.unwrap_or_default(),
        };
        Ok((command, fields.optional("dry_run", boolean)?.unwrap_or(false)))
    })?;
    let command = Command::PostJournal(command);
    if is_trial {
        return tried_out(&call, command).await;
    }
    let written = entries::submit(&call, command).await?;
    let said = written.event("Idempotency-Key", |event| Said::of(event).filter(Said::is_new))?;
    let entries = entries::written(&call, &written).await?;
    Ok(written.created(&JournalView::new(said, &written.entry, entries)))
}

/// What [`post`] does.
pub(super) fn describe_post() -> Operation {
    let line = object()
        .required("ledger_id", schema::uuid())
        .required("type", schema::word::<Side>())
        .required("amount", schema::minor_units(1))
        .optional("description", schema::lasting_text(200));
    Operation::new(Tag::Journals, "postJournal", "Post entries that balance")
        .about(
            "Reports go by the time of posting: `effective_at` is recorded and shown, and nothing else. What \
             `metadata` says stands in the journal for ever, so it must be nothing personal. A `dry_run` is \
             decided as if it were posted now, and answered with 200: nothing is written, nothing has an id, \
             and the `Idempotency-Key` is not used.",
        )
        .takes(
            object()
                .required("entries", schema::list(2, POSTINGS_MAX, line))
                .optional("description", schema::lasting_text(500))
                .optional("metadata", schema::metadata())
                .optional("effective_at", schema::instant())
                .optional("dry_run", schema::boolean()),
        )
        .creates::<JournalView>()
}

/// `GET /v1/journals/{journalId}`
pub(super) async fn show(mut call: Call<Read>) -> Result<Answer, Error> {
    call.no_query()?;
    let journal = call.path_with("journalId", read::journal)?;
    let At { position, value: found } =
        call.ask(|models| &models.balances, move |balances| balances.journal(journal)).await?;
    let PostedJournal { entry, reversed_by } = found.ok_or(Error::UnknownId { noun: "journal" })?;
    let said = entry.events.iter().find_map(Said::of).expect("the entry posts a journal");
    let entries = entries::views(&call, &entry).await?;
    let reversed_by = reversed_by.map(|journal| uuid::text(journal.0));
    let view = JournalView { reversed_by, ..JournalView::new(said, &entry, entries) };
    Ok(Answer::shown(position, &view))
}

/// What [`show`] does.
pub(super) fn describe_show() -> Operation {
    Operation::new(Tag::Journals, "getJournal", "Get a journal with its entries")
        .answers::<JournalView>()
}

/// `POST /v1/ledgers/journals/{journalId}/reverse`
pub(super) async fn reverse(call: Call<Write>) -> Result<Answer, Error> {
    let journal = call.path_with("journalId", read::journal)?;
    let command = call.body(|fields| {
        Ok(ReverseJournal {
            journal,
            parts: fields.optional("entries", lines(part(journal)))?,
            description: fields.optional("description", text)?,
            metadata: fields.optional("metadata", metadata::metadata)?.unwrap_or_default(),
        })
    })?;
    let written = entries::submit(&call, Command::ReverseJournal(command)).await?;
    let said =
        written.event("Idempotency-Key", |event| Said::of(event).filter(|said| !said.is_new()))?;
    let entries = entries::written(&call, &written).await?;
    Ok(written.created(&JournalView::new(said, &written.entry, entries)))
}

/// What [`reverse`] does.
pub(super) fn describe_reverse() -> Operation {
    let part =
        object().required("entry_id", schema::uuid()).required("amount", schema::minor_units(1));
    Operation::new(Tag::Journals, "reverseJournal", "Reverse a journal")
        .about(
            "Posts its entries again, on the opposite sides: all of them, or as much of some as `entries` says, \
             which must balance. A journal is reversed once, and a reversal is not reversed.",
        )
        .takes(
            object()
                .optional("entries", schema::list(2, POSTINGS_MAX, part))
                .optional("description", schema::lasting_text(500))
                .optional("metadata", schema::metadata()),
        )
        .creates::<JournalView>()
}

/// What a journal would be. It is there for nobody: it has no id, and its position is that of what it was tried on.
async fn tried_out(call: &Call<Write>, command: Command) -> Result<Answer, Error> {
    let entry = call.try_out(command).await?;
    let said = entry.events.iter().find_map(Said::of).expect("the entry would post a journal");
    let views = entries::views(call, &entry).await?;
    let views = views.into_iter().map(EntryView::tried_out).collect();
    let view = JournalView { id: None, dry_run: true, ..JournalView::new(said, &entry, views) };
    Ok(Answer::shown(entries::before(&entry), &view))
}

fn lines<T>(
    read: impl Fn(Field) -> Result<T, Error>,
) -> impl FnOnce(Field) -> Result<Vec<T>, Error> {
    |field| {
        let too_few = field.invalid("must have at least 2 items");
        let lines = field.list(POSTINGS_MAX, read)?;
        if lines.len() < 2 { Err(too_few) } else { Ok(lines) }
    }
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

/// A part of an entry of the journal.
fn part(journal: JournalId) -> impl Fn(Field) -> Result<ReversedPart, Error> {
    move |field| {
        field.object(|fields| {
            let entry = |field: Field| {
                let id = uuid::parse(field.text()?);
                let id = id.ok_or_else(|| field.invalid("must be a UUID"))?;
                Ok(entries::number(journal, id).unwrap_or(NO_LINE))
            };
            Ok(ReversedPart {
                line: fields.required("entry_id", entry)?,
                amount: fields.required("amount", minor_units(1))?,
            })
        })
    }
}

impl<'a> Said<'a> {
    fn of(event: &'a Event) -> Option<Self> {
        match event {
            Event::JournalPosted(event) => Some(Self {
                journal: event.journal,
                description: &event.description,
                effective_at: event.effective_at,
                metadata: &event.metadata,
                reverses: None,
            }),
            Event::JournalReversed(event) => Some(Self {
                journal: event.journal,
                description: &event.description,
                effective_at: None,
                metadata: &event.metadata,
                reverses: Some(event.of),
            }),
            _ => None,
        }
    }

    /// Whether it takes nothing back.
    fn is_new(&self) -> bool {
        self.reverses.is_none()
    }
}

impl JournalView {
    /// As it was when it was posted.
    fn new(said: Said<'_>, entry: &Entry, entries: Vec<EntryView>) -> Self {
        Self {
            id: Some(uuid::text(said.journal.0)),
            description: entries::shown(said.description),
            entries,
            metadata: metadata::texts(said.metadata),
            timestamp: instant::text(entry.at),
            effective_at: said.effective_at.map(instant::text),
            reverses: said.reverses.map(|journal| uuid::text(journal.0)),
            reversed_by: None,
            dry_run: false,
        }
    }
}
