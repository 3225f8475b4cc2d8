//! PostgreSQL.

use std::fs;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use ::postgres::{Client, NoTls};

use crate::child::{self, START_MAX, wait_until_ready};

/// How often it is asked whether it has recovered.
const RETRY_AFTER: Duration = Duration::from_millis(20);

/// The end of what it logs when it has started.
const READY: &str = "database system is ready to accept connections";

/// Where Debian puts the programs, a folder a version.
const DEBIAN: &str = "/usr/lib/postgresql";

/// What keeps the promises of the product, and little memory; and nothing outside the folder, which a server that is killed
/// would leave there.
const SETTINGS: &str = "
listen_addresses = ''
fsync = on
synchronous_commit = on
shared_buffers = 32MB
max_connections = 100
dynamic_shared_memory_type = mmap
";

/// A server that listens on a socket in its own folder. Data checksums are on; everybody is trusted.
#[derive(Debug)]
pub struct Postgres {
    folder: PathBuf,
    programs: PathBuf,
    user: Option<User>,
    server: Option<Child>,
    /// Ends the server and removes the folder when its input is closed.
    guard: Child,
    databases: AtomicU32,
}

/// A database of a server.
#[derive(Debug, Clone)]
pub struct Database {
    /// Its name.
    pub name: String,
    /// The URL of the role that owns it.
    pub owner: String,
    /// The name of another role, which owns nothing.
    pub writer_role: String,
    /// The URL of that role.
    pub writer: String,
}

impl Database {
    /// Removes all that its roles have made in it.
    pub fn empty(&self) {
        let mut owner = Client::connect(&self.owner, NoTls).expect("the server runs");
        let drop = format!("drop owned by current_user, {} cascade", self.writer_role);
        owner.batch_execute(&drop).expect("who owns it may");
    }

    /// Ends every connection to the database.
    pub fn cut_connections(&self) {
        let mut owner = Client::connect(&self.owner, NoTls).expect("the server runs");
        // Others than clients', such as autovacuum's, nobody but a superuser may end.
        let cut = "select pid, pg_terminate_backend(pid) from pg_stat_activity
            where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'";
        let cut = owner.query(cut, &[]).expect("who owns it may");
        let cut: Vec<i32> = cut.iter().map(|row| row.get(0)).collect();
        // The server's own wait looks ten times a second.
        let left = "select 1 from pg_stat_activity where pid = any($1)";
        while !owner.query(left, &[&cut]).expect("the server runs").is_empty() {}
    }
}

/// Whom the server runs as when the tests run as root, which it refuses.
#[derive(Debug, Clone, Copy)]
struct User {
    id: u32,
    group: u32,
}

/// A server that all tests of a process use. It may not be stopped.
pub fn shared() -> &'static Postgres {
    static SHARED: OnceLock<Postgres> = OnceLock::new();
    SHARED.get_or_init(Postgres::start)
}

impl Postgres {
    /// Makes a server and starts it.
    ///
    /// # Panics
    ///
    /// When that is not possible; the message says why.
    pub fn start() -> Self {
        Self::start_in(&memory())
    }

    /// The same, with its files in a folder within this one.
    pub fn start_in(parent: &Path) -> Self {
        let programs = programs();
        let folder = tempfile::tempdir_in(parent).expect("a temporary folder").keep();
        let guard = guard(&folder);
        let user = ordinary_user();
        if let Some(user) = user {
            chown(&folder, Some(user.id), Some(user.group)).expect("root may give a folder away");
        }
        let mut server =
            Self { folder, programs, user, server: None, guard, databases: AtomicU32::new(0) };
        let data = server.data_folder();
        let made = server
            .command("initdb")
            .args(["--auth=trust", "--data-checksums", "--encoding=UTF8", "--locale=C"])
            .args(["--no-sync", "--username=postgres", "--pgdata"])
            .arg(&data)
            .output()
            .expect("initdb is there");
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        server.add_settings(SETTINGS);
        server.start_again();
        server
    }

    /// Adds lines to the server's configuration; it reads them when it starts.
    pub fn add_settings(&self, settings: &str) {
        let path = self.data_folder().join("postgresql.conf");
        let before = fs::read_to_string(&path).expect("initdb has made it");
        fs::write(path, before + settings + "\n").expect("it can be written");
    }

