//! Money that arrives.

use ledger::deposits::Chain;
use ledger::{
    Amount, Asset, HolderId, Position, Rate, Text, Timestamp, TransactionId, VirtualAccountId,
    WalletId,
};

use super::State;
use crate::row::row;

/// Tokens that arrived, and whose worth in US dollars is a person's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deposit {
    /// Its id.
    pub id: TransactionId,
    /// The entry that made it.
    pub position: Position,
    /// When it was confirmed.
    pub at: Timestamp,
    /// Whose.
    pub holder: HolderId,
    /// The chain.
    pub chain: Chain,
    /// How many tokens.
    pub amount: Amount,
    /// Which.
    pub asset: Asset,
    /// What they are worth to the holder, in cents of US dollars.
    pub credited: Amount,
    /// The price of the token in US dollars.
    pub rate: Rate,
    /// Who said so.
    pub rate_source: Text<32>,
    /// Where it stands.
    pub state: State,
    /// When it came there.
    pub updated_at: Timestamp,
}

row! {
    Deposit in Transactions "deposit"
    key { id: TransactionId }
    fixed { position, at, holder, chain, amount, asset, credited, rate, rate_source }
    changing { state, updated_at }
}

/// Tokens that arrived, or money at the bank whose worth in tokens is a wallet's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WalletDeposit {
    /// Its id.
    pub id: TransactionId,
    /// The entry that made it.
    pub position: Position,
    /// When it was confirmed.
    pub at: Timestamp,
    /// Whose.
    pub holder: HolderId,
    /// The wallet.
    pub wallet: WalletId,
    /// The account at the bank that it came to.
    pub account: Option<VirtualAccountId>,
    /// The chain that it came by.
    pub chain: Option<Chain>,
    /// How much arrived.
    pub amount: Amount,
    /// Of what.
    pub asset: Asset,
    /// How much was credited for it.
    pub credited: Amount,
    /// In what.
    pub credited_asset: Asset,
    /// The price of one unit of what arrived in what was credited, where that is something else.
    pub rate: Option<Rate>,
    /// Who said so.
    pub rate_source: Option<Text<32>>,
    /// Where it stands.
    pub state: State,
    /// When it came there.
    pub updated_at: Timestamp,
}

row! {
    WalletDeposit in Transactions "wallet_deposit"
    key { id: TransactionId }
    fixed {
        position, at, holder, wallet, account, chain, amount, asset, credited, credited_asset, rate,
        rate_source
    }
    changing { state, updated_at }
}
