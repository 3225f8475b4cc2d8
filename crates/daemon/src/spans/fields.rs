//! What the fields of a span say.

use std::fmt;

use opentelemetry::trace::{SpanContext, SpanId, SpanKind, TraceFlags, TraceId, TraceState};
use opentelemetry::{KeyValue, Value};
use tracing::field::{Field, Visit};

pub(super) const REQUEST: &str = "request";
const ROOT: &str = "root";
const KIND: &str = "otel.kind";
const TRACEPARENT: &str = "traceparent";
const ERROR: &str = "error.type";

/// The fields of a span, as they are recorded.
#[derive(Default)]
pub(super) struct Fields {
    pub(super) request: Option<TraceId>,
    pub(super) is_root: bool,
    pub(super) kind: Option<SpanKind>,
    pub(super) link: Option<SpanContext>,
    pub(super) has_failed: bool,
    pub(super) attributes: Vec<KeyValue>,
}

/// The root span of a trace.
pub(super) fn root(trace: TraceId) -> SpanId {
    let bytes = trace.to_bytes();
    SpanId::from_bytes(*bytes.last_chunk().expect("sixteen bytes are more than eight"))
}

impl Fields {
    fn text(&mut self, field: &Field, text: &str) {
        match field.name() {
            REQUEST => self.request = request(text),
            KIND => self.kind = kind(text),
            TRACEPARENT => self.link = link(text),
            _ => self.attribute(field, text.to_owned()),
        }
    }

    fn attribute(&mut self, field: &Field, value: impl Into<Value>) {
        self.has_failed |= field.name() == ERROR;
        self.attributes.push(KeyValue::new(field.name(), value.into()));
    }
}

impl Visit for Fields {
    fn record_bool(&mut self, field: &Field, is_so: bool) {
        match field.name() {
            ROOT => self.is_root = is_so,
            _ => self.attribute(field, is_so),
        }
    }

    fn record_i64(&mut self, field: &Field, number: i64) {
        self.attribute(field, number);
    }

    fn record_u64(&mut self, field: &Field, number: u64) {
        match i64::try_from(number) {
            Ok(number) => self.attribute(field, number),
            Err(_) => self.attribute(field, number.to_string()),
        }
    }

    fn record_f64(&mut self, field: &Field, number: f64) {
        self.attribute(field, number);
    }

    fn record_str(&mut self, field: &Field, text: &str) {
        self.text(field, text);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.text(field, &format!("{value:?}"));
    }
}

fn request(text: &str) -> Option<TraceId> {
    let number = match text.strip_prefix("req_") {
        Some(suffix) => base32(suffix),
        None => hex(text, 32),
    };
    // What the ledger does by itself has no request.
    number.filter(|number| *number != 0).map(TraceId::from)
}

/// The suffix of a TypeID.
fn base32(suffix: &str) -> Option<u128> {
    const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let is_one = suffix.len() == 26 && suffix.as_bytes()[0] <= b'7';
    is_one.then_some(())?;
    suffix.bytes().try_fold(0, |number, byte| {
        let digit = ALPHABET.iter().position(|letter| *letter == byte)?;
        Some(number << 5 | digit as u128)
    })
}

fn hex(text: &str, length: usize) -> Option<u128> {
    let is_hex = text.len() == length && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex.then(|| u128::from_str_radix(text, 16).ok())?
}

fn kind(text: &str) -> Option<SpanKind> {
    match text {
        "server" => Some(SpanKind::Server),
        "client" => Some(SpanKind::Client),
        "producer" => Some(SpanKind::Producer),
        "consumer" => Some(SpanKind::Consumer),
        _ => None,
    }
}

/// A span of a client's, by version 00 of W3C Trace Context, and as later ones begin.
fn link(header: &str) -> Option<SpanContext> {
    let mut parts = header.split('-');
    let (version, trace, span, flags) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let is_later = version != "00";
    let is_known = hex(version, 2)? != 0xff && (is_later || parts.next().is_none());
    let context = SpanContext::new(
        TraceId::from(hex(trace, 32)?),
        SpanId::from(u64::try_from(hex(span, 16)?).ok()?),
        TraceFlags::new(u8::try_from(hex(flags, 2)?).ok()?),
        true,
        TraceState::NONE,
    );
    (is_known && context.is_valid()).then_some(context)
}

#[cfg(test)]
mod tests;