    /// Starts the server after it was stopped or killed, and waits until it answers.
    ///
    /// # Panics
    ///
    /// When it does not; the message has the server's log.
    pub fn start_again(&mut self) {
        if let Err(log) = self.try_start_again() {
            panic!("PostgreSQL does not start: {log}");
        }
    }

    /// The same, for a server that may be damaged: its log, when it does not start.
    ///
    /// # Panics
    ///
    /// When the machine has no shared memory left.
    pub fn try_start_again(&mut self) -> Result<(), String> {
        assert!(self.server.is_none(), "it was not stopped");
        loop {
            let mut command = self.command("postgres");
            command.arg("-D").arg(self.data_folder()).arg("-k").arg(&self.folder);
            let mut server = command.stderr(Stdio::piped()).spawn().expect("postgres is there");
            match wait_until_ready(&mut server, READY) {
                Ok(()) => {
                    self.server = Some(server);
                    return Ok(());
                }
                // Processes of a server that was killed are still on their way out.
                Err(log) if log.contains("pre-existing shared memory block") => {}
                // Nothing that stands in its files can be the cause.
                Err(log) if log.contains("could not create shared memory") => panic!("{log}"),
                Err(log) => return Err(log),
            }
        }
    }

    /// Kills the server (SIGKILL) as a crash of the process would.
    pub fn kill(&mut self) {
        let mut server = self.server.take().expect("it was started");
        server.kill().expect("it is our child");
        server.wait().expect("it is our child");
    }

    /// Stops the server without a checkpoint (SIGQUIT): it recovers from its log at the next start.
    pub fn stop_immediate(&mut self) {
        self.stop("QUIT");
    }

    /// Stops the server in order (SIGINT): all it knows is in its files.
    pub fn stop_fast(&mut self) {
        self.stop("INT");
    }

    /// Switches data checksums off. The server must have been stopped in order.
    pub fn without_checksums(&self) {
        let mut command = self.command("pg_checksums");
        let status =
            command.args(["--disable", "--no-sync", "-D"]).arg(self.data_folder()).status();
        assert!(status.expect("pg_checksums is there").success(), "it was not stopped in order");
    }

    /// Where its files are.
    pub fn data_folder(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// Where its socket is.
    pub(crate) fn socket_folder(&self) -> &Path {
        &self.folder
    }

    /// Whether it has ended by itself; it can be started again then.
    pub fn has_ended(&mut self) -> bool {
        let server = self.server.as_mut().expect("it was started");
        let has_ended = server.try_wait().expect("it is our child").is_some();
        if has_ended {
            self.server = None;
        }
        has_ended
    }

    /// Waits until it answers after a crash that it recovers from by itself.
    ///
    /// # Panics
    ///
    /// When it does not.
    pub fn wait_until_recovered(&self) {
        let until = Instant::now() + START_MAX;
        while let Err(error) = Client::connect(&self.admin_url(), NoTls) {
            assert!(Instant::now() < until, "PostgreSQL does not recover: {error}");
            thread::park_timeout(RETRY_AFTER);
        }
    }

    /// Lets its processes go on after [`freeze`].
    pub fn thaw(&self) {
        signal_all(self.process(), "CONT");
    }

    /// The process.
    ///
    /// # Panics
    ///
    /// When it does not run.
    pub fn process(&self) -> u32 {
        self.server.as_ref().expect("it was started").id()
    }

    /// The URL of the superuser.
    pub fn admin_url(&self) -> String {
        self.url("postgres", "postgres")
    }

    /// Makes an empty database with two roles of its own.
    pub fn new_database(&self) -> Database {
        let number = self.databases.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{number}");
        let (owner, writer_role) = (format!("owner_{number}"), format!("writer_{number}"));
        let mut admin = Client::connect(&self.admin_url(), NoTls).expect("the server runs");
        for statement in [
            format!("create role {owner} login"),
            format!("create role {writer_role} login"),
            format!("grant {writer_role} to {owner}"),
            format!("create database {name} owner {owner}"),
        ] {
            admin.batch_execute(&statement).expect("the superuser may");
        }
        let writer = self.url(&name, &writer_role);
        Database { owner: self.url(&name, &owner), writer, writer_role, name }
    }

    /// The URL of a role in a database. The host of such a URL is a path, its slashes encoded.
    fn url(&self, database: &str, role: &str) -> String {
        let socket = self.folder.display().to_string().replace('/', "%2F");
        format!("postgresql://{role}@{socket}/{database}")
    }

    fn stop(&mut self, signal: &str) {
        let mut server = self.server.take().expect("it was started");
        child::signal(&server, signal);
        server.wait().expect("it is our child");
    }

    /// One of the server's programs, run by an ordinary user.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command.current_dir(&self.folder).stdin(Stdio::null()).stdout(Stdio::null());
        if let Some(user) = self.user {
            command.uid(user.id).gid(user.group);
        }
        command
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if let Some(mut server) = self.server.take() {
            // Stopped ones would stay for ever.
            signal_all(server.id(), "CONT");
            let _ = server.kill();
            let _ = server.wait();
        }
        drop(self.guard.stdin.take());
        let _ = self.guard.wait();
    }
}

