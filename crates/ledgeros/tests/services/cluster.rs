//! A service of its own: servers, a folder, and processes.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use ledgeros::client::Client;
use ledgeros::folder;
use serde_json::Value;
use servers::{Database, Gate, Nats, Postgres};
use tempfile::TempDir;

use crate::role::{Role, free_address, wait_until};

pub(crate) const MODELS: [&str; 4] = ["balances", "transactions", "intents", "directory"];

/// One at a time: each is a dozen processes.
static TURN: Mutex<()> = Mutex::new(());

/// Two writers, four projectors, a courier, two gateways.
pub(crate) struct Cluster {
    pub(crate) writers: Vec<Role>,
    pub(crate) projectors: Vec<Role>,
    pub(crate) courier: Role,
    pub(crate) gateways: Vec<Role>,
    /// Where the gateways listen.
    pub(crate) authorities: Vec<String>,
    /// Those on the ways between processes, and what they lead to; none, unless they were asked for.
    pub(crate) gates: Vec<(&'static str, Gate)>,
    folder: TempDir,
    pub(crate) nats: Nats,
    pub(crate) postgres: Postgres,
    pub(crate) database: Database,
    _turn: MutexGuard<'static, ()>,
}

/// What is special about a service.
#[derive(Default)]
struct Setting<'a> {
    /// Further books.
    books: &'a [&'a str],
    /// More for every role's environment.
    more: &'a [(&'static str, String)],
    /// More for that of the writers.
    of_writers: &'a [(&'static str, String)],
    is_gated: bool,
}

impl Cluster {
    /// Starts everything, and waits until it serves. Further books are made before.
    pub(crate) fn start(books: &[&str]) -> Self {
        Self::start_with(books, &[])
    }

