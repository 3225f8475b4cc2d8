//! Plays lines: binds names, makes requests, and keeps books of what is written.

use std::collections::BTreeMap;
use std::sync::Arc;

use ledger::agents::{AgentPolicy, OnExceeded};
use ledger::amount::AMOUNT_MAX;
use ledger::cards::{CardControls, CardKind, CardLimits};
use ledger::clock::AdvanceClock;
use ledger::holders::VerificationStatus;
use ledger::limits::{Limit, Window};
use ledger::{
    AgentId, CardId, Command, Entry, HolderId, IntentId, Origin, Request, Timestamp, TransactionId,
    WalletId,
};

use super::Line;
use super::names::{Thing, made};
use super::outcome::{Outcome, is_effect};
use super::step::Step;
use crate::books::{Books, Breach, require};
use crate::depth::Depth;
use crate::requests;

/// A ledger, and what a scenario knows of it.
pub(super) struct Stage<'a> {
    depth: &'a mut dyn Depth,
    pub(super) books: Books,
    pub(super) names: BTreeMap<String, Thing>,
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
            Step::Case(case) => self.see_to(case),
            Step::Handling(handling) => self.handle(handling),
            Step::Plan(plan) => self.plan(plan),
            Step::Message(message) => self.say(message),
            Step::Movement(movement) => self.move_money(movement),
            Step::Bookkeeping(bookkeeping) => self.keep(bookkeeping),
            Step::Telling(telling) => self.tell(telling),
            Step::Clock { by } => {
                let by_ms = by.length_ms(self.now());
                self.ask(Command::AdvanceClock(AdvanceClock { by_ms }))
            }
            Step::Again => {
                let request = self.last_request.clone().ok_or("nothing was asked before")?;
                self.send(request).map(drop)
            }
            Step::Restart => self.depth.restart(),
            Step::Recover => self.ask(requests::recover(self.requests)),
            Step::Look { subject } => {
                self.subject = subject.as_ref().map(|name| self.thing(name)).transpose()?;
                Ok(())
            }
        }
    }

    /// Submits what makes something, and binds its name.
    pub(super) fn make(&mut self, name: &str, command: Command) -> Result<(), Breach> {
        let entry = self.submit(command)?;
        self.bind(name, entry.as_deref().and_then(made));
        Ok(())
    }

    /// Tries out what is not to be written: nothing but what has fallen due is.
    pub(super) fn try_out(&mut self, command: Command) -> Result<(), Breach> {
        let request = requests::request(self.requests, command);
        let answer = self.depth.try_out(&request, &self.books)?;
        let written = self.catch_up()?;
        let is_due = |entry: &Arc<Entry>| entry.origin == Origin::LEDGER;
        require!(written.iter().all(is_due), "{request:?} was only tried out, and is written");
        self.outcome = match answer {
            Ok(()) => Outcome::Accepted,
            Err(word) => Outcome::Rejected { word },
        };
        Ok(())
    }

    pub(super) fn ask(&mut self, command: Command) -> Result<(), Breach> {
        self.submit(command).map(drop)
    }

    /// Submits a deposit: the line stays about whose it is.
    pub(super) fn arrive(&mut self, name: Option<&str>, command: Command) -> Result<(), Breach> {
        let entry = self.submit(command)?;
        let deposit = entry.as_deref().and_then(made);
        self.names.extend(name.map(str::to_owned).zip(deposit));
        Ok(())
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
                self.outcome = Outcome::of(&answer.entry);
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

    /// The number of the next request.
    pub(super) fn number(&self) -> u32 {
        self.requests
    }

    /// The outside world's id of what is reported: of the name it is given, or one of its own.
    pub(super) fn reference(&self, name: Option<&str>) -> [u8; 16] {
        name.map_or_else(|| requests::sealed(self.requests).reference, requests::outside)
    }

    /// What a name is bound to, which the line is therefore about.
    pub(super) fn name(&mut self, name: &str) -> Result<Thing, Breach> {
        let thing = self.thing(name)?;
        self.subject = Some(thing);
        Ok(thing)
    }

    /// The user of this name; one who was never named is made and approved.
    pub(super) fn user(&mut self, name: &str) -> Result<HolderId, Breach> {
        if !self.names.contains_key(name) {
            let thing = self.prepare(requests::create_holder(self.requests))?;
            let Some(Thing::User(holder)) = thing else { return Err("no user is made".into()) };
            self.prepare(requests::verify(holder, VerificationStatus::Approved, Vec::new()))?;
            self.bind(name, thing);
        }
        match self.name(name)? {
            Thing::User(holder) => Ok(holder),
            other => Err(format!("`{name}` is no user but {other:?}")),
        }
    }

    /// The card of this name, or the one that a user's name stands for.
    pub(super) fn card(&mut self, name: &str) -> Result<CardId, Breach> {
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
        let command = self.create_card(agent, CardKind::Multi, limits, CardControls::default());
        let card = self.prepare(command)?;
        let Some(Thing::Card(card)) = card else { return Err("no card is made".into()) };
        self.own_cards.insert(holder, card);
        Ok(card)
    }

    pub(super) fn agent(&mut self, name: &str) -> Result<AgentId, Breach> {
        match self.name(name)? {
            Thing::Agent(agent) => Ok(agent),
            other => Err(format!("`{name}` is no agent but {other:?}")),
        }
    }

    pub(super) fn intent(&mut self, name: &str) -> Result<IntentId, Breach> {
        match self.name(name)? {
            Thing::Intent(intent) => Ok(intent),
            other => Err(format!("`{name}` is no intent but {other:?}")),
        }
    }

    pub(super) fn transaction(&mut self, name: &str) -> Result<TransactionId, Breach> {
        match self.name(name)? {
            Thing::Transaction(transaction) => Ok(transaction),
            other => Err(format!("`{name}` is no card transaction but {other:?}")),
        }
    }

    pub(super) fn wallet(&mut self, name: &str) -> Result<WalletId, Breach> {
        match self.name(name)? {
            Thing::Wallet(wallet) => Ok(wallet),
            other => Err(format!("`{name}` is no wallet but {other:?}")),
        }
    }

    /// The book's time.
    pub(super) fn now(&self) -> Timestamp {
        self.books.at.max(self.depth.wall().plus_ms(self.books.clock_offset_ms))
    }
}
