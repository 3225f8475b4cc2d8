//! What the programme takes for a transfer.

use ledger::Amount;
use ledger::transfers::Rail;

/// Hundredths of a per cent of tokens that are sent to an address.
const TOKEN_TRANSFER: u128 = 30;
/// Hundredths of a per cent of tokens that are paid out at a bank.
const FIAT_PAYOUT: u128 = 150;

/// The fee on `amount`, rounded up to the token's minor unit.
pub(super) fn fee(rail: Rail, Amount(amount): Amount) -> Amount {
    let points = match rail {
        Rail::Chain(_) => TOKEN_TRANSFER,
        Rail::Ach | Rail::Wire | Rail::Sepa | Rail::FasterPayments | Rail::Spei => FIAT_PAYOUT,
    };
    Amount((amount * points).div_ceil(10_000))
}

#[cfg(test)]
mod tests {
    use ledger::deposits::Chain;

    use super::*;

    #[test]
    fn a_fee_is_a_share_rounded_up() {
        let chain = Rail::Chain(Chain::Base);
        for (rail, amount, expected) in [
            (chain, 10_000_000, 30_000),
            (Rail::FasterPayments, 10_000_000, 150_000),
            (chain, 1, 1),
            (chain, 333, 1),
            (chain, 334, 2),
            (Rail::Ach, 66, 1),
            (Rail::Ach, 67, 2),
        ] {
            assert_eq!(fee(rail, Amount(amount)), Amount(expected), "{rail:?} {amount}");
        }
    }
}
