//! Histories that nobody has thought of.

use ledger::agents::{AgentStatus, ChangeAgent, ChangeAgentPolicy};
use ledger::authorizations::{Authorize, Confirm, Increment, Mode};
use ledger::cards::{CardControls, CardKind, CardStatus, ChangeCard, ChangeCardLimits, Setting};
use ledger::clearings::ForceClear;
use ledger::clock::AdvanceClock;
use ledger::deposits::ReverseDeposit;
use ledger::holders::{AddDocument, DocumentKind, VerificationStatus};
use ledger::intents::{ApproveIntent, CancelIntent, DeclareIntent, RejectIntent};
use ledger::keys::CreateKey;
use ledger::ledgers::{ChangeLedger, LedgerStatus, TransferBetweenLedgers};
use ledger::limits::{Limit, Window};
use ledger::presentments::{AssignPresentment, RecordPresentment, WriteOffPresentment};
use ledger::refunds::{RecordUnlinkedRefund, ReleaseRefund};
use ledger::settlement::SettleNetwork;
use ledger::time::{DAY_MS, HOUR_MS};
use ledger::transfers::TransferStatus;
use ledger::{
    AgentId, Amount, Asset, CardId, Command, Event, HolderId, IntentId, LedgerId, LedgerKind,
    Metadata, Reference, Scheme, TransactionId, VirtualAccountId, WalletId,
};

use super::cards::{
    attestation, clear, correct, declaration, foreign, question, refund, reverse, take_back, terms,
};
use super::money::{advance, conversion, posted, sealed, transfer};
use super::{Play, change, made};

/// Somebody, and what he has.
#[derive(Clone, Copy)]
struct Person {
    holder: HolderId,
    agent: AgentId,
    card: CardId,
    wallet: WalletId,
    account: VirtualAccountId,
}

/// What was made, for later commands to name.
#[derive(Default)]
struct Made {
    cards: Vec<TransactionId>,
    deposits: Vec<TransactionId>,
    transfers: Vec<TransactionId>,
    presentments: Vec<TransactionId>,
    intents: Vec<IntentId>,
    /// What authorizations will be called whose clearings came early.
    awaited: Vec<[u8; 16]>,
}

/// Whatever can happen to three persons and what they have; what the rules refuse is left out. A choice is an action, what
/// it is done to, and an amount.
pub(crate) fn history(choices: &[(u8, u8, u16)]) -> Play {
    let mut play = Play::new();
    let persons =
        [CardKind::Single, CardKind::Multi, CardKind::Multi].map(|kind| person(&mut play, kind));
    let ledgers = [LedgerKind::Asset, LedgerKind::Liability, LedgerKind::Income];
    let ledgers = ledgers.map(|kind| play.ledger(&format!("{kind:?}"), kind));
    let mut made = Made::default();
    for (action, which, amount) in choices {
        if *action % 32 == 0 {
            play.pass(u64::from(*which) * HOUR_MS);
        }
        let place = usize::from(*which);
        let person = persons[place % persons.len()];
        let turn = Turn { place, cents: u128::from(amount % 50_00) + 1, is_whole: amount % 3 == 0 };
        let command = match action % 3 {
            0 => turn.with_cards(&play, person, &made, action / 3),
            1 => turn.of_holds(&play, person, &made, action / 3),
            _ => turn.with_money(&play, person, ledgers, &made, action / 3),
        };
        // A refusal writes nothing, and that is fine here.
        if let Ok(entry) = play.attempt(command) {
            entry.events.iter().for_each(|event| made.note(event));
        }
    }
    play
}

fn person(play: &mut Play, kind: CardKind) -> Person {
    let holder = play.holder();
    play.verify(holder, VerificationStatus::Approved);
    play.deposit(holder, 300_00);
    let agent = play.agent(holder);
    let controls = CardControls { approval_above: Some(Amount(40_00)), ..CardControls::default() };
    let card = play.card_with(agent, kind, controls);
    let wallet = play.wallet(holder);
    let account = play.virtual_account(holder);
    play.act(play.tokens(wallet, Asset::Usdc, 500_000));
    Person { holder, agent, card, wallet, account }
}

