//! Random histories of a book.
//!
//! [`steps`] generates what may happen, without knowing the state it will happen in, so that a failing history can be
//! shortened. [`Player`] turns each step into a request that means something at its time, or nothing on purpose.
//! [`history`] has the entries that come of it, for whoever needs a journal.

use std::sync::Arc;

use ledger::agents::{AgentStatus, OnExceeded};
use ledger::cards::{CardKind, CardStatus};
use ledger::holders::{DocumentKind, VerificationStatus};
use ledger::limits::Window;
use ledger::matching::Tolerance;
use ledger::time::{DAY_MS, HOUR_MS};
use ledger::{Amount, Asset, Entry, Request, Timestamp};
use proptest::prelude::*;

use crate::books::Breach;
use crate::depth::{Core, Depth};
use crate::requests;

mod commands;

/// The entries of random steps: a journal of a book in a sandbox.
///
/// # Panics
///
/// When a rule of the ledger is broken.
pub fn history(steps: &[Step]) -> Vec<Arc<Entry>> {
    let mut player = Player::new();
    for step in steps {
        player.take(step).expect("the rules hold");
    }
    player.core.journal().to_vec()
}

/// A book to which random steps happen.
#[derive(Debug)]
pub struct Player {
    /// The book, in which everything is checked.
    pub core: Core,
    requests: Vec<Request>,
}

impl Player {
    /// A book with a user who has money, an agent and two cards, shortly before the end of a February with a leap day.
    ///
    /// # Panics
    ///
    /// When a rule of the ledger is broken.
    #[expect(clippy::new_without_default, reason = "it is a certain book, not an empty one")]
    pub fn new() -> Self {
        let start = Timestamp::of_month(2028, 2).plus_ms(26 * DAY_MS);
        let mut player = Self { core: Core::new(start), requests: Vec::new() };
        let first = Pick::Nth(0);
        let (size, limit) = (Size::Minor(u16::MAX), 1_000_000);
        let (window, on_exceeded) = (Window::Month, OnExceeded::Suspend);
        for step in [
            Step::Open,
            Step::User,
            Step::Verify(first, VerificationStatus::Approved),
            Step::Deposit { user: first, asset: Asset::Usdc, size, outside: None },
            Step::Agent { user: first, window, limit, on_exceeded, cards_max: None },
            Step::Card { agent: first, kind: CardKind::Multi, limits: [None; 4] },
            Step::Card { agent: first, kind: CardKind::Single, limits: [None; 4] },
        ] {
            player.take(&step).expect("the rules hold");
        }
        player
    }

    /// Lets a step happen.
    pub fn take(&mut self, step: &Step) -> Result<(), Breach> {
        let number = u32::try_from(self.requests.len()).expect("fewer steps than that");
        let request = match *step {
            Step::Wall { by_ms } => {
                let wall = self.core.wall().as_millis().saturating_add_signed(by_ms);
                self.core.set_wall(Timestamp::from_millis(wall));
                return Ok(());
            }
            Step::Reload => return self.core.reload(),
            Step::Again(pick) => match commands::nth(self.requests.iter(), pick) {
                Some(request) => request.clone(),
                None => return Ok(()),
            },
            _ => {
                let (books, now) = (self.core.books(), self.core.now());
                let command = commands::command(step, number, books, now);
                requests::request(number, command)
            }
        };
        // A refusal is as good as an answer: the core has checked that it is right.
        let _ = self.core.ask(&request)?;
        self.requests.push(request);
        Ok(())
    }
}

