//! Refunds, clearings that nobody can place, and the settlement with the network.

use ledger::presentments::{PresentmentAssigned, PresentmentSuspended, PresentmentWrittenOff};
use ledger::refunds::{RefundReleased, RefundReversed, Refunded, UnlinkedRefundReceived};
use ledger::settlement::NetworkSettled;
use ledger::{Account, Asset, Entry, Scheme, TransactionId};

use super::purchases::purchase;
use crate::books::{Books, Breach, Kind, Presentment, Purchase};

impl Books {
    pub(super) fn fold_refunded(&mut self, event: &Refunded) -> Result<(), Breach> {
        let purchase = self.purchases.get_mut(&event.transaction).ok_or("which is refunded?")?;
        let (amount, left) = (event.amount.0, purchase.cleared - purchase.refunded);
        require!(0 < amount && amount <= left, "a refund of {amount} where {left} is left");
        purchase.refunded += amount;
        purchase.uncollected += amount;
        Ok(())
    }

    pub(super) fn fold_refund_reversed(&mut self, event: &RefundReversed) -> Result<(), Breach> {
        let purchase = self.purchases.get_mut(&event.transaction).ok_or("which refund?")?;
        let (amount, left) = (event.amount.0, purchase.refunded);
        require!(0 < amount && amount <= left, "{amount} is taken back of {left}");
        let uncollected = amount.min(purchase.uncollected);
        require!(event.uncollected.0 == uncollected, "the network still owes {uncollected}");
        purchase.refunded -= amount;
        purchase.uncollected -= uncollected;
        Ok(())
    }

    pub(super) fn fold_unlinked_refund(
        &mut self,
        event: &UnlinkedRefundReceived,
        entry: &Entry,
    ) -> Result<(), Breach> {
        let who = (event.card, event.agent, event.holder);
        let refund = Purchase {
            refunded: event.terms.amount.0,
            uncollected: event.terms.amount.0,
            is_under_review: true,
            ..purchase(Kind::UnlinkedRefund, entry, &event.terms, who)
        };
        self.add_purchase(event.transaction, refund)
    }

    pub(super) fn fold_refund_released(&mut self, event: &RefundReleased) -> Result<(), Breach> {
        let refund = self.purchases.get_mut(&event.transaction).ok_or("which refund?")?;
        require!(refund.is_under_review, "`{}` is not under review", event.transaction);
        let left = refund.refunded;
        require!(event.amount.0 == left, "`{}` has {left} to release", event.transaction);
        refund.is_under_review = false;
        Ok(())
    }

    pub(super) fn fold_suspended(&mut self, event: &PresentmentSuspended) -> Result<(), Breach> {
        let presentment = Presentment {
            terms: event.terms.clone(),
            is_settled: false,
            is_assigned: false,
            is_suspended: true,
        };
        let before = self.presentments.insert(event.transaction, presentment);
        require!(before.is_none(), "`{}` is made twice", event.transaction);
        Ok(())
    }

    pub(super) fn fold_assigned(
        &mut self,
        event: &PresentmentAssigned,
        entry: &Entry,
    ) -> Result<(), Breach> {
        let presentment = self.suspended(event.transaction)?;
        require!(presentment.terms == event.terms, "`{}` was something else", event.transaction);
        presentment.is_assigned = true;
        presentment.is_suspended = false;
        let amount = event.terms.amount.0;
        let unsettled = if presentment.is_settled { 0 } else { amount };
        let who = (event.card, event.agent, event.holder);
        let clearing = Purchase {
            cleared: amount,
            unsettled,
            ..purchase(Kind::Presentment, entry, &event.terms, who)
        };
        self.add_purchase(event.transaction, clearing)?;
        self.closes_a_single_card(event.transaction, entry, true)
    }

    pub(super) fn fold_written_off(&mut self, event: &PresentmentWrittenOff) -> Result<(), Breach> {
        let presentment = self.suspended(event.transaction)?;
        presentment.is_suspended = false;
        require!(presentment.terms.amount == event.amount, "something else is written off");
        Ok(())
    }

    fn suspended(&mut self, id: TransactionId) -> Result<&mut Presentment, Breach> {
        let found = self.presentments.get_mut(&id).filter(|one| one.is_suspended);
        found.ok_or_else(|| format!("`{id}` is not suspended"))
    }

    /// Row 20. What is said to be paid and collected is all that was owed.
    pub(super) fn fold_settled(&mut self, event: &NetworkSettled) -> Result<(), Breach> {
        let payable = self.credit(Account::NetworkPayable(event.scheme), Asset::Usd);
        let receivable = self.debit(Account::NetworkReceivable(event.scheme), Asset::Usd);
        let told = (event.paid.0, event.collected.0);
        require!(told == (payable, receivable), "`{payable}` and `{receivable}` were owed");
        let shares = (event.interchange.0, event.interchange_returned.0);
        let expected = (payable * 15 / 1_000, receivable * 15 / 1_000);
        require!(shares == expected, "the shares are {expected:?}, not {shares:?}");
        let Scheme::Visa = event.scheme;
        for purchase in self.purchases.values_mut() {
            purchase.unsettled = 0;
            purchase.uncollected = 0;
        }
        self.presentments.values_mut().for_each(|presentment| presentment.is_settled = true);
        Ok(())
    }
}
