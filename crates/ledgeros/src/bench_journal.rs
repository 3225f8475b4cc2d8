//! `ledgeros bench journal`: a long journal in an empty folder, for everything that reads one.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};
use journal::{Head, Outcome, Stored, WriterId, encode};
use ledger::agents::{AgentPolicy, AgentProfile, OnExceeded, RegisterAgent};
use ledger::authorizations::{Authorize, Mode, Terms};
use ledger::book::{Environment, OpenBook};
use ledger::cards::{CardControls, CardKind, CardLimits, CardNumber, CardTerms, CreateCard};
use ledger::clearings::Clear;
use ledger::deposits::{Chain, ConfirmDeposit};
use ledger::holders::{CreateHolder, RecordVerification, Verification, VerificationStatus};
use ledger::keys::{Family, NewKey, Scope};
use ledger::limits::{Limit, Window};
use ledger::matching::{Mcc, Merchant};
use ledger::{
    Amount, Asset, Book, CardId, Command, CommandId, Entry, Event, HolderId, Month, Origin, Rate,
    Request, Sealed, Text, Timestamp, TransactionId,
};
use sha2::{Digest as _, Sha256};

use crate::folder::{self, Folder};

/// Entries of one append.
const BATCH: usize = 8_192;

/// Purchases that are open at a time: a clearing comes so much later than its authorization.
const OPEN: usize = 2_000;

/// What the journal is to be.
#[derive(Debug, clap::Args)]
pub(crate) struct JournalOptions {
    /// An empty folder, or one with a `database.url`.
    #[arg(long)]
    data: PathBuf,
    /// How many entries.
    #[arg(long, default_value_t = 1_000_000)]
    entries: u64,
    /// How many users, each with a card.
    #[arg(long, default_value_t = 10_000)]
    cards: usize,
}

/// Writes as many entries as it is told: users who get a card and money, then authorizations, their clearings, and
/// further deposits.
pub(crate) fn run(options: &JournalOptions) -> Result<ExitCode> {
    let folder = Folder::open(&options.data)?;
    let mut play = Play::new();
    play.act(Command::OpenBook(OpenBook {
        book: folder.book(),
        environment: Environment::Sandbox,
    }))?;
    let key = folder.checkpoint_key()?;
    let home = folder::home(folder.path(), &folder.journal()?, folder.book(), &key)?;
    let mut store = home.store;
    ensure!(store.head()? == Head::EMPTY, "the journal is not empty");
    let epoch = store.claim(WriterId([0; 16]))?;
    let mut people = Vec::new();
    let mut open = std::collections::VecDeque::new();
    let mut head = Head::EMPTY;
    for turn in 0.. {
        if people.len() < options.cards {
            people.push(play.person()?);
        } else {
            let (holder, card) = people[turn * 7919 % people.len()];
            match turn % 10 {
                0 => drop(play.deposit(holder)?),
                1..6 => open.push_back(play.authorize(card, 1_00 + turn as u128 % 50_00)?),
                _ if OPEN < open.len() => {
                    play.clear(open.pop_front().expect("there are some"))?;
                }
                _ => {}
            }
        }
        let is_over = options.entries <= play.last.position.0;
        if BATCH <= play.batch.len() || is_over {
            let batch = std::mem::take(&mut play.batch);
            match store.append(&batch, head, epoch) {
                Outcome::Committed => head = play.last,
                Outcome::Failed(error) | Outcome::Unknown(error) => return Err(error.into()),
            }
        }
        if is_over {
            break;
        }
    }
    let (mut anchor, _) = home.anchor.context("a folder has an anchor")?;
    anchor.advance(head)?;
    Ok(ExitCode::SUCCESS)
}

/// A book that is played by its rules.
struct Play {
    book: Book,
    now: Timestamp,
    commands: u64,
    last: Head,
    batch: Vec<Stored>,
}

impl Play {
    fn new() -> Self {
        let (book, now) = (Book::default(), Timestamp::of_month(2026, 1));
        Self { book, now, commands: 0, last: Head::EMPTY, batch: Vec::new() }
    }

