//! Random histories of a book.
//!
//! [`steps`] generates what may happen, without knowing the state it will happen in, so that a failing history can be
//! shortened. [`Player`] turns each step into a request that means something at its time, or nothing on purpose.
//! [`long`] plays one history after the other.

use ledger::agents::OnExceeded;
use ledger::cards::{CardControls, CardKind};
use ledger::holders::VerificationStatus;
use ledger::ledgers::LedgerStatus;
use ledger::limits::Window;
use ledger::time::DAY_MS;
use ledger::{Asset, Command, LedgerKind, Rejection, Request, Timestamp};
use proptest::prelude::*;

use crate::books::{Books, Breach};
use crate::depth::{Answer, Core, Depth};
use crate::requests;

pub mod cards;
pub mod intents;
pub mod ledgers;
pub mod long;
pub mod network;
pub mod people;
pub mod pick;
pub mod purchases;
pub mod reach;
pub mod time;
pub mod wallets;
pub mod webhooks;

use cards::Cards;
use intents::Intents;
use ledgers::Ledgers;
use network::Network;
use people::People;
use pick::{Outside, Pick, Scene, Size};
use purchases::Purchases;
use time::Move;
use wallets::Wallets;
use webhooks::Webhooks;

/// A book to which random steps happen.
#[derive(Debug)]
pub struct Player {
    /// The book, in which everything is checked.
    pub core: Core,
    requests: Vec<Request>,
}

impl Player {
    /// A book shortly before the end of a February with a leap day. There is a user who has money, a wallet with tokens,
    /// an agent and two cards, and there are two ledgers.
    ///
    /// # Panics
    ///
    /// When a rule of the ledger is broken.
    #[expect(clippy::new_without_default, reason = "it is a certain book, not an empty one")]
    pub fn new() -> Self {
        let start = Timestamp::of_month(2028, 2).plus_ms(26 * DAY_MS);
        let mut player = Self { core: Core::new(start), requests: Vec::new() };
        for step in beginning() {
            player.take(&step).expect("the rules hold");
        }
        player
    }

    /// What was asked so far.
    pub fn requests(&self) -> &[Request] {
        &self.requests
    }

    /// Lets a step happen. The answer, unless nothing was asked: a refusal is as good as any, because the core has
    /// checked that it is right.
    pub fn take(&mut self, step: &Step) -> Result<Option<Result<Answer, Rejection>>, Breach> {
        let number = u32::try_from(self.requests.len()).expect("fewer steps than that");
        match step {
            Step::Wall { by_ms } => {
                let wall = self.core.wall().as_millis().saturating_add_signed(*by_ms);
                self.core.set_wall(Timestamp::from_millis(wall));
                return Ok(None);
            }
            Step::Reload => return self.core.reload().map(|()| None),
            Step::Again(pick) => match pick::nth(self.requests.iter(), *pick) {
                Some(request) => return self.core.ask(&request.clone()).map(Some),
                None => return Ok(None),
            },
            Step::Twin(pick) => match pick::nth(self.requests.iter(), *pick) {
                Some(request) => return self.core.ask(&requests::twin(request)).map(Some),
                None => return Ok(None),
            },
            _ => {}
        }
        let Some(command) = step.command(self.core.books(), self.core.now(), number) else {
            return Ok(None);
        };
        let mut request = requests::request(number, command);
        if let Step::Keyed(key, _) = step {
            request.origin.actor = pick::nth(self.core.books().keys.keys(), *key).copied();
        }
        let answer = match step {
            Step::Late(_) => self.core.ask_late(&request)?,
            _ => self.core.ask(&request)?,
        };
        self.requests.push(request);
        Ok(Some(answer))
    }
}

