//! Deadlines. A client that sets one gives up by itself, so that no server is seen to keep it: what it does is asked here.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use journal::memory::MemoryStore;
use journal::{Epoch, Store};
use ledger::{BookId, Position};
use tokio::sync::watch;
use tonic::Code;

use super::*;
use crate::proto::{Command, StartVerification, command};
use crate::server::Served;
use crate::{Publisher, Role, Submission};

const BOOK: BookId = BookId([1; 16]);

/// A call with this deadline, which was noted when its head came.
fn call(timeout: &str) -> Request<SubmitRequest> {
    let mut head = Request::new(());
    head.metadata_mut().insert("grpc-timeout", timeout.parse().unwrap());
    let (metadata, extensions, ()) = note_deadline(head).unwrap().into_parts();
    let id = Bytes::copy_from_slice(&[7; 16]);
    let kind = command::Kind::StartVerification(StartVerification { holder: id.clone() });
    let command = Some(Command { kind: Some(kind) });
    let request = Some(crate::proto::Request { id, origin: None, command });
    let book = Bytes::copy_from_slice(&BOOK.0);
    Request::from_parts(metadata, extensions, SubmitRequest { book, request, trial: false })
}

/// The service of a process that leads a book, and where its commands come.
fn service() -> (Service, mpsc::Receiver<Submission>) {
    let (commands, submissions) = crate::Commands::channel(1);
    let publisher = Publisher::new(Position::START);
    let (_, role) = watch::channel(Role::Leads { epoch: Epoch(1), commands, publisher });
    let open = Arc::new(|| Ok(MemoryStore::new(BOOK).reader().unwrap()));
    let (_, served) = watch::channel(BTreeMap::from([(BOOK, Served { role, open })]));
    let (_, stopping) = watch::channel(false);
    (Service::new(Shelf { served, stopping }), submissions)
}

#[tokio::test]
async fn a_command_that_comes_too_late_is_not_done() {
    let (service, mut submissions) = service();
    let result = tokio::select! {
        result = service.submit(call("0n")) => result,
        _ = submissions.recv() => panic!("it was handed over"),
    };
    assert_eq!(result.unwrap_err().code(), Code::DeadlineExceeded);
}

#[tokio::test]
async fn a_command_that_comes_in_time_is_handed_over() {
    let (service, mut submissions) = service();
    let (result, ()) = tokio::join!(service.submit(call("1H")), async {
        drop(submissions.recv().await.unwrap());
    });
    assert_eq!(result.unwrap_err().code(), Code::Unknown);
}

#[test]
fn a_timeout_has_digits_and_a_unit() {
    for (text, millis) in [("2H", 7_200_000), ("3M", 180_000), ("4S", 4_000), ("5m", 5)] {
        assert_eq!(timeout_of(text), Some(Duration::from_millis(millis)));
    }
    assert_eq!(timeout_of("6u"), Some(Duration::from_micros(6)));
    assert_eq!(timeout_of("99999999n"), Some(Duration::from_nanos(99_999_999)));
    for text in ["", "1", "S", "1s", "999999999S", "-1S", "1é"] {
        assert_eq!(timeout_of(text), None);
    }
}
