//! The roles of a service in one process: what tests play on that can't have processes for each of their ledgers. The same
//! code as in processes, over the same ports: gRPC, NATS, PostgreSQL.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use daemon::config::{Admin, Log, Traces};
use daemon::{Checks, Shutdown};
use projector::ReadModel;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::roles::config::{BusSection, Config, CourierSection, GatewaySection, WriterSection};
use crate::roles::{gateway, projector as projectors, writer};

/// A writer, the projectors and a gateway on a data folder with a book in it.
pub struct Services {
    address: SocketAddr,
    gateway: Part,
    behind: Part,
}

/// Roles that end together.
struct Part {
    shutdown: Shutdown,
    roles: JoinSet<Result<()>>,
}

impl Services {
    /// Starts them. The gateway listens when this returns; its read models may not be there yet.
    pub async fn start(data: &Path, state: PathBuf, bus: &str) -> Result<Self> {
        let (front, inner) = (any_port().await?, any_port().await?);
        let (address, writer) = (front.local_addr()?, inner.local_addr()?);
        let own = WriterSection { state, listen: writer, advertise: writer.to_string(), tls: None };
        let public = GatewaySection {
            listen: address,
            writers: vec![writer.to_string()],
            reads_per_minute: 0,
            writes_per_minute: 0,
            cards_per_minute: 0,
            tls: None,
        };
        let common = Config {
            data: data.to_owned(),
            bus: Some(BusSection { url: bus.to_owned(), credentials_file: None, ca_file: None }),
            writer: None,
            gateway: None,
            courier: CourierSection::default(),
            admin: Admin::default(),
            log: Log::default(),
            traces: Traces::default(),
        };

        let mut behind = Part::new();
        let (its, shutdown) = (common.clone(), behind.shutdown.clone());
        behind.roles.spawn(async move {
            let checks = Checks::new(&shutdown);
            writer::serve(inner, own, &its.data, its.bus.as_ref(), &shutdown, &checks).await
        });
        for model in ReadModel::ALL {
            let (its, shutdown) = (common.clone(), behind.shutdown.clone());
            behind.roles.spawn(async move {
                projectors::run(model, its, &shutdown, &Checks::new(&shutdown)).await
            });
        }
        let mut gateway = Part::new();
        let shutdown = gateway.shutdown.clone();
        gateway.roles.spawn(async move {
            let checks = Checks::new(&shutdown);
            gateway::serve(front, public, common.data, &shutdown, &checks).await
        });
        Ok(Self { address, gateway, behind })
    }

    /// Where the gateway listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends them in order, the gateway first.
    pub async fn stop(self) -> Result<()> {
        self.gateway.stop().await.and(self.behind.stop().await)
    }
}

impl Part {
    fn new() -> Self {
        Self { shutdown: Shutdown::new(), roles: JoinSet::new() }
    }

    async fn stop(mut self) -> Result<()> {
        self.shutdown.trigger();
        let mut result = Ok(());
        while let Some(ended) = self.roles.join_next().await {
            result = result.and(ended.context("a role has panicked").and_then(|ended| ended));
        }
        result
    }
}

/// A port that is ours from now on.
async fn any_port() -> Result<TcpListener> {
    Ok(TcpListener::bind(("127.0.0.1", 0)).await?)
}
