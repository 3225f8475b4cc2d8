//! What the card network says.

use ledger::authorizations::{
    Authorize, Confirm, ExpireAuthorization, Increment, Mode, Reverse, Terms,
};
use ledger::clearings::{Clear, Correct, ForceClear};
use ledger::matching::{Mcc, Merchant};
use ledger::presentments::{AssignPresentment, RecordPresentment, WriteOffPresentment};
use ledger::refunds::{RecordUnlinkedRefund, Refund, ReleaseRefund, ReverseRefund};
use ledger::settlement::SettleNetwork;
use ledger::{Amount, Command, Money, Scheme};

use super::play::Stage;
use super::tokens::{Tokens, amount};
use crate::books::Breach;
use crate::requests;

/// A message, or what somebody does about one.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Message {
    Authorize { name: String, on: String, mode: Mode, accepts_part: bool, asked: Asked },
    Force { name: String, on: String, asked: Asked, awaits: Option<String> },
    Credit { name: String, on: String, asked: Asked },
    Present { name: String, asked: Asked },
    Assign { presentment: String, to: String },
    FollowUp { kind: FollowUp, of: String, amount: Option<Amount>, network: Option<String> },
    Settle { fees: Amount },
}

/// What a merchant asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Asked {
    money: Money,
    merchant: String,
    mcc: Option<Mcc>,
    network: Option<String>,
}

/// What becomes of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FollowUp {
    Increment,
    Confirm,
    Reverse,
    Expire,
    Clear { is_final: bool },
    Correct,
    Refund,
    TakeBack,
    Release,
    WriteOff,
}

impl Message {
    /// `None` when the verb is another family's.
    pub(super) fn parse(verb: &str, tokens: &mut Tokens) -> Result<Option<Self>, String> {
        Ok(Some(match verb {
            "authorize" => {
                let (name, on) = (tokens.word("an authorization")?, tokens.word("a card")?);
                let mut asked = asked(tokens)?;
                let mode = tokens.take_if(mode).unwrap_or_default();
                let accepts_part = tokens.take("partial");
                asked.network = asked.network.or(tokens.after("network")?);
                Self::Authorize { name, on, mode, accepts_part, asked }
            }
            "force" => Self::Force {
                name: tokens.word("a clearing")?,
                on: tokens.word("a card")?,
                asked: asked(tokens)?,
                awaits: tokens.after("awaits")?,
            },
            "credit" => Self::Credit {
                name: tokens.word("a refund")?,
                on: tokens.word("a card")?,
                asked: asked(tokens)?,
            },
            "present" => Self::Present { name: tokens.word("a clearing")?, asked: asked(tokens)? },
            "assign" => {
                Self::Assign { presentment: tokens.word("a clearing")?, to: tokens.word("a card")? }
            }
            "settle" => {
                let fees = tokens.known_after("fees", "an amount", amount)?;
                Self::Settle { fees: fees.unwrap_or(Amount::ZERO) }
            }
            verb => return follow_up(verb, tokens),
        }))
    }
}

fn follow_up(verb: &str, tokens: &mut Tokens) -> Result<Option<Message>, String> {
    let kind = match verb {
        "increment" => FollowUp::Increment,
        "confirm" => FollowUp::Confirm,
        "reverse" => FollowUp::Reverse,
        "expire" => FollowUp::Expire,
        "clear" => FollowUp::Clear { is_final: true },
        "correct" => FollowUp::Correct,
        "refund" => FollowUp::Refund,
        "take-back" => FollowUp::TakeBack,
        "release" => FollowUp::Release,
        "write-off" => FollowUp::WriteOff,
        _ => return Ok(None),
    };
    let of = tokens.word("a transaction")?;
    let amount = match kind {
        FollowUp::Increment | FollowUp::Confirm => Some(tokens.amount()?),
        FollowUp::Expire | FollowUp::Release | FollowUp::WriteOff => None,
        FollowUp::Reverse
        | FollowUp::Clear { .. }
        | FollowUp::Correct
        | FollowUp::Refund
        | FollowUp::TakeBack => tokens.take_if(amount),
    };
    let kind = match kind {
        FollowUp::Clear { .. } => {
            FollowUp::Clear { is_final: tokens.take("final") || !tokens.take("partial") }
        }
        other => other,
    };
    let network = tokens.after("network")?;
    Ok(Some(Message::FollowUp { kind, of, amount, network }))
}

