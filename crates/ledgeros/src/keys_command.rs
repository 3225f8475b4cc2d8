//! `ledgeros keys`.

use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Subcommand, ValueEnum};
use ledger::KeyId;
use ledger::keys::{Family, Scope};
use tracing::info;

use crate::output::print;
use crate::place::{Found, Place};

mod offline;
mod online;

/// What is done with keys.
#[derive(Debug, Subcommand)]
pub(crate) enum Keys {
    /// Makes a key and prints it, once: only a hash of it is kept.
    Create {
        /// What it may be used for.
        #[arg(long, value_enum)]
        scope: ScopeName,
        /// The surface whose dialect it speaks; that of the admin key, or else `ledgerOs`, if not given.
        #[arg(long, value_enum)]
        family: Option<FamilyName>,
        #[command(flatten)]
        place: Place,
    },
    /// Takes a key out of use, for ever, and prints its id.
    Revoke {
        /// Its id.
        key: String,
        #[command(flatten)]
        place: Place,
    },
    /// Prints every key, a line each: id, prefix, family, scope, `active` or `revoked`, and the agent, if it is an agent's.
    List {
        #[command(flatten)]
        place: Place,
    },
}

/// [`Scope`], as it is written.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum ScopeName {
    Read,
    Write,
    Admin,
}

/// [`Family`], as it is written.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum FamilyName {
    #[value(name = "ledgerOs")]
    LedgerOs,
    #[value(name = "ledgerApi")]
    LedgerApi,
}

/// A key as it is listed.
struct Listed {
    id: String,
    prefix: String,
    family: String,
    scope: String,
    is_revoked: bool,
    agent: Option<String>,
}

impl Keys {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        match self {
            Self::Create { scope, family, place } => {
                let (id, text) = match place.found()? {
                    Found::Folder(data) => offline::create(data, *scope, *family)?,
                    Found::Served(service) => online::create(&service, *scope, *family)?,
                };
                info!(key = id, "made");
                print(&format!("{text}\n"))
            }
            Self::Revoke { key, place } => {
                let id = KeyId::parse(key).with_context(|| format!("`{key}` is no key's id"))?;
                match place.found()? {
                    Found::Folder(data) => offline::revoke(data, id)?,
                    Found::Served(service) => online::revoke(&service, id)?,
                }
                print(&format!("{id}\n"))
            }
            Self::List { place } => {
                let keys = match place.found()? {
                    Found::Folder(data) => offline::list(data)?,
                    Found::Served(service) => online::list(&service)?,
                };
                print(&keys.iter().map(Listed::line).collect::<String>())
            }
        }
    }
}

impl Listed {
    fn line(&self) -> String {
        let Self { id, prefix, family, scope, is_revoked, agent } = self;
        let state = if *is_revoked { "revoked" } else { "active" };
        let agent = agent.as_deref().unwrap_or("-");
        format!("{id} {prefix} {family} {scope} {state} {agent}\n")
    }
}

impl ScopeName {
    fn of(scope: Scope) -> Self {
        match scope {
            Scope::Read => Self::Read,
            Scope::Write => Self::Write,
            Scope::Admin => Self::Admin,
        }
    }

    fn scope(self) -> Scope {
        match self {
            Self::Read => Scope::Read,
            Self::Write => Scope::Write,
            Self::Admin => Scope::Admin,
        }
    }
}

impl FamilyName {
    fn of(family: Family) -> Self {
        match family {
            Family::LedgerOs => Self::LedgerOs,
            Family::LedgerApi => Self::LedgerApi,
        }
    }

    fn family(self) -> Family {
        match self {
            Self::LedgerOs => Family::LedgerOs,
            Self::LedgerApi => Family::LedgerApi,
        }
    }
}

/// The word for one of a closed list.
fn word(value: impl ValueEnum) -> String {
    let value = value.to_possible_value().expect("no value is hidden");
    value.get_name().to_owned()
}
