use ledger::Rate;
use ledger::amount::AMOUNT_MAX;

use super::*;

fn in_cents(amount: u128, asset: Asset) -> Option<u128> {
    original(Amount(amount), asset).and_then(|original| converted(&original)).map(|usd| usd.0)
}

#[test]
fn foreign_currencies_have_fixed_prices() {
    assert_eq!(in_cents(10_000, Asset::Eur), Some(10_800));
    assert_eq!(in_cents(10_000, Asset::Gbp), Some(12_500));
    assert_eq!(in_cents(10_000, Asset::Mxn), Some(500));
}

#[test]
fn parts_of_a_cent_are_not_asked_for() {
    assert_eq!(in_cents(1, Asset::Eur), Some(1));
    assert_eq!(in_cents(99, Asset::Eur), Some(106));
    assert_eq!(in_cents(19, Asset::Mxn), Some(0));
    assert_eq!(in_cents(20, Asset::Mxn), Some(1));
    assert_eq!(in_cents(39, Asset::Mxn), Some(1));
    assert_eq!(in_cents(0, Asset::Gbp), Some(0));
}

#[test]
fn the_largest_amount_is_converted() {
    assert_eq!(in_cents(AMOUNT_MAX.0, Asset::Gbp), Some(AMOUNT_MAX.0 * 5 / 4));
    assert_eq!(in_cents(u128::MAX, Asset::Gbp), None);
}

#[test]
fn dollars_and_what_is_no_currency_stay_what_they_are() {
    let converted: Vec<_> =
        Asset::ALL.into_iter().filter(|asset| original(Amount(100), *asset).is_some()).collect();
    assert_eq!(converted, [Asset::Eur, Asset::Gbp, Asset::Mxn]);
}

#[test]
fn the_price_is_recorded_with_its_source() {
    let original = original(Amount(10_000), Asset::Eur).unwrap();
    assert_eq!((original.amount, original.asset), (Amount(10_000), Asset::Eur));
    assert_eq!((original.rate, original.rate_source.as_str()), (Rate(1_080_000_000), "sandbox"));
}
