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
    let side = select(&[Side::Debit, Side::Credit][..]);
    let line =
        (ledger(), side, amount(), of(text())).prop_map(|(ledger, side, amount, description)| {
            JournalLine { ledger, side, amount, description }
        });
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
        (id(), ledger(), ledger(), amount(), of(text())).prop_map(
            |(transfer, source, destination, amount, description)| {
                Event::LedgerTransferred(LedgerTransferred {
                    transfer: JournalId(transfer),
                    source,
                    destination,
                    amount,
                    description,
                })
            }
        ),
        (id(), vec(line, 0..4), of(text())).prop_map(|(journal, lines, description)| {
            let journal = JournalId(journal);
            Event::JournalPosted(JournalPosted { journal, lines, description })
        }),
    ]
}
