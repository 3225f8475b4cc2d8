//! Keys of a book that is served.

use std::path::Path;

use anyhow::{Context, Result, bail};
use hyper::Method;
use hyper::body::Bytes;
use ledger::KeyId;
use serde_json::{Value, json};
use tokio::runtime;
use zeroize::Zeroizing;

use super::{FamilyName, Listed, ScopeName, word};
use crate::client::{Client, Response};
use crate::operators::read;

/// Who may manage keys, and where.
pub(super) struct Admin {
    authority: String,
    key: Zeroizing<String>,
}

impl Admin {
    pub(super) fn new(url: &str, key_file: &Path) -> Result<Self> {
        let authority = url.strip_prefix("http://").map(|rest| rest.trim_end_matches('/'));
        let authority = authority.filter(|authority| !authority.contains('/'));
        let authority =
            authority.with_context(|| format!("`{url}` is not like `http://127.0.0.1:8080`"))?;
        let key = Zeroizing::new(read(key_file)?.trim().to_owned());
        Ok(Self { authority: authority.to_owned(), key })
    }

    /// Makes a key: its id and its text.
    pub(super) fn create(
        &self,
        scope: ScopeName,
        family: Option<FamilyName>,
    ) -> Result<(String, String)> {
        let mut body = json!({ "scope": word(scope) });
        if let Some(family) = family {
            body["family"] = word(family).into();
        }
        let made = self.ask(Method::POST, "/v1/keys", body.to_string().into())?;
        Ok((text(&made, "id")?, text(&made, "key")?))
    }

    /// Takes a key out of use.
    pub(super) fn revoke(&self, key: KeyId) -> Result<()> {
        self.ask(Method::DELETE, &format!("/v1/keys/{key}"), Bytes::new()).map(drop)
    }

    /// Every key, the newest first.
    pub(super) fn list(&self) -> Result<Vec<Listed>> {
        let mut keys = Vec::new();
        let mut path = "/v1/keys?limit=100".to_owned();
        loop {
            let part = self.ask(Method::GET, &path, Bytes::new())?;
            // The Ledger API has other words for lists.
            let rows = part.get("items").unwrap_or(&part["data"]);
            let rows = rows.as_array().context("the answer is no list")?;
            for row in rows {
                keys.push(listed(row)?);
            }
            match part.get("nextCursor").unwrap_or(&part["cursor"]).as_str() {
                Some(cursor) => path = format!("/v1/keys?limit=100&cursor={cursor}"),
                None => return Ok(keys),
            }
        }
    }

    /// Asks, and unwraps what the Ledger API wraps.
    fn ask(&self, method: Method, path: &str, body: Bytes) -> Result<Value> {
        let exchange = async {
            let mut client = Client::connect(&self.authority, &self.key).await?;
            client.send(method, path, body).await
        };
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        let response: Response = runtime.block_on(exchange)?;
        let mut answer = response.json();
        if !response.status.is_success() {
            let message = answer["error"]["message"].as_str().unwrap_or("no reason is given");
            bail!("`{}` answers {}: {message}", self.authority, response.status);
        }
        let is_wrapped = answer.get("ok").is_some();
        Ok(if is_wrapped { answer["data"].take() } else { answer })
    }
}

fn listed(row: &Value) -> Result<Listed> {
    Ok(Listed {
        id: text(row, "id")?,
        prefix: text(row, "prefix")?,
        family: text(row, "family")?,
        scope: text(row, "scope")?,
        is_revoked: !row["revokedAt"].is_null(),
        agent: row["agentId"].as_str().map(str::to_owned),
    })
}

fn text(answer: &Value, field: &str) -> Result<String> {
    let text = answer[field].as_str().with_context(|| format!("the answer has no `{field}`"))?;
    Ok(text.to_owned())
}
