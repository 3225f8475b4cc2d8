//! The UTC calendar, counted day by day: slow, and easy to believe.

use ledger::Timestamp;
use ledger::time::DAY_MS;

/// The calendar periods that a time lies in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    /// The year.
    pub year: u64,
    /// The month, 1 to 12.
    pub month: u64,
    /// The day of the month, from 1.
    pub day: u64,
    /// Number of the week, Monday to Sunday; the one that 1970 began in is 0.
    pub week: u64,
}

/// The date of a time.
pub fn date(at: Timestamp) -> Date {
    let days = at.as_millis() / DAY_MS;
    // 1970 began on a Thursday.
    let week = (days + 3) / 7;
    let (mut year, mut month, mut left) = (1970, 1, days);
    while year_days(year) <= left {
        left -= year_days(year);
        year += 1;
    }
    while month_days(year, month) <= left {
        left -= month_days(year, month);
        month += 1;
    }
    Date { year, month, day: left + 1, week }
}

/// The first midnight after `now` that begins a day of which `is_wanted`.
///
/// # Panics
///
/// When there is none within nine years: leap days are at most eight years apart.
pub fn next_day(now: Timestamp, is_wanted: impl Fn(Date, Date) -> bool) -> Timestamp {
    let today = now.as_millis() / DAY_MS;
    let midnight = |day: u64| Timestamp::from_millis(day * DAY_MS);
    (today + 1..today + 9 * 366)
        .map(midnight)
        .find(|day| is_wanted(date(day.minus_ms(DAY_MS)), date(*day)))
        .expect("the day comes within nine years")
}

fn year_days(year: u64) -> u64 {
    if is_leap(year) { 366 } else { 365 }
}

fn month_days(year: u64, month: u64) -> u64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_days_have_their_dates() {
        for (millis, expected) in [
            (0, (1970, 1, 1, 0)),
            (4 * DAY_MS - 1, (1970, 1, 4, 0)),
            (4 * DAY_MS, (1970, 1, 5, 1)),
            (951_782_400_000, (2000, 2, 29, 1574)),
            (1_709_208_000_000, (2024, 2, 29, 2826)),
            (4_107_542_400_000, (2100, 3, 1, 6792)),
        ] {
            let Date { year, month, day, week } = date(Timestamp::from_millis(millis));
            assert_eq!((year, month, day, week), expected);
        }
    }

    #[test]
    fn the_next_day_is_never_today() {
        let leap_day = Timestamp::from_millis(1_709_208_000_000);
        let next = next_day(leap_day, |_, day| (day.month, day.day) == (2, 29));
        assert_eq!(date(next), Date { year: 2028, month: 2, day: 29, week: 3035 });
        let month = next_day(leap_day, |before, day| before.month != day.month);
        assert_eq!(date(month), Date { year: 2024, month: 3, day: 1, week: 2826 });
    }
}