/// Something that happens.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "each is documented at its type")]
pub enum Step {
    /// The clock on the wall moves.
    Wall {
        by_ms: i64,
    },
    /// An earlier request is sent again.
    Again(Pick),
    /// A purchase is asked for, and nobody waits for the answer any more.
    Late(Purchases),
    /// A purchase is asked for with a key.
    Keyed(Pick, Purchases),
    /// An earlier request is sent under another command, whose ids would be the same.
    Twin(Pick),
    /// The book is written as bytes and read back.
    Reload,
    People(People),
    Cards(Cards),
    Intents(Intents),
    Purchases(Purchases),
    Network(Network),
    Wallets(Wallets),
    Ledgers(Ledgers),
    Webhooks(Webhooks),
    Clock(Move),
}

impl Step {
    /// What is asked where the books say this. `None` for what is no command. `number` tells it from others.
    pub fn command(&self, books: &Books, now: Timestamp, number: u32) -> Option<Command> {
        let scene = Scene { books, now, number };
        Some(match self {
            Self::Wall { .. } | Self::Again(_) | Self::Twin(_) | Self::Reload => return None,
            Self::People(step) => step.command(&scene),
            Self::Cards(step) => step.command(&scene),
            Self::Intents(step) => step.command(&scene),
            Self::Purchases(step) | Self::Late(step) | Self::Keyed(_, step) => step.command(&scene),
            Self::Network(step) => step.command(&scene),
            Self::Wallets(step) => step.command(&scene),
            Self::Ledgers(step) => step.command(&scene),
            Self::Webhooks(step) => step.command(&scene),
            Self::Clock(by) => by.command(&scene),
        })
    }
}

/// What a player's book begins with: a user who has money, a wallet with tokens, an agent and two cards, and two ledgers.
pub fn beginning() -> Vec<Step> {
    let first = Pick::Nth(0);
    let (size, outside) = (Size::Minor(u16::MAX), Outside::Nothing);
    let (window, on_exceeded, limit) = (Window::Month, OnExceeded::Suspend, 1_000_000);
    let card = |kind| {
        let controls = CardControls::default();
        Step::Cards(Cards::Card { agent: first, kind, limits: [None; 4], controls })
    };
    let ledger = |code, kind| {
        let (asset, overdraft) = (Asset::Usd, 1_000);
        Step::Ledgers(Ledgers::Create { code, kind, asset, overdraft })
    };
    vec![
        Step::People(People::Open),
        Step::People(People::User),
        Step::People(People::Verify(first, VerificationStatus::Approved)),
        Step::People(People::Deposit { user: first, asset: Asset::Usdc, size, outside }),
        Step::Cards(Cards::Agent { user: first, window, limit, on_exceeded, cards_max: None }),
        card(CardKind::Multi),
        card(CardKind::Single),
        Step::Wallets(Wallets::Open { user: first, wallet: None, currency: Asset::Usd }),
        Step::Wallets(Wallets::Deposit { wallet: first, asset: Asset::Usdc, size, outside }),
        ledger(0, LedgerKind::Asset),
        ledger(1, LedgerKind::Liability),
        Step::Ledgers(Ledgers::Status(first, LedgerStatus::Active)),
    ]
}

/// Between one step and `max`.
pub fn steps(max: usize) -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(step(), 1..=max)
}

/// A step.
pub fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => people::people().prop_map(Step::People),
        3 => cards::cards().prop_map(Step::Cards),
        4 => intents::intents().prop_map(Step::Intents),
        14 => purchases::purchases().prop_map(Step::Purchases),
        1 => purchases::purchases().prop_map(Step::Late),
        1 => (pick::pick(), purchases::purchases()).prop_map(|(key, step)| Step::Keyed(key, step)),
        2 => network::network().prop_map(Step::Network),
        4 => wallets::wallets().prop_map(Step::Wallets),
        2 => ledgers::ledgers().prop_map(Step::Ledgers),
        1 => webhooks::webhooks().prop_map(Step::Webhooks),
        1 => (-1_000..100_000_i64).prop_map(|by_ms| Step::Wall { by_ms }),
        1 => pick::pick().prop_map(Step::Again),
        1 => pick::pick().prop_map(Step::Twin),
        1 => Just(Step::Reload),
        2 => time::moves().prop_map(Step::Clock),
    ]
}
