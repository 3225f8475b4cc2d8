//! Errors.

use axum::http::StatusCode;
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;

use super::document::Access;
use super::headers::header;
use crate::dialect::{Dialect, LedgerApiError, LedgerOsError, LedgersError};

/// The errors that may be answered.
pub(super) fn statuses(access: Access) -> &'static [StatusCode] {
    match access {
        Access::Open => &[StatusCode::BAD_REQUEST, StatusCode::INTERNAL_SERVER_ERROR],
        Access::Read(_) => &[
            StatusCode::BAD_REQUEST,
            StatusCode::UNAUTHORIZED,
            StatusCode::FORBIDDEN,
            StatusCode::NOT_FOUND,
            StatusCode::TOO_MANY_REQUESTS,
            StatusCode::INTERNAL_SERVER_ERROR,
            StatusCode::SERVICE_UNAVAILABLE,
        ],
        Access::ServiceRead => &[
            StatusCode::BAD_REQUEST,
            StatusCode::UNAUTHORIZED,
            StatusCode::FORBIDDEN,
            StatusCode::TOO_MANY_REQUESTS,
            StatusCode::INTERNAL_SERVER_ERROR,
            StatusCode::SERVICE_UNAVAILABLE,
        ],
        Access::ServiceWrite => &[
            StatusCode::BAD_REQUEST,
            StatusCode::UNAUTHORIZED,
            StatusCode::FORBIDDEN,
            StatusCode::REQUEST_TIMEOUT,
            StatusCode::CONFLICT,
            StatusCode::TOO_MANY_REQUESTS,
            StatusCode::INTERNAL_SERVER_ERROR,
            StatusCode::SERVICE_UNAVAILABLE,
        ],
        Access::Write(_) => &[
            StatusCode::BAD_REQUEST,
            StatusCode::UNAUTHORIZED,
            StatusCode::FORBIDDEN,
            StatusCode::NOT_FOUND,
            StatusCode::REQUEST_TIMEOUT,
            StatusCode::CONFLICT,
            StatusCode::TOO_MANY_REQUESTS,
            StatusCode::INTERNAL_SERVER_ERROR,
            StatusCode::SERVICE_UNAVAILABLE,
        ],
    }
}

/// The schemas of errors in these dialects.
pub(super) fn schemas(dialects: &[Dialect]) -> Vec<(String, RefOr<Schema>)> {
    let mut schemas = Vec::new();
    for dialect in dialects {
        match dialect {
            Dialect::LedgerApi => describe::<LedgerApiError>(&mut schemas),
            Dialect::LedgerOs => describe::<LedgerOsError>(&mut schemas),
            Dialect::Ledgers => describe::<LedgersError>(&mut schemas),
        }
    }
    schemas
}

fn describe<T: ToSchema>(schemas: &mut Vec<(String, RefOr<Schema>)>) {
    schemas.push((T::name().into_owned(), T::schema()));
    T::schemas(schemas);
}

/// A response with its name. Words and examples of the Ledger API are those of seed 001.
pub(super) fn response(status: StatusCode, dialects: &[Dialect]) -> (String, Value) {
    let problem = Problem::of(status);
    let contents: Vec<_> = dialects.iter().map(|dialect| problem.content(*dialect)).collect();
    let (prefix, schema, examples) = match contents.as_slice() {
        [(dialect, schema, example)] => {
            let prefix = match dialect {
                Dialect::LedgerApi => "",
                Dialect::LedgerOs => "LedgerOs",
                Dialect::Ledgers => "Ledgers",
            };
            (prefix, schema.clone(), json!({"example": example}))
        }
        several => {
            let schemas: Vec<_> = several.iter().map(|(_, schema, _)| schema).collect();
            let examples: serde_json::Map<_, _> = several
                .iter()
                .map(|(dialect, _, example)| (format!("{dialect:?}"), json!({"value": example})))
                .collect();
            ("Shared", json!({"oneOf": schemas}), json!({"examples": examples}))
        }
    };
    let mut content = examples;
    content["schema"] = schema;
    let mut response = json!({
        "description": problem.description,
        "content": {"application/json": content},
    });
    if let StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE = status {
        response["headers"] = json!({"Retry-After": header("Retry-After")});
    }
    (format!("{prefix}{}", problem.name), response)
}

/// What a status means, and an example of it.
struct Problem {
    name: &'static str,
    description: &'static str,
    /// The Ledger API's code, and LedgerOS's kind and code.
    words: [&'static str; 3],
    message: &'static str,
}

impl Problem {
    fn of(status: StatusCode) -> Self {
        let (name, description, words, message) = match status {
            StatusCode::BAD_REQUEST => (
                "InvalidRequest",
                "Request validation failed",
                ["INVALID_REQUEST", "invalid_request", "missing_field"],
                "Validation failed",
            ),
            StatusCode::UNAUTHORIZED => (
                "Unauthorized",
                "Missing or invalid API key",
                ["UNAUTHORIZED", "authentication", "invalid_key"],
                "Invalid API key",
            ),
            StatusCode::FORBIDDEN => (
                "Forbidden",
                "The key may not do this",
                ["UNAUTHORIZED", "permission", "read_only_key"],
                "the key may read, but not write",
            ),
            StatusCode::NOT_FOUND => (
                "NotFound",
                "Not there, or not for this key",
                ["NOT_FOUND", "not_found", "not_found"],
                "no transaction has this id",
            ),
            StatusCode::REQUEST_TIMEOUT => (
                "SlowBody",
                "The body did not arrive in time",
                ["INVALID_REQUEST", "invalid_request", "slow_body"],
                "the `body` did not arrive within 30 s",
            ),
            StatusCode::CONFLICT => (
                "Conflict",
                "Conflict (e.g. duplicate idempotency key)",
                ["CONFLICT", "conflict", "idempotency_key_reused"],
                "Resource already exists",
            ),
            StatusCode::TOO_MANY_REQUESTS => (
                "RateLimited",
                "Rate limit exceeded",
                ["RATE_LIMITED", "rate_limit", "rate_limited"],
                "Too many requests",
            ),
            StatusCode::INTERNAL_SERVER_ERROR => (
                "InternalError",
                "Internal server error",
                ["INTERNAL_ERROR", "unavailable", "internal_error"],
                "An unexpected error occurred",
            ),
            _ => (
                "Unavailable",
                "Not at the moment; ask again",
                ["INTERNAL_ERROR", "unavailable", "busy"],
                "too many commands are waiting; repeat the request",
            ),
        };
        Self { name, description, words, message }
    }

    fn content(&self, dialect: Dialect) -> (Dialect, Value, Value) {
        let Self { words: [word, kind, code], message, .. } = *self;
        let (name, example) = match dialect {
            Dialect::LedgerApi => {
                let example = json!({"ok": false, "error": {"code": word, "message": message}});
                (LedgerApiError::name(), example)
            }
            Dialect::LedgerOs => {
                let error = json!({"type": kind, "code": code, "message": message});
                (LedgerOsError::name(), json!({"error": error, "requestId": REQUEST_ID}))
            }
            Dialect::Ledgers => {
                let details = json!({"request_id": REQUEST_ID});
                let example = json!({"code": code, "message": message, "details": details});
                (LedgersError::name(), example)
            }
        };
        (dialect, json!({"$ref": format!("#/components/schemas/{name}")}), example)
    }
}

const REQUEST_ID: &str = "req_01kb1vqj5de2ytxnnbbdjv8wm1";
