//! What a role's configuration file says.

use std::net::SocketAddr;
use std::path::PathBuf;

use daemon::config::{Admin, Log, SecretFile, Traces};
use gateway::RateLimits;
use serde::{Deserialize, Serialize};

/// `[bus]`: the NATS server that carries entries.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BusSection {
    /// Its URL.
    pub url: String,
    /// The credentials that it asks for.
    pub credentials_file: Option<SecretFile>,
    /// The authority that its certificate is signed by; those that browsers trust, if not given.
    pub ca_file: Option<PathBuf>,
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

/// `[gateway.tls]`: how a gateway speaks to the writers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientTls {
    /// The authority of the writers' certificates, as PEM.
    pub ca_file: PathBuf,
    /// This gateway's own certificate, where writers ask for one.
    pub certificate_file: Option<PathBuf>,
    /// Its key.
    pub key_file: Option<SecretFile>,
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
    /// Whether webhooks may go to addresses that only this machine or network reaches.
    pub allow_private_addresses: bool,
}

/// A writer's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WriterConfig {
    /// The folder that the roles share.
    pub data: PathBuf,
    /// What is the writer's.
    pub writer: WriterSection,
    /// Where entries are published; nowhere, if not given.
    pub bus: Option<BusSection>,
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

/// A projector's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProjectorConfig {
    /// The folder that the roles share.
    pub data: PathBuf,
    /// Where entries come from; from the journal, if not given.
    pub bus: Option<BusSection>,
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

/// A courier's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CourierConfig {
    /// The folder that the roles share.
    pub data: PathBuf,
    /// What is the courier's.
    #[serde(default)]
    pub courier: CourierSection,
    /// Where entries come from; from the journal, if not given.
    pub bus: Option<BusSection>,
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

/// A gateway's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GatewayConfig {
    /// The folder that the roles share.
    pub data: PathBuf,
    /// What is the gateway's.
    pub gateway: GatewaySection,
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
