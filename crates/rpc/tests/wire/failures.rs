//! The client, when nobody answers.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use ledger::CommandId;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::play::{Process, client_of, done, request, result, submitted};

/// How long a process that hangs may keep a client from another: a ping's interval and its silence, twice over, because
/// other tests run at the same time.
const HANG_MAX: Duration = Duration::from_secs(6);

/// A way to a process that can be stopped, as a process is that does not run any more while its connections stay open.
struct Wire {
    address: SocketAddr,
    is_stopped: watch::Sender<bool>,
}

impl Wire {
    async fn to(process: &Process) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let to = process.address;
        let (is_stopped, stopped) = watch::channel(false);
        tokio::spawn(async move {
            loop {
                let (near, _) = listener.accept().await.unwrap();
                let Ok(far) = TcpStream::connect(to).await else { continue };
                let (near_read, near_write) = near.into_split();
                let (far_read, far_write) = far.into_split();
                tokio::spawn(carry(near_read, far_write, stopped.clone()));
                tokio::spawn(carry(far_read, near_write, stopped.clone()));
            }
        });
        Self { address, is_stopped }
    }

    fn stop(&self) {
        self.is_stopped.send_replace(true);
    }
}

async fn carry(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut stop: watch::Receiver<bool>) {
    let mut bytes = [0; 4_096];
    loop {
        let count = tokio::select! {
            count = from.read(&mut bytes) => count.unwrap_or(0),
            () = stopped(&mut stop) => break,
        };
        if count == 0 || to.write_all(&bytes[..count]).await.is_err() {
            return;
        }
    }
    // Neither end notices anything.
    std::future::pending().await
}

async fn stopped(stop: &mut watch::Receiver<bool>) {
    stop.wait_for(|is_stopped| *is_stopped).await.unwrap();
}

#[tokio::test]
async fn a_process_that_never_answers_does_not_hide_the_leader() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let process = Process::start().await;
    let mut writer = process.lead(1);
    let begin = Instant::now();
    let call = submitted(&client_of([silent.local_addr().unwrap(), process.address]), 1);
    writer.do_next().await;
    assert_eq!(result(call).await, Ok((CommandId([1; 16]), false)));
    assert!(begin.elapsed() < HANG_MAX);
}

#[tokio::test]
async fn a_leader_that_stops_without_a_word_is_left_for_the_next() {
    let (first, second) = (Process::start().await, Process::start().await);
    let mut writer = first.lead(1);
    let wire = Wire::to(&first).await;
    let client = client_of([wire.address, second.address]);
    let call = submitted(&client, 1);
    writer.do_next().await;
    result(call).await.unwrap();

    wire.stop();
    let begin = Instant::now();
    let call = submitted(&client, 2);
    let mut writer = second.lead(2);
    writer.do_next().await;
    assert_eq!(result(call).await, Ok((CommandId([2; 16]), false)));
    assert!(begin.elapsed() < HANG_MAX);
}

#[tokio::test]
async fn who_has_waited_for_too_long_is_told_what_is_certain() {
    // Nobody leads: it was never sent.
    let nobody = Process::start().await;
    let never = submitted(&nobody.client(), 1);
    // The leader has taken it, and dies.
    let process = Process::start().await;
    let mut writer = process.lead(1);
    let client = process.client();
    let lost = submitted(&client, 2);
    let trial = tokio::spawn(async move { client.try_out(request(3)).await });
    let taken = [writer.next().await, writer.next().await];
    process.kill().await;
    // The leader is there, and never answers.
    let slow = Process::start().await;
    let mut writer = slow.lead(1);
    let sent = submitted(&slow.client(), 4);
    let late = writer.next().await;

    assert_eq!(result(never).await, Err("Unavailable".to_owned()));
    assert_eq!(result(lost).await, Err("Unknown".to_owned()));
    assert_eq!(result(trial).await, Err("Unavailable".to_owned()));
    assert_eq!(result(sent).await, Err("Unknown".to_owned()));
    done(late, false);
    drop(taken);
}
