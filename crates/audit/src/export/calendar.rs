//! Times as text, in UTC.

use ledger::Timestamp;
use ledger::time::{DAY_MS, HOUR_MS, SECOND_MS};

/// The day, such as `2026-11-21`.
pub(super) fn day(at: Timestamp) -> String {
    let (year, month) = at.year_and_month();
    let since_first = at.as_millis() - Timestamp::of_month(year, month).as_millis();
    format!("{year:04}-{month:02}-{:02}", since_first / DAY_MS + 1)
}

/// The time as RFC 3339 writes it.
pub fn time(at: Timestamp) -> String {
    let in_day = at.as_millis() % DAY_MS;
    let (hours, in_hour) = (in_day / HOUR_MS, in_day % HOUR_MS);
    let (minutes, in_minute) = (in_hour / (60 * SECOND_MS), in_hour % (60 * SECOND_MS));
    let (seconds, millis) = (in_minute / SECOND_MS, in_minute % SECOND_MS);
    format!("{}T{hours:02}:{minutes:02}:{seconds:02}.{millis:03}Z", day(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_with_its_day() {
        for (millis, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_868_799_999, "2000-02-29T23:59:59.999Z"),
            (951_868_800_000, "2000-03-01T00:00:00.000Z"),
            (1_795_257_025_067, "2026-11-21T10:30:25.067Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(time(Timestamp::from_millis(millis)), text);
        }
        assert_eq!(day(Timestamp::MAX), "10889-08-02");
    }
}
