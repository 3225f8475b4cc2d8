//! What every store of a journal does.

use ledger::{BookId, Position, Reference};

use crate::form::{Hash, Stored, Undecodable};
use crate::tree::Tree;

/// The end of a journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The last entry; [`Position::START`] when there is none.
    pub position: Position,
    /// Its hash; [`Head::EMPTY`]'s when there is none.
    pub hash: Hash,
}

impl Head {
    /// Of a journal without entries. The first entry names 32 zero bytes as the hash before it.
    pub const EMPTY: Self = Self { position: Position::START, hash: Hash([0; 32]) };
}

/// Which claim to a book a writer acts under. A later claim is larger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Epoch(pub u64);

impl Epoch {
    /// Of a book that no writer has claimed yet.
    pub const UNCLAIMED: Self = Self(0);
}

/// Who claims a book: random, another one for each start of a writer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WriterId(pub [u8; 16]);

/// How an append ended.
#[derive(Debug)]
pub enum Outcome {
    /// The whole batch is durable.
    Committed,
    /// Nothing of the batch is there, and nothing of it will be.
    Failed(Failure),
    /// Nobody can tell yet. A [claim](Store::claim) settles it: what is not there after one never will be.
    Unknown(Failure),
}

/// Why a store did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Another writer has claimed the book.
    #[error("another writer has claimed the book")]
    Fenced,
    /// The journal does not end where the writer thinks.
    #[error("the journal ends at `{}`, not at `{}`", found.position, expected.position)]
    HeadMoved {
        /// Where the writer thought that it ends.
        expected: Head,
        /// Where it ends.
        found: Head,
    },
    /// An id that counts once stands in an earlier entry.
    #[error("an id that counts once is in the journal already")]
    ReferenceTaken,
    /// The tree that is kept is not the one over the entries that are there.
    #[error("the tree is not that of the journal's `{entries}` entries")]
    TreeDiffers {
        /// How many there are.
        entries: Position,
    },
    /// The database said no.
    #[error("the database refused")]
    Database(#[source] DatabaseError),
}

