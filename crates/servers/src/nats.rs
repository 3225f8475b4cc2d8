//! NATS.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::child::{self, START_MAX, wait_until_ready};
use crate::port::free_port;
use crate::postgres::memory;

/// The end of what it logs when it has started.
const READY: &str = "Server is ready";

/// The oldest that will do: major and minor number.
const VERSION_MIN: (u32, u32) = (2, 12);

/// How often a port is tried that others have taken meanwhile.
const RETRY_AFTER: Duration = Duration::from_millis(20);

/// More than any test needs; without it the server takes what the disk has.
const SETTINGS: &str = "
jetstream { max_memory_store: 64MB, max_file_store: 2GB }
";

/// A server with JetStream that listens on a port of its own, its store in a folder of its own. Everybody is trusted.
#[derive(Debug)]
pub struct Nats {
    folder: PathBuf,
    program: PathBuf,
    port: u16,
    server: Option<Child>,
    /// Ends the server and removes the folder when its input is closed.
    guard: Child,
}

/// A copy of a server's store.
#[derive(Debug)]
pub struct NatsCopy(TempDir);

impl Nats {
    /// Makes a server and starts it.
    ///
    /// # Panics
    ///
    /// When that is not possible; the message says why.
    pub fn start() -> Self {
        Self::start_with("")
    }

    /// The same, with lines of its own in the configuration.
    pub fn start_with(settings: &str) -> Self {
        let program = program();
        let folder = tempfile::tempdir_in(memory()).expect("a temporary folder").keep();
        let guard = guard(&folder);
        fs::write(folder.join("settings"), format!("{SETTINGS}{settings}\n"))
            .expect("the folder is there");
        let mut server = Self { folder, program, port: 0, server: None, guard };
        while server.port == 0 {
            server.port = free_port();
            match server.try_start() {
                Ok(()) => {}
                Err(log) if log.contains("address already in use") => server.port = 0,
                Err(log) => panic!("NATS does not start: {log}"),
            }
        }
        server
    }

    /// Starts the server after it was stopped or killed, on the same port, and waits until it answers.
    ///
    /// # Panics
    ///
    /// When it does not; the message has the server's log.
    pub fn start_again(&mut self) {
        assert!(self.server.is_none(), "it was not stopped");
        let until = Instant::now() + START_MAX;
        while let Err(log) = self.try_start() {
            let is_taken = log.contains("address already in use") && Instant::now() < until;
            assert!(is_taken, "NATS does not start: {log}");
            thread::park_timeout(RETRY_AFTER);
        }
    }

    /// Kills the server (SIGKILL) as a crash of the process would.
    pub fn kill(&mut self) {
        self.end("KILL");
    }

    /// Stops the server in order.
    pub fn stop(&mut self) {
        self.end("TERM");
    }

    /// Takes all away that a server which was stopped has stored.
    pub fn wipe(&self) {
        assert!(self.server.is_none(), "it was not stopped");
        match fs::remove_dir_all(self.store()) {
            Err(error) if error.kind() != ErrorKind::NotFound => panic!("{error}"),
            _ => {}
        }
    }

    /// Copies what a server which was stopped has stored.
    pub fn keep(&self) -> NatsCopy {
        assert!(self.server.is_none(), "it was not stopped");
        let copy = tempfile::tempdir_in(memory()).expect("a temporary folder");
        copy_all(&self.store(), copy.path());
        NatsCopy(copy)
    }

    /// Gives a server which was stopped what it had when this was kept.
    pub fn put_back(&self, copy: &NatsCopy) {
        self.wipe();
        copy_all(copy.0.path(), &self.store());
    }

    /// Stops the process where it is (SIGSTOP): its connections stay, and nothing comes by them.
    pub fn freeze(&self) {
        child::signal(self.running(), "STOP");
        child::wait_until_stopped(self.running());
    }

    /// Lets it go on.
    pub fn thaw(&self) {
        child::signal(self.running(), "CONT");
    }

    /// Where it is reached.
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    fn running(&self) -> &Child {
        self.server.as_ref().expect("it was started")
    }

    /// The folder in which it keeps what it was sent.
    pub fn store(&self) -> PathBuf {
        self.folder.join("store")
    }

    fn try_start(&mut self) -> Result<(), String> {
        let mut command = Command::new(&self.program);
        command.args(["--addr", "127.0.0.1", "--port", &self.port.to_string(), "--store_dir"]);
        command.arg(self.store()).arg("--pid").arg(self.folder.join("pid"));
        command.arg("--config").arg(self.folder.join("settings"));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut server = command.spawn().expect("nats-server is there");
        wait_until_ready(&mut server, READY)?;
        self.server = Some(server);
        Ok(())
    }

    fn end(&mut self, signal: &str) {
        let mut server = self.server.take().expect("it was started");
        child::signal(&server, signal);
        // One that is frozen hears of nothing but its death.
        child::signal(&server, "CONT");
        server.wait().expect("it is our child");
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        if let Some(mut server) = self.server.take() {
            let _ = server.kill();
            let _ = server.wait();
        }
        drop(self.guard.stdin.take());
        let _ = self.guard.wait();
    }
}

fn copy_all(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("its parent is there");
    for entry in fs::read_dir(from).expect("it is there") {
        let entry = entry.expect("nobody changes it");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_all(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("nobody changes it");
        }
    }
}

/// A process that outlives this one, if need be, to clean up.
fn guard(folder: &Path) -> Child {
    let script = r#"
        cat > /dev/null
        server=$(cat "$0/pid" 2> /dev/null)
        if [ "$(cat "/proc/$server/comm" 2> /dev/null)" = nats-server ] &&
            grep -qzxF -- "$0/store" "/proc/$server/cmdline"; then
            kill -s KILL "$server"
            while kill -0 "$server" 2> /dev/null; do sleep 0.1; done
        fi
        rm -rf "$0"
    "#;
    let mut command = Command::new("sh");
    command.arg("-c").arg(script).arg(folder).stdin(Stdio::piped()).stdout(Stdio::null());
    // Away from the keyboard's signals.
    command.stderr(Stdio::null()).process_group(0).spawn().expect("a shell is there")
}

/// What `deploy/test` has installed, or what is on the path, if it is new enough.
fn program() -> PathBuf {
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/tools/bin");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(tools).chain(std::env::split_paths(&path));
    let mut programs = folders.map(|folder| folder.join("nats-server"));
    programs.find(|program| VERSION_MIN <= version(program).unwrap_or_default()).unwrap_or_else(
        || {
            let (major, minor) = VERSION_MIN;
            panic!(
                "the tests need NATS {major}.{minor} or newer: `deploy/test` installs it, or put \
             `nats-server` on the PATH"
            )
        },
    )
}

/// As `nats-server: v2.15.1` says it.
fn version(program: &Path) -> Option<(u32, u32)> {
    let said = Command::new(program).arg("--version").output().ok()?.stdout;
    let said = String::from_utf8(said).ok()?;
    let mut numbers = said.trim().split_once(": v")?.1.split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}