impl Made {
    fn note(&mut self, event: &Event) {
        if let Event::IntentDeclared(event) = event {
            self.intents.push(event.intent);
        }
        if let Event::ForceCleared(event) = event {
            self.awaited.extend(event.awaits);
        }
        // The writer answers a repeated message without asking the rules.
        self.awaited.retain(|id| event.reference() != Some(Reference::Network(*id)));
        let of_its_kind = match event {
            Event::DepositConfirmed(_)
            | Event::WalletDepositConfirmed(_)
            | Event::BankDepositConfirmed(_) => &mut self.deposits,
            Event::TransferCreated(_) => &mut self.transfers,
            Event::PresentmentSuspended(_) => &mut self.presentments,
            // Nothing can happen to it any more.
            Event::AuthorizationDeclined(_) => return,
            _ => &mut self.cards,
        };
        of_its_kind.extend(made(event));
    }
}

/// One of those that were made, or one that never was.
fn pick(made: &[TransactionId], place: usize) -> TransactionId {
    let place = place.checked_rem(made.len());
    place.map_or(TransactionId([0; 16]), |place| made[place])
}

/// What a command is about.
#[derive(Clone, Copy)]
struct Turn {
    place: usize,
    cents: u128,
    is_whole: bool,
}

impl Turn {
    fn part(self) -> Option<Amount> {
        (!self.is_whole).then_some(Amount(self.cents))
    }

    /// What is asked of a card, or told of it.
    fn with_cards(self, play: &Play, person: Person, made: &Made, action: u8) -> Command {
        let Self { place, cents, .. } = self;
        let Person { card, .. } = person;
        let network_id = Some(play.reference());
        let question = question(card, cents, network_id);
        let intent = place.checked_rem(made.intents.len());
        let intent = intent.map_or(IntentId([0; 16]), |place| made.intents[place]);
        match action % 18 {
            0 | 1 => Command::Authorize(question),
            2 => Command::Authorize(Authorize { terms: foreign(cents, network_id), ..question }),
            3 => Command::Authorize(Authorize { accepts_part: true, ..question }),
            4 => Command::Authorize(Authorize { mode: Mode::Advice, ..question }),
            5 => {
                let terms = foreign(cents, network_id);
                let (mode, accepts_part) = (Mode::Purchase, self.is_whole);
                Command::Authorize(Authorize { mode, terms, accepts_part, ..question })
            }
            6 => Command::Authorize(Authorize { terms: terms(0, network_id), ..question }),
            7 => {
                let terms = if self.is_whole { foreign(cents, None) } else { terms(cents, None) };
                let awaits = Some(play.reference());
                Command::ForceClear(ForceClear { card, terms, awaits })
            }
            8 => {
                let network_id = made.awaited.last().copied().or(network_id);
                Command::Authorize(Authorize { terms: terms(cents, network_id), ..question })
            }
            9 => {
                let terms = terms(cents, network_id);
                Command::RecordUnlinkedRefund(RecordUnlinkedRefund { card, terms })
            }
            10 => {
                let terms = terms(cents, network_id);
                Command::RecordPresentment(RecordPresentment { terms })
            }
            11 => Command::DeclareIntent(declaration(card, cents)),
            12 => {
                let ttl_minutes = self.is_whole.then_some(90);
                let declaration = declaration(card, cents);
                Command::DeclareIntent(DeclareIntent { reserves: true, ttl_minutes, ..declaration })
            }
            13 => attestation(card, cents),
            14 => Command::CancelIntent(CancelIntent { intent }),
            15 => Command::ApproveIntent(ApproveIntent { intent }),
            16 => Command::RejectIntent(RejectIntent { intent }),
            _ => self.controls(person),
        }
    }

    fn controls(self, Person { agent, card, .. }: Person) -> Command {
        let amount = Amount(self.cents * 10);
        match self.cents % 6 {
            0 => Command::ChangeAgent(ChangeAgent { agent, status: AgentStatus::Suspended }),
            1 => Command::ChangeAgent(ChangeAgent { agent, status: AgentStatus::Active }),
            2 => Command::ChangeCard(ChangeCard { card, status: CardStatus::Frozen }),
            3 => Command::ChangeCard(ChangeCard { card, status: CardStatus::Active }),
            4 => Command::ChangeAgentPolicy(ChangeAgentPolicy {
                agent,
                limit: Setting::Set(Limit { window: Window::Week, amount }),
                on_exceeded: Setting::Keep,
                cards_max: Setting::Set(None),
            }),
            _ => Command::ChangeCardLimits(ChangeCardLimits {
                card,
                total: Setting::Keep,
                per_authorization: Setting::Set(None),
                per_day: Setting::Set(Some(amount)),
                per_month: Setting::Keep,
            }),
        }
    }

