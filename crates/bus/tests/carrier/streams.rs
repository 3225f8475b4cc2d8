//! The stream as it must be, and as it may be found.

use std::fs;

use async_nats::jetstream;
use async_nats::jetstream::stream::{Config, StorageType};
use bus::{Options, Stream, StreamError};
use journal::Stored;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use servers::Nats;

use crate::messages::messages;
use crate::stage::{Fed, Journal, carried, connect};

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_of_the_same_name_that_is_not_like_ours_is_refused() {
    let ours = || Config {
        name: "ledgeros".to_owned(),
        subjects: vec!["ledgeros.>".to_owned()],
        ..Config::default()
    };
    for (other, setting) in [
        (Config { subjects: vec!["other.>".to_owned()], ..ours() }, "subjects"),
        (Config { storage: StorageType::Memory, ..ours() }, "storage"),
        (Config { no_ack: true, ..ours() }, "no_ack"),
    ] {
        let nats = Nats::start();
        let client = async_nats::connect(nats.url()).await.unwrap();
        jetstream::new(client).create_stream(other).await.unwrap();
        let refused = connect(nats.port()).await.ensure().await.unwrap_err();
        assert!(
            matches!(refused, StreamError::Differs { setting: found, .. } if found == setting),
            "{refused}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_operator_has_changed_is_left_alone() {
    let nats = Nats::start();
    let stream = connect(nats.port()).await;
    stream.ensure().await.unwrap();
    let context = jetstream::new(async_nats::connect(nats.url()).await.unwrap());
    let found = context.get_stream("ledgeros").await.unwrap();
    let config = found.cached_info().config.clone();
    assert_eq!((config.storage, config.max_bytes), (StorageType::File, 256 * 1024 * 1024));
    let changed = Config { max_bytes: 1024 * 1024, ..config };
    context.update_stream(changed).await.unwrap();
    stream.ensure().await.unwrap();
    let found = context.get_stream("ledgeros").await.unwrap();
    assert_eq!(found.cached_info().config.max_bytes, 1024 * 1024);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_message_of_a_book_is_a_witness() {
    let nats = Nats::start();
    let stream = connect(nats.port()).await;
    let mut journals = [Journal::new(1), Journal::new(2)];
    assert_eq!(stream.last(journals[0].id).await.unwrap(), None, "there is no stream");
    let _relay = journals[0].relay(&stream);
    carried(&stream, &journals[0]).await;
    assert_eq!(stream.last(journals[1].id).await.unwrap(), None, "there is no message");
    let _other = journals[1].relay(&stream);
    for journal in &mut journals {
        journal.grow(20);
    }
    for journal in &journals {
        carried(&stream, journal).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_that_is_too_large_is_left_to_the_journal() {
    let mut journal = Journal::new(1);
    journal.grow(50);
    let largest = journal.entries.iter().map(|stored| size(&journal, stored)).max().unwrap();
    let nats = Nats::start_with(&format!("max_payload: {}", largest - 1));
    let stream = connect(nats.port()).await;
    let _relay = journal.relay(&stream);
    let fed = Fed::start(&stream, &journal);
    fed.shows_all_of(&journal).await;
    journal.grow_by_holders(1);
    carried(&stream, &journal).await;
    let carried = journal.entries.iter().filter(|stored| size(&journal, stored) < largest);
    assert_eq!(messages(&nats).await.len(), carried.count());
}

/// Of a message with its headers.
fn size(journal: &Journal, stored: &Stored) -> usize {
    let (book, position, hash) = (journal.id, stored.entry.position.0, stored.hash);
    let incarnation = "01".repeat(16);
    let headers = format!(
        "NATS/1.0\r\nNats-Msg-Id: {book}.{position}.{hash}\r\nLedger-Position: {position}\r\n\
         Ledger-Hash: {hash}\r\nLedger-Incarnation: {incarnation}\r\n\r\n"
    );
    headers.len() + stored.bytes.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_asks_for_tls_and_a_password_is_reached_by_who_has_both() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &authority).unwrap();
    fs::write(file("authority"), authority.pem()).unwrap();
    fs::write(file("certificate"), certificate.pem()).unwrap();
    fs::write(file("key"), key.serialize_pem()).unwrap();
    let settings = format!(
        "authorization {{ user: someone, password: secret }}
         tls {{ cert_file: {:?}, key_file: {:?} }}",
        file("certificate"),
        file("key")
    );
    let nats = Nats::start_with(&settings);

    let url = format!("tls://someone:secret@127.0.0.1:{}", nats.port());
    let with = Options { authorities: Some(file("authority")), ..Options::new(&url) };
    assert!(!format!("{with:?}").contains("secret"));
    let stream = Stream::connect(&with).await.unwrap();
    let mut journal = Journal::new(1);
    let _relay = journal.relay(&stream);
    journal.grow(10);
    carried(&stream, &journal).await;

    for without in
        [Options::new(&url), Options { url: url.replace("secret", "guess"), ..with.clone() }]
    {
        let stranger = Stream::connect(&without).await.unwrap();
        let refused = stranger.ensure().await.unwrap_err();
        assert!(matches!(refused, StreamError::Failed { .. }), "{refused}");
    }
    let missing = Options { credentials: Some(file("missing")), ..with };
    let refused = Stream::connect(&missing).await.unwrap_err();
    assert!(refused.to_string().contains("credentials"), "{refused}");
}
