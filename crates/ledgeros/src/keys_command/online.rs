//! Keys of a book that is served.

use anyhow::{Context, Result};
use hyper::Method;
use hyper::body::Bytes;
use ledger::KeyId;
use serde_json::{Value, json};

use super::{FamilyName, Listed, ScopeName, word};
use crate::place::Remote;

/// Makes a key: its id and its text.
pub(super) fn create(
    service: &Remote,
    scope: ScopeName,
    family: Option<FamilyName>,
) -> Result<(String, String)> {
    let mut body = json!({ "scope": word(scope) });
    if let Some(family) = family {
        body["family"] = word(family).into();
    }
    let made = service.ask(Method::POST, "/v1/keys", body.to_string().into())?;
    Ok((text(&made, "id")?, text(&made, "key")?))
}

/// Takes a key out of use.
pub(super) fn revoke(service: &Remote, key: KeyId) -> Result<()> {
    service.ask(Method::DELETE, &format!("/v1/keys/{key}"), Bytes::new()).map(drop)
}

/// Every key, the newest first.
pub(super) fn list(service: &Remote) -> Result<Vec<Listed>> {
    let mut keys = Vec::new();
    service.list("/v1/keys", |row| {
        keys.push(listed(row)?);
        Ok(())
    })?;
    Ok(keys)
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
