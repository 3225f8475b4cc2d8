//! Compares what the gateway answers with the entry that it has written.

use ledger::authorizations::DeclineReason;
use ledger::limits::ExceededLimit;
use ledger::{Amount, Entry, Event, TransactionId};
use serde_json::Value;

use super::{cents, same};
use crate::books::Breach;

/// The answer to a merchant says what its entry says.
pub(in super::super) fn answer(entry: &Entry, shown: &Value) -> Result<(), Breach> {
    for event in &entry.events {
        match event {
            Event::AuthorizationApproved(event) => {
                approved(shown, event.transaction, event.approved)?;
            }
            Event::Purchased(event) => approved(shown, event.transaction, event.approved)?,
            Event::CardVerified(event) => approved(shown, event.transaction, Amount::ZERO)?,
            Event::AuthorizationLinked(event) => {
                approved(shown, event.transaction, event.terms.amount)?;
            }
            Event::AuthorizationIncremented(event) => {
                approved(shown, event.transaction, event.amount)?;
            }
            Event::AuthorizationDeclined(event) => {
                declined(shown, event.transaction, event.reason, event.exceeded)?;
            }
            Event::IncrementDeclined(event) => {
                declined(shown, event.transaction, event.reason, event.exceeded)?;
            }
            _ => {}
        }
    }
    Ok(())
}

fn approved(shown: &Value, transaction: TransactionId, amount: Amount) -> Result<(), Breach> {
    same("approved", &shown["approved"], true)?;
    same("transactionId", &shown["transactionId"], transaction.to_string())?;
    same("approvedAmount", &shown["approvedAmount"], cents(amount.0))
}

fn declined(
    shown: &Value,
    transaction: TransactionId,
    reason: DeclineReason,
    exceeded: Option<ExceededLimit>,
) -> Result<(), Breach> {
    same("approved", &shown["approved"], false)?;
    same("transactionId", &shown["transactionId"], transaction.to_string())?;
    same("declineReason", &shown["declineReason"], reason.name())?;
    let left = match reason {
        DeclineReason::LimitAuthorizationCount => 0.into(),
        _ => exceeded.map_or(Value::Null, |exceeded| cents(exceeded.left.0)),
    };
    same("exceededLimit.left", &shown["exceededLimit"]["left"], left)
}
