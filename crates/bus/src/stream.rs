//! The connection to NATS, and the stream.

use std::error::Error;
use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_nats::jetstream::ErrorCode;
use async_nats::jetstream::consumer::{AckPolicy, Consumer, DeliverPolicy, pull};
use async_nats::jetstream::context::{Context, ContextBuilder, PublishAckFuture, PublishError};
use async_nats::jetstream::stream::{
    Config, DiscardPolicy, LastRawMessageErrorKind, RetentionPolicy, StorageType,
};
use async_nats::{Client, ConnectOptions, Event, ServerAddr, Subject};
use bytes::Bytes;
use journal::Stored;
use journal::anchor::Mark;
use ledger::BookId;
use tokio::sync::watch;

use crate::Options;
use crate::follower::machine::PENDING_MAX;
use crate::message;

/// The name of the stream.
const NAME: &str = "ledgeros";

/// What the stream keeps at most: some hundred thousand entries, minutes of a busy service. Who is further behind reads the
/// journal faster.
const BYTES_MAX: i64 = 256 * 1024 * 1024;

/// How long a message that comes again is dropped: longer than a relay goes on trying before it looks at the stream.
const REPEATS_WITHIN: Duration = Duration::from_secs(120);

/// How long a server may take to answer. One that is well takes milliseconds.
pub(crate) const ANSWER_MAX: Duration = Duration::from_secs(2);

/// How often a silent connection is tried: it counts as lost after three times as long.
const PING_EVERY: Duration = Duration::from_secs(2);

/// How long to wait before a connection is tried again: at first, and at most after it has failed again and again.
const RECONNECT: Duration = Duration::from_millis(50);
const RECONNECT_MAX: Duration = Duration::from_secs(1);

/// The oldest server that the stream is safe with.
const VERSION_MIN: (i64, i64) = (2, 12);

/// How long a follower may take to do what it was given before it is given it again: longer than any transaction.
const REDELIVER_AFTER: Duration = Duration::from_secs(30);

/// The stream that carries the entries of all books, and the connection to its server. Clones share it.
#[derive(Debug, Clone)]
pub struct Stream {
    client: Client,
    context: Context,
    connection: Connection,
    was_warned: Arc<AtomicBool>,
}

/// What is known of the connection, now and later.
#[derive(Debug, Clone)]
pub(crate) struct Connection(watch::Receiver<State>);

#[derive(Debug, Default)]
struct State {
    is_up: bool,
    /// How often it has come about.
    count: u64,
    /// Whether it was told why there is none.
    was_told: bool,
}

impl Connection {
    /// Waits until there is one. Which one it is.
    pub(crate) async fn up(&mut self) -> u64 {
        let count = self.0.wait_for(|state| state.is_up).await.map(|state| state.count);
        match count {
            Ok(count) => count,
            Err(_) => pending().await,
        }
    }

    /// Whether it is there still.
    pub(crate) fn is(&self, which: u64) -> bool {
        let state = self.0.borrow();
        state.is_up && state.count == which
    }

    /// Waits until there is another one.
    pub(crate) async fn replaced(&mut self, which: u64) {
        let replaced = self.0.wait_for(|state| state.count != which).await.map(drop);
        if replaced.is_err() {
            pending().await
        }
    }
}