/// Stops all processes of a server where they are (SIGSTOP), given its own.
pub fn freeze(server: u32) {
    signal_all(server, "STOP");
}

/// Sends a signal to a server and all its processes. Those that it starts meanwhile get it, too.
fn signal_all(server: u32, signal: &str) {
    let mut sent = Vec::new();
    loop {
        let path = format!("/proc/{server}/task/{server}/children");
        let children = fs::read_to_string(path).unwrap_or_default();
        let all = [server.to_string()].into_iter().chain(children.split(' ').map(str::to_owned));
        let new: Vec<_> = all.filter(|id| !id.is_empty() && !sent.contains(id)).collect();
        if new.is_empty() {
            break;
        }
        // One that has just ended is none to stop.
        let _ = Command::new("kill").args(["-s", signal]).args(&new).stderr(Stdio::null()).status();
        sent.extend(new);
    }
}

/// A process that outlives this one, if need be, to clean up.
fn guard(folder: &Path) -> Child {
    let script = r#"
        cat > /dev/null
        server=$(head -n 1 "$0/data/postmaster.pid" 2> /dev/null)
        if [ -n "$server" ]; then
            # What it has outside of its folder, if it was killed: the next server in the folder would remove it.
            memory=$(sed -n '7s/.* //p' "$0/data/postmaster.pid" 2> /dev/null)
            kill -s QUIT "$server" 2> /dev/null
            while kill -0 "$server" 2> /dev/null; do sleep 0.1; done
            ipcrm --shmem-id "$memory" 2> /dev/null
        fi
        rm -rf "$0"
    "#;
    let mut command = Command::new("sh");
    command.arg("-c").arg(script).arg(folder).stdin(Stdio::piped()).stdout(Stdio::null());
    // Away from the keyboard's signals.
    command.stderr(Stdio::null()).process_group(0).spawn().expect("a shell is there")
}

/// The newest of the server's programs that this machine has.
fn programs() -> PathBuf {
    let versions = fs::read_dir(DEBIAN).into_iter().flatten().flatten();
    let debian = versions
        .filter_map(|version| {
            let number: u32 = version.file_name().to_str()?.parse().ok()?;
            Some((number, version.path().join("bin")))
        })
        .filter(|(_, bin)| bin.join("postgres").exists())
        .max()
        .map(|(_, bin)| bin);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = || std::env::split_paths(&path).find(|bin| bin.join("postgres").exists());
    debian.or_else(on_path).expect(
        "the tests need PostgreSQL 15 or newer: install the package `postgresql`, or put its \
         programs on the PATH",
    )
}

/// A folder that lies in memory, where there is one: there a recovery takes a tenth of the time. What a process has written
/// survives the process there, too.
pub fn memory() -> PathBuf {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() }
}

/// Whom to run the server as: `None` for whoever runs the tests.
fn ordinary_user() -> Option<User> {
    let id = Command::new("id").arg("-u").output().expect("id is there").stdout;
    if id.trim_ascii() != b"0" {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").expect("the machine has users");
    let find = |name: &str| {
        let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut numbers = line.split(':').skip(2).map(str::parse);
        Some(User { id: numbers.next()?.ok()?, group: numbers.next()?.ok()? })
    };
    Some(find("postgres").or_else(|| find("nobody")).expect("the machine has an ordinary user"))
}
