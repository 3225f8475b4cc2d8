use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::*;
use crate::exposition::tests::measured;

async fn start(checks: &Checks) -> AdminPort {
    let exposition = measured(|| metrics::gauge!("journal_position", "book" => "a").set(7.0));
    AdminPort::start("127.0.0.1:0".parse().unwrap(), exposition, checks.clone()).await.unwrap()
}

/// What a GET is answered: the head, and the body.
async fn get(port: &AdminPort, path: &str, accept: &str) -> (String, String) {
    let mut stream = TcpStream::connect(port.address()).await.unwrap();
    let request =
        format!("GET {path} HTTP/1.1\r\nhost: a\r\naccept: {accept}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_owned(), body.to_owned())
}

#[tokio::test]
async fn metrics_are_shown_as_prometheus_reads_them() {
    let port = start(&Checks::new(&Shutdown::new())).await;
    let (head, body) = get(&port, "/metrics", "*/*").await;
    assert!(head.starts_with("HTTP/1.1 200 ") && head.contains(EXPOSITION_TYPE), "{head}");
    assert!(body.contains("journal_position{book=\"a\"} 7\n"), "{body}");
    port.stop().await;
}

#[tokio::test]
async fn a_check_that_fails_is_shown_with_its_reason() {
    let checks = Checks::new(&Shutdown::new());
    let port = start(&checks).await;
    let (head, body) = get(&port, "/readyz", "*/*").await;
    assert!(head.starts_with("HTTP/1.1 200 ") && body == "shutdown: ok\n", "{head} {body}");

    // One that is added while the port listens.
    let is_there = Arc::new(AtomicBool::new(false));
    checks.add("bus", {
        let is_there = is_there.clone();
        move || is_there.load(SeqCst).then_some(()).ok_or_else(|| "no connection".to_owned())
    });
    let (head, body) = get(&port, "/readyz", "text/plain").await;
    assert!(head.starts_with("HTTP/1.1 503 "), "{head}");
    assert_eq!(body, "bus: no connection\nshutdown: ok\n");
    let (head, body) = get(&port, "/readyz", "application/json").await;
    assert!(head.starts_with("HTTP/1.1 503 ") && head.contains("application/json"), "{head}");
    assert_eq!(body, r#"{"ready":false,"checks":{"bus":"no connection","shutdown":null}}"#);
    assert!(get(&port, "/livez", "*/*").await.0.starts_with("HTTP/1.1 200 "));

    is_there.store(true, SeqCst);
    let (head, body) = get(&port, "/readyz", "application/json").await;
    assert!(head.starts_with("HTTP/1.1 200 ") && body.contains(r#""ready":true"#), "{head} {body}");
    port.stop().await;
}

#[tokio::test]
async fn during_a_drain_the_port_answers_that_the_process_ends() {
    let shutdown = Shutdown::new();
    let port = start(&Checks::new(&shutdown)).await;
    shutdown.trigger();
    let (head, body) = get(&port, "/readyz", "*/*").await;
    assert!(head.starts_with("HTTP/1.1 503 "), "{head}");
    assert_eq!(body, "shutdown: the process is about to end\n");
    assert!(get(&port, "/livez", "*/*").await.0.starts_with("HTTP/1.1 200 "));
    let address = port.address();
    port.stop().await;
    assert!(TcpStream::connect(address).await.is_err());
}
