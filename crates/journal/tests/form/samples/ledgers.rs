//! Ledgers of the platform.

use ledger::ledgers::*;

use super::*;

const KINDS: [LedgerKind; 5] = [
    LedgerKind::Asset,
    LedgerKind::Liability,
    LedgerKind::Equity,
    LedgerKind::Income,
    LedgerKind::Expense,
];

pub(super) fn all() -> Vec<Sample> {
    let (ledger, other) = (LedgerId([0x52; 16]), LedgerId([0x53; 16]));
    let journal = JournalId([0x54; 16]);
    vec![
        memo("ledger_created", Event::LedgerCreated(created(LedgerKind::Income))),
        memos(
            "ledger_created_with_every_kind",
            KINDS.map(|kind| Event::LedgerCreated(created(kind))),
        ),
        memo(
            "ledger_status_changed",
            Event::LedgerStatusChanged(LedgerStatusChanged {
                ledger,
                status: LedgerStatus::Frozen,
            }),
        ),
        memos(
            "ledger_status_changed_with_every_status",
            [LedgerStatus::Active, LedgerStatus::Frozen, LedgerStatus::Closed]
                .map(|status| Event::LedgerStatusChanged(LedgerStatusChanged { ledger, status })),
        ),
        entry(
            "ledger_transferred",
            Event::LedgerTransferred(LedgerTransferred {
                transfer: journal,
                source: ledger,
                destination: other,
                amount: Amount(12_345),
                description: Some(text("rent of March")),
                metadata: Metadata::default(),
            }),
            pair(
                Account::Ledger(LedgerKind::Liability, ledger),
                Account::Ledger(LedgerKind::Equity, other),
                Asset::Eur,
                12_345,
            ),
        ),
        entry(
            "ledger_transferred_with_metadata",
            Event::LedgerTransferred(LedgerTransferred {
                transfer: journal,
                source: ledger,
                destination: other,
                amount: Amount(12_345),
                description: None,
                metadata: noted(),
            }),
            pair(
                Account::Ledger(LedgerKind::Liability, ledger),
                Account::Ledger(LedgerKind::Equity, other),
                Asset::Eur,
                12_345,
            ),
        ),
        entry(
            "journal_posted",
            Event::JournalPosted(JournalPosted {
                journal,
                lines: vec![
                    line(ledger, Side::Debit, Some(text("net"))),
                    line(other, Side::Credit, None),
                ],
                description: Some(text("invoice 17")),
                effective_at: None,
                metadata: Metadata::default(),
            }),
            pair(
                Account::Ledger(LedgerKind::Expense, ledger),
                Account::Ledger(LedgerKind::Income, other),
                Asset::Eur,
                12_345,
            ),
        ),
        entry(
            "journal_posted_with_effective_at_and_metadata",
            Event::JournalPosted(JournalPosted {
                journal,
                lines: vec![line(ledger, Side::Debit, None), line(other, Side::Credit, None)],
                description: None,
                effective_at: Some(later()),
                metadata: noted(),
            }),
            pair(
                Account::Ledger(LedgerKind::Expense, ledger),
                Account::Ledger(LedgerKind::Income, other),
                Asset::Eur,
                12_345,
            ),
        ),
        entry(
            "journal_reversed",
            Event::JournalReversed(JournalReversed {
                journal: JournalId([0x55; 16]),
                of: journal,
                lines: vec![line(ledger, Side::Credit, None), line(other, Side::Debit, None)],
                description: Some(text("invoice 17 was wrong")),
                metadata: noted(),
            }),
            pair(
                Account::Ledger(LedgerKind::Income, other),
                Account::Ledger(LedgerKind::Expense, ledger),
                Asset::Eur,
                12_345,
            ),
        ),
        entry(
            "journal_posted_with_every_kind",
            Event::JournalPosted(JournalPosted {
                journal,
                lines: KINDS
                    .iter()
                    .flat_map(|_| {
                        [line(ledger, Side::Debit, None), line(other, Side::Credit, None)]
                    })
                    .collect(),
                description: None,
                effective_at: None,
                metadata: Metadata::default(),
            }),
            KINDS
                .map(|kind| {
                    let [debit, credit] = [ledger, other].map(|id| Account::Ledger(kind, id));
                    pair(debit, credit, Asset::Eur, 12_345)
                })
                .concat(),
        ),
    ]
}

fn created(kind: LedgerKind) -> LedgerCreated {
    LedgerCreated {
        ledger: LedgerId([0x52; 16]),
        code: text("4000"),
        name: text("Sales"),
        kind,
        asset: Asset::Eur,
        overdraft_limit: Amount(7_500),
    }
}

fn line(ledger: LedgerId, side: Side, description: Option<Text<200>>) -> JournalLine {
    JournalLine { ledger, side, amount: Amount(12_345), description }
}

fn noted() -> Metadata {
    let members = [("order", "A-17"), ("batch", "2027-01")];
    Metadata::new(members.map(|(name, noted)| (text(name), text(noted)))).unwrap()
}
