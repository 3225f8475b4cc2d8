//! Copies from any store into any other.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use journal::checkpoint::EVERY_MS;
use journal::copy::{Copied, CopyError, check, to_postgres, to_sqlite};
use journal::postgres::{PostgresStore, prepare};
use journal::sqlite::{SqliteReader, SqliteStore};
use journal::tree::Tree;
use journal::{Head, OpenError, ReadError, Reader, Store, Stored};
use ledger::{BookId, Position, Reference};
use rusqlite::Connection;

use crate::checkpoints::{at, key};
use crate::damage::{overwrite, unprotected};
use crate::entries::{batch, end};
use crate::suite::{all_references, assert_same, committed, fill, found};
use crate::{BOOK, INCARNATION, Memory, Place, Postgres, Sqlite, WRITER};

/// More than are copied at once.
const MANY: u64 = 12_345;

/// Where a copy is put.
trait Target {
    type Store: Store;

    fn new() -> Self;
    fn copy(&self, source: &mut dyn Reader) -> Result<Copied, CopyError>;
    fn open(&self) -> Result<Self::Store, OpenError>;
    fn open_with_key(&self) -> Self::Store;
    fn incarnation(store: &Self::Store) -> [u8; 16];
}

struct NewFile(tempfile::TempDir);

impl NewFile {
    fn path(&self) -> PathBuf {
        self.0.path().join("copy.sqlite")
    }

    fn unfinished(&self) -> PathBuf {
        self.0.path().join("copy.sqlite.new")
    }
}

impl Target for NewFile {
    type Store = SqliteStore;

    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn copy(&self, source: &mut dyn Reader) -> Result<Copied, CopyError> {
        to_sqlite(source, INCARNATION, &self.path())
    }

    fn open(&self) -> Result<SqliteStore, OpenError> {
        SqliteStore::open(&self.path(), BOOK)
    }

    fn open_with_key(&self) -> SqliteStore {
        self.open().unwrap().with_key(key())
    }

    fn incarnation(store: &SqliteStore) -> [u8; 16] {
        store.incarnation()
    }
}

struct NewBook(servers::Database);

impl Target for NewBook {
    type Store = PostgresStore;

    fn new() -> Self {
        let database = servers::shared().new_database();
        prepare(&database.owner, &database.writer_role).unwrap();
        Self(database)
    }

    fn copy(&self, source: &mut dyn Reader) -> Result<Copied, CopyError> {
        to_postgres(source, INCARNATION, &self.0.writer)
    }

    fn open(&self) -> Result<PostgresStore, OpenError> {
        PostgresStore::open(&self.0.writer, BOOK)
    }

    fn open_with_key(&self) -> PostgresStore {
        self.open().unwrap().with_key(key())
    }

    fn incarnation(store: &PostgresStore) -> [u8; 16] {
        store.incarnation()
    }
}

/// A test for each promise and each pair of stores.
macro_rules! copies {
    ($($name:ident: $from:ty => $to:ty;)*) => {$(
        mod $name {
            #[test]
            fn a_copy_answers_what_its_source_answers() {
                crate::copies::a_copy_answers_what_its_source_answers::<$from, $to>();
            }

            #[test]
            fn appends_go_on_after_a_copy() {
                crate::copies::appends_go_on_after_a_copy::<$from, $to>();
            }
        }
    )*};
}

copies! {
    memory_to_sqlite: crate::Memory => crate::copies::NewFile;
    memory_to_postgres: crate::Memory => crate::copies::NewBook;
    sqlite_to_sqlite: crate::Sqlite => crate::copies::NewFile;
    sqlite_to_postgres: crate::Sqlite => crate::copies::NewBook;
    postgres_to_sqlite: crate::Postgres => crate::copies::NewFile;
    postgres_to_postgres: crate::Postgres => crate::copies::NewBook;
}

fn a_copy_answers_what_its_source_answers<P: Place, T: Target>() {
    // Empty; unsigned; with a checkpoint kept at the end; with one that is not.
    for sizes in [&[][..], &[3, 1], &[2, 7_000, MANY], &[MANY, 1]] {
        for is_signed in [false, true] {
            let place = P::new();
            let mut source = if is_signed { place.open_with_key(key()) } else { place.open() };
            fill(&mut source, sizes.iter().copied());
            assert_copied::<T>(&mut source);
        }
    }
    let place = P::new();
    let mut source = place.open_with_key(key());
    fill_with_many_checkpoints(&mut source);
    let copied = assert_copied::<T>(&mut source);
    assert_eq!(copied.checkpoint, source.last_checkpoint().unwrap());
}

