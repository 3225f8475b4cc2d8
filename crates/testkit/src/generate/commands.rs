//! What a step means in the state it happens in.

use ledger::agents::{AgentPolicy, AgentStatus, ChangeAgent};
use ledger::authorizations::{Authorize, Clear, ExpireAuthorization, Refund, Reverse, Terms};
use ledger::cards::{CardLimits, CardStatus, CardTerms, ChangeCard};
use ledger::clock::AdvanceClock;
use ledger::holders::{AddDocument, DocumentKind, StartVerification, VerificationStatus};
use ledger::intents::{Attest, CancelIntent, DeclareIntent, ExpireIntent, Statement};
use ledger::limits::{Limit, Window};
use ledger::matching::{Expectation, Mcc, Merchant, Tolerance};
use ledger::time::DAY_MS;
use ledger::{AgentId, Amount, CardId, Command, HolderId, IntentId, Timestamp, TransactionId};

use super::{Move, Outside, Pick, Shop, Size, Step};
use crate::books::{Books, Card, Purchase};
use crate::{calendar, requests};

/// Some are the same merchant, some are not.
const NAMES: [&str; 6] =
    ["Amazon", "AMAZON.COM*MK1AB", "Amazon, Inc.", "Bistro Zum Löwen", "bistro", "Inc."];
/// Restaurants, books, an airline, lodging.
const MCCS: [u16; 4] = [5_812, 5_942, 3_058, 7_011];

/// The command of a step at `now`.
///
/// # Panics
///
/// For steps that are none.
pub(super) fn command(step: &Step, number: u32, books: &Books, now: Timestamp) -> Command {
    match *step {
        Step::Wall { .. } | Step::Again(_) | Step::Reload => panic!("{step:?} is no command"),
        Step::Open => requests::open_book(),
        Step::User => requests::create_holder(number),
        Step::StartVerification(user) => {
            Command::StartVerification(StartVerification { holder: holder(books, user) })
        }
        Step::Verify(user, status) => {
            let wants = status == VerificationStatus::NeedsInformation;
            let required = if wants { vec![DocumentKind::Selfie] } else { Vec::new() };
            requests::verify(holder(books, user), status, required)
        }
        Step::Document(user, kind) => {
            let (holder, content) = (holder(books, user), requests::sealed(number));
            Command::AddDocument(AddDocument { holder, kind, content })
        }
        Step::Deposit { user, asset, size, outside } => {
            let holder = holder(books, user);
            let cents = amount(size, &[books.overdrawn(holder)]);
            let tokens = Amount(cents.0.saturating_mul(10_000));
            let reference = message(outside).unwrap_or([number as u8; 16]);
            requests::deposit(holder, asset, tokens, reference)
        }
        Step::Agent { user, window, limit, on_exceeded, cards_max } => {
            let limit = Limit { window, amount: Amount(limit.into()) };
            let policy = AgentPolicy { limit, on_exceeded, cards_max: cards_max.map(u32::from) };
            requests::register_agent(number, holder(books, user), policy, None)
        }
        Step::AgentStatus(agent, status) => {
            Command::ChangeAgent(ChangeAgent { agent: agent_id(books, agent), status })
        }
        Step::Card { agent, kind, limits } => {
            let [total, per_authorization, per_day, per_month] =
                limits.map(|limit| limit.map(|amount| Amount(amount.into())));
            let total = total.unwrap_or(Amount(10_000_000));
            let limits = CardLimits { total, per_authorization, per_day, per_month };
            let terms = CardTerms { purpose: requests::text("headphones"), kind, limits };
            requests::create_card(number, agent_id(books, agent), terms, now)
        }
        Step::CardStatus(card, status) => {
            Command::ChangeCard(ChangeCard { card: card_id(books, card), status })
        }
        Step::Intent { card, size, shop, tolerance } => {
            let card = card_id(books, card);
            let amount = amount(size, &card_edges(books, card, now));
            let merchant = merchant(books, card, shop);
            let mccs = merchant.mcc.into_iter().collect();
            let expectation = Expectation { amount, merchant: merchant.name, mccs, tolerance };
            let summary = requests::text("headphones");
            Command::DeclareIntent(DeclareIntent { card, summary, expectation })
        }
        Step::Cancel(intent) => {
            Command::CancelIntent(CancelIntent { intent: intent_id(books, intent) })
        }
        Step::ExpireIntent(intent) => {
            Command::ExpireIntent(ExpireIntent { intent: intent_id(books, intent) })
        }
        Step::Details { card, intent, size, shop } => {
            let card = card_id(books, card);
            let statement = Statement {
                summary: requests::text("headphones"),
                amount: amount(size, &intent_edges(books, card)),
                merchant: merchant(books, card, shop).name,
            };
            let intent = intent.map(|intent| intent_id(books, intent));
            Command::Attest(Attest { card, intent, statement })
        }
        Step::Authorize { card, size, asset, shop, outside } => {
            let card = card_id(books, card);
            let mut edges = card_edges(books, card, now);
            edges.extend(intent_edges(books, card));
            let (amount, merchant) = (amount(size, &edges), merchant(books, card, shop));
            let terms = Terms { amount, asset, merchant, network_id: message(outside) };
            Command::Authorize(Authorize { card, terms })
        }
        Step::Reverse { purchase, size, outside } => {
            let (transaction, edges) = purchase_edges(books, purchase);
            let amount = size.map(|size| amount(size, &edges));
            Command::Reverse(Reverse { transaction, amount, network_id: message(outside) })
        }
        Step::ExpireAuthorization(purchase) => {
            let (transaction, _) = purchase_edges(books, purchase);
            Command::ExpireAuthorization(ExpireAuthorization { transaction })
        }
        Step::Clear { purchase, size, is_final, outside } => {
            let (transaction, edges) = purchase_edges(books, purchase);
            let amount = size.map(|size| amount(size, &edges));
            Command::Clear(Clear { transaction, amount, is_final, network_id: message(outside) })
        }
        Step::Refund { purchase, size, outside } => {
            let (transaction, edges) = purchase_edges(books, purchase);
            let amount = size.map(|size| amount(size, &edges));
            Command::Refund(Refund { transaction, amount, network_id: message(outside) })
        }
        Step::Clock(by) => Command::AdvanceClock(AdvanceClock { by_ms: by_ms(by, books, now) }),
    }
}