impl Stage<'_> {
    pub(super) fn say(&mut self, message: &Message) -> Result<(), Breach> {
        match message {
            Message::Authorize { name, on, mode, accepts_part, asked } => {
                let (card, terms) = (self.card(on)?, asked.terms());
                let (mode, accepts_part) = (*mode, *accepts_part);
                self.make(name, Command::Authorize(Authorize { card, terms, mode, accepts_part }))
            }
            Message::Force { name, on, asked, awaits } => {
                let (card, terms) = (self.card(on)?, asked.terms());
                let awaits = awaits.as_deref().map(requests::outside);
                self.make(name, Command::ForceClear(ForceClear { card, terms, awaits }))
            }
            Message::Credit { name, on, asked } => {
                let (card, terms) = (self.card(on)?, asked.terms());
                let command = RecordUnlinkedRefund { card, terms };
                self.make(name, Command::RecordUnlinkedRefund(command))
            }
            Message::Present { name, asked } => {
                let command = RecordPresentment { terms: asked.terms() };
                self.make(name, Command::RecordPresentment(command))
            }
            Message::Assign { presentment, to } => {
                let card = self.card(to)?;
                let transaction = self.transaction(presentment)?;
                self.ask(Command::AssignPresentment(AssignPresentment { transaction, card }))
            }
            Message::Settle { fees } => {
                let scheme = Scheme::Visa;
                self.ask(Command::SettleNetwork(SettleNetwork { scheme, day: None, fees: *fees }))
            }
            Message::FollowUp { kind, of, amount, network } => {
                self.follow_up(*kind, of, *amount, network.as_deref())
            }
        }
    }

    fn follow_up(
        &mut self,
        kind: FollowUp,
        of: &str,
        amount: Option<Amount>,
        network: Option<&str>,
    ) -> Result<(), Breach> {
        let (transaction, network_id) = (self.transaction(of)?, network.map(requests::outside));
        // Where an amount must be said, the line says it.
        let told = amount.unwrap_or_default();
        self.ask(match kind {
            FollowUp::Increment => {
                Command::Increment(Increment { transaction, amount: told, network_id })
            }
            FollowUp::Confirm => {
                Command::Confirm(Confirm { transaction, amount: told, network_id })
            }
            FollowUp::Reverse => Command::Reverse(Reverse { transaction, amount, network_id }),
            FollowUp::Expire => Command::ExpireAuthorization(ExpireAuthorization { transaction }),
            FollowUp::Clear { is_final } => {
                Command::Clear(Clear { transaction, amount, is_final, network_id })
            }
            FollowUp::Correct => Command::Correct(Correct { transaction, amount, network_id }),
            FollowUp::Refund => Command::Refund(Refund { transaction, amount, network_id }),
            FollowUp::TakeBack => {
                Command::ReverseRefund(ReverseRefund { transaction, amount, network_id })
            }
            FollowUp::Release => Command::ReleaseRefund(ReleaseRefund { transaction }),
            FollowUp::WriteOff => Command::WriteOffPresentment(WriteOffPresentment { transaction }),
        })
    }
}

impl Asked {
    fn terms(&self) -> Terms {
        let name = requests::text(&self.merchant);
        let merchant = Merchant { name, mcc: self.mcc, city: None, country: None };
        requests::terms(self.money, merchant, self.network.as_deref().map(requests::outside))
    }
}

fn asked(tokens: &mut Tokens) -> Result<Asked, String> {
    Ok(Asked {
        money: tokens.money()?,
        merchant: tokens.quoted()?,
        mcc: tokens.mccs()?.pop(),
        network: tokens.after("network")?,
    })
}

fn mode(word: &str) -> Option<Mode> {
    Some(match word {
        "single" => Mode::Purchase,
        "advice" => Mode::Advice,
        _ => return None,
    })
}
