use ledger::book::{Environment, OpenBook};
use ledger::holders::CreateHolder;
use ledger::{BookId, Command, CommandId, Origin, Request, Sealed, Timestamp};
use tempfile::TempDir;

use super::*;

const INCARNATION: [u8; 16] = [7; 16];

fn small_book() -> (Book, Head, Filed) {
    let open = OpenBook { book: BookId([1; 16]), environment: Environment::Sandbox };
    let profile = Sealed { subject: [1; 16], reference: [2; 16], commitment: [3; 32] };
    let mut book = Book::default();
    for (number, command) in
        [(1, Command::OpenBook(open)), (2, Command::CreateHolder(CreateHolder { profile }))]
    {
        let request = Request { id: CommandId([number; 16]), origin: Origin::LEDGER, command };
        let entry = book.decide(&request, Timestamp::from_millis(1_000)).unwrap();
        book.apply(&entry);
    }
    (book, Head { position: Position(2), hash: Hash([9; 32]) }, Filed::from_bytes([5; 16]))
}

fn written() -> (TempDir, std::path::PathBuf) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("book.snapshot");
    let (book, head, filed) = small_book();
    write(&path, INCARNATION, &book, head, filed).unwrap();
    (folder, path)
}

#[test]
fn what_is_written_is_read_back() {
    let (folder, path) = written();
    assert_eq!(read(&path, INCARNATION), Some(small_book()));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left behind");
}

#[test]
fn a_newer_snapshot_replaces_an_older_one() {
    let (_folder, path) = written();
    write(&path, INCARNATION, &Book::default(), Head::EMPTY, Filed::default()).unwrap();
    assert_eq!(read(&path, INCARNATION), Some((Book::default(), Head::EMPTY, Filed::default())));
}

#[test]
fn a_missing_file_is_no_snapshot() {
    let folder = TempDir::new().unwrap();
    assert_eq!(read(&folder.path().join("book.snapshot"), INCARNATION), None);
}

#[test]
fn another_incarnation_is_refused() {
    let (_folder, path) = written();
    assert_eq!(read(&path, [8; 16]), None);
}

#[test]
fn a_changed_byte_is_refused_wherever_it_is() {
    let (_folder, path) = written();
    let whole = fs::read(&path).unwrap();
    for index in 0..whole.len() {
        let mut changed = whole.clone();
        changed[index] ^= 1;
        fs::write(&path, changed).unwrap();
        assert_eq!(read(&path, INCARNATION), None, "byte {index}");
    }
}

#[test]
fn a_file_that_was_cut_is_refused_wherever_it_was() {
    let (_folder, path) = written();
    let whole = fs::read(&path).unwrap();
    for length in 0..whole.len() {
        fs::write(&path, &whole[..length]).unwrap();
        assert_eq!(read(&path, INCARNATION), None, "{length} bytes");
    }
}

#[test]
fn a_head_that_is_not_the_books_is_refused() {
    let (_folder, path) = written();
    let (book, head, filed) = small_book();
    let ahead = Head { position: head.position.next(), ..head };
    write(&path, INCARNATION, &book, ahead, filed).unwrap();
    assert_eq!(read(&path, INCARNATION), None);
}
