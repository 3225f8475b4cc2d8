//! What was asked for, on stdout.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;

/// Prints a text as it is.
pub(crate) fn print(text: &str) -> Result<ExitCode> {
    std::io::stdout().lock().write_all(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}
