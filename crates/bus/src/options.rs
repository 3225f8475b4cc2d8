//! How NATS is reached.

use std::fmt;
use std::path::PathBuf;

/// How NATS is reached.
#[derive(Clone, PartialEq, Eq)]
pub struct Options {
    /// One or more servers of a cluster, separated by commas: `nats://` or `tls://`, host and port. It may hold a password,
    /// and is never shown.
    pub url: String,
    /// A file with the credentials of a user, as `nsc` writes it.
    pub credentials: Option<PathBuf>,
    /// A file with the certificates of authorities that are trusted besides the system's.
    pub authorities: Option<PathBuf>,
}

impl Options {
    /// No more than a URL.
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), credentials: None, authorities: None }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { url: _, credentials, authorities } = self;
        f.debug_struct("Options")
            .field("credentials", credentials)
            .field("authorities", authorities)
            .finish_non_exhaustive()
    }
}
