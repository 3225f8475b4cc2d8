//! Durations in a configuration, `250ms`, `30s`, `5m` or `1h`, for `#[serde(with = "daemon::config::duration")]`.

use std::time::Duration;

use serde::{Deserialize, Deserializer, Serializer, de};

/// Reads one.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse(&text).ok_or_else(|| {
        de::Error::custom(format!("`{text}` is no duration such as `250ms`, `30s`, `5m` or `1h`"))
    })
}

/// Writes one, in the largest unit that has it whole. Less than a millisecond is cut off.
pub fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    let millis = duration.as_millis();
    let (unit, length) = UNITS
        .into_iter()
        .rev()
        .find(|(_, length)| millis.is_multiple_of(u128::from(*length)) && millis != 0)
        .unwrap_or(("ms", 1));
    serializer.collect_str(&format_args!("{}{unit}", millis / u128::from(length)))
}

/// The units, and their lengths in milliseconds.
const UNITS: [(&str, u64); 4] = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000)];

fn parse(text: &str) -> Option<Duration> {
    let digits = text.find(|letter: char| !letter.is_ascii_digit())?;
    let (number, unit) = text.split_at(digits);
    let (_, length) = UNITS.into_iter().find(|(name, _)| *name == unit)?;
    number.parse::<u64>().ok()?.checked_mul(length).map(Duration::from_millis)
}
