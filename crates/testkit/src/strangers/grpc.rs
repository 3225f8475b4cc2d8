//! gRPC requests: commands, as whoever reaches the writer's port may send them.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::{Buf, BufMut};
use journal::memory::MemoryStore;
use journal::{Epoch, Reader};
use ledger::{Position, Rejection, Request as Asked};
use rpc::client::Writers;
use rpc::server::{Opener, Served};
use rpc::{Commands, Publisher, Refusal, Role};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tonic::client::Grpc;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status};

use super::Target;
use crate::requests::BOOK;

mod recorder;

pub(super) const TARGET: Target = Target { name: "grpc", seeds: recorder::seeds, try_on };

/// Longer than an answer takes on a machine that is busy with other things.
const DEADLINE: Duration = Duration::from_secs(60);
/// How long nothing has come before nothing will.
const SILENCE: Duration = Duration::from_millis(1);

/// The way to a server, and what has come out behind it.
struct Stage {
    runtime: Runtime,
    channel: Channel,
    commands: Commands,
    taken: Receiver<Asked>,
    _role: watch::Sender<Role>,
}

impl Stage {
    /// A server that refuses every command that it can read.
    fn new() -> Self {
        let runtime = Runtime::new().expect("a runtime can be had");
        let (commands, mut submissions) = Commands::channel(4);
        let (tell, taken) = channel();
        runtime.spawn(async move {
            while let Some(submission) = submissions.recv().await {
                // Nobody listens any more when the program ends.
                let _ = tell.send(submission.request);
                let _ = submission.reply.send(Err(Refusal::Rejected(Rejection::NotASandbox)));
            }
        });
        let publisher = Publisher::new(Position::START);
        let (role, watched) = watch::channel(Role::Leads { epoch: Epoch(1), commands, publisher });
        let store = MemoryStore::new(BOOK);
        let open: Opener = Arc::new(move || Ok(Box::new(store.clone()) as Box<dyn Reader>));
        let (books, served) =
            watch::channel(BTreeMap::from([(BOOK, Served { role: watched, open })]));
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"));
        let listener = listener.expect("a port can be had");
        let address = listener.local_addr().expect("it has an address").to_string();
        runtime.spawn(async move {
            let serving = rpc::server::serve(listener, served, None, std::future::pending()).await;
            drop(books);
            serving.expect("the server serves");
        });
        let endpoint = Endpoint::from_shared(format!("http://{address}")).expect("an address");
        let channel = runtime.block_on(async { endpoint.connect_lazy() });
        let writers = Writers::new(vec![address], None).expect("an address");
        let (commands, submissions) = Commands::channel(4);
        runtime.spawn(async move { rpc::client::run(BOOK, submissions, &writers).await });
        Self { runtime, channel, commands, taken, _role: role }
    }

    /// Sends a message as it is.
    fn submit(&self, message: Vec<u8>) -> Result<(), Status> {
        let mut client = Grpc::new(self.channel.clone());
        let path = PathAndQuery::from_static("/ledgeros.v1.Commands/Submit");
        self.runtime.block_on(async {
            let call = async {
                client.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
                client.unary(Request::new(message), path, Raw).await
            };
            tokio::time::timeout(DEADLINE, call).await.expect("an answer comes").map(drop)
        })
    }

    /// What has come to the writer.
    fn taken(&self, within: Duration) -> Option<Asked> {
        match self.taken.recv_timeout(within) {
            Ok(request) => Some(request),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => panic!("the writer is there"),
        }
    }
}

/// What is behind the name of the book in a message. What is refused reaches no writer; what reaches one is the same when
/// our own client sends it.
fn try_on(bytes: &[u8]) {
    static STAGE: Mutex<Option<Stage>> = Mutex::new(None);
    let mut stage = STAGE.lock().expect("nobody has panicked here");
    let stage = stage.get_or_insert_with(Stage::new);
    let message = [&[0x0a, 16][..], &BOOK.0, bytes].concat();
    match stage.submit(message) {
        Ok(()) => {
            let first = stage.taken(DEADLINE).expect("it was answered by the writer");
            let sent = stage.runtime.block_on(stage.commands.submit(first.clone()));
            assert!(matches!(sent, Err(Refusal::Rejected(Rejection::NotASandbox))), "{sent:?}");
            let again = stage.taken(DEADLINE).expect("it was answered by the writer");
            assert_eq!(again, first, "the same command is sent again");
        }
        Err(status) => {
            let is_ours = matches!(status.code(), Code::InvalidArgument | Code::NotFound);
            assert!(is_ours, "{status:?}");
            assert!(stage.taken(SILENCE).is_none(), "what is refused is not done");
        }
    }
}

/// Bytes as they are.
#[derive(Debug, Clone, Copy)]
struct Raw;

impl Codec for Raw {
    type Encode = Vec<u8>;
    type Decode = Vec<u8>;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, item: Vec<u8>, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put_slice(&item);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Vec<u8>>, Status> {
        let length = buffer.remaining();
        Ok(Some(buffer.copy_to_bytes(length).to_vec()))
    }
}