fn merchant(books: &Books, card: CardId, shop: Shop) -> Merchant {
    let expected = books.intents.values().find(|intent| intent.card == card && intent.is_live());
    let expected = expected.map(|intent| &intent.expectation);
    let (name, mcc) = match (shop, expected) {
        (Shop::Expected, Some(expected)) => (expected.merchant.clone(), expected.mccs.first()),
        (Shop::Expected, None) => (requests::text(NAMES[0]), None),
        (Shop::Listed { name, mcc }, _) => {
            let name = NAMES[usize::from(name) % NAMES.len()];
            return Merchant {
                name: requests::text(name),
                mcc: MCCS.get(usize::from(mcc)).and_then(|code| Mcc::new(*code)),
                city: None,
                country: None,
            };
        }
    };
    Merchant { name, mcc: mcc.copied(), city: None, country: None }
}

/// What may be spent with a card at once before something says no.
fn card_edges(books: &Books, id: CardId, now: Timestamp) -> Vec<u128> {
    let Some(card) = books.cards.get(&id) else { return Vec::new() };
    let agent_limit = books.agents[&card.agent].policy.limit;
    let of_card = card.limits.iter().map(|limit| books.left_of_card(id, limit, now));
    let of_others =
        [books.left_of_agent(card.agent, agent_limit, now), books.available(card.holder)];
    of_card.chain(of_others).collect()
}

/// What a card's intents expect, and how far they tolerate it.
fn intent_edges(books: &Books, card: CardId) -> Vec<u128> {
    let live = books.intents.values().filter(|intent| intent.card == card && intent.is_live());
    let edges = live.flat_map(|intent| {
        let expected = intent.expectation.amount.0;
        let tolerated = match intent.expectation.tolerance {
            Tolerance::Amount(amount) => amount.0,
            Tolerance::Percent(percent) => expected * u128::from(percent) / 100,
        };
        [expected, expected + tolerated, expected.saturating_sub(tolerated)]
    });
    edges.collect()
}

