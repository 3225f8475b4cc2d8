//! Money that leaves a wallet.

use ledger::transfers::{
    Completion, Destination, RETURN_MS, TransferAdvanced, TransferCompleted, TransferCreated,
    TransferFailed, TransferReturned, TransferStatus,
};
use ledger::{Entry, Money, Timestamp, TransactionId};
use projector::transactions::{Step, StepKind, Transfer};
use rustc_hash::FxHashMap;

use super::ends::Ends;
use super::step;
use crate::models::fold::known;
use crate::models::rows::Rows;

/// Transfers that are on their way, or may come back.
#[derive(Default)]
pub(super) struct Transfers {
    open: FxHashMap<TransactionId, Transfer>,
    ends: Ends,
}

impl Transfers {
    pub(super) fn created(&mut self, event: &TransferCreated, entry: &Entry) -> Step {
        self.open.insert(event.transaction, created(event, entry));
        step(entry, event.transaction, StepKind::Transfer, event.money)
    }

    pub(super) fn advanced(
        &mut self,
        event: &TransferAdvanced,
        entry: &Entry,
    ) -> Result<Step, String> {
        let transfer = self.at(event.transaction, event.status, entry.at)?;
        let money = Money { amount: transfer.amount, asset: transfer.asset };
        let kind = match event.status {
            TransferStatus::InReview => StepKind::Transfer,
            TransferStatus::FundsReceived => StepKind::FundsReceived,
            TransferStatus::PaymentSubmitted => StepKind::PaymentSubmitted,
            TransferStatus::PaymentProcessed => StepKind::PaymentProcessed,
            TransferStatus::Completed
            | TransferStatus::Failed
            | TransferStatus::Returned
            | TransferStatus::Refunded => {
                return Err(format!("a transfer is `{}` by a word alone", event.status));
            }
        };
        Ok(step(entry, event.transaction, kind, money))
    }

    pub(super) fn completed(
        &mut self,
        event: &TransferCompleted,
        entry: &Entry,
    ) -> Result<Step, String> {
        let transfer = self.at(event.transaction, TransferStatus::Completed, entry.at)?;
        let Completion { rate, rate_source, gas, transaction_hash } = event.completion.clone();
        transfer.delivered = Some(event.delivered.amount);
        (transfer.rate, transfer.rate_source) = (Some(rate), Some(rate_source));
        (transfer.gas, transfer.transaction_hash) = (gas, transaction_hash);
        self.ends.push(entry.at.plus_ms(RETURN_MS), event.transaction);
        Ok(step(entry, event.transaction, StepKind::Completion, event.delivered))
    }

    pub(super) fn failed(
        &mut self,
        event: &TransferFailed,
        entry: &Entry,
        rows: &mut dyn Rows,
    ) -> Result<Step, String> {
        let transfer = self.at(event.transaction, event.status, entry.at)?;
        transfer.reason.clone_from(&event.reason);
        self.hand_over(event.transaction, rows);
        let kind = match event.status {
            TransferStatus::Refunded => StepKind::Refund,
            _ => StepKind::Failure,
        };
        Ok(step(entry, event.transaction, kind, event.released))
    }

    pub(super) fn returned(
        &mut self,
        event: &TransferReturned,
        entry: &Entry,
        rows: &mut dyn Rows,
    ) -> Result<Step, String> {
        let transfer = self.at(event.transaction, TransferStatus::Returned, entry.at)?;
        transfer.reason.clone_from(&event.reason);
        self.hand_over(event.transaction, rows);
        Ok(step(entry, event.transaction, StepKind::Return, event.credited))
    }

    /// Hands over what can't come back any more.
    pub(super) fn forget(&mut self, now: Timestamp, rows: &mut dyn Rows) {
        for id in self.ends.over(now) {
            self.open.remove(&id).iter().for_each(|transfer| rows.whole(transfer));
        }
    }

    pub(super) fn finish(&self, rows: &mut dyn Rows) {
        self.open.values().for_each(|transfer| rows.whole(transfer));
    }

    /// A transfer that comes to a status.
    fn at(
        &mut self,
        id: TransactionId,
        status: TransferStatus,
        at: Timestamp,
    ) -> Result<&mut Transfer, String> {
        let transfer = known(self.open.get_mut(&id), id)?;
        (transfer.status, transfer.updated_at) = (status, at);
        Ok(transfer)
    }

    fn hand_over(&mut self, id: TransactionId, rows: &mut dyn Rows) {
        self.open.remove(&id).iter().for_each(|transfer| rows.whole(transfer));
    }
}

fn created(event: &TransferCreated, entry: &Entry) -> Transfer {
    let Destination { asset, rail, address } = event.destination;
    Transfer {
        id: event.transaction,
        position: entry.position,
        at: entry.at,
        holder: event.holder,
        wallet: event.wallet,
        amount: event.money.amount,
        asset: event.money.asset,
        fee: event.fee,
        destination_asset: asset,
        rail,
        address,
        reference: event.reference.clone(),
        client_reference: event.client_reference.clone(),
        status: TransferStatus::InReview,
        delivered: None,
        rate: None,
        rate_source: None,
        gas: None,
        transaction_hash: None,
        reason: None,
        updated_at: entry.at,
    }
}
