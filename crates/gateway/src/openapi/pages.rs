//! Where the description is read.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use utoipa_swagger_ui::{Config, SwaggerFile, Url};

use super::document::{Described, Document};
use crate::dialect::Dialect;

/// The documents: where they are, what they are called, and which dialects they describe.
pub(crate) const DOCUMENTS: [(&str, &str, &[Dialect]); 4] = [
    ("/openapi.json", "Everything", &[Dialect::LedgerApi, Dialect::LedgerOs, Dialect::Ledgers]),
    ("/openapi/ledger-api.json", "Ledger API", &[Dialect::LedgerApi]),
    ("/openapi/ledgeros.json", "LedgerOS", &[Dialect::LedgerOs]),
    ("/openapi/ledgers.json", "Ledgers", &[Dialect::Ledgers]),
];

/// A document of what is said in these dialects.
pub(crate) fn document(described: &[Described], spoken: &[Dialect]) -> Vec<u8> {
    crate::dialect::json(&Document::new(described, spoken))
}

/// A file of the pages that show the documents in a browser: its type and its content. Nothing in them is fetched from
/// elsewhere.
pub(crate) fn page(path: &str) -> Option<(String, Bytes)> {
    let urls: Vec<_> = DOCUMENTS.iter().map(|(path, name, _)| Url::new(name, path)).collect();
    let config = Arc::new(Config::new(urls).try_it_out_enabled(true).persist_authorization(false));
    let SwaggerFile { bytes, content_type, .. } = utoipa_swagger_ui::serve(path, config).ok()??;
    let content = match bytes {
        // It lies in the program.
        Cow::Borrowed(content) => Bytes::from_static(content),
        Cow::Owned(content) => content.into(),
    };
    Some((content_type, content))
}

#[cfg(test)]
mod tests;
