//! The issuer of cards.

use ledger::{Month, Timestamp};
use vault::CardNumber;

/// What the sandbox's numbers begin with, like the one that every payment page takes for a test:
/// 4111 1111 1111 1111.
pub const TEST_BIN: &str = "411111";

/// How long a card is valid, beside the rest of the month in which it was made.
const VALID_YEARS: u64 = 3;

/// A new number, and the last month (UTC) in which it is valid.
///
/// One of 10^9 numbers, drawn at random: among 10,000 cards two share theirs with a chance of 5 %.
pub fn issue(now: Timestamp) -> (CardNumber, Month) {
    (CardNumber::random(TEST_BIN), last_month(now))
}

fn last_month(now: Timestamp) -> Month {
    let (year, month) = now.year_and_month();
    let year = u16::try_from(year + VALID_YEARS).expect("a timestamp ends with the year 10889");
    let month = u8::try_from(month).expect("a month is at most 12");
    Month::new(year, month).expect("a timestamp is of a month")
}

#[cfg(test)]
mod tests;
