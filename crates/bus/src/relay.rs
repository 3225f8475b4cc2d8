//! The way from a writer to the stream.

use std::collections::VecDeque;
use std::error::Error;
use std::future::pending;
use std::pin::{Pin, pin};
use std::time::Duration;

use async_nats::jetstream::context::{PublishError, PublishErrorKind};
use async_nats::jetstream::publish::PublishAck;
use journal::{ReadError, Stored};
use ledger::{BookId, Position};
use rpc::Feed;
use rpc::feed::Delivery;
use tokio::task::JoinHandle;
use tracing::{Instrument, debug_span};

pub use self::machine::REFILL_MAX;
use self::machine::{Ends, Found, Machine, Step, WINDOW};
use crate::reading::Reading;
use crate::stream::Connection;
use crate::{Stream, StreamError};

pub mod machine;

/// How long to wait after a failure: at first, and at most after it has failed again and again, so that what is back is
/// noticed within a second.
const PAUSE: Duration = Duration::from_millis(50);
const PAUSE_MAX: Duration = Duration::from_secs(1);

/// Sends the entries of a journal to the stream: those after its end there, and those that are committed from now on, in order. A
/// stream that has an entry which the journal lacks is sent nothing while that is so.
///
/// Dropping it ends it. When the feed ends, it sends what the journal has, and ends by itself.
#[derive(Debug)]
pub struct Relay(JoinHandle<()>);

impl Relay {
    /// Starts on the runtime that this is called on. `incarnation` tells the journal from an earlier one of the same book.
    pub fn start(
        stream: &Stream,
        reader: Box<dyn journal::Reader>,
        incarnation: [u8; 16],
        feed: Feed,
    ) -> Self {
        let reading = Reading::new(reader);
        let book = reading.book();
        let mut machine = Machine::new();
        machine.missed(feed.head());
        let driver = Driver {
            book,
            incarnation,
            stream: stream.clone(),
            connection: stream.connection(),
            connected: 0,
            reading,
            feed: Some(feed),
            machine,
            acks: VecDeque::new(),
            is_interrupted: false,
            pause: PAUSE,
            lag: metrics::gauge!("ledgeros_relay_lag_entries", "book" => book.to_string()),
        };
        Self(tokio::spawn(driver.run()))
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.0.abort();
    }
}

type Acknowledgement = Pin<Box<dyn Future<Output = Result<PublishAck, PublishError>> + Send>>;

struct Driver {
    book: BookId,
    incarnation: [u8; 16],
    stream: Stream,
    connection: Connection,
    /// Which connection the stream was looked at by.
    connected: u64,
    reading: Reading,
    /// `None`, once it has ended.
    feed: Option<Feed>,
    machine: Machine,
    /// In the order in which the messages were sent.
    acks: VecDeque<Acknowledgement>,
    /// Whether a failure was told of, and nothing has succeeded since.
    is_interrupted: bool,
    pause: Duration,
    lag: metrics::Gauge,
}

/// Why the relay has to begin again.
#[derive(Debug, thiserror::Error)]
enum Interrupted {
    #[error("the stream can't be used")]
    Stream(#[from] StreamError),
    #[error("the journal can't be read")]
    Journal(#[from] ReadError),
    #[error("a message was not acknowledged")]
    Publish(#[from] PublishError),
    #[error(
        "the stream ends with entry `{stream}`, which is not in the journal; that ends with `{journal}`"
    )]
    OtherHistory { stream: Position, journal: Position },
}

impl Driver {
    async fn run(mut self) {
        loop {
            let done = match self.machine.step() {
                Step::Look => self.look().await,
                Step::Read(from) => self.read(from).await,
                Step::Send(stored) => self.send(stored).await,
                Step::Wait if self.feed.is_none() && self.acks.is_empty() => return,
                Step::Wait => self.wait().await,
            };
            if let Err(interrupted) = done {
                self.interrupted(&interrupted).await;
            }
            self.lag.set(self.machine.lag_entries() as f64);
        }
    }

