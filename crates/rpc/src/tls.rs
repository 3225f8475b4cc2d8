//! Who may talk to whom: certificates of servers, and of clients where servers want them.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tonic::transport::{Certificate, ClientTlsConfig, Identity, ServerTlsConfig};

/// How long a client has for its handshake: what was lost three times arrives after seven seconds, as TCP sends it again after
/// 1, 2 and 4.
pub(crate) const HANDSHAKE_MAX: Duration = Duration::from_secs(10);

/// A certificate chain and its private key, as PEM files.
#[derive(Debug, Clone)]
pub struct KeyPair {
    /// The chain, its own certificate first.
    pub certificate: PathBuf,
    /// The key.
    pub key: PathBuf,
}

/// How a server shows who it is.
#[derive(Debug, Clone)]
pub struct ServerTls {
    /// Its own.
    pub identity: KeyPair,
    /// Who has signed the certificates of those that may come, as a PEM file; everybody may, if not said.
    pub client_ca: Option<PathBuf>,
}

/// How a client knows servers, and they it.
#[derive(Debug, Clone)]
pub struct ClientTls {
    /// Who has signed the servers' certificates, as a PEM file.
    pub ca: PathBuf,
    /// Its own, for servers that want one.
    pub identity: Option<KeyPair>,
}

/// A file that can't be read.
#[derive(Debug, thiserror::Error)]
#[error("`{}` can't be read", path.display())]
pub struct TlsError {
    path: PathBuf,
    source: std::io::Error,
}

impl ServerTls {
    pub(crate) fn config(&self, handshake: Duration) -> Result<ServerTlsConfig, TlsError> {
        let config = ServerTlsConfig::new().identity(self.identity.read()?).timeout(handshake);
        Ok(match &self.client_ca {
            None => config,
            Some(ca) => config.client_ca_root(Certificate::from_pem(read(ca)?)),
        })
    }
}

impl ClientTls {
    pub(crate) fn config(&self) -> Result<ClientTlsConfig, TlsError> {
        let config = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(read(&self.ca)?));
        Ok(match &self.identity {
            None => config,
            Some(identity) => config.identity(identity.read()?),
        })
    }
}

impl KeyPair {
    fn read(&self) -> Result<Identity, TlsError> {
        Ok(Identity::from_pem(read(&self.certificate)?, read(&self.key)?))
    }
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    std::fs::read(path).map_err(|source| TlsError { path: path.to_owned(), source })
}
