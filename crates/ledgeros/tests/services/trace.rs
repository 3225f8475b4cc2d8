//! One request's way through every process, as a collector sees it, and what each process measures.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::trace::v1::Span;
use serde_json::json;
use tokio::net::TcpListener;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status};

use crate::cluster::Cluster;
use crate::load::Spender;
use crate::role::wait_until;

/// The way of a command.
const WAY: [&str; 5] =
    ["gateway.request", "rpc.submit", "writer.commit", "bus.publish", "projector.follow"];

#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Vec<Span>>>);

#[tonic::async_trait]
impl TraceService for Collector {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let resources = request.into_inner().resource_spans.into_iter();
        let scopes = resources.flat_map(|resource| resource.scope_spans);
        self.0.lock().unwrap().extend(scopes.flat_map(|scope| scope.spans));
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_one_trace_through_every_process() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let collector = Collector::default();
    let server = Server::builder().add_service(TraceServiceServer::new(collector.clone()));
    tokio::spawn(server.serve_with_incoming(TcpIncoming::from(listener)));

    let cluster = Cluster::start_with(&[], &[("LEDGEROS__TRACES__ENDPOINT", endpoint)]);
    let mut client = cluster.client(0, "default").await;
    let spender = Spender::new(&mut client).await;
    let purchase = json!({ "amount": 100, "merchant": { "name": "Bistro" } });
    let answer = client.post(&spender.authorizations(), &purchase).await.unwrap();
    let request = answer.headers["request-id"].to_str().unwrap();
    let trace = ledger::id::decode(request.strip_prefix("req_").unwrap()).unwrap();

    let mut names = BTreeSet::new();
    wait_until("the trace is whole", || {
        let spans = collector.0.lock().unwrap();
        let of_request = spans.iter().filter(|span| span.trace_id == trace);
        names = of_request.map(|span| span.name.clone()).collect();
        WAY.iter().all(|name| names.contains(*name))
    });
    println!("{request}: {names:?}");

    let leader = cluster.leader();
    for (role, metrics) in [
        (&cluster.gateways[0], &["http_server_request_duration_seconds_count{"][..]),
        (
            &cluster.writers[leader],
            &["ledgeros_writer_commit_duration_seconds_count", "ledgeros_journal_position{"],
        ),
        (&cluster.projectors[0], &["ledgeros_projection_position{"]),
    ] {
        let page = role.admin("/metrics");
        for metric in metrics {
            let line = page.lines().find(|line| line.starts_with(metric));
            println!("{}", line.unwrap_or_else(|| panic!("no `{metric}` in {page}")));
        }
    }
}
