//! The ledger as one binary: the roles, and the tools around them.
//!
//! - [`folder`] is what lies in a data folder, and what must lie there together.
//! - [`embedded`] runs every role in one process on such a folder, and on those of the further books in it: [`library`].
//! - [`cli`] is the command line: `serve`, `demo`, `audit`, `bench`, backups, and what operators do while the service is
//!   stopped.

pub mod cli;
pub mod client;
pub mod embedded;
pub mod folder;
pub mod journal_place;
pub mod library;
pub mod roles;
pub mod services;
pub mod site;

mod audit_command;
mod backup;
mod backup_command;
mod bench;
mod bench_journal;
mod books_command;
mod checkpoint_keys;
mod demo;
mod erase_command;
mod keys_command;
mod operators;
mod output;
mod place;
mod projections_command;
mod proof_command;
mod rebuild;
mod recovery;
mod restore_command;
mod running;
mod secrets;
mod serve;
mod service_key;
