//! Ledgers of the platform.

use ledger::ledgers::{CreateLedger, JournalLine, PostJournal};
use ledger::{LedgerId, LedgerKind, Metadata, Side};

use super::*;

impl Play {
    pub(crate) fn ledger(&mut self, code: &str, kind: LedgerKind) -> LedgerId {
        let entry = self.act(Command::CreateLedger(CreateLedger {
            code: text(code),
            name: text("Operating"),
            kind,
            asset: Asset::Usd,
            overdraft_limit: Amount(100_00),
        }));
        match entry.events[..] {
            [Event::LedgerCreated(ref event)] => event.ledger,
            ref events => panic!("{events:?}"),
        }
    }

    /// An asset and a liability.
    pub(crate) fn two_ledgers(&mut self) -> [LedgerId; 2] {
        [("cash", LedgerKind::Asset), ("ada", LedgerKind::Liability)]
            .map(|(code, kind)| self.ledger(code, kind))
    }

    /// Posts lines that must be accepted.
    pub(crate) fn journal_of(&mut self, lines: &[(LedgerId, Side, u128)]) -> Arc<Entry> {
        let line = |(ledger, side, amount): &(LedgerId, Side, u128)| JournalLine {
            ledger: *ledger,
            side: *side,
            amount: Amount(*amount),
            description: None,
        };
        self.act(Command::PostJournal(PostJournal {
            lines: lines.iter().map(line).collect(),
            description: None,
            effective_at: None,
            metadata: Metadata::default(),
        }))
    }
}
