//! The roles of a service in one process: what tests play on that can't have processes for each of their ledgers. The same
//! code as in processes, over the same ports: gRPC, NATS, PostgreSQL.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use daemon::config::{Admin, Log, Traces};
use daemon::{Checks, Shutdown};
use projector::ReadModel;
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
    pub fn start(data: &Path, state: PathBuf, bus: &str) -> Result<Self> {
        let (address, writer) = (free_address()?, free_address()?);
        let config = Config {
            data: data.to_owned(),
            bus: Some(BusSection { url: bus.to_owned(), credentials_file: None, ca_file: None }),
            writer: Some(WriterSection {
                state,
                listen: writer,
                advertise: writer.to_string(),
                tls: None,
            }),
            gateway: Some(GatewaySection {
                listen: address,
                writers: vec![writer.to_string()],
                reads_per_minute: 0,
                writes_per_minute: 0,
                cards_per_minute: 0,
                tls: None,
            }),
            courier: CourierSection::default(),
            admin: Admin::default(),
            log: Log::default(),
            traces: Traces::default(),
        };
        let (mut behind, mut front) = (Part::new(), Part::new());
        let (its, shutdown) = (config.clone(), behind.shutdown.clone());
        behind
            .roles
            .spawn(async move { writer::run(its, &shutdown, &Checks::new(&shutdown)).await });
        for model in ReadModel::ALL {
            let (its, shutdown) = (config.clone(), behind.shutdown.clone());
            behind.roles.spawn(async move {
                projectors::run(model, its, &shutdown, &Checks::new(&shutdown)).await
            });
        }
        let shutdown = front.shutdown.clone();
        front
            .roles
            .spawn(async move { gateway::run(config, &shutdown, &Checks::new(&shutdown)).await });
        Ok(Self { address, gateway: front, behind })
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

/// An address that nobody listens at.
fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}
