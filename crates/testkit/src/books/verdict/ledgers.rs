//! What may be done with the platform's own ledgers.

use std::collections::BTreeMap;

use ledger::ledgers::{
    ChangeLedger, CreateLedger, JournalLine, LedgerStatus, ReverseJournal, TransferBetweenLedgers,
};
use ledger::{Asset, LedgerId, Side};

use crate::books::approval::{AMOUNT_MAX, out_of_range};
use crate::books::effects::reversed;
use crate::books::{Books, signed};

/// The most lines that a journal may have.
const LINES_MAX: usize = 1_000;

impl Books {
    pub(super) fn new_ledger(&self, command: &CreateLedger) -> Option<&'static str> {
        if AMOUNT_MAX < command.overdraft_limit.0 {
            return Some("AmountOutOfRange");
        }
        let is_taken = self.ledgers.values().any(|ledger| ledger.code == command.code);
        is_taken.then_some("LedgerCodeTaken")
    }

    pub(super) fn ledger_change(&self, command: &ChangeLedger) -> Option<&'static str> {
        match self.ledgers.get(&command.ledger) {
            None => Some("UnknownLedger"),
            Some(ledger) if ledger.status == LedgerStatus::Closed => Some("LedgerNotActive"),
            Some(_) => {
                let is_empty = self.balance_of_ledger(command.ledger) == 0;
                let closes = command.status == LedgerStatus::Closed;
                (closes && !is_empty).then_some("LedgerNotEmpty")
            }
        }
    }

    fn inactive(&self, id: LedgerId) -> Option<&'static str> {
        match self.ledgers.get(&id) {
            None => Some("UnknownLedger"),
            Some(ledger) => (ledger.status != LedgerStatus::Active).then_some("LedgerNotActive"),
        }
    }

    pub(super) fn ledger_transfer(&self, command: &TransferBetweenLedgers) -> Option<&'static str> {
        let TransferBetweenLedgers { source, destination, amount, .. } = *command;
        if source == destination {
            return Some("SameLedger");
        }
        let refused = self
            .inactive(source)
            .or_else(|| self.inactive(destination))
            .or_else(|| out_of_range(amount));
        if refused.is_some() {
            return refused;
        }
        let (from, to) = (&self.ledgers[&source], &self.ledgers[&destination]);
        if from.asset != to.asset {
            return Some("DifferentAssets");
        }
        if from.kind.normal_side() != to.kind.normal_side() {
            return Some("DifferentSides");
        }
        self.overdrafts(&BTreeMap::from([(source, -amount.0.cast_signed())]))
    }

    pub(super) fn journal_reversal(&self, command: &ReverseJournal) -> Option<&'static str> {
        let Some(journal) = self.journals.get(&command.journal) else {
            return Some("UnknownJournal");
        };
        if journal.reverses.is_some() {
            return Some("JournalIsReversal");
        }
        if journal.is_reversed {
            return Some("JournalReversed");
        }
        let parts = command.parts.iter().flatten().enumerate();
        let wrong = parts.into_iter().find_map(|(place, part)| {
            let before = command.parts.iter().flatten().take(place);
            let stands_twice = before.into_iter().any(|other| other.line == part.line);
            match journal.lines.get(usize::from(part.line)) {
                Some(_) if stands_twice => Some("NoSuchLine"),
                None => Some("NoSuchLine"),
                Some(line) => (line.amount < part.amount).then_some("ExceedsLine"),
            }
        });
        wrong.or_else(|| self.journal(&reversed(journal, &command.parts)))
    }

    pub(super) fn journal(&self, lines: &[JournalLine]) -> Option<&'static str> {
        if lines.len() < 2 || LINES_MAX < lines.len() {
            return Some("JournalLength");
        }
        let mut differences: BTreeMap<Asset, i128> = BTreeMap::new();
        let mut rises: BTreeMap<LedgerId, i128> = BTreeMap::new();
        for line in lines {
            let refused = self.inactive(line.ledger).or_else(|| out_of_range(line.amount));
            if refused.is_some() {
                return refused;
            }
            let ledger = &self.ledgers[&line.ledger];
            let debits = signed(line.side, line.amount.0);
            *differences.entry(ledger.asset).or_default() += debits;
            let grows = if ledger.kind.normal_side() == Side::Debit { debits } else { -debits };
            *rises.entry(line.ledger).or_default() += grows;
        }
        if differences.values().any(|difference| *difference != 0) {
            return Some("JournalUnbalanced");
        }
        self.overdrafts(&rises)
    }

    /// Whether a ledger that falls would fall below what it may.
    fn overdrafts(&self, rises: &BTreeMap<LedgerId, i128>) -> Option<&'static str> {
        let falls_too_far = rises.iter().any(|(id, rise)| {
            let least = -self.ledgers[id].overdraft_limit.cast_signed();
            *rise < 0 && self.balance_of_ledger(*id) + rise < least
        });
        falls_too_far.then_some("LedgerInsufficientFunds")
    }
}