    fn act(&mut self, command: Command) -> Result<Arc<Entry>> {
        self.commands += 1;
        self.now = self.now.plus_ms(1);
        let origin = Origin { route: 3, request: self.digest(b"request"), ..Origin::LEDGER };
        let request = Request { id: CommandId(self.digest(b"command")), origin, command };
        let entry = match self.book.decide(&request, self.now) {
            Ok(entry) => Arc::new(entry),
            Err(rejection) => bail!("the book refuses: {rejection:?}"),
        };
        self.book.apply(&entry);
        let stored = encode(Arc::clone(&entry), self.last.hash);
        self.last = Head { position: entry.position, hash: stored.hash };
        self.batch.push(stored);
        Ok(entry)
    }

    fn digest(&self, of: &[u8]) -> [u8; 16] {
        let digest = Sha256::digest([of, &self.commands.to_be_bytes()[..]].concat());
        *digest.first_chunk().expect("a hash has more than sixteen bytes")
    }

    fn person(&mut self) -> Result<(HolderId, CardId)> {
        let sealed =
            |byte| Sealed { subject: [byte; 16], reference: [byte; 16], commitment: [byte; 32] };
        let entry = self.act(Command::CreateHolder(CreateHolder { profile: sealed(1) }))?;
        let holder = made(&entry, |event| match event {
            Event::HolderCreated(event) => Some(event.holder),
            _ => None,
        })?;
        let status = VerificationStatus::Approved;
        let verification = Verification { status, required: Vec::new(), reason: None };
        self.act(Command::RecordVerification(RecordVerification { holder, verification }))?;
        self.deposit(holder)?;
        let limit = Amount(100_000_000_000);
        let digest = self.digest(b"token");
        let entry = self.act(Command::RegisterAgent(RegisterAgent {
            holder,
            profile: AgentProfile { name: text("bench")?, description: None, external_id: None },
            policy: AgentPolicy {
                limit: Limit { window: Window::Month, amount: limit },
                on_exceeded: OnExceeded::Ignore,
                cards_max: None,
            },
            token: NewKey {
                family: Family::LedgerOs,
                scope: Scope::Write,
                prefix: *digest.first_chunk().expect("it is longer"),
                digest: [3; 32],
            },
            reference: None,
        }))?;
        let agent = made(&entry, |event| match event {
            Event::AgentRegistered(event) => Some(event.agent),
            _ => None,
        })?;
        let controls = CardControls::default();
        let limits =
            CardLimits { total: limit, per_authorization: None, per_day: None, per_month: None };
        let (purpose, kind) = (text("bench")?, CardKind::Multi);
        let entry = self.act(Command::CreateCard(CreateCard {
            agent,
            terms: CardTerms { purpose, kind, limits, controls },
            number: CardNumber {
                sealed: sealed(2),
                last4: *b"4242",
                last_month: Month::new(2029, 11).expect("it is one"),
            },
        }))?;
        let card = made(&entry, |event| match event {
            Event::CardCreated(event) => Some(event.card),
            _ => None,
        })?;
        Ok((holder, card))
    }

    fn deposit(&mut self, holder: HolderId) -> Result<Arc<Entry>> {
        let reference = self.digest(b"deposit");
        self.act(Command::ConfirmDeposit(ConfirmDeposit {
            holder,
            chain: Chain::Base,
            asset: Asset::Usdc,
            amount: Amount(1_000_000_000_000),
            rate: Rate::ONE,
            rate_source: text("sandbox")?,
            reference,
        }))
    }

    fn authorize(&mut self, card: CardId, cents: u128) -> Result<TransactionId> {
        let merchant =
            Merchant { name: text("Bench")?, mcc: Mcc::new(5732), city: None, country: None };
        let network_id = Some(self.digest(b"network"));
        let terms = Terms {
            amount: Amount(cents),
            asset: Asset::Usd,
            original: None,
            merchant,
            network_id,
        };
        let entry = self.act(Command::Authorize(Authorize {
            card,
            terms,
            mode: Mode::Hold,
            accepts_part: false,
        }))?;
        made(&entry, |event| match event {
            Event::AuthorizationApproved(event) => Some(event.transaction),
            _ => None,
        })
    }

    fn clear(&mut self, transaction: TransactionId) -> Result<Arc<Entry>> {
        let network_id = Some(self.digest(b"clearing"));
        self.act(Command::Clear(Clear { transaction, amount: None, is_final: true, network_id }))
    }
}

fn made<T>(entry: &Entry, id: impl Fn(&Event) -> Option<T>) -> Result<T> {
    entry.events.iter().find_map(id).with_context(|| format!("`{:?}`", entry.events))
}

fn text<const MAX: usize>(text: &str) -> Result<Text<MAX>> {
    Ok(Text::new(text)?)
}
