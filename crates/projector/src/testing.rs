//! Journals for tests: real rules, real postings.

use std::sync::Arc;

use journal::{Head, Stored};
use ledger::agents::{AgentPolicy, AgentProfile, OnExceeded, RegisterAgent};
use ledger::book::{Environment, OpenBook};
use ledger::cards::{CardControls, CardKind, CardLimits, CardNumber, CardTerms, CreateCard};
use ledger::deposits::{Chain, ConfirmDeposit};
use ledger::holders::{CreateHolder, RecordVerification, Verification, VerificationStatus};
use ledger::keys::{Family, NewKey, Scope};
use ledger::limits::{Limit, Window};
use ledger::matching::{Mcc, Merchant};
use ledger::{
    AgentId, Amount, Asset, BookId, CardId, Command, CommandId, Entry, Event, HolderId, Month,
    Origin, Rate, Rejection, Request, Sealed, Text, Timestamp, TransactionId,
};
use sha2::{Digest as _, Sha256};

use crate::Balances;
use crate::projection::{Model, Projection};

mod cards;
mod history;
mod ledgers;
mod log;
mod stores;
mod wallets;

pub(crate) use cards::{declaration, foreign, question};
pub(crate) use history::history;
pub(crate) use log::Journal;
pub(crate) use stores::{Home, Store, holds, on_each_store};

/// A book that is played, the entries that this wrote, and the store that is to keep read models of them.
pub(crate) struct Play {
    store: Store,
    pub(crate) entries: Vec<Stored>,
    pub(crate) now: Timestamp,
    book: ledger::Book,
    commands: u64,
}

pub(crate) fn text<const MAX: usize>(text: &str) -> Text<MAX> {
    Text::new(text).unwrap()
}

pub(crate) fn sealed(byte: u8) -> Sealed {
    Sealed { subject: [byte; 16], reference: [byte; 16], commitment: [byte; 32] }
}

pub(crate) fn merchant(name: &str) -> Merchant {
    Merchant {
        name: text(name),
        mcc: Mcc::new(5732),
        city: Some(text("Seattle")),
        country: Some(text("US")),
    }
}

impl Play {
    /// A sandbox, open.
    pub(crate) fn new(store: Store) -> Self {
        let mut play = Self {
            store,
            entries: Vec::new(),
            now: Timestamp::of_month(2026, 11),
            book: ledger::Book::default(),
            commands: 0,
        };
        let (book, environment) = (BookId([7; 16]), Environment::Sandbox);
        play.act(Command::OpenBook(OpenBook { book, environment }));
        play
    }

    pub(crate) fn book(&self) -> &ledger::Book {
        &self.book
    }

    /// Does what must be accepted.
    pub(crate) fn act(&mut self, command: Command) -> Arc<Entry> {
        self.attempt(command).unwrap()
    }

    pub(crate) fn attempt(&mut self, command: Command) -> Result<Arc<Entry>, Rejection> {
        self.commands += 1;
        let id = CommandId(digest(&[b"command", &self.commands.to_be_bytes()]));
        self.write(&Request { id, origin: Origin::LEDGER, command })
    }

    /// Lets time pass, and happen what falls due.
    pub(crate) fn pass(&mut self, ms: u64) {
        self.now = self.now.plus_ms(ms);
        while let Some(request) = self.book.due(self.now) {
            self.write(&request).unwrap();
        }
    }

    fn write(&mut self, request: &Request) -> Result<Arc<Entry>, Rejection> {
        let entry = Arc::new(self.book.decide(request, self.now)?);
        self.book.apply(&entry);
        let previous = self.entries.last().map_or(Head::EMPTY.hash, |stored| stored.hash);
        self.entries.push(log::stored(Arc::clone(&entry), previous));
        Ok(entry)
    }

    pub(crate) fn holder(&mut self) -> HolderId {
        let entry = self.act(Command::CreateHolder(CreateHolder { profile: sealed(1) }));
        match entry.events[..] {
            [Event::HolderCreated(ref event)] => event.holder,
            ref events => panic!("{events:?}"),
        }
    }