fn assert_copied<T: Target>(source: &mut impl Store) -> Copied {
    let target = T::new();
    let copied = target.copy(source).unwrap();
    let mut copy = target.open().unwrap();
    assert_eq!(T::incarnation(&copy), INCARNATION);
    assert_same_answers(source, &mut copy);
    assert_eq!(copied.head, source.head().unwrap());
    assert_eq!(copied.root, source.tree().unwrap().root());
    assert_eq!(check(source).unwrap(), copied);
    copied
}

fn assert_same_answers(source: &mut impl Store, copy: &mut impl Store) {
    assert_eq!(copy.book(), source.book());
    assert_eq!(copy.head().unwrap(), source.head().unwrap());
    let entries = source.read(Position(1), usize::MAX).unwrap();
    assert_same(&copy.read(Position(1), usize::MAX).unwrap(), &entries);
    assert_eq!(all_references(copy), all_references(source));
    for stored in entries.iter().step_by(500) {
        for reference in stored.entry.references() {
            assert_eq!(found(copy, reference), Some(stored.entry.position));
        }
    }
    assert_eq!(copy.tree().unwrap(), source.tree().unwrap());
    assert_eq!(checkpoints(copy), checkpoints(source));
    assert_eq!(copy.last_checkpoint().unwrap(), source.last_checkpoint().unwrap());
}

fn checkpoints(reader: &mut impl Reader) -> Vec<(u64, String)> {
    let mut checkpoints = Vec::new();
    reader.checkpoints(&mut |size, note| checkpoints.push((size, note.to_owned()))).unwrap();
    checkpoints
}

/// Batches that lie so far apart that each keeps its checkpoint.
fn fill_with_many_checkpoints(store: &mut impl Store) {
    let epoch = store.claim(WRITER).unwrap();
    let mut head = Head::EMPTY;
    for number in 0..30 {
        let batch = at(batch(head, 1 + number % 4), number * EVERY_MS);
        committed(store.append(&batch, head, epoch));
        head = end(&batch);
    }
}

fn appends_go_on_after_a_copy<P: Place, T: Target>() {
    let place = P::new();
    let mut source = place.open_with_key(key());
    fill_with_many_checkpoints(&mut source);
    let target = T::new();
    target.copy(&mut source).unwrap();

    // What keeps a checkpoint when it is due must know when the last one was kept: signed ones go on in step.
    let more = {
        let epoch = source.claim(WRITER).unwrap();
        let head = source.head().unwrap();
        let soon = at(batch(head, 2), 30 * EVERY_MS - 1);
        committed(source.append(&soon, head, epoch));
        let later = at(batch(end(&soon), 2), 30 * EVERY_MS);
        committed(source.append(&later, end(&soon), epoch));
        [soon, later]
    };
    let mut copy = target.open_with_key();
    let epoch = copy.claim(WRITER).unwrap();
    for batch in &more {
        let head = copy.head().unwrap();
        committed(copy.append(batch, head, epoch));
    }
    assert_same_answers(&mut source, &mut copy);
}

/// A reader beside which something happens each time that it is asked.
struct Disturbed<R, F> {
    journal: R,
    happens: F,
}

impl<R: Reader, F: FnMut() + Send> Reader for Disturbed<R, F> {
    fn book(&self) -> BookId {
        self.journal.book()
    }

    fn head(&mut self) -> Result<Head, ReadError> {
        (self.happens)();
        self.journal.head()
    }

    fn read(&mut self, from: Position, limit: usize) -> Result<Vec<Stored>, ReadError> {
        (self.happens)();
        self.journal.read(from, limit)
    }

    fn find(&mut self, reference: Reference) -> Result<Option<Stored>, ReadError> {
        (self.happens)();
        self.journal.find(reference)
    }

    fn tree(&mut self) -> Result<Tree, ReadError> {
        (self.happens)();
        self.journal.tree()
    }

    fn checkpoints(&mut self, each: &mut dyn FnMut(u64, &str)) -> Result<(), ReadError> {
        (self.happens)();
        self.journal.checkpoints(each)
    }

