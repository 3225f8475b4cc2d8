//! The clock on the wall, and whether it goes as time does.

use std::time::{Duration, Instant, SystemTime};

use ledger::{Book, BookId, Timestamp};
use metrics::{Counter, counter, describe_counter};
use tracing::error;

const JUMPS: &str = "ledgeros_writer_clock_jumps_total";

/// How far the clock on the wall may be from the one that only counts, from one look to the next. Looks are a second apart at
/// most, in which a time server turns a clock by half a millisecond; the rest is for threads that do not get their turn between
/// the two readings.
const JUMP_MIN: Duration = Duration::from_secs(1);

/// The clock on the wall of a writer. A jump of it is told, and changes nothing that is recorded: the book's time never goes
/// back.
#[derive(Debug)]
pub(crate) struct WallClock {
    book: BookId,
    last: Reading,
    jumps: Counter,
}

/// What the two clocks showed.
#[derive(Debug, Clone, Copy)]
struct Reading {
    /// Of the clock that only counts.
    count: Instant,
    wall: Timestamp,
}

impl WallClock {
    /// For a writer that goes on from `book`, whose id is `id`. Says so when the book is ahead of the clock.
    pub(crate) fn begin(id: BookId, book: &Book) -> Self {
        describe_counter!(JUMPS, "Jumps of the clock on the wall by a second or more.");
        let jumps = counter!(JUMPS, "book" => id.to_string());
        // So that the series is there before the first jump.
        jumps.increment(0);
        let clock = Self { book: id, last: Reading::now(), jumps };
        let behind_ms = behind_ms(book, clock.last.wall);
        if JUMP_MIN.as_millis() <= behind_ms.into() {
            clock.tell(-i64::try_from(behind_ms).unwrap_or(i64::MAX));
        }
        clock
    }

    /// What it shows.
    pub(crate) fn now(&mut self) -> Timestamp {
        let now = Reading::now();
        if let Some(jump_ms) = now.jump_ms_since(self.last) {
            self.tell(jump_ms);
        }
        self.last = now;
        now.wall
    }

    fn tell(&self, jump_ms: i64) {
        self.jumps.increment(1);
        error!(
            book = %self.book,
            jump_ms,
            "the clock on the wall has jumped: entries keep their order, and none is earlier than the one before; set the clock"
        );
    }
}

impl Reading {
    fn now() -> Self {
        Self { count: Instant::now(), wall: wall_clock() }
    }

    /// By how much the clock on the wall has gone further than it should, or less far, where that is much.
    fn jump_ms_since(self, before: Self) -> Option<i64> {
        let ms = |timestamp: Timestamp| i128::from(timestamp.as_millis());
        let passed = self.count.saturating_duration_since(before.count).as_millis();
        let jump = ms(self.wall) - ms(before.wall) - passed.cast_signed();
        let is_jump = JUMP_MIN.as_millis() <= jump.unsigned_abs();
        is_jump.then(|| i64::try_from(jump).unwrap_or(i64::MAX))
    }
}

/// How far the book's time is ahead of what the clock on the wall makes of it.
fn behind_ms(book: &Book, wall: Timestamp) -> u64 {
    let due = wall.as_millis().saturating_add(book.clock_offset_ms());
    book.now(wall).as_millis().saturating_sub(due)
}

pub(crate) fn wall_clock() -> Timestamp {
    let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(since_1970.as_millis().try_into().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_goes_as_time_does_has_not_jumped() {
        let count = Instant::now();
        let at = |ms: u64, wall: u64| Reading {
            count: count + Duration::from_millis(ms),
            wall: Timestamp::from_millis(wall),
        };
        let before = at(0, 1_000_000);
        for (ms, wall, jump) in [
            (0, 1_000_000, None),
            (1_000, 1_001_000, None),
            (1_000, 1_001_999, None),
            (1_000, 1_000_001, None),
            (1_000, 1_002_000, Some(1_000)),
            (1_000, 1_000_000, Some(-1_000)),
            (10, 4_600_010, Some(3_600_000)),
            (1_000, 0, Some(-1_001_000)),
            // The process was stopped for an hour: both clocks have gone on.
            (3_600_000, 4_600_000, None),
        ] {
            assert_eq!(at(ms, wall).jump_ms_since(before), jump, "{ms} {wall}");
        }
    }
}
