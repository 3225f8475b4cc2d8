//! Money that leaves a wallet.

use ledger::Money;
use ledger::transfers::{
    Completion, Destination, TransferAdvanced, TransferCompleted, TransferCreated, TransferFailed,
    TransferReturned, TransferStatus,
};

use super::*;

impl TransactionsModel {
    pub(super) fn transfer_created(&mut self, event: &TransferCreated, entry: &Entry) {
        let Money { amount, asset } = event.money;
        let Destination { asset: destination_asset, rail, address } = event.destination;
        let status = TransferStatus::InReview;
        self.transfers.insert(Transfer {
            id: event.transaction,
            position: entry.position,
            at: entry.at,
            holder: event.holder,
            wallet: event.wallet,
            amount,
            asset,
            fee: event.fee,
            destination_asset,
            rail,
            address,
            reference: event.reference.clone(),
            client_reference: event.client_reference.clone(),
            status,
            delivered: None,
            rate: None,
            rate_source: None,
            gas: None,
            transaction_hash: None,
            reason: None,
            updated_at: entry.at,
        });
        self.steps.insert(step(entry, event.transaction, status.into(), amount, asset));
    }

    pub(super) fn transfer_advanced(
        &mut self,
        db: &Connection,
        event: &TransferAdvanced,
        entry: &Entry,
    ) -> Result<(), Error> {
        let row = self.transfer(db, event.transaction, event.status, entry)?;
        let (amount, asset) = (row.amount, row.asset);
        self.steps.insert(step(entry, event.transaction, event.status.into(), amount, asset));
        Ok(())
    }

    pub(super) fn transfer_completed(
        &mut self,
        db: &Connection,
        event: &TransferCompleted,
        entry: &Entry,
    ) -> Result<(), Error> {
        let status = TransferStatus::Completed;
        let row = self.transfer(db, event.transaction, status, entry)?;
        let Money { amount, asset } = event.delivered;
        let Completion { rate, rate_source, gas, transaction_hash } = event.completion.clone();
        row.delivered = Some(amount);
        (row.rate, row.rate_source) = (Some(rate), Some(rate_source));
        (row.gas, row.transaction_hash) = (gas, transaction_hash);
        self.steps.insert(step(entry, event.transaction, status.into(), amount, asset));
        Ok(())
    }

    pub(super) fn transfer_failed(
        &mut self,
        db: &Connection,
        event: &TransferFailed,
        entry: &Entry,
    ) -> Result<(), Error> {
        self.transfer(db, event.transaction, event.status, entry)?.reason = event.reason.clone();
        let Money { amount, asset } = event.released;
        self.steps.insert(step(entry, event.transaction, event.status.into(), amount, asset));
        Ok(())
    }

    pub(super) fn transfer_returned(
        &mut self,
        db: &Connection,
        event: &TransferReturned,
        entry: &Entry,
    ) -> Result<(), Error> {
        let status = TransferStatus::Returned;
        self.transfer(db, event.transaction, status, entry)?.reason = event.reason.clone();
        let Money { amount, asset } = event.credited;
        self.steps.insert(step(entry, event.transaction, status.into(), amount, asset));
        Ok(())
    }

    /// A transfer that comes to another status.
    fn transfer(
        &mut self,
        db: &Connection,
        id: TransactionId,
        status: TransferStatus,
        entry: &Entry,
    ) -> Result<&mut Transfer, Error> {
        let row = self.transfers.existing(db, id, entry.position)?;
        (row.status, row.updated_at) = (status, entry.at);
        Ok(row)
    }
}
