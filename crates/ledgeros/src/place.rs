//! Where an operator's command works: in a folder that nobody serves, or at the address of a service.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use hyper::Method;
use hyper::body::Bytes;
use serde_json::Value;
use tokio::runtime;
use zeroize::Zeroizing;

use crate::client::Client;
use crate::service_key;

/// What is wrong with a folder that is locked.
pub(crate) const SERVED: &str = "`--data` takes a folder that nobody serves; for one that is served there are `--url` and `--key-file`";

/// The arguments that say where.
#[derive(Debug, Args)]
pub(crate) struct Place {
    /// The folder of `serve`, which must not be running. Needs no key.
    #[arg(long, conflicts_with = "url", required_unless_present = "url")]
    data: Option<PathBuf>,
    /// Where `serve` listens, such as `http://127.0.0.1:8080`.
    #[arg(long, requires = "key_file")]
    url: Option<String>,
    /// A file with a key that may do it, which only its owner may read: for books the service's, for keys one whose scope is
    /// `admin`.
    #[arg(long, requires = "url")]
    key_file: Option<PathBuf>,
}

/// One of the two.
pub(crate) enum Found<'a> {
    Folder(&'a Path),
    Served(Remote),
}

/// A service, and the key that it is asked with.
pub(crate) struct Remote {
    authority: String,
    key: Zeroizing<String>,
}

impl Place {
    pub(crate) fn found(&self) -> Result<Found<'_>> {
        match (&self.data, &self.url, &self.key_file) {
            (Some(data), None, None) => Ok(Found::Folder(data)),
            (None, Some(url), Some(key_file)) => Remote::new(url, key_file).map(Found::Served),
            _ => bail!("either `--data`, or `--url` and `--key-file`"),
        }
    }
}

impl Remote {
    fn new(url: &str, key_file: &Path) -> Result<Self> {
        let authority = url.strip_prefix("http://").map(|rest| rest.trim_end_matches('/'));
        let authority = authority.filter(|authority| !authority.contains('/'));
        let authority =
            authority.with_context(|| format!("`{url}` is not like `http://127.0.0.1:8080`"))?;
        let key = Zeroizing::new(service_key::read(key_file)?);
        Ok(Self { authority: authority.to_owned(), key })
    }

    /// Asks, and unwraps what the Ledger API wraps.
    pub(crate) fn ask(&self, method: Method, path: &str, body: Bytes) -> Result<Value> {
        let exchange = async {
            let mut client = Client::connect(&self.authority, &self.key).await?;
            client.send(method, path, body).await
        };
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        let response = runtime.block_on(exchange)?;
        let mut answer = response.json();
        if !response.status.is_success() {
            let message = answer["error"]["message"].as_str().unwrap_or("no reason is given");
            let status = response.status.as_u16();
            bail!("`{}` answered `{status}`: {message}", self.authority);
        }
        let is_wrapped = answer.get("ok").is_some();
        Ok(if is_wrapped { answer["data"].take() } else { answer })
    }

    /// Asks for every part of a list.
    pub(crate) fn list(
        &self,
        path: &str,
        mut each: impl FnMut(&Value) -> Result<()>,
    ) -> Result<()> {
        let mut part_path = format!("{path}?limit=100");
        loop {
            let part = self.ask(Method::GET, &part_path, Bytes::new())?;
            // The Ledger API has other words for lists.
            let rows = part.get("items").unwrap_or(&part["data"]);
            rows.as_array().context("the answer is no list")?.iter().try_for_each(&mut each)?;
            match part.get("nextCursor").unwrap_or(&part["cursor"]).as_str() {
                Some(cursor) => part_path = format!("{path}?limit=100&cursor={cursor}"),
                None => return Ok(()),
            }
        }
    }
}
