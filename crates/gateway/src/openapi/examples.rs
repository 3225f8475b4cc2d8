//! Examples: requests that a test has made, with their answers.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::dialect::Dialect;

/// By method and path. The file is written by the test that makes the requests.
pub(super) struct Examples(BTreeMap<String, Example>);

/// A request and its answer, without an envelope.
#[derive(Deserialize)]
#[serde(untagged)]
enum Example {
    Same(Exchange),
    /// On paths where the key decides what is shown.
    AsTheKey {
        #[serde(rename = "ledgerApi")]
        ledger_api: Exchange,
        #[serde(rename = "ledgerOs")]
        ledger_os: Exchange,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Exchange {
    #[serde(default)]
    request: Option<Value>,
    answer: Value,
}

impl Examples {
    /// All of them.
    pub(super) fn load() -> Self {
        let text = include_str!("examples.json");
        Self(serde_json::from_str(text).expect("the file is what the test writes"))
    }

    /// A body that can be sent.
    pub(super) fn request(&self, method: &str, path: &str) -> Option<Value> {
        self.exchange(method, path, Dialect::LedgerOs)?.request.clone()
    }

    /// The answer, as it is said in a dialect.
    pub(super) fn answer(&self, method: &str, path: &str, dialect: Dialect) -> Option<Value> {
        let answer = self.exchange(method, path, dialect)?.answer.clone();
        Some(match dialect {
            Dialect::LedgerApi => json!({"ok": true, "data": answer}),
            Dialect::LedgerOs | Dialect::Ledgers => answer,
        })
    }

    fn exchange(&self, method: &str, path: &str, dialect: Dialect) -> Option<&Exchange> {
        Some(match (self.0.get(&format!("{method} {path}"))?, dialect) {
            (Example::Same(exchange), _) => exchange,
            (Example::AsTheKey { ledger_api, .. }, Dialect::LedgerApi) => ledger_api,
            (Example::AsTheKey { ledger_os, .. }, Dialect::LedgerOs | Dialect::Ledgers) => {
                ledger_os
            }
        })
    }
}
