//! The log.

use std::{
    env,
    ffi::OsString,
    io::{self, IsTerminal},
    panic::{self, PanicHookInfo},
};

use tracing::error;
use tracing_subscriber::{
    EnvFilter,
    filter::ParseError,
    util::{SubscriberInitExt, TryInitError},
};

/// The environment variable that says what is logged, as `tracing-subscriber` writes filters:
/// `info,writer=debug`.
pub const FILTER_VARIABLE: &str = "LEDGEROS_LOG";

const FILTER_DEFAULT: &str = "info";

/// How a line of the log looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people; coloured when stderr is a terminal.
    Text,
    /// One JSON object a line.
    Json,
}

/// Why there is no log.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// [`FILTER_VARIABLE`] is not a filter.
    #[error("`{FILTER_VARIABLE}` is not a log filter: `{filter}`")]
    Filter {
        /// What it says instead.
        filter: String,
        /// What the parser met.
        source: ParseError,
    },
    /// The process has a log already.
    #[error("the log was started before")]
    Started(#[from] TryInitError),
}

/// Starts the process's log: to stderr, at `info` unless [`FILTER_VARIABLE`] says otherwise. Panics are logged there, too.
pub fn init(format: Format) -> Result<(), TelemetryError> {
    let log = tracing_subscriber::fmt()
        .with_writer(io::stderr)
        // It would tell stderr that stderr can't be written to, and panic: the log's disk may be the full one.
        .log_internal_errors(false)
        .with_env_filter(filter(env::var_os(FILTER_VARIABLE))?);
    match format {
        Format::Text => log.with_ansi(io::stderr().is_terminal()).finish().try_init()?,
        Format::Json => log.json().finish().try_init()?,
    }
    panic::set_hook(Box::new(log_panic));
    Ok(())
}

/// Says where a panic was. What it says is logged only if it is fixed text: a composed one may hold names or numbers of cards.
fn log_panic(panic: &PanicHookInfo<'_>) {
    let location = panic.location().map(ToString::to_string);
    let fixed_text = panic.payload().downcast_ref::<&str>();
    error!(location, fixed_text, "panicked");
}

fn filter(variable: Option<OsString>) -> Result<EnvFilter, TelemetryError> {
    let filter = variable.unwrap_or_else(|| FILTER_DEFAULT.into()).to_string_lossy().into_owned();
    EnvFilter::builder().parse(&filter).map_err(|source| TelemetryError::Filter { filter, source })
}

#[cfg(test)]
mod tests;
