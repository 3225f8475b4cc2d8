//! Plays lines: binds names, makes requests, and keeps books of what is written.

use std::collections::BTreeMap;
use std::sync::Arc;

use ledger::agents::{AgentPolicy, ChangeAgent, OnExceeded};
use ledger::amount::AMOUNT_MAX;
use ledger::authorizations::{
    Authorize, Clear, DeclineReason, ExpireAuthorization, Refund, Reverse, Terms,
};
use ledger::cards::{CardKind, CardLimits, CardTerms, ChangeCard};
use ledger::clock::AdvanceClock;
use ledger::holders::{AddDocument, StartVerification, VerificationStatus};
use ledger::intents::{Attest, CancelIntent, DeclareIntent, Statement};
use ledger::limits::{Limit, Window};
use ledger::matching::{Expectation, Merchant};
use ledger::time::SECOND_MS;
use ledger::{
    AgentId, CardId, Command, Entry, Event, HolderId, IntentId, Origin, Request, Timestamp,
    TransactionId,
};

use super::Line;
use super::step::{Pass, Period, Step};
use crate::books::{Books, Breach, require};
use crate::depth::Depth;
use crate::{calendar, requests};

/// What a name is bound to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Thing {
    User(HolderId),
    Agent(AgentId),
    Card(CardId),
    Intent(IntentId),
    Purchase(TransactionId),
}

/// How a line's request ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    /// There was none.
    Nothing,
    Accepted,
    Declined {
        reason: DeclineReason,
        left: Option<u128>,
    },
    Rejected {
        word: String,
    },
    Replayed,
}

/// A ledger, and what a scenario knows of it.
pub(super) struct Stage<'a> {
    depth: &'a mut dyn Depth,
    pub(super) books: Books,
    names: BTreeMap<String, Thing>,
    /// The cards that users' names stand for.
    own_cards: BTreeMap<HolderId, CardId>,
    requests: u32,
    last_request: Option<Request>,
    pub(super) last_entry: Option<Arc<Entry>>,
    pub(super) outcome: Outcome,
    /// What the line is about.
    pub(super) subject: Option<Thing>,
}

impl<'a> Stage<'a> {
    /// Opens a book.
    pub(super) fn open(depth: &'a mut dyn Depth) -> Result<Self, Breach> {
        let mut stage = Self {
            depth,
            books: Books::default(),
            names: BTreeMap::new(),
            own_cards: BTreeMap::new(),
            requests: 0,
            last_request: None,
            last_entry: None,
            outcome: Outcome::Nothing,
            subject: None,
        };
        stage.prepare(requests::open_book())?;
        Ok(stage)
    }

    /// Plays a line and checks what it expects.
    pub(super) fn take(&mut self, line: &Line) -> Result<(), Breach> {
        self.outcome = Outcome::Nothing;
        self.subject = None;
        self.act(&line.step)?;
        self.check(&line.expectations)
    }

    /// What a name is bound to.
    pub(super) fn thing(&self, name: &str) -> Result<Thing, Breach> {
        self.names.get(name).copied().ok_or_else(|| format!("nothing is named `{name}`"))
    }

