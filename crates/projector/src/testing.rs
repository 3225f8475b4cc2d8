//! Journals for tests: real rules, real postings.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use journal::tree::Tree;
use journal::{Hash, Head, ReadError, Reader, Stored};
use ledger::agents::{AgentPolicy, AgentProfile, OnExceeded, RegisterAgent};
use ledger::authorizations::{Authorize, Clear, Refund, Reverse, Terms};
use ledger::book::{Environment, OpenBook};
use ledger::cards::{CardKind, CardLimits, CardNumber, CardTerms, CreateCard};
use ledger::deposits::{Chain, ConfirmDeposit};
use ledger::holders::{CreateHolder, RecordVerification, Verification, VerificationStatus};
use ledger::intents::{Attest, DeclareIntent, Statement};
use ledger::keys::{Family, NewKey, Scope};
use ledger::limits::{Limit, Window};
use ledger::matching::{Expectation, Mcc, Merchant, Tolerance};
use ledger::time::HOUR_MS;
use ledger::{
    AgentId, Amount, Asset, BookId, CardId, Command, CommandId, Entry, Event, HolderId, IntentId,
    Origin, Position, Rate, Reference, Rejection, Request, Sealed, Text, Timestamp, TransactionId,
};
use sha2::{Digest as _, Sha256};

use crate::projection::{Model, Projection};

