//! The command line. What is asked for goes to stdout, talk goes to stderr.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};
use daemon::config;
use tracing::error;

use crate::audit_command::{Statements, Subject};
use crate::books_command::Books;
use crate::keys_command::Keys;
use crate::projections_command::Projections;
use crate::roles::Roles;
use crate::{
    audit_command, backup_command, bench, bench_journal, demo, erase_command, journal_place,
    operators, proof_command, recovery, restore_command, serve,
};

/// A double-entry ledger that issues cards.
#[derive(Debug, Parser)]
#[command(name = "ledgeros", version, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
    /// How the log on stderr is written; LEDGEROS_LOG sets its level.
    #[arg(long, value_enum, default_value_t = LogFormat::Text, global = true)]
    log: LogFormat,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Plays a payment from the first user to the refund, over HTTP, and verifies the journal.
    Demo(demo::Place),
    /// Runs the ledger in one process, on a folder.
    Serve {
        /// Where everything is kept; made when it is not there.
        #[arg(long)]
        data: PathBuf,
        /// Where to listen; port 0 takes a free one.
        #[arg(long, default_value = "127.0.0.1:0")]
        listen: SocketAddr,
        #[command(flatten)]
        limits: serve::LimitOptions,
    },
    /// Makes the tables of journals in a PostgreSQL database, or brings them to this version, and lets a role append to
    /// them. It may be done again.
    PrepareDatabase {
        /// A file with the URL of the database's owner.
        #[arg(long)]
        owner: PathBuf,
        /// The role of `database.url`: it will be able to add entries, never to change or delete them, to keep the writer's
        /// state, and to make schemas for read models and courier.
        #[arg(long)]
        role: String,
    },
    /// Copies the journal, up to a signed checkpoint, and then the vault into a new folder. `serve` may be running.
    Backup {
        /// The folder of `serve`.
        #[arg(long)]
        data: PathBuf,
        /// The new folder. It is a backup once `backup.json` is in it.
        #[arg(long)]
        to: PathBuf,
        /// Where to copy the keys to: another folder, to be kept by somebody else.
        #[arg(long)]
        secrets: Option<PathBuf>,
    },
    /// Checks a backup and puts it into a folder, or into the database that `database.url` in the folder names.
    Restore {
        /// The folder of the backup.
        backup: PathBuf,
        /// The folder for `serve`: one without a journal.
        #[arg(long)]
        data: PathBuf,
        /// The anchor that has survived. The ledger does not start without one.
        #[arg(long)]
        anchor: Option<PathBuf>,
        /// Where the keys are that were copied with `backup --secrets`.
        #[arg(long)]
        secrets: Option<PathBuf>,
    },
    /// Makes a new key for checkpoints, and prints its public half. What was signed with the old one is still believed.
    RotateCheckpointKey {
        /// The folder of `serve`, which must not be running.
        #[arg(long)]
        data: PathBuf,
    },
    /// Makes an operator's key, and prints its public half, a line for `operators.pub`.
    OperatorKey {
        /// What the operator is called: a handle, not a person's name.
        name: String,
        /// Where the secret goes. It must not be there.
        #[arg(long)]
        out: PathBuf,
    },
    /// Adds an operator's signature to a statement that `recover` or `holders erase` has printed.
    Approve {
        /// The statement, with the signatures that it has.
        file: PathBuf,
        /// The operator's secret.
        #[arg(long)]
        key: PathBuf,
    },
    /// Goes on after a loss: prints the statement that has to be approved, or, once it is, accepts the loss.
    Recover {
        /// The folder of `serve`, which must not be running.
        #[arg(long)]
        data: PathBuf,
        /// The statement, signed by two operators.
        #[arg(long)]
        accept_loss: Option<PathBuf>,
    },
    #[command(flatten)]
    Role(Roles),
    /// Concerns the books of a service.
    #[command(subcommand)]
    Books(Books),
    /// Concerns the keys of the book.
    #[command(subcommand)]
    Keys(Keys),
    /// Concerns the people in the book.
    #[command(subcommand)]
    Holders(Holders),
    /// Checks what is recorded.
    #[command(subcommand)]
    Audit(Audit),
    /// Concerns the read models of a book.
    #[command(subcommand)]
    Projections(Projections),
    /// Measures.
    #[command(subcommand)]
    Bench(Bench),
}

