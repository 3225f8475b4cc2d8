//! Money that arrives.

use ledger::Money;
use ledger::deposits::{DepositConfirmed, DepositReversed};
use ledger::holders::{VerificationChanged, VerificationStatus};
use ledger::wallets::{BankDepositConfirmed, WalletDepositConfirmed};

use super::*;
use crate::field::Column;

impl TransactionsModel {
    pub(super) fn deposited(&mut self, event: &DepositConfirmed, entry: &Entry) {
        self.deposits.insert(Deposit {
            id: event.transaction,
            position: entry.position,
            at: entry.at,
            holder: event.holder,
            chain: event.chain,
            amount: event.amount,
            asset: event.asset,
            credited: event.credited,
            rate: event.rate,
            rate_source: event.rate_source.clone(),
            state: arrived(event.released),
            updated_at: entry.at,
        });
        let kind = StepKind::Deposit;
        self.steps.insert(step(entry, event.transaction, kind, event.credited, Asset::Usd));
    }

    pub(super) fn wallet_deposited(&mut self, event: &WalletDepositConfirmed, entry: &Entry) {
        let Money { amount, asset } = event.money;
        self.wallet_deposits.insert(WalletDeposit {
            id: event.transaction,
            position: entry.position,
            at: entry.at,
            holder: event.holder,
            wallet: event.wallet,
            account: None,
            chain: Some(event.chain),
            amount,
            asset,
            credited: amount,
            credited_asset: asset,
            rate: None,
            rate_source: None,
            state: arrived(event.released),
            updated_at: entry.at,
        });
        self.steps.insert(step(entry, event.transaction, StepKind::Deposit, amount, asset));
    }

    pub(super) fn bank_deposited(&mut self, event: &BankDepositConfirmed, entry: &Entry) {
        let (arrived_money, credited) = (event.arrived, event.credited);
        self.wallet_deposits.insert(WalletDeposit {
            id: event.transaction,
            position: entry.position,
            at: entry.at,
            holder: event.holder,
            wallet: event.wallet,
            account: Some(event.account),
            chain: None,
            amount: arrived_money.amount,
            asset: arrived_money.asset,
            credited: credited.amount,
            credited_asset: credited.asset,
            rate: Some(event.rate),
            rate_source: Some(event.rate_source.clone()),
            state: arrived(event.released),
            updated_at: entry.at,
        });
        let kind = StepKind::Deposit;
        self.steps.insert(step(entry, event.transaction, kind, credited.amount, credited.asset));
    }

    pub(super) fn deposit_reversed(
        &mut self,
        db: &Connection,
        event: &DepositReversed,
        entry: &Entry,
    ) -> Result<(), Error> {
        let DepositReversed { transaction, credited: Money { amount, asset }, .. } = *event;
        if let Some(deposit) = self.deposits.get(db, transaction)? {
            (deposit.state, deposit.updated_at) = (State::Reversed, entry.at);
        } else {
            let deposit = self.wallet_deposits.existing(db, transaction, entry.position)?;
            (deposit.state, deposit.updated_at) = (State::Reversed, entry.at);
        }
        self.steps.insert(step(entry, transaction, StepKind::DepositReversal, amount, asset));
        Ok(())
    }

    /// An approval releases all that waits for it.
    pub(super) fn release(
        &mut self,
        db: &Connection,
        event: &VerificationChanged,
        entry: &Entry,
    ) -> Result<(), Error> {
        if event.verification.status != VerificationStatus::Approved {
            return Ok(());
        }
        let waiting = format!("holder = ?1 and {} = ?2", db.aside("state"));
        let parameters = [event.holder.field(), State::Waiting.field()];
        let deposits = self.deposits.matching(db, &waiting, &parameters, |deposit| {
            deposit.holder == event.holder && deposit.state == State::Waiting
        })?;
        for id in deposits {
            let deposit = self.deposits.existing(db, id, entry.position)?;
            (deposit.state, deposit.updated_at) = (State::Completed, entry.at);
            let credited = deposit.credited;
            self.steps.insert(step(entry, id, StepKind::Release, credited, Asset::Usd));
        }
        let deposits = self.wallet_deposits.matching(db, &waiting, &parameters, |deposit| {
            deposit.holder == event.holder && deposit.state == State::Waiting
        })?;
        for id in deposits {
            let deposit = self.wallet_deposits.existing(db, id, entry.position)?;
            (deposit.state, deposit.updated_at) = (State::Completed, entry.at);
            let (credited, asset) = (deposit.credited, deposit.credited_asset);
            self.steps.insert(step(entry, id, StepKind::Release, credited, asset));
        }
        Ok(())
    }
}

fn arrived(released: bool) -> State {
    if released { State::Completed } else { State::Waiting }
}