/// What a purchase holds, what it can clear without a debt, what can be refunded, and what is owed.
fn purchase_edges(books: &Books, pick: Pick) -> (TransactionId, Vec<u128>) {
    let with = |is_wanted: fn(&Purchase) -> bool| {
        let wanted = books.purchases.iter().filter(|(_, purchase)| is_wanted(purchase));
        nth(wanted.collect::<Vec<_>>().into_iter(), pick)
    };
    let found = match pick {
        Pick::Nth(index) if index % 4 == 0 => with(|purchase| purchase.declined.is_none()),
        Pick::Nth(_) => with(|purchase| purchase.is_open),
        Pick::Unknown => books.purchases.iter().find(|(_, one)| one.declined.is_some()),
    };
    let Some((id, purchase)) = found else { return (TransactionId([9; 16]), Vec::new()) };
    let held = purchase.held().unwrap_or(0);
    let edges = vec![
        held,
        held + books.available(purchase.holder),
        purchase.cleared - purchase.refunded,
        books.overdrawn(purchase.holder),
    ];
    (*id, edges)
}

fn by_ms(by: Move, books: &Books, now: Timestamp) -> u64 {
    let to = |time: Timestamp, off: i8| {
        (time.as_millis() - now.as_millis()).saturating_add_signed(off.into())
    };
    match by {
        Move::ByMs(by_ms) => by_ms,
        Move::Deadline(off) => to(books.next_due().unwrap_or(now).max(now), off),
        Move::Window(Window::Week, off) => {
            to(calendar::next_day(now, |before, day| before.week != day.week), off)
        }
        Move::Window(Window::Month, off) => {
            to(calendar::next_day(now, |before, day| before.month != day.month), off)
        }
        Move::Window(Window::Year, off) => {
            to(calendar::next_day(now, |before, day| before.year != day.year), off)
        }
        Move::Window(Window::Authorization | Window::Day | Window::Total, off) => {
            let ends = books.purchases.values().map(|purchase| purchase.at.plus_ms(DAY_MS));
            to(ends.filter(|end| now < *end).min().unwrap_or(now), off)
        }
    }
}

fn amount(size: Size, edges: &[u128]) -> Amount {
    Amount(match size {
        Size::Minor(amount) => amount.into(),
        Size::Edge { nth, off } => {
            let edge = edges.iter().cycle().nth(nth.into()).copied().unwrap_or(100);
            edge.saturating_add_signed(off.into())
        }
        Size::Wild(amount) => amount,
    })
}

fn message(outside: Outside) -> Option<[u8; 16]> {
    outside.map(|number| [number; 16])
}

fn holder(books: &Books, pick: Pick) -> HolderId {
    nth(books.holders.keys(), pick).copied().unwrap_or(HolderId([9; 16]))
}

fn agent_id(books: &Books, pick: Pick) -> AgentId {
    nth(books.agents.keys(), pick).copied().unwrap_or(AgentId([9; 16]))
}

fn card_id(books: &Books, pick: Pick) -> CardId {
    let is_usable = |card: &Card| {
        card.status == CardStatus::Active
            && books.agents[&card.agent].status == AgentStatus::Active
            && books.holders[&card.holder] == VerificationStatus::Approved
    };
    let usable: Vec<_> = books.cards.iter().filter(|(_, card)| is_usable(card)).collect();
    let found = match pick {
        Pick::Nth(index) if !usable.is_empty() && index % 8 != 0 => {
            nth(usable.into_iter(), pick).map(|(id, _)| id)
        }
        pick => nth(books.cards.keys(), pick),
    };
    found.copied().unwrap_or(CardId([9; 16]))
}

fn intent_id(books: &Books, pick: Pick) -> IntentId {
    nth(books.intents.keys(), pick).copied().unwrap_or(IntentId([9; 16]))
}

/// The newest are the first, so that most of what happens concerns what has not ended yet.
pub(super) fn nth<T>(
    all: impl DoubleEndedIterator<Item = T> + ExactSizeIterator,
    pick: Pick,
) -> Option<T> {
    match pick {
        Pick::Nth(index) if 0 < all.len() => {
            let index = usize::from(index) % all.len();
            all.rev().nth(index)
        }
        Pick::Nth(_) | Pick::Unknown => None,
    }
}
