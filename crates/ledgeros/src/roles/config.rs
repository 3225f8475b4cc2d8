//! What a configuration file says. One file may be every role's: each looks at what concerns it.

use std::net::SocketAddr;
use std::path::PathBuf;

use daemon::config::{Admin, Log, SecretFile, Traces};
use gateway::RateLimits;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

/// The file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The folder that the roles share.
    pub data: PathBuf,
    /// What carries entries to those who follow; they read the journal, if not given.
    pub bus: Option<BusSection>,
    /// What a writer has to know.
    pub writer: Option<WriterSection>,
    /// What a gateway has to know.
    pub gateway: Option<GatewaySection>,
    /// What a courier may be told.
    #[serde(default)]
    pub courier: CourierSection,
    /// See [`Admin`].
    #[serde(default)]
    pub admin: Admin,
    /// See [`Log`].
    #[serde(default)]
    pub log: Log,
    /// See [`Traces`].
    #[serde(default)]
    pub traces: Traces,
}

/// `[bus]`: the NATS server that carries entries.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BusSection {
    /// Its URL. It names no user: `--dump-config` shows it.
    #[serde(deserialize_with = "without_user")]
    pub url: String,
    /// The credentials that it asks for.
    pub credentials_file: Option<SecretFile>,
    /// The authority that its certificate is signed by; those that browsers trust, if not given.
    pub ca_file: Option<PathBuf>,
}

fn without_user<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let url = String::deserialize(deserializer)?;
    if url.contains('@') {
        return Err(D::Error::custom("must name no user: `credentials_file` says who connects"));
    }
    Ok(url)
}

/// `[writer]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WriterSection {
    /// The folder of this writer's own anchors and snapshots.
    pub state: PathBuf,
    /// Where it listens for gRPC.
    pub listen: SocketAddr,
    /// The URL that gateways reach it at.
    pub advertise: String,
    /// Its certificate; no TLS, if not given.
    pub tls: Option<ServerTls>,
}

/// `[writer.tls]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerTls {
    /// Its certificate, and those up to the authority, as PEM.
    pub certificate_file: PathBuf,
    /// The certificate's key, as PEM.
    pub key_file: SecretFile,
    /// The authority that clients must have a certificate of; anybody is served, if not given.
    pub client_ca_file: Option<PathBuf>,
}

impl From<ServerTls> for rpc::tls::ServerTls {
    fn from(tls: ServerTls) -> Self {
        let ServerTls { certificate_file, key_file, client_ca_file } = tls;
        let key = key_file.path().to_owned();
        let identity = rpc::tls::KeyPair { certificate: certificate_file, key };
        Self { identity, client_ca: client_ca_file }
    }
}

/// `[gateway.tls]`: how a gateway speaks to the writers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientTls {
    /// The authority of the writers' certificates, as PEM.
    pub ca_file: PathBuf,
    /// This gateway's own certificate, where writers ask for one.
    pub identity: Option<Identity>,
}

/// `[gateway.tls.identity]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// The certificate, and those up to the authority, as PEM.
    pub certificate_file: PathBuf,
    /// The certificate's key, as PEM.
    pub key_file: SecretFile,
}

impl From<ClientTls> for rpc::tls::ClientTls {
    fn from(tls: ClientTls) -> Self {
        let identity = tls.identity.map(|Identity { certificate_file, key_file }| {
            let key = key_file.path().to_owned();
            rpc::tls::KeyPair { certificate: certificate_file, key }
        });
        Self { ca: tls.ca_file, identity }
    }
}

/// `[gateway]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GatewaySection {
    /// Where it listens for HTTP.
    pub listen: SocketAddr,
    /// The URLs of the writers.
    pub writers: Vec<String>,
    /// How many questions a key may ask in a minute; 0 is any number.
    #[serde(default = "reads_default")]
    pub reads_per_minute: u32,
    /// How many commands a key may send in a minute; 0 is any number.
    #[serde(default = "writes_default")]
    pub writes_per_minute: u32,
    /// How many cards a key may create in a minute; 0 is any number.
    #[serde(default = "cards_default")]
    pub cards_per_minute: u32,
    /// TLS to the writers; none, if not given.
    pub tls: Option<ClientTls>,
}

impl GatewaySection {
    /// What a key may do.
    pub fn limits(&self) -> RateLimits {
        RateLimits {
            reads: self.reads_per_minute,
            writes: self.writes_per_minute,
            cards: self.cards_per_minute,
        }
    }
}

/// `[courier]`.
#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CourierSection {
    /// Whether webhooks of sandbox books may go to addresses that only this machine or network reaches.
    pub allow_private_addresses: bool,
}

// As `serve` has them.
fn reads_default() -> u32 {
    120_000
}

fn writes_default() -> u32 {
    60_000
}

fn cards_default() -> u32 {
    6_000
}
