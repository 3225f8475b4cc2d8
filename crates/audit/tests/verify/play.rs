//! Books that are played by the rules.

use std::sync::Arc;

use journal::{Head, Stored, encode};
use ledger::agents::{
    AgentPolicy, AgentProfile, AgentStatus, ChangeAgent, OnExceeded, RegisterAgent,
};
use ledger::authorizations::{AuthorizationDeclined, Authorize, Clear, Refund, Reverse, Terms};
use ledger::book::{Environment, OpenBook};
use ledger::cards::{
    CardKind, CardLimits, CardNumber, CardStatus, CardTerms, ChangeCard, CreateCard,
};
use ledger::clock::AdvanceClock;
use ledger::deposits::{Chain, ConfirmDeposit};
use ledger::holders::{
    AddDocument, CreateHolder, DocumentKind, RecordVerification, Verification, VerificationStatus,
};
use ledger::intents::{Attest, CancelIntent, DeclareIntent, Statement};
use ledger::keys::{CreateKey, Family, NewKey, Scope};
use ledger::limits::{Limit, Window};
use ledger::matching::{Expectation, Mcc, Merchant, Tolerance};
use ledger::time::{DAY_MS, HOUR_MS};
use ledger::{
    AgentId, Amount, Asset, Book, CardId, Command, CommandId, Entry, Event, HolderId, IntentId,
    Origin, Rate, Rejection, Request, Sealed, Text, Timestamp, TransactionId,
};

use crate::support::BOOK;

/// A book, and the entries that it wrote.
pub(crate) struct Play {
    pub(crate) entries: Vec<Stored>,
    book: Book,
    now: Timestamp,
    commands: u64,
}

impl Play {
    /// A sandbox, open.
    pub(crate) fn new() -> Self {
        let mut play = Self {
            entries: Vec::new(),
            book: Book::default(),
            now: Timestamp::of_month(2026, 11),
            commands: 0,
        };
        play.act(Command::OpenBook(OpenBook { book: BOOK, environment: Environment::Sandbox }));
        play
    }

    /// Does what must be accepted.
    pub(crate) fn act(&mut self, command: Command) -> Arc<Entry> {
        self.attempt(command).unwrap()
    }