/// Why NATS can't be connected to, now or ever.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The file can't be read, or holds something else.
    #[error("the credentials for NATS can't be read")]
    Credentials(#[source] std::io::Error),
    /// It may hold a password, and is not shown.
    #[error("the URL of NATS is none")]
    Url,
    /// The certificates are of no use.
    #[error("NATS can't be connected to with these options")]
    Options(#[source] async_nats::ConnectError),
}

/// Why the stream does not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// No answer, or one that says no.
    #[error("NATS does not {what}")]
    Failed {
        /// What was asked.
        what: &'static str,
        /// What it said.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// There is a stream of this name that is not like ours, or the server has ignored what it does not know.
    #[error("the stream `{NAME}` has `{setting}` at `{found}`, not at `{wanted}`")]
    Differs {
        /// The setting.
        setting: &'static str,
        /// What it should be.
        wanted: String,
        /// What it is.
        found: String,
    },
}

impl Stream {
    /// Begins to connect, and goes on trying for ever. Returns at once, also when no server answers yet.
    pub async fn connect(options: &Options) -> Result<Self, ConnectError> {
        let Options { url, credentials, authorities } = options;
        let (sender, connection) = watch::channel(State::default());
        let mut connect = ConnectOptions::new()
            .name(NAME)
            .retry_on_initial_connect()
            .max_reconnects(None)
            .connection_timeout(ANSWER_MAX)
            .request_timeout(Some(ANSWER_MAX))
            .ping_interval(PING_EVERY)
            .reconnect_delay_callback(|attempts| {
                let attempts = attempts.try_into().unwrap_or(u32::MAX);
                RECONNECT.saturating_mul(attempts).min(RECONNECT_MAX)
            })
            .event_callback(move |event| {
                note(&sender, &event);
                async {}
            });
        if let Some(path) = authorities {
            connect = connect.add_root_certificates(path.clone()).require_tls(true);
        }
        if let Some(path) = credentials {
            connect = connect.credentials_file(path).await.map_err(ConnectError::Credentials)?;
        }
        let servers = url.split(',').map(str::parse).collect::<Result<Vec<ServerAddr>, _>>();
        let servers = servers.map_err(|_| ConnectError::Url)?;
        let named =
            servers.iter().find_map(|server| Some((server.username()?, server.password()?)));
        if let Some((user, password)) = named {
            connect = connect.user_and_password(user.to_owned(), password.to_owned());
        }
        let client = connect.connect(servers).await.map_err(ConnectError::Options)?;
        let context = ContextBuilder::new().timeout(ANSWER_MAX).build(client.clone());
        Ok(Self { client, context, connection: Connection(connection), was_warned: Arc::default() })
    }

    /// Makes the stream, or checks the one that is there.
    pub async fn ensure(&self) -> Result<(), StreamError> {
        let wanted = wanted();
        let stream = self.context.get_or_create_stream(wanted.clone()).await;
        let stream = stream.map_err(failed("make or show the stream"))?;
        self.warn_of_old_server();
        check(&wanted, &stream.cached_info().config)
    }

    /// The entry that the stream's last message of a book carries: how far that journal of it once was, as long as the stream
    /// keeps it. What can't be read as such is none of ours.
    pub async fn last(&self, book: BookId) -> Result<Option<Mark>, StreamError> {
        let stream =
            self.context.get_stream_no_info(NAME).await.map_err(failed("find a stream"))?;
        match stream.get_last_raw_message_by_subject(&message::subjects(book)).await {
            Ok(last) => Ok(message::mark(book, &last.headers)),
            Err(error) => match error.kind() {
                LastRawMessageErrorKind::NoMessageFound => Ok(None),
                LastRawMessageErrorKind::JetStream(said)
                    if said.error_code() == ErrorCode::STREAM_NOT_FOUND =>
                {
                    Ok(None)
                }
                LastRawMessageErrorKind::InvalidSubject
                | LastRawMessageErrorKind::JetStream(_)
                | LastRawMessageErrorKind::Other => Err(failed("show its last message")(error)),
            },
        }
    }

    /// Sends an entry. Its acknowledgement is waited for apart.
    pub(crate) async fn publish(
        &self,
        book: BookId,
        incarnation: [u8; 16],
        stored: Stored,
    ) -> Result<PublishAckFuture, PublishError> {
        let subject = message::subject(book, &stored);
        let headers = message::headers(book, incarnation, &stored);
        self.context.publish_with_headers(subject, headers, Bytes::from(stored.bytes)).await
    }

    /// The consumer of a follower, made if it is not there.
    pub(crate) async fn consumer(
        &self,
        book: BookId,
        name: &str,
    ) -> Result<Consumer<pull::Config>, StreamError> {
        let subjects = message::subjects(book);
        let wanted = pull::Config {
            durable_name: Some(format!("{book}-{name}")),
            // What was before, the follower's reader has read or will read from the journal.
            deliver_policy: DeliverPolicy::New,
            ack_policy: AckPolicy::All,
            ack_wait: REDELIVER_AFTER,
            max_ack_pending: PENDING_MAX as i64,
            filter_subject: subjects.clone(),
            ..pull::Config::default()
        };
        let made = self.context.create_consumer_on_stream(wanted, NAME).await;
        let consumer = made.map_err(failed("make a consumer"))?;
        let found = &consumer.cached_info().config.filter_subject;
        differs("filter_subject", &subjects, found)?;
        Ok(consumer)
    }

    /// Says that a message, and all that came before it, need not be brought again.
    pub(crate) async fn acknowledge(&self, reply: Subject) {
        // What is lost is acknowledged with the next one.
        let _ = self.client.publish(reply, Bytes::from_static(b"+ACK")).await;
    }

    /// What is known of the connection, now and later.
    pub(crate) fn connection(&self) -> Connection {
        self.connection.clone()
    }

    fn warn_of_old_server(&self) {
        let info = self.client.server_info();
        let (major, minor) = VERSION_MIN;
        if !self.client.is_server_compatible(major, minor, 0)
            && !self.was_warned.swap(true, Ordering::Relaxed)
        {
            let found = info.version;
            tracing::warn!(
                found,
                "NATS is older than `{major}.{minor}`: it may ignore settings without a word, and lose the stream when it is \
                 killed"
            );
        }
    }
}

fn note(state: &watch::Sender<State>, event: &Event) {
    match event {
        Event::Connected => state.send_modify(|state| {
            (state.is_up, state.was_told) = (true, false);
            state.count += 1;
        }),
        Event::Disconnected | Event::Closed => state.send_modify(|state| state.is_up = false),
        Event::ServerError(_) | Event::ClientError(_) => {
            state.send_if_modified(|state| {
                if !std::mem::replace(&mut state.was_told, true) {
                    tracing::warn!(error = %event, "NATS does not take the connection, or ends it");
                }
                false
            });
        }
        Event::LameDuckMode | Event::Draining | Event::SlowConsumer(_) => {}
    }
}

fn wanted() -> Config {
    Config {
        name: NAME.to_owned(),
        subjects: vec![format!("{}.>", message::PREFIX)],
        storage: StorageType::File,
        retention: RetentionPolicy::Limits,
        discard: DiscardPolicy::Old,
        max_bytes: BYTES_MAX,
        duplicate_window: REPEATS_WITHIN,
        ..Config::default()
    }
}

/// Compares what the carrier rests on. How much is kept, and how often, is the operator's.
fn check(wanted: &Config, found: &Config) -> Result<(), StreamError> {
    differs("subjects", &wanted.subjects, &found.subjects)?;
    differs("storage", &wanted.storage, &found.storage)?;
    differs("retention", &wanted.retention, &found.retention)?;
    differs("discard", &wanted.discard, &found.discard)?;
    differs("no_ack", &wanted.no_ack, &found.no_ack)?;
    differs("sealed", &wanted.sealed, &found.sealed)
}

fn differs<T: PartialEq + std::fmt::Debug>(
    setting: &'static str,
    wanted: &T,
    found: &T,
) -> Result<(), StreamError> {
    if wanted == found {
        return Ok(());
    }
    let (wanted, found) = (format!("{wanted:?}"), format!("{found:?}"));
    Err(StreamError::Differs { setting, wanted, found })
}

fn failed<E: Error + Send + Sync + 'static>(what: &'static str) -> impl FnOnce(E) -> StreamError {
    move |error| StreamError::Failed { what, source: Box::new(error) }
}
