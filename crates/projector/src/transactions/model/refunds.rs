//! What merchants give, and take back.

use ledger::refunds::{RefundReleased, RefundReversed, Refunded, UnlinkedRefundReceived};

use super::*;

impl TransactionsModel {
    pub(super) fn refunded(
        &mut self,
        db: &Connection,
        event: &Refunded,
        entry: &Entry,
    ) -> Result<(), Error> {
        let row = self.touch(db, event.transaction, entry)?;
        row.refunded = more(row.refunded, event.amount, entry)?;
        if row.state != State::Pending {
            row.state = State::Refunded;
        }
        let kind = StepKind::Refund;
        self.steps.insert(step(entry, event.transaction, kind, event.amount, Asset::Usd));
        Ok(())
    }

    pub(super) fn refund_reversed(
        &mut self,
        db: &Connection,
        event: &RefundReversed,
        entry: &Entry,
    ) -> Result<(), Error> {
        let row = self.touch(db, event.transaction, entry)?;
        row.refunded = less(row.refunded, event.amount, entry)?;
        // A purchase is pending as long as its hold, an unlinked refund until its review or until nothing is left of it.
        let is_pending = row.state == State::Pending;
        if !is_pending || row.kind == Kind::UnlinkedRefund && row.refunded.is_zero() {
            row.state = ended(row, State::Voided);
        }
        let kind = StepKind::RefundReversal;
        self.steps.insert(step(entry, event.transaction, kind, event.amount, Asset::Usd));
        Ok(())
    }

    pub(super) fn unlinked_refund(&mut self, event: &UnlinkedRefundReceived, entry: &Entry) {
        let UnlinkedRefundReceived { transaction, card, agent, holder, ref terms } = *event;
        self.card_transactions.insert(CardTransaction {
            state: State::Pending,
            refunded: terms.amount,
            ..asked(entry, Kind::UnlinkedRefund, transaction, (holder, agent, card), terms)
        });
        let kind = StepKind::UnlinkedRefund;
        self.steps.insert(step(entry, transaction, kind, terms.amount, terms.asset));
    }

    pub(super) fn refund_released(
        &mut self,
        db: &Connection,
        event: &RefundReleased,
        entry: &Entry,
    ) -> Result<(), Error> {
        let RefundReleased { transaction, amount } = *event;
        self.touch(db, transaction, entry)?.state = State::Refunded;
        self.steps.insert(step(entry, transaction, StepKind::Release, amount, Asset::Usd));
        Ok(())
    }
}
