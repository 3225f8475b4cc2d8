//! What the Ledgers surface is told.

use ledger::account::LedgerKind;
use ledger::ledgers::{
    CreateLedger, PostJournal, ReverseJournal, ReversedPart, TransferBetweenLedgers,
};
use ledger::{JournalId, Metadata, Side, Text};
use serde_json::{Value, json};

use super::{Route, cents, post, uuid};

pub(super) fn create(command: &CreateLedger) -> Route {
    let kind = match command.kind {
        LedgerKind::Asset => "asset",
        LedgerKind::Liability => "liability",
        LedgerKind::Equity => "equity",
        LedgerKind::Income => "income",
        LedgerKind::Expense => "expense",
    };
    let body = json!({
        "code": command.code.as_str(),
        "name": command.name.as_str(),
        "type": kind,
        "currency": command.asset.code(),
        "overdraftLimit": cents(command.overdraft_limit),
    });
    post("/v1/ledgers", body)
}

pub(super) fn transfer(command: &TransferBetweenLedgers) -> Route {
    let body = json!({
        "destination_ledger_id": uuid(command.destination.0),
        "amount": cents(command.amount),
        "metadata": metadata(&command.metadata),
    });
    post(format!("/v1/ledgers/{}/transfer", uuid(command.source.0)), body)
}

pub(super) fn journal(command: &PostJournal) -> Route {
    let lines = command.lines.iter().map(|line| {
        json!({
            "ledger_id": uuid(line.ledger.0),
            "type": if line.side == Side::Debit { "debit" } else { "credit" },
            "amount": cents(line.amount),
        })
    });
    let lines = lines.collect::<Vec<_>>();
    let body = json!({"entries": lines, "metadata": metadata(&command.metadata)});
    post("/v1/ledgers/journals", body)
}

pub(super) fn reversal(command: &ReverseJournal) -> Route {
    let mut body = json!({"metadata": metadata(&command.metadata)});
    if let Some(parts) = &command.parts {
        let part = |part: &ReversedPart| {
            let entry = uuid(entry_of(command.journal, part.line));
            json!({"entry_id": entry, "amount": cents(part.amount)})
        };
        body["entries"] = parts.iter().map(part).collect();
    }
    post(format!("/v1/ledgers/journals/{}/reverse", uuid(command.journal.0)), body)
}

/// What the surface calls a line of a journal.
pub(in super::super) fn entry_of(JournalId(mut id): JournalId, line: u16) -> [u8; 16] {
    let [high, low] = (line + 1).to_be_bytes();
    id[14] ^= high;
    id[15] ^= low;
    id
}

fn metadata(metadata: &Metadata) -> Value {
    let member = |(name, text): (&Text<40>, &Text<500>)| {
        (name.as_str().to_owned(), Value::from(text.as_str()))
    };
    Value::Object(metadata.iter().map(member).collect())
}
