//! Declared purchases, and the readings of card details for them.

use ledger::intents::{
    ApproveIntent, Attest, CancelIntent, DeclareIntent, Enforcement, RejectIntent, Statement,
};
use ledger::matching::{Expectation, Mcc, Tolerance};
use ledger::{Amount, Command};

use super::play::Stage;
use super::tokens::{self, Tokens, amount};
use crate::books::Breach;
use crate::requests;

/// Something that concerns a declared purchase.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Plan {
    Intent {
        name: String,
        on: String,
        amount: Amount,
        merchant: String,
        mccs: Vec<Mcc>,
        tolerance: Tolerance,
        reserves: bool,
        enforcement: Option<Enforcement>,
        ttl_minutes: Option<u32>,
    },
    Details {
        on: String,
        amount: Amount,
        merchant: String,
        intent: Option<String>,
    },
    Approve {
        intent: String,
    },
    Reject {
        intent: String,
    },
    Cancel {
        intent: String,
    },
}

impl Plan {
    /// `None` when the verb is another family's.
    pub(super) fn parse(verb: &str, tokens: &mut Tokens) -> Result<Option<Self>, String> {
        Ok(Some(match verb {
            "intent" => Self::Intent {
                name: tokens.word("an intent")?,
                on: tokens.word("a card")?,
                amount: tokens.amount()?,
                merchant: tokens.quoted()?,
                mccs: tokens.mccs()?,
                tolerance: tolerance(tokens)?,
                reserves: tokens.take("reserve"),
                enforcement: tokens.take_if(enforcement),
                ttl_minutes: tokens.known_after("ttl", "a duration", tokens::minutes)?,
            },
            "details" => Self::Details {
                on: tokens.word("a card")?,
                amount: tokens.amount()?,
                merchant: tokens.quoted()?,
                intent: tokens.after("intent")?,
            },
            "approve" => Self::Approve { intent: tokens.word("an intent")? },
            "reject" => Self::Reject { intent: tokens.word("an intent")? },
            "cancel" => Self::Cancel { intent: tokens.word("an intent")? },
            _ => return Ok(None),
        }))
    }
}

impl Stage<'_> {
    pub(super) fn plan(&mut self, plan: &Plan) -> Result<(), Breach> {
        let summary = requests::text("something useful");
        match plan {
            Plan::Intent {
                name,
                on,
                amount,
                merchant,
                mccs,
                tolerance,
                reserves,
                enforcement,
                ttl_minutes,
            } => {
                let expectation = Expectation {
                    amount: *amount,
                    merchant: requests::text(merchant),
                    mccs: mccs.clone(),
                    tolerance: *tolerance,
                };
                let intent = DeclareIntent {
                    card: self.card(on)?,
                    summary,
                    expectation,
                    reserves: *reserves,
                    enforcement: *enforcement,
                    ttl_minutes: *ttl_minutes,
                };
                self.make(name, Command::DeclareIntent(intent))
            }
            Plan::Details { on, amount, merchant, intent } => {
                let merchant = requests::text(merchant);
                let statement = Statement { summary, amount: *amount, merchant };
                let intent = intent.as_ref().map(|name| self.intent(name)).transpose()?;
                let card = self.card(on)?;
                self.ask(Command::Attest(Attest { card, intent, statement }))
            }
            Plan::Approve { intent } => {
                let intent = self.intent(intent)?;
                self.ask(Command::ApproveIntent(ApproveIntent { intent }))
            }
            Plan::Reject { intent } => {
                let intent = self.intent(intent)?;
                self.ask(Command::RejectIntent(RejectIntent { intent }))
            }
            Plan::Cancel { intent } => {
                let intent = self.intent(intent)?;
                self.ask(Command::CancelIntent(CancelIntent { intent }))
            }
        }
    }
}

pub(super) fn enforcement(word: &str) -> Option<Enforcement> {
    Some(match word {
        "inform" => Enforcement::Inform,
        "decline" => Enforcement::Decline,
        _ => return None,
    })
}

fn tolerance(tokens: &mut Tokens) -> Result<Tolerance, String> {
    let meaning = |word: &str| {
        let percent = word.strip_suffix('%').and_then(|percent| percent.parse().ok());
        percent.map(Tolerance::Percent).or_else(|| amount(word).map(Tolerance::Amount))
    };
    let found = tokens.known_after("tolerance", "a tolerance", meaning)?;
    Ok(found.unwrap_or(Tolerance::DEFAULT))
}
