//! Email addresses.

use super::fields::Field;
use crate::error::Error;

/// The longest address that can be sent to (RFC 5321, 4.5.3.1.3, with its brackets left out).
const BYTES_MAX: usize = 254;
const LOCAL_BYTES_MAX: usize = 64;
const LABEL_BYTES_MAX: usize = 63;

/// An address that mail could be sent to: whether anybody reads it, only a mail can tell.
pub(crate) fn email(field: Field) -> Result<String, Error> {
    let text = field.text()?.trim();
    let is_valid = text.len() <= BYTES_MAX
        && text
            .rsplit_once('@')
            .is_some_and(|(local, domain)| is_local_part(local) && is_domain(domain));
    if !is_valid {
        return Err(field.invalid("must be an email address"));
    }
    Ok(text.to_owned())
}

/// A dot-atom (RFC 5322, 3.2.3), letters beyond ASCII included (RFC 6531). Quoted ones are refused: nobody has them.
fn is_local_part(local: &str) -> bool {
    let is_atom = |atom: &str| {
        let allowed =
            |letter: char| letter.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(letter);
        !atom.is_empty() && atom.chars().all(allowed)
    };
    local.len() <= LOCAL_BYTES_MAX && local.split('.').all(is_atom)
}

/// At least two labels of letters, digits and inner hyphens.
fn is_domain(domain: &str) -> bool {
    let is_label = |label: &str| {
        let allowed = |letter: char| letter.is_alphanumeric() || letter == '-';
        (1..=LABEL_BYTES_MAX).contains(&label.len())
            && label.chars().all(allowed)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    domain.contains('.') && domain.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::super::json::Json;
    use super::*;

    fn read(text: &str) -> Option<String> {
        email(Field { name: "email".to_owned(), value: Json::Text(text.to_owned()) }).ok()
    }

    #[test]
    fn an_address_that_mail_could_be_sent_to_is_taken() {
        for address in
            ["john.doe@example.com", "o'hara+tag@mail.example.co.uk", "jörg@bücher.example"]
        {
            assert_eq!(read(address).as_deref(), Some(address));
        }
        assert_eq!(read(" a@b.example ").as_deref(), Some("a@b.example"));
    }

    #[test]
    fn anything_else_is_refused() {
        let long = format!("{}@example.com", "a".repeat(65));
        for text in [
            "",
            "@",
            "john",
            "john@",
            "@example.com",
            "john@example",
            "john@.com",
            "john@example.",
            "john@-a.com",
            "jo hn@example.com",
            "john..doe@example.com",
            "[email protected]",
            "a@b@example.com",
            "john@exa mple.com",
            &long,
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
