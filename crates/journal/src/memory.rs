//! A journal in memory, for tests.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ledger::{BookId, Position, Reference, Timestamp};
use rusqlite::ffi;

use crate::chain;
use crate::checkpoint::{self, SigningKey};
use crate::form::{Hash, Stored};
use crate::store::{Epoch, Failure, Head, Outcome, ReadError, Reader, Store, WriterId};
use crate::tree::Tree;

/// A journal that lasts as long as its handles: a clone is the same journal, opened once more.
#[derive(Debug, Clone)]
pub struct MemoryStore {
    book: BookId,
    journal: Arc<Mutex<Journal>>,
}

/// What the next append that could be committed does instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It fails, and nothing is there.
    Fail,
    /// It ends unknown, and all of it is there.
    UnknownAndThere,
    /// It ends unknown, and nothing is there.
    UnknownAndNotThere,
}

#[derive(Debug, Default)]
struct Journal {
    entries: Vec<Vec<u8>>,
    references: BTreeMap<Reference, Position>,
    tree: Tree,
    checkpoints: Vec<(u64, Timestamp, String)>,
    last_checkpoint: Option<String>,
    key: Option<SigningKey>,
    epoch: u64,
    writer: Option<WriterId>,
    incarnation: [u8; 16],
    fault: Option<Fault>,
}

impl MemoryStore {
    /// An empty journal.
    pub fn new(book: BookId) -> Self {
        Self { book, journal: Arc::default() }
    }

    /// From now on, checkpoints are signed with this key.
    pub fn sign_with(&self, key: SigningKey) {
        self.journal().key = Some(key);
    }

    /// What tells this journal from any other of the same book: zeros, until another incarnation begins.
    pub fn incarnation(&self) -> [u8; 16] {
        self.journal().incarnation
    }

    /// Lets the next append that could be committed go wrong, through whichever handle it comes.
    pub fn inject(&self, fault: Fault) {
        self.journal().fault = Some(fault);
    }

    /// A panic under the lock leaves nothing half done: what is changed is checked before.
    fn journal(&self) -> MutexGuard<'_, Journal> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reader for MemoryStore {
    fn book(&self) -> BookId {
        self.book
    }

    fn head(&mut self) -> Result<Head, ReadError> {
        Ok(self.journal().head())
    }

    fn read(&mut self, from: Position, limit: usize) -> Result<Vec<Stored>, ReadError> {
        let journal = self.journal();
        let before = usize::try_from(from.0.saturating_sub(1)).unwrap_or(usize::MAX);
        let mut rows = journal.entries.iter().enumerate().skip(before);
        chain::verify(from, limit, || {
            Ok(rows.next().map(|(before, bytes)| (Position(before as u64 + 1), bytes.clone())))
        })
    }

    fn find(&mut self, reference: Reference) -> Result<Option<Stored>, ReadError> {
        let found = self.journal().references.get(&reference).copied();
        found.map(|position| chain::verify_found(self, reference, position)).transpose()
    }

    fn tree(&mut self) -> Result<Tree, ReadError> {
        Ok(self.journal().tree.clone())
    }

    fn checkpoints(&mut self, each: &mut dyn FnMut(u64, &str)) -> Result<(), ReadError> {
        let journal = self.journal();
        journal.checkpoints.iter().for_each(|(size, _, note)| each(*size, note));
        journal.last_checkpoint.iter().for_each(|note| each(journal.tree.size(), note));
        Ok(())
    }

    fn last_checkpoint(&mut self) -> Result<Option<String>, ReadError> {
        Ok(self.journal().last_checkpoint.clone())
    }

    fn references(&mut self, each: &mut dyn FnMut(Reference, Position)) -> Result<(), ReadError> {
        let references = self.journal().references.clone();
        references.into_iter().for_each(|(reference, position)| each(reference, position));
        Ok(())
    }
}

