//! UUIDs as text (RFC 9562, 4).

use crate::hex;

/// In lower case, with its hyphens.
pub(crate) fn text(bytes: [u8; 16]) -> String {
    let digits = hex::encode(&bytes);
    let parts = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]];
    parts.join("-")
}

/// Reads what [`text`] writes, in either case.
pub(crate) fn parse(text: &str) -> Option<[u8; 16]> {
    let bytes = hex::decode(&text.to_ascii_lowercase().replace('-', ""))?.try_into().ok()?;
    self::text(bytes).eq_ignore_ascii_case(text).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_is_read_back_in_either_case() {
        let text = "3c90c3cc-0d44-4b50-8888-8dd25736052a";
        let bytes = parse(text).unwrap();
        assert_eq!((bytes[0], bytes[15]), (0x3c, 0x2a));
        assert_eq!(self::text(bytes), text);
        assert_eq!(parse(&text.to_ascii_uppercase()), Some(bytes));
    }

    #[test]
    fn another_form_is_refused() {
        for text in [
            "",
            "3c90c3cc0d444b5088888dd25736052a",
            "{3c90c3cc-0d44-4b50-8888-8dd25736052a}",
            "3c90c3cc-0d44-4b50-8888-8dd25736052",
            "3c90c3cc-0d444-b50-8888-8dd25736052a",
            "3c90c3cc-0d44-4b50-8888-8dd25736052g",
            "led_01h455vb4pex5vsknk084sn02q",
            "é",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
