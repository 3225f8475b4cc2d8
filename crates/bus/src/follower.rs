//! The way from the stream to a reader of entries.

use std::error::Error;
use std::time::Duration;

use async_nats::Subject;
use async_nats::jetstream::Message;
use async_nats::jetstream::consumer::pull;
use futures_util::{FutureExt, StreamExt};
use journal::{Head, Reader, Stored};
use ledger::{BookId, Position};
use rpc::Publisher;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use self::machine::{Brought, runs};
use crate::reading::Reading;
use crate::stream::Connection;
use crate::{Stream, StreamError, message};

pub mod machine;

/// Entries that are passed on together, and messages that are asked for at once: a projector's transaction under load.
const BATCH_MAX: usize = 512;

/// How often the server says that it is still there when it has nothing to bring; without it, all is asked for again.
const HEARTBEAT: Duration = Duration::from_secs(2);

/// How long the server remembers that it was asked.
const ASKED_FOR: Duration = Duration::from_secs(30);

/// How long to wait after a failure: at first, and at most after it has failed again and again.
const PAUSE: Duration = Duration::from_millis(50);
const PAUSE_MAX: Duration = Duration::from_secs(1);

/// Brings what the stream has of a book to a feed.
///
/// Dropping it ends it. It ends by itself when the progress does.
#[derive(Debug)]
pub struct Follower(JoinHandle<()>);

impl Follower {
    /// Starts on the runtime that this is called on. `name` tells the book's followers apart, and what one had done when it
    /// ended, the next of that name is not brought again.
    ///
    /// `done` says up to where all is done, by what `progress` tells. While it says `None`, nothing is taken from the stream:
    /// somebody else of that name may be at work.
    pub fn start<T: Send + Sync + 'static>(
        stream: &Stream,
        name: &str,
        reader: Box<dyn Reader>,
        publisher: Publisher,
        progress: watch::Receiver<T>,
        done: fn(&T) -> Option<Position>,
    ) -> Self {
        let reading = Reading::new(reader);
        let driver = Driver {
            book: reading.book(),
            name: name.to_owned(),
            stream: stream.clone(),
            connection: stream.connection(),
            reading,
            publisher,
            progress,
            done,
            is_interrupted: false,
            has_warned: false,
            pause: PAUSE,
        };
        Self(tokio::spawn(driver.run()))
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.0.abort();
    }
}

struct Driver<T> {
    book: BookId,
    name: String,
    stream: Stream,
    connection: Connection,
    reading: Reading,
    publisher: Publisher,
    progress: watch::Receiver<T>,
    done: fn(&T) -> Option<Position>,
    /// Whether a failure was told of, and nothing has come since.
    is_interrupted: bool,
    /// Whether a message that is no entry of the book was told of.
    has_warned: bool,
    pause: Duration,
}

/// Why nothing is taken from the stream any more.
enum Ended {
    /// Nobody wants it.
    Gone,
    /// Somebody else is at work.
    Waiting,
    /// The connection was lost.
    Reconnected,
}

