//! What happens to card transactions.

use ledger::authorizations::{Authorize, Confirm, ExpireAuthorization, Increment, Mode, Reverse};
use ledger::clearings::{Clear, Correct, ForceClear};
use ledger::refunds::{RecordUnlinkedRefund, Refund, ReleaseRefund, ReverseRefund};
use ledger::{CardId, Command};
use proptest::prelude::*;

use super::pick::{
    Ask, Outside, Pick, Scene, Size, Wanted, amount, ask, outside, part, pick, size,
};

/// Something that happens to a card transaction.
#[derive(Debug, Clone, Copy)]
#[expect(missing_docs, reason = "they are the commands of the ledger")]
pub enum Purchases {
    Authorize {
        card: Pick,
        ask: Ask,
        mode: Mode,
        accepts_part: bool,
    },
    Increment {
        purchase: Pick,
        size: Size,
        outside: Outside,
    },
    Confirm {
        purchase: Pick,
        size: Size,
        outside: Outside,
    },
    Reverse {
        purchase: Pick,
        size: Option<Size>,
        outside: Outside,
    },
    Expire(Pick),
    Clear {
        purchase: Pick,
        size: Option<Size>,
        is_final: bool,
        outside: Outside,
    },
    /// For an authorization that may come later.
    ForceClear {
        card: Pick,
        ask: Ask,
        awaits: Option<u8>,
    },
    Correct {
        purchase: Pick,
        size: Option<Size>,
        outside: Outside,
    },
    Refund {
        purchase: Pick,
        size: Option<Size>,
        outside: Outside,
    },
    ReverseRefund {
        purchase: Pick,
        size: Option<Size>,
        outside: Outside,
    },
    UnlinkedRefund {
        card: Pick,
        ask: Ask,
    },
    Release(Pick),
}

pub(super) fn purchases() -> impl Strategy<Value = Purchases> {
    let mode = prop_oneof![
        6 => Just(Mode::Hold),
        2 => Just(Mode::Purchase),
        1 => Just(Mode::Advice),
    ];
    let step = || (pick(), part(), outside());
    prop_oneof![
        12 => (pick(), ask(), mode, prop::bool::weighted(0.2)).prop_map(
            |(card, ask, mode, accepts_part)| {
                Purchases::Authorize { card, ask, mode, accepts_part }
            }
        ),
        3 => (pick(), size(), outside()).prop_map(
            |(purchase, size, outside)| Purchases::Increment { purchase, size, outside }
        ),
        1 => (pick(), size(), outside()).prop_map(
            |(purchase, size, outside)| Purchases::Confirm { purchase, size, outside }
        ),
        3 => step().prop_map(
            |(purchase, size, outside)| Purchases::Reverse { purchase, size, outside }
        ),
        1 => pick().prop_map(Purchases::Expire),
        5 => (step(), any::<bool>()).prop_map(|((purchase, size, outside), is_final)| {
            Purchases::Clear { purchase, size, is_final, outside }
        }),
        2 => (pick(), ask(), prop::option::of(any::<u8>()))
            .prop_map(|(card, ask, awaits)| Purchases::ForceClear { card, ask, awaits }),
        2 => step().prop_map(
            |(purchase, size, outside)| Purchases::Correct { purchase, size, outside }
        ),
        3 => step().prop_map(
            |(purchase, size, outside)| Purchases::Refund { purchase, size, outside }
        ),
        2 => step().prop_map(
            |(purchase, size, outside)| Purchases::ReverseRefund { purchase, size, outside }
        ),
        1 => (pick(), ask()).prop_map(|(card, ask)| Purchases::UnlinkedRefund { card, ask }),
        1 => pick().prop_map(Purchases::Release),
    ]
}

impl Purchases {
    pub(super) fn command(self, scene: &Scene<'_>) -> Command {
        match self {
            Self::Authorize { card, ask, mode, accepts_part } => {
                let card = match ask.outside {
                    // An authorization that is late comes with the card of its clearing.
                    Outside::Awaited(_) => awaiting(scene, ask.outside),
                    Outside::Nothing | Outside::Number(_) => None,
                }
                .unwrap_or_else(|| scene.card(card));
                let terms = scene.terms(ask, Some(card));
                Command::Authorize(Authorize { card, terms, mode, accepts_part })
            }
            Self::Increment { purchase, size, outside } => {
                let transaction = scene.purchase(Wanted::Open, purchase);
                let mut edges = scene.purchase_edges(transaction);
                let card = scene.books.purchases.get(&transaction).map(|purchase| purchase.card);
                edges.extend(card.map_or_else(Vec::new, |card| scene.card_edges(card)));
                let (amount, network_id) = (amount(size, &edges), scene.message(outside));
                Command::Increment(Increment { transaction, amount, network_id })
            }
            Self::Confirm { purchase, size, outside } => {
                let transaction = scene.purchase(Wanted::Open, purchase);
                let edges = scene.purchase_edges(transaction);
                let (amount, network_id) = (amount(size, &edges), scene.message(outside));
                Command::Confirm(Confirm { transaction, amount, network_id })
            }
            Self::Reverse { purchase, size, outside } => {
                let (transaction, amount) = scene.part(Wanted::Open, purchase, size);
                let network_id = scene.message(outside);
                Command::Reverse(Reverse { transaction, amount, network_id })
            }
            Self::Expire(purchase) => {
                let transaction = scene.purchase(Wanted::Open, purchase);
                Command::ExpireAuthorization(ExpireAuthorization { transaction })
            }
            Self::Clear { purchase, size, is_final, outside } => {
                let (transaction, amount) = scene.part(Wanted::Clearable, purchase, size);
                let network_id = scene.message(outside);
                Command::Clear(Clear { transaction, amount, is_final, network_id })
            }
            Self::ForceClear { card, ask, awaits } => {
                let card = scene.card(card);
                let terms = scene.terms(ask, Some(card));
                let awaits = awaits.map(|number| [number; 16]);
                Command::ForceClear(ForceClear { card, terms, awaits })
            }
            Self::Correct { purchase, size, outside } => {
                let (transaction, amount) = scene.part(Wanted::Cleared, purchase, size);
                let network_id = scene.message(outside);
                Command::Correct(Correct { transaction, amount, network_id })
            }
            Self::Refund { purchase, size, outside } => {
                let (transaction, amount) = scene.part(Wanted::Cleared, purchase, size);
                let network_id = scene.message(outside);
                Command::Refund(Refund { transaction, amount, network_id })
            }
            Self::ReverseRefund { purchase, size, outside } => {
                let (transaction, amount) = scene.part(Wanted::Refunded, purchase, size);
                let network_id = scene.message(outside);
                Command::ReverseRefund(ReverseRefund { transaction, amount, network_id })
            }
            Self::UnlinkedRefund { card, ask } => {
                let card = scene.card(card);
                let terms = scene.terms(ask, Some(card));
                Command::RecordUnlinkedRefund(RecordUnlinkedRefund { card, terms })
            }
            Self::Release(purchase) => {
                let transaction = scene.purchase(Wanted::UnderReview, purchase);
                Command::ReleaseRefund(ReleaseRefund { transaction })
            }
        }
    }
}

/// The card of the clearing that waits for the message.
fn awaiting(scene: &Scene<'_>, outside: Outside) -> Option<CardId> {
    let awaited = scene.message(outside);
    let mut clearings = scene.books.purchases.values().rev();
    let found = clearings.find(|one| one.awaits.is_some() && one.awaits == awaited);
    found.map(|one| one.card)
}
