//! The three dialects, and which one an answer is in.

use axum::http::HeaderMap;
use ledger::keys::Family;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::Object;

use crate::error::{Error, Problem};
use crate::openapi::schema;
use crate::request_id::RequestId;

/// How an answer is wrapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// Bare objects, and `{error:{type,code,message},requestId}`.
    LedgerOs,
    /// `{ok:true,data}`, and `{ok:false,error:{code,message}}`.
    LedgerApi,
    /// Bare objects, and `{code,message,details}`.
    Ledgers,
}

impl Dialect {
    /// The dialect of an answer. A path of one surface decides; on the others the key does, and without a usable one the
    /// header in which it came, or should have come.
    pub(crate) fn of(path: &str, family: Option<Family>, headers: &HeaderMap) -> Self {
        if let Some(dialect) = surface(path) {
            return dialect;
        }
        match family {
            Some(Family::LedgerOs) => Self::LedgerOs,
            Some(Family::LedgerApi) => Self::LedgerApi,
            None if headers.contains_key("api-key") => Self::LedgerOs,
            None => Self::LedgerApi,
        }
    }

    /// The body of an answer.
    pub(crate) fn answer(self, body: Vec<u8>) -> Vec<u8> {
        match self {
            Self::LedgerOs | Self::Ledgers => body,
            Self::LedgerApi => [&b"{\"ok\":true,\"data\":"[..], &body, b"}"].concat(),
        }
    }

    /// The body of an error.
    pub(crate) fn error(self, error: &Error, problem: Problem, request: RequestId) -> Vec<u8> {
        let message = error.to_string();
        match self {
            Self::LedgerOs => json(&LedgerOsError {
                error: LedgerOsProblem { kind: problem.kind(), code: problem.code, message },
                request_id: request.to_string(),
            }),
            Self::LedgerApi => json(&LedgerApiError {
                ok: false,
                error: LedgerApiProblem { code: problem.ledger_api_code(), message },
            }),
            Self::Ledgers => json(&LedgersError {
                code: problem.code,
                message,
                details: LedgersDetails { request_id: request.to_string() },
            }),
        }
    }
}

/// Writes an answer.
pub(crate) fn json(answer: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(answer).expect("answers have text as keys, and can be written")
}

/// The dialect of the one surface that a path belongs to, also where nothing is built there yet. Errors depend on it.
pub(crate) fn surface(path: &str) -> Option<Dialect> {
    let mut segments = path.strip_prefix("/v1/")?.split('/');
    match segments.next()? {
        "health" | "customers" | "crypto-wallets" | "virtual-accounts" | "counterparties"
        | "transfers" | "rates" | "reference" => Some(Dialect::LedgerApi),
        "users" | "verification" | "agents" | "cards" | "intents" | "balances" | "disputes"
        | "policies" | "books" => Some(Dialect::LedgerOs),
        "ledgers" | "entries" | "journals" | "reports" | "currencies" | "fx" | "tariffs"
        | "roles" => Some(Dialect::Ledgers),
        _ => None,
    }
}

/// An error, as LedgerOS says it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LedgerOsError {
    error: LedgerOsProblem,
    request_id: String,
}

#[derive(Serialize, ToSchema)]
struct LedgerOsProblem {
    /// Its kind.
    #[serde(rename = "type")]
    #[schema(schema_with = kinds)]
    kind: &'static str,
    code: &'static str,
    message: String,
}

/// An error, as the Ledger API says it.
#[derive(Serialize, ToSchema)]
#[schema(as = Error)]
pub(crate) struct LedgerApiError {
    #[schema(schema_with = never)]
    ok: bool,
    error: LedgerApiProblem,
}

#[derive(Serialize, ToSchema)]
struct LedgerApiProblem {
    #[schema(schema_with = codes)]
    code: &'static str,
    message: String,
}

/// An error, as Ledgers says it.
#[derive(Serialize, ToSchema)]
pub(crate) struct LedgersError {
    code: &'static str,
    message: String,
    details: LedgersDetails,
}

#[derive(Serialize, ToSchema)]
struct LedgersDetails {
    request_id: String,
}

fn kinds() -> Object {
    schema::one_of([
        "authentication",
        "permission",
        "not_found",
        "conflict",
        "rate_limit",
        "unavailable",
        "invalid_request",
    ])
}

/// In the order of seed 001.
fn codes() -> Object {
    schema::one_of([
        "UNAUTHORIZED",
        "INVALID_REQUEST",
        "NOT_FOUND",
        "CONFLICT",
        "RATE_LIMITED",
        "INTERNAL_ERROR",
    ])
}

fn never() -> Object {
    let mut schema = schema::boolean();
    schema.enum_values = Some(vec![false.into()]);
    schema
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn dialect(path: &str, family: Option<Family>, header: &'static str) -> Dialect {
        let headers = HeaderMap::from_iter([(
            axum::http::HeaderName::from_static(header),
            HeaderValue::from_static("key"),
        )]);
        Dialect::of(path, family, &headers)
    }

    #[test]
    fn a_path_of_one_surface_decides_whatever_the_key() {
        for family in [None, Some(Family::LedgerOs), Some(Family::LedgerApi)] {
            for header in ["api-key", "x-api-key", "authorization"] {
                assert_eq!(dialect("/v1/users/x", family, header), Dialect::LedgerOs);
                assert_eq!(dialect("/v1/customers", family, header), Dialect::LedgerApi);
                assert_eq!(dialect("/v1/health", family, header), Dialect::LedgerApi);
                assert_eq!(dialect("/v1/ledgers/x", family, header), Dialect::Ledgers);
            }
        }
    }

    #[test]
    fn on_a_shared_path_the_key_decides_and_without_one_the_header() {
        for path in ["/v1/transactions", "/v1/transactions/x", "/v1/nothing", "/", "/v1"] {
            assert_eq!(dialect(path, Some(Family::LedgerApi), "api-key"), Dialect::LedgerApi);
            assert_eq!(dialect(path, Some(Family::LedgerOs), "x-api-key"), Dialect::LedgerOs);
            assert_eq!(dialect(path, None, "api-key"), Dialect::LedgerOs);
            assert_eq!(dialect(path, None, "x-api-key"), Dialect::LedgerApi);
            assert_eq!(dialect(path, None, "authorization"), Dialect::LedgerApi);
        }
    }

    #[test]
    fn each_dialect_says_errors_its_own_way() {
        let request = RequestId([0; 16]);
        let error = Error::UnknownId { noun: "card" };
        let text = |dialect: Dialect| {
            String::from_utf8(dialect.error(&error, error.problem(), request)).unwrap()
        };
        assert_eq!(
            text(Dialect::LedgerOs),
            r#"{"error":{"type":"not_found","code":"not_found","message":"no card has this id"},"requestId":"req_00000000000000000000000000"}"#
        );
        assert_eq!(
            text(Dialect::LedgerApi),
            r#"{"ok":false,"error":{"code":"NOT_FOUND","message":"no card has this id"}}"#
        );
        assert_eq!(
            text(Dialect::Ledgers),
            r#"{"code":"not_found","message":"no card has this id","details":{"request_id":"req_00000000000000000000000000"}}"#
        );
    }

    #[test]
    fn the_ledger_api_wraps_what_the_others_say_bare() {
        assert_eq!(Dialect::LedgerApi.answer(b"{}".to_vec()), br#"{"ok":true,"data":{}}"#);
        assert_eq!(Dialect::LedgerOs.answer(b"{}".to_vec()), b"{}");
        assert_eq!(Dialect::Ledgers.answer(b"{}".to_vec()), b"{}");
    }
}