/// Something that happens.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "they are the commands of the ledger")]
pub enum Step {
    /// The clock on the wall moves.
    Wall {
        by_ms: i64,
    },
    /// An earlier request is sent again.
    Again(Pick),
    /// The book is written as bytes and read back.
    Reload,
    Open,
    User,
    StartVerification(Pick),
    Verify(Pick, VerificationStatus),
    Document(Pick, DocumentKind),
    Deposit {
        user: Pick,
        asset: Asset,
        size: Size,
        outside: Outside,
    },
    Agent {
        user: Pick,
        window: Window,
        limit: u32,
        on_exceeded: OnExceeded,
        cards_max: Option<u8>,
    },
    AgentStatus(Pick, AgentStatus),
    Card {
        agent: Pick,
        kind: CardKind,
        limits: [Option<u16>; 4],
    },
    CardStatus(Pick, CardStatus),
    Intent {
        card: Pick,
        size: Size,
        shop: Shop,
        tolerance: Tolerance,
    },
    Cancel(Pick),
    ExpireIntent(Pick),
    Details {
        card: Pick,
        intent: Option<Pick>,
        size: Size,
        shop: Shop,
    },
    Authorize {
        card: Pick,
        size: Size,
        asset: Asset,
        shop: Shop,
        outside: Outside,
    },
    Reverse {
        purchase: Pick,
        size: Option<Size>,
        outside: Outside,
    },
    ExpireAuthorization(Pick),
    Clear {
        purchase: Pick,
        size: Option<Size>,
        is_final: bool,
        outside: Outside,
    },
    Refund {
        purchase: Pick,
        size: Option<Size>,
        outside: Outside,
    },
    Clock(Move),
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

/// An id from outside, if there is one: few are used, so that they return.
pub type Outside = Option<u8>;

/// How far a sandbox's clock is moved.
#[derive(Debug, Clone, Copy)]
pub enum Move {
    /// So far.
    ByMs(u64),
    /// To the next deadline, and a few milliseconds off.
    Deadline(i8),
    /// To the end of the calendar's period, or of the day that began with a purchase, and a few milliseconds off.
    Window(Window, i8),
}

/// Between one step and `max`.
pub fn steps(max: usize) -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(step(), 1..=max)
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => people(),
        3 => agents_and_cards(),
        4 => intents(),
        12 => purchases(),
        3 => time(),
    ]
}

fn people() -> impl Strategy<Value = Step> {
    let status = prop_oneof![
        12 => Just(VerificationStatus::Approved),
        1 => Just(VerificationStatus::NeedsInformation),
        1 => Just(VerificationStatus::Denied),
        1 => Just(VerificationStatus::Locked),
    ];
    let kind = prop_oneof![Just(DocumentKind::Selfie), Just(DocumentKind::ProofOfAddress)];
    let asset = prop_oneof![3 => Just(Asset::Usdc), 1 => Just(Asset::Usdt)];
    prop_oneof![
        1 => Just(Step::Open),
        1 => Just(Step::User),
        1 => pick().prop_map(Step::StartVerification),
        6 => (pick(), status).prop_map(|(user, status)| Step::Verify(user, status)),
        1 => (pick(), kind).prop_map(|(user, kind)| Step::Document(user, kind)),
        12 => (pick(), asset, size(), outside())
            .prop_map(|(user, asset, size, outside)| Step::Deposit { user, asset, size, outside }),
    ]
}

fn agents_and_cards() -> impl Strategy<Value = Step> {
    let window = prop::sample::select(vec![
        Window::Authorization,
        Window::Day,
        Window::Week,
        Window::Month,
        Window::Year,
        Window::Total,
    ]);
    let on_exceeded =
        prop::sample::select(vec![OnExceeded::Suspend, OnExceeded::Notify, OnExceeded::Ignore]);
    let agent = (pick(), window, 1..100_000_u32, on_exceeded, prop::option::of(0..4_u8));
    let agent_status =
        prop_oneof![12 => Just(AgentStatus::Active), 1 => Just(AgentStatus::Suspended)];
    let kind = prop_oneof![1 => Just(CardKind::Single), 2 => Just(CardKind::Multi)];
    let limit = || prop::option::weighted(0.4, any::<u16>());
    let limits = [limit().boxed(), limit().boxed(), limit().boxed(), limit().boxed()];
    let card_status = prop_oneof![
        12 => Just(CardStatus::Active),
        1 => Just(CardStatus::Frozen),
        1 => Just(CardStatus::Closed),
    ];
    prop_oneof![
        1 => agent.prop_map(|(user, window, limit, on_exceeded, cards_max)| {
            Step::Agent { user, window, limit, on_exceeded, cards_max }
        }),
        6 => (pick(), agent_status).prop_map(|(agent, status)| Step::AgentStatus(agent, status)),
        2 => (pick(), kind, limits)
            .prop_map(|(agent, kind, limits)| Step::Card { agent, kind, limits }),
        3 => (pick(), card_status).prop_map(|(card, status)| Step::CardStatus(card, status)),
    ]
}