    fn last_checkpoint(&mut self) -> Result<Option<String>, ReadError> {
        (self.happens)();
        self.journal.last_checkpoint()
    }

    fn references(&mut self, each: &mut dyn FnMut(Reference, Position)) -> Result<(), ReadError> {
        (self.happens)();
        self.journal.references(each)
    }
}

fn grow(journal: &mut impl Store, count: u64) {
    let epoch = journal.claim(WRITER).unwrap();
    let head = journal.head().unwrap();
    let batch = at(batch(head, count), head.position.0 * EVERY_MS);
    committed(journal.append(&batch, head, epoch));
}

#[test]
fn a_copy_of_a_journal_that_grows_is_the_journal_as_it_was_at_a_checkpoint() {
    for grows_by in [1, 3, 2_000] {
        let place = Memory::new();
        let mut journal = place.open_with_key(key());
        let mut writer = place.open();
        let happens = || grow(&mut writer, grows_by);
        let mut source = Disturbed { journal: place.open(), happens };
        let target = NewFile::new();
        let copied = target.copy(&mut source).unwrap();
        let size = copied.head.position.0;
        assert_eq!(size, 2 * grows_by, "as it was when it was asked for its checkpoint");

        assert!(size < journal.head().unwrap().position.0);
        let entries = journal.read(Position(1), size as usize).unwrap();
        let mut copy = target.open().unwrap();
        assert_same(&copy.read(Position(1), usize::MAX).unwrap(), &entries);
        assert_eq!(copy.last_checkpoint().unwrap(), copied.checkpoint);
        let mut references = all_references(&mut journal);
        references.retain(|(_, position)| position.0 <= size);
        assert_eq!(all_references(&mut copy), references);
        let mut kept = checkpoints(&mut journal);
        kept.retain(|(kept, _)| *kept <= size);
        // There, the checkpoint of the end stands twice.
        kept.push((size, copied.checkpoint.unwrap()));
        assert_eq!(checkpoints(&mut copy), kept);
    }
}

#[test]
fn a_damaged_journal_is_not_copied_and_the_place_is_named() {
    let refused = |damage: &dyn Fn(&Connection, &[Stored])| {
        let place = Sqlite::new();
        let written = fill(&mut place.open_with_key(key()), [7]);
        damage(&unprotected(&place), &written);
        let mut source = SqliteReader::open(&place.path(), BOOK).unwrap();
        let (file, database) = (NewFile::new(), NewBook::new());
        let error = file.copy(&mut source).unwrap_err();
        database.copy(&mut source).unwrap_err();
        check(&mut source).unwrap_err();
        assert!(!file.path().exists() && !file.unfinished().exists());
        assert!(matches!(database.open(), Err(OpenError::UnknownBook { .. })));
        error
    };
    for index in [0, 3, 6] {
        let error = refused(&|journal, written| {
            let mut bytes = written[index].bytes.clone();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            overwrite(journal, written[index].entry.position, &bytes);
        });
        let position = Position(index as u64 + 1);
        match error {
            CopyError::Source(
                ReadError::Changed { position: found, .. }
                | ReadError::Undecodable { position: found, .. },
            ) => assert_eq!(found, position),
            // Nothing but its signed checkpoint knows the last one.
            CopyError::TreeDiffers { size: 7 } => assert_eq!(index, 6),
            error => panic!("{error:?}"),
        }
    }
    let without = |sql: &'static str| refused(&|journal, _| drop(journal.execute_batch(sql)));
    let missing = without("delete from entry where position = 4");
    assert!(
        matches!(missing, CopyError::Source(ReadError::Missing { position: Position(4) })),
        "{missing:?}"
    );
    let cut = without("delete from entry where 5 < position");
    assert!(
        matches!(cut, CopyError::Source(ReadError::Missing { position: Position(6) })),
        "{cut:?}"
    );
    let moved = without("update lookup set position = 2 where position = 4");
    assert!(matches!(moved, CopyError::IndexDiffers { indexed: 14, carried: 14 }), "{moved:?}");
    let removed = without(
        "drop trigger lookup_is_never_deleted; delete from lookup where position = 4 and kind = 2",
    );
    assert!(matches!(removed, CopyError::IndexDiffers { indexed: 13, carried: 14 }), "{removed:?}");
    let unsigned = without("update tree set note = 'nothing'");
    assert!(matches!(unsigned, CopyError::NoCheckpoint { size: 7 }), "{unsigned:?}");
    let another = without(
        "update tree set note = replace(note, x'0a' || '7' || x'0a', x'0a' || '6' || x'0a')",
    );
    assert!(matches!(another, CopyError::TreeDiffers { size: 7 }), "{another:?}");
    let older = refused(&|journal, written| {
        let tree: Tree = written[..3].iter().map(|stored| stored.hash).collect();
        let note = key().sign(3, tree.root());
        journal.execute("update tree set note = ?1", [note]).unwrap();
    });
    assert!(matches!(older, CopyError::TreeDiffers { size: 7 }), "{older:?}");
    let misfiled = without(
        "drop trigger checkpoint_is_never_updated; update checkpoint set size = 3 where size = 7",
    );
    assert!(matches!(misfiled, CopyError::NoCheckpoint { size: 3 }), "{misfiled:?}");
}

