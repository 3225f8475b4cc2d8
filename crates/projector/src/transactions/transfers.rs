//! Money that leaves a wallet.

use ledger::transfers::{Rail, TransferStatus};
use ledger::{
    Amount, Asset, HolderId, Money, Position, Rate, Sealed, Text, Timestamp, TransactionId,
    WalletId,
};

use crate::row::row;

/// A transfer, and how it arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// Its id.
    pub id: TransactionId,
    /// The entry that made it.
    pub position: Position,
    /// When it was asked for.
    pub at: Timestamp,
    /// Whose.
    pub holder: HolderId,
    /// The wallet.
    pub wallet: WalletId,
    /// How much leaves it, the fee included.
    pub amount: Amount,
    /// Of what.
    pub asset: Asset,
    /// What the programme keeps of it.
    pub fee: Amount,
    /// What arrives.
    pub destination_asset: Asset,
    /// How.
    pub rail: Rail,
    /// Where: an address or an account.
    pub address: Sealed,
    /// What the receiver reads.
    pub reference: Option<Text<140>>,
    /// The platform's own name of it.
    pub client_reference: Option<Text<100>>,
    /// Where it is.
    pub status: TransferStatus,
    /// How much has arrived.
    pub delivered: Option<Amount>,
    /// The price of one unit of what left in what arrived.
    pub rate: Option<Rate>,
    /// Who said so.
    pub rate_source: Option<Text<32>>,
    /// What the chain was paid.
    pub gas: Option<Money>,
    /// The chain's name of the transaction.
    pub transaction_hash: Option<Text<100>>,
    /// Why it did not arrive, or came back.
    pub reason: Option<Text<200>>,
    /// When something last happened to it.
    pub updated_at: Timestamp,
}

row! {
    Transfer in Transactions "transfer"
    key { id: TransactionId }
    fixed {
        position, at, holder, wallet, amount, asset, fee, destination_asset, rail, address,
        reference, client_reference
    }
    changing {
        status, delivered, rate, rate_source, gas, transaction_hash, reason, updated_at
    }
}
