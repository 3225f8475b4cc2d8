//! System calls that fail, by `strace`.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// What stands behind a call that was made to fail.
const INJECTED: &str = "(INJECTED)";

/// The variable that names the folder in which a test of a traced process works.
pub const SCRIPT_FOLDER: &str = "LEDGEROS_SCRIPT_FOLDER";

/// Which call of a process fails, and how.
#[derive(Debug, Clone, Copy)]
pub struct Failing {
    /// The call, as `fsync`.
    pub call: &'static str,
    /// How it fails, as `EIO`.
    pub error: &'static str,
    /// Which of each thread's calls, from one.
    pub number: usize,
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

impl Failing {
    /// A command that runs a program of which this call fails. The calls are written into a file, which says of one that it was.
    pub fn command(self, program: impl AsRef<OsStr>, calls: &Path) -> Command {
        let mut command = Command::new("strace");
        command.args(["-f", "--seccomp-bpf", "-qq", "-o"]).arg(calls);
        command.args(self.arguments()).arg(program);
        command
    }

    /// Runs a test of this very program by itself, on a folder, with a call that fails. What it has printed, and whether there was
    /// such a call.
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
        (said, calls.contains(INJECTED))
    }

    /// Lets the call fail in a process that runs. Drop what is returned to let it be.
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
        let Self { call, error, number } = self;
        [
            "-e".to_owned(),
            format!("trace={call}"),
            "-e".to_owned(),
            format!("inject={call}:error={error}:when={number}"),
        ]
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