    fn act(&mut self, step: &Step) -> Result<(), Breach> {
        match step {
            Step::User { name } => {
                let entry = self.submit(requests::create_holder(self.requests))?;
                self.bind(name, entry.as_deref().and_then(made));
                Ok(())
            }
            Step::Start { user } => {
                let holder = self.user(user)?;
                self.ask(Command::StartVerification(StartVerification { holder }))
            }
            Step::Verify { user, status, required } => {
                let holder = self.user(user)?;
                self.ask(requests::verify(holder, *status, required.clone()))
            }
            Step::Document { user, kind } => {
                let (holder, content) = (self.user(user)?, requests::sealed(self.requests));
                self.ask(Command::AddDocument(AddDocument { holder, kind: *kind, content }))
            }
            Step::Deposit { user, asset, amount, tx } => {
                let holder = self.user(user)?;
                let reference = match tx {
                    Some(hash) => requests::outside(hash),
                    None => requests::sealed(self.requests).reference,
                };
                self.ask(requests::deposit(holder, *asset, *amount, reference))
            }
            Step::Agent { name, user, limit: (amount, window), on_exceeded, cards, external } => {
                let limit = Limit { window: *window, amount: *amount };
                let policy = AgentPolicy { limit, on_exceeded: *on_exceeded, cards_max: *cards };
                let holder = self.user(user)?;
                let external = external.as_deref();
                self.make(name, requests::register_agent(self.requests, holder, policy, external))
            }
            Step::Card { name, agent, kind, limits } => {
                let agent = self.agent(agent)?;
                let command = self.create_card(agent, *kind, *limits);
                self.make(name, command)
            }
            Step::SetCard { card, status } => {
                let card = self.card(card)?;
                self.ask(Command::ChangeCard(ChangeCard { card, status: *status }))
            }
            Step::SetAgent { agent, status } => {
                let agent = self.agent(agent)?;
                self.ask(Command::ChangeAgent(ChangeAgent { agent, status: *status }))
            }
            Step::Clock { by } => {
                let by_ms = self.length_ms(by);
                self.ask(Command::AdvanceClock(AdvanceClock { by_ms }))
            }
            Step::Again => {
                let request = self.last_request.clone().ok_or("nothing was asked before")?;
                self.send(request).map(drop)
            }
            Step::Restart => self.depth.restart(),
            Step::Look { subject } => {
                self.subject = subject.as_ref().map(|name| self.thing(name)).transpose()?;
                Ok(())
            }
            Step::Intent { .. } | Step::Details { .. } | Step::Cancel { .. } => self.plan(step),
            Step::Authorize { .. }
            | Step::Reverse { .. }
            | Step::Expire { .. }
            | Step::Clear { .. }
            | Step::Refund { .. } => self.purchase(step),
        }
    }

    fn plan(&mut self, step: &Step) -> Result<(), Breach> {
        let summary = requests::text("something useful");
        match step {
            Step::Intent { name, on, amount, merchant, mccs, tolerance } => {
                let expectation = Expectation {
                    amount: *amount,
                    merchant: requests::text(merchant),
                    mccs: mccs.clone(),
                    tolerance: *tolerance,
                };
                let card = self.card(on)?;
                let intent = DeclareIntent { card, summary, expectation };
                self.make(name, Command::DeclareIntent(intent))
            }
            Step::Details { on, amount, merchant, intent } => {
                let merchant = requests::text(merchant);
                let statement = Statement { summary, amount: *amount, merchant };
                let intent = intent.as_ref().map(|name| self.intent(name)).transpose()?;
                let card = self.card(on)?;
                self.ask(Command::Attest(Attest { card, intent, statement }))
            }
            Step::Cancel { intent } => {
                let intent = self.intent(intent)?;
                self.ask(Command::CancelIntent(CancelIntent { intent }))
            }
            _ => unreachable!("not about a plan"),
        }
    }

    fn purchase(&mut self, step: &Step) -> Result<(), Breach> {
        let message = |id: &Option<String>| id.as_deref().map(requests::outside);
        match step {
            Step::Authorize { name, on, amount, asset, merchant, mcc, network } => {
                let name_of_merchant = requests::text(merchant);
                let merchant =
                    Merchant { name: name_of_merchant, mcc: *mcc, city: None, country: None };
                let network_id = message(network);
                let terms = Terms { amount: *amount, asset: *asset, merchant, network_id };
                let card = self.card(on)?;
                self.make(name, Command::Authorize(Authorize { card, terms }))
            }
            Step::Reverse { purchase, amount, network } => {
                let (transaction, network_id) = (self.approved(purchase)?, message(network));
                self.ask(Command::Reverse(Reverse { transaction, amount: *amount, network_id }))
            }
            Step::Expire { purchase } => {
                let transaction = self.approved(purchase)?;
                self.ask(Command::ExpireAuthorization(ExpireAuthorization { transaction }))
            }
            Step::Clear { purchase, amount, is_final, network } => {
                let (transaction, network_id) = (self.approved(purchase)?, message(network));
                let (amount, is_final) = (*amount, *is_final);
                self.ask(Command::Clear(Clear { transaction, amount, is_final, network_id }))
            }
            Step::Refund { purchase, amount, network } => {
                let (transaction, network_id) = (self.approved(purchase)?, message(network));
                self.ask(Command::Refund(Refund { transaction, amount: *amount, network_id }))
            }
            _ => unreachable!("not about a purchase"),
        }
    }

    /// Submits what makes something, and binds its name.
    fn make(&mut self, name: &str, command: Command) -> Result<(), Breach> {
        let entry = self.submit(command)?;
        self.bind(name, entry.as_deref().and_then(made));
        Ok(())
    }

