//! Where a command goes over HTTP, and what is said there.

use hyper::Method;
use ledger::agents::{AgentStatus, OnExceeded, RegisterAgent};
use ledger::authorizations::Authorize;
use ledger::cards::{CardKind, CardStatus, CreateCard};
use ledger::deposits::ConfirmDeposit;
use ledger::holders::{DocumentKind, RecordVerification};
use ledger::intents::{Attest, DeclareIntent};
use ledger::limits::Window;
use ledger::matching::Tolerance;
use ledger::time::SECOND_MS;
use ledger::{Amount, Command, TransactionId};
use serde_json::{Map, Value, json};

/// A request but for its headers.
pub(super) struct Route {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) body: Body,
}

/// What is sent.
pub(super) enum Body {
    Nothing,
    Json(Value),
    /// A document of this kind, as a form.
    Document {
        kind: &'static str,
    },
}

impl Route {
    /// Where a command goes.
    ///
    /// # Panics
    ///
    /// For commands that nobody can send over HTTP, and for deposits, which go to an address.
    pub(super) fn of(command: &Command) -> Self {
        match command {
            Command::CreateHolder(_) => {
                let email = "ada@example.com";
                post("/v1/users", json!({"firstName": "Ada", "lastName": "Byron", "email": email}))
            }
            Command::StartVerification(command) => {
                post("/v1/verification/user", json!({"userId": command.holder.to_string()}))
            }
            Command::RecordVerification(command) => verification(command),
            Command::AddDocument(command) => Self {
                method: Method::PUT,
                path: format!("/v1/verification/user/{}/document", command.holder),
                body: Body::Document { kind: document(command.kind) },
            },
            Command::RegisterAgent(command) => agent(command),
            Command::ChangeAgent(command) => {
                let verb = match command.status {
                    AgentStatus::Active => "reactivate",
                    AgentStatus::Suspended => "suspend",
                };
                call(format!("/v1/agents/{}/{verb}", command.agent))
            }
            Command::CreateCard(command) => card(command),
            Command::ChangeCard(command) => {
                let verb = match command.status {
                    CardStatus::Active => "unfreeze",
                    CardStatus::Frozen => "freeze",
                    CardStatus::Closed => "close",
                };
                call(format!("/v1/cards/{}/{verb}", command.card))
            }
            Command::DeclareIntent(command) => intent(command),
            Command::CancelIntent(command) => {
                call(format!("/v1/intents/{}/cancel", command.intent))
            }
            Command::Attest(command) => details(command),
            Command::Authorize(command) => authorization(command),
            Command::Reverse(command) => {
                let body = message(command.amount, command.network_id);
                transaction(command.transaction, "reverse", body)
            }
            Command::ExpireAuthorization(command) => {
                call(format!("/v1/sandbox/transactions/{}/expire", command.transaction))
            }
            Command::Clear(command) => {
                let mut body = message(command.amount, command.network_id);
                body.insert("final".to_owned(), command.is_final.into());
                transaction(command.transaction, "clear", body)
            }
            Command::Refund(command) => {
                let body = message(command.amount, command.network_id);
                transaction(command.transaction, "refund", body)
            }
            Command::AdvanceClock(command) => {
                assert!(command.by_ms.is_multiple_of(SECOND_MS), "durations are in whole seconds");
                let advance = format!("PT{}S", command.by_ms / SECOND_MS);
                post("/v1/sandbox/clock", json!({"advance": advance}))
            }
            Command::OpenBook(_)
            | Command::CreateKey(_)
            | Command::ExpireIntent(_)
            | Command::ConfirmDeposit(_) => panic!("{command:?} can't be sent"),
        }
    }

    /// Where a deposit goes that arrives at `address`.
    pub(super) fn deposit(command: &ConfirmDeposit, address: &str) -> Self {
        let body = json!({
            "address": address,
            "asset": command.asset.code(),
            "amount": command.asset.format(command.amount),
            "transactionHash": hex(command.reference),
        });
        post("/v1/sandbox/deposits", body)
    }
}

fn post(path: impl Into<String>, body: Value) -> Route {
    Route { method: Method::POST, path: path.into(), body: Body::Json(body) }
}

fn call(path: String) -> Route {
    Route { method: Method::POST, path, body: Body::Nothing }
}

fn transaction(id: TransactionId, verb: &str, body: Map<String, Value>) -> Route {
    post(format!("/v1/sandbox/transactions/{id}/{verb}"), body.into())
}

fn verification(command: &RecordVerification) -> Route {
    let verification = &command.verification;
    let mut body = json!({"outcome": verification.status.to_string()});
    if !verification.required.is_empty() {
        let kinds: Vec<_> = verification.required.iter().map(|kind| document(*kind)).collect();
        body["requiredFields"] = kinds.into();
    }
    post(format!("/v1/sandbox/verifications/{}", command.holder), body)
}