    /// The same, with more for every role's configuration.
    pub(crate) fn start_with(books: &[&str], more: &[(&'static str, String)]) -> Self {
        Self::start_on(&Setting { books, more, ..Setting::default() })
    }

    /// The same, with a gate on each way between two processes.
    pub(crate) fn start_gated() -> Self {
        Self::start_on(&Setting { is_gated: true, ..Setting::default() })
    }

    /// The same, with more in the environment of the writers alone.
    pub(crate) fn start_with_writers_by(of_writers: &[(&'static str, String)]) -> Self {
        Self::start_on(&Setting { of_writers, ..Setting::default() })
    }

    fn start_on(setting: &Setting<'_>) -> Self {
        let Setting { books, more, of_writers, is_gated } = *setting;
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let (postgres, nats) = (Postgres::start(), Nats::start());
        postgres.add_settings("max_connections = 300");
        let mut postgres = postgres;
        postgres.stop_fast();
        postgres.start_again();
        let folder = TempDir::new().unwrap();
        let data = folder.path().join("data");
        let mut gates = Vec::new();
        let mut to_database = None;
        if is_gated {
            let gate = Gate::before_postgres(&postgres);
            to_database = Some(gate.port());
            gates.push(("PostgreSQL", gate));
        }
        let database = prepare(&data, &postgres, to_database);
        for code in [&["default"], books].concat() {
            run(&["books", "create", code, "--data", data.to_str().unwrap()]);
        }

        let writer_addresses = [free_address(), free_address()];
        let mut bus = nats.url();
        let mut advertised = writer_addresses.clone();
        if is_gated {
            let gate = Gate::before(nats.port());
            bus = format!("nats://127.0.0.1:{}", gate.port());
            gates.push(("NATS", gate));
            for address in &mut advertised {
                let (_, port) = address.split_once(':').unwrap();
                let gate = Gate::before(port.parse().unwrap());
                *address = format!("127.0.0.1:{}", gate.port());
                gates.push(("a writer", gate));
            }
        }
        let common = [
            ("LEDGEROS__DATA", data.display().to_string()),
            ("LEDGEROS__BUS__URL", bus),
            ("LEDGEROS__LOG__FORMAT", "json".to_owned()),
        ];
        let role = |name: &str, arguments: &[&str], variables: &[(&str, String)]| {
            let log = folder.path().join(format!("{name}.log"));
            let variables = [&common[..], more, variables].concat();
            Role::start(arguments, &variables, &log)
        };
        let writers = writer_addresses.iter().enumerate().map(|(i, address)| {
            let state = folder.path().join(format!("writer-{i}"));
            let own = [
                ("LEDGEROS__WRITER__STATE", state.display().to_string()),
                ("LEDGEROS__WRITER__LISTEN", address.clone()),
                ("LEDGEROS__WRITER__ADVERTISE", advertised[i].clone()),
            ];
            role(&format!("writer-{i}"), &["writer"], &[&own, of_writers].concat())
        });
        let writers: Vec<_> = writers.collect();
        let projectors =
            MODELS.map(|model| role(model, &["projector", model], &[])).into_iter().collect();
        let courier = role(
            "courier",
            &["courier"],
            &[("LEDGEROS__COURIER__ALLOW_PRIVATE_ADDRESSES", "true".to_owned())],
        );
        let authorities = vec![free_address(), free_address()];
        let urls: Vec<_> = advertised.iter().map(|address| format!("\"{address}\"")).collect();
        let gateways = authorities.iter().enumerate().map(|(i, address)| {
            let variables = [
                ("LEDGEROS__GATEWAY__LISTEN", address.clone()),
                ("LEDGEROS__GATEWAY__WRITERS", format!("[{}]", urls.join(", "))),
                ("LEDGEROS__GATEWAY__READS_PER_MINUTE", "0".to_owned()),
                ("LEDGEROS__GATEWAY__WRITES_PER_MINUTE", "0".to_owned()),
            ];
            role(&format!("gateway-{i}"), &["gateway"], &variables)
        });
        let gateways = gateways.collect();
        let mut cluster = Self {
            writers,
            projectors,
            courier,
            gateways,
            authorities,
            gates,
            folder,
            nats,
            postgres,
            database,
            _turn: turn,
        };
        cluster.roles().for_each(Role::wait_until_ready);
        cluster
    }

    fn roles(&mut self) -> impl Iterator<Item = &mut Role> {
        self.writers
            .iter_mut()
            .chain(&mut self.projectors)
            .chain([&mut self.courier])
            .chain(&mut self.gateways)
    }

    /// Ends every role, in order.
    pub(crate) fn stop(mut self) {
        self.end_roles();
    }

    /// The same, where the servers are still needed.
    pub(crate) fn end_roles(&mut self) {
        self.roles().for_each(Role::stop);
    }

    /// Starts every role that was ended.
    pub(crate) fn start_roles_again(&mut self) {
        self.roles().for_each(Role::start_again);
        self.roles().for_each(Role::wait_until_ready);
    }

    /// Ends every role and every server, in order, and leaves their files.
    pub(crate) fn stop_all(&mut self) {
        self.roles().for_each(Role::stop);
        self.nats.stop();
        self.postgres.stop_fast();
    }

    /// The processes of all roles.
    pub(crate) fn processes(&mut self) -> Vec<u32> {
        self.roles().map(|role| role.process()).collect()
    }

    /// Where all that was written lies: the roles' folders and logs, the database's files, the bus's.
    pub(crate) fn places(&self) -> [PathBuf; 3] {
        [self.folder.path().to_owned(), self.postgres.data_folder(), self.nats.store()]
    }

    /// The folder that the roles share.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A book's folder.
    pub(crate) fn book(&self, code: &str) -> PathBuf {
        if code == "default" { self.data() } else { self.data().join("books").join(code) }
    }

    /// A client of a gateway, with the first LedgerOS key of a book.
    pub(crate) async fn client(&self, gateway: usize, book: &str) -> Client {
        let keys = folder::keys_of(&self.book(book)).unwrap().unwrap();
        Client::connect(&self.authorities[gateway], &keys.ledger_os).await.unwrap()
    }

    /// Which writer leads the only book; it is waited for.
    pub(crate) fn leader(&self) -> usize {
        let mut leader = None;
        wait_until("somebody leads", || {
            leader = self.writers.iter().position(|writer| writer.books_led() == 1);
            leader.is_some()
        });
        leader.unwrap()
    }

    /// Waits until every read model shows what the journal had when this was called, at least.
    pub(crate) fn wait_until_read_models_agree(&self) {
        let end = position(&self.writers[self.leader()], "ledgeros_journal_position");
        wait_until("read models follow", || {
            let shown = |role: &Role| position(role, "ledgeros_projection_position");
            self.projectors.iter().all(|projector| end <= shown(projector))
        });
    }

    /// Where a role's own files are.
    pub(crate) fn state(&self, writer: usize) -> PathBuf {
        self.folder.path().join(format!("writer-{writer}"))
    }

    /// One more of the same projector.
    pub(crate) fn second_projector(&self, model: &str) -> Role {
        let log = self.folder.path().join(format!("{model}-second.log"));
        let variables = [
            ("LEDGEROS__DATA", self.data().display().to_string()),
            ("LEDGEROS__BUS__URL", self.nats.url()),
            ("LEDGEROS__LOG__FORMAT", "json".to_owned()),
        ];
        Role::start(&["projector", model], &variables, &log)
    }

    /// Reads the journal and the read models of a book, and everything must be sound.
    pub(crate) fn verify(&self, book: &str) -> Value {
        let output = command()
            .args(["audit", "verify", "--format", "json", "--data"])
            .arg(self.book(book))
            .output()
            .unwrap();
        let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        assert!(output.status.success(), "{report} {}", String::from_utf8_lossy(&output.stderr));
        report
    }
}

/// What a role's metric says of a position; zero where it says nothing.
pub(crate) fn position(role: &Role, metric: &str) -> u64 {
    let page = role.admin("/metrics");
    let line =
        page.lines().find(|line| line.strip_prefix(metric).is_some_and(|it| it.starts_with('{')));
    let value = line.and_then(|line| line.rsplit_once(' '));
    value.map_or(0, |(_, value)| value.parse::<f64>().unwrap() as u64)
}

/// Prepares a database and a folder as an operator would. Roles reach the database by a port, if one is named.
pub(crate) fn prepare(data: &Path, server: &Postgres, port: Option<u16>) -> Database {
    // The client has a runtime of its own, and does not want it in another.
    let database = thread::scope(|scope| scope.spawn(|| server.new_database()).join().unwrap());
    std::fs::create_dir_all(data).unwrap();
    let owner = data.join("owner.url");
    let url = port.map_or(database.writer.clone(), |port| {
        format!("postgresql://{}@127.0.0.1:{port}/{}", database.writer_role, database.name)
    });
    for (path, url) in [(&owner, &database.owner), (&data.join("database.url"), &url)] {
        write_secret(path, url);
    }
    let owner = owner.to_str().unwrap();
    run(&["prepare-database", "--role", &database.writer_role, "--owner", owner]);
    database
}

pub(crate) fn write_secret(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::write(path, format!("{text}\n")).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

pub(crate) fn command() -> Command {
    Command::new(env!("CARGO_BIN_EXE_ledgeros"))
}

/// Does what two operators of a folder have to approve: `act` prints it, and does it once it is given that with `flag`.
pub(crate) fn approve(data: &Path, act: &[&str], flag: &str) {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let act = [act, &["--data", data.to_str().unwrap()]].concat();
    let (statement, operators) = (path("statement"), ["ada", "bob"]);
    let public = operators.map(|name| run(&["operator-key", name, "--out", &path(name)]).stdout);
    std::fs::write(data.join("operators.pub"), public.concat()).unwrap();
    std::fs::write(&statement, run(&act).stdout).unwrap();
    for name in operators {
        run(&["approve", &statement, "--key", &path(name)]);
    }
    run(&[&act[..], &[flag, &statement]].concat());
}

/// Runs a command that must succeed.
pub(crate) fn run(arguments: &[&str]) -> Output {
    let output = command().args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}
