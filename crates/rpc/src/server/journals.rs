//! Journals, for whoever follows them.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use journal::{Reader, Stored, Undecodable};
use ledger::Position;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status};

use super::{Served, Shelf, stopped};
use crate::feed::{Delivery, Feed};
use crate::limits::BATCH_BYTES;
use crate::proto::journal_server::Journal;
use crate::proto::{
    CheckpointRequest, CheckpointResponse, HeadRequest, HeadResponse, ReadRequest, ReadResponse,
};
use crate::status::Error;
use crate::{Role, RoleWatch};

/// How many journals are read at a time: each has a connection to the database, which has a hundred unless told
/// otherwise, for several processes.
const READERS_MAX: usize = 16;

/// Entries that are read at a time: most have about 250 bytes, so that they fit one message.
const READ_MAX: usize = 1_024;

/// How many messages are read ahead of what the client takes.
const READ_AHEAD: usize = 2;

/// How long it may take to notice an entry where no writer tells of it. Followers of read models have the bus.
const POLL: Duration = Duration::from_millis(250);

/// Reads journals from their stores.
pub(super) struct Service {
    books: Shelf,
    readers: Arc<Semaphore>,
}

impl Service {
    pub(super) fn new(books: Shelf) -> Self {
        Self { books, readers: Arc::new(Semaphore::new(READERS_MAX)) }
    }

    /// A reader of the book that a message names.
    async fn reader(&self, served: &Served) -> Result<OpenReader, Error> {
        let permit = self.readers.clone().try_acquire_owned();
        let permit = permit.map_err(|_| Error::TooManyReaders)?;
        let open = served.open.clone();
        let reader = blocking(move || open()).await?;
        Ok(OpenReader { reader, _permit: permit })
    }
}

/// A reader that counts towards [`READERS_MAX`].
struct OpenReader {
    reader: Box<dyn Reader>,
    _permit: OwnedSemaphorePermit,
}

#[tonic::async_trait]
impl Journal for Service {
    async fn head(&self, request: Request<HeadRequest>) -> Result<Response<HeadResponse>, Status> {
        let mut open = self.reader(&self.books.get(&request.get_ref().book)?).await?;
        let head = blocking(move || open.reader.head()).await.map_err(Error::from)?;
        let hash = Bytes::copy_from_slice(&head.hash.0);
        Ok(Response::new(HeadResponse { position: head.position.0, hash }))
    }

    type ReadStream = ReceiverStream<Result<ReadResponse, Status>>;

    async fn read(
        &self,
        request: Request<ReadRequest>,
    ) -> Result<Response<Self::ReadStream>, Status> {
        let ReadRequest { book, from, follow } = request.into_inner();
        let served = self.books.get(&book)?;
        let from = match Position(from) {
            Position::START => Err(Error::from(Undecodable::Invalid { field: "from" })),
            from => Ok(from),
        }?;
        let open = self.reader(&served).await?;
        let role = follow.then(|| served.role.clone());
        let (messages, responses) = mpsc::channel(READ_AHEAD);
        let stopping = self.books.stopping.clone();
        tokio::spawn(read(open, from, role, stopping, messages));
        Ok(Response::new(ReceiverStream::new(responses)))
    }

    async fn checkpoint(
        &self,
        request: Request<CheckpointRequest>,
    ) -> Result<Response<CheckpointResponse>, Status> {
        let mut open = self.reader(&self.books.get(&request.get_ref().book)?).await?;
        let note = blocking(move || open.reader.last_checkpoint()).await.map_err(Error::from)?;
        Ok(Response::new(CheckpointResponse { note }))
    }
}

/// Sends entries from `next` on; with a role, goes on with those that come later.
async fn read(
    mut open: OpenReader,
    mut next: Position,
    mut role: Option<RoleWatch>,
    mut stopping: watch::Receiver<bool>,
    messages: mpsc::Sender<Result<ReadResponse, Status>>,
) {
    let mut feed = role.as_mut().and_then(feed_of);
    loop {
        let entries;
        (open, entries) = blocking(move || {
            let entries = open.reader.read(next, READ_MAX);
            (open, entries)
        })
        .await;
        let entries = match entries {
            Ok(entries) => entries,
            Err(error) => return drop(messages.send(Err(Error::from(error).into())).await),
        };
        if let Some(last) = entries.last() {
            next = last.entry.position.next();
            for message in packed(entries) {
                if messages.send(Ok(message)).await.is_err() {
                    return;
                }
            }
            continue;
        }
        let Some(role) = &mut role else { return };
        tokio::select! {
            is_open = more(&mut feed) => if !is_open { feed = None },
            changed = role.changed() => match changed {
                Ok(()) => feed = feed_of(role),
                Err(_) => return drop(messages.send(Err(Error::Stopping.into())).await),
            },
            () = tokio::time::sleep(POLL) => {}
            () = stopped(&mut stopping) => {
                return drop(messages.send(Err(Error::Stopping.into())).await);
            }
            () = messages.closed() => return,
        }
    }
}

/// What the writer tells, where this process leads.
fn feed_of(role: &mut RoleWatch) -> Option<Feed> {
    match &*role.borrow_and_update() {
        Role::Leads { publisher, .. } => Some(publisher.subscribe()),
        Role::Follows { .. } => None,
    }
}

/// Waits until the writer tells of entries. Returns whether it may tell more.
async fn more(feed: &mut Option<Feed>) -> bool {
    let Some(feed) = feed else { return std::future::pending().await };
    let mut delivery = Some(feed.next().await);
    while let Some(Delivery::Batch(_) | Delivery::Missed) = delivery {
        delivery = feed.try_next();
    }
    delivery.is_none()
}

/// Messages that begin another entry only below [`BATCH_BYTES`].
fn packed(entries: Vec<Stored>) -> impl Iterator<Item = ReadResponse> {
    let mut entries = entries.into_iter().map(|stored| Bytes::from(stored.bytes)).peekable();
    std::iter::from_fn(move || {
        entries.peek()?;
        let mut bytes = 0;
        let mut message = ReadResponse { entries: Vec::new() };
        while bytes < BATCH_BYTES
            && let Some(entry) = entries.next()
        {
            bytes += entry.len();
            message.entries.push(entry);
        }
        Some(message)
    })
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.expect("reading a journal does not panic")
}
