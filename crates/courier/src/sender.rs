//! Sending a message to where it may go.

use std::error::Error as StdError;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use journal::causes::{causes, in_one_line};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Certificate, Client, ClientBuilder, Url, redirect};
use rustls::RootCertStore;
use zeroize::Zeroizing;

use crate::address::{is_open, is_public};
use crate::{Error, Options};

/// How long a receiver may take to answer, from the name's look-up on: both surfaces promise it.
const ANSWER_MAX: Duration = Duration::from_secs(15);

/// How much of an answer is read, so that the connection can be used again: more than a thank-you.
const BODY_MAX: usize = 4 * 1024;

/// How long a connection is kept for the next message.
const IDLE_MAX: Duration = Duration::from_secs(30);

/// How many connections to one receiver are kept: as many as have messages on their way.
const IDLE_COUNT: usize = 8;

/// What is sent, and where to. The address may hold a token.
pub(crate) struct Parcel {
    pub(crate) url: Zeroizing<String>,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

/// Why there is no answer. Its words stand in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The address is none of the web.
    NoUrl,
    /// It is not one that messages may be sent to, or all that its name leads to are not.
    Forbidden,
    /// Nobody knows the name.
    Unresolved,
    /// Nobody listens there.
    Unreachable,
    /// The certificate is not to be trusted, or there is none.
    Untrusted,
    /// The answer took too long.
    Late,
    /// The connection was lost.
    Broken,
    /// The vault does not have address or secret, or can't be read.
    Sealed,
}

impl Fault {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::NoUrl => "invalid_url",
            Self::Forbidden => "forbidden_address",
            Self::Unresolved => "unknown_host",
            Self::Unreachable => "unreachable",
            Self::Untrusted => "untrusted_certificate",
            Self::Late => "timeout",
            Self::Broken => "connection_lost",
            Self::Sealed => "secret_unavailable",
        }
    }
}

/// What sends messages, many at a time.
#[derive(Clone)]
pub(crate) struct Sender {
    client: Client,
    allows_private: bool,
}

impl Sender {
    pub(crate) fn new(options: &Options) -> Result<Self, Error> {
        // Another part of the program may have installed it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let allows_private = options.allows_private;
        let client = || client(allows_private);
        let client = match &options.authorities {
            Some(pem) => {
                let authorities = Certificate::from_pem_bundle(pem).map_err(Error::Client)?;
                client().tls_certs_merge(authorities).build()
            }
            None => client().build().or_else(|error| {
                // A machine without certificates of authorities can still speak to what is on it.
                tracing::warn!(error = in_one_line(&error), "no certificate authority is known");
                let nobody = rustls::ClientConfig::builder()
                    .with_root_certificates(RootCertStore::empty())
                    .with_no_client_auth();
                client().tls_backend_preconfigured(nobody).build()
            }),
        };
        Ok(Self { client: client.map_err(Error::Client)?, allows_private })
    }

    /// Sends a message, and waits for the answer: its status.
    pub(crate) async fn send(&self, parcel: Parcel) -> Result<u16, Fault> {
        let Parcel { url, headers, body } = parcel;
        let url = Url::parse(&url).map_err(|_| Fault::NoUrl)?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(Fault::NoUrl);
        }
        if !self.allows_private && !may_be_reached(&url) {
            return Err(Fault::Forbidden);
        }
        let mut map = HeaderMap::new();
        map.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        for (name, value) in headers {
            map.insert(name, value.parse().expect("ids, words and base 64"));
        }
        let sent = self.client.post(url).headers(map).body(body).send().await;
        let mut answer = sent.map_err(|error| fault(&error))?;
        let status = answer.status().as_u16();
        let mut read = 0;
        while let Ok(Some(chunk)) = answer.chunk().await {
            read += chunk.len();
            if BODY_MAX < read {
                break;
            }
        }
        Ok(status)
    }
}

fn client(allows_private: bool) -> ClientBuilder {
    Client::builder()
        .user_agent("LedgerOS-Webhooks/1")
        .redirect(redirect::Policy::none())
        .no_proxy()
        .referer(false)
        .timeout(ANSWER_MAX)
        .pool_idle_timeout(IDLE_MAX)
        .pool_max_idle_per_host(IDLE_COUNT)
        .dns_resolver(Resolver { allows_private })
}

/// Whether port and, where there is no name to be looked up, address are such that messages may be sent there.
fn may_be_reached(url: &Url) -> bool {
    let is_allowed = |host: &str| {
        let literal = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        literal.unwrap_or(host).parse::<IpAddr>().map_or(true, is_public)
    };
    url.port_or_known_default().is_some_and(is_open) && url.host_str().is_some_and(is_allowed)
}

/// Looks names up, and gives out only addresses that messages may be sent to: connections are made to these and no others.
struct Resolver {
    allows_private: bool,
}

/// A name leads to addresses that messages may not be sent to, and to no other.
#[derive(Debug, thiserror::Error)]
#[error("no address that messages may be sent to")]
struct OnlyForbidden;

/// A name leads nowhere.
#[derive(Debug, thiserror::Error)]
#[error("the name is not known")]
struct NotKnown;

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let allows_private = self.allows_private;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await;
            let found: Vec<SocketAddr> = found.map_err(|_| NotKnown)?.collect();
            if found.is_empty() {
                return Err(NotKnown.into());
            }
            let allowed = |address: &SocketAddr| allows_private || is_public(address.ip());
            let allowed: Vec<_> = found.into_iter().filter(allowed).collect();
            if allowed.is_empty() {
                return Err(OnlyForbidden.into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

fn fault(error: &reqwest::Error) -> Fault {
    let is = |what: fn(&(dyn StdError + 'static)) -> bool| causes(error).any(what);
    if is(|cause| cause.is::<OnlyForbidden>()) {
        Fault::Forbidden
    } else if is(|cause| cause.is::<NotKnown>()) {
        Fault::Unresolved
    } else if error.is_timeout() {
        Fault::Late
    } else if is(is_of_tls) {
        Fault::Untrusted
    } else if error.is_connect() {
        Fault::Unreachable
    } else {
        Fault::Broken
    }
}

/// An error of TLS stands within those of connections, one in another.
fn is_of_tls(error: &(dyn StdError + 'static)) -> bool {
    let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    error.is::<rustls::Error>() || inner.is_some_and(|inner| is_of_tls(inner))
}

#[cfg(test)]
mod tests;