/// A book that is played, and the entries that this wrote.
pub(crate) struct Play {
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
    pub(crate) fn new() -> Self {
        let mut play = Self {
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
        self.entries.push(stored(Arc::clone(&entry), previous));
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

    /// Deposits so many cents in USDC.
    pub(crate) fn deposit(&mut self, holder: HolderId, cents: u128) -> TransactionId {
        let reference = digest(&[b"deposit", &self.commands.to_be_bytes()]);
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
            },
            number: CardNumber {
                sealed: sealed(2),
                last4: *b"4242",
                expiry_year: 2029,
                expiry_month: 11,
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

    pub(crate) fn intent(&mut self, card: CardId, amount: u128, merchant: &str) -> IntentId {
        let entry = self.act(Command::DeclareIntent(declaration(card, Amount(amount), merchant)));
        match entry.events[..] {
            [Event::IntentDeclared(ref event)] => event.intent,
            ref events => panic!("{events:?}"),
        }
    }

    pub(crate) fn attest(&mut self, card: CardId, amount: u128, merchant: &str) {
        self.act(Command::Attest(attestation(card, Amount(amount), merchant)));
    }

    pub(crate) fn authorize(&mut self, card: CardId, amount: u128, name: &str) -> TransactionId {
        let terms = Terms {
            amount: Amount(amount),
            asset: Asset::Usd,
            merchant: merchant(name),
            network_id: None,
        };
        let entry = self.act(Command::Authorize(Authorize { card, terms }));
        match &entry.events[0] {
            Event::AuthorizationApproved(event) => event.transaction,
            Event::AuthorizationDeclined(event) => event.transaction,
            event => panic!("{event:?}"),
        }
    }

    pub(crate) fn clear(&mut self, transaction: TransactionId, amount: u128, is_final: bool) {
        let (amount, network_id) = (Some(Amount(amount)), None);
        self.act(Command::Clear(Clear { transaction, amount, is_final, network_id }));
    }

    pub(crate) fn reverse(&mut self, transaction: TransactionId, amount: u128) {
        let (amount, network_id) = (Some(Amount(amount)), None);
        self.act(Command::Reverse(Reverse { transaction, amount, network_id }));
    }

    pub(crate) fn refund(&mut self, transaction: TransactionId, amount: u128) {
        let (amount, network_id) = (Some(Amount(amount)), None);
        self.act(Command::Refund(Refund { transaction, amount, network_id }));
    }

    /// Projects all entries into `folder`.
    pub(crate) fn project<M: Model>(&self, folder: &Path) -> Projection<M> {
        let mut projection = Projection::open(folder).unwrap();
        assert!(!projection.follow(&self.entries).unwrap());
        projection
    }

    /// A journal of which so many entries are written.
    pub(crate) fn journal(&self, written: usize) -> Journal {
        Journal { entries: self.entries.clone().into(), written: Arc::new(written.into()) }
    }
}

/// Whatever can happen to two holders and their cards; what the rules refuse is left out. A choice is an action, what it
/// is done to, and an amount.
pub(crate) fn history(choices: &[(u8, u8, u16)]) -> Play {
    let mut play = Play::new();
    let spenders = [CardKind::Single, CardKind::Multi].map(|kind| play.spender(300_00, kind));
    let mut transactions = Vec::new();
    for (action, which, amount) in choices {
        let which = usize::from(*which);
        let (holder, _, card) = spenders[which % spenders.len()];
        let amount = Amount(u128::from(*amount) + 1);
        let transaction = match transactions.len() {
            0 => TransactionId([0; 16]),
            count => transactions[which % count],
        };
        let network_id = None;
        let command = match action % 12 {
            0 => {
                play.deposit(holder, amount.0);
                continue;
            }
            1 => {
                play.verify(holder, VerificationStatus::Locked);
                continue;
            }
            2 | 3 => {
                play.verify(holder, VerificationStatus::Approved);
                continue;
            }
            4 | 5 => {
                transactions.push(play.authorize(card, amount.0, "Amazon"));
                continue;
            }
            6 => {
                play.pass(u64::from(*action) * HOUR_MS);
                continue;
            }
            7 => Command::DeclareIntent(declaration(card, amount, "Amazon Inc.")),
            8 => Command::Attest(attestation(card, amount, "amazon")),
            9 => Command::Reverse(Reverse { transaction, amount: Some(amount), network_id }),
            10 => Command::Clear(Clear {
                transaction,
                amount: Some(amount),
                is_final: which.is_multiple_of(2),
                network_id,
            }),
            _ => Command::Refund(Refund { transaction, amount: None, network_id }),
        };
        // A refusal writes nothing, and that is fine here.
        let _ = play.attempt(command);
    }
    play
}

fn declaration(card: CardId, amount: Amount, merchant: &str) -> DeclareIntent {
    let summary = text("Buy Sony WH-1000XM5 headphones");
    let tolerance = Tolerance::DEFAULT;
    let merchant = text(merchant);
    let expectation = Expectation { amount, merchant, mccs: Vec::new(), tolerance };
    DeclareIntent { card, summary, expectation }
}

fn attestation(card: CardId, amount: Amount, merchant: &str) -> Attest {
    let summary = text("Buy Sony WH-1000XM5 headphones");
    Attest {
        card,
        intent: None,
        statement: Statement { summary, amount, merchant: text(merchant) },
    }
}

fn digest(parts: &[&[u8]]) -> [u8; 16] {
    *Sha256::digest(parts.concat()).first_chunk().unwrap()
}

/// An entry with bytes that stand for it here.
fn stored(entry: Arc<Entry>, previous: Hash) -> Stored {
    let bytes = format!("{previous} {entry:?}").into_bytes();
    let hash = Hash(Sha256::digest([&[0], &bytes[..]].concat()).into());
    Stored { entry, previous, bytes, hash }
}

/// A journal that grows when it is told to.
#[derive(Clone)]
pub(crate) struct Journal {
    entries: Arc<[Stored]>,
    pub(crate) written: Arc<AtomicUsize>,
}

impl Journal {
    fn written(&self) -> &[Stored] {
        &self.entries[..self.written.load(Ordering::SeqCst)]
    }
}

impl Reader for Journal {
    fn book(&self) -> BookId {
        BookId([7; 16])
    }

    fn head(&mut self) -> Result<Head, ReadError> {
        let head = |stored: &Stored| Head { position: stored.entry.position, hash: stored.hash };
        Ok(self.written().last().map_or(Head::EMPTY, head))
    }

    fn read(&mut self, from: Position, limit: usize) -> Result<Vec<Stored>, ReadError> {
        Ok(self.written().iter().skip(from.0 as usize - 1).take(limit).cloned().collect())
    }

    fn find(&mut self, _: Reference) -> Result<Option<Position>, ReadError> {
        unreachable!("projectors look for no reference")
    }

    fn tree(&mut self) -> Result<Tree, ReadError> {
        unreachable!("projectors look at no tree")
    }

    fn checkpoints(&mut self, _: &mut dyn FnMut(u64, &str)) -> Result<(), ReadError> {
        unreachable!("projectors look at no checkpoint")
    }

    fn last_checkpoint(&mut self) -> Result<Option<String>, ReadError> {
        unreachable!("projectors look at no checkpoint")
    }

    fn references(&mut self, _: &mut dyn FnMut(Reference, Position)) -> Result<(), ReadError> {
        unreachable!("projectors look for no reference")
    }
}
