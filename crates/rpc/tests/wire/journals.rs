//! Reading journals.

use bytes::Bytes;
use journal::Head;
use journal::checkpoint::{Origin, SigningKey};
use ledger::{BookId, Position};
use rpc::client::{JournalError, head, read};
use rpc::proto::CheckpointRequest;
use rpc::proto::journal_client::JournalClient;
use tonic::Code;

use crate::play::{BOOK, Process, in_time, writers_of};

#[tokio::test]
async fn a_journal_is_read_as_it_was_stored() {
    let mut process = Process::start().await;
    let written = process.append(3_000);
    let writers = writers_of([process.address]);
    let address = process.address.to_string();
    let mut entries = in_time(read(&writers, &address, BOOK, Head::EMPTY, false)).await.unwrap();
    let mut found = Vec::new();
    while let Some(more) = in_time(entries.next()).await.unwrap() {
        found.extend(more.into_iter().map(|stored| stored.bytes));
    }
    assert_eq!(found, written.iter().map(|stored| stored.bytes.clone()).collect::<Vec<_>>());

    let last = written.last().unwrap();
    let found = in_time(head(&writers, &address, BOOK)).await.unwrap();
    assert_eq!(found, Head { position: Position(3_000), hash: last.hash });
}

#[tokio::test]
async fn what_does_not_follow_is_not_believed() {
    let mut process = Process::start().await;
    let written = process.append(3);
    let writers = writers_of([process.address]);
    let address = process.address.to_string();
    let wrong = Head { position: Position(1), hash: written[1].hash };
    let mut entries = in_time(read(&writers, &address, BOOK, wrong, false)).await.unwrap();
    let error = in_time(entries.next()).await.unwrap_err();
    assert!(matches!(error, JournalError::Unlinked { after: Position(1) }), "{error}");
}

#[tokio::test]
async fn a_follower_gets_what_is_committed_later_from_a_leader_and_from_others() {
    let mut process = Process::start().await;
    let writers = writers_of([process.address]);
    let address = process.address.to_string();
    let mut entries = in_time(read(&writers, &address, BOOK, Head::EMPTY, true)).await.unwrap();
    process.append(2);
    let mut count = 0;
    while count < 2 {
        count += in_time(entries.next()).await.unwrap().unwrap().len();
    }
    let writer = process.lead(1);
    let written = process.append(1);
    writer.publisher.publish(written.into());
    let more = in_time(entries.next()).await.unwrap().unwrap();
    assert_eq!(more[0].entry.position, Position(3));
    process.stop();
    let error = in_time(entries.next()).await.unwrap_err();
    assert!(matches!(&error, JournalError::Call(status) if status.code() == Code::Unavailable));
}

#[tokio::test]
async fn as_many_journals_are_read_as_may_be_and_no_more() {
    let mut process = Process::start().await;
    process.append(1);
    let writers = writers_of([process.address]);
    let address = process.address.to_string();
    let mut open = Vec::new();
    for _ in 0..16 {
        let mut entries = in_time(read(&writers, &address, BOOK, Head::EMPTY, true)).await.unwrap();
        in_time(entries.next()).await.unwrap().unwrap();
        open.push(entries);
    }
    let error = in_time(head(&writers, &address, BOOK)).await.unwrap_err();
    let is_full = |error: &JournalError| matches!(error, JournalError::Call(status) if status.code() == Code::ResourceExhausted);
    assert!(is_full(&error), "{error}");
    drop(open.pop());
    // The server notices that one has gone.
    in_time(async {
        while let Err(error) = head(&writers, &address, BOOK).await {
            assert!(is_full(&error), "{error}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_checkpoint_is_shown_if_there_is_one() {
    let mut process = Process::start().await;
    process.append(1);
    let mut client = JournalClient::new(process.channel());
    let asked = CheckpointRequest { book: Bytes::from(BOOK.0.to_vec()) };
    assert_eq!(in_time(client.checkpoint(asked.clone())).await.unwrap().into_inner().note, None);
    process.store.sign_with(SigningKey::new(Origin::new(BOOK, [0; 16]), &[7; 32]));
    process.append(1);
    let note = in_time(client.checkpoint(asked)).await.unwrap().into_inner().note;
    let mut store = process.store.clone();
    assert_eq!(note, journal::Reader::last_checkpoint(&mut store).unwrap());
    assert!(note.is_some());
}

#[tokio::test]
async fn another_book_and_the_place_before_the_first_entry_are_refused() {
    let process = Process::start().await;
    let writers = writers_of([process.address]);
    let address = process.address.to_string();
    let error = in_time(head(&writers, &address, BookId([9; 16]))).await.unwrap_err();
    assert!(matches!(&error, JournalError::Call(status) if status.code() == Code::NotFound));
    let mut client = JournalClient::new(process.channel());
    let book = Bytes::from(BOOK.0.to_vec());
    let asked = rpc::proto::ReadRequest { book, from: 0, follow: false };
    let status = in_time(client.read(asked)).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
}
