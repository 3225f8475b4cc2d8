//! Compares what a line expects with the books.

use ledger::{Account, Event, HolderId};

use super::expectation::{Expectation, Posted, Pot};
use super::play::{Outcome, Stage, Thing};
use crate::books::states::differences;
use crate::books::{Breach, rows};

impl Stage<'_> {
    pub(super) fn check(&self, expectations: &[Expectation]) -> Result<(), Breach> {
        self.check_outcome(expectations)?;
        expectations.iter().try_for_each(|expectation| self.check_one(expectation))
    }

    /// A line that speaks of no outcome expects that what it asks for is done.
    fn check_outcome(&self, expectations: &[Expectation]) -> Result<(), Breach> {
        let told = expectations.iter().find_map(|expectation| match expectation {
            Expectation::Declined { reason } => Some(format!("declined {}", reason.name())),
            Expectation::Rejected { word } => Some(format!("rejected {word}")),
            Expectation::Replayed => Some("replayed".to_owned()),
            _ => None,
        });
        let found = match &self.outcome {
            Outcome::Nothing | Outcome::Accepted => "approved".to_owned(),
            Outcome::Declined { reason, .. } => format!("declined {}", reason.name()),
            Outcome::Rejected { word } => format!("rejected {word}"),
            Outcome::Replayed => "replayed".to_owned(),
        };
        same(told.unwrap_or_else(|| "approved".to_owned()), found)
    }

    fn check_one(&self, expectation: &Expectation) -> Result<(), Breach> {
        match expectation {
            Expectation::Declined { .. } | Expectation::Rejected { .. } | Expectation::Replayed => {
                Ok(())
            }
            Expectation::Approved => match self.subject {
                Some(thing @ Thing::User(_)) => same("approved".to_owned(), self.state(thing)),
                _ => Ok(()),
            },
            Expectation::Left { cents } => {
                let found = match &self.outcome {
                    Outcome::Declined { left, .. } => left.map(dollars),
                    _ => None,
                };
                same(format!("left {:?}", Some(dollars(*cents))), format!("left {found:?}"))
            }
            Expectation::Told => {
                let told = self.events().any(|event| matches!(event, Event::AgentLimitExceeded(_)));
                if told { Ok(()) } else { Err("nothing is told of the agent's limit".to_owned()) }
            }
            Expectation::Balance { pot, cents } => {
                let found = self.balance(self.holder()?, *pot);
                let told = |cents| format!("{} {}", name(*pot), signed_dollars(cents));
                same(told(*cents), told(found))
            }
            Expectation::State { of, state, differs } => {
                let thing = match of {
                    Some(name) => Some(self.thing(name)?),
                    None => self.subject,
                };
                let thing = thing.ok_or("the line is about nothing that has a state")?;
                let mut expected = vec![state.clone()];
                expected.extend(differs.iter().cloned());
                let told = of.as_ref().map_or(String::new(), |name| format!("{name} "));
                let found = self.state(thing);
                same(format!("{told}{}", expected.join(" ")), format!("{told}{found}"))
            }
            Expectation::Warned { windows } => {
                let warned = self.events().find_map(|event| match event {
                    Event::IntentDeclared(event) => Some(&event.warnings),
                    _ => None,
                });
                same(format!("warned {:?}", Some(windows)), format!("warned {warned:?}"))
            }
            Expectation::Posted { postings } => same(told(postings), told(&self.posted()?)),
            Expectation::TrialBalance { difference } => {
                let found = self.books.trial_balance().into_values().map(i128::abs).sum::<i128>();
                same(difference.to_string(), found.to_string())
            }
        }
    }

    fn events(&self) -> impl Iterator<Item = &Event> {
        self.last_entry.iter().flat_map(|entry| &entry.events)
    }

    /// The user whom the line is about.
    fn holder(&self) -> Result<HolderId, Breach> {
        let books = &self.books;
        match self.subject.ok_or("the line is about nobody who has balances")? {
            Thing::User(holder) => Ok(holder),
            Thing::Agent(agent) => Ok(books.agents[&agent].holder),
            Thing::Card(card) => Ok(books.cards[&card].holder),
            Thing::Intent(intent) => Ok(books.cards[&books.intents[&intent].card].holder),
            Thing::Purchase(transaction) => Ok(books.purchases[&transaction].holder),
        }
    }

    fn balance(&self, holder: HolderId, pot: Pot) -> i128 {
        let books = &self.books;
        match pot {
            Pot::Available => books.available(holder).cast_signed(),
            Pot::Held => books.held(holder).cast_signed(),
            Pot::Incoming => books.incoming(holder).cast_signed(),
            Pot::Overdrawn => books.overdrawn(holder).cast_signed(),
            Pot::Settled => books.settled(holder),
        }
    }

    fn state(&self, thing: Thing) -> String {
        let books = &self.books;
        match thing {
            Thing::User(holder) => books.holders[&holder].to_string(),
            Thing::Agent(agent) => books.agents[&agent].status.to_string(),
            Thing::Card(card) => books.state_of_card(card).to_owned(),
            Thing::Intent(intent) => {
                let taken = books.intents[&intent].taken;
                let differs = taken.map(|(_, comparison)| differences(comparison));
                let mut words = vec![books.state_of_intent(intent)];
                words.extend(differs.unwrap_or_default());
                words.join(" ")
            }
            Thing::Purchase(transaction) => books.state_of_purchase(transaction).to_owned(),
        }
    }

    /// The postings of the last entry, in the words of `docs/accounting.md`.
    fn posted(&self) -> Result<Vec<Posted>, Breach> {
        let entry = self.last_entry.as_ref().ok_or("nothing was written yet")?;
        let rows = rows::of_entry(entry).into_iter();
        let mut posted: Vec<Posted> = rows
            .map(|((side, account, asset), amount)| (side, word(account).to_owned(), asset, amount))
            .collect();
        posted.sort();
        Ok(posted)
    }
}

fn word(account: Account) -> &'static str {
    match account {
        Account::Available(_) => "available",
        Account::Held(..) => "held",
        Account::Incoming(_) => "incoming",
        Account::Overdrawn(_) => "overdrawn",
        Account::NetworkPayable(_) => "payable",
        Account::NetworkReceivable(_) => "receivable",
        Account::Custody => "custody",
        Account::Exchange => "exchange",
    }
}

fn name(pot: Pot) -> &'static str {
    match pot {
        Pot::Available => "available",
        Pot::Held => "held",
        Pot::Incoming => "incoming",
        Pot::Overdrawn => "overdrawn",
        Pot::Settled => "settled",
    }
}

fn told(postings: &[Posted]) -> String {
    if postings.is_empty() {
        return "memo".to_owned();
    }
    let told = postings.iter().map(|(side, account, asset, amount)| {
        let side = if *side == ledger::Side::Debit { "debit" } else { "credit" };
        format!("{side} {account} {} {asset}", asset.format(ledger::Amount(*amount)))
    });
    told.collect::<Vec<_>>().join("  ")
}

fn dollars(cents: u128) -> String {
    ledger::Asset::Usd.format(ledger::Amount(cents))
}

fn signed_dollars(cents: i128) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    format!("{sign}{}", dollars(cents.unsigned_abs()))
}

fn same(expected: String, found: String) -> Result<(), Breach> {
    if expected == found {
        return Ok(());
    }
    Err(format!("  expected  {expected}\n  got       {found}"))
}