    fn ask(&mut self, command: Command) -> Result<(), Breach> {
        self.submit(command).map(drop)
    }

    /// Submits what a line needs and does not speak of.
    fn prepare(&mut self, command: Command) -> Result<Option<Thing>, Breach> {
        let entry = self.submit(command)?;
        require!(self.outcome == Outcome::Accepted, "a preparation ends as {:?}", self.outcome);
        Ok(entry.as_deref().and_then(made))
    }

    fn submit(&mut self, command: Command) -> Result<Option<Arc<Entry>>, Breach> {
        let request = requests::request(self.requests, command);
        self.requests += 1;
        self.send(request)
    }

    /// Sends a request, and sees what was written.
    fn send(&mut self, request: Request) -> Result<Option<Arc<Entry>>, Breach> {
        let answer = self.depth.submit(&request)?.and_then(|answer| {
            let counted_before = answer.is_replay && !is_effect(&answer.entry, &request.command);
            if counted_before { Err("counted_before".to_owned()) } else { Ok(answer) }
        });
        let written = self.catch_up()?;
        self.last_request = Some(request);
        if let Some(last) = written.last() {
            self.last_entry = Some(last.clone());
        }
        match answer {
            Ok(answer) if !answer.is_replay => {
                require!(written.contains(&answer.entry), "the answer is not what was written");
                self.outcome = accepted(&answer.entry);
                Ok(Some(answer.entry))
            }
            other => {
                let is_due = |entry: &Arc<Entry>| entry.origin == Origin::LEDGER;
                require!(written.iter().all(is_due), "{other:?}, but something was written");
                let (outcome, entry) = match other {
                    Ok(answer) => (Outcome::Replayed, Some(answer.entry)),
                    Err(word) => (Outcome::Rejected { word }, None),
                };
                self.outcome = outcome;
                Ok(entry)
            }
        }
    }

    /// Takes what was written into the books and compares the ledger with them. What falls due is written at any time,
    /// also meanwhile.
    fn catch_up(&mut self) -> Result<Vec<Arc<Entry>>, Breach> {
        let mut written = Vec::new();
        loop {
            for entry in self.depth.read(self.books.position.next())? {
                self.books.record(&entry)?;
                written.push(entry);
            }
            let compared = self.depth.compare(&self.books);
            if self.depth.read(self.books.position.next())?.is_empty() {
                return compared.map(|()| written);
            }
        }
    }

    fn bind(&mut self, name: &str, thing: Option<Thing>) {
        self.subject = thing;
        self.names.extend(thing.map(|thing| (name.to_owned(), thing)));
    }

    /// The user of this name; one who was never named is made and approved.
    fn user(&mut self, name: &str) -> Result<HolderId, Breach> {
        if !self.names.contains_key(name) {
            let thing = self.prepare(requests::create_holder(self.requests))?;
            let Some(Thing::User(holder)) = thing else { return Err("no user is made".into()) };
            self.prepare(requests::verify(holder, VerificationStatus::Approved, Vec::new()))?;
            self.bind(name, thing);
        }
        self.subject = Some(self.thing(name)?);
        match self.subject {
            Some(Thing::User(holder)) => Ok(holder),
            other => Err(format!("`{name}` is no user but {other:?}")),
        }
    }

    /// The card of this name, or the one that a user's name stands for.
    fn card(&mut self, name: &str) -> Result<CardId, Breach> {
        if let Some(Thing::Card(card)) = self.names.get(name) {
            self.subject = Some(Thing::Card(*card));
            return Ok(*card);
        }
        let holder = self.user(name)?;
        if let Some(card) = self.own_cards.get(&holder) {
            return Ok(*card);
        }
        let limit = Limit { window: Window::Total, amount: AMOUNT_MAX };
        let on_exceeded = OnExceeded::Ignore;
        let policy = AgentPolicy { limit, on_exceeded, cards_max: None };
        let agent = self.prepare(requests::register_agent(self.requests, holder, policy, None))?;
        let Some(Thing::Agent(agent)) = agent else { return Err("no agent is made".into()) };
        let limits = CardLimits {
            total: AMOUNT_MAX,
            per_authorization: None,
            per_day: None,
            per_month: None,
        };
        let command = self.create_card(agent, CardKind::Multi, limits);
        let card = self.prepare(command)?;
        let Some(Thing::Card(card)) = card else { return Err("no card is made".into()) };
        self.own_cards.insert(holder, card);
        Ok(card)
    }

