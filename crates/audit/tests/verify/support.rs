//! A book on disk as `serve` leaves it, and ways to damage it.

use std::fs;
use std::path::PathBuf;

use audit::{CouldNotTell, Discrepancy, Evidence, Report};
use journal::anchor::{self, Mark};
use journal::checkpoint::SigningKey;
use journal::note;
use journal::sqlite::{SqliteReader, SqliteStore};
use journal::tree::Tree;
use journal::{Anchor, Head, Outcome, ReadError, Reader, Store, Stored, WriterId};
use ledger::{BookId, Position, Reference};
use projector::{Place, Projector, ReadModel};
use rpc::Publisher;
use rusqlite::{Connection, Params, ffi};
use tempfile::TempDir;

use crate::play::operators;

pub(crate) const WRITER: WriterId = WriterId([1; 16]);
pub(crate) const BOOK: BookId = BookId([7; 16]);
pub(crate) const INCARNATION: [u8; 16] = [8; 16];

/// A folder with a journal, its anchor and its read models.
pub(crate) struct Kept(TempDir);

impl Kept {
    /// A journal of these entries, anchored; and read models that show all of them.
    pub(crate) fn of(entries: &[Stored]) -> Self {
        let kept = Self::journal_of(entries);
        kept.project(ReadModel::ALL);
        kept
    }

    /// The same, with checkpoints by this key.
    pub(crate) fn signed(entries: &[Stored], key: SigningKey) -> Self {
        let kept = Self::journal_of(&[]);
        kept.append_signed(entries, key);
        kept.advance();
        kept.project(ReadModel::ALL);
        kept
    }

    /// A journal of these entries, anchored.
    pub(crate) fn journal_of(entries: &[Stored]) -> Self {
        let kept = Self(tempfile::tempdir().unwrap());
        let mark = Mark { book: BOOK, incarnation: INCARNATION, head: Head::EMPTY };
        drop(Anchor::create(&kept.anchor(), mark).unwrap());
        drop(SqliteStore::create(&kept.journal(), BOOK, INCARNATION).unwrap());
        fs::create_dir(kept.models()).unwrap();
        kept.append(entries);
        kept.advance();
        kept
    }

    /// Appends entries without telling the anchor.
    pub(crate) fn append(&self, entries: &[Stored]) {
        if !entries.is_empty() {
            self.append_signed(entries, None);
        }
    }

    /// The same, signed with this key, if it is one.
    pub(crate) fn append_signed(&self, entries: &[Stored], key: impl Into<Option<SigningKey>>) {
        let mut store = SqliteStore::open(&self.journal(), BOOK).unwrap().with_key(key);
        let (epoch, head) = (store.claim(WRITER).unwrap(), store.head().unwrap());
        let Outcome::Committed = store.append(entries, head, epoch) else { panic!("it commits") };
    }

    /// Lets the anchor say where the journal ends.
    pub(crate) fn advance(&self) {
        let head = self.reader().head().unwrap();
        Anchor::open(&self.anchor()).unwrap().0.advance(head).unwrap();
    }

    /// Brings read models up to the end of the journal.
    pub(crate) fn project(&self, models: impl IntoIterator<Item = ReadModel>) {
        self.project_into(&self.place(), models);
    }

