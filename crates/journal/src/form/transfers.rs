//! Transfers and the treasury.

use ledger::transfers::{
    Completion, Destination, Rail, TransferAdvanced, TransferCompleted, TransferCreated,
    TransferFailed, TransferReturned,
};
use ledger::treasury::TreasuryConverted;
use ledger::{HolderId, Money, Rate, TransactionId, WalletId};

use super::Undecodable;
use super::fields::{amount, array, bytes, optional_string, optional_text, some, string, text};
use super::words::Word;
use crate::proto;

impl From<&TransferCreated> for proto::TransferCreated {
    fn from(event: &TransferCreated) -> Self {
        let Destination { asset, rail, address } = event.destination;
        let (rail, chain) = match rail {
            Rail::Chain(chain) => (proto::Rail::Chain, Some(chain)),
            Rail::Ach => (proto::Rail::Ach, None),
            Rail::Wire => (proto::Rail::Wire, None),
            Rail::Sepa => (proto::Rail::Sepa, None),
            Rail::FasterPayments => (proto::Rail::FasterPayments, None),
            Rail::Spei => (proto::Rail::Spei, None),
        };
        Self {
            transaction: bytes(&event.transaction.0),
            wallet: bytes(&event.wallet.0),
            holder: bytes(&event.holder.0),
            money: Some(event.money.into()),
            fee: Some(event.fee.into()),
            destination_asset: asset.number(),
            rail: rail.into(),
            chain: chain.map(Word::number),
            address: Some(address.into()),
            reference: optional_string(&event.reference),
            client_reference: optional_string(&event.client_reference),
        }
    }
}

impl TryFrom<&proto::TransferCreated> for TransferCreated {
    type Error = Undecodable;

    fn try_from(message: &proto::TransferCreated) -> Result<Self, Undecodable> {
        Ok(Self {
            transaction: TransactionId(array(&message.transaction, "transaction")?),
            wallet: WalletId(array(&message.wallet, "wallet")?),
            holder: HolderId(array(&message.holder, "holder")?),
            money: some(&message.money, "money")?.try_into()?,
            fee: amount(&message.fee, "fee")?,
            destination: Destination {
                asset: Word::read(message.destination_asset, "destination_asset")?,
                rail: rail(message)?,
                address: some(&message.address, "address")?.try_into()?,
            },
            reference: optional_text(&message.reference, "reference")?,
            client_reference: optional_text(&message.client_reference, "client_reference")?,
        })
    }
}

/// The rail, with a chain where it is one.
fn rail(message: &proto::TransferCreated) -> Result<Rail, Undecodable> {
    let rail =
        proto::Rail::try_from(message.rail).map_err(|_| Undecodable::Unknown { field: "rail" })?;
    let chain = message.chain.map(|chain| Word::read(chain, "chain")).transpose()?;
    match (rail, chain) {
        (proto::Rail::Chain, Some(chain)) => Ok(Rail::Chain(chain)),
        (proto::Rail::Ach, None) => Ok(Rail::Ach),
        (proto::Rail::Wire, None) => Ok(Rail::Wire),
        (proto::Rail::Sepa, None) => Ok(Rail::Sepa),
        (proto::Rail::FasterPayments, None) => Ok(Rail::FasterPayments),
        (proto::Rail::Spei, None) => Ok(Rail::Spei),
        (
            proto::Rail::Unspecified
            | proto::Rail::Chain
            | proto::Rail::Ach
            | proto::Rail::Wire
            | proto::Rail::Sepa
            | proto::Rail::FasterPayments
            | proto::Rail::Spei,
            _,
        ) => Err(Undecodable::Invalid { field: "rail" }),
    }
}

impl From<&TransferAdvanced> for proto::TransferAdvanced {
    fn from(event: &TransferAdvanced) -> Self {
        Self { transaction: bytes(&event.transaction.0), status: event.status.number() }
    }
}

impl TryFrom<&proto::TransferAdvanced> for TransferAdvanced {
    type Error = Undecodable;

    fn try_from(message: &proto::TransferAdvanced) -> Result<Self, Undecodable> {
        Ok(Self {
            transaction: TransactionId(array(&message.transaction, "transaction")?),
            status: Word::read(message.status, "status")?,
        })
    }
}

impl From<&TransferCompleted> for proto::TransferCompleted {
    fn from(event: &TransferCompleted) -> Self {
        let Completion { rate, rate_source, gas, transaction_hash } = &event.completion;
        Self {
            transaction: bytes(&event.transaction.0),
            delivered: Some(event.delivered.into()),
            rate: rate.0,
            rate_source: string(rate_source),
            gas: gas.map(Into::into),
            transaction_hash: optional_string(transaction_hash),
        }
    }
}

impl TryFrom<&proto::TransferCompleted> for TransferCompleted {
    type Error = Undecodable;

    fn try_from(message: &proto::TransferCompleted) -> Result<Self, Undecodable> {
        Ok(Self {
            transaction: TransactionId(array(&message.transaction, "transaction")?),
            delivered: some(&message.delivered, "delivered")?.try_into()?,
            completion: Completion {
                rate: Rate(message.rate),
                rate_source: text(&message.rate_source, "rate_source")?,
                gas: message.gas.as_ref().map(Money::try_from).transpose()?,
                transaction_hash: optional_text(&message.transaction_hash, "transaction_hash")?,
            },
        })
    }
}

impl From<&TransferFailed> for proto::TransferFailed {
    fn from(event: &TransferFailed) -> Self {
        Self {
            transaction: bytes(&event.transaction.0),
            status: event.status.number(),
            released: Some(event.released.into()),
            reason: optional_string(&event.reason),
        }
    }
}

impl TryFrom<&proto::TransferFailed> for TransferFailed {
    type Error = Undecodable;

    fn try_from(message: &proto::TransferFailed) -> Result<Self, Undecodable> {
        Ok(Self {
            transaction: TransactionId(array(&message.transaction, "transaction")?),
            status: Word::read(message.status, "status")?,
            released: some(&message.released, "released")?.try_into()?,
            reason: optional_text(&message.reason, "reason")?,
        })
    }
}

impl From<&TransferReturned> for proto::TransferReturned {
    fn from(event: &TransferReturned) -> Self {
        Self {
            transaction: bytes(&event.transaction.0),
            returned: Some(event.returned.into()),
            credited: Some(event.credited.into()),
            reason: optional_string(&event.reason),
        }
    }
}

impl TryFrom<&proto::TransferReturned> for TransferReturned {
    type Error = Undecodable;

    fn try_from(message: &proto::TransferReturned) -> Result<Self, Undecodable> {
        Ok(Self {
            transaction: TransactionId(array(&message.transaction, "transaction")?),
            returned: some(&message.returned, "returned")?.try_into()?,
            credited: some(&message.credited, "credited")?.try_into()?,
            reason: optional_text(&message.reason, "reason")?,
        })
    }
}

impl From<&TreasuryConverted> for proto::TreasuryConverted {
    fn from(event: &TreasuryConverted) -> Self {
        Self {
            sold: Some(event.sold.into()),
            bought: Some(event.bought.into()),
            source: string(&event.source),
        }
    }
}

impl TryFrom<&proto::TreasuryConverted> for TreasuryConverted {
    type Error = Undecodable;

    fn try_from(message: &proto::TreasuryConverted) -> Result<Self, Undecodable> {
        Ok(Self {
            sold: some(&message.sold, "sold")?.try_into()?,
            bought: some(&message.bought, "bought")?.try_into()?,
            source: text(&message.source, "source")?,
        })
    }
}
