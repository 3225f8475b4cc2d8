use std::env;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Command;
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use rcgen::{CertifiedKey, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::*;
use crate::testing::{Behavior, Receiver};

fn send(options: &Options, url: &str) -> Result<u16, Fault> {
    let sender = Sender::new(options).unwrap();
    let url = Zeroizing::new(url.to_owned());
    let parcel = Parcel { url, headers: vec![("webhook-id", "evt_1".into())], body: "{}".into() };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(sender.send(parcel))
}

fn anywhere() -> Options {
    Options { allows_private: true, ..Options::default() }
}

#[test]
fn what_is_not_of_the_internet_is_refused_in_every_form() {
    for url in [
        "http://127.0.0.1:8080/",
        "http://127.1:8080/",
        "http://2130706433:8080/",
        "http://0x7f.0.0.1:8080/",
        "http://0177.0.0.1:8080/",
        "http://[::1]:8080/",
        "http://[::ffff:127.0.0.1]:8080/",
        "http://[64:ff9b::7f00:1]:8080/",
        "http://localhost:8080/",
        "http://LOCALHOST:8080/",
        "http://10.0.0.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[fd00:ec2::254]/",
        "http://8.8.8.8:22/",
        "http://8.8.8.8:25/",
    ] {
        assert_eq!(send(&Options::default(), url), Err(Fault::Forbidden), "{url}");
    }
}

#[test]
fn what_is_no_address_of_the_web_is_refused() {
    for url in ["", "8.8.8.8", "ftp://8.8.8.8/", "file:///etc/passwd", "unix:/run/x.sock"] {
        for options in [Options::default(), anywhere()] {
            assert_eq!(send(&options, url), Err(Fault::NoUrl), "{url}");
        }
    }
}

#[test]
fn a_name_that_leads_within_is_not_followed_there() {
    let receiver = Receiver::kind();
    let url = receiver.url.replace("127.0.0.1", "localhost");
    assert_eq!(send(&Options::default(), &url), Err(Fault::Forbidden));
    assert_eq!(receiver.seen().len(), 0);
    assert_eq!(send(&anywhere(), &url), Ok(200), "it is there");
}

/// The variables of the process are what a proxy is told by, so another process sends: this test once more.
#[test]
fn a_proxy_in_the_environment_is_not_used() {
    const TOLD: &str = "LEDGEROS_TEST_SENDS_TO";
    if let Ok(url) = env::var(TOLD) {
        assert_eq!(send(&anywhere(), &url), Ok(200));
        return;
    }
    let (receiver, proxy) = (Receiver::kind(), Receiver::kind());
    let mut process = Command::new(env::current_exe().unwrap());
    process.args(["--exact", "sender::tests::a_proxy_in_the_environment_is_not_used"]);
    process.env(TOLD, &receiver.url).env_remove("no_proxy").env_remove("NO_PROXY");
    for name in ["http_proxy", "https_proxy", "all_proxy"] {
        process.env(name, &proxy.url).env(name.to_ascii_uppercase(), &proxy.url);
    }
    let output = process.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!(receiver.seen().len(), 1);
    assert_eq!(proxy.seen().len(), 0);
}

/// The variables of the process are where certificates are looked for, so another process looks: this test once more.
#[test]
fn that_no_authority_is_known_is_logged_with_its_cause() {
    const TOLD: &str = "LEDGEROS_TEST_KNOWS_NOBODY";
    if env::var_os(TOLD).is_some() {
        tracing_subscriber::fmt().with_ansi(false).init();
        Sender::new(&Options::default()).unwrap();
        return;
    }
    let mut process = Command::new(env::current_exe().unwrap());
    let test = "sender::tests::that_no_authority_is_known_is_logged_with_its_cause";
    process.args(["--exact", "--nocapture", test]);
    process.env(TOLD, "yes").env("SSL_CERT_FILE", "/nowhere").env_remove("SSL_CERT_DIR");
    let output = process.output().unwrap();
    let log = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{log}");
    let line = log.lines().find(|line| line.contains("no certificate authority is known"));
    assert!(line.is_some_and(|line| line.contains("No CA certificates were loaded")), "{log}");
}

#[test]
fn what_goes_wrong_has_a_word() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("http://{closed}/");
    assert_eq!(send(&anywhere(), &url), Err(Fault::Unreachable));
    assert_eq!(send(&anywhere(), "http://nobody.invalid/"), Err(Fault::Unresolved));
    let closing = Receiver::start(|_, _| Behavior::Close);
    assert_eq!(send(&anywhere(), &closing.url), Err(Fault::Broken));
    let moved = Receiver::start(|_, _| Behavior::Redirect("http://127.0.0.1:1/".to_owned()));
    assert_eq!(send(&anywhere(), &moved.url), Ok(307));
}

#[test]
fn who_does_not_answer_within_fifteen_seconds_is_late() {
    let silent = Receiver::start(|_, _| Behavior::Hang);
    let begun = Instant::now();
    assert_eq!(send(&anywhere(), &silent.url), Err(Fault::Late));
    assert!(ANSWER_MAX <= begun.elapsed());
    assert_eq!(ANSWER_MAX, Duration::from_secs(15));
}

/// Answers one request over TLS, if it comes to that, with more than anybody wants to read.
fn tls_server(key: &CertifiedKey<KeyPair>) -> String {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let private = PrivateKeyDer::try_from(key.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![key.cert.der().clone()], private)
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://localhost:{}/", listener.local_addr().unwrap().port());
    thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let connection = ServerConnection::new(Arc::new(config)).unwrap();
        let mut stream = StreamOwned::new(connection, stream);
        let mut request = [0; 4096];
        if stream.read(&mut request).is_ok() {
            let head = "HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n";
            let _ = stream.write_all(head.as_bytes());
            while stream.write_all(&[b'.'; 4096]).is_ok() {}
        }
    });
    url
}

#[test]
fn certificates_are_looked_at_and_answers_not_read_to_their_end() {
    let key = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    assert_eq!(send(&anywhere(), &tls_server(&key)), Err(Fault::Untrusted));
    let authorities = Some(key.cert.pem().into_bytes());
    let trusting = Options { authorities, ..anywhere() };
    assert_eq!(send(&trusting, &tls_server(&key)), Ok(200));
    let other = rcgen::generate_simple_self_signed(["example.org".to_owned()]).unwrap();
    assert_eq!(send(&trusting, &tls_server(&other)), Err(Fault::Untrusted));
}
