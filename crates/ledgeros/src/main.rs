//! The ledger as one binary.

use std::process::ExitCode;

use clap::Parser;
use mimalloc::MiMalloc;

/// Entries are many small pieces, and threads hand them to each other: the system's allocator takes a quarter of a rebuild.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    ledgeros::cli::Cli::parse().run()
}
