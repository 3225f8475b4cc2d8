//! What LedgerOS is told of people, agents, cards and intents.

use ledger::agents::{ChangeAgentPolicy, OnExceeded, RegisterAgent};
use ledger::cards::{CardControls, CardKind, ChangeCardLimits, CreateCard, Setting};
use ledger::holders::RecordVerification;
use ledger::intents::{Attest, DeclareIntent, Enforcement};
use ledger::limits::{Limit, Window};
use ledger::matching::{Mcc, Tolerance};
use serde_json::{Map, Value, json};

use super::{Route, cents, document, patch, post};

pub(super) fn verification(command: &RecordVerification) -> Route {
    let verification = &command.verification;
    let mut body = json!({"outcome": verification.status.to_string()});
    if !verification.required.is_empty() {
        let kinds: Vec<_> = verification.required.iter().map(|kind| document(*kind)).collect();
        body["requiredFields"] = kinds.into();
    }
    post(format!("/v1/sandbox/verifications/{}", command.holder), body)
}

pub(super) fn agent(command: &RegisterAgent) -> Route {
    let policy = &command.policy;
    let mut body = json!({
        "userId": command.holder.to_string(),
        "name": command.profile.name.as_str(),
        "spendingLimit": cents(policy.limit.amount),
        "spendingLimitFrequency": frequency(policy.limit),
        "onLimitExceeded": on_exceeded(policy.on_exceeded),
    });
    if let Some(id) = &command.profile.external_id {
        body["externalId"] = id.as_str().into();
    }
    if let Some(max) = policy.cards_max {
        body["maxCards"] = max.into();
    }
    post("/v1/agents/register", body)
}

pub(super) fn policy(command: &ChangeAgentPolicy) -> Route {
    let mut body = json!({});
    if let Setting::Set(limit) = command.limit {
        body["spendingLimit"] = cents(limit.amount);
        body["spendingLimitFrequency"] = frequency(limit).into();
    }
    if let Setting::Set(on) = command.on_exceeded {
        body["onLimitExceeded"] = on_exceeded(on).into();
    }
    if let Setting::Set(max) = command.cards_max {
        body["maxCards"] = max.into();
    }
    patch(format!("/v1/agents/{}", command.agent), body)
}

pub(super) fn card(command: &CreateCard) -> Route {
    let terms = &command.terms;
    let set = [
        ("perAuth", terms.limits.per_authorization),
        ("perDay", terms.limits.per_day),
        ("perMonth", terms.limits.per_month),
    ];
    let limits =
        set.into_iter().filter_map(|(name, amount)| Some((name.to_owned(), cents(amount?))));
    let mut body = json!({
        "purpose": terms.purpose.as_str(),
        "type": match terms.kind {
            CardKind::Single => "single",
            CardKind::Multi => "multi",
        },
        "maxAmount": cents(terms.limits.total),
        "limits": Value::Object(limits.collect()),
        "cooldownMinutes": terms.controls.cooldown_minutes,
        "requireIntent": terms.controls.intent_required,
        "enforcement": enforcement(terms.controls.enforcement),
    });
    set_controls(&mut body, &terms.controls);
    post(format!("/v1/agents/{}/cards", command.agent), body)
}

/// What may be left out.
fn set_controls(body: &mut Value, controls: &CardControls) {
    let mut set = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            body[name] = value;
        }
    };
    let codes = |mccs: &[Mcc]| {
        let codes: Vec<_> = mccs.iter().map(|mcc| format!("{:04}", mcc.code())).collect();
        (!codes.is_empty()).then(|| codes.into())
    };
    let minute = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
    set("maxAuthCount", controls.authorizations_max.map(Value::from));
    set("ttlDays", controls.ttl_days.map(Value::from));
    set("allowedMccs", codes(&controls.mccs_allowed));
    set("blockedMccs", codes(&controls.mccs_blocked));
    set("merchantHint", controls.merchant.as_ref().map(|name| name.as_str().into()));
    set(
        "activeHours",
        controls.active_hours.map(|hours| {
            json!({"from": minute(hours.from_minute()), "until": minute(hours.until_minute())})
        }),
    );
    set("attestationWindowMinutes", controls.attestation_window_minutes.map(Value::from));
    set("approvalAbove", controls.approval_above.map(cents));
}

pub(super) fn limits(command: &ChangeCardLimits) -> Route {
    let mut limits = Map::new();
    for (name, setting) in [
        ("perAuth", command.per_authorization),
        ("perDay", command.per_day),
        ("perMonth", command.per_month),
    ] {
        if let Setting::Set(amount) = setting {
            limits.insert(name.to_owned(), amount.map_or(Value::Null, cents));
        }
    }
    let mut body = json!({});
    if !limits.is_empty() {
        body["limits"] = limits.into();
    }
    if let Setting::Set(total) = command.total {
        body["maxAmount"] = cents(total);
    }
    patch(format!("/v1/cards/{}", command.card), body)
}

pub(super) fn intent(command: &DeclareIntent) -> Route {
    let expectation = &command.expectation;
    let mccs: Vec<_> = expectation.mccs.iter().map(|mcc| mcc.code()).collect();
    let mut body = json!({
        "summary": command.summary.as_str(),
        "amount": cents(expectation.amount),
        "merchantText": expectation.merchant.as_str(),
        "reserve": command.reserves,
    });
    if !mccs.is_empty() {
        body["expectedMccs"] = mccs.into();
    }
    match expectation.tolerance {
        // What holds when nothing is said.
        Tolerance::DEFAULT => {}
        Tolerance::Amount(amount) => body["toleranceAmount"] = cents(amount),
        Tolerance::Percent(percent) => body["tolerancePercent"] = percent.into(),
    }
    if let Some(told) = command.enforcement {
        body["enforcement"] = enforcement(told).into();
    }
    if let Some(minutes) = command.ttl_minutes {
        body["ttlMinutes"] = minutes.into();
    }
    post(format!("/v1/cards/{}/intents", command.card), body)
}

pub(super) fn details(command: &Attest) -> Route {
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

fn frequency(limit: Limit) -> &'static str {
    match limit.window {
        Window::Authorization => "perTransaction",
        Window::Day => "per24HourPeriod",
        Window::Week => "perWeek",
        Window::Month => "perMonth",
        Window::Year => "perYear",
        Window::Total => "allTime",
    }
}

fn on_exceeded(policy: OnExceeded) -> &'static str {
    match policy {
        OnExceeded::Suspend => "suspend",
        OnExceeded::Notify => "notify",
        OnExceeded::Ignore => "none",
    }
}

fn enforcement(enforcement: Enforcement) -> &'static str {
    match enforcement {
        Enforcement::Inform => "inform",
        Enforcement::Decline => "decline",
    }
}
