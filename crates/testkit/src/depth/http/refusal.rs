//! The word for a refusal, whether the rules or the gateway refuse, and in whichever dialect.

use serde_json::Value;

use crate::books::{Breach, require};

/// What the gateway calls otherwise than the rules.
const CODES: [(&str, &str); 9] = [
    ("card_frozen", "card_not_active"),
    ("card_closed", "card_not_active"),
    ("intent_ended", "unknown_intent"),
    ("ledger_frozen", "ledger_not_active"),
    ("ledger_closed", "ledger_not_active"),
    ("transaction_not_pending", "not_pending"),
    ("amount_exceeds_hold", "exceeds_hold"),
    ("amount_exceeds_cleared", "exceeds_cleared"),
    ("amount_exceeds_refunded", "exceeds_refunded"),
];

/// What the Ledger API, whose codes are few, says in its messages.
const MESSAGES: [(&str, &str); 3] = [
    ("that are available", "insufficient_funds"),
    ("does not have the capability", "user_not_approved"),
    ("is left after the fee", "nothing_left_after_fee"),
];

pub(super) fn word(status: u16, body: &Value) -> Result<String, Breach> {
    require!(status < 500, "the gateway answers {status}: {body}");
    let error = if body["error"].is_object() { &body["error"] } else { body };
    let code = error["code"].as_str().unwrap_or_default();
    let message = error["message"].as_str().unwrap_or_default();
    let known = CODES.into_iter().find(|(told, _)| *told == code);
    let said = MESSAGES.into_iter().find(|(told, _)| message.contains(told));
    let is_in_words = code.chars().all(|letter| letter.is_uppercase() || letter == '_');
    Ok(match code {
        "not_found" | "NOT_FOUND" => return unknown(message),
        "invalid_field" if is_about_range(message) => "amount_out_of_range".to_owned(),
        "invalid_field" if message.contains("`entries`") => "journal_length".to_owned(),
        _ => match known.or(said.filter(|_| is_in_words)) {
            Some((_, word)) => word.to_owned(),
            None => code.to_owned(),
        },
    })
}

fn is_about_range(message: &str) -> bool {
    message.contains("integer of cents") || message.contains("minor units")
}

fn unknown(message: &str) -> Result<String, Breach> {
    let nouns = [
        "key",
        "user",
        "customer",
        "agent",
        "card",
        "intent",
        "transaction",
        "wallet",
        "ledger",
        "journal",
        "webhook",
    ];
    let noun = nouns.into_iter().find(|noun| message.contains(&format!("{noun} ")));
    noun.map(|noun| format!("unknown_{noun}"))
        .ok_or_else(|| format!("what is not found? {message}"))
}
