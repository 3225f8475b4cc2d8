//! The log.

use std::{
    env,
    ffi::OsString,
    io::{self, IsTerminal},
    panic::{self, PanicHookInfo},
};

use tracing::error;
use tracing_subscriber::{
    EnvFilter, Layer,
    filter::{ParseError, filter_fn},
    fmt,
    layer::SubscriberExt,
    registry,
    util::{SubscriberInitExt, TryInitError},
};

use crate::Spans;
use crate::config::{Log, LogFormat};
use crate::spans::is_traced;

/// The environment variable that says what is logged, as `tracing-subscriber` writes filters:
/// `info,writer=debug`. It goes before a configuration's [`Log::filter`].
pub const FILTER_VARIABLE: &str = "LEDGEROS_LOG";

/// Why there is no log.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// What is to be logged is not a filter.
    #[error("`{variable_or_key}` is not a log filter: `{filter}`")]
    Filter {
        /// Where it stands.
        variable_or_key: &'static str,
        /// What it says instead.
        filter: String,
        /// What the parser met.
        source: ParseError,
    },
    /// The process has a log already.
    #[error("the log was started before")]
    Started(#[from] TryInitError),
}

/// Starts the process's log, to stderr, and its traces, if there are any. Panics are logged, too.
pub fn init(log: &Log, spans: Option<&Spans>) -> Result<(), TelemetryError> {
    let filter = filter(env::var_os(FILTER_VARIABLE), log)?;
    let is_terminal = io::stderr().is_terminal();
    let lines = fmt::layer()
        .with_writer(io::stderr)
        // It would tell stderr that stderr can't be written to, and panic: the log's disk may be the full one.
        .log_internal_errors(false);
    let lines = match is_json(log.format, is_terminal) {
        true => lines.json().boxed(),
        false => lines.with_ansi(is_terminal).boxed(),
    };
    match spans {
        None => registry().with(lines).with(filter).try_init()?,
        Some(spans) => {
            let spans = spans.layer().with_filter(filter_fn(is_traced));
            registry().with(lines.with_filter(filter)).with(spans).try_init()?;
        }
    }
    panic::set_hook(Box::new(log_panic));
    Ok(())
}

fn is_json(format: LogFormat, is_terminal: bool) -> bool {
    match format {
        LogFormat::Auto => !is_terminal,
        LogFormat::Pretty => false,
        LogFormat::Json => true,
    }
}

/// Says where a panic was. What it says is logged only if it is fixed text: a composed one may hold names or numbers of cards.
fn log_panic(panic: &PanicHookInfo<'_>) {
    let location = panic.location().map(ToString::to_string);
    let fixed_text = panic.payload().downcast_ref::<&str>();
    error!(location, fixed_text, "panicked");
}

fn filter(variable: Option<OsString>, log: &Log) -> Result<EnvFilter, TelemetryError> {
    let (variable_or_key, filter) = match variable {
        Some(filter) => (FILTER_VARIABLE, filter.to_string_lossy().into_owned()),
        None => ("log.filter", log.filter.clone()),
    };
    EnvFilter::builder().parse(&filter).map_err(|source| TelemetryError::Filter {
        variable_or_key,
        filter,
        source,
    })
}

#[cfg(test)]
mod tests;