/// A source that stops the process when the second page is read.
fn crashing(journal: SqliteReader) -> impl Reader {
    let mut asked = 0;
    let happens = move || {
        asked += 1;
        assert_ne!(asked, 4, "the power fails");
    };
    Disturbed { journal, happens }
}

#[test]
fn a_copy_that_was_cut_short_is_no_journal_and_can_be_repeated() {
    let place = Sqlite::new();
    fill(&mut place.open_with_key(key()), [MANY]);
    let reader = || SqliteReader::open(&place.path(), BOOK).unwrap();

    let file = NewFile::new();
    let copy = || file.copy(&mut crashing(reader()));
    assert!(catch_unwind(AssertUnwindSafe(copy)).is_err());
    assert!(file.unfinished().exists() && !file.path().exists());
    SqliteReader::open(&file.unfinished(), BOOK).unwrap_err();
    file.copy(&mut reader()).unwrap();
    assert!(!file.unfinished().exists());
    assert_same_answers(&mut place.open(), &mut file.open().unwrap());

    let database = NewBook::new();
    let copy = || database.copy(&mut crashing(reader()));
    assert!(catch_unwind(AssertUnwindSafe(copy)).is_err());
    assert!(matches!(database.open(), Err(OpenError::UnknownBook { .. })));
    database.copy(&mut reader()).unwrap();
    assert_same_answers(&mut place.open(), &mut database.open().unwrap());
}

#[test]
fn a_copy_never_takes_the_place_of_another_journal() {
    let place = Sqlite::new();
    fill(&mut place.open(), [3]);
    let file = NewFile::new();
    std::fs::write(file.path(), "something").unwrap();
    let refused = file.copy(&mut place.open()).unwrap_err();
    assert!(
        matches!(&refused, CopyError::File(error) if error.kind() == std::io::ErrorKind::AlreadyExists),
        "{refused:?}"
    );
    assert_eq!(std::fs::read(file.path()).unwrap(), b"something");

    // Somebody makes it meanwhile.
    let file = NewFile::new();
    let happens = || std::fs::write(file.path(), "something").unwrap();
    let refused = file.copy(&mut Disturbed { journal: place.open(), happens }).unwrap_err();
    assert!(matches!(&refused, CopyError::File(_)), "{refused:?}");
    assert_eq!(std::fs::read(file.path()).unwrap(), b"something");

    let database = Postgres::new();
    let refused = to_postgres(&mut place.open(), INCARNATION, &database.0.writer).unwrap_err();
    assert!(
        matches!(refused, CopyError::Open(OpenError::BookExists { book: BOOK })),
        "{refused:?}"
    );
    assert_eq!(database.open().head().unwrap(), Head::EMPTY);
}

#[test]
fn a_copy_is_one_file_that_can_be_read_where_nothing_can_be_written() {
    let place = Sqlite::new();
    fill(&mut place.open(), [3]);
    let file = NewFile::new();
    file.copy(&mut place.open()).unwrap();
    let mut reader = SqliteReader::open(&file.path(), BOOK).unwrap();
    assert_eq!(reader.read(Position(1), 10).unwrap().len(), 3);
    // No log and no index of one beside it.
    assert_eq!(std::fs::read_dir(file.0.path()).unwrap().count(), 1);
}
