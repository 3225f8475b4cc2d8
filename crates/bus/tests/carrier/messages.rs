//! What stands in the stream.

use async_nats::jetstream;
use async_nats::jetstream::message::StreamMessage;
use servers::Nats;

use crate::stage::{Fed, Journal, carried, connect};

/// All messages of the stream, first first.
pub(crate) async fn messages(nats: &Nats) -> Vec<StreamMessage> {
    let client = async_nats::connect(nats.url()).await.unwrap();
    let stream = jetstream::new(client).get_stream("ledgeros").await.unwrap();
    let state = stream.get_info().await.unwrap().state;
    let mut messages = Vec::new();
    for sequence in state.first_sequence..=state.last_sequence {
        messages.push(stream.get_raw_message(sequence).await.unwrap());
    }
    messages
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_stand_in_the_stream_in_order_and_as_they_are_stored() {
    let nats = Nats::start();
    let stream = connect(nats.port()).await;
    let mut journal = Journal::new(1);
    journal.grow(30);
    let _relay = journal.relay(&stream);
    carried(&stream, &journal).await;
    journal.grow(600);
    carried(&stream, &journal).await;

    let messages = messages(&nats).await;
    assert_eq!(messages.len(), journal.entries.len());
    for (message, stored) in messages.iter().zip(&journal.entries) {
        let (book, position, hash) = (journal.id, stored.entry.position.0, stored.hash);
        assert_eq!(message.payload, stored.bytes);
        assert_eq!(
            message.subject.as_str(),
            format!("ledgeros.{book}.{}", bus::kind(&stored.entry))
        );
        let header = |name: &str| message.headers.get(name).unwrap().as_str();
        assert_eq!(header("Ledger-Position"), position.to_string());
        assert_eq!(header("Ledger-Hash"), hash.to_string());
        assert_eq!(header("Ledger-Incarnation"), "01".repeat(16));
        assert_eq!(header("Nats-Msg-Id"), format!("{book}.{position}.{hash}"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_model_is_fed_by_the_bus_and_books_are_apart() {
    let nats = Nats::start();
    let stream = connect(nats.port()).await;
    let mut journals = [Journal::new(1), Journal::new(2)];
    let _relays = journals.each_ref().map(|journal| journal.relay(&stream));
    let fed = journals.each_ref().map(|journal| Fed::start(&stream, journal));
    for count in [50, 1, 400] {
        for (journal, fed) in journals.iter_mut().zip(&fed) {
            journal.grow(count);
            fed.shows_all_of(journal).await;
        }
    }
}
