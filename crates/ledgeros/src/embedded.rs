//! Every role in one process.

use std::net::SocketAddr;
use std::path::Path;

use anyhow::{Context, Result, bail};
use daemon::{Drained, Limits, Shutdown};
use gateway::keys::ServiceKey;
use gateway::{RateLimits, Service};
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::sync::mpsc::{self, UnboundedReceiver};
use tokio::task::{JoinHandle, spawn_blocking};
use tracing::warn;

use crate::folder::FirstKeys;
use crate::library::FolderLibrary;
use crate::service_key;

/// A ledger in this process: the books of a folder, each with its writer and read models, behind one gateway.
pub struct Embedded {
    address: SocketAddr,
    keys: FirstKeys,
    shutdown: Shutdown,
    server: JoinHandle<Drained>,
    library: FolderLibrary,
    /// Hears of every writer that has ended.
    ended: UnboundedReceiver<()>,
}

impl Embedded {
    /// Opens the folder, or makes it, and serves its books at `listen`. It accepts requests when this returns.
    pub async fn start(data: &Path, listen: SocketAddr) -> Result<Self> {
        Self::start_limited(data, listen, RateLimits::NONE).await
    }

    /// As [`Embedded::start`], where a key may make so many requests.
    pub async fn start_limited(
        data: &Path,
        listen: SocketAddr,
        limits: RateLimits,
    ) -> Result<Self> {
        let (sender, ended) = mpsc::unbounded_channel();
        // Who listens for the own machine only is on it, and so may be the receiver.
        let allows_private = listen.ip().is_loopback();
        if allows_private {
            // A proxy may stand before it, and let strangers in.
            warn!(%listen, "webhooks of sandbox books may reach private addresses");
        }
        let webhooks = courier::Options { allows_private, ..Default::default() };
        let (library, books) =
            FolderLibrary::open(data, Handle::current(), webhooks, sender).await?;
        let keys = library.default_keys();
        let folder = data.to_owned();
        let key = spawn_blocking(move || service_key::open_or_create(&folder)).await??;
        let key = ServiceKey::parse(&key).context("there is no key in `service.key`")?;
        let service = Service::new(books, key, library.clone(), limits);

        let listener = TcpListener::bind(listen)
            .await
            .with_context(|| format!("`{listen}` can't be listened at"))?;
        let address = listener.local_addr()?;
        let shutdown = Shutdown::new();
        let router = gateway::router(service);
        let limits = Limits::default();
        let server = tokio::spawn(daemon::serve(listener, router, shutdown.clone(), limits));
        Ok(Self { address, keys, shutdown, server, library, ended })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The keys that the folder's own book began with.
    pub fn keys(&self) -> &FirstKeys {
        &self.keys
    }

    /// Serves until `shutdown` is triggered, then drains. A writer that stops by itself ends it, too.
    pub async fn run_until(mut self, shutdown: &Shutdown) -> Result<()> {
        tokio::select! {
            () = shutdown.triggered() => self.stop().await,
            _ = self.ended.recv() => {
                self.stop().await?;
                bail!("a writer has stopped")
            }
        }
    }

    /// Answers what it has begun, writes what it has accepted, and closes the folders.
    pub async fn stop(self) -> Result<()> {
        self.shutdown.trigger();
        let drained = self.server.await?;
        self.library.close().await?;
        match drained {
            Drained::Clean => Ok(()),
            Drained::Cut { connections } => bail!("{connections} connections were cut"),
        }
    }
}