fn intents() -> impl Strategy<Value = Step> {
    let tolerance = prop_oneof![
        Just(Tolerance::DEFAULT),
        (0..=30_u8).prop_map(Tolerance::Percent),
        any::<u8>().prop_map(|amount| Tolerance::Amount(Amount(amount.into()))),
    ];
    prop_oneof![
        5 => (pick(), size(), shop(), tolerance)
            .prop_map(|(card, size, shop, tolerance)| Step::Intent { card, size, shop, tolerance }),
        1 => pick().prop_map(Step::Cancel),
        1 => pick().prop_map(Step::ExpireIntent),
        4 => (pick(), prop::option::weighted(0.3, pick()), size(), shop())
            .prop_map(|(card, intent, size, shop)| Step::Details { card, intent, size, shop }),
    ]
}

fn purchases() -> impl Strategy<Value = Step> {
    let asset = prop_oneof![20 => Just(Asset::Usd), 1 => Just(Asset::Eur)];
    let part = || prop::option::of(size());
    prop_oneof![
        8 => (pick(), size(), asset, shop(), outside()).prop_map(
            |(card, size, asset, shop, outside)| Step::Authorize { card, size, asset, shop, outside }
        ),
        3 => (pick(), part(), outside())
            .prop_map(|(purchase, size, outside)| Step::Reverse { purchase, size, outside }),
        1 => pick().prop_map(Step::ExpireAuthorization),
        5 => (pick(), part(), any::<bool>(), outside()).prop_map(
            |(purchase, size, is_final, outside)| Step::Clear { purchase, size, is_final, outside }
        ),
        3 => (pick(), part(), outside())
            .prop_map(|(purchase, size, outside)| Step::Refund { purchase, size, outside }),
    ]
}

fn time() -> impl Strategy<Value = Step> {
    let window = prop::sample::select(vec![
        Window::Day,
        Window::Day,
        Window::Week,
        Window::Month,
        Window::Year,
    ]);
    let moves = prop_oneof![
        12 => (0..2 * HOUR_MS).prop_map(Move::ByMs),
        1 => (0..40 * DAY_MS).prop_map(Move::ByMs),
        1 => (0..1_000 * DAY_MS).prop_map(Move::ByMs),
        12 => (-1..=1_i8).prop_map(Move::Deadline),
        4 => (window, -1..=1_i8).prop_map(|(window, off)| Move::Window(window, off)),
    ];
    prop_oneof![
        3 => (-1_000..100_000_i64).prop_map(|by_ms| Step::Wall { by_ms }),
        2 => pick().prop_map(Step::Again),
        1 => Just(Step::Reload),
        3 => moves.prop_map(Step::Clock),
    ]
}

fn pick() -> impl Strategy<Value = Pick> + Clone {
    prop_oneof![30 => any::<u8>().prop_map(Pick::Nth), 1 => Just(Pick::Unknown)]
}

fn size() -> impl Strategy<Value = Size> + Clone {
    let wild = prop::sample::select(vec![0, (1 << 53) - 1, 1 << 53, u128::MAX]);
    prop_oneof![
        12 => (0..2_000_u16).prop_map(Size::Minor),
        20 => (any::<u8>(), -1..=1_i8).prop_map(|(nth, off)| Size::Edge { nth, off }),
        1 => wild.prop_map(Size::Wild),
    ]
}

fn shop() -> impl Strategy<Value = Shop> {
    prop_oneof![
        1 => Just(Shop::Expected),
        1 => (any::<u8>(), 0..8_u8).prop_map(|(name, mcc)| Shop::Listed { name, mcc }),
    ]
}

fn outside() -> impl Strategy<Value = Outside> {
    prop::option::weighted(0.2, any::<u8>())
}
