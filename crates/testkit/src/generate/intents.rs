//! What happens to intents.

use ledger::intents::{
    ApproveIntent, Attest, CancelIntent, DeclareIntent, Enforcement, ExpireIntent, RejectIntent,
    Statement,
};
use ledger::matching::{Expectation, Tolerance};
use ledger::{Amount, Command};
use proptest::prelude::*;

use super::pick::{Pick, Scene, Shop, Size, amount, pick, shop, size};
use crate::requests;

/// Something that happens to an intent.
#[derive(Debug, Clone, Copy)]
#[expect(missing_docs, reason = "they are the commands of the ledger")]
pub enum Intents {
    Declare {
        card: Pick,
        size: Size,
        shop: Shop,
        tolerance: Tolerance,
        reserves: bool,
        enforcement: Option<Enforcement>,
        ttl_minutes: Option<u32>,
    },
    Approve(Pick),
    Reject(Pick),
    Cancel(Pick),
    Expire(Pick),
    Details {
        card: Pick,
        intent: Option<Pick>,
        size: Size,
        shop: Shop,
    },
}

pub(super) fn intents() -> impl Strategy<Value = Intents> {
    let tolerance = prop_oneof![
        Just(Tolerance::DEFAULT),
        (0..=30_u8).prop_map(Tolerance::Percent),
        any::<u8>().prop_map(|amount| Tolerance::Amount(Amount(amount.into()))),
    ];
    let enforcement = prop::sample::select(vec![Enforcement::Inform, Enforcement::Decline]);
    let policy = (
        prop::bool::weighted(0.3),
        prop::option::weighted(0.3, enforcement),
        prop::option::weighted(0.2, 1..20_000_u32),
    );
    prop_oneof![
        6 => (pick(), size(), shop(), tolerance, policy).prop_map(
            |(card, size, shop, tolerance, (reserves, enforcement, ttl_minutes))| {
                Intents::Declare { card, size, shop, tolerance, reserves, enforcement, ttl_minutes }
            }
        ),
        2 => pick().prop_map(Intents::Approve),
        1 => pick().prop_map(Intents::Reject),
        1 => pick().prop_map(Intents::Cancel),
        1 => pick().prop_map(Intents::Expire),
        4 => (pick(), prop::option::weighted(0.3, pick()), size(), shop())
            .prop_map(|(card, intent, size, shop)| Intents::Details { card, intent, size, shop }),
    ]
}

impl Intents {
    pub(super) fn command(self, scene: &Scene<'_>) -> Command {
        match self {
            Self::Declare { card, size, shop, tolerance, reserves, enforcement, ttl_minutes } => {
                let card = scene.card(card);
                let amount = amount(size, &scene.card_edges(card));
                let merchant = scene.merchant(Some(card), shop);
                let mccs = merchant.mcc.into_iter().collect();
                let expectation = Expectation { amount, merchant: merchant.name, mccs, tolerance };
                Command::DeclareIntent(DeclareIntent {
                    card,
                    summary: requests::text("headphones"),
                    expectation,
                    reserves,
                    enforcement,
                    ttl_minutes,
                })
            }
            Self::Approve(intent) => {
                Command::ApproveIntent(ApproveIntent { intent: scene.intent(intent) })
            }
            Self::Reject(intent) => {
                Command::RejectIntent(RejectIntent { intent: scene.intent(intent) })
            }
            Self::Cancel(intent) => {
                Command::CancelIntent(CancelIntent { intent: scene.intent(intent) })
            }
            Self::Expire(intent) => {
                Command::ExpireIntent(ExpireIntent { intent: scene.intent(intent) })
            }
            Self::Details { card, intent, size, shop } => {
                let card = scene.card_of_intent(card);
                let statement = Statement {
                    summary: requests::text("headphones"),
                    amount: amount(size, &scene.intent_edges(card)),
                    merchant: scene.merchant(Some(card), shop).name,
                };
                let intent = intent.map(|intent| scene.intent(intent));
                Command::Attest(Attest { card, intent, statement })
            }
        }
    }
}
