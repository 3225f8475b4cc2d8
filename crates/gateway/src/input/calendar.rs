//! Days and times of the day in the forms of ISO 8601.

use ledger::Timestamp;
use ledger::time::DAY_MS;

/// The midnight of a day from 1970 to 9999, such as `2026-11-30`.
pub(super) fn day(text: &str) -> Option<Timestamp> {
    let mut parts = text.split('-');
    let year = number(parts.next()?, 4)?;
    let month = number(parts.next()?, 2)?;
    let day = number(parts.next()?, 2)?;
    if parts.next().is_some() || year < 1970 || !(1..=12).contains(&month) || day == 0 {
        return None;
    }
    let midnight = Timestamp::of_month(year, month).plus_ms((day - 1) * DAY_MS);
    (midnight.year_and_month() == (year, month)).then_some(midnight)
}

/// The day of a time.
pub(crate) fn text(at: Timestamp) -> String {
    let (year, month) = at.year_and_month();
    let since_first_ms = at.as_millis() - at.month_start().as_millis();
    format!("{year:04}-{month:02}-{:02}", since_first_ms / DAY_MS + 1)
}

/// How many minutes after midnight a time such as `09:30` is.
pub(super) fn minute_of_day(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let (hour, minute) = (number(hour, 2)?, number(minute, 2)?);
    let is_of_day = hour < 24 && minute < 60;
    is_of_day.then(|| u16::try_from(hour * 60 + minute).expect("a day has 1,440 minutes"))
}

/// A number of exactly so many digits.
fn number(digits: &str, length: usize) -> Option<u64> {
    let is_number = digits.len() == length && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_of_the_calendar_are_read() {
        assert_eq!(day("1970-01-01"), Some(Timestamp::from_millis(0)));
        assert_eq!(day("2026-11-30"), Some(Timestamp::of_month(2026, 12).minus_ms(DAY_MS)));
        assert_eq!(day("2028-02-29"), Some(Timestamp::of_month(2028, 3).minus_ms(DAY_MS)));
        assert_eq!(day("9999-12-31"), Some(Timestamp::of_month(10_000, 1).minus_ms(DAY_MS)));
    }

    #[test]
    fn a_day_is_written_as_it_is_read() {
        for written in ["1970-01-01", "2026-11-30", "2028-02-29", "9999-12-31"] {
            let midnight = day(written).unwrap();
            assert_eq!(text(midnight), written);
            assert_eq!(text(midnight.plus_ms(DAY_MS - 1)), written);
        }
    }

    #[test]
    fn what_is_no_day_is_refused() {
        for text in [
            "",
            "2026",
            "2026-11",
            "2026-11-",
            "2026-11-31",
            "2027-02-29",
            "2100-02-29",
            "1969-12-31",
            "2026-00-01",
            "2026-13-01",
            "2026-01-00",
            "2026-1-1",
            "26-01-01",
            "2026-01-01-",
            "2026-01-01T00:00",
            "+026-01-01",
            "2026/01/01",
            " 2026-01-01",
        ] {
            assert_eq!(day(text), None, "{text}");
        }
    }

    #[test]
    fn minutes_of_the_day_are_counted_from_midnight() {
        assert_eq!(minute_of_day("00:00"), Some(0));
        assert_eq!(minute_of_day("09:30"), Some(570));
        assert_eq!(minute_of_day("23:59"), Some(1_439));
        for text in ["", ":", "9:30", "24:00", "12:60", "12", "12:3", "12:30:00", "-1:30", "+9:30"]
        {
            assert_eq!(minute_of_day(text), None, "{text}");
        }
    }
}
