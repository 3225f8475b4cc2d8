//! What the Ledgers surface is told.

use ledger::Side;
use ledger::account::LedgerKind;
use ledger::ledgers::{CreateLedger, PostJournal, TransferBetweenLedgers};
use serde_json::json;

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
        "destination_ledger_id": uuid(command.destination),
        "amount": cents(command.amount),
    });
    post(format!("/v1/ledgers/{}/transfer", uuid(command.source)), body)
}

pub(super) fn journal(command: &PostJournal) -> Route {
    let lines = command.lines.iter().map(|line| {
        json!({
            "ledger_id": uuid(line.ledger),
            "type": if line.side == Side::Debit { "debit" } else { "credit" },
            "amount": cents(line.amount),
        })
    });
    post("/v1/ledgers/journals", json!({"entries": lines.collect::<Vec<_>>()}))
}
