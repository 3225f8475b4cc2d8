use std::collections::BTreeMap;
use std::sync::Mutex;

use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::{Span, status::StatusCode};
use tokio::net::TcpListener;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status};
use tracing::field::Empty;
use tracing::subscriber::DefaultGuard;
use tracing::{debug_span, info_span};
use tracing_subscriber::filter::{LevelFilter, filter_fn};
use tracing_subscriber::layer::{Layer, SubscriberExt};

use super::*;

const REQUEST: &str = "019a5b4e1c2d7abc8def0123456789ab";
const ROOT: &str = "8def0123456789ab";

/// A collector that keeps what it is sent, by the name of the service.
#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Vec<(String, Span)>>>);

#[tonic::async_trait]
impl TraceService for Collector {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        for spans in request.into_inner().resource_spans {
            let attributes = spans.resource.unwrap().attributes;
            let name = attributes.into_iter().find(|one| one.key == "service.name").unwrap();
            let Some(Value::StringValue(service)) = name.value.unwrap().value else { panic!() };
            let spans = spans.scope_spans.into_iter().flat_map(|scope| scope.spans);
            self.0.lock().unwrap().extend(spans.map(|span| (service.clone(), span)));
        }
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

impl Collector {
    /// Starts one: what it keeps, and its URL.
    async fn start() -> (Self, Traces) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let collector = Self::default();
        let service = TraceServiceServer::new(collector.clone());
        let server = Server::builder().add_service(service);
        tokio::spawn(server.serve_with_incoming(TcpIncoming::from(listener)));
        (collector, Traces { endpoint: Some(endpoint) })
    }

    /// What was sent, by the names of service and span.
    fn spans(&self) -> BTreeMap<(String, String), Span> {
        let spans = self.0.lock().unwrap().clone();
        spans.into_iter().map(|(service, span)| ((service, span.name.clone()), span)).collect()
    }
}

/// A process of a role: until its guard is dropped, this thread is in it.
fn process(role: &'static str, traces: &Traces) -> (Spans, DefaultGuard) {
    let spans = Spans::start(role, traces).unwrap().unwrap();
    let layer = spans.layer().with_filter(filter_fn(is_traced));
    let log = tracing_subscriber::fmt::layer().with_writer(std::io::sink);
    let subscriber =
        tracing_subscriber::registry().with(log.with_filter(LevelFilter::INFO)).with(layer);
    (spans, tracing::subscriber::set_default(subscriber))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_one_trace_in_every_process() {
    let (collector, traces) = Collector::start().await;
    let (gateway, guard) = process("gateway", &traces);
    let request = debug_span!(
        "gateway.request",
        request = "req_01k9dmw71dfay8vvr14d2pf2db",
        root = true,
        otel.kind = "server",
        traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        http.route = "/v1/users",
        http.response.status_code = Empty,
        "error.type" = Empty,
    );
    request.in_scope(|| {
        // Of another crate, and one for the log.
        let answer = info_span!("gateway.answer", request = REQUEST);
        info_span!("hyper.connect").in_scope(|| {
            answer.in_scope(|| {
                drop(debug_span!("rpc.submit", request = Empty, otel.kind = "client"));
            })
        });
    });
    request.record("http.response.status_code", 503);
    request.record("error.type", "503");
    drop((request, guard));
    gateway.close().await;

    // Another process knows the entry alone, and another request is under way.
    let (writer, guard) = process("writer", &traces);
    let other = debug_span!("writer.batch", request = "00000000000000000000000000000001");
    other.in_scope(|| drop(debug_span!("writer.commit", request = REQUEST, position = 7_u64)));
    drop(debug_span!("writer.idle", request = "00000000000000000000000000000000"));
    drop((other, guard));
    writer.close().await;

    let spans = collector.spans();
    let of = |service: &str, name: &str| spans[&(service.to_owned(), name.to_owned())].clone();
    let names: Vec<_> = spans.keys().map(|(service, name)| format!("{service}: {name}")).collect();
    assert_eq!(
        names,
        [
            "gateway: gateway.request",
            "gateway: rpc.submit",
            "writer: writer.batch",
            "writer: writer.commit"
        ]
    );
    let root = of("gateway", "gateway.request");
    assert_eq!(
        (hex(&root.trace_id), hex(&root.span_id), hex(&root.parent_span_id)),
        (REQUEST.into(), ROOT.into(), "".into())
    );
    assert_eq!(root.kind, 2);
    assert_eq!(hex(&root.links[0].trace_id), "0af7651916cd43dd8448eb211c80319c");
    assert_eq!(root.status.unwrap().code(), StatusCode::Error);
    let keys: Vec<_> = root.attributes.iter().map(|one| one.key.as_str()).collect();
    assert_eq!(keys, ["http.route", "http.response.status_code", "error.type"]);
    assert!(root.start_time_unix_nano <= root.end_time_unix_nano);
    for (service, name, kind) in [("gateway", "rpc.submit", 3), ("writer", "writer.commit", 1)] {
        let span = of(service, name);
        assert_eq!((hex(&span.trace_id), hex(&span.parent_span_id)), (REQUEST.into(), ROOT.into()));
        assert_eq!((span.kind, span.status.unwrap_or_default().code()), (kind, StatusCode::Unset));
        assert_ne!(hex(&span.span_id), ROOT);
    }
    assert_eq!(hex(&of("writer", "writer.batch").trace_id), format!("{:032x}", 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_is_not_there_holds_up_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = Some(format!("http://{}", listener.local_addr().unwrap()));
    drop(listener);
    let (spans, guard) = process("gateway", &Traces { endpoint });
    for _ in 0..2 * QUEUE_MAX {
        drop(debug_span!("gateway.request", request = REQUEST));
    }
    drop(guard);
    tokio::time::timeout(2 * CLOSE_TIMEOUT, spans.close()).await.unwrap();
}

#[tokio::test]
async fn without_a_collector_no_span_is_made() {
    assert!(Spans::start("gateway", &Traces::default()).unwrap().is_none());
    let log = tracing_subscriber::fmt::layer().with_writer(std::io::sink);
    let subscriber = tracing_subscriber::registry().with(log.with_filter(LevelFilter::INFO));
    let _guard = tracing::subscriber::set_default(subscriber);
    assert!(debug_span!("gateway.request", request = REQUEST).is_disabled());
}
