//! What every store promises, and what the SQLite store adds to it.

#![allow(clippy::unwrap_used, reason = "these are tests, their helpers included")]

use journal::checkpoint::SigningKey;
use journal::memory::MemoryStore;
use journal::postgres::{PostgresStore, prepare};
use journal::sqlite::SqliteStore;
use journal::{Store, WriterId};
use ledger::BookId;

mod anchored;

mod checkpoints;

mod claims;

mod copies;

mod damage;

mod durable;

mod entries;

mod faults;

mod files;

mod hosts;

mod incarnations;

mod leaders;

mod prepared;

mod suite;

const BOOK: BookId = BookId([7; 16]);
const WRITER: WriterId = WriterId([1; 16]);
const INCARNATION: [u8; 16] = [9; 16];

/// Where a journal is kept, so that it can be opened more than once.
trait Place {
    /// The store.
    type Store: Store;

    /// A new journal of [`BOOK`], without entries.
    fn new() -> Self;

    /// Opens the journal.
    fn open(&self) -> Self::Store;

    /// What tells the journal from any other of the same book, as it stands there.
    fn incarnation(&self) -> [u8; 16];

    /// Opens the journal with a key for its checkpoints.
    fn open_with_key(&self, key: SigningKey) -> Self::Store;
}

struct Memory(MemoryStore);

impl Place for Memory {
    type Store = MemoryStore;

    fn new() -> Self {
        Self(MemoryStore::new(BOOK))
    }

    fn open(&self) -> MemoryStore {
        self.0.clone()
    }

    fn incarnation(&self) -> [u8; 16] {
        self.0.incarnation()
    }

    fn open_with_key(&self, key: SigningKey) -> MemoryStore {
        self.0.sign_with(key);
        self.open()
    }
}

struct Sqlite(tempfile::TempDir);

impl Sqlite {
    fn path(&self) -> std::path::PathBuf {
        self.0.path().join("journal.sqlite")
    }
}

impl Place for Sqlite {
    type Store = SqliteStore;

    fn new() -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        SqliteStore::create(&place.path(), BOOK, INCARNATION).unwrap();
        place
    }

    fn open(&self) -> SqliteStore {
        SqliteStore::open(&self.path(), BOOK).unwrap()
    }

    fn incarnation(&self) -> [u8; 16] {
        self.open().incarnation()
    }

    fn open_with_key(&self, key: SigningKey) -> SqliteStore {
        self.open().with_key(key)
    }
}

struct Postgres(servers::Database);

impl Place for Postgres {
    type Store = PostgresStore;

    fn new() -> Self {
        let database = servers::shared().new_database();
        prepare(&database.owner, &database.writer_role).unwrap();
        PostgresStore::create(&database.writer, BOOK, INCARNATION).unwrap();
        Self(database)
    }

    fn open(&self) -> PostgresStore {
        PostgresStore::open(&self.0.writer, BOOK).unwrap()
    }

    fn open_with_key(&self, key: SigningKey) -> PostgresStore {
        self.open().with_key(key)
    }

    fn incarnation(&self) -> [u8; 16] {
        self.open().incarnation()
    }
}

/// A test for each promise and each store.
macro_rules! promises {
    ($($suite:ident: $($promise:ident)*;)*) => {
        mod memory {$(
            mod $suite {
                $(#[test] fn $promise() { crate::$suite::$promise::<crate::Memory>(); })*
            }
        )*}
        mod sqlite {$(
            mod $suite {
                $(#[test] fn $promise() { crate::$suite::$promise::<crate::Sqlite>(); })*
            }
        )*}
        mod postgres {$(
            mod $suite {
                $(#[test] fn $promise() { crate::$suite::$promise::<crate::Postgres>(); })*
            }
        )*}
    };
}

promises! {
    suite:
    a_new_journal_ends_before_its_first_entry
    what_was_appended_is_read_back
    it_is_read_in_parts_as_it_is_read_at_once
    opening_it_again_finds_everything
    a_batch_that_does_not_follow_the_head_is_refused
    a_batch_with_a_gap_is_a_bug
    a_batch_that_names_another_hash_is_a_bug
    an_empty_batch_is_a_bug
    a_later_claim_fences_the_earlier_one
    a_claim_of_the_future_is_refused
    a_writer_claims_again_what_nobody_else_has_claimed
    an_id_counts_once_in_the_journal
    an_id_counts_once_in_a_batch
    an_entry_may_carry_an_id_twice
    the_same_hash_of_another_kind_is_another_id
    ids_are_found_where_they_stand
    a_reader_sees_what_was_committed_and_nothing_else;

    checkpoints:
    the_tree_is_over_all_entries
    without_a_key_nothing_is_signed
    the_end_is_signed_and_a_checkpoint_is_kept_when_it_is_due;

    claims:
    a_claim_is_confirmed_until_there_is_a_later_one
    of_two_who_take_over_the_first_one_has_the_book;

    incarnations:
    another_incarnation_begins_with_its_entry
    no_other_incarnation_begins_without_its_entry;
}

#[test]
fn the_crate_never_asks_a_database_to_resolve_conflicts() {
    let crate_root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![crate_root.join("src"), crate_root.join("../../migrations/journal")];
    while let Some(folder) = folders.pop() {
        for item in std::fs::read_dir(folder).unwrap() {
            let path = item.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap().to_lowercase();
            for words in ["on conflict", "or ignore", "or replace", "replace into"] {
                assert!(!text.contains(words), "`{words}` in {}", path.display());
            }
        }
    }
}
