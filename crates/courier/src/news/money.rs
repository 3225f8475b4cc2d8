//! Money that arrives, and money that leaves a wallet.

use ledger::deposits::{DepositConfirmed, DepositReversed};
use ledger::keys::Family::{LedgerApi, LedgerOs};
use ledger::transfers::{
    TransferAdvanced, TransferCompleted, TransferCreated, TransferFailed, TransferReturned,
    TransferStatus,
};
use ledger::wallets::{BankDepositConfirmed, WalletDepositConfirmed};
use ledger::webhooks::Topic;
use ledger::{Asset, HolderId, Money, TransactionId};
use serde::Serialize;

use super::people::customer;
use super::{Teller, words};
use crate::Error;
use crate::facts::{Arrival, Deposit, Transfer, WalletDeposit};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DepositData<'a> {
    transaction_id: &'a str,
    user_id: &'a str,
    status: &'static str,
    amount: u128,
    currency: &'static str,
    chain: &'a str,
    asset: &'a str,
    asset_amount: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WalletDepositData<'a> {
    transaction_id: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    status: &'static str,
    customer_id: &'a str,
    wallet_id: &'a str,
    virtual_account_id: Option<&'a str>,
    amount: &'a str,
    currency: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TransferData<'a> {
    transaction_id: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    status: &'static str,
    customer_id: &'a str,
    wallet_id: &'a str,
    amount: &'a str,
    fee: &'a str,
    source_currency: &'a str,
    destination_currency: &'a str,
    client_reference_id: Option<&'a str>,
    /// What has arrived.
    final_amount: Option<String>,
}

