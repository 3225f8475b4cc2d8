//! `ledgeros serve`: every role in one process, until a signal.

use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use daemon::{Shutdown, signals};

use crate::embedded::Embedded;

/// Serves the folder. Exits with 0 after a drain that lost no request.
pub(crate) fn run(data: &Path, listen: SocketAddr) -> Result<ExitCode> {
    let shutdown = Shutdown::new();
    signals::install(shutdown.clone())?;
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let ledger = Embedded::start(data, listen).await?;
        writeln!(std::io::stdout(), "listening on http://{}", ledger.address())?;
        ledger.run_until(&shutdown).await
    })?;
    Ok(ExitCode::SUCCESS)
}