    /// What becomes of a card transaction.
    fn of_holds(self, play: &Play, person: Person, made: &Made, action: u8) -> Command {
        let Self { place, cents, .. } = self;
        let (transaction, amount) = (pick(&made.cards, place), Amount(cents));
        let network_id = Some(play.reference());
        let presentment = pick(&made.presentments, place);
        match action % 16 {
            0 => Command::Increment(Increment { transaction, amount, network_id }),
            1 => Command::Confirm(Confirm { transaction, amount, network_id }),
            2 | 3 => reverse(transaction, self.part()),
            4 | 5 => clear(transaction, cents, false),
            6 | 7 => clear(transaction, cents, true),
            8 => correct(transaction, self.part()),
            9 => correct(transaction, None),
            10 => refund(transaction, self.part()),
            11 => refund(transaction, None),
            12 => take_back(transaction, self.part()),
            13 => Command::ReleaseRefund(ReleaseRefund { transaction }),
            14 if self.is_whole => {
                Command::WriteOffPresentment(WriteOffPresentment { transaction: presentment })
            }
            14 => {
                let card = person.card;
                Command::AssignPresentment(AssignPresentment { transaction: presentment, card })
            }
            _ => {
                let (scheme, fees) = (Scheme::Visa, amount);
                Command::SettleNetwork(SettleNetwork { scheme, day: None, fees })
            }
        }
    }

    /// What comes in, goes out and is posted.
    fn with_money(
        self,
        play: &Play,
        person: Person,
        ledgers: [LedgerId; 3],
        made: &Made,
        action: u8,
    ) -> Command {
        use TransferStatus::{Completed, Failed, PaymentSubmitted, Refunded, Returned};
        let Self { place, cents, .. } = self;
        let Person { holder, wallet, account, .. } = person;
        let sent = pick(&made.transfers, place);
        match action % 18 {
            0 => play.dollars(holder, cents),
            1 => play.tokens(wallet, Asset::Usdc, cents),
            2 => play.tokens(wallet, Asset::Usdt, cents),
            3 => play.euros(account, cents),
            4 | 5 => {
                let transaction = pick(&made.deposits, place);
                Command::ReverseDeposit(ReverseDeposit { transaction })
            }
            6 if self.is_whole => Play::verification(holder, VerificationStatus::Locked),
            6 => Play::verification(holder, VerificationStatus::Pending),
            7 | 8 => Play::verification(holder, VerificationStatus::Approved),
            9 | 10 => transfer(wallet, cents),
            11 => advance(sent, PaymentSubmitted),
            12 => advance(sent, Completed),
            13 => advance(sent, if self.is_whole { Refunded } else { Failed }),
            14 => advance(sent, Returned),
            15 => conversion(cents),
            16 if self.is_whole => posted(ledgers[0], ledgers[1], cents),
            16 if cents % 2 == 0 => Command::TransferBetweenLedgers(TransferBetweenLedgers {
                source: ledgers[1],
                destination: ledgers[2],
                amount: Amount(cents),
                description: None,
                metadata: Metadata::default(),
            }),
            16 => {
                let statuses = [LedgerStatus::Frozen, LedgerStatus::Active];
                let (ledger, status) = (ledgers[place % 3], statuses[cents as usize / 2 % 2]);
                Command::ChangeLedger(ChangeLedger { ledger, status })
            }
            _ => self.rest(play, holder),
        }
    }

    fn rest(self, play: &Play, holder: HolderId) -> Command {
        match self.cents % 5 {
            0 => {
                let kind = DocumentKind::Selfie;
                Command::AddDocument(AddDocument { holder, kind, content: sealed(5) })
            }
            1 => Command::AdvanceClock(AdvanceClock { by_ms: self.cents as u64 * DAY_MS }),
            2 => Command::CreateKey(CreateKey(play.new_key())),
            3 => change(holder, 1, 8),
            _ => change(holder, 8, 1),
        }
    }
}
