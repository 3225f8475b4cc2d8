//! The left side of a line: what happens.

use ledger::agents::{AgentStatus, OnExceeded};
use ledger::cards::{CardKind, CardLimits, CardStatus};
use ledger::holders::{DocumentKind, VerificationStatus};
use ledger::limits::Window;
use ledger::matching::{Mcc, Tolerance};
use ledger::time::{DAY_MS, HOUR_MS, SECOND_MS};
use ledger::{Amount, Asset};

use super::tokens::{Tokens, amount};

/// What happens. Things are named, not yet bound.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    User {
        name: String,
    },
    Start {
        user: String,
    },
    Verify {
        user: String,
        status: VerificationStatus,
        required: Vec<DocumentKind>,
    },
    Document {
        user: String,
        kind: DocumentKind,
    },
    Deposit {
        user: String,
        asset: Asset,
        amount: Amount,
        tx: Option<String>,
    },
    Agent {
        name: String,
        user: String,
        limit: (Amount, Window),
        on_exceeded: OnExceeded,
        cards: Option<u32>,
        external: Option<String>,
    },
    Card {
        name: String,
        agent: String,
        kind: CardKind,
        limits: CardLimits,
    },
    SetCard {
        card: String,
        status: CardStatus,
    },
    SetAgent {
        agent: String,
        status: AgentStatus,
    },
    Intent {
        name: String,
        on: String,
        amount: Amount,
        merchant: String,
        mccs: Vec<Mcc>,
        tolerance: Tolerance,
    },
    Details {
        on: String,
        amount: Amount,
        merchant: String,
        intent: Option<String>,
    },
    Cancel {
        intent: String,
    },
    Authorize {
        name: String,
        on: String,
        amount: Amount,
        asset: Asset,
        merchant: String,
        mcc: Option<Mcc>,
        network: Option<String>,
    },
    Reverse {
        purchase: String,
        amount: Option<Amount>,
        network: Option<String>,
    },
    Expire {
        purchase: String,
    },
    Clear {
        purchase: String,
        amount: Option<Amount>,
        is_final: bool,
        network: Option<String>,
    },
    Refund {
        purchase: String,
        amount: Option<Amount>,
        network: Option<String>,
    },
    Clock {
        by: Pass,
    },
    Again,
    Restart,
    /// Nothing happens, to what is named or to nobody.
    Look {
        subject: Option<String>,
    },
}

/// How much time passes.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Pass {
    Ms(u64),
    /// Until so long before the next midnight at which a period begins.
    To {
        before_ms: u64,
        period: Period,
    },
}

/// A calendar period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Period {
    Week,
    Month,
    Year,
    LeapDay,
}

pub(super) fn parse(text: &str) -> Result<Step, String> {
    let mut tokens = Tokens::new(text)?;
    let verb = tokens.word("a verb")?;
    let step = step(&verb, &mut tokens)?;
    tokens.end()?;
    Ok(step)
}

