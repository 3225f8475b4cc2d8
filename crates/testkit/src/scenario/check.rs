//! Compares what a line expects with the books.

use ledger::account::{Expense, Income};
use ledger::webhooks::WebhookStatus;
use ledger::{Account, Amount, Asset, Event, HolderId, Metadata, Side};

use super::expectation::{Expectation, Posted, Pot, Told};
use super::names::{Ledger, Thing};
use super::outcome::Outcome;
use super::play::Stage;
use crate::books::states::differences;
use crate::books::{Breach, Webhook, rows};

/// Whose balances are looked at.
enum Owner {
    Holder(HolderId),
    Ledger(Ledger),
}

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
            Expectation::Approved { cents: Some(cents) } => {
                let approved = self.events().find_map(|event| match event {
                    Event::AuthorizationApproved(event) => Some(event.approved),
                    Event::Purchased(event) => Some(event.approved),
                    _ => None,
                });
                let found = approved.map(|amount| dollars(amount.0));
                same(format!("approved {:?}", Some(dollars(*cents))), format!("approved {found:?}"))
            }
            Expectation::Approved { cents: None } => match self.subject {
                Some(thing @ Thing::User(_)) => same("approved".to_owned(), self.state(thing)?),
                _ => Ok(()),
            },
            Expectation::Left { cents } => {
                let found = match &self.outcome {
                    Outcome::Declined { left, .. } => left.map(dollars),
                    _ => None,
                };
                same(format!("left {:?}", Some(dollars(*cents))), format!("left {found:?}"))
            }
            Expectation::Told => self
                .has(|event| matches!(event, Event::AgentLimitExceeded(_)))
                .ok_or_else(|| "nothing is told of the agent's limit".to_owned()),
            Expectation::Late => self
                .has(|event| matches!(event, Event::Cleared(event) if event.is_late))
                .ok_or_else(|| "nothing is told of a late clearing".to_owned()),
            Expectation::Linked => self
                .has(|event| matches!(event, Event::AuthorizationLinked(_)))
                .ok_or_else(|| "nothing is told of a late authorization".to_owned()),
            Expectation::Balance { of, pot, amount } => self.check_balance(of, *pot, amount),
            Expectation::State { of, state, differs } => {
                let thing = self.about(of)?;
                let mut expected = vec![state.clone()];
                expected.extend(differs.iter().cloned());
                let told = of.as_ref().map_or(String::new(), |name| format!("{name} "));
                let found = self.state(thing)?;
                same(format!("{told}{}", expected.join(" ")), format!("{told}{found}"))
            }
            Expectation::Warned { windows } => {
                let warned = self.events().find_map(|event| match event {
                    Event::IntentDeclared(event) => Some(&event.warnings),
                    _ => None,
                });
                same(format!("warned {:?}", Some(windows)), format!("warned {warned:?}"))
            }
            Expectation::Posted { postings } => {
                same(told(self.expected(postings)?), told(self.posted()?))
            }
            Expectation::Noted { name, text } => {
                let noted = self.events().find_map(metadata).into_iter().flat_map(Metadata::iter);
                let mut noted = noted.map(|(name, text)| (name.as_str(), text.as_str()));
                let is_there = noted.any(|found| found == (name.as_str(), text.as_str()));
                is_there.then_some(()).ok_or_else(|| format!("`{name} {text}` is not noted"))
            }
            Expectation::TrialBalance { difference } => {
                let found = self.books.trial_balance().into_values().map(i128::abs).sum::<i128>();
                same(difference.to_string(), found.to_string())
            }
        }
    }

    fn check_balance(&self, of: &Option<String>, pot: Pot, told: &Told) -> Result<(), Breach> {
        let owner = self.owner(self.about(of)?)?;
        let asset = match &owner {
            Owner::Ledger(ledger) => ledger.asset,
            Owner::Holder(_) => told.asset.unwrap_or(Asset::Usd),
        };
        let amount =
            asset.parse(&told.digits).ok_or_else(|| format!("not an amount of {asset}"))?;
        let expected = if told.is_negative { -signed(amount.0) } else { signed(amount.0) };
        let found = match owner {
            Owner::Holder(holder) => self.balance(holder, pot, asset),
            Owner::Ledger(ledger) => self.ledger_balance(ledger),
        };
        let name = of.as_ref().map_or(String::new(), |name| format!("{name} "));
        let written = |amount| format!("{name}{} {}", word_of(pot), decimal(asset, amount));
        same(written(expected), written(found))
    }

    fn events(&self) -> impl Iterator<Item = &Event> {
        self.last_entry.iter().flat_map(|entry| &entry.events)
    }

    fn has(&self, is_it: impl Fn(&Event) -> bool) -> Option<()> {
        self.events().any(is_it).then_some(())
    }

    /// What is named, or what the line is about.
    fn about(&self, of: &Option<String>) -> Result<Thing, Breach> {
        match of {
            Some(name) => self.thing(name),
            None => self.subject.ok_or_else(|| "the line is about nothing".to_owned()),
        }
    }

    /// Under whose name the money of a thing stands.
    fn owner(&self, thing: Thing) -> Result<Owner, Breach> {
        let books = &self.books;
        Ok(Owner::Holder(match thing {
            Thing::User(holder) | Thing::Deposit(_, holder) => holder,
            Thing::Agent(agent) => books.agents[&agent].holder,
            Thing::Card(card) => books.cards[&card].holder,
            Thing::Intent(intent) => books.cards[&books.intents[&intent].card].holder,
            Thing::Transaction(transaction) => {
                let purchase = books.purchases.get(&transaction);
                purchase.ok_or("the line is about nobody who has balances")?.holder
            }
            Thing::Wallet(wallet)
            | Thing::VirtualAccount(_, wallet)
            | Thing::Transfer(_, wallet) => wallet.holder(),
            Thing::Ledger(ledger) => return Ok(Owner::Ledger(ledger)),
            Thing::Journal(_) => return Err("a journal has no balances".to_owned()),
            Thing::Key(_) => return Err("a key has no balances".to_owned()),
            Thing::Webhook(_) => return Err("a webhook has no balances".to_owned()),
        }))
    }

    /// What stands on the normal side of a ledger's account.
    fn ledger_balance(&self, ledger: Ledger) -> i128 {
        let account = ledger.account();
        let debit = self.books.balances.get(&(account, ledger.asset)).copied().unwrap_or(0);
        match account.normal_side() {
            Side::Debit => debit,
            Side::Credit => -debit,
        }
    }

    fn balance(&self, holder: HolderId, pot: Pot, asset: Asset) -> i128 {
        let sum = |is_it: fn(&Account) -> bool| {
            let own = self.books.balances.iter().filter(|((account, of), _)| {
                *of == asset && account.holder() == Some(holder) && is_it(account)
            });
            own.map(|(_, balance)| -balance).sum::<i128>()
        };
        match pot {
            Pot::Available => sum(|account| matches!(account, Account::Available(_))),
            Pot::Held => sum(|account| matches!(account, Account::Held(..))),
            Pot::Reserved => sum(|account| matches!(account, Account::Reserved(..))),
            Pot::Incoming => sum(|account| matches!(account, Account::Incoming(_))),
            Pot::Withdrawing => sum(|account| matches!(account, Account::Withdrawing(_))),
            Pot::Overdrawn => -sum(|account| matches!(account, Account::Overdrawn(_))),
            Pot::Settled => sum(|account| !matches!(account, Account::Incoming(_))),
            Pot::Balance => sum(|_| true),
        }
    }

    fn state(&self, thing: Thing) -> Result<String, Breach> {
        let books = &self.books;
        Ok(match thing {
            Thing::User(holder) => books.holders[&holder].to_string(),
            Thing::Key(key) => {
                let is_revoked = books.keys[&key].is_revoked;
                if is_revoked { "revoked".to_owned() } else { "active".to_owned() }
            }
            Thing::Webhook(webhook) => match &books.webhooks[&webhook] {
                Webhook { is_removed: true, .. } => "removed".to_owned(),
                Webhook { status: WebhookStatus::Enabled, .. } => "enabled".to_owned(),
                Webhook { status: WebhookStatus::Disabled, .. } => "disabled".to_owned(),
            },
            Thing::Agent(agent) => books.agents[&agent].status.to_string(),
            Thing::Card(card) => books.state_of_card(card).to_owned(),
            Thing::Intent(intent) => {
                let taken = books.intents[&intent].taken;
                let differs = taken.map(|(_, comparison)| differences(comparison));
                let mut words = vec![books.state_of_intent(intent)];
                words.extend(differs.unwrap_or_default());
                words.join(" ")
            }
            Thing::Transaction(transaction) if books.purchases.contains_key(&transaction) => {
                books.state_of_purchase(transaction).to_owned()
            }
            Thing::Transaction(clearing) => books.state_of_presentment(clearing).to_owned(),
            Thing::Deposit(deposit, _) => books.state_of_deposit(deposit).to_owned(),
            Thing::Transfer(transfer, _) => books.transfers[&transfer].status.to_string(),
            Thing::Ledger(ledger) => books.ledgers[&ledger.id].status.to_string(),
            Thing::Journal(journal) => books.state_of_journal(journal).to_owned(),
            Thing::Wallet(_) | Thing::VirtualAccount(..) => {
                return Err(format!("{thing:?} has no state"));
            }
        })
    }

    /// What a line says that the last entry posts.
    fn expected(&self, postings: &[Posted]) -> Result<Vec<Row>, Breach> {
        let rows = postings.iter().map(|(side, account, asset, written)| {
            let ledger = match self.names.get(account) {
                Some(Thing::Ledger(ledger)) => Some(ledger.asset),
                _ => None,
            };
            let asset = ledger.or(*asset).unwrap_or(Asset::Usd);
            let amount = asset.parse(written).ok_or_else(|| format!("`{written}` of what?"))?;
            Ok((*side, account.clone(), asset, amount))
        });
        rows.collect()
    }

    /// The postings of the last entry, in the words of `docs/accounting.md`.
    fn posted(&self) -> Result<Vec<Row>, Breach> {
        let entry = self.last_entry.as_ref().ok_or("nothing was written yet")?;
        let rows = rows::of_entry(entry).into_iter();
        let posted = rows.map(|((side, account, asset), amount)| {
            (side, self.word(account), asset, Amount(amount))
        });
        Ok(posted.collect())
    }

    fn word(&self, account: Account) -> String {
        let word = match account {
            Account::Available(_) => "available",
            Account::Held(..) => "held",
            Account::Reserved(..) => "reserved",
            Account::Incoming(_) => "incoming",
            Account::Withdrawing(_) => "withdrawing",
            Account::Overdrawn(_) => "overdrawn",
            Account::NetworkPayable(_) => "payable",
            Account::NetworkReceivable(_) => "receivable",
            Account::Presentments => "suspense:presentments",
            Account::Bank => "bank",
            Account::Custody => "custody",
            Account::Exchange => "exchange",
            Account::Income(Income::Interchange) => "income:interchange",
            Account::Income(Income::ForeignExchange) => "income:fees:fx",
            Account::Income(Income::Transfers) => "income:fees:transfer",
            Account::Expense(Expense::NetworkFees) => "expenses:network:fees",
            Account::Expense(Expense::Gas) => "expenses:gas",
            Account::Expense(Expense::PresentmentLosses) => "expenses:losses:presentments",
            Account::Ledger(_, id) => {
                let is_it =
                    |thing: &Thing| matches!(thing, Thing::Ledger(ledger) if ledger.id == id);
                let name = self.names.iter().find(|(_, thing)| is_it(thing));
                return name.map_or_else(|| account.to_string(), |(name, _)| name.clone());
            }
        };
        word.to_owned()
    }
}

