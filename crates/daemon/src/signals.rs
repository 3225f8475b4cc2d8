//! SIGINT and SIGTERM.

use std::{io, process, thread};

use tokio::{
    runtime::{self, Runtime},
    signal::unix::{Signal, SignalKind, signal},
};

use crate::Shutdown;

/// The first signal triggers `shutdown`. The second ends the process with 128 plus its number, as shells
/// report it: 130 for SIGINT, 143 for SIGTERM. Nothing is flushed then; what was acknowledged is durable
/// already.
///
/// Signals are heard from the moment this returns, on a thread of their own: a role whose threads are all
/// stuck still ends at the second.
pub fn install(shutdown: Shutdown) -> io::Result<()> {
    let runtime = runtime::Builder::new_current_thread().enable_io().build()?;
    let signals = {
        let _context = runtime.enter();
        Signals::listen()?
    };
    thread::Builder::new()
        .name("signals".into())
        .spawn(move || obey(&runtime, signals, &shutdown))?;
    Ok(())
}

/// Logs nothing: a log that nobody reads would block it.
fn obey(runtime: &Runtime, mut signals: Signals, shutdown: &Shutdown) {
    runtime.block_on(signals.next());
    shutdown.trigger();
    let second = runtime.block_on(signals.next());
    process::exit(128 + second.as_raw_value());
}

struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    fn listen() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) -> SignalKind {
        tokio::select! {
            _ = self.interrupt.recv() => SignalKind::interrupt(),
            _ = self.terminate.recv() => SignalKind::terminate(),
        }
    }
}

#[cfg(test)]
mod tests;
