//! Custody of tokens: addresses at which a holder receives them.

use ledger::{Asset, HolderId, deposits::Chain};

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

/// The chains on which deposits of an asset are taken: those on which its issuer stands behind it.
///
/// - USDC where Circle mints it (developers.circle.com/stablecoins/usdc-contract-addresses); on Tron it
///   stopped in February 2024.
/// - USDT where Tether does (tether.to/supported-protocols), and in its form for many chains, USDT0
///   (docs.usdt0.to), on Arbitrum, Optimism and Polygon.
/// - No other asset.
pub fn chains(asset: Asset) -> &'static [Chain] {
    use Chain::{Arbitrum, Avalanche, Base, Ethereum, Optimism, Polygon, Solana, Tron};
    match asset {
        Asset::Usdc => &[Solana, Ethereum, Arbitrum, Base, Optimism, Polygon, Avalanche],
        Asset::Usdt => &[Solana, Ethereum, Arbitrum, Optimism, Polygon, Avalanche, Tron],
        Asset::Usd | Asset::Eur | Asset::Gbp | Asset::Mxn | Asset::Pyusd | Asset::Eurc => &[],
    }
}

/// Every address of a holder, by asset, then by chain. The assets share a chain's address.
pub fn deposit_addresses(seed: &[u8; 32], holder: HolderId) -> Vec<DepositAddress> {
    [Asset::Usdc, Asset::Usdt]
        .into_iter()
        .flat_map(|asset| chains(asset).iter().map(move |chain| (asset, *chain)))
        .map(|(asset, chain)| DepositAddress {
            asset,
            chain,
            address: address(seed, holder, chain),
        })
        .collect()
}

/// Whose address it is, and on which chain; `None` for an address that is nobody's.
pub fn recipient(seed: &[u8; 32], address: &Address) -> Option<(HolderId, Chain)> {
    let holder = HolderId(*address.bytes().first_chunk()?);
    let is_theirs = |chain: &Chain| self::address(seed, holder, *chain) == *address;
    Chain::ALL.into_iter().find(is_theirs).map(|chain| (holder, chain))
}

/// A holder has another address on each chain, also among chains that share a form: a deposit that names
/// its address thereby names its chain. The sandbox needs no register of addresses: the first 16 bytes
/// are the holder, the others prove that the sandbox made it.
fn address(seed: &[u8; 32], holder: HolderId, chain: Chain) -> Address {
    let mut bytes = derive(seed, chain.name(), holder);
    bytes.copy_within(..16, 16);
    bytes[..16].copy_from_slice(&holder.0);
    Address::from_bytes(chain, bytes)
}

#[cfg(test)]
mod tests;