/// What a database says; the cause is its driver's error.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// SQLite.
    #[error("SQLite")]
    Sqlite(#[from] rusqlite::Error),
    /// PostgreSQL.
    #[error("PostgreSQL")]
    Postgres(#[from] postgres::Error),
    /// The URL of a database is none. It may hold a password, and is not shown.
    #[error("the database's URL can't be read")]
    Url,
    /// PostgreSQL says nothing.
    #[error("PostgreSQL does not answer")]
    Silent(#[source] std::io::Error),
    /// Where it was, there is another server now, or it was changed.
    #[error("PostgreSQL is not what a journal needs any more")]
    Unfit(#[source] Box<OpenError>),
    /// A row is none that was written: a check of its table does not hold.
    #[error("a row of `{table}` is damaged")]
    Damaged {
        /// The table.
        table: &'static str,
    },
}

/// Why a journal can't be opened or made.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The database does not keep a setting that a promise rests on.
    #[error("the database has `{name}` at `{found}`, not at `{wanted}`")]
    Setting {
        /// The setting.
        name: &'static str,
        /// What it should be.
        wanted: &'static str,
        /// What it is.
        found: String,
    },
    /// Made by a newer program, or by one too old for who only reads, or no journal at all when zero.
    #[error("the database has version `{found}`, which is no journal's that this program knows")]
    Version {
        /// The version that was found.
        found: i64,
    },
    /// The role could change what is recorded.
    #[error("the role `{role}` may `{privilege}` entries: use one that can only insert and select")]
    MayChange {
        /// The role.
        role: String,
        /// What it may do.
        privilege: &'static str,
    },
    /// The database has no journal of this book.
    #[error("the database has no journal of `{book}`")]
    UnknownBook {
        /// The book.
        book: BookId,
    },
    /// The database has a journal of this book already.
    #[error("the database has a journal of `{book}` already")]
    BookExists {
        /// The book.
        book: BookId,
    },
    /// The database said no.
    #[error("the database can't be opened")]
    Database(#[source] DatabaseError),
}

/// Why entries could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The bytes of an entry are not those that the entry after it names.
    #[error(
        "entry `{position}` is not what was written: its hash is not the one that `{named_by}` names"
    )]
    Changed {
        /// The entry.
        position: Position,
        /// What names the hash that it should have.
        named_by: &'static str,
    },
    /// A position is missing.
    #[error("entry `{position}` is missing")]
    Missing {
        /// The position.
        position: Position,
    },
    /// The bytes are no entry.
    #[error("entry `{position}` can't be read")]
    Undecodable {
        /// The entry.
        position: Position,
        /// Why not.
        #[source]
        source: Undecodable,
    },
    /// What is kept as the journal's tree is none.
    #[error("the journal's tree can't be read")]
    NoTree,
    /// An entry does not carry the id that the index says it carries.
    #[error("entry `{position}` does not carry the id that it was looked up by")]
    Misfiled {
        /// The entry.
        position: Position,
    },
    /// The database said no.
    #[error("the database can't be read")]
    Database(#[source] DatabaseError),
}

/// What a driver says is a database's error, whatever was asked of it.
macro_rules! from_drivers {
    ($($error:ident)*) => {$(
        impl From<rusqlite::Error> for $error {
            fn from(error: rusqlite::Error) -> Self {
                Self::Database(error.into())
            }
        }

        impl From<postgres::Error> for $error {
            fn from(error: postgres::Error) -> Self {
                Self::Database(error.into())
            }
        }

        impl From<DatabaseError> for $error {
            fn from(error: DatabaseError) -> Self {
                Self::Database(error)
            }
        }
    )*};
}
from_drivers! { Failure OpenError ReadError }

/// Reads the committed entries of one book. Readers don't wait for the writer.
pub trait Reader: Send {
    /// The book.
    fn book(&self) -> BookId;

    /// The end of the journal as the store has it: its last position, and the hash of the bytes that stand there.
    fn head(&mut self) -> Result<Head, ReadError>;

    /// Up to `limit` entries from `from` on, in order. Each is checked against the hash that its successor names;
    /// the successor of the last one is looked at, too. The head itself has no successor: compare it with the anchor.
    fn read(&mut self, from: Position, limit: usize) -> Result<Vec<Stored>, ReadError>;

    /// The entry in which an id that counts once stands: it does carry it.
    fn find(&mut self, reference: Reference) -> Result<Option<Stored>, ReadError>;

    /// The tree over all entries, as it was kept with the last append.
    fn tree(&mut self) -> Result<Tree, ReadError>;

    /// Calls `each` with every signed checkpoint that is kept, and the size that it is filed under, shortest journal first.
    /// The last one may stand twice.
    fn checkpoints(&mut self, each: &mut dyn FnMut(u64, &str)) -> Result<(), ReadError>;

    /// The signed checkpoint of the journal as it ends now, if its writer had a key.
    fn last_checkpoint(&mut self) -> Result<Option<String>, ReadError>;

    /// Calls `each` with every reference that [`find`](Self::find) looks for and where it would look, in no particular
    /// order. The entries there are not read.
    fn references(&mut self, each: &mut dyn FnMut(Reference, Position)) -> Result<(), ReadError>;
}

/// Appends to one book.
pub trait Store: Reader {
    /// Claims the book, whoever has it: from now on, appends under earlier epochs fail.
    ///
    /// After a failure it may have been claimed: claim again.
    fn claim(&mut self, writer: WriterId) -> Result<Epoch, Failure>;

    /// The same for a writer that had it. Fails with [`Failure::Fenced`] when another has claimed it since.
    fn reclaim(&mut self, writer: WriterId) -> Result<Epoch, Failure>;

    /// The same for a writer that takes over from whoever claimed `epoch`. Fails with [`Failure::Fenced`] when another has
    /// done so before.
    fn succeed(&mut self, writer: WriterId, epoch: Epoch) -> Result<Epoch, Failure>;

    /// Whether another process may claim the book while this one has it. Then what rests on nothing but committed entries
    /// must be [confirmed](Self::confirm) before it is told.
    fn is_shared(&self) -> bool;

    /// Checks that nobody has claimed the book after `epoch`. Writes nothing.
    fn confirm(&mut self, epoch: Epoch) -> Result<(), Failure>;

    /// Appends entries that follow each other and `expected`, all or none, with their references, the tree over all
    /// entries, and its [checkpoint](crate::checkpoint), if the store has a key.
    ///
    /// # Panics
    ///
    /// When the batch is empty or does not follow `expected`.
    fn append(&mut self, batch: &[Stored], expected: Head, epoch: Epoch) -> Outcome;

    /// Appends the entry with which the journal goes on as another incarnation after a loss, and makes it that one: both
    /// or neither. Afterwards [`append`](Self::append) goes on as usual.
    ///
    /// # Panics
    ///
    /// When the entry does not follow `expected`.
    fn begin_incarnation(
        &mut self,
        incarnation: [u8; 16],
        entry: &Stored,
        expected: Head,
        epoch: Epoch,
    ) -> Outcome;

    /// A reader of its own, which other threads may use.
    fn reader(&self) -> Result<Box<dyn Reader>, ReadError>;
}

/// Implements [`Reader`] for a store that has a reader of its kind in its field `journal`.
macro_rules! reads_through {
    ($store:ident) => {
        impl crate::Reader for $store {
            fn book(&self) -> ledger::BookId {
                self.journal.book()
            }

            fn head(&mut self) -> Result<crate::Head, crate::ReadError> {
                self.journal.head()
            }

            fn read(
                &mut self,
                from: ledger::Position,
                limit: usize,
            ) -> Result<Vec<crate::Stored>, crate::ReadError> {
                self.journal.read(from, limit)
            }

            fn find(
                &mut self,
                reference: ledger::Reference,
            ) -> Result<Option<crate::Stored>, crate::ReadError> {
                self.journal.find(reference)
            }

            fn tree(&mut self) -> Result<crate::tree::Tree, crate::ReadError> {
                self.journal.tree()
            }

            fn checkpoints(
                &mut self,
                each: &mut dyn FnMut(u64, &str),
            ) -> Result<(), crate::ReadError> {
                self.journal.checkpoints(each)
            }

            fn last_checkpoint(&mut self) -> Result<Option<String>, crate::ReadError> {
                self.journal.last_checkpoint()
            }

            fn references(
                &mut self,
                each: &mut dyn FnMut(ledger::Reference, ledger::Position),
            ) -> Result<(), crate::ReadError> {
                self.journal.references(each)
            }
        }
    };
}
pub(crate) use reads_through;
