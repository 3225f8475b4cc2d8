use std::{
    io::ErrorKind,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{body::Bytes, routing::get};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, duplex},
    sync::Notify,
    task::JoinHandle,
};

use super::*;

const DEADLINE: Duration = Duration::from_secs(10);
const SHORT: Duration = Duration::from_millis(50);

#[tokio::test]
async fn a_request_in_flight_at_the_drain_is_answered_and_new_connections_are_refused() {
    let gate = Gate::default();
    let server = Server::start(gate.router(), Limits::default()).await;
    let mut client = server.connect().await;
    client.ask("/").await;
    within(gate.entered.notified()).await;

    server.shutdown.trigger();
    server.until_it_refuses().await;
    gate.leave.notify_one();

    let answer = client.rest().await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("through"), "{answer}");
    assert_eq!(within(server.served).await.unwrap(), Drained::Clean);
}

#[tokio::test]
async fn a_second_trigger_does_not_hurry_a_drain() {
    let gate = Gate::default();
    let server = Server::start(gate.router(), Limits::default()).await;
    let mut client = server.connect().await;
    client.ask("/").await;
    within(gate.entered.notified()).await;

    server.shutdown.trigger();
    server.until_it_refuses().await;
    server.shutdown.trigger();
    gate.leave.notify_one();

    assert!(client.rest().await.ends_with("through"));
    assert_eq!(within(server.served).await.unwrap(), Drained::Clean);
}

#[tokio::test]
async fn what_outlasts_the_drain_is_cut_and_counted() {
    let gate = Gate::default();
    let server = Server::start(gate.router(), Limits { drain: SHORT, ..Limits::default() }).await;
    let mut client = server.connect().await;
    client.ask("/").await;
    within(gate.entered.notified()).await;

    server.shutdown.trigger();

    assert_eq!(within(server.served).await.unwrap(), Drained::Cut { connections: 1 });
    assert_eq!(client.rest().await, "");
}

#[tokio::test]
async fn idle_connections_do_not_hold_up_a_drain() {
    let server = Server::start(hello(), Limits { drain: 2 * DEADLINE, ..Limits::default() }).await;
    // Connections are accepted in their order: the answer on the second says that the first was.
    let mut unused = server.connect().await;
    let mut used = server.connect().await;
    used.ask("/").await;
    used.answer("hello").await;

    server.shutdown.trigger();

    assert_eq!(within(server.served).await.unwrap(), Drained::Clean);
    assert_eq!((unused.rest().await, used.rest().await), (String::new(), String::new()));
}

#[tokio::test]
async fn a_sender_that_dribbles_its_head_is_cut() {
    let server = Server::start(hello(), Limits { head: SHORT, ..Limits::default() }).await;
    let mut client = server.connect().await;
    client.send("GET / HTTP/1.1\r\nhost: here\r\ndribble: ").await;

    let mut ticks = time::interval(SHORT / 10);
    let cut = async {
        loop {
            ticks.tick().await;
            if client.0.write_all(b"x").await.is_err() {
                break;
            }
        }
    };
    within(cut).await;
}

#[tokio::test]
async fn who_does_not_read_its_answer_is_cut() {
    // More than the system takes for a client that reads nothing.
    let long = Bytes::from(vec![b'x'; 64 * 1024 * 1024]);
    let router = hello().route("/long", get(async move || long));
    let limits = Limits { connections: 1, write: SHORT, ..Limits::default() };
    let server = Server::start(router, limits).await;
    let mut silent = server.connect().await;
    silent.ask("/long").await;

    let mut next = server.connect().await;
    next.ask("/").await;
    next.answer("hello").await;
}

#[tokio::test(start_paused = true)]
async fn who_reads_slowly_gets_the_whole_answer() {
    const TAKEN: usize = 1024;
    let long = "x".repeat(64 * TAKEN);
    let router = Router::new().route("/", get(async move || long));
    let service = TowerToHyperService::new(router.with_state(()));
    let (stream, mut client) = duplex(TAKEN);
    let stream = timed(stream, WRITE_TIMEOUT);
    tokio::spawn(attend(http(HEAD_TIMEOUT), stream, service, Shutdown::new()));
    let ask = "GET / HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n";
    client.write_all(ask.as_bytes()).await.unwrap();

    let mut ticks = time::interval(WRITE_TIMEOUT - SHORT);
    let (mut answer, mut taken) = (Vec::new(), [0; TAKEN]);
    loop {
        ticks.tick().await;
        match client.read(&mut taken).await.unwrap() {
            0 => break,
            length => answer.extend_from_slice(&taken[..length]),
        }
    }
    assert!(answer.ends_with(&[b'x'; 64 * TAKEN]), "{}", answer.len());
}

