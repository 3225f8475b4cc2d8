//! Sections that every role has.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

/// `[log]`: what is logged, and how it looks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// How a line looks.
    pub format: LogFormat,
    /// What is logged, such as `info,writer=debug`.
    pub filter: String,
}

impl Default for Log {
    fn default() -> Self {
        Self { format: LogFormat::Auto, filter: "info".to_owned() }
    }
}

/// How a line of the log looks.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people on a terminal, JSON elsewhere.
    #[default]
    Auto,
    /// For people.
    Pretty,
    /// One JSON object a line.
    Json,
}

/// `[admin]`: where the admin port listens.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "AdminForm")]
pub struct Admin {
    /// Nowhere, if not given.
    pub listen: Option<SocketAddr>,
    /// Whether `listen` may be an address that others than this machine reach: the port asks for no key.
    pub allow_remote: bool,
}

/// What has to be checked.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct AdminForm {
    listen: Option<SocketAddr>,
    allow_remote: bool,
}

impl TryFrom<AdminForm> for Admin {
    type Error = String;

    fn try_from(AdminForm { listen, allow_remote }: AdminForm) -> Result<Self, String> {
        match listen {
            Some(address) if !address.ip().is_loopback() && !allow_remote => Err(format!(
                "`listen` is `{address}`, which is not a loopback address; `allow_remote = true` allows it"
            )),
            _ => Ok(Self { listen, allow_remote }),
        }
    }
}

/// `[traces]`: where spans are sent.
#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Traces {
    /// The URL of a collector that speaks OTLP over gRPC, such as `http://127.0.0.1:4317`. Nothing is traced, if not given.
    pub endpoint: Option<String>,
}
