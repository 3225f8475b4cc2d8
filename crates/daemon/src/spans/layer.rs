//! From spans of `tracing` to spans of OpenTelemetry.

use std::time::SystemTime;

use opentelemetry::trace::{
    Link, SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState,
};
use opentelemetry_sdk::trace::{
    IdGenerator, RandomIdGenerator, SpanData, SpanEvents, SpanLinks, SpanProcessor,
};
use tracing::Subscriber;
use tracing::span::{Attributes, Id, Record};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use super::Spans;
use super::fields::{Fields, root};

/// Sends what [`is_traced`](super::is_traced) lets through.
pub(crate) struct SpanLayer {
    spans: Spans,
    ids: RandomIdGenerator,
}

/// A span that has begun, of a request that is known.
struct Begun {
    trace: TraceId,
    span: SpanId,
    /// Invalid for the root.
    parent: SpanId,
    is_parent_remote: bool,
    start: SystemTime,
    fields: Fields,
}

impl SpanLayer {
    pub(super) fn new(spans: Spans) -> Self {
        Self { spans, ids: RandomIdGenerator::default() }
    }

    fn begin(&self, fields: Fields, around: Option<(TraceId, SpanId)>) -> Option<Begun> {
        let trace = fields.request.or(around.map(|(trace, _)| trace))?;
        let around = around.filter(|(other, _)| *other == trace);
        let (span, parent) = match (fields.is_root, around) {
            (true, _) => (root(trace), SpanId::INVALID),
            (false, Some((_, around))) => (self.ids.new_span_id(), around),
            (false, None) => (self.ids.new_span_id(), root(trace)),
        };
        let is_parent_remote = !fields.is_root && around.is_none();
        Some(Begun { trace, span, parent, is_parent_remote, start: SystemTime::now(), fields })
    }

    fn end(&self, name: &'static str, begun: Begun) {
        let Begun { trace, span, parent, is_parent_remote, start, fields } = begun;
        let mut links = SpanLinks::default();
        links.links.extend(fields.link.map(Link::with_context));
        let context = SpanContext::new(trace, span, TraceFlags::SAMPLED, false, TraceState::NONE);
        self.spans.processor.on_end(SpanData {
            span_context: context,
            parent_span_id: parent,
            parent_span_is_remote: is_parent_remote,
            span_kind: fields.kind.unwrap_or(SpanKind::Internal),
            name: name.into(),
            start_time: start,
            end_time: SystemTime::now(),
            attributes: fields.attributes,
            dropped_attributes_count: 0,
            events: SpanEvents::default(),
            links,
            status: if fields.has_failed { Status::error("") } else { Status::Unset },
            instrumentation_scope: self.spans.scope.clone(),
        });
    }
}

impl<S> Layer<S> for SpanLayer
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        let Some(span) = context.span(id) else { return };
        let around = span.parent().and_then(|parent| {
            parent.extensions().get::<Begun>().map(|begun| (begun.trace, begun.span))
        });
        if let Some(begun) = self.begin(fields, around) {
            span.extensions_mut().insert(begun);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(begun) = span.extensions_mut().get_mut::<Begun>() {
            values.record(&mut begun.fields);
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else { return };
        let begun = span.extensions_mut().remove::<Begun>();
        if let Some(begun) = begun {
            self.end(span.name(), begun);
        }
    }
}
