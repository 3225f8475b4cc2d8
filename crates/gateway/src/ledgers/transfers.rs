//! Transfers between ledgers.

use ledger::ledgers::TransferBetweenLedgers;
use ledger::{Account, Command, Event};
use serde::Serialize;
use utoipa::ToSchema;

use super::entries::{self, EntryView};
use crate::call::{Answer, Call, Write};
use crate::error::Error;
use crate::input::read::{self, minor_units, text};
use crate::input::{Field, idempotency, instant, metadata};
use crate::openapi::schema::{self, object};
use crate::openapi::{Operation, Tag};
use crate::uuid;

#[derive(Serialize, ToSchema)]
#[schema(as = LedgerTransfer)]
struct TransferView {
    transfer_id: String,
    source_entry: EntryView,
    destination_entry: EntryView,
    #[schema(format = DateTime)]
    timestamp: String,
}

/// `POST /v1/ledgers/{ledgerId}/transfer`
pub(super) async fn create(mut call: Call<Write>) -> Result<Answer, Error> {
    let source = call.path_with("ledgerId", read::ledger)?;
    let (command, transfer_id) = call.body(|fields| {
        let command = TransferBetweenLedgers {
            source,
            destination: fields.required("destination_ledger_id", read::ledger)?,
            amount: fields.required("amount", minor_units(1))?,
            description: fields.optional("description", text)?,
            metadata: fields.optional("metadata", metadata::metadata)?.unwrap_or_default(),
        };
        Ok((command, fields.optional("transfer_id", transfer_id)?))
    })?;
    if let Some(id) = &transfer_id {
        let (headers, book) = (&call.kind.head.headers, call.gateway.book);
        call.kind.command = idempotency::command_id_of(("transfer_id", id), headers, book)?;
    }
    let written = entries::submit(&call, Command::TransferBetweenLedgers(command)).await?;
    let transferred = written.event("transfer_id", |event| match event {
        Event::LedgerTransferred(event) => Some(event),
        _ => None,
    })?;
    let views = entries::written(&call, &written).await?;
    let [first, second] = <[EntryView; 2]>::try_from(views)
        .unwrap_or_else(|_| unreachable!("a transfer has two postings"));
    let first_account = written.entry.postings.iter().next().map(|posting| posting.account);
    let (source_entry, destination_entry) = match first_account {
        Some(Account::Ledger(_, ledger)) if ledger == transferred.source => (first, second),
        _ => (second, first),
    };
    Ok(written.created(&TransferView {
        transfer_id: transfer_id.unwrap_or_else(|| uuid::text(transferred.transfer.0)),
        source_entry,
        destination_entry,
        timestamp: instant::text(written.entry.at),
    }))
}

/// What [`create`] does.
pub(super) fn describe_create() -> Operation {
    Operation::new(Tag::Ledgers, "transferBetweenLedgers", "Create a transfer between two ledgers")
        .about(
            "The balance of the ledger in the path falls, that of the destination rises. Both grow on the \
             same side: others take a journal. `transfer_id` is the idempotency key of the call.",
        )
        .takes(
            object()
                .required("destination_ledger_id", schema::uuid())
                .required("amount", schema::minor_units(1))
                .optional("description", schema::lasting_text(500))
                .optional("metadata", schema::metadata())
                .optional("transfer_id", schema::uuid()),
        )
        .creates::<TransferView>()
}

/// The client's own id, in the one form in which it is a key.
fn transfer_id(field: Field) -> Result<String, Error> {
    let id = uuid::parse(field.text()?);
    id.map(uuid::text).ok_or_else(|| field.invalid("must be a UUID"))
}
