//! What a service has beside its books: a place that makes more of them.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use ledger::book::Environment;
use ledger::{BookId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::gateway::Gateway;
use crate::openapi::schema;
use crate::words::Word;

/// Makes books. The gateway knows no more of where they are kept.
pub trait Library: Send + Sync + 'static {
    /// Makes the book and opens it, whole or not at all; what was begun before and cut short is made from here. Blocks.
    ///
    /// Nobody else makes a book meanwhile, and none that is served has this code.
    fn create(
        &self,
        code: &BookCode,
        environment: Environment,
    ) -> Result<NewBook, Box<dyn StdError + Send + Sync>>;
}

/// A book that was just made.
pub struct NewBook {
    /// The book.
    pub book: ServedBook,
    /// Its first keys.
    pub keys: FirstKeys,
}

/// A book that a service serves.
pub struct ServedBook {
    /// What operators call it.
    pub code: BookCode,
    /// When it was opened.
    pub created_at: Timestamp,
    /// Its gateway.
    pub gateway: Arc<Gateway>,
}

impl ServedBook {
    /// What books are listed by.
    pub(crate) fn in_order(&self) -> (Timestamp, &BookCode) {
        (self.created_at, &self.code)
    }
}

/// The keys that a new book begins with.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FirstKeys {
    /// Speaks LedgerOS.
    pub ledger_os: String,
    /// Speaks the Ledger API.
    pub ledger_api: String,
}

/// What operators call a book: 1 to [`BookCode::LENGTH_MAX`] of `a-z0-9-`, the first a letter.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct BookCode(String);

impl BookCode {
    /// The longest code.
    pub const LENGTH_MAX: usize = 40;

    /// Reads a code.
    pub fn parse(text: &str) -> Option<Self> {
        let is_plain = |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
        let is_code = text.starts_with(|first: char| first.is_ascii_lowercase())
            && text.len() <= Self::LENGTH_MAX
            && text.bytes().all(is_plain);
        is_code.then(|| Self(text.to_owned()))
    }

    /// The code of the book that every service has.
    pub fn default_book() -> Self {
        Self("default".to_owned())
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for BookCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is shown of a book.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Book)]
pub struct BookView {
    object: &'static str,
    code: String,
    id: String,
    #[schema(schema_with = schema::word::<Environment>)]
    environment: &'static str,
    created_at: u64,
    /// Shown once, when it is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    keys: Option<FirstKeys>,
}

impl BookView {
    /// Of a book that was opened at `created_at`.
    pub fn new(
        code: &BookCode,
        id: BookId,
        environment: Environment,
        created_at: Timestamp,
    ) -> Self {
        Self {
            object: "book",
            code: code.to_string(),
            id: id.to_string(),
            environment: environment.word(),
            created_at: created_at.as_millis(),
            keys: None,
        }
    }

    /// With its first keys, which are shown once.
    pub fn with_keys(self, keys: FirstKeys) -> Self {
        Self { keys: Some(keys), ..self }
    }
}

impl From<&ServedBook> for BookView {
    fn from(book: &ServedBook) -> Self {
        Self::new(&book.code, book.gateway.book, book.gateway.environment, book.created_at)
    }
}
