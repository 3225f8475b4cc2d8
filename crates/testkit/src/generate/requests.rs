//! From steps to requests that mean something.

use ledger::agents::{AgentPolicy, AgentProfile, ChangeAgent, RegisterAgent};
use ledger::authorizations::{Authorize, Clear, ExpireAuthorization, Refund, Reverse, Terms};
use ledger::book::{Environment, OpenBook};
use ledger::cards::{CardKind, CardLimits, CardNumber, CardTerms, ChangeCard, CreateCard};
use ledger::clock::AdvanceClock;
use ledger::deposits::{Chain, ConfirmDeposit};
use ledger::holders::{
    AddDocument, CreateHolder, DocumentKind, RecordVerification, StartVerification, Verification,
    VerificationStatus,
};
use ledger::intents::{Attest, CancelIntent, DeclareIntent, ExpireIntent, Statement};
use ledger::keys::{Family, NewKey, Scope};
use ledger::limits::{Limit, Window};
use ledger::matching::{Expectation, Mcc, Merchant};
use ledger::{
    AgentId, Amount, Asset, BookId, CardId, Command, CommandId, HolderId, IntentId, Origin, Rate,
    Request, Sealed, Text, Timestamp, TransactionId,
};

use super::{Move, Outside, Pick, Shop, Size, Step};
use crate::books::{Books, Breach, verdict};
use crate::calendar;
use crate::depth::Core;

/// Some are the same merchant, some are not.
const NAMES: [&str; 6] =
    ["Amazon", "AMAZON.COM*MK1AB", "Amazon, Inc.", "Bistro Zum Löwen", "bistro", "Inc."];
/// None, restaurants, books, an airline, lodging.
const MCCS: [u16; 5] = [0, 5_812, 5_942, 3_058, 7_011];

/// The requests that were made so far.
#[derive(Debug, Default)]
pub struct Requests(Vec<Request>);

impl Requests {
    /// Opens a book with a user who has money, an agent and two cards.
    pub fn open(&mut self, core: &mut Core) -> Result<(), Breach> {
        let first = Pick::Nth(0);
        let size = Size::Minor(u16::MAX);
        let on_exceeded = ledger::agents::OnExceeded::Suspend;
        for step in [
            Step::Open,
            Step::User,
            Step::Verify(first, VerificationStatus::Approved),
            Step::Deposit { user: first, asset: Asset::Usdc, size, outside: None },
            Step::Agent {
                user: first,
                window: Window::Month,
                limit: u16::MAX,
                on_exceeded,
                cards_max: None,
            },
            Step::Card { agent: first, kind: CardKind::Multi, limits: [None; 4] },
            Step::Card { agent: first, kind: CardKind::Single, limits: [None; 4] },
        ] {
            self.take(&step, core)?;
        }
        Ok(())
    }

    /// Lets a step happen.
    pub fn take(&mut self, step: &Step, core: &mut Core) -> Result<(), Breach> {
        let request = match step {
            Step::Wall { by_ms } => {
                let wall = core.wall_ms().saturating_add_signed(*by_ms);
                core.set_wall(Timestamp::from_millis(wall));
                return Ok(());
            }
            Step::Again(pick) => {
                let Some(request) = nth(self.0.iter(), *pick) else { return Ok(()) };
                request.clone()
            }
            step => {
                let number = u32::try_from(self.0.len()).expect("fewer steps than that");
                request(number, command(step, number, core.books(), core.now()))
            }
        };
        // What is refused is checked by the core, too.
        let _ = core.ask(&request)?;
        self.0.push(request);
        Ok(())
    }
}

/// A request whose id follows from its number.
pub fn request(number: u32, command: Command) -> Request {
    let mut id = [0; 16];
    // The last byte counts what one command makes, the first eight make room for the time in ids.
    id[11..15].copy_from_slice(&number.to_be_bytes());
    Request { id: CommandId(id), origin: Origin { request: id, ..Origin::LEDGER }, command }
}

/// A reference into a vault that nobody looks into.
pub fn sealed(number: u32) -> Sealed {
    let mut reference = [0; 16];
    reference[..4].copy_from_slice(&number.to_be_bytes());
    Sealed { subject: reference, reference, commitment: [0; 32] }
}

/// A key that nobody knows the secret of.
pub fn key(number: u32) -> NewKey {
    let mut prefix = [0; 8];
    prefix[..4].copy_from_slice(&number.to_be_bytes());
    NewKey { family: Family::LedgerOs, scope: Scope::Write, prefix, digest: [0; 32] }
}

/// A card's number, valid for three years.
pub fn number(number: u32, now: Timestamp) -> CardNumber {
    let today = calendar::date(now);
    let year = u16::try_from(today.year + 3).expect("times end with the year 10889");
    let month = u8::try_from(today.month).expect("at most 12");
    CardNumber { sealed: sealed(number), last4: *b"1111", expiry_year: year, expiry_month: month }
}

fn command(step: &Step, number: u32, books: &Books, now: Timestamp) -> Command {
    match *step {
        Step::Wall { .. } | Step::Again(_) => unreachable!("no commands"),
        Step::Open => {
            let book = BookId([1; 16]);
            Command::OpenBook(OpenBook { book, environment: Environment::Sandbox })
        }
        Step::User => Command::CreateHolder(CreateHolder { profile: sealed(number) }),
        Step::StartVerification(user) => {
            Command::StartVerification(StartVerification { holder: holder(user, books) })
        }
        Step::Verify(user, status) => {
            let required = match status {
                VerificationStatus::NeedsInformation => vec![DocumentKind::Selfie],
                _ => Vec::new(),
            };
            let verification = Verification { status, required, reason: None };
            let holder = holder(user, books);
            Command::RecordVerification(RecordVerification { holder, verification })
        }
        Step::Document(user, kind) => {
            let (holder, content) = (holder(user, books), sealed(number));
            Command::AddDocument(AddDocument { holder, kind, content })
        }
        Step::Deposit { user, asset, size, outside } => {
            deposit(holder(user, books), asset, size, outside, number, books)
        }
        Step::Agent { user, window, limit, on_exceeded, cards_max } => {
            let limit = Limit { window, amount: Amount(limit.into()) };
            Command::RegisterAgent(RegisterAgent {
                holder: holder(user, books),
                profile: AgentProfile { name: text("bot"), description: None, external_id: None },
                policy: AgentPolicy { limit, on_exceeded, cards_max: cards_max.map(u32::from) },
                token: key(number),
                reference: None,
            })
        }
        Step::AgentStatus(agent, status) => {
            let agent = nth(books.agents.keys(), agent).map_or(AgentId([9; 16]), |id| *id);
            Command::ChangeAgent(ChangeAgent { agent, status })
        }
        Step::Card { agent, kind, limits } => card(agent, kind, limits, number, books, now),
        Step::CardStatus(card, status) => {
            Command::ChangeCard(ChangeCard { card: card_id(card, books), status })
        }
        Step::Intent { card, size, shop, mccs, tolerance } => {
            let card = card_id(card, books);
            let mccs = MCCS.into_iter().skip(1).cycle().skip(shop.mcc.into());
            let expectation = Expectation {
                amount: amount(size, &card_edges(card, books, now)),
                merchant: text(NAMES[usize::from(shop.name) % NAMES.len()]),
                mccs: mccs.take((mccs_kept(mccs_of(shop), mccs_count(mccs_of(shop))), 0).1).filter_map(Mcc::new).collect(),
                tolerance,
            };
            Command::DeclareIntent(DeclareIntent { card, summary: text("headphones"), expectation })
        }
        _ => todo!(),
    }
}
