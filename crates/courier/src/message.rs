//! A message: what a webhook is told, under a name that is always the same.

use ledger::id::encode;
use ledger::keys::Family;
use ledger::time::DAY_MS;
use ledger::{BookId, Entry, Position, Timestamp, WebhookId};
use sha2::{Digest, Sha256};

use crate::news::News;

/// Which message of a webhook: the entry it tells of, and which of all that there is to tell of that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) position: Position,
    pub(crate) ordinal: u32,
}

/// The message's name, `evt_` and 26 characters: every attempt, every replay, every courier that tells of it again uses the
/// same, so that who is told can count it once.
pub(crate) fn id(book: BookId, at: Timestamp, place: Place, webhook: WebhookId) -> String {
    let digest = Sha256::new()
        .chain_update(b"ledgeros courier 1: message")
        .chain_update(book.0)
        .chain_update(place.position.0.to_be_bytes())
        .chain_update(place.ordinal.to_be_bytes())
        .chain_update(webhook.0)
        .finalize();
    // A UUIDv7 (RFC 9562) of the entry's time.
    let mut bytes: [u8; 16] = *digest.first_chunk().expect("a hash has 32 bytes");
    bytes[..6].copy_from_slice(&at.as_millis().to_be_bytes()[2..]);
    bytes[6] = 0x70 | bytes[6] & 0x0f;
    bytes[8] = 0x80 | bytes[8] & 0x3f;
    format!("evt_{}", encode(bytes))
}

/// What is sent: the same bytes at every attempt.
pub(crate) fn body(id: &str, entry: &Entry, news: &News) -> String {
    let (topic, data) = (news.topic.name(), &news.data);
    let created_at = match news.family {
        Family::LedgerApi => format!("\"{}\"", iso_8601(entry.at)),
        Family::LedgerOs => entry.at.as_millis().to_string(),
    };
    // Ids, topics and times need no escapes.
    format!(r#"{{"id":"{id}","type":"{topic}","createdAt":{created_at},"data":{data}}}"#)
}

/// A time as the Ledger API writes it.
fn iso_8601(at: Timestamp) -> String {
    let (year, month) = at.year_and_month();
    let day = (at.as_millis() - at.month_start().as_millis()) / DAY_MS + 1;
    let millis = at.as_millis() % DAY_MS;
    let (seconds, millis) = (millis / 1_000, millis % 1_000);
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_as_the_ledger_api_writes_it() {
        for (at, expected) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (1_699_335_116_000, "2023-11-07T05:31:56.000Z"),
            (1_709_251_199_999, "2024-02-29T23:59:59.999Z"),
        ] {
            assert_eq!(iso_8601(Timestamp::from_millis(at)), expected);
        }
    }

    #[test]
    fn a_message_has_one_name_and_no_other_message_has_it() {
        let at = Timestamp::from_millis(1_699_335_116_000);
        let place = Place { position: Position(7), ordinal: 0 };
        let (book, webhook) = (BookId([1; 16]), WebhookId([2; 16]));
        let name = id(book, at, place, webhook);
        // Names are never derived otherwise: who was told of a message must know it again.
        assert_eq!(name, "evt_01hem48570fe48w7q6kc7z76y3");
        for other in [
            id(BookId([3; 16]), at, place, webhook),
            id(book, at, Place { position: Position(8), ..place }, webhook),
            id(book, at, Place { ordinal: 1, ..place }, webhook),
            id(book, at, place, WebhookId([4; 16])),
        ] {
            assert_ne!(other, name);
        }
    }
}