impl<T: Send + Sync + 'static> Driver<T> {
    async fn run(mut self) {
        loop {
            let done = self.done;
            if self.progress.wait_for(|progress| done(progress).is_some()).await.is_err() {
                return;
            }
            match self.follow().await {
                Ok(Ended::Gone) => return,
                Ok(Ended::Waiting | Ended::Reconnected) => {}
                Err(error) => self.interrupted(&error).await,
            }
        }
    }

    async fn follow(&mut self) -> Result<Ended, StreamError> {
        let connected = self.connection.up().await;
        self.stream.ensure().await?;
        let consumer = self.stream.consumer(self.book, &self.name).await?;
        let messages = consumer.stream().max_messages_per_batch(BATCH_MAX);
        let messages = messages.expires(ASKED_FOR).heartbeat(HEARTBEAT).messages().await;
        let mut messages = messages.map_err(|error| failed(error.into()))?;
        let mut brought = Brought::new();
        loop {
            tokio::select! {
                biased;
                () = self.connection.replaced(connected) => return Ok(Ended::Reconnected),
                changed = self.progress.changed() => {
                    if changed.is_err() {
                        return Ok(Ended::Gone);
                    }
                    let Some(done) = self.done() else { return Ok(Ended::Waiting) };
                    if let Some(reply) = brought.done(done) {
                        self.stream.acknowledge(reply).await;
                    }
                }
                message = messages.next() => {
                    let first = message.ok_or_else(|| failed("it has ended".into()))?;
                    let first = first.map_err(|error| failed(error.into()))?;
                    self.take(first, &mut messages, &mut brought).await;
                }
            }
        }
    }

    fn done(&self) -> Option<Position> {
        (self.done)(&self.progress.borrow())
    }

    /// Takes a message and what else is there already, and passes on what stands in the journal.
    async fn take(
        &mut self,
        first: Message,
        messages: &mut pull::Stream,
        brought: &mut Brought<Subject>,
    ) {
        (self.is_interrupted, self.pause) = (false, PAUSE);
        let done = self.done().unwrap_or(Position::START);
        let mut entries = Vec::new();
        let mut next = Some(first);
        while let Some(message) = next {
            let stored = self.read(&message, done);
            let position = stored.as_ref().map(|stored| stored.entry.position);
            entries.extend(stored);
            if let Some(reply) = message.message.reply {
                brought.push(position, reply);
            }
            // An error comes again.
            let has_room = entries.len() < BATCH_MAX;
            let ready = if has_room { messages.next().now_or_never() } else { None };
            next = ready.flatten().and_then(Result::ok);
        }
        for run in runs(entries) {
            let last = run.last().expect("a run has an entry");
            let last = Head { position: last.entry.position, hash: last.hash };
            if self.is_in_journal(last).await {
                self.publisher.publish(run.into());
            }
        }
        if let Some(reply) = brought.done(done) {
            self.stream.acknowledge(reply).await;
        }
    }

    /// The entry of a message, unless it is done already.
    fn read(&mut self, message: &Message, done: Position) -> Option<Stored> {
        let read = match message.headers.as_ref().and_then(message::head) {
            Some(head) if head.position <= done => return None,
            Some(head) => message::read(head, &message.payload),
            None => Err(message::Unreadable::Headers),
        };
        match read {
            Ok(stored) => Some(stored),
            Err(error) => {
                if !self.has_warned {
                    let (book, error, subject) =
                        (self.book, &error as &dyn Error, &message.subject);
                    tracing::warn!(%book, %subject, error, "a message is no entry: the journal decides");
                }
                self.has_warned = true;
                None
            }
        }
    }

    /// Whether the journal has an entry. Of one that can't be read, who follows finds out.
    async fn is_in_journal(&mut self, head: Head) -> bool {
        let found = self.reading.ask(move |reader| reader.read(head.position, 1)).await;
        let found = found.map(|found| found.first().map(|found| found.hash));
        let is_there = matches!(found, Ok(Some(hash)) if hash == head.hash);
        if found.is_ok() && !is_there && !self.has_warned {
            let (book, position) = (self.book, head.position.0);
            tracing::warn!(%book, position, "a message carries an entry that is not in the journal");
            self.has_warned = true;
        }
        is_there
    }

    /// Tells of it once, and begins again after a pause, the longer the more often it has failed in a row.
    async fn interrupted(&mut self, why: &StreamError) {
        if !self.is_interrupted {
            let (book, name, error) = (self.book, &self.name, why as &dyn Error);
            tracing::warn!(%book, name, error, "follower interrupted");
        }
        self.is_interrupted = true;
        tokio::time::sleep(self.pause).await;
        self.pause = PAUSE_MAX.min(self.pause * 2);
    }
}

fn failed(source: Box<dyn Error + Send + Sync>) -> StreamError {
    StreamError::Failed { what: "bring messages", source }
}
