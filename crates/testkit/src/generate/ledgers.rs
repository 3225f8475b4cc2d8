//! What happens to the platform's own ledgers.

use ledger::ledgers::{
    ChangeLedger, CreateLedger, JournalLine, LedgerStatus, PostJournal, ReverseJournal,
    ReversedPart, TransferBetweenLedgers,
};
use ledger::{Amount, Asset, Command, JournalId, LedgerId, LedgerKind, Metadata, Side};
use proptest::prelude::*;

use super::pick::{Pick, Scene, Size, amount, nth, pick, size};
use crate::requests;

/// Something that happens to a ledger.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "they are the commands of the ledger")]
pub enum Ledgers {
    Create {
        code: u8,
        kind: LedgerKind,
        asset: Asset,
        overdraft: u128,
    },
    Status(Pick, LedgerStatus),
    Transfer {
        source: Pick,
        destination: Pick,
        size: Size,
    },
    /// The last line makes up for the others, unless it should not.
    Journal {
        lines: Vec<(Pick, Side, Size)>,
        last: Option<Pick>,
    },
    /// Of so much of each of these lines, counted round and round; of all of them, if none is named.
    Reversal {
        journal: Pick,
        parts: Option<(Vec<u8>, Size)>,
    },
}

pub(super) fn ledgers() -> impl Strategy<Value = Ledgers> {
    let kind = prop::sample::select(vec![
        LedgerKind::Asset,
        LedgerKind::Liability,
        LedgerKind::Equity,
        LedgerKind::Income,
        LedgerKind::Expense,
    ]);
    let asset = prop_oneof![5 => Just(Asset::Usd), 1 => Just(Asset::Eur)];
    let overdraft = prop::sample::select(vec![0, 0, 0, 1_000, 100_000, (1 << 53) - 1, 1 << 53]);
    let status = prop_oneof![
        6 => Just(LedgerStatus::Active),
        1 => Just(LedgerStatus::Frozen),
        1 => Just(LedgerStatus::Closed),
    ];
    let side = prop::sample::select(vec![Side::Debit, Side::Credit]);
    let lines = prop::collection::vec((pick(), side, size()), 0..4);
    prop_oneof![
        2 => (any::<u8>(), kind, asset, overdraft)
            .prop_map(|(code, kind, asset, overdraft)| {
                Ledgers::Create { code, kind, asset, overdraft }
            }),
        2 => (pick(), status).prop_map(|(ledger, status)| Ledgers::Status(ledger, status)),
        4 => (pick(), pick(), size()).prop_map(|(source, destination, size)| {
            Ledgers::Transfer { source, destination, size }
        }),
        4 => (lines, prop::option::weighted(0.9, pick()))
            .prop_map(|(lines, last)| Ledgers::Journal { lines, last }),
        2 => (pick(), prop::option::of((prop::collection::vec(0..5_u8, 0..4), size())))
            .prop_map(|(journal, parts)| Ledgers::Reversal { journal, parts }),
    ]
}

impl Ledgers {
    pub(super) fn command(&self, scene: &Scene<'_>) -> Command {
        match *self {
            Self::Create { code, kind, asset, overdraft } => Command::CreateLedger(CreateLedger {
                code: requests::text(&format!("code-{}", code % 64)),
                name: requests::text("a ledger"),
                kind,
                asset,
                overdraft_limit: Amount(overdraft),
            }),
            Self::Status(ledger, status) => {
                Command::ChangeLedger(ChangeLedger { ledger: any_ledger(scene, ledger), status })
            }
            Self::Transfer { source, destination, size } => {
                let source = any_ledger(scene, source);
                Command::TransferBetweenLedgers(TransferBetweenLedgers {
                    source,
                    destination: any_ledger(scene, destination),
                    amount: amount(size, &[left(scene, source)]),
                    description: None,
                    metadata: Metadata::default(),
                })
            }
            Self::Journal { ref lines, last } => {
                let mut lines: Vec<JournalLine> = lines
                    .iter()
                    .map(|(ledger, side, size)| {
                        let ledger = any_ledger(scene, *ledger);
                        line(ledger, *side, amount(*size, &[left(scene, ledger), 100]))
                    })
                    .collect();
                if let Some(last) = last {
                    lines.extend(balancing(&lines, any_ledger(scene, last)));
                }
                Command::PostJournal(PostJournal {
                    lines,
                    description: None,
                    effective_at: None,
                    metadata: Metadata::default(),
                })
            }
            Self::Reversal { journal, ref parts } => {
                let journals = &scene.books.journals;
                let journal = nth(journals.keys(), journal).copied().unwrap_or(JournalId([9; 16]));
                let lines = journals.get(&journal).map_or(&[][..], |journal| &journal.lines);
                let part = |(line, size): (u8, Size)| {
                    // Mostly one of the first two, which are all that most journals have.
                    let line = u16::from(line % 3 % 2 + line / 4 * 2);
                    let whole = lines.get(usize::from(line)).map_or(0, |line| line.amount.0);
                    ReversedPart { line, amount: amount(size, &[whole]) }
                };
                let parts = parts
                    .as_ref()
                    .map(|(parts, size)| parts.iter().map(|line| part((*line, *size))).collect());
                Command::ReverseJournal(ReverseJournal {
                    journal,
                    parts,
                    description: None,
                    metadata: Metadata::default(),
                })
            }
        }
    }
}

fn balancing(lines: &[JournalLine], ledger: LedgerId) -> Option<JournalLine> {
    let on = |side: Side| -> Option<u128> {
        let lines = lines.iter().filter(|line| line.side == side);
        lines.map(|line| line.amount.0).try_fold(0_u128, u128::checked_add)
    };
    let (debits, credits) = (on(Side::Debit)?, on(Side::Credit)?);
    let side = if debits < credits { Side::Debit } else { Side::Credit };
    let difference = debits.abs_diff(credits);
    (0 < difference).then(|| line(ledger, side, Amount(difference)))
}

fn line(ledger: LedgerId, side: Side, amount: Amount) -> JournalLine {
    JournalLine { ledger, side, amount, description: None }
}

/// What may be taken from a ledger.
fn left(scene: &Scene<'_>, id: LedgerId) -> u128 {
    let Some(ledger) = scene.books.ledgers.get(&id) else { return 0 };
    let left = scene.books.balance_of_ledger(id) + ledger.overdraft_limit.cast_signed();
    left.try_into().unwrap_or(0)
}

/// Mostly one that may be posted to.
fn any_ledger(scene: &Scene<'_>, pick: Pick) -> LedgerId {
    let ledgers = &scene.books.ledgers;
    let active = ledgers.iter().filter(|(_, one)| one.status == LedgerStatus::Active);
    let active: Vec<_> = active.map(|(id, _)| id).collect();
    let found = match pick {
        Pick::Nth(index) if !active.is_empty() && index % 8 != 0 => nth(active.into_iter(), pick),
        pick => nth(ledgers.keys(), pick),
    };
    found.copied().unwrap_or(LedgerId([9; 16]))
}
