//! Serves books to other processes, over gRPC.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use journal::{Epoch, OpenError, Reader};
use ledger::BookId;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::Server;

use self::incoming::{Limits, incoming};
use crate::proto::commands_server::CommandsServer;
use crate::proto::journal_server::JournalServer;
use crate::proto::leadership_server::LeadershipServer;
use crate::status::Error;
use crate::tls::{ServerTls, TlsError};
use crate::{Commands, Role, RoleWatch, proto};

mod commands;
mod health;
mod incoming;
mod journals;
mod leadership;
mod stream;

/// Calls at a time on one connection: a gateway has one stream for each book, and some questions.
const CALLS_MAX: u32 = 256;

/// What a stream and a connection may send before it is read: a few messages of [`crate::limits::BATCH_BYTES`].
const STREAM_WINDOW_BYTES: u32 = 4 << 20;
const CONNECTION_WINDOW_BYTES: u32 = 16 << 20;

/// How often a silent client is asked whether it is there, and how long it may take to say so.
const PING_INTERVAL: Duration = Duration::from_secs(5);
const PING_TIMEOUT: Duration = Duration::from_secs(10);

/// How long clients have to take their last answers once the server is to end.
const DRAIN_MAX: Duration = Duration::from_secs(5);

/// A book that a process has.
#[derive(Clone)]
pub struct Served {
    /// What the process is to it.
    pub role: RoleWatch,
    /// How its journal is read.
    pub open: Opener,
}

/// A way to open a reader of a journal, on a thread that may block.
pub type Opener = Arc<dyn Fn() -> Result<Box<dyn Reader>, OpenError> + Send + Sync>;

/// Why a server ended.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Its certificates can't be used.
    #[error("the server's certificates can't be used")]
    Tls(#[from] TlsError),
    /// It could not serve.
    #[error("the server failed")]
    Transport(#[from] tonic::transport::Error),
    /// What it would show by reflection is none.
    #[error("the services' description can't be shown")]
    Reflection(#[from] tonic_reflection::server::Error),
}

/// Checks what a server would show of itself, and who may come.
pub fn check(tls: Option<&ServerTls>) -> Result<(), ServeError> {
    secured(tls, Limits::default()).map(drop)
}

/// The books of a process: more may come.
pub type Books = watch::Receiver<BTreeMap<BookId, Served>>;

/// Serves until `shutdown`: commands, journals and leaders of `books`, health and reflection.
///
/// Then no more commands are taken; those that were are answered, as far as clients take the answers within
/// five seconds.
pub async fn serve(
    listener: TcpListener,
    books: Books,
    tls: Option<&ServerTls>,
    shutdown: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    serve_within(Limits::default(), listener, books, tls, shutdown).await
}

async fn serve_within(
    limits: Limits,
    listener: TcpListener,
    books: Books,
    tls: Option<&ServerTls>,
    shutdown: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    let (stop, stopping) = watch::channel(false);
    let books = Shelf { served: books, stopping };
    let (reporter, health) = tonic_health::server::health_reporter();
    let reflection = tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(proto::DESCRIPTORS)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        .build_v1()?;

    let mut server = secured(tls, limits)?
        .max_concurrent_streams(CALLS_MAX)
        .initial_stream_window_size(STREAM_WINDOW_BYTES)
        .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
        .http2_keepalive_interval(Some(limits.ping))
        .http2_keepalive_timeout(Some(PING_TIMEOUT));
    let limit = crate::limits::MESSAGE_BYTES_MAX;
    let commands =
        CommandsServer::new(commands::Service::new(books.clone())).max_decoding_message_size(limit);
    let journals = JournalServer::new(journals::Service::new(books.clone()));
    let leadership = LeadershipServer::new(leadership::Service::new(books.clone()));
    let router = server
        .add_service(InterceptedService::new(commands, commands::note_deadline))
        .add_service(journals)
        .add_service(leadership)
        .add_service(health)
        .add_service(reflection);

    let mut ending = books.stopping.clone();
    let connections = incoming(listener, limits);
    let serving = router.serve_with_incoming_shutdown(connections, async move {
        stopped(&mut ending).await;
    });
    let ended = async {
        shutdown.await;
        health::stop(&reporter, &books).await;
        stop.send_replace(true);
        tokio::time::sleep(DRAIN_MAX).await;
    };
    tokio::select! {
        result = serving => Ok(result?),
        () = ended => Ok(()),
        () = health::follow(&reporter, &books) => Ok(()),
    }
}

/// A server that shows who it is, if it is to.
fn secured(tls: Option<&ServerTls>, limits: Limits) -> Result<Server, ServeError> {
    let server = Server::builder();
    Ok(match tls {
        None => server,
        Some(tls) => server.tls_config(tls.config(limits.handshake)?)?,
    })
}

/// Waits until the process is about to end.
async fn stopped(stopping: &mut watch::Receiver<bool>) {
    // Without a sender the server has ended already.
    let _ = stopping.wait_for(|is_stopping| *is_stopping).await;
}

/// The books of this process, and whether it is about to end.
#[derive(Clone)]
struct Shelf {
    served: Books,
    stopping: watch::Receiver<bool>,
}

/// A book that this process leads.
struct Leading {
    role: RoleWatch,
    epoch: Epoch,
    commands: Commands,
}

impl Shelf {
    /// The book that a message names.
    fn get(&self, book: &Bytes) -> Result<Served, Error> {
        let book = crate::form::book(book)?;
        self.served.borrow().get(&book).cloned().ok_or(Error::UnknownBook)
    }

    /// The same, when commands can be sent to it.
    fn leading(&self, book: &Bytes) -> Result<Leading, Error> {
        if *self.stopping.borrow() {
            return Err(Error::Stopping);
        }
        let mut role = self.get(book)?.role;
        let now = role.borrow_and_update().clone();
        match now {
            Role::Leads { epoch, commands, publisher: _ } => Ok(Leading { role, epoch, commands }),
            Role::Follows { leader } => Err(Error::NotLeading { leader }),
        }
    }
}
