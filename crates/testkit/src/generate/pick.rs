//! Which of those that exist, how much, where, and under which id from outside.

use ledger::agents::AgentStatus;
use ledger::authorizations::Terms;
use ledger::cards::CardStatus;
use ledger::clearings::EARLY_MS;
use ledger::holders::VerificationStatus;
use ledger::matching::{Mcc, Merchant, Tolerance};
use ledger::{AgentId, Amount, Asset, CardId, HolderId, IntentId, Money, Timestamp, TransactionId};
use proptest::prelude::*;

use super::time::edges_of_card;
use crate::books::{Books, Card, Intent, Purchase};
use crate::{calendar, requests};

/// Some are the same merchant, some are not.
pub(super) const NAMES: [&str; 6] =
    ["Amazon", "AMAZON.COM*MK1AB", "Amazon, Inc.", "Bistro Zum Löwen", "bistro", "Inc."];
/// Restaurants, books, an airline, lodging.
pub(super) const MCCS: [u16; 4] = [5_812, 5_942, 3_058, 7_011];

/// What a step happens in.
pub(super) struct Scene<'a> {
    pub(super) books: &'a Books,
    pub(super) now: Timestamp,
    pub(super) number: u32,
}

/// One of those that exist, or rarely one that does not.
#[derive(Debug, Clone, Copy)]
pub enum Pick {
    /// The `n`th, counted round and round.
    Nth(u8),
    /// Nobody.
    Unknown,
}

/// An amount.
#[derive(Debug, Clone, Copy)]
pub enum Size {
    /// So many minor units.
    Minor(u16),
    /// One of the amounts at which something changes, or next to it.
    Edge {
        /// Which of them, counted round and round.
        nth: u8,
        /// How far from it.
        off: i8,
    },
    /// One that no rule allows.
    Wild(u128),
}

/// A merchant.
#[derive(Debug, Clone, Copy)]
pub enum Shop {
    /// The one that the card's first live intent expects; the first listed one, where there is none.
    Expected,
    /// By the places of its name and its category in a list.
    Listed {
        /// Of the name.
        name: u8,
        /// Of the category; behind the end for none.
        mcc: u8,
    },
}

/// An id from outside.
#[derive(Debug, Clone, Copy)]
pub enum Outside {
    /// None.
    Nothing,
    /// One of few, so that they return.
    Number(u8),
    /// The one of an authorization that a clearing waits for.
    Awaited(Pick),
}

/// What can be done with a card transaction.
#[derive(Debug, Clone, Copy)]
pub(super) enum Wanted {
    Open,
    Clearable,
    Cleared,
    Refunded,
    UnderReview,
}

/// What a merchant asks for.
#[derive(Debug, Clone, Copy)]
#[expect(missing_docs, reason = "they are the words of the ledger")]
pub struct Ask {
    pub size: Size,
    pub asset: Asset,
    pub shop: Shop,
    pub outside: Outside,
}

pub(super) fn pick() -> impl Strategy<Value = Pick> + Clone {
    prop_oneof![30 => any::<u8>().prop_map(Pick::Nth), 1 => Just(Pick::Unknown)]
}

pub(super) fn size() -> impl Strategy<Value = Size> + Clone {
    let wild = prop::sample::select(vec![0, (1 << 53) - 1, 1 << 53, u128::MAX]);
    prop_oneof![
        30 => (0..2_000_u16).prop_map(Size::Minor),
        20 => (any::<u8>(), -1..=1_i8).prop_map(|(nth, off)| Size::Edge { nth, off }),
        1 => wild.prop_map(Size::Wild),
    ]
}

pub(super) fn part() -> impl Strategy<Value = Option<Size>> + Clone {
    prop::option::of(size())
}

pub(super) fn shop() -> impl Strategy<Value = Shop> {
    prop_oneof![
        1 => Just(Shop::Expected),
        1 => (any::<u8>(), 0..8_u8).prop_map(|(name, mcc)| Shop::Listed { name, mcc }),
    ]
}

pub(super) fn outside() -> impl Strategy<Value = Outside> {
    prop_oneof![
        16 => Just(Outside::Nothing),
        4 => any::<u8>().prop_map(Outside::Number),
        1 => pick().prop_map(Outside::Awaited),
    ]
}

pub(super) fn ask() -> impl Strategy<Value = Ask> {
    let asset = prop_oneof![
        20 => Just(Asset::Usd),
        2 => Just(Asset::Eur),
        1 => Just(Asset::Mxn),
        1 => Just(Asset::Usdc),
    ];
    (size(), asset, shop(), outside()).prop_map(|(size, asset, shop, outside)| Ask {
        size,
        asset,
        shop,
        outside,
    })
}

