//! `ledgeros serve`: every role in one process, until a signal.

use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use daemon::{Shutdown, signals};
use gateway::RateLimits;

use crate::embedded::Embedded;

/// How many requests a key may make in a minute. 0 is any number.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct LimitOptions {
    /// How many questions a key may ask in a minute; 0 is any number.
    #[arg(long, default_value_t = 120_000)]
    reads_per_minute: u32,
    /// How many commands a key may send in a minute; 0 is any number.
    #[arg(long, default_value_t = 60_000)]
    writes_per_minute: u32,
    /// How many cards a key may create in a minute; 0 is any number.
    #[arg(long, default_value_t = 6_000)]
    cards_per_minute: u32,
}

/// Serves the folder. Exits with 0 after a drain that lost no request.
pub(crate) fn run(data: &Path, listen: SocketAddr, limits: LimitOptions) -> Result<ExitCode> {
    let limits = RateLimits {
        reads: limits.reads_per_minute,
        writes: limits.writes_per_minute,
        cards: limits.cards_per_minute,
    };
    let shutdown = Shutdown::new();
    signals::install(shutdown.clone())?;
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let ledger = Embedded::start_limited(data, listen, limits).await?;
        writeln!(std::io::stdout(), "listening on http://{}", ledger.address())?;
        ledger.run_until(&shutdown).await
    })?;
    Ok(ExitCode::SUCCESS)
}
