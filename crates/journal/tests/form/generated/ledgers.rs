//! Ledgers of the platform.

use ledger::ledgers::*;
use ledger::*;
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;

use super::values::*;

pub(super) fn ledger_event() -> impl Strategy<Value = Event> {
    let ledger = || id().prop_map(LedgerId);
    let status = select(&[LedgerStatus::Active, LedgerStatus::Frozen, LedgerStatus::Closed][..]);
    let lines = || vec(line(), 0..4);
    prop_oneof![
        (ledger(), text(), text(), ledger_kind(), asset(), amount()).prop_map(
            |(ledger, code, name, kind, asset, overdraft_limit)| {
                Event::LedgerCreated(LedgerCreated {
                    ledger,
                    code,
                    name,
                    kind,
                    asset,
                    overdraft_limit,
                })
            }
        ),
        (ledger(), status).prop_map(|(ledger, status)| Event::LedgerStatusChanged(
            LedgerStatusChanged { ledger, status }
        )),
        (id(), ledger(), ledger(), amount(), of(text()), metadata()).prop_map(
            |(transfer, source, destination, amount, description, metadata)| {
                Event::LedgerTransferred(LedgerTransferred {
                    transfer: JournalId(transfer),
                    source,
                    destination,
                    amount,
                    description,
                    metadata,
                })
            }
        ),
        (id(), lines(), of(text()), of(time()), metadata()).prop_map(
            |(journal, lines, description, effective_at, metadata)| {
                Event::JournalPosted(JournalPosted {
                    journal: JournalId(journal),
                    lines,
                    description,
                    effective_at,
                    metadata,
                })
            }
        ),
        (id(), id(), lines(), of(text()), metadata()).prop_map(
            |(journal, of, lines, description, metadata)| {
                Event::JournalReversed(JournalReversed {
                    journal: JournalId(journal),
                    of: JournalId(of),
                    lines,
                    description,
                    metadata,
                })
            }
        ),
    ]
}

fn metadata() -> impl Strategy<Value = Metadata> {
    let members = proptest::collection::btree_map(text(), text(), 0..4);
    members.prop_map(|members| Metadata::new(members).unwrap())
}

fn line() -> impl Strategy<Value = JournalLine> {
    let side = select(&[Side::Debit, Side::Credit][..]);
    (id(), side, amount(), of(text())).prop_map(|(ledger, side, amount, description)| JournalLine {
        ledger: LedgerId(ledger),
        side,
        amount,
        description,
    })
}
