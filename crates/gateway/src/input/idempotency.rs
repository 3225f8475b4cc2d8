//! The `Idempotency-Key` header, and the command that it names.

use axum::http::HeaderMap;
use ledger::{BookId, CommandId};
use sha2::{Digest, Sha256};

use crate::error::Error;

/// The header's name.
pub(crate) const IDEMPOTENCY_KEY: &str = "idempotency-key";

const CHARACTERS_MAX: usize = 255;

/// The command that the header names; one that nobody can name again without it.
pub(crate) fn command_id(headers: &HeaderMap, book: BookId) -> Result<CommandId, Error> {
    Ok(key_in(headers)?.map_or_else(|| CommandId(crate::random()), |key| named(book, key)))
}

/// The command that a field of the body names. A header must say the same.
pub(crate) fn command_id_of(
    (field, key): (&'static str, &str),
    headers: &HeaderMap,
    book: BookId,
) -> Result<CommandId, Error> {
    match key_in(headers)? {
        Some(other) if other != key.as_bytes() => {
            Err(Error::invalid(field, "is another key than the header `Idempotency-Key`"))
        }
        Some(_) | None => Ok(named(book, key.as_bytes())),
    }
}

fn key_in(headers: &HeaderMap) -> Result<Option<&[u8]>, Error> {
    let mut values = headers.get_all(IDEMPOTENCY_KEY).iter();
    let invalid = |reason: &'static str| Error::invalid("Idempotency-Key", reason);
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => {
            let key = bare(value.as_bytes());
            let is_visible = key.iter().all(u8::is_ascii_graphic);
            if !is_visible || !(1..=CHARACTERS_MAX).contains(&key.len()) {
                return Err(invalid("must be 1 to 255 visible ASCII characters"));
            }
            Ok(Some(key))
        }
        (Some(_), Some(_)) => Err(invalid("stands twice")),
    }
}

/// The key without the quotes of a structured field (RFC 8941, 3.3.3): quoted or not, it is the same key.
fn bare(value: &[u8]) -> &[u8] {
    value.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")).unwrap_or(value)
}

fn named(book: BookId, key: &[u8]) -> CommandId {
    let hash = Sha256::new()
        .chain_update(b"ledgeros command 1")
        .chain_update(book.0)
        .chain_update(key)
        .finalize();
    CommandId(*hash.first_chunk().expect("SHA-256 has 32 bytes"))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    const BOOK: BookId = BookId([1; 16]);

    fn read(values: &[&[u8]]) -> Result<CommandId, Error> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(IDEMPOTENCY_KEY, HeaderValue::from_bytes(value).unwrap());
        }
        command_id(&headers, BOOK)
    }

    #[test]
    fn a_key_names_the_same_command_quoted_and_bare() {
        let bare = read(&[b"order-7"]).unwrap();
        assert_eq!(read(&[b"\"order-7\""]).unwrap(), bare);
        assert_ne!(read(&[b"order-8"]).unwrap(), bare);
        assert_ne!(named(BookId([2; 16]), b"order-7"), bare);
        assert!(read(&[&[b'k'; 255]]).is_ok());
    }

    #[test]
    fn without_a_key_every_command_is_another() {
        assert_ne!(read(&[]).unwrap(), read(&[]).unwrap());
    }

    #[test]
    fn a_key_that_is_empty_long_invisible_or_doubled_is_refused() {
        let long = [b'k'; 256];
        for values in [
            &[&b""[..]][..],
            &[b"\"\""],
            &[b"two words"],
            &["ä".as_bytes()],
            &[&long],
            &[b"a", b"a"],
        ] {
            let error = read(values).unwrap_err();
            assert!(error.to_string().contains("`Idempotency-Key`"), "{error}");
        }
    }
}
