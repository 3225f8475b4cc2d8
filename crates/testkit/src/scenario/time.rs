//! How time passes.

use ledger::Timestamp;
use ledger::time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS};

use super::tokens::{Tokens, duration, time_of_day};
use crate::calendar::{self, Date};

/// How much time passes.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Pass {
    Ms(u64),
    /// Until so long before the next time of a kind.
    To {
        before_ms: u64,
        time: Time,
    },
}

/// A time that comes again and again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Time {
    /// A minute of each day.
    Minute(u16),
    Week,
    Month,
    Year,
    /// A year that begins within a week.
    YearWithinWeek,
    LeapDay,
    /// The clocks of Europe are put forward.
    ClocksForward,
    /// They are put back.
    ClocksBack,
}

impl Pass {
    pub(super) fn parse(tokens: &mut Tokens) -> Result<Self, String> {
        if !tokens.take("to") {
            return tokens.known("a duration", duration).map(Self::Ms);
        }
        let before_ms = tokens.take_if(duration).unwrap_or(0);
        tokens.take("before");
        tokens.take("next");
        let time = tokens.known("a time", |word| match word {
            "week" => Some(Time::Week),
            "month" => Some(Time::Month),
            "year" => Some(Time::Year),
            "year-within-a-week" => Some(Time::YearWithinWeek),
            "leap-day" => Some(Time::LeapDay),
            "summer-time" => Some(Time::ClocksForward),
            "winter-time" => Some(Time::ClocksBack),
            other => time_of_day(other).map(Time::Minute),
        })?;
        Ok(Self::To { before_ms, time })
    }

    /// How long that is. The sandbox's clock moves by whole seconds.
    pub(super) fn length_ms(&self, now: Timestamp) -> u64 {
        match self {
            Self::Ms(length_ms) => *length_ms,
            Self::To { before_ms, time } => {
                let next = time.next(now.plus_ms(*before_ms)).as_millis();
                (next - before_ms - now.as_millis()).next_multiple_of(SECOND_MS)
            }
        }
    }
}

impl Time {
    /// The first such time after another one.
    fn next(self, after: Timestamp) -> Timestamp {
        let monday = |before: Date, day: Date| before.week != day.week;
        match self {
            Self::Minute(minute) => {
                let into_day_ms = u64::from(minute) * MINUTE_MS;
                let midnight = after.plus_ms(DAY_MS - into_day_ms).as_millis() / DAY_MS * DAY_MS;
                Timestamp::from_millis(midnight + into_day_ms)
            }
            Self::Week => calendar::next_day(after, monday),
            Self::Month => calendar::next_day(after, |before, day| before.month != day.month),
            Self::Year => calendar::next_day(after, |before, day| before.year != day.year),
            Self::YearWithinWeek => calendar::next_day(after, |before, day| {
                before.year != day.year && before.week == day.week
            }),
            Self::LeapDay => calendar::next_day(after, |_, day| (day.month, day.day) == (2, 29)),
            Self::ClocksForward => {
                clock_change(after, |before| before.month == 3 && 25 <= before.day)
            }
            Self::ClocksBack => {
                clock_change(after, |before| before.month == 10 && 25 <= before.day)
            }
        }
    }
}

/// One o'clock on the next Sunday of which `is_wanted`.
fn clock_change(after: Timestamp, is_wanted: impl Fn(Date) -> bool) -> Timestamp {
    const TO_MIDNIGHT_MS: u64 = 23 * HOUR_MS;
    let monday = calendar::next_day(after.plus_ms(TO_MIDNIGHT_MS), |sunday, monday| {
        sunday.week != monday.week && is_wanted(sunday)
    });
    monday.minus_ms(TO_MIDNIGHT_MS)
}
