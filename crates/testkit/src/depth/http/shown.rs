//! Compares what the API shows with the books.

use journal::Reader;
use ledger::limits::Window;
use ledger::{
    AgentId, CardId, Entry, Event, HolderId, IntentId, Position, Side, Timestamp, TransactionId,
};
use serde_json::{Value, json};

use crate::books::states::differences;
use crate::books::{Books, Breach, require};

/// The answer of an authorization says what its entry says.
pub(super) fn answer(entry: &Entry, shown: &Value) -> Result<(), Breach> {
    match &entry.events[0] {
        Event::AuthorizationApproved(event) => {
            same("approved", &shown["approved"], true)?;
            same("transactionId", &shown["transactionId"], event.transaction.to_string())?;
            same("approvedAmount", &shown["approvedAmount"], cents(event.terms.amount.0))
        }
        Event::AuthorizationDeclined(event) => {
            same("approved", &shown["approved"], false)?;
            same("transactionId", &shown["transactionId"], event.transaction.to_string())?;
            same("declineReason", &shown["declineReason"], event.reason.name())?;
            let left = event.exceeded.map_or(Value::Null, |exceeded| cents(exceeded.left.0));
            same("exceededLimit.left", &shown["exceededLimit"]["left"], left)
        }
        _ => Ok(()),
    }
}

pub(super) fn balance(books: &Books, id: HolderId, shown: &Value) -> Result<(), Breach> {
    same("available", &shown["available"], cents(books.available(id)))?;
    same("pending", &shown["pending"], cents(books.held(id)))?;
    let settled = i64::try_from(books.settled(id)).map_err(|error| error.to_string())?;
    same("settled", &shown["settled"], settled)
}

pub(super) fn user(books: &Books, id: HolderId, shown: &Value) -> Result<(), Breach> {
    same("applicationStatus", &shown["applicationStatus"], books.holders[&id].to_string())
}

pub(super) fn agent(books: &Books, id: AgentId, shown: &Value) -> Result<(), Breach> {
    same("status", &shown["status"], books.agents[&id].status.to_string())
}

pub(super) fn card(books: &Books, id: CardId, now: Timestamp, shown: &Value) -> Result<(), Breach> {
    same("status", &shown["status"], books.state_of_card(id))?;
    for limit in books.cards[&id].limits.iter() {
        let name = match limit.window {
            Window::Authorization => "perAuth",
            Window::Day => "perDay",
            Window::Month => "perMonth",
            _ => "maxAmount",
        };
        let left = books.left_of_card(id, limit, now);
        same(name, &shown["limits"][name]["left"], cents(left))?;
    }
    Ok(())
}

pub(super) fn intent(books: &Books, id: IntentId, shown: &Value) -> Result<(), Breach> {
    same("status", &shown["status"], books.state_of_intent(id))?;
    let taken = books.intents[&id].taken;
    let transaction = taken.map_or(Value::Null, |(by, _)| by.to_string().into());
    same("transactionId", &shown["transactionId"], transaction)?;
    let differs = taken.map_or(Value::Null, |(_, comparison)| differences(comparison).into());
    same("differences", &shown["differences"], differs)
}

pub(super) fn purchase(books: &Books, id: TransactionId, shown: &Value) -> Result<(), Breach> {
    let purchase = &books.purchases[&id];
    same("status", &shown["status"], books.state_of_purchase(id))?;
    same("held", &shown["held"], cents(purchase.held().unwrap_or(0)))?;
    same("settled", &shown["settled"], cents(purchase.cleared))?;
    same("refunded", &shown["refunded"], cents(purchase.refunded))?;
    let reason = purchase.declined.map_or(Value::Null, |reason| reason.name().into());
    same("declineReason", &shown["declineReason"], reason)
}

/// The postings of every step are those of its entry.
pub(super) fn history(shown: &Value, journal: &mut dyn Reader) -> Result<(), Breach> {
    let steps = shown["history"].as_array().ok_or("there is no history")?;
    require!(!steps.is_empty(), "the history is empty");
    for step in steps {
        let position = Position(step["position"].as_u64().unwrap_or(0));
        let found = journal.read(position, 1).map_err(|error| error.to_string())?;
        let entry = &found.first().ok_or_else(|| format!("`{position}` is no entry"))?.entry;
        let postings = entry.postings.iter().map(|posting| {
            json!({
                "side": if posting.side == Side::Debit { "debit" } else { "credit" },
                "account": posting.account.to_string(),
                "asset": posting.asset.code(),
                "amount": posting.asset.format(posting.amount),
            })
        });
        same("postings", &step["postings"], postings.collect::<Vec<_>>())?;
    }
    Ok(())
}

fn same(name: &str, shown: &Value, expected: impl Into<Value>) -> Result<(), Breach> {
    let expected = expected.into();
    require!(*shown == expected, "`{name}` is shown as {shown}, the books say {expected}");
    Ok(())
}

fn cents(amount: u128) -> Value {
    u64::try_from(amount).map_or(Value::Null, Value::from)
}
