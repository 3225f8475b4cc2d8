//! What operators write while nobody serves the book.

#![allow(clippy::unwrap_used, reason = "a test that can't go on ends")]

use journal::anchor::{self, Anchor, Mark};
use journal::memory::{Fault, MemoryStore};
use journal::{Head, Reader};
use ledger::book::{Environment, OpenBook};
use ledger::erasure::EraseHolder;
use ledger::holders::CreateHolder;
use ledger::recovery::RecoverJournal;
use ledger::{
    Approval, BookId, Command, CommandId, Event, HolderId, Origin, Position, Rejection, Request,
    Sealed,
};
use writer::{Home, NotWritten, Offline, Writer};

const BOOK: BookId = BookId([1; 16]);

fn home(store: &MemoryStore, anchor: Option<(Anchor, Mark)>) -> Home {
    let store = Box::new(store.clone());
    Home { store, anchor, incarnation: [3; 16], snapshot: None, witnesses: Vec::new() }
}

fn open(store: &MemoryStore) -> Offline {
    Offline::open(home(store, None)).unwrap()
}

fn request(id: u8, command: Command) -> Request {
    Request { id: CommandId([id; 16]), origin: Origin::LEDGER, command }
}

fn approval() -> Approval {
    Approval::new("approved\n").unwrap()
}

/// A book with one person.
fn book() -> (MemoryStore, HolderId) {
    let store = MemoryStore::new(BOOK);
    let open_book = OpenBook { book: BOOK, environment: Environment::Sandbox };
    let profile = Sealed { subject: [7; 16], reference: [8; 16], commitment: [9; 32] };
    let mut last = None;
    for (id, command) in
        [(1, Command::OpenBook(open_book)), (2, Command::CreateHolder(CreateHolder { profile }))]
    {
        let book = open(&store);
        let entry = book.decide(&request(id, command)).unwrap();
        book.write(&entry).unwrap();
        last = Some(entry);
    }
    match &last.unwrap().entry.events[0] {
        Event::HolderCreated(created) => (store, created.holder),
        other => panic!("{other:?}"),
    }
}

fn erase(holder: HolderId) -> Request {
    request(3, Command::EraseHolder(EraseHolder { holder, approval: approval() }))
}

#[test]
fn an_entry_comes_right_after_the_head_and_the_anchor_knows_of_it() {
    let (mut store, holder) = book();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("anchor");
    let mark = Mark { book: BOOK, incarnation: [3; 16], head: Head::EMPTY };
    let anchor = Anchor::create(&path, mark).unwrap();
    let book = Offline::open(home(&store, Some((anchor, mark)))).unwrap();
    assert_eq!((book.head(), book.book().position()), (store.head().unwrap(), Position(2)));
    let entry = book.decide(&erase(holder)).unwrap();
    assert_eq!(entry.previous, store.head().unwrap().hash);
    book.write(&entry).unwrap();
    assert_eq!(store.head().unwrap().hash, entry.hash);
    assert_eq!(anchor::read(&path).unwrap().head, store.head().unwrap());
}

#[test]
fn what_is_refused_writes_nothing() {
    let (mut store, _) = book();
    let nobody = HolderId([6; 16]);
    let refused = open(&store).decide(&erase(nobody)).map(drop);
    assert_eq!(refused, Err(Rejection::UnknownHolder(nobody)));
    assert_eq!(store.head().unwrap().position, Position(2));
}

#[test]
fn a_store_that_fails_is_told_from_one_that_may_have() {
    for fault in [Fault::Fail, Fault::UnknownAndThere, Fault::UnknownAndNotThere] {
        let (store, holder) = book();
        let book = open(&store);
        let entry = book.decide(&erase(holder)).unwrap();
        store.inject(fault);
        let failed = book.write(&entry).unwrap_err();
        let is_known = matches!(failed, NotWritten::Failed(_));
        assert_eq!(is_known, fault == Fault::Fail, "{fault:?}: {failed}");
    }
}

#[test]
fn another_incarnation_begins_with_its_entry() {
    let (store, _) = book();
    let book = open(&store);
    let (from, to) = ([3; 16], [4; 16]);
    let recover = RecoverJournal { from, to, anchored: None, approval: approval() };
    let entry = book.decide(&request(3, Command::RecoverJournal(recover))).unwrap();
    assert_ne!(store.incarnation(), to);
    book.begin_incarnation(to, &entry).unwrap();
    assert_eq!(store.incarnation(), to);
    assert_eq!(open(&store).head().position, Position(3));
}

#[test]
fn a_writer_knows_who_was_erased_before_it_started() {
    let (store, holder) = book();
    let start = || {
        let store = store.clone();
        Writer::start(move || Ok(home(&store, None))).unwrap()
    };
    let (writer, commands, _) = start();
    assert_eq!(writer.erased_subjects(), [[0; 16]; 0]);
    drop(commands);
    writer.join().unwrap();

    let book = open(&store);
    let entry = book.decide(&erase(holder)).unwrap();
    book.write(&entry).unwrap();
    let (writer, commands, _) = start();
    assert_eq!(writer.erased_subjects(), [[7; 16]]);
    drop(commands);
    writer.join().unwrap();
}
