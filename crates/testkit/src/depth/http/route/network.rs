//! What the sandbox's card network is made to say.

use ledger::authorizations::{Authorize, Mode, Terms};
use ledger::{Amount, Command, TransactionId};
use serde_json::{Map, Value, json};

use super::{Route, call, cents, hex, post};

/// # Panics
///
/// For commands that no card network sends.
pub(super) fn route(command: &Command) -> Route {
    match command {
        Command::Authorize(command) => authorization(command),
        Command::Increment(command) => {
            let body = message(Some(command.amount), command.network_id);
            transaction(command.transaction, "increment", body)
        }
        Command::Confirm(command) => {
            let body = message(Some(command.amount), command.network_id);
            transaction(command.transaction, "confirm", body)
        }
        Command::Reverse(command) => {
            let body = message(command.amount, command.network_id);
            transaction(command.transaction, "reverse", body)
        }
        Command::ExpireAuthorization(command) => bare(command.transaction, "expire"),
        Command::Clear(command) => {
            let mut body = message(command.amount, command.network_id);
            body.insert("final".to_owned(), command.is_final.into());
            transaction(command.transaction, "clear", body)
        }
        Command::ForceClear(command) => {
            let mut body = terms(&command.terms);
            if let Some(awaited) = command.awaits {
                body.insert("authorizationNetworkId".to_owned(), hex(awaited).into());
            }
            post(format!("/v1/sandbox/cards/{}/force-clear", command.card), body.into())
        }
        Command::Correct(command) => {
            let body = message(command.amount, command.network_id);
            transaction(command.transaction, "correct", body)
        }
        Command::Refund(command) => {
            let body = message(command.amount, command.network_id);
            transaction(command.transaction, "refund", body)
        }
        Command::ReverseRefund(command) => {
            let body = message(command.amount, command.network_id);
            transaction(command.transaction, "refund-reversal", body)
        }
        Command::RecordUnlinkedRefund(command) => {
            let path = format!("/v1/sandbox/cards/{}/unlinked-refund", command.card);
            post(path, terms(&command.terms).into())
        }
        Command::ReleaseRefund(command) => bare(command.transaction, "release"),
        Command::RecordPresentment(command) => {
            post("/v1/sandbox/network/presentments", terms(&command.terms).into())
        }
        Command::AssignPresentment(command) => {
            let card = Value::from(command.card.to_string());
            let body = Map::from_iter([("cardId".to_owned(), card)]);
            transaction(command.transaction, "assign", body)
        }
        Command::WriteOffPresentment(command) => bare(command.transaction, "write-off"),
        Command::SettleNetwork(command) => {
            post("/v1/sandbox/network/settle", json!({"fees": cents(command.fees)}))
        }
        other => panic!("no card network sends {other:?}"),
    }
}

fn authorization(command: &Authorize) -> Route {
    let mut body = terms(&command.terms);
    body.insert("partialAllowed".to_owned(), command.accepts_part.into());
    match command.mode {
        Mode::Hold => {}
        Mode::Purchase => drop(body.insert("singleMessage".to_owned(), true.into())),
        Mode::Advice => drop(body.insert("advice".to_owned(), true.into())),
    }
    post(format!("/v1/sandbox/cards/{}/authorizations", command.card), body.into())
}

fn transaction(id: TransactionId, verb: &str, body: Map<String, Value>) -> Route {
    post(format!("/v1/sandbox/transactions/{id}/{verb}"), body.into())
}

fn bare(id: TransactionId, verb: &str) -> Route {
    call(format!("/v1/sandbox/transactions/{id}/{verb}"))
}

/// What a merchant asks for, in the currency in which it does.
fn terms(terms: &Terms) -> Map<String, Value> {
    let (amount, asset) = match &terms.original {
        Some(original) => (original.amount, original.asset),
        None => (terms.amount, terms.asset),
    };
    let mut merchant = json!({"name": terms.merchant.name.as_str()});
    if let Some(mcc) = terms.merchant.mcc {
        merchant["mcc"] = format!("{:04}", mcc.code()).into();
    }
    let mut body = message(Some(amount), terms.network_id);
    body.insert("currency".to_owned(), asset.code().into());
    body.insert("merchant".to_owned(), merchant);
    body
}

/// What every message of the network may carry.
fn message(amount: Option<Amount>, network_id: Option<[u8; 16]>) -> Map<String, Value> {
    let amount = amount.map(|amount| ("amount".to_owned(), cents(amount)));
    let network_id = network_id.map(|id| ("networkId".to_owned(), hex(id).into()));
    amount.into_iter().chain(network_id).collect()
}
