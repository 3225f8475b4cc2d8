//! The platform's own ledgers.

use ledger::account::LedgerKind;
use ledger::ledgers::{
    CreateLedger, JournalLine, PostJournal, ReverseJournal, ReversedPart, TransferBetweenLedgers,
};
use ledger::{Amount, Asset, Command, JournalId, Metadata, Side};

use super::names::Ledger;
use super::names::Thing;
use super::play::Stage;
use super::tokens::Tokens;
use crate::books::Breach;
use crate::requests;

/// Something that concerns ledgers. Their amounts are written as those of dollars, and are in their own asset.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Bookkeeping {
    Ledger {
        name: String,
        kind: LedgerKind,
        asset: Asset,
        overdraft: Option<String>,
    },
    Move {
        from: String,
        to: String,
        amount: String,
        noted: Metadata,
    },
    Journal {
        journal: Lines,
        name: Option<String>,
    },
    /// A journal is only tried out.
    Trial {
        journal: Lines,
    },
    /// Parts are told by the number of their line, counted from one.
    Undo {
        journal: String,
        parts: Option<Vec<(u16, String)>>,
        noted: Metadata,
        name: Option<String>,
    },
}

/// The lines of a journal, and what is noted with it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Lines {
    lines: Vec<(Side, String, String)>,
    noted: Metadata,
}

impl Lines {
    fn parse(tokens: &mut Tokens) -> Result<Self, String> {
        let mut lines = Vec::new();
        while let Some(side) = tokens.take_if(side) {
            lines.push((side, tokens.word("a ledger")?, tokens.word("an amount")?));
        }
        Ok(Self { lines, noted: noted(tokens)? })
    }
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
                noted: noted(tokens)?,
            },
            "journal" => {
                Self::Journal { journal: Lines::parse(tokens)?, name: tokens.after("as")? }
            }
            "try" => Self::Trial { journal: Lines::parse(tokens)? },
            "undo" => {
                let journal = tokens.word("a journal")?;
                let mut parts = Vec::new();
                while let Some(line) = tokens.take_if(|word| word.parse().ok()) {
                    parts.push((line, tokens.word("an amount")?));
                }
                let parts = Some(parts).filter(|parts| !parts.is_empty());
                let noted = noted(tokens)?;
                Self::Undo { journal, parts, noted, name: tokens.after("as")? }
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
            Bookkeeping::Move { from, to, amount: told, noted } => {
                let (destination, source) = (self.ledger(to)?, self.ledger(from)?);
                let amount = amount(source.asset, told)?;
                self.ask(Command::TransferBetweenLedgers(TransferBetweenLedgers {
                    source: source.id,
                    destination: destination.id,
                    amount,
                    description: None,
                    metadata: noted.clone(),
                }))
            }
            Bookkeeping::Journal { journal, name } => {
                let command = self.journal(journal)?;
                match name {
                    Some(name) => self.make(name, command),
                    None => self.ask(command),
                }
            }
            Bookkeeping::Trial { journal } => {
                let command = self.journal(journal)?;
                self.try_out(command)
            }
            Bookkeeping::Undo { journal, parts, noted, name } => {
                let Thing::Journal(journal) = self.name(journal)? else {
                    return Err(format!("`{journal}` is no journal"));
                };
                let parts = parts.as_ref().map(|parts| self.parts(journal, parts)).transpose()?;
                let command = Command::ReverseJournal(ReverseJournal {
                    journal,
                    parts,
                    description: None,
                    metadata: noted.clone(),
                });
                match name {
                    Some(name) => self.make(name, command),
                    None => self.ask(command),
                }
            }
        }
    }

    fn journal(&mut self, Lines { lines, noted }: &Lines) -> Result<Command, Breach> {
        let lines = lines.iter().map(|(side, name, told)| {
            let ledger = self.ledger(name)?;
            let amount = amount(ledger.asset, told)?;
            Ok(JournalLine { ledger: ledger.id, side: *side, amount, description: None })
        });
        Ok(Command::PostJournal(PostJournal {
            lines: lines.collect::<Result<_, Breach>>()?,
            description: None,
            effective_at: None,
            metadata: noted.clone(),
        }))
    }

    fn parts(
        &self,
        journal: JournalId,
        told: &[(u16, String)],
    ) -> Result<Vec<ReversedPart>, Breach> {
        let lines = &self.books.journals[&journal].lines;
        let part = |(number, told): &(u16, String)| {
            let line = number.checked_sub(1).ok_or("lines are counted from one")?;
            let ledger = lines.get(usize::from(line)).map(|line| line.ledger);
            // Of a line that is not there, any asset will do.
            let asset = ledger.map_or(Asset::Usd, |ledger| self.books.ledgers[&ledger].asset);
            Ok(ReversedPart { line, amount: amount(asset, told)? })
        };
        told.iter().map(part).collect()
    }

    fn ledger(&mut self, name: &str) -> Result<Ledger, Breach> {
        match self.name(name)? {
            Thing::Ledger(ledger) => Ok(ledger),
            other => Err(format!("`{name}` is no ledger but {other:?}")),
        }
    }
}

/// Names and texts, each after its word.
fn noted(tokens: &mut Tokens) -> Result<Metadata, String> {
    let mut members = Vec::new();
    while tokens.take("noted") {
        let (name, text) = (tokens.word("a name")?, tokens.word("a text")?);
        members.push((requests::text(&name), requests::text(&text)));
    }
    Metadata::new(members).ok_or_else(|| "a name is noted twice".to_owned())
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
