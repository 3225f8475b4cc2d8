//! What assets are worth. It never changes: what a test expects today, it may expect tomorrow.

use ledger::{Asset, Rate, Text};

/// Who says so.
const SOURCE: &str = "sandbox";

/// The name under which rates are recorded.
pub fn source() -> Text<32> {
    Text::new(SOURCE).expect("the name is short")
}

/// The price of one unit in US dollars. `None` for chains' own coins: nobody sells them.
pub fn in_dollars(asset: Asset) -> Option<Rate> {
    match asset {
        Asset::Usd | Asset::Usdc | Asset::Usdt | Asset::Pyusd => Some(Rate::ONE),
        Asset::Eur | Asset::Eurc => Some(Rate(1_080_000_000)),
        Asset::Gbp => Some(Rate(1_250_000_000)),
        Asset::Mxn => Some(Rate(50_000_000)),
        Asset::Eth | Asset::Sol | Asset::Pol | Asset::Avax | Asset::Trx => None,
    }
}

/// The price of one unit of `from` in units of `to`, by way of the dollar, rounded down to billionths.
pub fn between(from: Asset, to: Asset) -> Option<Rate> {
    let (Rate(from), Rate(to)) = (in_dollars(from)?, in_dollars(to)?);
    let billionths = u128::from(from) * u128::from(Rate::ONE.0) / u128::from(to);
    u64::try_from(billionths).ok().map(Rate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crosses_follow_from_the_prices_in_dollars() {
        for (from, to, billionths) in [
            (Asset::Usdc, Asset::Usd, 1_000_000_000),
            (Asset::Usdc, Asset::Gbp, 800_000_000),
            (Asset::Usdc, Asset::Mxn, 20_000_000_000),
            (Asset::Usdc, Asset::Eur, 925_925_925),
            (Asset::Eurc, Asset::Eur, 1_000_000_000),
            (Asset::Eur, Asset::Usd, 1_080_000_000),
            (Asset::Eurc, Asset::Gbp, 864_000_000),
            (Asset::Mxn, Asset::Usdc, 50_000_000),
        ] {
            assert_eq!(between(from, to), Some(Rate(billionths)), "{from} {to}");
        }
    }

    #[test]
    fn chains_own_coins_have_no_price() {
        assert_eq!(between(Asset::Eth, Asset::Usd), None);
        assert_eq!(between(Asset::Usdc, Asset::Sol), None);
    }
}