fn agent(command: &RegisterAgent) -> Route {
    let policy = &command.policy;
    let frequency = match policy.limit.window {
        Window::Authorization => "perTransaction",
        Window::Day => "per24HourPeriod",
        Window::Week => "perWeek",
        Window::Month => "perMonth",
        Window::Year => "perYear",
        Window::Total => "allTime",
    };
    let on_exceeded = match policy.on_exceeded {
        OnExceeded::Suspend => "suspend",
        OnExceeded::Notify => "notify",
        OnExceeded::Ignore => "none",
    };
    let mut body = json!({
        "userId": command.holder.to_string(),
        "name": command.profile.name.as_str(),
        "spendingLimit": cents(policy.limit.amount),
        "spendingLimitFrequency": frequency,
        "onLimitExceeded": on_exceeded,
    });
    if let Some(id) = &command.profile.external_id {
        body["externalId"] = id.as_str().into();
    }
    if let Some(max) = policy.cards_max {
        body["maxCards"] = max.into();
    }
    post("/v1/agents/register", body)
}

fn card(command: &CreateCard) -> Route {
    let terms = &command.terms;
    let set = [
        ("perAuth", terms.limits.per_authorization),
        ("perDay", terms.limits.per_day),
        ("perMonth", terms.limits.per_month),
    ];
    let limits =
        set.into_iter().filter_map(|(name, amount)| Some((name.to_owned(), cents(amount?))));
    let body = json!({
        "purpose": terms.purpose.as_str(),
        "type": match terms.kind {
            CardKind::Single => "single",
            CardKind::Multi => "multi",
        },
        "maxAmount": cents(terms.limits.total),
        "limits": Value::Object(limits.collect()),
    });
    post(format!("/v1/agents/{}/cards", command.agent), body)
}

fn intent(command: &DeclareIntent) -> Route {
    let expectation = &command.expectation;
    let mccs: Vec<_> = expectation.mccs.iter().map(|mcc| mcc.code()).collect();
    let mut body = json!({
        "summary": command.summary.as_str(),
        "amount": cents(expectation.amount),
        "merchantText": expectation.merchant.as_str(),
        "expectedMccs": mccs,
    });
    match expectation.tolerance {
        // What holds when nothing is said.
        Tolerance::DEFAULT => {}
        Tolerance::Amount(amount) => body["toleranceAmount"] = cents(amount),
        Tolerance::Percent(percent) => body["tolerancePercent"] = percent.into(),
    }
    post(format!("/v1/cards/{}/intents", command.card), body)
}

fn details(command: &Attest) -> Route {
    let mut body = json!({
        "summary": command.statement.summary.as_str(),
        "expectedAmount": cents(command.statement.amount),
        "merchantText": command.statement.merchant.as_str(),
    });
    if let Some(intent) = command.intent {
        body["intentId"] = intent.to_string().into();
    }
    post(format!("/v1/cards/{}/details", command.card), body)
}

fn authorization(command: &Authorize) -> Route {
    let terms = &command.terms;
    let mut body = message(Some(terms.amount), terms.network_id);
    let mut merchant = json!({"name": terms.merchant.name.as_str()});
    if let Some(mcc) = terms.merchant.mcc {
        merchant["mcc"] = format!("{:04}", mcc.code()).into();
    }
    body.insert("currency".to_owned(), terms.asset.code().into());
    body.insert("merchant".to_owned(), merchant);
    post(format!("/v1/sandbox/cards/{}/authorizations", command.card), body.into())
}

/// What every message of the network may carry.
fn message(amount: Option<Amount>, network_id: Option<[u8; 16]>) -> Map<String, Value> {
    let amount = amount.map(|amount| ("amount".to_owned(), cents(amount)));
    let network_id = network_id.map(|id| ("networkId".to_owned(), hex(id).into()));
    amount.into_iter().chain(network_id).collect()
}

/// # Panics
///
/// Above 64 bits, which no scenario names.
fn cents(amount: Amount) -> Value {
    u64::try_from(amount.0).expect("amounts of scenarios are small").into()
}

fn hex(bytes: [u8; 16]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn document(kind: DocumentKind) -> &'static str {
    match kind {
        DocumentKind::ProofOfAddress => "proofOfAddress",
        DocumentKind::GovernmentIdFront => "governmentIdFront",
        DocumentKind::GovernmentIdBack => "governmentIdBack",
        DocumentKind::Selfie => "selfie",
        DocumentKind::SourceOfFunds => "sourceOfFunds",
    }
}
