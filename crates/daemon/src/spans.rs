//! Traces: the way of a request through every process that has to do with it.
//!
//! The id of a request, 16 bytes that every entry carries, is the id of its trace, and the last eight of them are the id of the
//! trace's root span. So nothing else has to be handed on: who knows the request knows trace and parent.
//!
//! Crates make ordinary spans of `tracing`, named `crate.verb`, at the level `debug`, so that they cost next to nothing while
//! nobody asks for them. Those at `debug` that have a field `request` are sent to a collector, over OTLP:
//!
//! - `request` is the id: 32 hexadecimal digits, or `req_…` as clients see it. Left empty, it is that of the span around;
//! - the parent is the span around, if that is of the same request, or else the root;
//! - `root = true` makes a span the root itself. One process does that, where requests arrive;
//! - `otel.kind` is `server`, `client`, `producer`, `consumer`, or else internal;
//! - `traceparent` is the header of that name, and becomes a link: what a client sends decides nothing here;
//! - `error.type` says that it failed; all others are attributes as they are.
//!
//! Spans that the collector does not take in time are thrown away. No request waits for one.

use std::sync::Arc;
use std::time::Duration;

use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_otlp::{ExporterBuildError, SpanExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{BatchConfigBuilder, BatchSpanProcessor, SpanProcessor};
use tokio::task::spawn_blocking;
use tracing::{Level, Metadata, warn};

use crate::config::Traces;

mod fields;
mod layer;

pub(crate) use layer::SpanLayer;

/// Spans that wait for the collector. Each takes up to a kilobyte: 8 MiB.
const QUEUE_MAX: usize = 8_192;

/// Spans in a message: half a megabyte, of the four that gRPC takes.
const BATCH_MAX: usize = 512;

/// How long a span waits for others.
const DELAY: Duration = Duration::from_secs(1);

/// How long the collector may take for a message.
const EXPORT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long the end of a process waits for its last spans: the drain's limit is for requests.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// Where the spans of a process go. Clones are one.
#[derive(Debug, Clone)]
pub struct Spans {
    processor: Arc<BatchSpanProcessor>,
    scope: InstrumentationScope,
}

/// Why there are no traces.
#[derive(Debug, thiserror::Error)]
#[error("spans can't be sent to `{endpoint}`")]
pub struct SpansError {
    endpoint: String,
    source: ExporterBuildError,
}

impl Spans {
    /// Sends the spans of this role's process to the collector that the configuration names, if it names one. The collector need
    /// not be there yet.
    ///
    /// # Panics
    ///
    /// Outside a runtime.
    pub fn start(role: &'static str, traces: &Traces) -> Result<Option<Self>, SpansError> {
        let Some(endpoint) = &traces.endpoint else { return Ok(None) };
        let exporter = SpanExporter::builder()
            .with_tonic()
            .with_endpoint(endpoint)
            .with_timeout(EXPORT_TIMEOUT)
            .build()
            .map_err(|source| SpansError { endpoint: endpoint.clone(), source })?;
        let batches = BatchConfigBuilder::default()
            .with_max_queue_size(QUEUE_MAX)
            .with_max_export_batch_size(BATCH_MAX)
            .with_scheduled_delay(DELAY)
            .build();
        let mut processor = BatchSpanProcessor::new(exporter, batches);
        let service =
            [KeyValue::new("service.namespace", "ledgeros"), KeyValue::new("service.name", role)];
        processor.set_resource(&Resource::builder_empty().with_attributes(service).build());
        let scope = InstrumentationScope::builder("ledgeros").build();
        Ok(Some(Self { processor: Arc::new(processor), scope }))
    }

    /// Sends what waits, and ends. For a process that has no more to do.
    pub async fn close(self) {
        // It waits for the thread that sends, which needs the runtime.
        let end = move || self.processor.shutdown_with_timeout(CLOSE_TIMEOUT);
        if let Ok(Err(error)) = spawn_blocking(end).await {
            warn!(%error, "the last spans were not sent");
        }
    }

    pub(crate) fn layer(&self) -> SpanLayer {
        SpanLayer::new(self.clone())
    }
}

/// Whether a span could be one of a request's trace. What is `info` names requests in the log.
pub(crate) fn is_traced(metadata: &Metadata<'_>) -> bool {
    metadata.is_span()
        && *metadata.level() == Level::DEBUG
        && metadata.fields().field(fields::REQUEST).is_some()
}

#[cfg(test)]
mod tests;
