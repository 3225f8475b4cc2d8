//! Agents and cards: how much may be spent, by whom, when and where.

use ledger::agents::{AgentPolicy, AgentStatus, ChangeAgent, ChangeAgentPolicy, OnExceeded};
use ledger::cards::{
    ActiveHours, CardControls, CardKind, CardLimits, CardStatus, CardTerms, ChangeCard,
    ChangeCardLimits, Setting,
};
use ledger::ledgers::{ChangeLedger, LedgerStatus};
use ledger::limits::{Limit, Window};
use ledger::{AgentId, Amount, Command};

use super::names::Thing;
use super::plans::enforcement;
use super::play::Stage;
use super::tokens::{self, Tokens, amount, time_of_day};
use crate::books::Breach;
use crate::requests;

/// Something that concerns an agent or a card.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Handling {
    Agent {
        name: String,
        user: String,
        policy: AgentPolicy,
        external: Option<String>,
    },
    Policy {
        agent: String,
        change: PolicyChange,
    },
    SetAgent {
        agent: String,
        status: AgentStatus,
    },
    Card {
        name: String,
        agent: String,
        kind: CardKind,
        limits: CardLimits,
        controls: CardControls,
    },
    Limits {
        card: String,
        change: LimitsChange,
    },
    /// Of a card, or of a ledger.
    Set {
        name: String,
        status: CardStatus,
    },
}

/// What a new policy says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct PolicyChange {
    limit: Setting<Limit>,
    on_exceeded: Setting<OnExceeded>,
    cards_max: Setting<Option<u32>>,
}

/// What new limits say.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct LimitsChange {
    total: Setting<Amount>,
    per_authorization: Setting<Option<Amount>>,
    per_day: Setting<Option<Amount>>,
    per_month: Setting<Option<Amount>>,
}

impl Handling {
    /// `None` when the verb is another family's.
    pub(super) fn parse(verb: &str, tokens: &mut Tokens) -> Result<Option<Self>, String> {
        Ok(Some(match verb {
            "agent" => Self::Agent {
                name: tokens.word("an agent")?,
                user: tokens.word("a user")?,
                policy: policy(tokens)?,
                external: tokens.after("external")?,
            },
            "policy" => {
                Self::Policy { agent: tokens.word("an agent")?, change: policy_change(tokens)? }
            }
            "suspend" => set_agent(tokens, AgentStatus::Suspended)?,
            "reactivate" => set_agent(tokens, AgentStatus::Active)?,
            "card" => Self::Card {
                name: tokens.word("a card")?,
                agent: tokens.word("an agent")?,
                kind: tokens.known("`single` or `multi`", kind)?,
                limits: limits(tokens)?,
                controls: controls(tokens)?,
            },
            "limits" => {
                Self::Limits { card: tokens.word("a card")?, change: limits_change(tokens)? }
            }
            "freeze" => set(tokens, CardStatus::Frozen)?,
            "unfreeze" => set(tokens, CardStatus::Active)?,
            "close" => set(tokens, CardStatus::Closed)?,
            _ => return Ok(None),
        }))
    }
}

impl Stage<'_> {
    pub(super) fn handle(&mut self, handling: &Handling) -> Result<(), Breach> {
        match handling {
            Handling::Agent { name, user, policy, external } => {
                let (holder, external) = (self.user(user)?, external.as_deref());
                let command =
                    requests::register_agent(self.number(), holder, policy.clone(), external);
                self.make(name, command)
            }
            Handling::Policy { agent, change } => {
                let agent = self.agent(agent)?;
                let PolicyChange { limit, on_exceeded, cards_max } = *change;
                let change = ChangeAgentPolicy { agent, limit, on_exceeded, cards_max };
                self.ask(Command::ChangeAgentPolicy(change))
            }
            Handling::SetAgent { agent, status } => {
                let agent = self.agent(agent)?;
                self.ask(Command::ChangeAgent(ChangeAgent { agent, status: *status }))
            }
            Handling::Card { name, agent, kind, limits, controls } => {
                let agent = self.agent(agent)?;
                let command = self.create_card(agent, *kind, *limits, controls.clone());
                self.make(name, command)
            }
            Handling::Limits { card, change } => {
                let card = self.card(card)?;
                let LimitsChange { total, per_authorization, per_day, per_month } = *change;
                let change =
                    ChangeCardLimits { card, total, per_authorization, per_day, per_month };
                self.ask(Command::ChangeCardLimits(change))
            }
            Handling::Set { name, status } => self.set(name, *status),
        }
    }

    fn set(&mut self, name: &str, status: CardStatus) -> Result<(), Breach> {
        if let Ok(Thing::Ledger(ledger)) = self.thing(name) {
            self.subject = Some(Thing::Ledger(ledger));
            let status = match status {
                CardStatus::Active => LedgerStatus::Active,
                CardStatus::Frozen => LedgerStatus::Frozen,
                CardStatus::Closed => LedgerStatus::Closed,
            };
            return self.ask(Command::ChangeLedger(ChangeLedger { ledger: ledger.id, status }));
        }
        let card = self.card(name)?;
        self.ask(Command::ChangeCard(ChangeCard { card, status }))
    }

    pub(super) fn create_card(
        &self,
        agent: AgentId,
        kind: CardKind,
        limits: CardLimits,
        controls: CardControls,
    ) -> Command {
        let terms =
            CardTerms { purpose: requests::text("something useful"), kind, limits, controls };
        requests::create_card(self.number(), agent, terms, self.now())
    }
}

