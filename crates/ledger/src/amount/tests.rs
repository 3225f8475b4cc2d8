use super::*;

#[test]
fn a_decimal_is_read_exactly_or_not_at_all() {
    let read = |text| Asset::Usd.parse(text).map(|amount| amount.0);
    assert_eq!(read("12.30"), Some(1230));
    assert_eq!(read("12.3"), Some(1230));
    assert_eq!(read("12"), Some(1200));
    assert_eq!(read("0.01"), Some(1));
    for refused in ["", ".", "1.", ".5", "1.234", "-1", "+1", "1e3", " 1", "1,0", "1.2.3", "٣"] {
        assert_eq!(read(refused), None, "`{refused}`");
    }
    assert_eq!(read(&"9".repeat(40)), None);
}

#[test]
fn what_is_written_is_read_back() {
    for minor in [0, 1, 99, 100, 123_456_789, u128::MAX] {
        for asset in Asset::ALL {
            assert_eq!(asset.parse(&asset.format(Amount(minor))), Some(Amount(minor)));
        }
    }
}

#[test]
fn a_conversion_rounds_down_to_whole_minor_units() {
    let convert = |minor| Rate::ONE.convert(Amount(minor), Asset::Usdc, Asset::Usd);
    assert_eq!(convert(1_000_000), Some(Amount(100)));
    assert_eq!(convert(1_009_999), Some(Amount(100)));
    assert_eq!(convert(9_999), Some(Amount(0)));
    assert_eq!(convert(u128::MAX), None);
}
