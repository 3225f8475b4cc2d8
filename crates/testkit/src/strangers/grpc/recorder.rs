//! What our own client sends: messages of every kind to begin with.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use ledger::Request as Asked;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use prost::Message;
use rpc::client::Writers;
use rpc::proto::commands_server::{Commands, CommandsServer};
use rpc::proto::leadership_server::{Leadership, LeadershipServer};
use rpc::proto::{self, SubmitRequest, SubmitResponse, SubmitStreamRequest, SubmitStreamResponse};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_stream::wrappers::TcpListenerStream;
use tokio_stream::{Stream, StreamExt};
use tonic::transport::Server;
use tonic::{Request, Response, Status, Streaming};

use crate::generate::{Player, steps};
use crate::requests::BOOK;

const DEADLINE: Duration = Duration::from_secs(60);

/// A leader that decides nothing and writes down what it is sent.
struct Recorder(mpsc::UnboundedSender<Vec<u8>>);

/// A message for each kind of command that a random history sends, without the book.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime can be had");
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port can be had");
        let address = listener.local_addr().expect("it has an address").to_string();
        let (sender, mut received) = mpsc::unbounded_channel();
        let recorder = Arc::new(Recorder(sender));
        tokio::spawn(
            Server::builder()
                .add_service(CommandsServer::from_arc(recorder.clone()))
                .add_service(LeadershipServer::from_arc(recorder))
                .serve_with_incoming(TcpListenerStream::new(listener)),
        );
        let writers = Writers::new(vec![address], None).expect("an address");
        let (commands, submissions) = rpc::Commands::channel(1_024);
        tokio::spawn(async move { rpc::client::run(BOOK, submissions, &writers).await });
        let asked = asked();
        let count = asked.len();
        for request in asked {
            let commands = commands.clone();
            tokio::spawn(async move { commands.submit(request).await });
        }
        let mut seeds = Vec::with_capacity(count);
        while seeds.len() < count {
            let next = tokio::time::timeout(DEADLINE, received.recv()).await;
            seeds.push(next.expect("the client sends").expect("the recorder is there"));
        }
        seeds.sort();
        seeds
    })
}

/// One request of each kind.
fn asked() -> Vec<Asked> {
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &[3; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), random);
    let mut player = Player::new();
    for _ in 0..20 {
        let history = steps(100).new_tree(&mut runner).expect("steps are not refused");
        for step in history.current() {
            player.take(&step).expect("the rules hold");
        }
    }
    let mut kinds = std::collections::HashSet::new();
    let requests = player.requests().iter().rev();
    requests.filter(|asked| kinds.insert(std::mem::discriminant(&asked.command))).cloned().collect()
}

#[tonic::async_trait]
impl Leadership for Recorder {
    async fn leader(
        &self,
        _: Request<proto::LeaderRequest>,
    ) -> Result<Response<proto::LeaderResponse>, Status> {
        let role = proto::Role::Leads.into();
        Ok(Response::new(proto::LeaderResponse { role, epoch: Some(1), leader: None }))
    }
}

#[tonic::async_trait]
impl Commands for Recorder {
    async fn submit(&self, _: Request<SubmitRequest>) -> Result<Response<SubmitResponse>, Status> {
        Err(Status::unimplemented("our client sends streams"))
    }

    type SubmitStreamStream =
        Pin<Box<dyn Stream<Item = Result<SubmitStreamResponse, Status>> + Send>>;

    async fn submit_stream(
        &self,
        request: Request<Streaming<SubmitStreamRequest>>,
    ) -> Result<Response<Self::SubmitStreamStream>, Status> {
        let mut requests = request.into_inner();
        let tell = self.0.clone();
        tokio::spawn(async move {
            while let Ok(Some(message)) = requests.message().await {
                for numbered in message.requests {
                    let request = numbered.request;
                    let message = SubmitRequest { request, ..SubmitRequest::default() };
                    // Nobody listens once everything is there.
                    let _ = tell.send(message.encode_to_vec());
                }
            }
        });
        let opened = SubmitStreamResponse { epoch: 1, results: Vec::new() };
        let answers = tokio_stream::once(Ok(opened)).chain(tokio_stream::pending());
        Ok(Response::new(Box::pin(answers)))
    }
}
