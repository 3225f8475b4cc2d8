//! The server does what its users rely on.

#![allow(clippy::unwrap_used, reason = "these are tests")]

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

use servers::{Gate, Nats, Passing};

/// Longer than any answer takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// Long enough to call it silence.
const SILENCE: Duration = Duration::from_millis(200);

/// A client that speaks the protocol by hand.
struct Client(BufReader<TcpStream>);

impl Client {
    fn connect(port: u16) -> Self {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut client = Self(BufReader::new(stream));
        assert!(client.line().starts_with("INFO"));
        client.say("CONNECT {\"verbose\":false}\r\n");
        client
    }

    fn say(&mut self, text: &str) {
        self.0.get_mut().write_all(text.as_bytes()).unwrap();
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).unwrap();
        line
    }

    /// What JetStream answers.
    fn ask(&mut self, subject: &str, payload: &str) -> String {
        let length = payload.len();
        self.say(&format!("SUB answer 1\r\nPUB {subject} answer {length}\r\n{payload}\r\n"));
        loop {
            let line = self.line();
            if line.starts_with("MSG") {
                let length: usize = line.trim().rsplit(' ').next().unwrap().parse().unwrap();
                let mut answer = vec![0; length];
                self.0.read_exact(&mut answer).unwrap();
                assert_eq!(self.line(), "\r\n");
                self.say("UNSUB 1\r\n");
                return String::from_utf8(answer).unwrap();
            }
            assert!(!line.starts_with("-ERR"), "{line}");
        }
    }

    /// Waits, and hears nothing.
    fn hears_nothing(&mut self) {
        self.0.get_mut().set_read_timeout(Some(SILENCE)).unwrap();
        let kind = self.0.read_line(&mut String::new()).unwrap_err().kind();
        assert!(matches!(kind, ErrorKind::WouldBlock | ErrorKind::TimedOut), "{kind}");
        self.0.get_mut().set_read_timeout(Some(PATIENCE)).unwrap();
    }

    fn make_stream(&mut self) {
        let made = self.ask("$JS.API.STREAM.CREATE.s", r#"{"name":"s","subjects":["s.>"]}"#);
        assert!(!made.contains("error"), "{made}");
    }

    /// How many messages the stream has; none, if there is no such stream.
    fn messages(&mut self) -> Option<u64> {
        let found = self.ask("$JS.API.STREAM.INFO.s", "");
        let (_, rest) = found.split_once("\"messages\":")?;
        rest.split([',', '}']).next().unwrap().parse().ok()
    }
}

#[test]
fn what_was_stored_survives_a_kill_and_goes_and_comes_with_the_store() {
    let mut server = Nats::start();
    let port = server.port();
    let mut client = Client::connect(port);
    client.make_stream();
    assert!(client.ask("s.1", "one").contains("\"seq\":1"));
    server.kill();
    server.start_again();
    assert_eq!(server.port(), port);
    assert_eq!(Client::connect(port).messages(), Some(1));

    server.stop();
    let copy = server.keep();
    server.start_again();
    assert!(Client::connect(port).ask("s.2", "two").contains("\"seq\":2"));
    server.stop();
    server.wipe();
    server.start_again();
    assert_eq!(Client::connect(port).messages(), None);
    server.stop();
    server.put_back(&copy);
    server.start_again();
    assert_eq!(Client::connect(port).messages(), Some(1));
}

#[test]
fn a_frozen_server_says_nothing_until_it_goes_on() {
    let server = Nats::start();
    let mut client = Client::connect(server.port());
    server.freeze();
    client.say("PING\r\n");
    client.hears_nothing();
    server.thaw();
    assert_eq!(client.line(), "PONG\r\n");
}

#[test]
fn a_gate_passes_what_it_is_told_to() {
    let server = Nats::start();
    let gate = Gate::before(server.port());
    let mut client = Client::connect(gate.port());
    client.make_stream();
    gate.set(Passing::Questions);
    client.say("PUB s.1 3\r\none\r\nPING\r\n");
    let mut direct = Client::connect(server.port());
    while direct.messages() != Some(1) {}
    client.hears_nothing();
    gate.set(Passing::All);
    client.say("PING\r\n");
    assert_eq!(client.line(), "PONG\r\n", "of two answers, one was lost");
    gate.set(Passing::Nothing);
    assert_eq!(client.line(), "", "the connection has ended");
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, gate.port())).unwrap();
    assert_eq!(BufReader::new(stream).read_line(&mut String::new()).unwrap_or(0), 0);
    gate.set(Passing::All);
    assert_eq!(Client::connect(gate.port()).messages(), Some(1));
}

#[test]
fn a_dropped_server_leaves_nothing() {
    let server = Nats::start();
    let port = server.port();
    drop(server);
    assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err());
}
