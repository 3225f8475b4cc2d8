//! The roles of a service as processes of their own: what `serve` has in one, with other ports.
//!
//! A role loads its configuration, starts its log, its traces and its admin port, runs for every book of the folder until a
//! signal, and ends in order.

use std::net::SocketAddr;
use std::process::ExitCode;

use ::projector::ReadModel;
use anyhow::{Context, Result};
use bus::Stream;
use clap::{Args, Subcommand};
use daemon::config::{Arguments, Log, Purpose};
use daemon::{AdminPort, Checks, Exposition, Shutdown, Spans, signals, telemetry};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::watch;

pub mod config;

mod courier;
pub(crate) mod gateway;
pub(crate) mod projector;
mod roster;
pub(crate) mod writer;

use config::{BusSection, Config};

use crate::output::print;

/// `ledgeros writer`, `projector`, `courier`, `gateway`.
#[derive(Debug, Subcommand)]
pub(crate) enum Roles {
    /// Leads books, or stands by to take them over.
    Writer(Arguments),
    /// Keeps a read model of each book.
    Projector(ProjectorArguments),
    /// Delivers webhooks.
    Courier(Arguments),
    /// Serves the API in front of writers and read models that run elsewhere.
    Gateway(Arguments),
}

#[derive(Debug, Args)]
pub(crate) struct ProjectorArguments {
    /// balances, transactions, intents or directory.
    #[arg(value_parser = read_model)]
    model: ReadModel,
    #[command(flatten)]
    arguments: Arguments,
}

impl Roles {
    /// Runs the role until a signal.
    pub(crate) fn run(self) -> Result<ExitCode> {
        match self {
            Self::Writer(arguments) => run("writer", &arguments, writer::run),
            Self::Projector(ProjectorArguments { model, arguments }) => {
                run("projector", &arguments, async |config, shutdown, checks| {
                    projector::run(model, config, shutdown, checks).await
                })
            }
            Self::Courier(arguments) => run("courier", &arguments, courier::run),
            Self::Gateway(arguments) => run("gateway", &arguments, gateway::run),
        }
    }
}

/// Does with a role's configuration what the arguments say: runs it, checks it, prints it.
fn run(
    name: &'static str,
    arguments: &Arguments,
    role: impl AsyncFnOnce(Config, &Shutdown, &Checks) -> Result<()>,
) -> Result<ExitCode> {
    let loaded = arguments.load::<Config>();
    // What is wrong with a configuration is logged, too.
    let runtime = Runtime::new()?;
    let (log, spans) = match &loaded {
        Ok(Purpose::Run(config)) => {
            let spans = runtime.block_on(async { Spans::start(name, &config.traces) });
            (config.log.clone(), spans)
        }
        Ok(Purpose::Check | Purpose::Dump(_)) | Err(_) => (Log::default(), Ok(None)),
    };
    telemetry::init(&log, spans.as_ref().ok().and_then(Option::as_ref))?;
    let spans = spans?;
    let config = match loaded? {
        Purpose::Check => return print("the configuration is well\n"),
        Purpose::Dump(text) => return print(&text),
        Purpose::Run(config) => config,
    };
    let shutdown = Shutdown::new();
    signals::install(shutdown.clone())?;
    let checks = Checks::new(&shutdown);
    runtime.block_on(async {
        let port = match config.admin.listen {
            None => None,
            Some(listen) => {
                Some(AdminPort::start(listen, Exposition::install()?, checks.clone()).await?)
            }
        };
        let ended = role(config, &shutdown, &checks).await;
        if let Some(port) = port {
            port.stop().await;
        }
        if let Some(spans) = spans {
            spans.close().await;
        }
        ended
    })?;
    Ok(ExitCode::SUCCESS)
}

fn read_model(text: &str) -> Result<ReadModel, String> {
    let known = ReadModel::ALL.into_iter().find(|model| model.name() == text);
    known.ok_or_else(|| format!("`{text}` is no read model"))
}

async fn listen(address: SocketAddr) -> Result<TcpListener> {
    let listener = TcpListener::bind(address).await;
    listener.with_context(|| format!("`{address}` can't be listened at"))
}

/// Connects to the bus, if there is one. One that is away comes back.
async fn connect(section: Option<&BusSection>) -> Result<Option<Stream>> {
    let Some(section) = section else { return Ok(None) };
    let BusSection { url, credentials_file, ca_file } = section.clone();
    let credentials = credentials_file.map(|file| file.path().to_owned());
    let options = bus::Options { url, credentials, authorities: ca_file };
    Ok(Some(Stream::connect(&options).await?))
}

/// Whether what tells of its progress goes on, or why not. One that panics tells no more, and no reason.
fn standing<P>(
    progress: &watch::Receiver<P>,
    stopped: impl FnOnce(&P) -> Option<String>,
) -> Result<(), String> {
    match stopped(&progress.borrow()) {
        Some(reason) => Err(reason),
        None if progress.has_changed().is_err() => Err("it has panicked".to_owned()),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_panics_does_not_stand() {
        let (sender, progress) = watch::channel(None);
        let told = || standing(&progress, |reason: &Option<String>| reason.clone());
        assert_eq!(told(), Ok(()));
        sender.send(Some("a reason".to_owned())).expect("somebody listens");
        assert_eq!(told(), Err("a reason".to_owned()));
        sender.send(None).expect("somebody listens");
        drop(sender);
        assert_eq!(told(), Err("it has panicked".to_owned()));
    }
}