/// What the platform has noted with an event.
fn metadata(event: &Event) -> Option<&Metadata> {
    match event {
        Event::LedgerTransferred(event) => Some(&event.metadata),
        Event::JournalPosted(event) => Some(&event.metadata),
        Event::JournalReversed(event) => Some(&event.metadata),
        _ => None,
    }
}

/// A side, an account by its word, an asset, an amount.
type Row = (Side, String, Asset, Amount);

fn word_of(pot: Pot) -> &'static str {
    match pot {
        Pot::Available => "available",
        Pot::Held => "held",
        Pot::Reserved => "reserved",
        Pot::Incoming => "incoming",
        Pot::Withdrawing => "withdrawing",
        Pot::Overdrawn => "overdrawn",
        Pot::Settled => "settled",
        Pot::Balance => "balance",
    }
}

fn told(mut rows: Vec<Row>) -> String {
    if rows.is_empty() {
        return "memo".to_owned();
    }
    rows.sort();
    let told = rows.iter().map(|(side, account, asset, amount)| {
        let side = if *side == Side::Debit { "debit" } else { "credit" };
        format!("{side} {account} {} {asset}", asset.format(*amount))
    });
    told.collect::<Vec<_>>().join("  ")
}

fn dollars(cents: u128) -> String {
    Asset::Usd.format(Amount(cents))
}

fn signed(amount: u128) -> i128 {
    amount.cast_signed()
}

fn decimal(asset: Asset, amount: i128) -> String {
    let sign = if amount < 0 { "-" } else { "" };
    format!("{sign}{}", asset.format(Amount(amount.unsigned_abs())))
}

fn same(expected: String, found: String) -> Result<(), Breach> {
    if expected == found {
        return Ok(());
    }
    Err(format!("  expected  {expected}\n  got       {found}"))
}
