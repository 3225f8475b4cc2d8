//! Where a platform wants to be told of what happens.

use ledger::book::Environment;

use super::Field;
use crate::error::Error;

/// The longest address: more than any proxy takes.
const BYTES_MAX: usize = 2_048;
/// The longest name of a host (RFC 1035, 2.3.4).
const HOST_BYTES_MAX: usize = 253;

/// What characters a path and a query have (RFC 3986, 2), a number sign excepted.
const REST: &str = "-._~:/?[]@!$&'()*+,;=%";

/// An absolute address, as it was sent: of a host that has a name or an IPv4 address, without a user and a fragment.
/// Where money is real, it is one of HTTPS. Whether it may be called is decided at each call, when it is known where it
/// leads to.
pub(crate) fn url(environment: Environment) -> impl FnOnce(Field) -> Result<String, Error> {
    move |field| {
        let text = field.text()?;
        let is_plain = text.starts_with("http://");
        if is_plain && environment == Environment::Live {
            return Err(field.invalid("must begin with `https://`"));
        }
        let rest = text.strip_prefix(if is_plain { "http://" } else { "https://" });
        match rest.is_some_and(is_address) && text.len() <= BYTES_MAX {
            true => Ok(text.to_owned()),
            false => Err(field.invalid(format!(
                "must be a URL such as `https://example.com/hook`, without a user and a fragment, of at most \
                 {BYTES_MAX} characters"
            ))),
        }
    }
}

/// What comes after the scheme.
fn is_address(address: &str) -> bool {
    let end = address.find(['/', '?']).unwrap_or(address.len());
    let (authority, rest) = address.split_at(end);
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    };
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || REST.as_bytes().contains(&byte);
    is_host(host) && port.is_none_or(is_port) && rest.bytes().all(is_plain)
}

/// Labels of letters, digits and inner hyphens.
fn is_host(host: &str) -> bool {
    let is_label = |label: &str| {
        let is_plain = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        !label.is_empty() && is_plain && !label.starts_with('-') && !label.ends_with('-')
    };
    host.len() <= HOST_BYTES_MAX && host.split('.').all(is_label)
}

/// From 1 to 65535.
fn is_port(port: &str) -> bool {
    let is_digits = port.bytes().all(|byte| byte.is_ascii_digit()) && !port.starts_with('0');
    is_digits && port.parse::<u16>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::json::Json;

    fn read(environment: Environment, text: &str) -> bool {
        let field = Field { name: "url".to_owned(), value: Json::Text(text.to_owned()) };
        let read = url(environment)(field);
        read.as_ref().is_ok_and(|same| same == text) || {
            read.unwrap_err();
            false
        }
    }

    #[test]
    fn an_address_is_taken_as_it_is() {
        for good in [
            "https://example.com",
            "https://example.com/",
            "https://EXAMPLE.com:8443/hook?token=a%20b&x=[1]",
            "https://hook?x",
            "https://203.0.113.7:1/a:b@c",
            "https://a-b.example:65535/~x",
        ] {
            assert!(read(Environment::Live, good), "{good}");
            assert!(read(Environment::Sandbox, good), "{good}");
        }
        assert!(read(Environment::Sandbox, "http://localhost:8080/hook"));
        assert!(!read(Environment::Live, "http://example.com/hook"));
    }

    #[test]
    fn whatever_is_no_address_that_can_be_called_is_refused() {
        let long = format!("https://example.com/{}", "a".repeat(BYTES_MAX));
        let long_host = format!("https://{}a", "a.".repeat(HOST_BYTES_MAX / 2 + 1));
        for bad in [
            "",
            "example.com",
            "/hook",
            "//example.com",
            "https:/example.com",
            "https://",
            "https:///hook",
            "ftp://example.com",
            "HTTPS://example.com",
            "https://a@example.com",
            "https://a:b@example.com",
            "https://example.com#x",
            "https://example.com/#x",
            "https://example.com:0",
            "https://example.com:",
            "https://example.com:65536",
            "https://example.com:+1",
            "https://example.com:080",
            "https://[::1]/",
            "https://-a.example",
            "https://a-.example",
            "https://a..example",
            "https://.a",
            "https://exämple.com",
            "https://example.com/a b",
            "https://example.com/\"",
            "https://example.com/\u{7}",
            "https://example.com\\@evil.example",
            " https://a.example",
            &long,
            &long_host,
        ] {
            assert!(!read(Environment::Live, bad), "{bad}");
            assert!(!read(Environment::Sandbox, bad), "{bad}");
        }
    }
}
