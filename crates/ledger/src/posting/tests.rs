use proptest::prelude::*;

use super::*;

fn posting(side: Side, asset: Asset, amount: u128) -> Posting {
    Posting { side, account: Account::Exchange, asset, amount: Amount(amount) }
}

#[test]
fn postings_balance_in_every_asset() {
    let good = vec![
        posting(Side::Debit, Asset::Usd, 5),
        posting(Side::Credit, Asset::Usd, 2),
        posting(Side::Credit, Asset::Usd, 3),
        posting(Side::Debit, Asset::Usdc, 1),
        posting(Side::Credit, Asset::Usdc, 1),
    ];
    assert!(!Postings::new(good).unwrap().is_empty());
    assert!(Postings::new(Vec::new()).unwrap().is_empty());
}

#[test]
fn an_amount_in_another_asset_does_not_balance() {
    let bad = vec![posting(Side::Debit, Asset::Usd, 5), posting(Side::Credit, Asset::Eur, 5)];
    assert!(matches!(
        Postings::new(bad),
        Err(InvalidPostings::Unbalanced { asset: Asset::Usd, .. })
    ));
}

#[test]
fn zero_too_many_and_too_large_are_refused() {
    assert_eq!(
        Postings::new(vec![posting(Side::Debit, Asset::Usd, 0)]),
        Err(InvalidPostings::Zero)
    );
    let many = vec![posting(Side::Debit, Asset::Usd, 1); POSTINGS_MAX + 1];
    assert!(matches!(Postings::new(many), Err(InvalidPostings::TooMany { .. })));
    let large = vec![posting(Side::Debit, Asset::Usd, u128::MAX); 2];
    assert!(matches!(Postings::new(large), Err(InvalidPostings::TooLarge { .. })));
}

proptest! {
    #[test]
    fn postings_are_accepted_exactly_when_the_sums_are_equal(
        amounts in prop::collection::vec((any::<bool>(), 0..3_usize, 1..4_u128), 0..8)
    ) {
        let postings: Vec<_> = amounts
            .iter()
            .map(|(debit, asset, amount)| {
                let side = if *debit { Side::Debit } else { Side::Credit };
                posting(side, Asset::ALL[*asset], *amount)
            })
            .collect();
        let mut sums = [0_i128; 3];
        for (debit, asset, amount) in amounts {
            sums[asset] += if debit { amount as i128 } else { -(amount as i128) };
        }
        prop_assert_eq!(Postings::new(postings).is_ok(), sums == [0; 3]);
    }
}
