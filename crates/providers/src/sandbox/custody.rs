//! Custody of tokens: addresses at which a holder receives them.

use ledger::{Asset, HolderId, WalletId, deposits::Chain};

use super::derive;
use crate::Address;

/// Where a holder receives an asset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DepositAddress {
    /// What.
    pub asset: Asset,
    /// On which chain.
    pub chain: Chain,
    /// At which address.
    pub address: Address,
}

/// Where a wallet receives every token that its chain has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WalletAddress {
    /// Names it.
    pub id: [u8; 16],
    /// On which chain.
    pub chain: Chain,
    /// At which address.
    pub address: Address,
    /// What.
    pub assets: Vec<Asset>,
}

/// Whose an address is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// A person's, whose deposits become US dollars.
    Person(HolderId),
    /// A wallet's, which holds tokens.
    Wallet(WalletId),
}

/// What persons deposit.
pub const FUNDING_ASSETS: [Asset; 2] = [Asset::Usdc, Asset::Usdt];

/// What wallets hold.
pub const WALLET_ASSETS: [Asset; 4] = [Asset::Usdc, Asset::Usdt, Asset::Pyusd, Asset::Eurc];

/// The chains on which an asset is taken and sent: those on which its issuer stands behind it.
///
/// - USDC and EURC where Circle mints them (developers.circle.com/stablecoins/usdc-contract-addresses and
///   …/eurc-contract-addresses); USDC on Tron stopped in February 2024.
/// - USDT where Tether does (tether.to/supported-protocols), and in its form for many chains, USDT0
///   (docs.usdt0.to), on Arbitrum, Optimism and Polygon.
/// - PYUSD where Paxos does (docs.paxos.com/guides/stablecoin/pyusd/mainnet).
pub fn chains(asset: Asset) -> &'static [Chain] {
    use Chain::{Arbitrum, Avalanche, Base, Ethereum, Optimism, Polygon, Solana, Tron};
    match asset {
        Asset::Usdc => &[Solana, Ethereum, Arbitrum, Base, Optimism, Polygon, Avalanche],
        Asset::Usdt => &[Solana, Ethereum, Arbitrum, Optimism, Polygon, Avalanche, Tron],
        Asset::Pyusd => &[Solana, Ethereum, Arbitrum],
        Asset::Eurc => &[Solana, Ethereum, Base, Avalanche],
        Asset::Usd
        | Asset::Eur
        | Asset::Gbp
        | Asset::Mxn
        | Asset::Eth
        | Asset::Sol
        | Asset::Pol
        | Asset::Avax
        | Asset::Trx => &[],
    }
}

/// Every address of a person, by asset, then by chain. The assets share a chain's address.
pub fn deposit_addresses(seed: &[u8; 32], holder: HolderId) -> Vec<DepositAddress> {
    FUNDING_ASSETS
        .into_iter()
        .flat_map(|asset| chains(asset).iter().map(move |chain| (asset, *chain)))
        .map(|(asset, chain)| DepositAddress {
            asset,
            chain,
            address: address(seed, Owner::Person(holder), chain),
        })
        .collect()
}

/// Every address of a wallet, one a chain.
pub fn wallet_addresses(seed: &[u8; 32], wallet: WalletId) -> Vec<WalletAddress> {
    let of = |chain: Chain| {
        let derived = derive(seed, &format!("wallet address {chain}"), wallet.0);
        WalletAddress {
            id: *derived.first_chunk().expect("a hash has more than 16 bytes"),
            chain,
            address: address(seed, Owner::Wallet(wallet), chain),
            assets: WALLET_ASSETS.into_iter().filter(|a| chains(*a).contains(&chain)).collect(),
        }
    };
    Chain::ALL.into_iter().map(of).collect()
}

/// Whose address it is, and on which chain; `None` for an address that is nobody's.
pub fn recipient(seed: &[u8; 32], address: &Address) -> Option<(Owner, Chain)> {
    let id = *address.bytes().first_chunk()?;
    [Owner::Person(HolderId(id)), Owner::Wallet(WalletId(id))].into_iter().find_map(|owner| {
        let is_theirs = |chain: &Chain| self::address(seed, owner, *chain) == *address;
        Chain::ALL.into_iter().find(is_theirs).map(|chain| (owner, chain))
    })
}

/// An owner has another address on each chain, also among chains that share a form: a deposit that names
/// its address thereby names its chain. The sandbox needs no register of addresses: the first 16 bytes
/// are the owner's id, the others prove that the sandbox made it, and for which kind of owner.
fn address(seed: &[u8; 32], owner: Owner, chain: Chain) -> Address {
    let (id, mut bytes) = match owner {
        Owner::Person(HolderId(id)) => (id, derive(seed, chain.name(), id)),
        Owner::Wallet(WalletId(id)) => (id, derive(seed, &format!("wallet {chain}"), id)),
    };
    bytes.copy_within(..16, 16);
    bytes[..16].copy_from_slice(&id);
    Address::from_bytes(chain, bytes)
}

#[cfg(test)]
mod tests;
