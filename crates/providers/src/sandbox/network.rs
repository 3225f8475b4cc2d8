//! The card network: what it makes of purchases in foreign currencies.

use ledger::amount::AssetKind;
use ledger::authorizations::Original;
use ledger::{Amount, Asset};

use super::rates;

/// What a merchant asks for in a foreign currency. `None` for US dollars, and for what no card network carries.
pub fn original(amount: Amount, asset: Asset) -> Option<Original> {
    let is_foreign = asset.kind() == AssetKind::Currency && asset != Asset::Usd;
    let rate = rates::in_dollars(asset).filter(|_| is_foreign)?;
    Some(Original { amount, asset, rate, rate_source: rates::source() })
}

/// What the network asks for instead, in US cents. `None` when it does not fit 128 bits.
pub fn converted(original: &Original) -> Option<Amount> {
    original.rate.convert(original.amount, original.asset, Asset::Usd)
}

#[cfg(test)]
mod tests;