    /// Does what may be refused.
    pub(crate) fn attempt(&mut self, command: Command) -> Result<Arc<Entry>, Rejection> {
        self.commands += 1;
        let mut id = [0; 16];
        id[8..].copy_from_slice(&self.commands.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
        let origin = Origin { route: 3, fingerprint: [4; 16], ..Origin::LEDGER };
        self.write(&Request { id: CommandId(id), origin, command })
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
        self.entries.push(encode(Arc::clone(&entry), previous));
        Ok(entry)
    }

    pub(crate) fn holder(&mut self) -> HolderId {
        let profile = sealed(1);
        let entry = self.act(Command::CreateHolder(CreateHolder { profile }));
        match entry.events[..] {
            [Event::HolderCreated(ref event)] => event.holder,
            ref events => panic!("{events:?}"),
        }
    }

    pub(crate) fn verify(&mut self, holder: HolderId, status: VerificationStatus) {
        let verification = Verification { status, required: Vec::new(), reason: None };
        self.act(Command::RecordVerification(RecordVerification { holder, verification }));
    }

    /// So many cents arrive as USDC.
    pub(crate) fn deposit(&mut self, holder: HolderId, cents: u128) {
        let mut reference = [0; 16];
        reference[8..].copy_from_slice(&self.commands.to_be_bytes());
        self.act(Command::ConfirmDeposit(ConfirmDeposit {
            holder,
            chain: Chain::Base,
            asset: Asset::Usdc,
            amount: Amount(cents * 10_000),
            rate: Rate::ONE,
            rate_source: text("sandbox"),
            reference,
        }));
    }

    pub(crate) fn agent(&mut self, holder: HolderId) -> AgentId {
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
            token: self.new_key(),
            reference: Some(self.commands.to_be_bytes().repeat(2).try_into().unwrap()),
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
                purpose: text("Purchase wireless headphones"),
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

    pub(crate) fn authorize(&mut self, card: CardId, cents: u128) -> TransactionId {
        let mut network_id = [9; 16];
        network_id[8..].copy_from_slice(&self.commands.to_be_bytes());
        let terms = terms(Amount(cents), Some(network_id));
        let entry = self.act(Command::Authorize(Authorize { card, terms }));
        match &entry.events[0] {
            Event::AuthorizationApproved(event) => event.transaction,
            Event::AuthorizationDeclined(event) => event.transaction,
            event => panic!("{event:?}"),
        }
    }

    /// The card that was made last.
    pub(crate) fn last_card(&self) -> CardId {
        let events = self.entries.iter().rev().flat_map(|stored| &stored.entry.events);
        let mut cards = events.filter_map(|event| match event {
            Event::CardCreated(event) => Some(event.card),
            _ => None,
        });
        cards.next().unwrap()
    }

    /// What an authorization that nobody can pay for comes to; it is not written.
    pub(crate) fn declined(&self) -> AuthorizationDeclined {
        let card = self.last_card();
        let request = Request {
            id: CommandId([0; 16]),
            origin: Origin::LEDGER,
            command: Command::Authorize(Authorize { card, terms: terms(Amount(900_00), None) }),
        };
        match self.book.decide(&request, self.now).unwrap().events.remove(0) {
            Event::AuthorizationDeclined(event) => event,
            event => panic!("{event:?}"),
        }
    }

    fn new_key(&self) -> NewKey {
        let prefix = self.commands.to_be_bytes();
        NewKey { family: Family::LedgerOs, scope: Scope::Write, prefix, digest: [3; 32] }
    }
}

/// A purchase with all that belongs to it, and some holds that are open: every read model has rows.
pub(crate) fn purchase() -> Play {
    let mut play = Play::new();
    let holder = play.holder();
    play.deposit(holder, 300_00);
    play.verify(holder, VerificationStatus::Approved);
    let agent = play.agent(holder);
    let card = play.card(agent, CardKind::Multi);
    play.act(declaration(card, Amount(34_99)));
    play.act(attestation(card, Amount(34_99)));
    let bought = play.authorize(card, 34_99);
    play.act(clear(bought, Amount(34_99), true));
    play.act(refund(bought, Some(Amount(4_99))));
    for cents in 1..=20 {
        play.authorize(card, cents);
    }
    play
}

/// Whatever can happen to two holders and their cards; what the rules refuse is left out. A choice is an action, what it
/// is done to, and an amount.
pub(crate) fn history(choices: &[(u8, u8, u16)]) -> Play {
    let mut play = Play::new();
    let people = [CardKind::Single, CardKind::Multi].map(|kind| {
        let holder = play.holder();
        play.verify(holder, VerificationStatus::Approved);
        play.deposit(holder, 300_00);
        let agent = play.agent(holder);
        (holder, agent, play.card(agent, kind))
    });
    let (mut transactions, mut intents) = (vec![TransactionId([0; 16])], vec![IntentId([0; 16])]);
    for (action, which, amount) in choices {
        let which = usize::from(*which);
        let (holder, agent, card) = people[which % people.len()];
        let cents = u128::from(*amount) + 1;
        let transaction = transactions[which % transactions.len()];
        let command = match action % 18 {
            0 | 1 => {
                transactions.push(play.authorize(card, cents));
                continue;
            }
            2 => {
                play.deposit(holder, cents);
                continue;
            }
            3 => {
                play.pass(u64::from(*action) * HOUR_MS);
                continue;
            }
            4 => {
                let status = VerificationStatus::Locked;
                play.verify(holder, status);
                continue;
            }
            5 | 6 => {
                play.verify(holder, VerificationStatus::Approved);
                continue;
            }
            7 | 8 => declaration(card, Amount(cents)),
            9 => attestation(card, Amount(cents)),
            10 => Command::CancelIntent(CancelIntent { intent: intents[which % intents.len()] }),
            11 => reverse(transaction, (amount % 2 == 0).then_some(Amount(cents))),
            12 | 13 => clear(transaction, Amount(cents), which % 2 == 0),
            14 => refund(transaction, (amount % 2 == 0).then_some(Amount(cents))),
            15 => {
                let kind = DocumentKind::Selfie;
                Command::AddDocument(AddDocument { holder, kind, content: sealed(5) })
            }
            16 => match amount % 4 {
                0 => Command::ChangeAgent(ChangeAgent { agent, status: AgentStatus::Suspended }),
                1 => Command::ChangeAgent(ChangeAgent { agent, status: AgentStatus::Active }),
                2 => Command::ChangeCard(ChangeCard { card, status: CardStatus::Frozen }),
                _ => Command::ChangeCard(ChangeCard { card, status: CardStatus::Active }),
            },
            _ => match amount % 2 {
                0 => Command::AdvanceClock(AdvanceClock { by_ms: u64::from(*amount) * DAY_MS }),
                _ => Command::CreateKey(CreateKey(play.new_key())),
            },
        };
        // A refusal writes nothing, and that is fine here.
        if let Ok(entry) = play.attempt(command)
            && let Event::IntentDeclared(event) = &entry.events[0]
        {
            intents.push(event.intent);
        }
    }
    play
}

fn terms(amount: Amount, network_id: Option<[u8; 16]>) -> Terms {
    let merchant = Merchant {
        name: text("AMAZON.COM*MK1AB"),
        mcc: Mcc::new(5732),
        city: Some(text("Seattle")),
        country: None,
    };
    Terms { amount, asset: Asset::Usd, merchant, network_id }
}

fn declaration(card: CardId, amount: Amount) -> Command {
    let tolerance = Tolerance::DEFAULT;
    let expectation = Expectation { amount, merchant: text("Amazon"), mccs: Vec::new(), tolerance };
    Command::DeclareIntent(DeclareIntent { card, summary: text("Headphones"), expectation })
}

fn attestation(card: CardId, amount: Amount) -> Command {
    let statement = Statement { summary: text("Headphones"), amount, merchant: text("Amazon") };
    Command::Attest(Attest { card, intent: None, statement })
}

fn reverse(transaction: TransactionId, amount: Option<Amount>) -> Command {
    Command::Reverse(Reverse { transaction, amount, network_id: None })
}

fn clear(transaction: TransactionId, amount: Amount, is_final: bool) -> Command {
    Command::Clear(Clear { transaction, amount: Some(amount), is_final, network_id: None })
}

fn refund(transaction: TransactionId, amount: Option<Amount>) -> Command {
    Command::Refund(Refund { transaction, amount, network_id: None })
}

fn sealed(byte: u8) -> Sealed {
    Sealed { subject: [byte; 16], reference: [byte; 16], commitment: [byte; 32] }
}

fn text<const MAX: usize>(text: &str) -> Text<MAX> {
    Text::new(text).unwrap()
}