impl Store for MemoryStore {
    fn claim(&mut self, writer: WriterId) -> Result<Epoch, Failure> {
        let mut journal = self.journal();
        journal.epoch += 1;
        journal.writer = Some(writer);
        Ok(Epoch(journal.epoch))
    }

    fn reclaim(&mut self, writer: WriterId) -> Result<Epoch, Failure> {
        let is_ours = self.journal().writer == Some(writer);
        if is_ours { self.claim(writer) } else { Err(Failure::Fenced) }
    }

    fn succeed(&mut self, writer: WriterId, epoch: Epoch) -> Result<Epoch, Failure> {
        self.confirm(epoch)?;
        self.claim(writer)
    }

    /// By every clone of it, as a database is.
    fn is_shared(&self) -> bool {
        true
    }

    fn confirm(&mut self, epoch: Epoch) -> Result<(), Failure> {
        if Epoch(self.journal().epoch) == epoch { Ok(()) } else { Err(Failure::Fenced) }
    }

    fn append(&mut self, batch: &[Stored], expected: Head, epoch: Epoch) -> Outcome {
        self.journal().append(batch, expected, epoch, None)
    }

    fn begin_incarnation(
        &mut self,
        incarnation: [u8; 16],
        entry: &Stored,
        expected: Head,
        epoch: Epoch,
    ) -> Outcome {
        self.journal().append(std::slice::from_ref(entry), expected, epoch, Some(incarnation))
    }

    fn reader(&self) -> Result<Box<dyn Reader>, ReadError> {
        Ok(Box::new(self.clone()))
    }
}

impl Journal {
    fn head(&self) -> Head {
        self.entries.last().map_or(Head::EMPTY, |bytes| Head {
            position: Position(self.entries.len() as u64),
            hash: Hash::of(bytes),
        })
    }

    /// `incarnation` is the one that begins with the batch, if one does.
    fn append(
        &mut self,
        batch: &[Stored],
        expected: Head,
        epoch: Epoch,
        incarnation: Option<[u8; 16]>,
    ) -> Outcome {
        chain::assert_follows(batch, expected);
        if Epoch(self.epoch) != epoch {
            return Outcome::Failed(Failure::Fenced);
        }
        let found = self.head();
        if found != expected {
            return Outcome::Failed(Failure::HeadMoved { expected, found });
        }
        let references = chain::references(batch);
        let are_taken = |(reference, _): &_| self.references.contains_key(reference);
        let repeated = references.windows(2).any(|pair| pair[0].0 == pair[1].0);
        if repeated || references.iter().any(are_taken) {
            return Outcome::Failed(Failure::ReferenceTaken);
        }
        match self.fault.take() {
            None => {
                self.commit(batch, references, incarnation);
                Outcome::Committed
            }
            Some(Fault::Fail) => Outcome::Failed(disk_failure()),
            Some(Fault::UnknownAndThere) => {
                self.commit(batch, references, incarnation);
                Outcome::Unknown(disk_failure())
            }
            Some(Fault::UnknownAndNotThere) => Outcome::Unknown(disk_failure()),
        }
    }

    fn commit(
        &mut self,
        batch: &[Stored],
        references: Vec<(Reference, Position)>,
        incarnation: Option<[u8; 16]>,
    ) {
        self.incarnation = incarnation.unwrap_or(self.incarnation);
        self.entries.extend(batch.iter().map(|stored| stored.bytes.clone()));
        self.references.extend(references);
        self.tree.extend(batch.iter().map(|stored| stored.hash));
        let last = self.checkpoints.last().map(|(size, at, _)| (*size, *at));
        let (size, at) = (self.tree.size(), batch[batch.len() - 1].entry.at);
        let note = self.key.as_ref().map(|key| key.sign(size, self.tree.root()));
        if let Some(note) = note.clone().filter(|_| checkpoint::is_due(last, size, at)) {
            self.checkpoints.push((size, at, note));
        }
        self.last_checkpoint = note;
    }
}

/// What a database says when its disk fails.
fn disk_failure() -> Failure {
    rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_IOERR), None).into()
}
