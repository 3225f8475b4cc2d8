//! The platform's own ledgers.

use ledger::account::LedgerKind;
use ledger::ledgers::{CreateLedger, JournalLine, PostJournal, TransferBetweenLedgers};
use ledger::{Amount, Asset, Command, Side};

use super::names::Ledger;
use super::names::Thing;
use super::play::Stage;
use super::tokens::Tokens;
use crate::books::Breach;
use crate::requests;

/// Something that concerns ledgers. Their amounts are written as those of dollars, and are in their own asset.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Bookkeeping {
    Ledger { name: String, kind: LedgerKind, asset: Asset, overdraft: Option<String> },
    Move { from: String, to: String, amount: String },
    Journal { lines: Vec<(Side, String, String)> },
}

impl Bookkeeping {
    /// `None` when the verb is another family's.
    pub(super) fn parse(verb: &str, tokens: &mut Tokens) -> Result<Option<Self>, String> {
        Ok(Some(match verb {
            "ledger" => Self::Ledger {
                name: tokens.word("a ledger")?,
                kind: tokens.known("a kind of ledger", kind)?,
                asset: tokens.known("an asset", Asset::from_code)?,
                overdraft: tokens.after("overdraft")?,
            },
            "move" => Self::Move {
                from: tokens.word("a ledger")?,
                to: tokens.word("a ledger")?,
                amount: tokens.word("an amount")?,
            },
            "journal" => {
                let mut lines = Vec::new();
                while let Some(side) = tokens.take_if(side) {
                    lines.push((side, tokens.word("a ledger")?, tokens.word("an amount")?));
                }
                Self::Journal { lines }
            }
            _ => return Ok(None),
        }))
    }
}

impl Stage<'_> {
    pub(super) fn keep(&mut self, bookkeeping: &Bookkeeping) -> Result<(), Breach> {
        match bookkeeping {
            Bookkeeping::Ledger { name, kind, asset, overdraft } => {
                let overdraft = overdraft.as_ref().map(|told| amount(*asset, told)).transpose()?;
                let command = CreateLedger {
                    code: requests::text(name),
                    name: requests::text(name),
                    kind: *kind,
                    asset: *asset,
                    overdraft_limit: overdraft.unwrap_or(Amount::ZERO),
                };
                self.make(name, Command::CreateLedger(command))
            }
            Bookkeeping::Move { from, to, amount: told } => {
                let (destination, source) = (self.ledger(to)?, self.ledger(from)?);
                let amount = amount(source.asset, told)?;
                self.ask(Command::TransferBetweenLedgers(TransferBetweenLedgers {
                    source: source.id,
                    destination: destination.id,
                    amount,
                    description: None,
                }))
            }
            Bookkeeping::Journal { lines } => {
                let lines = lines.iter().map(|(side, name, told)| {
                    let ledger = self.ledger(name)?;
                    let amount = amount(ledger.asset, told)?;
                    Ok(JournalLine { ledger: ledger.id, side: *side, amount, description: None })
                });
                let lines = lines.collect::<Result<_, Breach>>()?;
                self.ask(Command::PostJournal(PostJournal { lines, description: None }))
            }
        }
    }

    fn ledger(&mut self, name: &str) -> Result<Ledger, Breach> {
        match self.name(name)? {
            Thing::Ledger(ledger) => Ok(ledger),
            other => Err(format!("`{name}` is no ledger but {other:?}")),
        }
    }
}

fn amount(asset: Asset, told: &str) -> Result<Amount, Breach> {
    asset.parse(told).ok_or_else(|| format!("`{told}` is no amount of {asset}"))
}

fn side(word: &str) -> Option<Side> {
    Some(match word {
        "debit" => Side::Debit,
        "credit" => Side::Credit,
        _ => return None,
    })
}

fn kind(word: &str) -> Option<LedgerKind> {
    Some(match word {
        "asset" => LedgerKind::Asset,
        "liability" => LedgerKind::Liability,
        "equity" => LedgerKind::Equity,
        "income" => LedgerKind::Income,
        "expense" => LedgerKind::Expense,
        _ => return None,
    })
}
