//! Deposits.

use ledger::deposits::{DepositConfirmed, DepositReversed};
use ledger::{HolderId, Rate, TransactionId};

use super::Undecodable;
use super::fields::{amount, array, bytes, some, string, text};
use super::words::Word;
use crate::proto;

impl From<&DepositConfirmed> for proto::DepositConfirmed {
    fn from(event: &DepositConfirmed) -> Self {
        Self {
            transaction: bytes(&event.transaction.0),
            holder: bytes(&event.holder.0),
            chain: event.chain.number(),
            asset: event.asset.number(),
            amount: Some(event.amount.into()),
            credited: Some(event.credited.into()),
            rate: event.rate.0,
            rate_source: string(&event.rate_source),
            released: event.released,
            reference: bytes(&event.reference),
        }
    }
}

impl TryFrom<&proto::DepositConfirmed> for DepositConfirmed {
    type Error = Undecodable;

    fn try_from(message: &proto::DepositConfirmed) -> Result<Self, Undecodable> {
        Ok(Self {
            transaction: TransactionId(array(&message.transaction, "transaction")?),
            holder: HolderId(array(&message.holder, "holder")?),
            chain: Word::read(message.chain, "chain")?,
            asset: Word::read(message.asset, "asset")?,
            amount: amount(&message.amount, "amount")?,
            credited: amount(&message.credited, "credited")?,
            rate: Rate(message.rate),
            rate_source: text(&message.rate_source, "rate_source")?,
            released: message.released,
            reference: array(&message.reference, "reference")?,
        })
    }
}

impl From<&DepositReversed> for proto::DepositReversed {
    fn from(event: &DepositReversed) -> Self {
        Self {
            transaction: bytes(&event.transaction.0),
            arrived: Some(event.arrived.into()),
            credited: Some(event.credited.into()),
        }
    }
}

impl TryFrom<&proto::DepositReversed> for DepositReversed {
    type Error = Undecodable;

    fn try_from(message: &proto::DepositReversed) -> Result<Self, Undecodable> {
        Ok(Self {
            transaction: TransactionId(array(&message.transaction, "transaction")?),
            arrived: some(&message.arrived, "arrived")?.try_into()?,
            credited: some(&message.credited, "credited")?.try_into()?,
        })
    }
}
