//! How entries change transactions.

use ledger::authorizations::Terms;
use ledger::intents::IntentAssessed;
use ledger::{AgentId, Amount, Asset, CardId, Entry, Event, HolderId, TransactionId};

use super::{CardTransaction, Deposit, Kind, State, Step, StepKind, Transfer, WalletDeposit};
use crate::database::Connection;
use crate::projection::Model;
use crate::row::Row;
use crate::rows::Rows;
use crate::{Digest, Error, ReadModel};

mod authorizations;
mod clearings;
mod deposits;
mod refunds;
mod transfers;

#[derive(Default)]
pub(crate) struct TransactionsModel {
    card_transactions: Rows<CardTransaction>,
    deposits: Rows<Deposit>,
    wallet_deposits: Rows<WalletDeposit>,
    transfers: Rows<Transfer>,
    steps: Rows<Step>,
}

impl Model for TransactionsModel {
    const MODEL: ReadModel = ReadModel::Transactions;

    fn apply(&mut self, db: &Connection, entry: &Entry) -> Result<(), Error> {
        for event in &entry.events {
            self.apply_event(db, event, entry)?;
        }
        // Some transactions are compared before they are made.
        for event in &entry.events {
            if let Event::IntentAssessed(event) = event {
                self.assessed(db, event, entry)?;
            }
        }
        Ok(())
    }

    fn flush(&mut self, db: &Connection, digest: &mut Digest) -> Result<(), Error> {
        self.card_transactions.flush(db, digest)?;
        self.deposits.flush(db, digest)?;
        self.wallet_deposits.flush(db, digest)?;
        self.transfers.flush(db, digest)?;
        self.steps.flush(db, digest)
    }
}

impl TransactionsModel {
    fn apply_event(&mut self, db: &Connection, event: &Event, entry: &Entry) -> Result<(), Error> {
        match event {
            Event::VerificationChanged(event) => self.release(db, event, entry)?,
            Event::DepositConfirmed(event) => self.deposited(event, entry),
            Event::DepositReversed(event) => self.deposit_reversed(db, event, entry)?,
            Event::WalletDepositConfirmed(event) => self.wallet_deposited(event, entry),
            Event::BankDepositConfirmed(event) => self.bank_deposited(event, entry),
            Event::TransferCreated(event) => self.transfer_created(event, entry),
            Event::TransferAdvanced(event) => self.transfer_advanced(db, event, entry)?,
            Event::TransferCompleted(event) => self.transfer_completed(db, event, entry)?,
            Event::TransferFailed(event) => self.transfer_failed(db, event, entry)?,
            Event::TransferReturned(event) => self.transfer_returned(db, event, entry)?,
            Event::AuthorizationApproved(event) => self.approved(event, entry),
            Event::AuthorizationDeclined(event) => self.declined(event, entry),
            Event::AuthorizationLinked(event) => self.linked(db, event, entry)?,
            Event::AuthorizationIncremented(event) => self.incremented(db, event, entry)?,
            Event::IncrementDeclined(event) => self.increment_declined(db, event, entry)?,
            Event::AuthorizationConfirmed(event) => self.confirmed(db, event, entry)?,
            Event::AuthorizationReversed(event) => self.reversed(db, event, entry)?,
            Event::ReversalUnusable(event) => self.reversal_unusable(db, event, entry)?,
            Event::AuthorizationExpired(event) => self.expired(db, event, entry)?,
            Event::CardVerified(event) => self.verified(event, entry),
            Event::Purchased(event) => self.purchased(event, entry),
            Event::Cleared(event) => self.cleared(db, event, entry)?,
            Event::ForceCleared(event) => self.force_cleared(event, entry),
            Event::Corrected(event) => self.corrected(db, event, entry)?,
            Event::Refunded(event) => self.refunded(db, event, entry)?,
            Event::RefundReversed(event) => self.refund_reversed(db, event, entry)?,
            Event::UnlinkedRefundReceived(event) => self.unlinked_refund(event, entry),
            Event::RefundReleased(event) => self.refund_released(db, event, entry)?,
            Event::PresentmentSuspended(event) => self.suspended(event, entry),
            Event::PresentmentAssigned(event) => self.assigned(event, entry),
            Event::PresentmentWrittenOff(event) => self.written_off(event, entry),
            // Comparisons follow what they compare.
            Event::IntentAssessed(_) => {}
            Event::BookOpened(_)
            | Event::JournalRecovered(_)
            | Event::KeyCreated(_)
            | Event::KeyRevoked(_)
            | Event::ClockAdvanced(_)
            | Event::HolderCreated(_)
            | Event::HolderChanged(_)
            | Event::DocumentAdded(_)
            | Event::HolderErased(_)
            | Event::WalletCreated(_)
            | Event::VirtualAccountOpened(_)
            | Event::TreasuryConverted(_)
            | Event::LedgerCreated(_)
            | Event::LedgerStatusChanged(_)
            | Event::LedgerTransferred(_)
            | Event::JournalPosted(_)
            | Event::JournalReversed(_)
            | Event::AgentRegistered(_)
            | Event::AgentStatusChanged(_)
            | Event::AgentPolicyChanged(_)
            | Event::AgentLimitExceeded(_)
            | Event::CardCreated(_)
            | Event::CardStatusChanged(_)
            | Event::CardLimitsChanged(_)
            | Event::IntentDeclared(_)
            | Event::IntentApproved(_)
            | Event::AttestationRecorded(_)
            | Event::IntentReleased(_)
            | Event::IntentClosed(_)
            | Event::NetworkSettled(_)
            | Event::WebhookRegistered(_)
            | Event::WebhookChanged(_)
            | Event::WebhookRemoved(_)
            | Event::WebhookSecretRotated(_)
            | Event::WebhookTested(_)
            | Event::WebhookReplayed(_) => {}
        }
        Ok(())
    }