#[tokio::test]
async fn a_head_above_the_limit_is_refused() {
    let server = Server::start(hello(), Limits::default()).await;
    let mut client = server.connect().await;
    let long = "x".repeat(HEAD_BYTES_MAX);
    client.send(&format!("GET / HTTP/1.1\r\nlong: {long}\r\n\r\n")).await;
    client.answer("HTTP/1.1 431 Request Header Fields Too Large\r\n").await;
}

#[tokio::test]
async fn connections_above_the_limit_wait_for_a_place() {
    let answered = Arc::new(AtomicUsize::new(0));
    let count = answered.clone();
    let counting = Router::new().route(
        "/",
        get(async move || format!("number {};", count.fetch_add(1, Ordering::Relaxed))),
    );
    let server = Server::start(counting, Limits { connections: 1, ..Limits::default() }).await;
    let mut first = server.connect().await;
    first.ask("/").await;
    first.answer("number 0;").await;

    let mut second = server.connect().await;
    second.ask("/").await;
    for number in 1..100 {
        first.ask("/").await;
        first.answer(&format!("number {number};")).await;
    }
    drop(first);

    second.answer("number 100;").await;
}

fn hello() -> Router {
    Router::new().route("/", get(async || "hello"))
}

/// A handler that says when it was entered, and waits until it may leave.
#[derive(Clone, Default)]
struct Gate {
    entered: Arc<Notify>,
    leave: Arc<Notify>,
}

impl Gate {
    fn router(&self) -> Router {
        let gate = self.clone();
        let pass = async move || {
            gate.entered.notify_one();
            gate.leave.notified().await;
            // Work that goes on during the drain: one that cuts too early is noticed.
            time::sleep(SHORT).await;
            "through"
        };
        Router::new().route("/", get(pass))
    }
}

struct Server {
    address: SocketAddr,
    shutdown: Shutdown,
    served: JoinHandle<Drained>,
}

impl Server {
    async fn start(router: Router, limits: Limits) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shutdown = Shutdown::new();
        let served = tokio::spawn(serve(listener, router, shutdown.clone(), limits));
        Self { address, shutdown, served }
    }

    async fn connect(&self) -> Client {
        Client(within(TcpStream::connect(self.address)).await.unwrap())
    }

    async fn until_it_refuses(&self) {
        let refused = async {
            // A connection that was waiting when the listener closed is reset instead.
            while !matches!(
                TcpStream::connect(self.address).await,
                Err(error) if error.kind() == ErrorKind::ConnectionRefused
            ) {
                tokio::task::yield_now().await;
            }
        };
        within(refused).await;
    }
}

struct Client(TcpStream);

impl Client {
    async fn send(&mut self, text: &str) {
        within(self.0.write_all(text.as_bytes())).await.unwrap();
    }

    async fn ask(&mut self, path: &str) {
        self.send(&format!("GET {path} HTTP/1.1\r\nhost: here\r\n\r\n")).await;
    }

    /// Reads until `end` has come.
    async fn answer(&mut self, end: &str) {
        let mut answer = Vec::new();
        let read = async {
            while !String::from_utf8_lossy(&answer).contains(end) {
                assert_ne!(self.0.read_buf(&mut answer).await.unwrap(), 0, "closed before `{end}`");
            }
        };
        within(read).await;
    }

    /// Reads until the server closes.
    async fn rest(&mut self) -> String {
        let mut rest = String::new();
        within(self.0.read_to_string(&mut rest)).await.unwrap();
        rest
    }
}

async fn within<T>(future: impl Future<Output = T>) -> T {
    time::timeout(DEADLINE, future).await.expect("done before the deadline")
}
