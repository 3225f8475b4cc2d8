//! Points in time in the form of ISO 8601, such as `2026-11-30T09:30:00.000Z`.

use ledger::Timestamp;
use ledger::time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS};

use super::calendar;
use super::fields::Field;
use crate::error::Error;

/// A point in time, with its distance from UTC. What is less than a millisecond is dropped.
pub(crate) fn instant(field: Field) -> Result<Timestamp, Error> {
    read(field).map(|(at, _)| at)
}

/// Where a period begins, or the next one does: the first millisecond that is not before it.
pub(crate) fn bound(field: Field) -> Result<Timestamp, Error> {
    read(field).map(|(at, is_later)| at.plus_ms(u64::from(is_later)))
}

fn read(field: Field) -> Result<(Timestamp, bool), Error> {
    parse(field.text()?).ok_or_else(|| {
        field
            .invalid("must be a time such as `2026-11-30T09:30:00Z` or `2026-11-30T10:30:00+01:00`")
    })
}

/// In UTC, to the millisecond.
pub(crate) fn text(at: Timestamp) -> String {
    let (year, month) = at.year_and_month();
    let day = 1 + (at.day_start().as_millis() - at.month_start().as_millis()) / DAY_MS;
    let of_day = at.as_millis() % DAY_MS;
    let (hour, minute) = (of_day / HOUR_MS, of_day % HOUR_MS / MINUTE_MS);
    let (second, ms) = (of_day % MINUTE_MS / SECOND_MS, of_day % SECOND_MS);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{ms:03}Z")
}

/// The millisecond, and whether a part of it has passed.
fn parse(text: &str) -> Option<(Timestamp, bool)> {
    let (date, time) = text.split_once('T')?;
    let midnight = calendar::day(date)?;
    let (minutes, rest) = time.split_at_checked(5)?;
    let minute_ms = u64::from(calendar::minute_of_day(minutes)?) * MINUTE_MS;
    let (second, rest) = rest.strip_prefix(':')?.split_at_checked(2)?;
    let second = number(second).filter(|second| *second < 60)?;
    let zone = rest.find(['Z', '+', '-'])?;
    let (fraction, zone) = rest.split_at(zone);
    let (ms, is_later) = milliseconds(fraction)?;
    let local = midnight.plus_ms(minute_ms + second * SECOND_MS + ms);
    let offset_ms = |zone: &str| Some(u64::from(calendar::minute_of_day(zone)?) * MINUTE_MS);
    let at = match zone.split_at(1) {
        ("Z", "") => local,
        ("+", zone) => local.minus_ms(offset_ms(zone)?),
        ("-", zone) => local.plus_ms(offset_ms(zone)?),
        _ => return None,
    };
    Some((at, is_later))
}

/// A fraction of a second with its point, or nothing: the milliseconds, and whether there is more.
fn milliseconds(fraction: &str) -> Option<(u64, bool)> {
    if fraction.is_empty() {
        return Some((0, false));
    }
    let digits = fraction.strip_prefix('.')?;
    number(digits)?;
    let digits = format!("{digits:0<3}");
    let (ms, rest) = digits.split_at(3);
    Some((number(ms)?, rest.bytes().any(|digit| digit != b'0')))
}

fn number(digits: &str) -> Option<u64> {
    let is_number = (1..=9).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    is_number.then(|| digits.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::json::Json;

    #[test]
    fn a_time_is_read_back_from_its_text() {
        for (at, expected) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (1_699_335_116_000, "2023-11-07T05:31:56.000Z"),
            (1_709_251_199_999, "2024-02-29T23:59:59.999Z"),
        ] {
            assert_eq!(text(Timestamp::from_millis(at)), expected);
            assert_eq!(parse(expected), Some((Timestamp::from_millis(at), false)));
        }
    }

    #[test]
    fn other_forms_of_the_same_time_are_read() {
        for text in [
            "2023-11-07T05:31:56Z",
            "2023-11-07T05:31:56.0009Z",
            "2023-11-07T06:31:56+01:00",
            "2023-11-06T21:01:56.0-08:30",
        ] {
            let at = parse(text).map(|(at, _)| at);
            assert_eq!(at, Some(Timestamp::from_millis(1_699_335_116_000)), "{text}");
        }
    }

    #[test]
    fn a_bound_within_a_millisecond_leaves_out_what_lies_before_it() {
        for (text, expected) in [
            ("2023-11-07T05:31:56.000Z", 1_699_335_116_000),
            ("2023-11-07T05:31:56.0000Z", 1_699_335_116_000),
            ("2023-11-07T05:31:56.0001Z", 1_699_335_116_001),
            ("2023-11-07T05:31:56.99901+00:00", 1_699_335_117_000),
        ] {
            let field = || Field { name: "to".to_owned(), value: Json::Text(text.to_owned()) };
            assert_eq!(bound(field()).unwrap(), Timestamp::from_millis(expected), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "2023-11-07",
            "2023-11-07T05:31:56",
            "2023-11-07T05:31Z",
            "2023-11-07 05:31:56Z",
            "2023-11-31T05:31:56Z",
            "2023-11-07T24:00:00Z",
            "2023-11-07T05:31:60Z",
            "2023-11-07T05:31:56.Z",
            "2023-11-07T05:31:56.1234567890Z",
            "2023-11-07T05:31:56z",
            "2023-11-07T05:31:56+1:00",
            "2023-11-07T05:31:56ZZ",
            "1699335116000",
            "2023-11-07T05é31:56Z",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
