//! Books that are played by the rules.

use std::sync::Arc;

use journal::{Head, Stored, encode};
use ledger::agents::{AgentPolicy, AgentProfile, OnExceeded, RegisterAgent};
use ledger::authorizations::AuthorizationDeclined;
use ledger::book::{Environment, OpenBook};
use ledger::cards::{CardControls, CardKind, CardLimits, CardNumber, CardTerms, CreateCard};
use ledger::deposits::{Chain, ConfirmDeposit};
use ledger::holders::{
    ChangeHolder, CreateHolder, RecordVerification, Verification, VerificationStatus,
};
use ledger::keys::{CreateKey, Family, NewKey, Scope};
use ledger::limits::{Limit, Window};
use ledger::{
    AgentId, Amount, Asset, Book, CardId, Command, CommandId, Entry, Event, HolderId, KeyId, Month,
    Origin, Rate, Rejection, Request, Sealed, Text, Timestamp, TransactionId,
};

use crate::support::{BOOK, INCARNATION};

mod acts;
mod cards;
mod everything;
mod history;
mod money;

pub(crate) use acts::operators;
pub(crate) use everything::everything;
pub(crate) use history::history;
pub(crate) use money::longer_than_an_epoch;

use cards::{attestation, clear, declaration, question, refund};
use money::sealed;

/// A book, and the entries that it wrote.
pub(crate) struct Play {
    pub(crate) entries: Vec<Stored>,
    /// The incarnation that goes on.
    pub(crate) incarnation: [u8; 16],
    book: Book,
    now: Timestamp,
    commands: u64,
}

impl Play {
    /// A sandbox, open.
    pub(crate) fn new() -> Self {
        let mut play = Self {
            entries: Vec::new(),
            incarnation: INCARNATION,
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
        self.act(Self::verification(holder, status));
    }

    fn verification(holder: HolderId, status: VerificationStatus) -> Command {
        let verification = Verification { status, required: Vec::new(), reason: None };
        Command::RecordVerification(RecordVerification { holder, verification })
    }

    /// So many cents arrive as USDC.
    pub(crate) fn deposit(&mut self, holder: HolderId, cents: u128) -> TransactionId {
        self.transaction(self.dollars(holder, cents))
    }

    fn dollars(&self, holder: HolderId, cents: u128) -> Command {
        Command::ConfirmDeposit(ConfirmDeposit {
            holder,
            chain: Chain::Base,
            asset: Asset::Usdc,
            amount: Amount(cents * 10_000),
            rate: Rate::ONE,
            rate_source: text("sandbox"),
            reference: self.reference(),
        })
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
        self.card_with(agent, kind, CardControls::default())
    }

    pub(crate) fn card_with(
        &mut self,
        agent: AgentId,
        kind: CardKind,
        controls: CardControls,
    ) -> CardId {
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

    pub(crate) fn authorize(&mut self, card: CardId, cents: u128) -> TransactionId {
        let network_id = Some(self.reference());
        self.transaction(Command::Authorize(question(card, cents, network_id)))
    }

    /// Does what must make a transaction.
    pub(crate) fn transaction(&mut self, command: Command) -> TransactionId {
        let entry = self.act(command);
        entry.events.iter().find_map(made).unwrap()
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
        let command = Command::Authorize(question(card, 900_00, None));
        let request = Request { id: CommandId([0; 16]), origin: Origin::LEDGER, command };
        match self.book.decide(&request, self.now).unwrap().events.remove(0) {
            Event::AuthorizationDeclined(event) => event,
            event => panic!("{event:?}"),
        }
    }

    /// An id from outside that no command before had.
    fn reference(&self) -> [u8; 16] {
        let mut reference = [9; 16];
        reference[8..].copy_from_slice(&self.commands.to_be_bytes());
        reference
    }

    fn key(&mut self) -> KeyId {
        let entry = self.act(Command::CreateKey(CreateKey(self.new_key())));
        match entry.events[..] {
            [Event::KeyCreated(ref event)] => event.key,
            ref events => panic!("{events:?}"),
        }
    }

    fn new_key(&self) -> NewKey {
        let prefix = self.commands.to_be_bytes();
        NewKey { family: Family::LedgerOs, scope: Scope::Write, prefix, digest: [3; 32] }
    }
}

/// Another name than the one before.
fn change(holder: HolderId, before: u8, now: u8) -> Command {
    let profile = Sealed { subject: sealed(1).subject, ..sealed(now) };
    Command::ChangeHolder(ChangeHolder { holder, before: sealed(before).reference, profile })
}

/// A purchase with all that belongs to it, and some holds that are open: every read model has rows.
pub(crate) fn purchase() -> Play {
    let mut play = Play::new();
    let holder = play.holder();
    play.deposit(holder, 300_00);
    play.verify(holder, VerificationStatus::Approved);
    let agent = play.agent(holder);
    let card = play.card(agent, CardKind::Multi);
    play.act(Command::DeclareIntent(declaration(card, 34_99)));
    play.act(attestation(card, 34_99));
    let bought = play.authorize(card, 34_99);
    play.act(clear(bought, 34_99, true));
    play.act(refund(bought, Some(Amount(4_99))));
    for cents in 1..=20 {
        play.authorize(card, cents);
    }
    play
}

/// The transaction that begins with an event.
fn made(event: &Event) -> Option<TransactionId> {
    match event {
        Event::DepositConfirmed(event) => Some(event.transaction),
        Event::WalletDepositConfirmed(event) => Some(event.transaction),
        Event::BankDepositConfirmed(event) => Some(event.transaction),
        Event::TransferCreated(event) => Some(event.transaction),
        Event::AuthorizationApproved(event) => Some(event.transaction),
        Event::AuthorizationDeclined(event) => Some(event.transaction),
        Event::CardVerified(event) => Some(event.transaction),
        Event::Purchased(event) => Some(event.transaction),
        Event::ForceCleared(event) => Some(event.transaction),
        Event::UnlinkedRefundReceived(event) => Some(event.transaction),
        Event::PresentmentSuspended(event) => Some(event.transaction),
        _ => None,
    }
}

fn text<const MAX: usize>(text: &str) -> Text<MAX> {
    Text::new(text).unwrap()
}