    pub(crate) fn verify(&mut self, holder: HolderId, status: VerificationStatus) {
        let verification = Verification { status, required: Vec::new(), reason: None };
        self.act(Command::RecordVerification(RecordVerification { holder, verification }));
    }

    /// An id from outside that no other has.
    fn reference(&self) -> [u8; 16] {
        digest(&[b"reference", &self.commands.to_be_bytes()])
    }

    /// Deposits so many cents in USDC.
    pub(crate) fn deposit(&mut self, holder: HolderId, cents: u128) -> TransactionId {
        let reference = self.reference();
        let entry = self.act(Command::ConfirmDeposit(ConfirmDeposit {
            holder,
            chain: Chain::Base,
            asset: Asset::Usdc,
            amount: Amount(cents * 10_000),
            rate: Rate::ONE,
            rate_source: text("sandbox"),
            reference,
        }));
        match entry.events[..] {
            [Event::DepositConfirmed(ref event)] => event.transaction,
            ref events => panic!("{events:?}"),
        }
    }

    pub(crate) fn agent(&mut self, holder: HolderId) -> AgentId {
        let prefix = digest(&[b"prefix", &self.commands.to_be_bytes()]);
        let entry = self.act(Command::RegisterAgent(RegisterAgent {
            holder,
            profile: AgentProfile {
                name: text("checkout-bot"),
                description: Some(text("Handles online purchases")),
                external_id: None,
            },
            policy: AgentPolicy {
                limit: Limit { window: Window::Month, amount: Amount(50_000_00) },
                on_exceeded: OnExceeded::Suspend,
                cards_max: None,
            },
            token: NewKey {
                family: Family::LedgerOs,
                scope: Scope::Write,
                prefix: *prefix.first_chunk().unwrap(),
                digest: [3; 32],
            },
            reference: None,
        }));
        match entry.events[..] {
            [Event::AgentRegistered(ref event), _] => event.agent,
            ref events => panic!("{events:?}"),
        }
    }

    pub(crate) fn card(&mut self, agent: AgentId, kind: CardKind) -> CardId {
        self.controlled_card(agent, kind, CardControls::default())
    }

    pub(crate) fn controlled_card(
        &mut self,
        agent: AgentId,
        kind: CardKind,
        controls: CardControls,
    ) -> CardId {
        let entry = self.act(Command::CreateCard(CreateCard {
            agent,
            terms: CardTerms {
                purpose: text("Purchase wireless headphones from Amazon"),
                kind,
                limits: CardLimits {
                    total: Amount(50_000_00),
                    per_authorization: Some(Amount(1_000_00)),
                    per_day: None,
                    per_month: Some(Amount(20_000_00)),
                },
                controls,
            },
            number: CardNumber {
                sealed: sealed(2),
                last4: *b"4242",
                last_month: Month::new(2029, 11).expect("it is one"),
            },
        }));
        match entry.events[..] {
            [Event::CardCreated(ref event)] => event.card,
            ref events => panic!("{events:?}"),
        }
    }

    /// An approved holder with so many cents, and a card of an agent.
    pub(crate) fn spender(&mut self, cents: u128, kind: CardKind) -> (HolderId, AgentId, CardId) {
        let holder = self.holder();
        self.verify(holder, VerificationStatus::Approved);
        self.deposit(holder, cents);
        let agent = self.agent(holder);
        (holder, agent, self.card(agent, kind))
    }

    /// A place that has no read models yet.
    pub(crate) fn home(&self) -> Home {
        self.store.home()
    }

    /// Projects all entries.
    pub(crate) fn project<M: Model>(&self, home: &Home) -> Projection<M> {
        let mut projection = Projection::open(home.place()).unwrap();
        assert!(!projection.follow(&self.entries).unwrap());
        projection
    }

    /// What the balances that were projected say.
    pub(crate) fn balances(&self, home: &Home) -> Balances {
        Balances::open(home.place(), Box::new(self.journal(self.entries.len()))).unwrap()
    }

    /// A journal of which so many entries are written.
    pub(crate) fn journal(&self, written: usize) -> Journal {
        Journal::new(&self.entries, written)
    }
}

fn digest(parts: &[&[u8]]) -> [u8; 16] {
    *Sha256::digest(parts.concat()).first_chunk().unwrap()
}
