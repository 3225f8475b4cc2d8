//! A server's process.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// How long a server may take to start, also after a crash.
pub(crate) const START_MAX: Duration = Duration::from_secs(60);
/// How long a process may take to stand still.
const STOP_MAX: Duration = Duration::from_secs(20);

/// Reads the log of a server until a line has this end; then on, in a thread, until it ends. If it ends before: the log.
pub(crate) fn wait_until_ready(server: &mut Child, end: &'static str) -> Result<(), String> {
    let lines = BufReader::new(server.stderr.take().expect("it is a pipe")).lines();
    let (sender, log) = mpsc::channel();
    thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
    let until = Instant::now() + START_MAX;
    let mut text = String::new();
    while let Ok(line) = log.recv_timeout(until.saturating_duration_since(Instant::now())) {
        if line.ends_with(end) {
            return Ok(());
        }
        text += &line;
        text.push('\n');
    }
    let _ = server.kill();
    let _ = server.wait();
    Err(text)
}

/// Sends a signal to a child.
pub(crate) fn signal(server: &Child, signal: &str) {
    let sent = Command::new("kill").args(["-s", signal, &server.id().to_string()]).status();
    assert!(sent.expect("kill is there").success(), "it is our child");
}

/// Waits until each thread of a child that was told to stop has done so.
pub(crate) fn wait_until_stopped(server: &Child) {
    let threads = format!("/proc/{}/task", server.id());
    let is_stopped = || {
        let mut threads = fs::read_dir(&threads).expect("it is our child").flatten();
        threads.all(|thread| {
            let stat = fs::read_to_string(thread.path().join("stat")).unwrap_or_default();
            // Behind its name, which may hold anything.
            stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('T'))
        })
    };
    let until = Instant::now() + STOP_MAX;
    while !is_stopped() {
        assert!(Instant::now() < until, "it does not stop");
        thread::yield_now();
    }
}
