use std::{
    env,
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};
use tracing::info;

use super::{Shutdown, install, runtime, thread};
use crate::config::{Log, LogFormat};
use crate::telemetry::{self, FILTER_VARIABLE};

const DEADLINE: Duration = Duration::from_secs(30);

/// Set in the process that this test starts: itself, in the part of a role.
const CHILD: &str = "LEDGEROS_TEST_CHILD";

#[test]
fn the_first_signal_drains_and_the_second_ends_a_stuck_process() {
    if env::var_os(CHILD).is_some() {
        return drain_and_get_stuck();
    }
    assert_eq!(ends_with(Signal::TERM, Signal::INT), Some(130));
    assert_eq!(ends_with(Signal::INT, Signal::TERM), Some(143));
}

fn ends_with(first: Signal, second: Signal) -> Option<i32> {
    let test = "signals::tests::the_first_signal_drains_and_the_second_ends_a_stuck_process";
    let mut child = Command::new(env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture"])
        .env(CHILD, "1")
        .env(FILTER_VARIABLE, "info")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let pid = Pid::from_child(&child);
    let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut wait_for = |message: &str| {
        let line = log.find(|line| line.as_ref().unwrap().contains(message));
        line.unwrap_or_else(|| panic!("the role ended without `{message}`")).unwrap()
    };

    wait_for(r#""message":"ready""#);
    kill_process(pid, first).unwrap();
    wait_for(r#""message":"stuck""#);
    kill_process(pid, second).unwrap();
    child.wait().unwrap().code()
}

fn drain_and_get_stuck() {
    telemetry::init(&Log { format: LogFormat::Json, ..Log::default() }, None).unwrap();
    let shutdown = Shutdown::new();
    install(shutdown.clone()).unwrap();
    info!("ready");

    let runtime = runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async { tokio::time::timeout(DEADLINE, shutdown.triggered()).await }).unwrap();
    info!("stuck");
    thread::park_timeout(DEADLINE);
}