fn set(tokens: &mut Tokens, status: CardStatus) -> Result<Handling, String> {
    Ok(Handling::Set { name: tokens.word("a card")?, status })
}

fn set_agent(tokens: &mut Tokens, status: AgentStatus) -> Result<Handling, String> {
    Ok(Handling::SetAgent { agent: tokens.word("an agent")?, status })
}

fn kind(word: &str) -> Option<CardKind> {
    Some(match word {
        "single" => CardKind::Single,
        "multi" => CardKind::Multi,
        _ => return None,
    })
}

fn policy(tokens: &mut Tokens) -> Result<AgentPolicy, String> {
    let limit = limit(tokens)?.ok_or("`limit` is missing")?;
    let on_exceeded = tokens.take_if(on_exceeded).unwrap_or(OnExceeded::Suspend);
    let cards_max = tokens.known_after("cards", "a number", |word| word.parse().ok())?;
    Ok(AgentPolicy { limit, on_exceeded, cards_max })
}

fn policy_change(tokens: &mut Tokens) -> Result<PolicyChange, String> {
    let count = |word: &str| match word {
        "any" => Some(None),
        count => count.parse().ok().map(Some),
    };
    Ok(PolicyChange {
        limit: setting(limit(tokens)?),
        on_exceeded: setting(tokens.take_if(on_exceeded)),
        cards_max: setting(tokens.known_after("cards", "a number", count)?),
    })
}

fn limit(tokens: &mut Tokens) -> Result<Option<Limit>, String> {
    if !tokens.take("limit") {
        return Ok(None);
    }
    let amount = tokens.amount()?;
    Ok(Some(Limit { window: tokens.known("a window", agent_window)?, amount }))
}

fn setting<T>(value: Option<T>) -> Setting<T> {
    value.map_or(Setting::Keep, Setting::Set)
}

fn limits(tokens: &mut Tokens) -> Result<CardLimits, String> {
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
    Ok(limits)
}

fn limits_change(tokens: &mut Tokens) -> Result<LimitsChange, String> {
    let value = |word: &str| match word {
        "none" => Some(None),
        word => amount(word).map(Some),
    };
    let mut change = LimitsChange::default();
    while let Some(window) = tokens.take_if(card_window) {
        match window {
            Window::Authorization => {
                change.per_authorization = Setting::Set(tokens.known("an amount", value)?);
            }
            Window::Day => change.per_day = Setting::Set(tokens.known("an amount", value)?),
            Window::Month => change.per_month = Setting::Set(tokens.known("an amount", value)?),
            _ => change.total = Setting::Set(tokens.amount()?),
        }
    }
    Ok(change)
}

fn controls(tokens: &mut Tokens) -> Result<CardControls, String> {
    let mut controls = CardControls::default();
    while let Some(control) =
        tokens.take_if(|word| CONTROLS.contains(&word).then(|| word.to_owned()))
    {
        match control.as_str() {
            "count" => {
                controls.authorizations_max = Some(tokens.known("a number", |w| w.parse().ok())?);
            }
            "days" => controls.ttl_days = Some(tokens.known("a number", |w| w.parse().ok())?),
            "allowed" => controls.mccs_allowed = tokens.codes()?,
            "blocked" => controls.mccs_blocked = tokens.codes()?,
            "at" => controls.merchant = Some(requests::text(&tokens.quoted()?)),
            "hours" => controls.active_hours = Some(tokens.known("hours of a day", hours)?),
            "cooldown" => {
                controls.cooldown_minutes = tokens.known("a duration", tokens::minutes)?
            }
            "attested" => {
                controls.attestation_window_minutes =
                    Some(tokens.known("a duration", tokens::minutes)?);
            }
            "declared" => controls.intent_required = true,
            "approval-above" => controls.approval_above = Some(tokens.amount()?),
            other => controls.enforcement = enforcement(other).ok_or("neither of the two")?,
        }
    }
    Ok(controls)
}

/// What a card's controls begin with.
const CONTROLS: [&str; 12] = [
    "count",
    "days",
    "allowed",
    "blocked",
    "at",
    "hours",
    "cooldown",
    "attested",
    "declared",
    "approval-above",
    "inform",
    "decline",
];

/// `09:00-17:30`.
fn hours(word: &str) -> Option<ActiveHours> {
    let (from, until) = word.split_once('-')?;
    ActiveHours::new(time_of_day(from)?, time_of_day(until)?)
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
