//! The writer over a store that fails, loses its book to another writer, or is started again.

#![allow(clippy::unwrap_used, reason = "a test that can't go on ends")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use journal::anchor::Mismatch;
use journal::memory::{Fault, MemoryStore};
use journal::{Head, Outcome, Reader, Store, Stored, WriterId};
use ledger::holders::{CreateHolder, StartVerification};
use ledger::{
    Book, BookId, Command, CommandId, HolderId, Origin, Position, Request, Sealed, Timestamp,
};
use rpc::{Commands, Refusal};
use writer::{Filed, Home, Offline, StartError, Witness, Writer, WriterStopped, snapshot};

const INCARNATION: [u8; 16] = [3; 16];

fn store() -> MemoryStore {
    MemoryStore::new(BookId([1; 16]))
}

fn home(store: Box<MemoryStore>, snapshot: Option<PathBuf>) -> Home {
    Home { store, anchor: None, incarnation: INCARNATION, snapshot, witnesses: Vec::new() }
}

fn start(store: &MemoryStore, snapshot: Option<&Path>) -> (Writer, Commands) {
    let (store, snapshot) = (store.clone(), snapshot.map(Path::to_owned));
    let home = move || Ok(home(Box::new(store.clone()), snapshot.clone()));
    let (writer, commands, _) = Writer::start(home).unwrap();
    (writer, commands)
}

fn request(id: u8) -> Request {
    let profile = Sealed { subject: [id; 16], reference: [id; 16], commitment: [id; 32] };
    let command = Command::CreateHolder(CreateHolder { profile });
    Request { id: CommandId([id; 16]), origin: Origin::LEDGER, command }
}

fn length(store: &MemoryStore) -> u64 {
    store.clone().head().unwrap().position.0
}

#[tokio::test]
async fn a_failed_append_is_refused_and_the_next_try_is_done_once() {
    for fault in [Fault::Fail, Fault::UnknownAndNotThere] {
        let store = store();
        let (writer, commands) = start(&store, None);
        store.inject(fault);
        let refused = commands.submit(request(1)).await;
        assert!(matches!(refused, Err(Refusal::Unavailable)), "{fault:?}: {refused:?}");
        assert_eq!(length(&store), 0);
        let done = commands.submit(request(1)).await.unwrap();
        assert_eq!((done.entry.position, done.is_replay), (Position(1), false));
        drop(commands);
        writer.join().unwrap();
        assert_eq!(length(&store), 1);
    }
}

#[tokio::test]
async fn a_batch_that_was_stored_although_nobody_knew_is_answered_as_done() {
    let store = store();
    let (writer, commands) = start(&store, None);
    store.inject(Fault::UnknownAndThere);
    let done = commands.submit(request(1)).await.unwrap();
    assert_eq!((done.entry.position, done.is_replay), (Position(1), false));
    let again = commands.submit(request(1)).await.unwrap();
    assert_eq!((again.entry.position, again.is_replay), (Position(1), true));
    drop(commands);
    writer.join().unwrap();
    assert_eq!(length(&store), 1);
}

/// A journal whose disk is full, say: it can't even be claimed.
#[tokio::test]
async fn what_is_in_doubt_for_long_is_told_so_and_other_commands_are_refused() {
    let store = store();
    let opens = Arc::new(AtomicBool::new(true));
    let (theirs, may_open) = (store.clone(), opens.clone());
    let home = move || {
        if !may_open.load(Ordering::Relaxed) {
            return Err(StartError::Advance(std::io::ErrorKind::StorageFull.into()));
        }
        let store = Box::new(theirs.clone());
        Ok(home(store, None))
    };
    let (writer, commands, _) = Writer::start(home).unwrap();
    opens.store(false, Ordering::Relaxed);
    store.inject(Fault::UnknownAndThere);
    let unknown = commands.submit(request(1)).await;
    assert!(matches!(unknown, Err(Refusal::Unknown)), "{unknown:?}");
    let refused = commands.submit(request(2)).await;
    assert!(matches!(refused, Err(Refusal::Unavailable)), "{refused:?}");
    assert_eq!(length(&store), 1);

    opens.store(true, Ordering::Relaxed);
    let again = loop {
        match commands.submit(request(1)).await {
            Err(Refusal::Unavailable) => {}
            answer => break answer.unwrap(),
        }
    };
    assert_eq!((again.entry.position, again.is_replay), (Position(1), true));
    opens.store(false, Ordering::Relaxed);
    store.inject(Fault::UnknownAndNotThere);
    let unknown = commands.submit(request(3)).await;
    assert!(matches!(unknown, Err(Refusal::Unknown)), "{unknown:?}");
    drop(commands);
    writer.join().unwrap();
}

#[tokio::test]
async fn a_writer_that_lost_its_book_to_another_one_writes_nothing_and_stops() {
    let store = store();
    let (writer, commands) = start(&store, None);
    store.clone().claim(WriterId([1; 16])).unwrap();
    let refused = commands.submit(request(1)).await;
    assert!(matches!(refused, Err(Refusal::Unavailable)), "{refused:?}");
    assert!(matches!(writer.join(), Err(WriterStopped::Fenced)));
    assert_eq!(length(&store), 0);
    let refused = commands.submit(request(2)).await;
    assert!(matches!(refused, Err(Refusal::Unavailable)), "{refused:?}");
}

