//! What happens between the programme and the card network.

use ledger::presentments::{AssignPresentment, RecordPresentment, WriteOffPresentment};
use ledger::settlement::SettleNetwork;
use ledger::{Amount, Command, Scheme, TransactionId};
use proptest::prelude::*;

use super::pick::{Ask, Pick, Scene, ask, nth, pick};

/// Something that happens between the programme and the card network.
#[derive(Debug, Clone, Copy)]
#[expect(missing_docs, reason = "they are the commands of the ledger")]
pub enum Network {
    Presentment(Ask),
    Assign { presentment: Pick, card: Pick },
    WriteOff(Pick),
    Settle { fees: u128 },
}

pub(super) fn network() -> impl Strategy<Value = Network> {
    let fees = prop_oneof![20 => 0..2_000_u128, 1 => Just((1 << 53) - 1), 1 => Just(1 << 53)];
    prop_oneof![
        2 => ask().prop_map(Network::Presentment),
        2 => (pick(), pick())
            .prop_map(|(presentment, card)| Network::Assign { presentment, card }),
        1 => pick().prop_map(Network::WriteOff),
        3 => fees.prop_map(|fees| Network::Settle { fees }),
    ]
}

impl Network {
    pub(super) fn command(self, scene: &Scene<'_>) -> Command {
        match self {
            Self::Presentment(ask) => {
                Command::RecordPresentment(RecordPresentment { terms: scene.terms(ask, None) })
            }
            Self::Assign { presentment, card } => {
                let (transaction, card) = (suspended(scene, presentment), scene.card(card));
                Command::AssignPresentment(AssignPresentment { transaction, card })
            }
            Self::WriteOff(presentment) => {
                let transaction = suspended(scene, presentment);
                Command::WriteOffPresentment(WriteOffPresentment { transaction })
            }
            Self::Settle { fees } => Command::SettleNetwork(SettleNetwork {
                scheme: Scheme::Visa,
                day: None,
                fees: Amount(fees),
            }),
        }
    }
}

fn suspended(scene: &Scene<'_>, pick: Pick) -> TransactionId {
    let waiting = scene.books.presentments.iter().filter(|(_, one)| one.is_suspended);
    let waiting: Vec<_> = waiting.map(|(id, _)| *id).collect();
    let any = || nth(scene.books.presentments.keys(), pick).copied();
    nth(waiting.into_iter(), pick).or_else(any).unwrap_or(TransactionId([9; 16]))
}
