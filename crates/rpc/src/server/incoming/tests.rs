use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::path::Path;

use futures_util::StreamExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::watch;
use tokio::time::timeout;
use tonic::transport::Endpoint;

use super::*;
use crate::server::serve_within;
use crate::tls::{KeyPair, ServerTls};

/// Longer than anything here takes on a machine that is busy with other things.
const DEADLINE: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_millis(200);
const NEVER: Duration = Duration::from_secs(3_600);
/// A ping, and the answer to one (RFC 9113, section 6.7): nine bytes of a frame's head, and eight.
const PING_BYTES: usize = 17;
const PATIENT: Limits = Limits { connections: 8, handshake: NEVER, ping: NEVER, silence: NEVER };

/// Serves no book until the test ends.
async fn serve(limits: Limits, tls: Option<ServerTls>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (_served, books) = watch::channel(BTreeMap::new());
        let never = std::future::pending();
        serve_within(limits, listener, books, tls.as_ref(), never).await.unwrap();
    });
    address
}

/// A certificate that a server has signed itself.
fn certificate(folder: &Path) -> ServerTls {
    let signed = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let identity = KeyPair { certificate: folder.join("chain.pem"), key: folder.join("key.pem") };
    std::fs::write(&identity.certificate, signed.cert.pem()).unwrap();
    std::fs::write(&identity.key, signed.signing_key.serialize_pem()).unwrap();
    ServerTls { identity, client_ca: None }
}

/// Waits until the server ends a connection on which nothing is said.
async fn is_cut_off(address: SocketAddr) {
    let mut silent = TcpStream::connect(address).await.unwrap();
    let mut said = Vec::new();
    timeout(DEADLINE, silent.read_to_end(&mut said)).await.expect("it is cut off").unwrap();
}

#[tokio::test]
async fn who_says_nothing_is_cut_off() {
    let limits = Limits { silence: SHORT, ..PATIENT };
    let folder = tempfile::tempdir().unwrap();
    for tls in [None, Some(certificate(folder.path()))] {
        is_cut_off(serve(limits, tls).await).await;
    }
}

#[tokio::test]
async fn who_ends_no_handshake_is_cut_off() {
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits { handshake: SHORT, ..PATIENT };
    is_cut_off(serve(limits, Some(certificate(folder.path()))).await).await;
}

#[tokio::test]
async fn who_answers_pings_may_have_nothing_else_to_say() {
    // So many answers take three times as long as a silence may last.
    const ANSWERS: usize = 120 * PING_BYTES;
    let address = serve(Limits { ping: SHORT / 4, silence: 10 * SHORT, ..PATIENT }, None).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let _client =
        tokio::spawn(
            async move { Endpoint::from_shared(endpoint).unwrap().connect().await.unwrap() },
        );
    let (near, _) = listener.accept().await.unwrap();
    let (mut from_client, mut to_client) = near.into_split();
    let (mut from_server, mut to_server) = TcpStream::connect(address).await.unwrap().into_split();
    let answers = async {
        let (mut said, mut bytes) = (0, [0; 1_024]);
        while said < ANSWERS {
            let count = from_client.read(&mut bytes).await.unwrap();
            assert_ne!(count, 0, "the client has left");
            to_server.write_all(&bytes[..count]).await.unwrap();
            said += count;
        }
    };
    tokio::select! {
        ended = tokio::io::copy(&mut from_server, &mut to_client) => panic!("cut off: {ended:?}"),
        in_time = timeout(DEADLINE, answers) => in_time.expect("pings are answered"),
    }
}

#[tokio::test]
async fn so_many_connections_are_served_and_no_more() {
    let address = serve(Limits { connections: 1, ..PATIENT }, None).await;
    let mut first = TcpStream::connect(address).await.unwrap();
    timeout(DEADLINE, first.read_u8()).await.unwrap().unwrap();
    let mut second = TcpStream::connect(address).await.unwrap();
    timeout(SHORT, second.read_u8()).await.unwrap_err();
    drop(first);
    timeout(DEADLINE, second.read_u8()).await.unwrap().unwrap();
}

/// Tonic would try again at once.
#[tokio::test]
async fn a_failed_accept_is_not_passed_on() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let _near = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (far, _) = listener.accept().unwrap();
    far.set_nonblocking(true).unwrap();
    far.shutdown(std::net::Shutdown::Read).unwrap();
    // One that never accepts anything.
    let no_listener = TcpListener::from_std(OwnedFd::from(far).into()).unwrap();
    no_listener.accept().await.unwrap_err();
    let mut incoming = std::pin::pin!(incoming(no_listener, PATIENT));
    assert!(timeout(3 * ACCEPT_PAUSE, incoming.next()).await.is_err());
}
