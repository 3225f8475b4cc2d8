//! The right side of a line: what must be so.

use ledger::authorizations::DeclineReason;
use ledger::limits::Window;
use ledger::{Asset, Side};

use super::step::card_window;
use super::tokens::{Tokens, amount};

/// What must be so after a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Expectation {
    Approved,
    Declined {
        reason: DeclineReason,
    },
    Left {
        cents: u128,
    },
    Told,
    Rejected {
        word: String,
    },
    Replayed,
    Balance {
        pot: Pot,
        cents: i128,
    },
    /// Of what is named, or of what the line is about; with what differs, for an intent that is mismatched.
    State {
        of: Option<String>,
        state: String,
        differs: Vec<String>,
    },
    Warned {
        windows: Vec<Window>,
    },
    /// In the order of the line; none for a memo.
    Posted {
        postings: Vec<Posted>,
    },
    TrialBalance {
        difference: i128,
    },
}

/// A side, an account by its word, an asset, an amount.
pub(super) type Posted = (Side, String, Asset, u128);

/// One of a user's balances.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pot {
    Available,
    Held,
    Incoming,
    Overdrawn,
    Settled,
}

/// The states that things may be in.
const STATES: [&str; 21] = [
    // Transactions.
    "pending",
    "settled",
    "voided",
    "refunded",
    "declined",
    "expired",
    // Intents, besides.
    "revealed",
    "matched",
    "mismatched",
    "canceled",
    // Cards and agents.
    "active",
    "frozen",
    "closed",
    "suspended",
    // Users.
    "notStarted",
    "needsInformation",
    "needsVerification",
    "manualReview",
    "approved",
    "denied",
    "locked",
];

pub(super) fn parse(text: &str) -> Result<Vec<Expectation>, String> {
    let mut tokens = Tokens::new(text)?;
    let mut all = Vec::new();
    while let Some(word) = tokens.next() {
        all.push(expectation(word, &mut tokens)?);
    }
    let sides = all.iter().filter(|one| matches!(one, Expectation::Posted { .. })).count();
    if 1 < sides {
        return Err("postings are told once a line".to_owned());
    }
    Ok(all)
}

fn expectation(word: String, tokens: &mut Tokens) -> Result<Expectation, String> {
    if let Some(pot) = pot(&word)
        && let Some(cents) = tokens.take_if(signed_cents)
    {
        return Ok(Expectation::Balance { pot, cents });
    }
    if word == "declined"
        && let Some(reason) = tokens.take_if(reason)
    {
        return Ok(Expectation::Declined { reason });
    }
    Ok(match word.as_str() {
        "approved" => Expectation::Approved,
        "left" => Expectation::Left { cents: tokens.amount()?.0 },
        "told" => Expectation::Told,
        "rejected" => Expectation::Rejected { word: tokens.word("a rejection")? },
        "replayed" => Expectation::Replayed,
        "warned" => Expectation::Warned {
            windows: std::iter::from_fn(|| tokens.take_if(card_window)).collect(),
        },
        "memo" => Expectation::Posted { postings: Vec::new() },
        "debit" => Expectation::Posted { postings: postings(Side::Debit, tokens)? },
        "credit" => Expectation::Posted { postings: postings(Side::Credit, tokens)? },
        "0" => Expectation::TrialBalance { difference: 0 },
        state if STATES.contains(&state) => {
            Expectation::State { of: None, differs: differences(state, tokens), state: word }
        }
        _ => {
            let state = tokens.word("a state")?;
            if !STATES.contains(&state.as_str()) {
                return Err(format!("`{word} {state}` is not understood"));
            }
            let differs = differences(&state, tokens);
            Expectation::State { of: Some(word), state, differs }
        }
    })
}

fn differences(state: &str, tokens: &mut Tokens) -> Vec<String> {
    let difference = |word: &str| {
        let is_one = state == "mismatched" && matches!(word, "amount" | "merchant" | "mcc");
        is_one.then(|| word.to_owned())
    };
    std::iter::from_fn(|| tokens.take_if(difference)).collect()
}

fn postings(first: Side, tokens: &mut Tokens) -> Result<Vec<Posted>, String> {
    let mut side = first;
    let mut postings = Vec::new();
    loop {
        let account = |word: &str| ACCOUNTS.contains(&word).then(|| word.to_owned());
        if let Some(account) = tokens.take_if(account) {
            let written = tokens.word("an amount")?;
            let asset = tokens.take_if(Asset::from_code).unwrap_or(Asset::Usd);
            let amount = asset.parse(&written).ok_or_else(|| format!("`{written}` of what?"))?;
            postings.push((side, account, asset, amount.0));
        } else if tokens.take("debit") {
            side = Side::Debit;
        } else if tokens.take("credit") {
            side = Side::Credit;
        } else {
            postings.sort();
            return Ok(postings);
        }
    }
}

/// The words for accounts in `docs/accounting.md`.
const ACCOUNTS: [&str; 8] =
    ["available", "held", "incoming", "overdrawn", "payable", "receivable", "custody", "exchange"];

fn pot(word: &str) -> Option<Pot> {
    Some(match word {
        "available" => Pot::Available,
        "held" => Pot::Held,
        "incoming" => Pot::Incoming,
        "overdrawn" => Pot::Overdrawn,
        "settled" => Pot::Settled,
        _ => return None,
    })
}

fn reason(word: &str) -> Option<DeclineReason> {
    DeclineReason::ALL.into_iter().find(|reason| reason.name() == word)
}

fn signed_cents(word: &str) -> Option<i128> {
    let (sign, digits) = word.strip_prefix('-').map_or((1, word), |digits| (-1, digits));
    Some(sign * i128::try_from(amount(digits)?.0).ok()?)
}
