//! The book's time, and the calendar in which limits are counted. All of it is UTC.

use borsh::{BorshDeserialize, BorshSerialize};

/// Milliseconds in a second.
pub const SECOND_MS: u64 = 1_000;
/// Milliseconds in a minute.
pub const MINUTE_MS: u64 = 60 * SECOND_MS;
/// Milliseconds in an hour.
pub const HOUR_MS: u64 = 60 * MINUTE_MS;
/// Milliseconds in a day: UTC as POSIX counts it has no leap seconds.
pub const DAY_MS: u64 = 24 * HOUR_MS;

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    BorshSerialize,
    BorshDeserialize,
)]
pub struct Timestamp(u64);

impl Timestamp {
    /// The latest time: what fits the 48 bits of a UUIDv7, in the year 10889.
    pub const MAX: Self = Self((1 << 48) - 1);

    /// A time, at most [`Timestamp::MAX`].
    pub fn from_millis(millis: u64) -> Self {
        Self(millis).min(Self::MAX)
    }

    /// Milliseconds since 1970.
    pub fn as_millis(self) -> u64 {
        self.0
    }

    /// The time so many milliseconds later, at most [`Timestamp::MAX`].
    pub fn plus_ms(self, millis: u64) -> Self {
        Self::from_millis(self.0.saturating_add(millis))
    }

    /// The time so many milliseconds earlier, at least 1970.
    pub fn minus_ms(self, millis: u64) -> Self {
        Self(self.0.saturating_sub(millis))
    }

    /// Midnight at which this time's day began.
    pub fn day_start(self) -> Self {
        Self(self.0 - self.0 % DAY_MS)
    }

    /// Midnight at which this time's ISO 8601 week began, a Monday.
    pub fn week_start(self) -> Self {
        let day = self.0 / DAY_MS;
        // 1970-01-01 was a Thursday, so a Monday lies three days before it.
        let since_monday = (day + 3) % 7;
        Self(day.saturating_sub(since_monday) * DAY_MS)
    }

    /// Midnight at which this time's calendar month began.
    pub fn month_start(self) -> Self {
        let (year, month) = self.year_and_month();
        Self::of_month(year, month)
    }

    /// Midnight at which this time's calendar year began.
    pub fn year_start(self) -> Self {
        let (year, _) = self.year_and_month();
        Self::of_month(year, 1)
    }

    /// Midnight at which a month of the proleptic Gregorian calendar begins.
    ///
    /// # Panics
    ///
    /// Unless the month is 1 to 12 and the year 1970 or later.
    pub fn of_month(year: u64, month: u64) -> Self {
        assert!(1970 <= year && (1..=12).contains(&month), "a month since 1970");
        Self(days_before_month(year, month) * DAY_MS)
    }

    /// Year and month, 1 to 12.
    pub fn year_and_month(self) -> (u64, u64) {
        let day = self.0 / DAY_MS;
        // A year has at least 365 days, so this is never too early; correct it downwards.
        let mut year = 1970 + day / 365;
        while day < days_before_month(year, 1) {
            year -= 1;
        }
        let month = (1..=12)
            .rev()
            .find(|month| days_before_month(year, *month) <= day)
            .expect("January begins with the year");
        (year, month)
    }
}

/// A month of the proleptic Gregorian calendar, since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month {
    year: u16,
    number: u8,
}

impl Month {
    /// `None` unless the year is 1970 or later and the number 1 to 12.
    pub fn new(year: u16, number: u8) -> Option<Self> {
        (1970 <= year && (1..=12).contains(&number)).then_some(Self { year, number })
    }

    /// Its year.
    pub fn year(self) -> u16 {
        self.year
    }

    /// Its place in the year, 1 to 12.
    pub fn number(self) -> u8 {
        self.number
    }

    /// The first moment after it, at most [`Timestamp::MAX`].
    pub fn end(self) -> Timestamp {
        let (year, number) = (u64::from(self.year), u64::from(self.number));
        let days = match number {
            12 => days_before_month(year + 1, 1),
            _ => days_before_month(year, number + 1),
        };
        Timestamp::from_millis(days * DAY_MS)
    }
}

fn days_before_month(year: u64, month: u64) -> u64 {
    const BEFORE: [u64; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    let leap_years_before = |year: u64| (year - 1) / 4 - (year - 1) / 100 + (year - 1) / 400;
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let leap_day = u64::from(is_leap && 2 < month);
    (year - 1970) * 365 + leap_years_before(year) - leap_years_before(1970)
        + BEFORE[month as usize - 1]
        + leap_day
}

#[cfg(test)]
mod tests;