impl Scene<'_> {
    pub(super) fn terms(&self, ask: Ask, card: Option<CardId>) -> Terms {
        let merchant = self.merchant(card, ask.shop);
        let amount = amount(ask.size, &card.map_or_else(Vec::new, |card| self.card_edges(card)));
        let asked = Money { amount, asset: ask.asset };
        requests::terms(asked, merchant, self.message(ask.outside))
    }

    pub(super) fn message(&self, outside: Outside) -> Option<[u8; 16]> {
        match outside {
            Outside::Nothing => None,
            Outside::Number(number) => Some([number; 16]),
            Outside::Awaited(pick) => {
                let awaiting = || self.books.purchases.values().filter(|one| one.awaits.is_some());
                let (end, now) = (EARLY_MS - 1, self.now.as_millis());
                let ends = |one: &&Purchase| (end..=end + 2).contains(&(now - one.at.as_millis()));
                let ending = awaiting().find(ends).and_then(|one| one.awaits);
                let awaited = awaiting().filter_map(|one| one.awaits).collect::<Vec<_>>();
                ending.or_else(|| nth(awaited.into_iter(), pick))
            }
        }
    }

    pub(super) fn merchant(&self, card: Option<CardId>, shop: Shop) -> Merchant {
        let expected = card.and_then(|card| self.live_intents(card).next());
        let (name, mcc) = match (shop, expected) {
            (Shop::Expected, Some(intent)) => {
                let expected = &intent.expectation;
                (expected.merchant.clone(), expected.mccs.first().copied())
            }
            (Shop::Expected, None) => (requests::text(NAMES[0]), None),
            (Shop::Listed { name, mcc }, _) => {
                let name = NAMES[usize::from(name) % NAMES.len()];
                let mcc = MCCS.get(usize::from(mcc)).and_then(|code| Mcc::new(*code));
                (requests::text(name), mcc)
            }
        };
        Merchant { name, mcc, city: None, country: None }
    }

    fn live_intents(&self, card: CardId) -> impl Iterator<Item = &Intent> {
        let card = self.books.cards.get(&card);
        let declared = card.into_iter().flat_map(|card| &card.intents);
        declared.map(|id| &self.books.intents[id]).filter(|intent| intent.is_live())
    }

    /// What may be spent with a card at once before something says no, and what its intents expect.
    pub(super) fn card_edges(&self, id: CardId) -> Vec<u128> {
        let (books, now) = (self.books, self.now);
        let Some(card) = books.cards.get(&id) else { return Vec::new() };
        let agent_limit = books.agents[&card.agent].policy.limit;
        let mut edges: Vec<_> =
            card.limits.iter().map(|limit| books.left_of_card(id, limit, now)).collect();
        edges.push(books.left_of_agent(card.agent, agent_limit, now));
        edges.push(books.available(card.holder));
        edges.push(books.available(card.holder) + books.reserved(card.holder));
        edges.extend(card.controls.approval_above.map(|amount| amount.0));
        edges.extend(self.intent_edges(id));
        edges
    }

    /// What a card's intents expect, and how far they tolerate it.
    pub(super) fn intent_edges(&self, card: CardId) -> Vec<u128> {
        let edges = self.live_intents(card).flat_map(|intent| {
            let expected = intent.expectation.amount.0;
            let tolerated = match intent.expectation.tolerance {
                Tolerance::Amount(amount) => amount.0,
                Tolerance::Percent(percent) => expected * u128::from(percent) / 100,
            };
            [expected, expected + tolerated, expected.saturating_sub(tolerated)]
        });
        edges.collect()
    }

    /// Mostly a card transaction that is `wanted`.
    pub(super) fn purchase(&self, wanted: Wanted, pick: Pick) -> TransactionId {
        let purchases = &self.books.purchases;
        let fits = |one: &Purchase| match wanted {
            Wanted::Open => one.is_open,
            Wanted::Clearable => one.is_purchase(),
            Wanted::Cleared => one.refunded < one.cleared,
            Wanted::Refunded => 0 < one.refunded,
            Wanted::UnderReview => one.is_under_review,
        };
        let those = |is_wanted: &dyn Fn(&Purchase) -> bool| {
            let wanted = purchases.iter().filter(|(_, one)| is_wanted(one)).map(|(id, _)| id);
            nth(wanted.collect::<Vec<_>>().into_iter(), pick)
        };
        let found = match pick {
            Pick::Nth(index) if index % 16 == 0 => those(&|_| true),
            Pick::Nth(index) if index % 16 == 1 => those(&|one| one.declined.is_none()),
            Pick::Nth(_) => those(&fits).or_else(|| those(&|one| one.declined.is_none())),
            Pick::Unknown => None,
        };
        found.copied().unwrap_or(TransactionId([9; 16]))
    }

    /// What a card transaction holds, what it can clear without a debt, what can be refunded, what can be taken back,
    /// what is not settled, and what is owed.
    pub(super) fn purchase_edges(&self, id: TransactionId) -> Vec<u128> {
        let Some(purchase) = self.books.purchases.get(&id) else { return Vec::new() };
        let held = purchase.held().unwrap_or(0);
        let available = self.books.available(purchase.holder);
        vec![
            held,
            held + available,
            purchase.cleared.saturating_sub(purchase.refunded),
            purchase.refunded,
            purchase.unsettled,
            purchase.uncollected,
            self.books.overdrawn(purchase.holder),
            available,
        ]
    }

    pub(super) fn part(
        &self,
        wanted: Wanted,
        purchase: Pick,
        size: Option<Size>,
    ) -> (TransactionId, Option<Amount>) {
        let transaction = self.purchase(wanted, purchase);
        let edges = self.purchase_edges(transaction);
        (transaction, size.map(|size| amount(size, &edges)))
    }

    pub(super) fn holder(&self, pick: Pick) -> HolderId {
        nth(self.books.holders.keys(), pick).copied().unwrap_or(HolderId([9; 16]))
    }

    pub(super) fn agent(&self, pick: Pick) -> AgentId {
        nth(self.books.agents.keys(), pick).copied().unwrap_or(AgentId([9; 16]))
    }

    /// Mostly one that can be used; often one that has come to the edge of a time.
    pub(super) fn card(&self, pick: Pick) -> CardId {
        let books = self.books;
        let is_at_an_edge = |card: &Card| {
            let edges = edges_of_card(books, card, self.now);
            edges.iter().any(|edge| edge.as_millis().abs_diff(self.now.as_millis()) <= 1)
        };
        let today = calendar::date(self.now);
        let is_usable = |card: &Card| {
            card.status == CardStatus::Active
                && (today.year, today.month) <= card.valid_until
                && books.agents[&card.agent].status == AgentStatus::Active
                && books.holders[&card.holder] == VerificationStatus::Approved
        };
        let usable: Vec<_> = books.cards.iter().filter(|(_, card)| is_usable(card)).collect();
        let found = match pick {
            Pick::Nth(index) if !usable.is_empty() && index % 8 != 0 => {
                let at_edge = usable.iter().find(|(_, card)| is_at_an_edge(card));
                let at_edge = at_edge.copied().filter(|_| index % 2 == 0);
                at_edge.or_else(|| nth(usable.into_iter(), pick)).map(|(id, _)| id)
            }
            pick => nth(books.cards.keys(), pick),
        };
        found.copied().unwrap_or(CardId([9; 16]))
    }

    /// Mostly one for which something is declared.
    pub(super) fn card_of_intent(&self, pick: Pick) -> CardId {
        let live = self.books.intents.values().filter(|intent| intent.is_live());
        let cards: Vec<_> = live.map(|intent| intent.card).collect();
        match pick {
            Pick::Nth(index) if index % 4 != 0 => {
                nth(cards.into_iter(), pick).unwrap_or_else(|| self.card(pick))
            }
            pick => self.card(pick),
        }
    }

    /// Mostly one that has not ended.
    pub(super) fn intent(&self, pick: Pick) -> IntentId {
        let untaken = self.books.intents.iter().filter(|(_, intent)| intent.is_untaken());
        let untaken: Vec<_> = untaken.map(|(id, _)| id).collect();
        let found = match pick {
            Pick::Nth(index) if !untaken.is_empty() && index % 4 != 0 => {
                nth(untaken.into_iter(), pick)
            }
            pick => nth(self.books.intents.keys(), pick),
        };
        found.copied().unwrap_or(IntentId([9; 16]))
    }
}

pub(super) fn amount(size: Size, edges: &[u128]) -> Amount {
    Amount(match size {
        Size::Minor(amount) => amount.into(),
        Size::Edge { nth, off } => {
            let edge = edges.iter().cycle().nth(nth.into()).copied().unwrap_or(100);
            edge.saturating_add_signed(off.into())
        }
        Size::Wild(amount) => amount,
    })
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