    async fn look(&mut self) -> Result<(), Interrupted> {
        // What is asked of no server waits in the client, and all of it would be asked when there is one.
        let mut connection = self.connection.clone();
        self.connected = self.until(connection.up()).await;
        self.stream.ensure().await?;
        let stream = self.stream.last(self.book).await?;
        // An earlier journal of the book was given up, and is nothing to this one.
        let stream = stream.filter(|mark| mark.incarnation == self.incarnation);
        let stream = stream.map(|mark| mark.head);
        let ends = self.reading.ask(move |reader| {
            let there = match stream {
                Some(end) => reader.read(end.position, 1)?.first().map(|stored| stored.hash),
                None => None,
            };
            Ok(Ends { stream, there, journal: reader.head()?.position })
        });
        let ends = ends.await?;
        if let (Found::OtherHistory, Some(end)) = (self.machine.found(ends), stream) {
            let (stream, journal) = (end.position, ends.journal);
            return Err(Interrupted::OtherHistory { stream, journal });
        }
        if self.machine.lag_entries() == 0 {
            self.went_on();
        }
        Ok(())
    }

    async fn read(&mut self, from: Position) -> Result<(), Interrupted> {
        let entries = self.reading.ask(move |reader| reader.read(from, WINDOW)).await?;
        self.machine.read(entries);
        Ok(())
    }

    async fn send(&mut self, stored: Stored) -> Result<(), Interrupted> {
        // What the client keeps for the next server would stand there before what was lost on the way to this one.
        if !self.connection.is(self.connected) {
            self.lost();
            return Ok(());
        }
        let (book, position) = (self.book, stored.entry.position.0);
        let request = u128::from_be_bytes(stored.entry.origin.request);
        let span = debug_span!(
            "bus.publish", request = format_args!("{request:032x}"), otel.kind = "producer", %book, position
        );
        match self.stream.publish(book, self.incarnation, stored).instrument(span).await {
            Ok(acknowledgement) => self.acks.push_back(acknowledgement.into_future()),
            Err(error) if error.kind() == PublishErrorKind::MaxPayloadExceeded => {
                let error = &error as &dyn Error;
                tracing::error!(%book, position, error, "an entry is too large for NATS");
                self.machine.skipped();
            }
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    async fn wait(&mut self) -> Result<(), Interrupted> {
        tokio::select! {
            biased;
            () = self.connection.replaced(self.connected) => self.lost(),
            acknowledged = first(&mut self.acks) => {
                self.acks.pop_front();
                let PublishAck { sequence, duplicate, .. } = acknowledged?;
                self.machine.acknowledged(sequence, duplicate);
                self.went_on();
            }
            (delivery, head) = told(&mut self.feed) => self.take(delivery, head),
        }
        Ok(())
    }

    /// Waits for something else, and takes what the feed tells meanwhile: unread, it would stay in the writer's memory, and
    /// nobody would see how much the stream lacks.
    async fn until<T>(&mut self, something: impl Future<Output = T>) -> T {
        let mut something = pin!(something);
        loop {
            self.lag.set(self.machine.lag_entries() as f64);
            tokio::select! {
                biased;
                done = &mut something => return done,
                (delivery, head) = told(&mut self.feed) => self.take(delivery, head),
            }
        }
    }

    fn take(&mut self, delivery: Delivery, head: Position) {
        match delivery {
            Delivery::Batch(batch) => self.machine.told(&batch),
            Delivery::Missed => self.machine.missed(head),
            Delivery::Closed => {
                self.machine.missed(head);
                self.feed = None;
            }
        }
    }

    /// Tells of it once, and begins again after a pause, the longer the more often it has failed in a row.
    async fn interrupted(&mut self, why: &Interrupted) {
        self.lost();
        if !self.is_interrupted {
            let (book, error) = (self.book, why as &dyn Error);
            tracing::warn!(%book, error, "relay interrupted");
        }
        self.is_interrupted = true;
        self.until(tokio::time::sleep(self.pause)).await;
        self.pause = PAUSE_MAX.min(self.pause * 2);
    }

    /// Whatever is on its way, nobody knows what the stream has.
    fn lost(&mut self) {
        self.acks.clear();
        self.machine.lost();
    }

    fn went_on(&mut self) {
        (self.is_interrupted, self.pause) = (false, PAUSE);
    }
}

impl Drop for Driver {
    /// Whoever leads the book next tells how much the stream lacks.
    fn drop(&mut self) {
        self.lag.set(0.0);
    }
}

/// The acknowledgement of the message that was sent first.
async fn first(acks: &mut VecDeque<Acknowledgement>) -> Result<PublishAck, PublishError> {
    match acks.front_mut() {
        Some(first) => first.await,
        None => pending().await,
    }
}

/// What the feed tells, and the journal's end as far as it knows.
async fn told(feed: &mut Option<Feed>) -> (Delivery, Position) {
    match feed {
        Some(feed) => {
            let delivery = feed.next().await;
            (delivery, feed.head())
        }
        None => pending().await,
    }
}
