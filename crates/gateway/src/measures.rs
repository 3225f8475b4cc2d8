//! What is measured of requests, and their traces.

use std::borrow::Cow;
use std::time::Instant;

use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, Response, StatusCode};
use metrics::{Unit, counter, describe_counter, describe_histogram, histogram};
use tracing::Span;
use tracing::field::Empty;

use crate::request_id::RequestId;

/// As OpenTelemetry calls it.
const DURATION: &str = "http_server_request_duration_seconds";
const REFUSALS: &str = "ledgeros_gateway_refusals_total";

/// Says what the metrics are.
pub(crate) fn describe() {
    describe_histogram!(DURATION, Unit::Seconds, "From a request's head to its answer.");
    describe_counter!(REFUSALS, "Requests that were answered with an error, by its code.");
}

/// A request was answered with an error.
pub(crate) fn refused(code: &'static str) {
    counter!(REFUSALS, "code" => code).increment(1);
}

/// A request that is being answered.
pub(crate) struct Measured {
    method: &'static str,
    route: &'static str,
    begun: Instant,
    pub(crate) span: Span,
}

impl Measured {
    /// From now on. `route` is empty for what is not there.
    pub(crate) fn begin(id: RequestId, head: &Parts, route: &'static str) -> Self {
        let method = method(&head.method);
        let span = tracing::debug_span!(
            "gateway.request",
            request = %id,
            root = true,
            otel.kind = "server",
            http.request.method = method,
            http.route = route,
            http.response.status_code = Empty,
            "error.type" = Empty,
            traceparent = traceparent(&head.headers),
        );
        Self { method, route, begun: Instant::now(), span }
    }

    /// With this answer it ends.
    pub(crate) fn end<T>(self, response: &Response<T>) {
        let Self { method, route, begun, span } = self;
        let status = response.status();
        span.record("http.response.status_code", status.as_u16());
        if status.is_server_error() {
            span.record("error.type", status.as_str());
        }
        histogram!(
            DURATION,
            "http_request_method" => method,
            "http_route" => route,
            "http_response_status_code" => word(status),
        )
        .record(begun.elapsed());
    }
}

fn traceparent(headers: &HeaderMap) -> Option<&str> {
    headers.get("traceparent")?.to_str().ok()
}

/// One of a closed list, so that nobody makes up series.
fn method(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "HEAD" => "HEAD",
        "OPTIONS" => "OPTIONS",
        _ => "_OTHER",
    }
}

/// A status that answers have, without an allocation for those that are common.
fn word(status: StatusCode) -> Cow<'static, str> {
    match status {
        StatusCode::OK => "200".into(),
        StatusCode::CREATED => "201".into(),
        other => other.as_str().to_owned().into(),
    }
}

#[cfg(test)]
mod tests;
