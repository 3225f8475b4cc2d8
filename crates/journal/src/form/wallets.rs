//! Wallets and what comes into them.

use ledger::wallets::{
    BankDepositConfirmed, VirtualAccountOpened, WalletCreated, WalletDepositConfirmed,
};
use ledger::{HolderId, Rate, TransactionId, VirtualAccountId, WalletId};

use super::Undecodable;
use super::fields::{array, bytes, some, string, text};
use super::words::Word;
use crate::proto;

impl From<&WalletCreated> for proto::WalletCreated {
    fn from(event: &WalletCreated) -> Self {
        Self { wallet: bytes(&event.wallet.0), holder: bytes(&event.holder.0) }
    }
}

impl TryFrom<&proto::WalletCreated> for WalletCreated {
    type Error = Undecodable;

    fn try_from(message: &proto::WalletCreated) -> Result<Self, Undecodable> {
        Ok(Self {
            wallet: WalletId(array(&message.wallet, "wallet")?),
            holder: HolderId(array(&message.holder, "holder")?),
        })
    }
}

impl From<&VirtualAccountOpened> for proto::VirtualAccountOpened {
    fn from(event: &VirtualAccountOpened) -> Self {
        Self {
            account: bytes(&event.account.0),
            holder: bytes(&event.holder.0),
            wallet: bytes(&event.wallet.0),
            currency: event.currency.number(),
        }
    }
}

impl TryFrom<&proto::VirtualAccountOpened> for VirtualAccountOpened {
    type Error = Undecodable;

    fn try_from(message: &proto::VirtualAccountOpened) -> Result<Self, Undecodable> {
        Ok(Self {
            account: VirtualAccountId(array(&message.account, "account")?),
            holder: HolderId(array(&message.holder, "holder")?),
            wallet: WalletId(array(&message.wallet, "wallet")?),
            currency: Word::read(message.currency, "currency")?,
        })
    }
}

impl From<&WalletDepositConfirmed> for proto::WalletDepositConfirmed {
    fn from(event: &WalletDepositConfirmed) -> Self {
        Self {
            transaction: bytes(&event.transaction.0),
            wallet: bytes(&event.wallet.0),
            holder: bytes(&event.holder.0),
            chain: event.chain.number(),
            money: Some(event.money.into()),
            released: event.released,
            reference: bytes(&event.reference),
        }
    }
}

impl TryFrom<&proto::WalletDepositConfirmed> for WalletDepositConfirmed {
    type Error = Undecodable;

    fn try_from(message: &proto::WalletDepositConfirmed) -> Result<Self, Undecodable> {
        Ok(Self {
            transaction: TransactionId(array(&message.transaction, "transaction")?),
            wallet: WalletId(array(&message.wallet, "wallet")?),
            holder: HolderId(array(&message.holder, "holder")?),
            chain: Word::read(message.chain, "chain")?,
            money: some(&message.money, "money")?.try_into()?,
            released: message.released,
            reference: array(&message.reference, "reference")?,
        })
    }
}

impl From<&BankDepositConfirmed> for proto::BankDepositConfirmed {
    fn from(event: &BankDepositConfirmed) -> Self {
        Self {
            transaction: bytes(&event.transaction.0),
            account: bytes(&event.account.0),
            wallet: bytes(&event.wallet.0),
            holder: bytes(&event.holder.0),
            arrived: Some(event.arrived.into()),
            credited: Some(event.credited.into()),
            rate: event.rate.0,
            rate_source: string(&event.rate_source),
            released: event.released,
            reference: bytes(&event.reference),
        }
    }
}

impl TryFrom<&proto::BankDepositConfirmed> for BankDepositConfirmed {
    type Error = Undecodable;

    fn try_from(message: &proto::BankDepositConfirmed) -> Result<Self, Undecodable> {
        Ok(Self {
            transaction: TransactionId(array(&message.transaction, "transaction")?),
            account: VirtualAccountId(array(&message.account, "account")?),
            wallet: WalletId(array(&message.wallet, "wallet")?),
            holder: HolderId(array(&message.holder, "holder")?),
            arrived: some(&message.arrived, "arrived")?.try_into()?,
            credited: some(&message.credited, "credited")?.try_into()?,
            rate: Rate(message.rate),
            rate_source: text(&message.rate_source, "rate_source")?,
            released: message.released,
            reference: array(&message.reference, "reference")?,
        })
    }
}