    fn create_card(&self, agent: AgentId, kind: CardKind, limits: CardLimits) -> Command {
        let terms = CardTerms { purpose: requests::text("something useful"), kind, limits };
        requests::create_card(self.requests, agent, terms, self.now())
    }

    fn agent(&mut self, name: &str) -> Result<AgentId, Breach> {
        self.subject = Some(self.thing(name)?);
        match self.subject {
            Some(Thing::Agent(agent)) => Ok(agent),
            other => Err(format!("`{name}` is no agent but {other:?}")),
        }
    }

    fn intent(&mut self, name: &str) -> Result<IntentId, Breach> {
        self.subject = Some(self.thing(name)?);
        match self.subject {
            Some(Thing::Intent(intent)) => Ok(intent),
            other => Err(format!("`{name}` is no intent but {other:?}")),
        }
    }

    fn approved(&mut self, name: &str) -> Result<TransactionId, Breach> {
        self.subject = Some(self.thing(name)?);
        match self.subject {
            Some(Thing::Purchase(transaction)) => Ok(transaction),
            other => Err(format!("`{name}` is no authorization but {other:?}")),
        }
    }

    /// The book's time.
    fn now(&self) -> Timestamp {
        self.books.at.max(self.depth.wall().plus_ms(self.books.clock_offset_ms))
    }

    fn length_ms(&self, pass: &Pass) -> u64 {
        let now = self.now();
        let (before_ms, period) = match pass {
            Pass::Ms(length_ms) => return *length_ms,
            Pass::To { before_ms, period } => (*before_ms, *period),
        };
        // Not later today, whatever lies before the midnight.
        let midnight = calendar::next_day(now.plus_ms(before_ms), |before, day| match period {
            Period::Week => before.week != day.week,
            Period::Month => before.month != day.month,
            Period::Year => before.year != day.year,
            Period::LeapDay => (day.month, day.day) == (2, 29),
        });
        // The sandbox's clock moves by whole seconds.
        (midnight.as_millis() - before_ms - now.as_millis()).next_multiple_of(SECOND_MS)
    }
}

/// What an accepted entry made.
fn made(entry: &Entry) -> Option<Thing> {
    match entry.events.first()? {
        Event::HolderCreated(event) => Some(Thing::User(event.holder)),
        Event::AgentRegistered(event) => Some(Thing::Agent(event.agent)),
        Event::CardCreated(event) => Some(Thing::Card(event.card)),
        Event::IntentDeclared(event) => Some(Thing::Intent(event.intent)),
        Event::AuthorizationApproved(event) => Some(Thing::Purchase(event.transaction)),
        Event::AuthorizationDeclined(event) => Some(Thing::Purchase(event.transaction)),
        _ => None,
    }
}

/// Whether an entry is what a command asks for, or what another one did that carried the same id from outside.
fn is_effect(entry: &Entry, command: &Command) -> bool {
    entry.events.iter().any(|event| match (command, event) {
        (Command::ConfirmDeposit(command), Event::DepositConfirmed(event)) => {
            command.holder == event.holder
        }
        (Command::RegisterAgent(command), Event::AgentRegistered(event)) => {
            command.holder == event.holder
        }
        (Command::Authorize(command), Event::AuthorizationApproved(event)) => {
            command.card == event.card
        }
        (Command::Authorize(command), Event::AuthorizationDeclined(event)) => {
            command.card == event.card
        }
        (Command::Reverse(command), Event::AuthorizationReversed(event)) => {
            command.transaction == event.transaction
        }
        (Command::Refund(command), Event::AuthorizationReversed(event)) => {
            command.transaction == event.transaction
        }
        (Command::Refund(command), Event::Refunded(event)) => {
            command.transaction == event.transaction
        }
        (Command::Clear(command), Event::Cleared(event)) => {
            command.transaction == event.transaction
        }
        _ => command.reference().is_none(),
    })
}

fn accepted(entry: &Entry) -> Outcome {
    match entry.events.first() {
        Some(Event::AuthorizationDeclined(event)) => Outcome::Declined {
            reason: event.reason,
            left: event.exceeded.map(|exceeded| exceeded.left.0),
        },
        _ => Outcome::Accepted,
    }
}
