//! The processes that may lead books, and the way to them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use journal::Epoch;
use ledger::BookId;
use tonic::transport::{Channel, ClientTlsConfig, Endpoint};

use crate::proto::leadership_client::LeadershipClient;
use crate::proto::{LeaderRequest, LeaderResponse, Role};
use crate::tls::{ClientTls, TlsError};

/// How long a process may take to accept a connection, or to say what it knows.
pub(super) const SILENCE_MAX: Duration = Duration::from_secs(1);

/// How often a process is asked whether it is there. One that was stopped is noticed within this and [`SILENCE_MAX`].
const PING_INTERVAL: Duration = Duration::from_millis(500);

/// What a stream and a connection may receive before it is read.
const STREAM_WINDOW_BYTES: u32 = 4 << 20;
const CONNECTION_WINDOW_BYTES: u32 = 16 << 20;

/// How many processes are known by address at a time: those that were named, and those that these have named since.
const CONNECTIONS_MAX: usize = 64;

/// Processes that may lead books. Connections are made when they are needed, one to each process.
#[derive(Debug, Clone)]
pub struct Writers {
    addresses: Arc<[String]>,
    tls: Option<ClientTlsConfig>,
    channels: Arc<Mutex<BTreeMap<String, Channel>>>,
}

/// Why writers can't be reached.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The certificates can't be used.
    #[error("the client's certificates can't be used")]
    Tls(#[from] TlsError),
    /// An address is none.
    #[error("`{address}` is no address")]
    Address {
        /// What was given.
        address: String,
        /// Why not.
        source: tonic::transport::Error,
    },
}

impl Writers {
    /// Those at `addresses`, each a host and a port.
    pub fn new(addresses: Vec<String>, tls: Option<&ClientTls>) -> Result<Self, ConnectError> {
        let tls = tls.map(ClientTls::config).transpose()?;
        let writers = Self { addresses: addresses.into(), tls, channels: Arc::default() };
        for address in writers.addresses.iter() {
            writers.endpoint(address)?;
        }
        Ok(writers)
    }

    pub(super) fn addresses(&self) -> &[String] {
        &self.addresses
    }

    /// The connection to a process, which need not exist yet.
    pub(super) fn channel(&self, address: &str) -> Result<Channel, ConnectError> {
        let mut channels = self.channels.lock().expect("nobody panics while holding it");
        if let Some(channel) = channels.get(address) {
            return Ok(channel.clone());
        }
        let channel = self.endpoint(address)?.connect_lazy();
        if channels.len() == CONNECTIONS_MAX {
            channels.clear();
        }
        channels.insert(address.to_owned(), channel.clone());
        Ok(channel)
    }

    fn endpoint(&self, address: &str) -> Result<Endpoint, ConnectError> {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        let invalid = |source| ConnectError::Address { address: address.to_owned(), source };
        let endpoint = Endpoint::from_shared(format!("{scheme}://{address}"))
            .map_err(invalid)?
            .connect_timeout(SILENCE_MAX)
            .tcp_nodelay(true)
            .http2_keep_alive_interval(PING_INTERVAL)
            .keep_alive_timeout(SILENCE_MAX)
            .keep_alive_while_idle(true)
            .initial_stream_window_size(STREAM_WINDOW_BYTES)
            .initial_connection_window_size(CONNECTION_WINDOW_BYTES);
        match &self.tls {
            None => Ok(endpoint),
            Some(tls) => endpoint.tls_config(tls.clone()).map_err(invalid),
        }
    }
}

/// A process that leads a book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leader {
    /// Where it is reached.
    pub address: String,
    /// The claim under which it leads.
    pub epoch: Epoch,
}

/// The leader of a book, as the writers know it now; of several that think so, the one with the latest claim.
pub async fn leader(writers: &Writers, book: BookId) -> Option<Leader> {
    let asked = writers.addresses().iter().map(|address| ask(writers, book, address.clone()));
    let mut answers: FuturesUnordered<_> = asked.collect();
    let mut best: Option<Leader> = None;
    while let Some((_, answer)) = answers.next().await {
        if let Some(Word::Leads(leader)) = answer
            && best.as_ref().is_none_or(|best| best.epoch < leader.epoch)
        {
            best = Some(leader);
        }
    }
    best
}

/// What a process says of a book.
pub(super) enum Word {
    /// It leads it.
    Leads(Leader),
    /// It does not, and this one may.
    Follows(Option<String>),
}

/// Asks one process. Returns its address, too, and nothing else when it says nothing of use in time.
pub(super) async fn ask(
    writers: &Writers,
    book: BookId,
    address: String,
) -> (String, Option<Word>) {
    let answer = tokio::time::timeout(SILENCE_MAX, question(writers, book, &address)).await;
    let word = match answer.ok().flatten() {
        None => None,
        Some(LeaderResponse { role, epoch, leader }) => match (Role::try_from(role), epoch) {
            (Ok(Role::Leads), Some(epoch)) => {
                Some(Word::Leads(Leader { address: address.clone(), epoch: Epoch(epoch) }))
            }
            (Ok(Role::Follows), _) => Some(Word::Follows(leader)),
            (Ok(Role::Leads | Role::Unspecified) | Err(_), _) => None,
        },
    };
    (address, word)
}

async fn question(writers: &Writers, book: BookId, address: &str) -> Option<LeaderResponse> {
    let channel = writers.channel(address).ok()?;
    let request = LeaderRequest { book: Bytes::copy_from_slice(&book.0) };
    match LeadershipClient::new(channel).leader(request).await {
        Ok(response) => Some(response.into_inner()),
        Err(status) => {
            tracing::debug!(address, %status, "writer does not answer");
            None
        }
    }
}