/// Whatever it knows is old.
#[tokio::test]
async fn a_writer_that_lost_its_book_answers_no_question_either() {
    let unverified = Command::StartVerification(StartVerification { holder: HolderId([9; 16]) });
    let refusable = Request { command: unverified, ..request(2) };
    for question in ["replay", "refusal", "trial"] {
        let store = store();
        let (writer, commands) = start(&store, None);
        commands.submit(request(1)).await.unwrap();
        let refused = commands.submit(refusable.clone()).await;
        assert!(matches!(refused, Err(Refusal::Rejected(_))), "{refused:?}");
        assert!(commands.try_out(request(2)).await.is_ok(), "it still has its book");

        store.clone().claim(WriterId([1; 16])).unwrap();
        let answer = match question {
            "replay" => commands.submit(request(1)).await,
            "refusal" => commands.submit(refusable.clone()).await,
            _ => commands.try_out(request(2)).await,
        };
        assert!(matches!(answer, Err(Refusal::Unavailable)), "{question}: {answer:?}");
        assert!(matches!(writer.join(), Err(WriterStopped::Fenced)));
    }
}

#[test]
fn a_journal_that_ends_before_what_a_witness_has_seen_is_refused() {
    let (whole, cut) = (store(), store());
    let (mut last, mut ends) = (Head::EMPTY, Vec::new());
    for id in 1..=3 {
        let stored = entry(id, last);
        last = Head { position: stored.entry.position, hash: stored.hash };
        ends.push(last);
        for store in [&whole, &cut].into_iter().take(if id < 3 { 2 } else { 1 }) {
            let mut store = store.clone();
            let (epoch, expected) =
                (store.claim(WriterId([1; 16])).unwrap(), store.head().unwrap());
            let appended = store.append(std::slice::from_ref(&stored), expected, epoch);
            assert!(matches!(appended, Outcome::Committed));
        }
    }
    let start = |store: &MemoryStore, head| {
        let witness = Witness { name: "the stream".to_owned(), head };
        let home = home(Box::new(store.clone()), None);
        let home = Home { witnesses: vec![witness], ..home };
        Offline::open(home).map(|started| started.head())
    };
    for head in &ends {
        assert_eq!(start(&whole, *head).unwrap(), last);
    }
    let behind = start(&cut, ends[2]).unwrap_err();
    assert_eq!(
        behind.to_string(),
        "the journal does not agree with what `the stream` has seen of it"
    );
    assert!(matches!(
        behind,
        StartError::Witness {
            source: Mismatch::Behind { anchored: Position(3), found: Position(2) },
            ..
        }
    ));
    let other = Head { hash: ends[0].hash, ..ends[1] };
    assert!(matches!(
        start(&whole, other),
        Err(StartError::Witness { source: Mismatch::Differs { position: Position(2) }, .. })
    ));
}

/// What a book writes for [`request`] after `head`.
fn entry(id: u8, head: Head) -> Stored {
    let mut book = Book::default();
    for id in 1..id {
        let before = book.decide(&request(id), Timestamp::from_millis(id.into())).unwrap();
        book.apply(&before);
    }
    let entry = book.decide(&request(id), Timestamp::from_millis(id.into())).unwrap();
    journal::encode(Arc::new(entry), head.hash)
}

#[tokio::test]
async fn a_clean_stop_leaves_a_snapshot_and_the_next_start_goes_on_from_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("snapshot");
    let store = store();
    let (writer, commands) = start(&store, Some(&path));
    commands.submit(request(1)).await.unwrap();
    drop(commands);
    writer.join().unwrap();

    let (book, head, _) = snapshot::read(&path, INCARNATION).unwrap();
    assert_eq!((book.position(), head), (Position(1), store.clone().head().unwrap()));
    let (writer, commands) = start(&store, Some(&path));
    let again = commands.submit(request(1)).await.unwrap();
    assert!(again.is_replay, "what the journal has is known");
    assert_eq!(commands.submit(request(2)).await.unwrap().entry.position, Position(2));
    drop(commands);
    writer.join().unwrap();
}

#[tokio::test]
async fn a_snapshot_with_another_sum_over_the_ids_is_thrown_away() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("snapshot");
    let store = store();
    let (writer, commands) = start(&store, Some(&path));
    commands.submit(request(1)).await.unwrap();
    drop(commands);
    writer.join().unwrap();

    let (book, head, filed) = snapshot::read(&path, INCARNATION).unwrap();
    assert_ne!(filed, Filed::default());
    snapshot::write(&path, INCARNATION, &book, head, Filed::default()).unwrap();
    let (writer, commands) = start(&store, Some(&path));
    assert!(commands.submit(request(1)).await.unwrap().is_replay);
    drop(commands);
    writer.join().unwrap();
}

#[tokio::test]
async fn a_snapshot_of_another_journal_is_thrown_away() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("snapshot");
    let other = store();
    let (writer, commands) = start(&other, Some(&path));
    commands.submit(request(1)).await.unwrap();
    drop(commands);
    writer.join().unwrap();

    let store = store();
    let (writer, commands) = start(&store, None);
    commands.submit(request(2)).await.unwrap();
    drop(commands);
    writer.join().unwrap();
    let (writer, commands) = start(&store, Some(&path));
    let again = commands.submit(request(2)).await.unwrap();
    assert_eq!((again.entry.position, again.is_replay), (Position(1), true));
    let new = commands.submit(request(1)).await.unwrap();
    assert_eq!((new.entry.position, new.is_replay), (Position(2), false));
    drop(commands);
    writer.join().unwrap();
}