fn step(verb: &str, tokens: &mut Tokens) -> Result<Step, String> {
    Ok(match verb {
        "user" => Step::User { name: tokens.word("a user")? },
        "start" => Step::Start { user: tokens.word("a user")? },
        "verify" => Step::Verify {
            user: tokens.word("a user")?,
            status: known(tokens, "a status", status)?,
            required: std::iter::from_fn(|| tokens.take_if(document)).collect(),
        },
        "document" => Step::Document {
            user: tokens.word("a user")?,
            kind: known(tokens, "a document", document)?,
        },
        "deposit" => deposit(tokens)?,
        "agent" => agent(tokens)?,
        "card" => card(tokens)?,
        "freeze" => set_card(tokens, CardStatus::Frozen)?,
        "unfreeze" => set_card(tokens, CardStatus::Active)?,
        "close" => set_card(tokens, CardStatus::Closed)?,
        "suspend" => set_agent(tokens, AgentStatus::Suspended)?,
        "reactivate" => set_agent(tokens, AgentStatus::Active)?,
        "intent" => Step::Intent {
            name: tokens.word("an intent")?,
            on: tokens.word("a card")?,
            amount: tokens.amount()?,
            merchant: tokens.quoted()?,
            mccs: tokens.mccs()?,
            tolerance: tolerance(tokens)?,
        },
        "details" => Step::Details {
            on: tokens.word("a card")?,
            amount: tokens.amount()?,
            merchant: tokens.quoted()?,
            intent: tokens.after("intent")?,
        },
        "cancel" => Step::Cancel { intent: tokens.word("an intent")? },
        "authorize" => Step::Authorize {
            name: tokens.word("an authorization")?,
            on: tokens.word("a card")?,
            amount: tokens.amount()?,
            asset: tokens.take_if(Asset::from_code).unwrap_or(Asset::Usd),
            merchant: tokens.quoted()?,
            mcc: tokens.mccs()?.pop(),
            network: tokens.after("network")?,
        },
        "reverse" => Step::Reverse {
            purchase: tokens.word("an authorization")?,
            amount: tokens.take_if(amount),
            network: tokens.after("network")?,
        },
        "expire" => Step::Expire { purchase: tokens.word("an authorization")? },
        "clear" => Step::Clear {
            purchase: tokens.word("an authorization")?,
            amount: tokens.take_if(amount),
            is_final: tokens.take("final") || !tokens.take("partial"),
            network: tokens.after("network")?,
        },
        "refund" => Step::Refund {
            purchase: tokens.word("an authorization")?,
            amount: tokens.take_if(amount),
            network: tokens.after("network")?,
        },
        "clock" => Step::Clock { by: pass(tokens)? },
        "again" => Step::Again,
        "restart" => Step::Restart,
        "state" | "balance" => Step::Look { subject: tokens.next() },
        "postings" | "trial" => Step::Look { subject: None },
        other => return Err(format!("`{other}` is no verb")),
    })
}

fn deposit(tokens: &mut Tokens) -> Result<Step, String> {
    let user = tokens.word("a user")?;
    let (amount, code) = (tokens.word("an amount")?, tokens.word("an asset")?);
    let asset = Asset::from_code(&code).ok_or_else(|| format!("`{code}` is no asset"))?;
    // A dollar arrives as a token.
    let asset = if asset == Asset::Usd { Asset::Usdc } else { asset };
    let amount = asset.parse(&amount).ok_or_else(|| format!("`{amount}` is no amount of it"))?;
    Ok(Step::Deposit { user, asset, amount, tx: tokens.after("tx")? })
}

fn agent(tokens: &mut Tokens) -> Result<Step, String> {
    let (name, user) = (tokens.word("an agent")?, tokens.word("a user")?);
    if !tokens.take("limit") {
        return Err("`limit` is missing".to_owned());
    }
    let limit = (tokens.amount()?, known(tokens, "a window", agent_window)?);
    let on_exceeded = tokens.take_if(on_exceeded).unwrap_or(OnExceeded::Suspend);
    let cards = tokens.after("cards")?;
    let cards = cards.map(|count| count.parse().map_err(|_| format!("`{count}` is no number")));
    let external = tokens.after("external")?;
    Ok(Step::Agent { name, user, limit, on_exceeded, cards: cards.transpose()?, external })
}

fn card(tokens: &mut Tokens) -> Result<Step, String> {
    let (name, agent) = (tokens.word("a card")?, tokens.word("an agent")?);
    let kind = known(tokens, "`single` or `multi`", |word| match word {
        "single" => Some(CardKind::Single),
        "multi" => Some(CardKind::Multi),
        _ => None,
    })?;
    let mut limits =
        CardLimits { total: Amount::ZERO, per_authorization: None, per_day: None, per_month: None };
    while let Some(window) = tokens.take_if(card_window) {
        let amount = tokens.amount()?;
        match window {
            Window::Authorization => limits.per_authorization = Some(amount),
            Window::Day => limits.per_day = Some(amount),
            Window::Month => limits.per_month = Some(amount),
            _ => limits.total = amount,
        }
    }
    Ok(Step::Card { name, agent, kind, limits })
}

