//! A process of the service.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write, stderr};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How long anything may take before a test gives up. Nothing waits for it to pass.
pub(crate) const DEADLINE: Duration = Duration::from_secs(60);

const RETRY: Duration = Duration::from_millis(20);

/// A role that runs, or was ended and can be started again as it was. Killed when dropped.
pub(crate) struct Role {
    arguments: Vec<String>,
    variables: Vec<(String, String)>,
    /// Where its admin port is.
    admin: String,
    log: PathBuf,
    child: Option<Child>,
}

impl Role {
    /// Starts a role, and does not wait for it.
    pub(crate) fn start(arguments: &[&str], variables: &[(&str, String)], log: &Path) -> Self {
        let admin = free_address();
        let mut variables: Vec<_> =
            variables.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        variables.push(("LEDGEROS__ADMIN__LISTEN".to_owned(), admin.clone()));
        let arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        let mut role = Self { arguments, variables, admin, log: log.to_owned(), child: None };
        role.start_again();
        role
    }

    pub(crate) fn start_again(&mut self) {
        assert!(self.child.is_none(), "it was not ended");
        let log = File::options().create(true).append(true).open(&self.log).unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_ledgeros"))
            .args(&self.arguments)
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        self.child = Some(child);
    }

    /// Waits until it says that it is ready.
    pub(crate) fn wait_until_ready(&mut self) {
        let until = Instant::now() + DEADLINE;
        loop {
            let said = ask(&self.admin, "/readyz").unwrap_or_default();
            if said.starts_with("HTTP/1.1 200") {
                return;
            }
            let ended = self.child.as_mut().unwrap().try_wait().unwrap();
            assert!(ended.is_none() && Instant::now() < until, "{}\n{said}", self.log());
            thread::park_timeout(RETRY);
        }
    }

    /// What its admin port answers; empty when it does not.
    pub(crate) fn admin(&self, path: &str) -> String {
        ask(&self.admin, path).unwrap_or_default()
    }

    /// How many books it leads.
    pub(crate) fn books_led(&self) -> usize {
        let page = self.admin("/metrics");
        let leads =
            |line: &&str| line.starts_with("ledgeros_writer_leads{") && line.ends_with(" 1");
        page.lines().filter(leads).count()
    }

    /// Ends it as a power cut would end the process.
    pub(crate) fn kill(&mut self) {
        let mut child = self.child.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Stops the process where it is.
    pub(crate) fn freeze(&self) {
        self.signal("STOP");
    }

    /// Lets it go on.
    pub(crate) fn thaw(&self) {
        self.signal("CONT");
    }

    /// Asks it to end, and waits until it has.
    pub(crate) fn stop(&mut self) {
        self.signal("TERM");
        let status = self.child.take().unwrap().wait().unwrap();
        assert!(status.success(), "{status}: {}", self.log());
    }

    /// Waits until it has ended by itself.
    pub(crate) fn ends(&mut self) -> ExitStatus {
        let mut ended = None;
        wait_until("it ends", || {
            ended = self.child.as_mut().unwrap().try_wait().unwrap();
            ended.is_some()
        });
        self.child = None;
        ended.unwrap()
    }

    /// Its process.
    pub(crate) fn process(&self) -> u32 {
        self.child.as_ref().unwrap().id()
    }

    /// What it has logged.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    fn signal(&self, signal: &str) {
        let id = self.child.as_ref().unwrap().id().to_string();
        assert!(Command::new("kill").args(["-s", signal, &id]).status().unwrap().success());
    }
}

impl Drop for Role {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
        if thread::panicking() {
            let log = self.log();
            let last: Vec<_> = log.lines().rev().take(15).collect();
            let last: Vec<_> = last.into_iter().rev().collect();
            let _ = writeln!(stderr(), "--- {:?}\n{}", self.arguments, last.join("\n"));
        }
    }
}

/// Waits for something that is about to be.
pub(crate) fn wait_until(what: &str, mut is: impl FnMut() -> bool) {
    let until = Instant::now() + DEADLINE;
    while !is() {
        assert!(Instant::now() < until, "{what}: not within {DEADLINE:?}");
        thread::park_timeout(RETRY);
    }
}

/// An address that nobody listens at.
pub(crate) fn free_address() -> String {
    format!("127.0.0.1:{}", servers::free_port())
}

/// The status line, the head and the body of an answer.
fn ask(authority: &str, path: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(authority)?;
    stream.set_read_timeout(Some(DEADLINE))?;
    write!(stream, "GET {path} HTTP/1.1\r\nhost: {authority}\r\nconnection: close\r\n\r\n")?;
    let mut answer = BufReader::new(stream);
    let mut text = String::new();
    answer.read_line(&mut text)?;
    answer.read_to_string(&mut text)?;
    Ok(text)
}
