//! System calls that fail, or take long, by `strace`.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// What stands behind a call to which something was done.
const DONE: [&str; 2] = ["(INJECTED)", "(DELAYED)"];

/// The variable that names the folder in which a test of a traced process works.
pub const SCRIPT_FOLDER: &str = "LEDGEROS_SCRIPT_FOLDER";

/// What is done to a process's calls.
#[derive(Debug, Clone, Copy)]
pub enum Injection {
    /// One of them fails.
    Failing {
        /// The call, as `fsync`.
        call: &'static str,
        /// How it fails, as `EIO`.
        error: &'static str,
        /// Which of each thread's calls, from one.
        number: usize,
    },
    /// Each of them takes longer.
    Slow {
        /// The calls, with commas between.
        calls: &'static str,
        /// By how much.
        by: Duration,
    },
}

/// What this machine lets a test do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tracing {
    /// Processes may be traced.
    Allowed,
    /// They may not; this is what the system says.
    Forbidden(String),
}

impl Tracing {
    /// Finds out.
    ///
    /// # Panics
    ///
    /// When `strace` is missing.
    pub fn find_out() -> Self {
        let tried = Command::new("strace").args(["-f", "-e", "trace=none", "true"]).output();
        let tried = tried.expect("the tests need `strace`: install the package of that name");
        match tried.status.success() {
            true => Self::Allowed,
            false => Self::Forbidden(String::from_utf8_lossy(&tried.stderr).into_owned()),
        }
    }
}

impl Injection {
    /// A command that runs a program to whose calls this is done. They are written into a file, which says to which it was.
    pub fn command(self, program: impl AsRef<OsStr>, calls: &Path) -> Command {
        let mut command = Command::new("strace");
        command.args(["-f", "--seccomp-bpf", "-qq", "-o"]).arg(calls);
        command.args(self.arguments()).arg(program);
        command
    }

    /// Runs a test of this very program by itself, on a folder. What it has printed, and whether there was such a call.
    ///
    /// # Panics
    ///
    /// When the test does not pass.
    pub fn in_test(self, test: &str, folder: &Path) -> (String, bool) {
        let calls = folder.join("calls");
        let program = env::current_exe().expect("a process knows its program");
        let mut command = self.command(program, &calls);
        command.args([test, "--exact", "--nocapture"]).env(SCRIPT_FOLDER, folder);
        let output = command.output().expect("strace is there");
        let said = [&output.stdout[..], &output.stderr].map(String::from_utf8_lossy).concat();
        assert!(output.status.success(), "{self:?}: {said}");
        let calls = fs::read_to_string(calls).expect("strace has written it");
        (said, DONE.iter().any(|done| calls.contains(done)))
    }

    /// Does it to a process that runs. Drop what is returned to let it be.
    pub fn attach(self, process: u32) -> Attached {
        let mut command = Command::new("strace");
        command.args(self.arguments()).args(["-o", "/dev/null", "-p", &process.to_string()]);
        command.stdin(Stdio::null()).stderr(Stdio::piped());
        let mut strace = command.spawn().expect("strace is there");
        let mut said = String::new();
        let mut stderr = BufReader::new(strace.stderr.take().expect("it is a pipe"));
        stderr.read_line(&mut said).expect("strace says something or ends");
        assert!(said.contains("attached"), "{said}");
        Attached(strace)
    }

    fn arguments(self) -> [String; 4] {
        let (calls, what) = match self {
            Self::Failing { call, error, number } => (call, format!("error={error}:when={number}")),
            Self::Slow { calls, by } => (calls, format!("delay_exit={}us", by.as_micros())),
        };
        let option = || "-e".to_owned();
        [option(), format!("trace={calls}"), option(), format!("inject={calls}:{what}")]
    }
}

/// A tracer of a process.
#[derive(Debug)]
pub struct Attached(Child);

impl Drop for Attached {
    fn drop(&mut self) {
        // Its end lets go of the process.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
