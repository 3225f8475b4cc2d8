use super::*;

/// 2024-02-29T12:00:00Z, a Thursday.
const LEAP_DAY_NOON: Timestamp = Timestamp(1_709_208_000_000);

#[test]
fn windows_begin_where_the_calendar_says() {
    assert_eq!(LEAP_DAY_NOON.week_start(), Timestamp(1_708_905_600_000)); // 2024-02-26
    assert_eq!(LEAP_DAY_NOON.month_start(), Timestamp(1_706_745_600_000)); // 2024-02-01
    assert_eq!(LEAP_DAY_NOON.year_start(), Timestamp(1_704_067_200_000)); // 2024-01-01
}

#[test]
fn a_window_begins_with_its_first_millisecond() {
    let march = Timestamp::of_month(2024, 3);
    assert_eq!(march.month_start(), march);
    assert_eq!(march.minus_ms(1).month_start(), Timestamp::of_month(2024, 2));
    assert_eq!(march.year_and_month(), (2024, 3));
}

#[test]
fn months_follow_each_other_for_four_centuries() {
    let mut start = Timestamp(0);
    for year in 1970..2400 {
        for month in 1..=12 {
            assert_eq!(Timestamp::of_month(year, month), start);
            assert_eq!(start.year_and_month(), (year, month));
            let days = match month {
                2 if year % 400 == 0 || year % 4 == 0 && year % 100 != 0 => 29,
                2 => 28,
                4 | 6 | 9 | 11 => 30,
                _ => 31,
            };
            start = start.plus_ms(days * DAY_MS);
        }
    }
}

#[test]
fn the_first_and_the_last_day_have_windows() {
    assert_eq!(Timestamp(0).week_start(), Timestamp(0));
    assert_eq!(Timestamp(0).month_start(), Timestamp(0));
    assert_eq!(Timestamp::MAX.year_and_month().0, 10889);
    assert_eq!(Timestamp::from_millis(u64::MAX).as_millis(), 0xffff_ffff_ffff);
}

#[test]
fn a_month_ends_when_the_next_one_begins() {
    let end = |year, number| Month::new(year, number).map(Month::end);
    assert_eq!(end(2030, 11), Some(Timestamp::of_month(2030, 12)));
    assert_eq!(end(2030, 12), Some(Timestamp::of_month(2031, 1)));
    assert_eq!(end(u16::MAX, 12), Some(Timestamp::MAX));
    assert_eq!([end(1969, 12), end(2030, 0), end(2030, 13)], [None; 3]);
}
