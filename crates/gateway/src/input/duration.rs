//! Durations in the form of ISO 8601, such as `PT25H`.

use ledger::clock::ADVANCE_MAX_MS;
use ledger::time::{DAY_MS, HOUR_MS, SECOND_MS};

use super::fields::Field;
use crate::error::Error;

const MINUTE_MS: u64 = 60 * SECOND_MS;

/// A duration in milliseconds, longer than nothing and at most [`ADVANCE_MAX_MS`].
pub(crate) fn duration_ms(field: Field) -> Result<u64, Error> {
    let text = field.text()?;
    parse_ms(text).filter(|ms| (1..=ADVANCE_MAX_MS).contains(ms)).ok_or_else(|| {
        field.invalid(
            "must be a duration above zero and at most ten years, in whole weeks, days, hours, minutes \
             and seconds, such as `P1DT12H`",
        )
    })
}

/// Weeks alone, or days, hours, minutes and seconds, in this order, each at most once. Months and years are refused:
/// they have no fixed length.
fn parse_ms(text: &str) -> Option<u64> {
    let text = text.strip_prefix('P')?;
    if let Some(weeks) = text.strip_suffix('W') {
        return number(weeks)?.checked_mul(7 * DAY_MS);
    }
    let (date, time) = match text.split_once('T') {
        Some((_, "")) => return None,
        Some((date, time)) => (date, time),
        None if text.is_empty() => return None,
        None => (text, ""),
    };
    let days = parts_ms(date, &[('D', DAY_MS)])?;
    let rest = parts_ms(time, &[('H', HOUR_MS), ('M', MINUTE_MS), ('S', SECOND_MS)])?;
    days.checked_add(rest)
}

fn parts_ms(mut text: &str, units: &[(char, u64)]) -> Option<u64> {
    let mut total_ms = 0_u64;
    for (letter, unit_ms) in units {
        if let Some((count, rest)) = text.split_once(*letter) {
            total_ms = total_ms.checked_add(number(count)?.checked_mul(*unit_ms)?)?;
            text = rest;
        }
    }
    text.is_empty().then_some(total_ms)
}

fn number(digits: &str) -> Option<u64> {
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_of_fixed_length_are_read() {
        for (text, ms) in [
            ("PT25H", 25 * HOUR_MS),
            ("P8D", 8 * DAY_MS),
            ("P2W", 14 * DAY_MS),
            ("P1DT2H3M4S", DAY_MS + 2 * HOUR_MS + 3 * MINUTE_MS + 4 * SECOND_MS),
            ("PT0S", 0),
        ] {
            assert_eq!(parse_ms(text), Some(ms), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "P",
            "PT",
            "P1DT",
            "25H",
            "PT25",
            "P1M",
            "P1Y",
            "PT1.5H",
            "PT-1H",
            "PT1S2H",
            "P1H",
            "PT1D",
            "P1W1D",
            "PT1H1H",
            "pt1h",
            "PT 1H",
            "PT99999999999999999999H",
            "P+1D",
        ] {
            assert_eq!(parse_ms(text), None, "{text}");
        }
    }
}