    /// The entry says what happened, too, with another event: this is no step of its own.
    fn assessed(
        &mut self,
        db: &Connection,
        event: &IntentAssessed,
        entry: &Entry,
    ) -> Result<(), Error> {
        self.touch(db, event.transaction, entry)?.comparison = Some(event.comparison);
        Ok(())
    }

    /// A card transaction to which something happens.
    fn touch(
        &mut self,
        db: &Connection,
        transaction: TransactionId,
        entry: &Entry,
    ) -> Result<&mut CardTransaction, Error> {
        let row = self.card_transactions.existing(db, transaction, entry.position)?;
        row.updated_at = entry.at;
        Ok(row)
    }
}

/// A transaction of which nothing is known but how it began.
fn asked(
    entry: &Entry,
    kind: Kind,
    id: TransactionId,
    (holder, agent, card): (HolderId, AgentId, CardId),
    terms: &Terms,
) -> CardTransaction {
    let Terms { amount, asset, original, merchant, network_id: _ } = terms;
    CardTransaction {
        id,
        position: entry.position,
        at: entry.at,
        kind,
        holder,
        agent,
        card,
        amount: *amount,
        asset: *asset,
        original: original.clone(),
        approved: Amount::ZERO,
        is_advice: false,
        merchant: merchant.name.clone(),
        mcc: merchant.mcc,
        city: merchant.city.clone(),
        country: merchant.country.clone(),
        intent: None,
        attestation: None,
        expires_at: None,
        reason: None,
        exceeded: None,
        state: State::Declined,
        is_counted: false,
        counts_at: entry.at,
        held: Amount::ZERO,
        cleared: Amount::ZERO,
        fee: Amount::ZERO,
        refunded: Amount::ZERO,
        comparison: None,
        updated_at: entry.at,
    }
}

/// Where a transaction stands when nothing is held any more; `unused`, if nothing has cleared.
fn ended(row: &CardTransaction, unused: State) -> State {
    if !row.refunded.is_zero() {
        State::Refunded
    } else if !row.cleared.is_zero() {
        State::Settled
    } else {
        unused
    }
}

fn step(
    entry: &Entry,
    transaction: TransactionId,
    kind: StepKind,
    amount: Amount,
    asset: Asset,
) -> Step {
    Step {
        transaction,
        position: entry.position,
        at: entry.at,
        kind,
        amount,
        asset,
        ends_hold: false,
        is_late: false,
        postings: entry.postings.iter().copied().collect(),
    }
}

fn more(total: Amount, amount: Amount, entry: &Entry) -> Result<Amount, Error> {
    total.checked_add(amount).ok_or_else(|| out_of_range(entry))
}

fn less(total: Amount, amount: Amount, entry: &Entry) -> Result<Amount, Error> {
    total.0.checked_sub(amount.0).map(Amount).ok_or_else(|| out_of_range(entry))
}

fn out_of_range(entry: &Entry) -> Error {
    Error::OutOfRange { position: entry.position, table: CardTransaction::TABLE }
}
