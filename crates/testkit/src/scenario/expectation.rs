//! The right side of a line: what must be so.

use ledger::authorizations::DeclineReason;
use ledger::limits::Window;
use ledger::{Asset, Side};

use super::cards::card_window;
use super::tokens::Tokens;

/// What must be so after a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Expectation {
    /// With the amount that was approved, if it is told.
    Approved {
        cents: Option<u128>,
    },
    Declined {
        reason: DeclineReason,
    },
    Left {
        cents: u128,
    },
    Told,
    Late,
    Linked,
    Rejected {
        word: String,
    },
    Replayed,
    /// Of what is named, or of what the line is about.
    Balance {
        of: Option<String>,
        pot: Pot,
        amount: Told,
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
    /// With what the last entry posts to ledgers.
    Noted {
        name: String,
        text: String,
    },
    TrialBalance {
        difference: i128,
    },
}

/// A side, an account by its word, an asset, an amount.
pub(super) type Posted = (Side, String, Option<Asset>, String);

/// An amount as it is written, which may be below zero, and its asset, if that is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) is_negative: bool,
    pub(super) digits: String,
    pub(super) asset: Option<Asset>,
}

/// One of the balances of a user, a wallet or a ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pot {
    Available,
    Held,
    Reserved,
    Incoming,
    Withdrawing,
    Overdrawn,
    Settled,
    /// A ledger's own.
    Balance,
}

/// The states that things may be in.
const STATES: [&str; 38] = [
    // Card transactions.
    "pending",
    "settled",
    "voided",
    "refunded",
    "declined",
    "expired",
    // Intents, besides.
    "pending_approval",
    "revealed",
    "matched",
    "mismatched",
    "rejected",
    "canceled",
    // Keys, cards, agents and ledgers.
    "revoked",
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
    // Journals.
    "posted",
    // Deposits and transfers, besides.
    "waiting",
    "completed",
    "reversed",
    "in_review",
    "funds_received",
    "payment_submitted",
    "payment_processed",
    "failed",
    "returned",
    // Webhooks.
    "enabled",
    "disabled",
    "removed",
    // Clearings that nobody can place.
    "written_off",
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
        && let Some(amount) = told(tokens)
    {
        return Ok(Expectation::Balance { of: None, pot, amount });
    }
    if word == "declined"
        && let Some(reason) = tokens.take_if(reason)
    {
        return Ok(Expectation::Declined { reason });
    }
    Ok(match word.as_str() {
        "approved" => Expectation::Approved {
            cents: tokens.take_if(super::tokens::amount).map(|amount| amount.0),
        },
        "left" => Expectation::Left { cents: tokens.amount()?.0 },
        "told" => Expectation::Told,
        "late" => Expectation::Late,
        "linked" => Expectation::Linked,
        "rejected" => Expectation::Rejected { word: tokens.word("a rejection")? },
        "replayed" => Expectation::Replayed,
        "warned" => Expectation::Warned {
            windows: std::iter::from_fn(|| tokens.take_if(card_window)).collect(),
        },
        "memo" => Expectation::Posted { postings: Vec::new() },
        "debit" => Expectation::Posted { postings: postings(Side::Debit, tokens)? },
        "credit" => Expectation::Posted { postings: postings(Side::Credit, tokens)? },
        "noted" => {
            Expectation::Noted { name: tokens.word("a name")?, text: tokens.word("a text")? }
        }
        "0" => Expectation::TrialBalance { difference: 0 },
        state if STATES.contains(&state) => {
            Expectation::State { of: None, differs: differences(state, tokens), state: word }
        }
        _ => named(word, tokens)?,
    })
}

/// A balance or a state of what is named.
fn named(name: String, tokens: &mut Tokens) -> Result<Expectation, String> {
    let word = tokens.word("a state")?;
    if let Some(pot) = pot(&word)
        && let Some(amount) = told(tokens)
    {
        return Ok(Expectation::Balance { of: Some(name), pot, amount });
    }
    if !STATES.contains(&word.as_str()) {
        return Err(format!("`{name} {word}` is not understood"));
    }
    let differs = differences(&word, tokens);
    Ok(Expectation::State { of: Some(name), state: word, differs })
}

fn differences(state: &str, tokens: &mut Tokens) -> Vec<String> {
    let difference = |word: &str| {
        let is_one = state == "mismatched" && matches!(word, "amount" | "merchant" | "mcc");
        is_one.then(|| word.to_owned())
    };
    std::iter::from_fn(|| tokens.take_if(difference)).collect()
}

/// Accounts and amounts. After its side, any word is an account: a ledger's name is one, too.
fn postings(first: Side, tokens: &mut Tokens) -> Result<Vec<Posted>, String> {
    let mut side = first;
    let mut postings = vec![posting(side, tokens.word("an account")?, tokens)?];
    loop {
        let account = |word: &str| ACCOUNTS.contains(&word).then(|| word.to_owned());
        if let Some(account) = tokens.take_if(account) {
            postings.push(posting(side, account, tokens)?);
            continue;
        }
        side = if tokens.take("debit") {
            Side::Debit
        } else if tokens.take("credit") {
            Side::Credit
        } else {
            return Ok(postings);
        };
        postings.push(posting(side, tokens.word("an account")?, tokens)?);
    }
}

fn posting(side: Side, account: String, tokens: &mut Tokens) -> Result<Posted, String> {
    let written = tokens.word("an amount")?;
    Ok((side, account, tokens.take_if(Asset::from_code), written))
}

/// The words for accounts in `docs/accounting.md`.
const ACCOUNTS: [&str; 18] = [
    "available",
    "held",
    "reserved",
    "incoming",
    "withdrawing",
    "overdrawn",
    "payable",
    "receivable",
    "suspense:presentments",
    "bank",
    "custody",
    "exchange",
    "income:interchange",
    "income:fees:fx",
    "income:fees:transfer",
    "expenses:network:fees",
    "expenses:gas",
    "expenses:losses:presentments",
];

fn pot(word: &str) -> Option<Pot> {
    Some(match word {
        "available" => Pot::Available,
        "held" => Pot::Held,
        "reserved" => Pot::Reserved,
        "incoming" => Pot::Incoming,
        "withdrawing" => Pot::Withdrawing,
        "overdrawn" => Pot::Overdrawn,
        "settled" => Pot::Settled,
        "balance" => Pot::Balance,
        _ => return None,
    })
}

fn reason(word: &str) -> Option<DeclineReason> {
    DeclineReason::ALL.into_iter().find(|reason| reason.name() == word)
}

/// An amount, if one stands here.
fn told(tokens: &mut Tokens) -> Option<Told> {
    let (is_negative, digits) = tokens.take_if(|word| {
        let (is_negative, digits) =
            word.strip_prefix('-').map_or((false, word), |word| (true, word));
        let is_amount = digits.contains('.') && Asset::Eth.parse(digits).is_some();
        is_amount.then(|| (is_negative, digits.to_owned()))
    })?;
    Some(Told { is_negative, digits, asset: tokens.take_if(Asset::from_code) })
}
