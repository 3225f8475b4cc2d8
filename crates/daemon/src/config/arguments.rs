//! What a role's command line says of its configuration.

use std::env;
use std::path::PathBuf;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{ConfigError, dump, load};

/// Arguments to flatten into a role's command.
#[derive(Debug, Clone, clap::Args)]
pub struct Arguments {
    /// The configuration: a TOML file. A variable `LEDGEROS__SECTION__KEY` goes before the file's key.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Only says whether the configuration is well.
    #[arg(long, conflicts_with = "dump_config")]
    check_config: bool,
    /// Only prints the configuration that file and variables make together.
    #[arg(long)]
    dump_config: bool,
}

/// What a configuration was loaded for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose<T> {
    /// To run the role.
    Run(T),
    /// To see that it is well.
    Check,
    /// To be printed.
    Dump(String),
}

impl Arguments {
    /// Loads the configuration with this process's environment.
    pub fn load<T: DeserializeOwned + Serialize>(&self) -> Result<Purpose<T>, ConfigError> {
        let configuration = load(self.config.as_deref(), env::vars_os())?;
        Ok(match (self.check_config, self.dump_config) {
            (true, _) => Purpose::Check,
            (false, true) => Purpose::Dump(dump(&configuration)?),
            (false, false) => Purpose::Run(configuration),
        })
    }
}