impl Teller<'_, '_, '_> {
    pub(super) fn deposited(&mut self, event: &DepositConfirmed) -> Result<(), Error> {
        let id = event.transaction.to_string();
        let deposit = Deposit {
            user: event.holder.to_string(),
            amount: event.credited.0,
            chain: event.chain.name().to_owned(),
            asset: event.asset.code().to_owned(),
            asset_amount: event.asset.format(event.amount),
        };
        self.facts.set(id.clone(), &Arrival::User(deposit.clone()));
        if event.released {
            self.say_deposit(&id, &deposit);
        } else {
            self.facts.wait(&event.holder.to_string(), id)?;
        }
        Ok(())
    }

    pub(super) fn wallet_deposited(&mut self, event: &WalletDepositConfirmed) -> Result<(), Error> {
        let deposit = WalletDeposit {
            customer: customer(event.holder),
            wallet: event.wallet.to_string(),
            account: None,
            amount: event.money.asset.format(event.money.amount),
            currency: currency(event.money.asset),
        };
        self.wallet_has(event.transaction, event.holder, deposit, event.released)
    }

    pub(super) fn bank_deposited(&mut self, event: &BankDepositConfirmed) -> Result<(), Error> {
        let deposit = WalletDeposit {
            customer: customer(event.holder),
            wallet: event.wallet.to_string(),
            account: Some(event.account.to_string()),
            amount: event.credited.asset.format(event.credited.amount),
            currency: currency(event.credited.asset),
        };
        self.wallet_has(event.transaction, event.holder, deposit, event.released)
    }

    fn wallet_has(
        &mut self,
        id: TransactionId,
        holder: HolderId,
        deposit: WalletDeposit,
        is_released: bool,
    ) -> Result<(), Error> {
        let id = id.to_string();
        self.facts.set(id.clone(), &Arrival::Wallet(deposit.clone()));
        if is_released {
            self.say_wallet_deposit(Topic::TransactionCreated, "completed", &id, &deposit);
            self.say_wallet_deposit(Topic::TransactionCompleted, "completed", &id, &deposit);
            self.wallet_updated(&deposit.wallet, &deposit.customer);
        } else {
            self.say_wallet_deposit(Topic::TransactionCreated, "in_review", &id, &deposit);
            self.facts.wait(&holder.to_string(), id)?;
        }
        Ok(())
    }

    /// An approval releases all that waits for it.
    pub(super) fn release(&mut self, holder: HolderId) -> Result<(), Error> {
        let position = self.entry.position;
        for id in self.facts.release(&holder.to_string(), position)? {
            match self.facts.get(&id, position)? {
                Arrival::User(deposit) => self.say_deposit(&id, &deposit),
                Arrival::Wallet(deposit) => {
                    let topic = Topic::TransactionCompleted;
                    self.say_wallet_deposit(topic, "completed", &id, &deposit);
                    self.wallet_updated(&deposit.wallet, &deposit.customer);
                }
            }
        }
        Ok(())
    }

    /// LedgerOS has no topic for it.
    pub(super) fn deposit_reversed(&mut self, event: &DepositReversed) -> Result<(), Error> {
        let id = event.transaction.to_string();
        match self.facts.get(&id, self.entry.position)? {
            Arrival::User(deposit) => self.facts.unwait(&deposit.user, &id)?,
            Arrival::Wallet(deposit) => {
                let user = deposit.customer.replacen("cus_", "user_", 1);
                self.facts.unwait(&user, &id)?;
                self.say_wallet_deposit(Topic::TransactionUpdated, "failed", &id, &deposit);
                self.wallet_updated(&deposit.wallet, &deposit.customer);
            }
        }
        Ok(())
    }

    pub(super) fn transfer_created(&mut self, event: &TransferCreated) {
        let Money { amount, asset } = event.money;
        let id = event.transaction.to_string();
        let transfer = Transfer {
            customer: customer(event.holder),
            wallet: event.wallet.to_string(),
            amount: asset.format(amount),
            fee: asset.format(event.fee),
            source_currency: currency(asset),
            destination_currency: currency(event.destination.asset),
            client_reference: event.client_reference.as_ref().map(|name| name.as_str().to_owned()),
        };
        self.facts.set(id.clone(), &transfer);
        let status = TransferStatus::InReview;
        self.say_transfer(Topic::TransactionCreated, status, &id, &transfer, None);
        self.wallet_updated(&transfer.wallet, &transfer.customer);
    }

    pub(super) fn transfer_advanced(&mut self, event: &TransferAdvanced) -> Result<(), Error> {
        let (id, transfer) = self.transfer(event.transaction)?;
        self.say_transfer(Topic::TransactionUpdated, event.status, &id, &transfer, None);
        Ok(())
    }

    pub(super) fn transfer_completed(&mut self, event: &TransferCompleted) -> Result<(), Error> {
        let (id, transfer) = self.transfer(event.transaction)?;
        let Money { amount, asset } = event.delivered;
        let (topic, status) = (Topic::TransactionCompleted, TransferStatus::Completed);
        self.say_transfer(topic, status, &id, &transfer, Some(asset.format(amount)));
        self.wallet_updated(&transfer.wallet, &transfer.customer);
        Ok(())
    }

    pub(super) fn transfer_failed(&mut self, event: &TransferFailed) -> Result<(), Error> {
        let (id, transfer) = self.transfer(event.transaction)?;
        self.say_transfer(Topic::TransactionUpdated, event.status, &id, &transfer, None);
        self.wallet_updated(&transfer.wallet, &transfer.customer);
        Ok(())
    }

    pub(super) fn transfer_returned(&mut self, event: &TransferReturned) -> Result<(), Error> {
        let (id, transfer) = self.transfer(event.transaction)?;
        let status = TransferStatus::Returned;
        self.say_transfer(Topic::TransactionUpdated, status, &id, &transfer, None);
        self.wallet_updated(&transfer.wallet, &transfer.customer);
        Ok(())
    }

    fn transfer(&self, id: TransactionId) -> Result<(String, Transfer), Error> {
        let id = id.to_string();
        let transfer = self.facts.get(&id, self.entry.position)?;
        Ok((id, transfer))
    }

    fn say_deposit(&mut self, id: &str, deposit: &Deposit) {
        let data = DepositData {
            transaction_id: id,
            user_id: &deposit.user,
            status: "completed",
            amount: deposit.amount,
            currency: Asset::Usd.code(),
            chain: &deposit.chain,
            asset: &deposit.asset,
            asset_amount: &deposit.asset_amount,
        };
        self.say(LedgerOs, Topic::DepositCompleted, id.to_owned(), &data);
    }

    fn say_wallet_deposit(
        &mut self,
        topic: Topic,
        status: &'static str,
        id: &str,
        deposit: &WalletDeposit,
    ) {
        let data = WalletDepositData {
            transaction_id: id,
            kind: "wallet_deposit",
            status,
            customer_id: &deposit.customer,
            wallet_id: &deposit.wallet,
            virtual_account_id: deposit.account.as_deref(),
            amount: &deposit.amount,
            currency: &deposit.currency,
        };
        self.say(LedgerApi, topic, id.to_owned(), &data);
    }

    fn say_transfer(
        &mut self,
        topic: Topic,
        status: TransferStatus,
        id: &str,
        transfer: &Transfer,
        final_amount: Option<String>,
    ) {
        let data = TransferData {
            transaction_id: id,
            kind: "transfer",
            status: words::transfer_status(status),
            customer_id: &transfer.customer,
            wallet_id: &transfer.wallet,
            amount: &transfer.amount,
            fee: &transfer.fee,
            source_currency: &transfer.source_currency,
            destination_currency: &transfer.destination_currency,
            client_reference_id: transfer.client_reference.as_deref(),
            final_amount,
        };
        self.say(LedgerApi, topic, id.to_owned(), &data);
    }
}

/// An asset as the Ledger API writes it in a field that is named for a currency.
fn currency(asset: Asset) -> String {
    asset.code().to_ascii_lowercase()
}