#[derive(Debug, Subcommand)]
enum Holders {
    /// Erases a person: prints the statement that has to be approved, or, once it is, does it.
    Erase {
        /// The user.
        holder: String,
        /// The folder of `serve`, which must not be running.
        #[arg(long)]
        data: PathBuf,
        /// The statement, signed by two operators.
        #[arg(long)]
        approved: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
enum Audit {
    /// Reads every entry and says whether the journal and all that is derived from it are sound.
    ///
    /// Exits with 0 when they are, with 1 when something is wrong, with 2 when that can't be told.
    Verify {
        #[command(flatten)]
        of: Subject,
        /// How to say it.
        #[arg(long, value_enum, default_value_t = ReportFormat::Text)]
        format: ReportFormat,
        /// The public keys that checkpoints are believed of, a line each; those of the folder, if not given. An export has
        /// none.
        #[arg(long)]
        keys: Option<PathBuf>,
        /// The public keys of the operators whose approvals are believed, a line each; not checked, if not given.
        #[arg(long)]
        operators: Option<PathBuf>,
        /// A checkpoint that was kept elsewhere; may be given more than once.
        #[arg(long)]
        checkpoint: Vec<PathBuf>,
    },
    /// Prints the last signed checkpoint: keep it where nobody who can write to the folder can.
    Checkpoint {
        /// The folder of `serve`, which may be running.
        #[arg(long)]
        data: PathBuf,
    },
    /// Prints a proof that an entry is in the journal, for who has its public key only.
    Prove {
        /// The entry.
        position: u64,
        /// The folder of `serve`, which may be running.
        #[arg(long)]
        data: PathBuf,
    },
    /// Checks such a proof. Exits with 1 when it proves nothing.
    CheckProof {
        /// The proof.
        proof: PathBuf,
        /// The public keys that are trusted, a line each.
        #[arg(long)]
        keys: PathBuf,
    },
    /// Checks that the journal of a newer checkpoint begins with that of an older one. Exits with 1 when it does not.
    Consistency {
        /// The older checkpoint.
        old: PathBuf,
        /// The newer checkpoint.
        new: PathBuf,
        /// The folder of `serve`, which may be running.
        #[arg(long)]
        data: PathBuf,
        /// The public keys that are trusted, a line each; those of the folder, if not given.
        #[arg(long)]
        keys: Option<PathBuf>,
    },
    /// Writes the journal in a form that other programs read.
    ///
    /// Exits with 1 when an entry is not what was written, and names it: what was printed before is no export.
    Export {
        /// The folder of `serve`, which may be running.
        #[arg(long)]
        data: PathBuf,
        /// For which program.
        #[arg(long, value_enum)]
        format: ExportFormat,
    },
}

#[derive(Debug, Subcommand)]
enum Bench {
    /// Card authorizations over HTTP, one a request, on a ledger of its own.
    Http(bench::HttpOptions),
    /// Writes a long journal into an empty folder, to measure what reads one.
    Journal(bench_journal::JournalOptions),
}

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// What an export is written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    /// hledger: a transaction an entry that moves money, and closing balances.
    Hledger,
    /// beancount: the same.
    Beancount,
    /// Any: a line of JSON an entry.
    Jsonl,
}

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LogFormat {
    Text,
    Json,
}

impl Cli {
    /// Runs the command and says how it went.
    pub fn run(self) -> ExitCode {
        let format = match self.log {
            LogFormat::Text => config::LogFormat::Pretty,
            LogFormat::Json => config::LogFormat::Json,
        };
        let log = config::Log { format, ..config::Log::default() };
        let result = daemon::core_dumps::forbid()
            .map_err(anyhow::Error::from)
            .and_then(|()| match self.command {
                // Its configuration says how it logs.
                Command::Role(_) => Ok(()),
                _ => Ok(daemon::telemetry::init(&log, None)?),
            })
            .and_then(|()| match self.command {
                Command::Role(role) => role.run(),
                Command::Demo(place) => demo::run(&place),
                Command::Serve { data, listen, limits } => serve::run(&data, listen, limits),
                Command::Books(books) => books.run(),
                Command::Audit(Audit::Verify { of, format, keys, operators, checkpoint }) => {
                    let statements = Statements { keys, operators, checkpoints: checkpoint };
                    audit_command::verify(&of, statements, format)
                }
                Command::Audit(Audit::Checkpoint { data }) => proof_command::checkpoint(&data),
                Command::Audit(Audit::Prove { position, data }) => {
                    proof_command::prove(&data, position)
                }
                Command::Audit(Audit::CheckProof { proof, keys }) => {
                    proof_command::check(&proof, &keys)
                }
                Command::Audit(Audit::Consistency { old, new, data, keys }) => {
                    proof_command::consistency(&data, &old, &new, keys.as_ref())
                }
                Command::PrepareDatabase { owner, role } => journal_place::prepare(&owner, &role),
                Command::Backup { data, to, secrets } => {
                    backup_command::run(&data, &to, secrets.as_deref())
                }
                Command::Restore { backup, data, anchor, secrets } => {
                    restore_command::run(&backup, &data, anchor.as_deref(), secrets.as_deref())
                }
                Command::RotateCheckpointKey { data } => proof_command::rotate(&data),
                Command::OperatorKey { name, out } => operators::make_key(&name, &out),
                Command::Approve { file, key } => operators::approve(&file, &key),
                Command::Recover { data, accept_loss } => {
                    recovery::run(&data, accept_loss.as_deref())
                }
                Command::Keys(keys) => keys.run(),
                Command::Holders(Holders::Erase { holder, data, approved }) => {
                    erase_command::run(&data, &holder, approved.as_deref())
                }
                Command::Audit(Audit::Export { data, format }) => {
                    audit_command::export(&data, format)
                }
                Command::Projections(projections) => projections.run(),
                Command::Bench(Bench::Http(options)) => bench::http(&options),
                Command::Bench(Bench::Journal(options)) => bench_journal::run(&options),
            });
        match result {
            Ok(code) => code,
            Err(error) => {
                error!("{error:#}");
                ExitCode::FAILURE
            }
        }
    }
}