fn set_card(tokens: &mut Tokens, status: CardStatus) -> Result<Step, String> {
    Ok(Step::SetCard { card: tokens.word("a card")?, status })
}

fn set_agent(tokens: &mut Tokens, status: AgentStatus) -> Result<Step, String> {
    Ok(Step::SetAgent { agent: tokens.word("an agent")?, status })
}

fn tolerance(tokens: &mut Tokens) -> Result<Tolerance, String> {
    let Some(word) = tokens.after("tolerance")? else { return Ok(Tolerance::DEFAULT) };
    let percent = word.strip_suffix('%').and_then(|percent| percent.parse().ok());
    percent
        .map(Tolerance::Percent)
        .or_else(|| amount(&word).map(Tolerance::Amount))
        .ok_or_else(|| format!("`{word}` is no tolerance"))
}

fn pass(tokens: &mut Tokens) -> Result<Pass, String> {
    if !tokens.take("to") {
        return known(tokens, "a duration", duration).map(Pass::Ms);
    }
    let before_ms = tokens.take_if(duration).unwrap_or(0);
    tokens.take("before");
    tokens.take("next");
    let period = known(tokens, "a period", |word| match word {
        "week" => Some(Period::Week),
        "month" => Some(Period::Month),
        "year" => Some(Period::Year),
        "leap-day" => Some(Period::LeapDay),
        _ => None,
    })?;
    Ok(Pass::To { before_ms, period })
}

/// The next word, which must mean something.
fn known<T>(
    tokens: &mut Tokens,
    what: &str,
    meaning: impl Fn(&str) -> Option<T>,
) -> Result<T, String> {
    let word = tokens.word(what)?;
    meaning(&word).ok_or_else(|| format!("`{word}` is not {what}"))
}

/// `6d23h59m`: days, hours, minutes, seconds.
fn duration(word: &str) -> Option<u64> {
    let parts = word.split_inclusive(|letter: char| !letter.is_ascii_digit());
    let lengths = parts.map(|part| {
        let (number, unit) = part.split_at_checked(part.len() - 1)?;
        let unit_ms = match unit {
            "d" => DAY_MS,
            "h" => HOUR_MS,
            "m" => 60 * SECOND_MS,
            "s" => SECOND_MS,
            _ => return None,
        };
        Some(number.parse::<u64>().ok()? * unit_ms)
    });
    lengths.sum()
}

fn status(word: &str) -> Option<VerificationStatus> {
    use VerificationStatus::*;
    let all = [
        NotStarted,
        Pending,
        NeedsInformation,
        NeedsVerification,
        ManualReview,
        Approved,
        Denied,
        Locked,
    ];
    all.into_iter().find(|status| status.to_string() == word)
}

fn document(word: &str) -> Option<DocumentKind> {
    Some(match word {
        "proofOfAddress" => DocumentKind::ProofOfAddress,
        "governmentIdFront" => DocumentKind::GovernmentIdFront,
        "governmentIdBack" => DocumentKind::GovernmentIdBack,
        "selfie" => DocumentKind::Selfie,
        "sourceOfFunds" => DocumentKind::SourceOfFunds,
        _ => return None,
    })
}

fn agent_window(word: &str) -> Option<Window> {
    Some(match word {
        "perTransaction" => Window::Authorization,
        "per24HourPeriod" => Window::Day,
        "perWeek" => Window::Week,
        "perMonth" => Window::Month,
        "perYear" => Window::Year,
        "allTime" => Window::Total,
        _ => return None,
    })
}

pub(super) fn card_window(word: &str) -> Option<Window> {
    Some(match word {
        "perAuth" => Window::Authorization,
        "perDay" => Window::Day,
        "perMonth" => Window::Month,
        "max" => Window::Total,
        _ => return None,
    })
}

fn on_exceeded(word: &str) -> Option<OnExceeded> {
    Some(match word {
        "suspend" => OnExceeded::Suspend,
        "notify" => OnExceeded::Notify,
        "none" => OnExceeded::Ignore,
        _ => return None,
    })
}
