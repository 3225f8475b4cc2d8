//! What merchants capture, and its correction.

use ledger::clearings::{Cleared, Corrected, ForceCleared};
use ledger::presentments::{PresentmentAssigned, PresentmentSuspended, PresentmentWrittenOff};

use super::*;

impl TransactionsModel {
    pub(super) fn cleared(
        &mut self,
        db: &Connection,
        event: &Cleared,
        entry: &Entry,
    ) -> Result<(), Error> {
        let row = self.touch(db, event.transaction, entry)?;
        row.held = less(less(row.held, event.from_hold, entry)?, event.released, entry)?;
        row.cleared = more(row.cleared, event.amount, entry)?;
        row.fee = more(row.fee, event.fee, entry)?;
        if event.is_final || event.is_late {
            row.state = ended(row, State::Settled);
        }
        // It is used after all.
        row.is_counted |= matches!(row.kind, Kind::Authorization | Kind::Purchase);
        let kind = StepKind::Clearing;
        self.steps.insert(Step {
            ends_hold: event.is_final && !event.is_late,
            is_late: event.is_late,
            ..step(entry, event.transaction, kind, event.amount, Asset::Usd)
        });
        Ok(())
    }

    pub(super) fn force_cleared(&mut self, event: &ForceCleared, entry: &Entry) {
        let ForceCleared { transaction, card, agent, holder, ref terms, .. } = *event;
        self.card_transactions.insert(CardTransaction {
            state: State::Settled,
            cleared: terms.amount,
            fee: event.fee,
            ..asked(entry, Kind::ForcePost, transaction, (holder, agent, card), terms)
        });
        let kind = StepKind::ForcePost;
        self.steps.insert(step(entry, transaction, kind, terms.amount, terms.asset));
    }

    pub(super) fn corrected(
        &mut self,
        db: &Connection,
        event: &Corrected,
        entry: &Entry,
    ) -> Result<(), Error> {
        let row = self.touch(db, event.transaction, entry)?;
        row.cleared = less(row.cleared, event.amount, entry)?;
        if row.state != State::Pending {
            row.state = ended(row, State::Voided);
            row.is_counted &= !row.cleared.is_zero();
        }
        let kind = StepKind::Correction;
        self.steps.insert(step(entry, event.transaction, kind, event.amount, Asset::Usd));
        Ok(())
    }

    /// It is nobody's yet.
    pub(super) fn suspended(&mut self, event: &PresentmentSuspended, entry: &Entry) {
        let PresentmentSuspended { transaction, ref terms } = *event;
        let kind = StepKind::Presentment;
        self.steps.insert(step(entry, transaction, kind, terms.amount, terms.asset));
    }

    pub(super) fn assigned(&mut self, event: &PresentmentAssigned, entry: &Entry) {
        let PresentmentAssigned { transaction, card, agent, holder, ref terms } = *event;
        self.card_transactions.insert(CardTransaction {
            state: State::Settled,
            cleared: terms.amount,
            ..asked(entry, Kind::Presentment, transaction, (holder, agent, card), terms)
        });
        let kind = StepKind::Assignment;
        self.steps.insert(step(entry, transaction, kind, terms.amount, terms.asset));
    }

    pub(super) fn written_off(&mut self, event: &PresentmentWrittenOff, entry: &Entry) {
        let PresentmentWrittenOff { transaction, amount } = *event;
        self.steps.insert(step(entry, transaction, StepKind::WriteOff, amount, Asset::Usd));
    }
}