    /// Brings read models elsewhere up to the end of the journal.
    pub(crate) fn project_into(&self, place: &Place, models: impl IntoIterator<Item = ReadModel>) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        for model in models {
            let publisher = Publisher::new(self.reader().head().unwrap().position);
            let reader = Box::new(self.reader());
            let feed = publisher.subscribe();
            let projector = Projector::start(model, place, reader, feed).unwrap();
            // Without a writer it ends by itself, once it has followed all there is.
            drop(publisher);
            let mut progress = projector.progress();
            let ended = progress.wait_for(|progress| progress.stopped.is_some());
            let reached = runtime.block_on(ended).unwrap().position;
            assert_eq!(reached, self.reader().head().unwrap().position);
        }
    }

    pub(crate) fn evidence(&self) -> Evidence {
        Evidence {
            anchor: Some(anchor::read(&self.anchor()).unwrap()),
            journal: Box::new(self.reader()),
            incarnation: self.reader().incarnation(),
            keys: Vec::new(),
            operators: Some(operators().each_ref().map(note::SigningKey::verifying_key).into()),
            checkpoints: Vec::new(),
            read_models: self.place(),
        }
    }

    pub(crate) fn verify(&self) -> Result<Report, CouldNotTell> {
        verify(self.evidence())
    }

    /// All that is wrong, each with its position, or zero. Something is.
    pub(crate) fn wrong(&self) -> Vec<(u64, String)> {
        wrong(&self.verify().unwrap())
    }

    pub(crate) fn copy(&self) -> Self {
        let copy = tempfile::tempdir().unwrap();
        fs::create_dir(copy.path().join("read_model")).unwrap();
        for folder in ["", "read_model"] {
            for item in fs::read_dir(self.0.path().join(folder)).unwrap() {
                let path = item.unwrap().path();
                if path.is_file() {
                    let name = path.file_name().unwrap();
                    fs::copy(&path, copy.path().join(folder).join(name)).unwrap();
                }
            }
        }
        Self(copy)
    }

    /// Runs a statement on the journal as somebody who may write the file, and takes its guards away.
    pub(crate) fn force(&self, sql: &str, parameters: impl Params) {
        let journal = Connection::open(self.journal()).unwrap();
        journal.pragma_update(None, "foreign_keys", 0).unwrap();
        let triggers: Vec<String> = journal
            .prepare("select name from sqlite_schema where type = 'trigger'")
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        for trigger in triggers {
            journal.execute_batch(&format!("drop trigger {trigger}")).unwrap();
        }
        assert!(0 < journal.execute(sql, parameters).unwrap());
    }

    /// Runs a statement on a read model.
    pub(crate) fn change(&self, model: ReadModel, sql: &str, parameters: impl Params) {
        let model = Connection::open(model.file(&self.models())).unwrap();
        assert!(0 < model.execute(sql, parameters).unwrap());
    }

    /// Says that a read model is of another version.
    pub(crate) fn set_version(&self, model: ReadModel, version: i64) {
        let model = Connection::open(model.file(&self.models())).unwrap();
        model.pragma_update(None, "user_version", version).unwrap();
    }

    /// Lets the anchor be one of the journal as it is now.
    pub(crate) fn anchor_anew(&self) {
        fs::remove_file(self.anchor()).unwrap();
        let head = self.reader().head().unwrap();
        let mark = Mark { book: BOOK, incarnation: INCARNATION, head };
        drop(Anchor::create(&self.anchor(), mark).unwrap());
    }

    /// The stored bytes of an entry.
    pub(crate) fn bytes(&self, position: u64) -> Vec<u8> {
        let journal = Connection::open(self.journal()).unwrap();
        let sql = "select bytes from entry where position = ?1";
        journal.query_row(sql, [position.cast_signed()], |row| row.get(0)).unwrap()
    }

    pub(crate) fn set_bytes(&self, position: u64, bytes: &[u8]) {
        let sql = "update entry set bytes = ?2 where position = ?1";
        self.force(sql, (position.cast_signed(), bytes));
    }

    pub(crate) fn reader(&self) -> SqliteReader {
        SqliteReader::open(&self.journal(), BOOK).unwrap()
    }

    pub(crate) fn journal(&self) -> PathBuf {
        self.0.path().join("journal.sqlite")
    }

    pub(crate) fn anchor(&self) -> PathBuf {
        self.0.path().join("anchor")
    }

    /// Where the read models are.
    pub(crate) fn place(&self) -> Place {
        Place::Folder(self.models())
    }

    pub(crate) fn models(&self) -> PathBuf {
        self.0.path().join("read_model")
    }
}

pub(crate) fn verify(evidence: Evidence) -> Result<Report, CouldNotTell> {
    audit::verify(evidence, &mut |_| {})
}

/// A journal that is not what it is.
pub(crate) struct Altered {
    pub(crate) journal: Box<dyn Reader>,
    /// What it says that it is.
    pub(crate) book: BookId,
    /// Where it says that it ends, when it is asked first.
    pub(crate) end: Option<Head>,
    /// Whether entries can't be read now.
    pub(crate) is_busy: bool,
}

impl Altered {
    pub(crate) fn of(journal: Box<dyn Reader>) -> Self {
        Self { journal, book: BOOK, end: None, is_busy: false }
    }
}

impl Reader for Altered {
    fn book(&self) -> BookId {
        self.book
    }

    fn head(&mut self) -> Result<Head, ReadError> {
        self.end.take().map_or_else(|| self.journal.head(), Ok)
    }

    fn read(&mut self, from: Position, limit: usize) -> Result<Vec<Stored>, ReadError> {
        if self.is_busy {
            let busy = ffi::Error::new(ffi::SQLITE_BUSY);
            return Err(rusqlite::Error::SqliteFailure(busy, None).into());
        }
        self.journal.read(from, limit)
    }

    fn find(&mut self, reference: Reference) -> Result<Option<Stored>, ReadError> {
        self.journal.find(reference)
    }

    fn tree(&mut self) -> Result<Tree, ReadError> {
        self.journal.tree()
    }

    fn checkpoints(&mut self, each: &mut dyn FnMut(u64, &str)) -> Result<(), ReadError> {
        self.journal.checkpoints(each)
    }

    fn last_checkpoint(&mut self) -> Result<Option<String>, ReadError> {
        self.journal.last_checkpoint()
    }

    fn references(&mut self, each: &mut dyn FnMut(Reference, Position)) -> Result<(), ReadError> {
        self.journal.references(each)
    }
}

/// All that is wrong, each with its position, or zero. Something is.
pub(crate) fn wrong(report: &Report) -> Vec<(u64, String)> {
    assert!(!report.sound(), "{report:?}");
    let discrepancies = report.discrepancies.iter();
    let wrong = discrepancies.map(|Discrepancy { position, what }| {
        (position.map_or(0, |position| position.0), what.clone())
    });
    wrong.collect()
}

/// What was told, but that nothing is signed.
pub(crate) fn told(report: &Report) -> Vec<&str> {
    let notes = report.notes.iter().map(String::as_str);
    notes.filter(|note| !note.starts_with("nothing is signed")).collect()
}

/// Says that something, and only that, is wrong with an entry, or with none when it is zero.
#[track_caller]
pub(crate) fn assert_only(wrong: &[(u64, String)], position: u64, words: &str) {
    assert_first(wrong, position, words);
    assert_eq!(wrong.len(), 1, "{wrong:?}");
}

/// Says what is wrong first.
#[track_caller]
pub(crate) fn assert_first(wrong: &[(u64, String)], position: u64, words: &str) {
    let (found, what) = &wrong[0];
    assert!(*found == position && what.contains(words), "`{words}` at {position}: {wrong:?}");
}
