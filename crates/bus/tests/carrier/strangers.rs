//! Messages that no relay of the journal has sent.

use std::sync::Arc;

use async_nats::jetstream;
use async_nats::{Client, HeaderMap};
use bus::Stream;
use bytes::Bytes;
use journal::Stored;
use ledger::{Entry, Position};
use servers::{Nats, Random};
use tokio::time::{Duration, Instant};

use crate::stage::{Fed, Journal, MODEL, PATIENCE, carried, connect};

/// As a relay would send it, but for the id by which it would be known to be repeated.
async fn send(client: &Client, book: &Journal, stored: &Stored) {
    let mut headers = HeaderMap::new();
    headers.insert("Ledger-Position", stored.entry.position.0.to_string());
    headers.insert("Ledger-Hash", stored.hash.to_string());
    send_with(client, book, headers, stored.bytes.clone()).await;
}

async fn send_with(client: &Client, book: &Journal, headers: HeaderMap, payload: Vec<u8>) {
    let subject = format!("ledgeros.{}.open-book", book.id);
    let context = jetstream::new(client.clone());
    let sent = context.publish_with_headers(subject, headers, Bytes::from(payload)).await;
    sent.unwrap().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_that_come_twice_or_in_another_order_are_shown_once_and_in_order() {
    let nats = Nats::start();
    let stream = connect(nats.port()).await;
    let client = async_nats::connect(nats.url()).await.unwrap();
    stream.ensure().await.unwrap();
    let mut journal = Journal::new(1);
    let fed = Fed::start(&stream, &journal);
    // Nobody relays: all that comes is this.
    journal.grow(40);
    for place in [0, 1, 2, 9, 7, 8, 3, 3, 20, 39, 38, 4, 5, 6, 10] {
        send(&client, &journal, &journal.entries[place]).await;
    }
    fed.shows_all_of(&journal).await;
    journal.grow(10);
    for stored in journal.entries.iter().rev() {
        send(&client, &journal, stored).await;
    }
    fed.shows_all_of(&journal).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_in_the_journal_is_not_shown() {
    let nats = Nats::start();
    let stream = connect(nats.port()).await;
    let client = async_nats::connect(nats.url()).await.unwrap();
    stream.ensure().await.unwrap();
    let mut journal = Journal::new(1);
    let _relay = journal.relay(&stream);
    let fed = Fed::start(&stream, &journal);
    fed.shows_all_of(&journal).await;

    // The same beginning, and then another history, as recovery leaves one in the stream.
    let mut given_up = Journal::new(1);
    given_up.grow(1);
    let mut other = Journal::new(1);
    other.grow_by_holders(3);
    assert_eq!(other.entries[0].hash, journal.entries[0].hash);
    assert_ne!(other.entries[1].hash, given_up.entries[1].hash);
    for stored in &other.entries {
        send(&client, &journal, stored).await;
    }
    send_with(&client, &journal, HeaderMap::new(), b"hello".to_vec()).await;
    let mut headers = HeaderMap::new();
    headers.insert("Ledger-Position", "2");
    headers.insert("Ledger-Hash", other.entries[1].hash.to_string());
    send_with(&client, &journal, headers, b"hello".to_vec()).await;

    journal.grow(30);
    fed.shows_all_of(&journal).await;
    carried(&stream, &journal).await;
}

/// An entry of a position that the journal has not come to, before more than the server brings unacknowledged.
#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_never_done_keeps_no_other_from_being_brought() {
    let nats = Nats::start();
    let stream = connect(nats.port()).await;
    let client = async_nats::connect(nats.url()).await.unwrap();
    let mut journal = Journal::new(1);
    let _relay = journal.relay(&stream);
    let fed = Fed::start(&stream, &journal);
    carried(&stream, &journal).await;
    fed.shows_all_of(&journal).await;

    let stored = &journal.entries[0];
    let ahead = Entry { position: Position(1_000_000), ..Entry::clone(&stored.entry) };
    send(&client, &journal, &journal::encode(Arc::new(ahead), stored.hash)).await;
    journal.grow(9_000);
    fed.shows_all_of(&journal).await;
    carried(&stream, &journal).await;
    let consumer = format!("{}-{}", journal.id, MODEL.name());
    let stream = jetstream::new(client).get_stream("ledgeros").await.unwrap();
    let deadline = Instant::now() + PATIENCE;
    loop {
        let consumer = stream.consumer_info(&consumer).await.unwrap();
        if (consumer.num_pending, consumer.num_ack_pending) == (0, 0) {
            return;
        }
        assert!(Instant::now() < deadline, "{consumer:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Messages that are nearly an entry's, in their headers and in their bytes.
#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_in_a_message_only_the_journal_is_shown() {
    const MESSAGES: usize = 300;
    let mut random = Random::for_test("bus", "whatever_is_in_a_message");
    let nats = Nats::start();
    let stream = connect(nats.port()).await;
    let client = async_nats::connect(nats.url()).await.unwrap();
    stream.ensure().await.unwrap();
    let mut journal = Journal::new(1);
    let fed = Fed::start(&stream, &journal);
    journal.grow(20);
    for _ in 0..MESSAGES {
        let stored = random.one_of(&journal.entries);
        let mut payload = stored.bytes.clone();
        let mut texts = [stored.entry.position.0.to_string(), stored.hash.to_string()];
        match random.below(5) {
            0 => payload.truncate(random.below(stored.bytes.len())),
            1 => payload[random.below(stored.bytes.len())] ^= 1 << random.below(8),
            2 => payload.push(random.number() as u8),
            3 => {
                let none = ["", "0", "-1", "+2", "18446744073709551616", "1e3"];
                texts[0] = (*random.one_of(&none)).to_owned();
            }
            _ => {
                let place = random.below(texts[1].len());
                let other = random.one_of::<&str>(&["", "g", "0", "F", "00"]);
                texts[1].replace_range(place..=place, other);
            }
        }
        let [position, hash] = texts;
        let mut headers = HeaderMap::new();
        headers.insert("Ledger-Position", position);
        headers.insert("Ledger-Hash", hash);
        send_with(&client, &journal, headers, payload).await;
    }
    journal.grow(10);
    for stored in &journal.entries {
        send(&client, &journal, stored).await;
    }
    fed.shows_all_of(&journal).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_has_what_the_journal_lacks_is_sent_nothing() {
    let nats = Nats::start();
    let stream = connect(nats.port()).await;
    let lost = carry_another(&stream).await;
    let mut journal = Journal::new(1);
    journal.grow(20);
    let _relay = journal.relay(&stream);
    let fed = Fed::start(&stream, &journal);
    fed.shows_all_of(&journal).await;
    // By now the relay has looked many a time.
    journal.grow(100);
    fed.shows_all_of(&journal).await;
    carried(&stream, &lost).await;

    // As operators do who know what was lost.
    let client = async_nats::connect(nats.url()).await.unwrap();
    let stored = jetstream::new(client).get_stream("ledgeros").await.unwrap();
    stored.purge().await.unwrap();
    carried(&stream, &journal).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_that_was_given_up_is_nothing_to_the_next_one() {
    let nats = Nats::start();
    let stream = connect(nats.port()).await;
    carry_another(&stream).await;
    let mut journal = Journal::new(1);
    journal.incarnation = [2; 16];
    journal.grow(20);
    let _relay = journal.relay(&stream);
    carried(&stream, &journal).await;
    let fed = Fed::start(&stream, &journal);
    journal.grow(20);
    fed.shows_all_of(&journal).await;
    carried(&stream, &journal).await;
}

/// Another journal of the same book, which the stream has all of and nobody relays any more.
async fn carry_another(stream: &Stream) -> Journal {
    let mut other = Journal::new(1);
    other.grow_by_holders(50);
    let relay = other.relay(stream);
    carried(stream, &other).await;
    drop(relay);
    other
}
