//! The platform's own ledgers.

use std::collections::BTreeMap;

use ledger::ledgers::{
    JournalLine, JournalReversed, LedgerCreated, LedgerStatus, LedgerStatusChanged,
    LedgerTransferred,
};
use ledger::{Account, Asset, JournalId, LedgerId, Side};

use crate::books::{Books, Breach, Journal, Ledger, signed};

impl Books {
    pub(super) fn fold_ledger(&mut self, event: &LedgerCreated) -> Result<(), Breach> {
        let is_taken = self.ledgers.values().any(|ledger| ledger.code == event.code);
        require!(!is_taken, "two ledgers have the code `{}`", event.code.as_str());
        let ledger = Ledger {
            code: event.code.clone(),
            kind: event.kind,
            asset: event.asset,
            overdraft_limit: event.overdraft_limit.0,
            status: LedgerStatus::Active,
        };
        let before = self.ledgers.insert(event.ledger, ledger);
        require!(before.is_none(), "`{}` is made twice", event.ledger);
        Ok(())
    }

    pub(super) fn fold_ledger_status(&mut self, event: &LedgerStatusChanged) -> Result<(), Breach> {
        let balance = self.balance_of_ledger(event.ledger);
        let ledger = self.ledgers.get_mut(&event.ledger).ok_or("which ledger?")?;
        require!(ledger.status != LedgerStatus::Closed, "a closed ledger changes");
        let is_closed = event.status == LedgerStatus::Closed;
        require!(!is_closed || balance == 0, "a ledger is closed with `{balance}`");
        ledger.status = event.status;
        Ok(())
    }

    pub(super) fn fold_ledger_transfer(&self, event: &LedgerTransferred) -> Result<(), Breach> {
        let (from, to) = (self.active(event.source)?, self.active(event.destination)?);
        require!(event.source != event.destination, "money stays where it is");
        require!(from.asset == to.asset, "money becomes something else");
        let sides = (from.kind.normal_side(), to.kind.normal_side());
        require!(sides.0 == sides.1, "the ledgers grow on {sides:?}");
        Ok(())
    }

    /// What is taken back was posted, and was not taken back before: no line more than once or by more than it has.
    pub(super) fn fold_reversal(&mut self, event: &JournalReversed) -> Result<(), Breach> {
        let of = self.journals.get_mut(&event.of).ok_or("what is reversed?")?;
        require!(of.reverses.is_none(), "a reversal is reversed");
        require!(!of.is_reversed, "a journal is reversed twice");
        of.is_reversed = true;
        let mut left = of.lines.clone();
        for line in &event.lines {
            let is_its = |one: &JournalLine| {
                one.ledger == line.ledger && one.side != line.side && line.amount <= one.amount
            };
            let found = left.iter().position(is_its);
            left.remove(found.ok_or("what was not posted is taken back")?);
        }
        self.fold_journal(event.journal, &event.lines)?;
        self.journals.get_mut(&event.journal).ok_or("which journal?")?.reverses = Some(event.of);
        Ok(())
    }

    pub(super) fn fold_journal(
        &mut self,
        id: JournalId,
        lines: &[JournalLine],
    ) -> Result<(), Breach> {
        let mut differences: BTreeMap<Asset, i128> = BTreeMap::new();
        for line in lines {
            let ledger = self.active(line.ledger)?;
            *differences.entry(ledger.asset).or_default() += signed(line.side, line.amount.0);
        }
        let differs = differences.into_values().any(|difference| difference != 0);
        require!(!differs, "a journal does not balance");
        let journal = Journal { lines: lines.to_vec(), reverses: None, is_reversed: false };
        let before = self.journals.insert(id, journal);
        require!(before.is_none(), "`{id}` is made twice");
        Ok(())
    }

    fn active(&self, id: LedgerId) -> Result<&Ledger, Breach> {
        let found = self.ledgers.get(&id).filter(|ledger| ledger.status == LedgerStatus::Active);
        found.ok_or_else(|| format!("`{id}` may not be posted to"))
    }

    /// What stands on a ledger, negative below zero.
    pub fn balance_of_ledger(&self, id: LedgerId) -> i128 {
        let Some(ledger) = self.ledgers.get(&id) else { return 0 };
        let account = Account::Ledger(ledger.kind, id);
        let balance = self.balances.get(&(account, ledger.asset)).copied().unwrap_or(0);
        match ledger.kind.normal_side() {
            Side::Debit => balance,
            Side::Credit => -balance,
        }
    }
}
