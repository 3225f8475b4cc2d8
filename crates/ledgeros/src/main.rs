//! The ledger as one binary.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    ledgeros::cli::Cli::parse().run()
}
