//! A connection to the database, by which a process reads and writes the journal.

use journal::postgres::Leader;
use journal::tree::Tree;
use journal::{
    DatabaseError, Epoch, Failure, Head, Outcome, ReadError, Reader, Store, Stored, WriterId, chain,
};
use ledger::{BookId, Position, Reference};
use testkit::requests::BOOK;

use super::{Pending, silent};
use crate::counters::Path;
use crate::heap::{MS, SECOND};
use crate::options::Fault;
use crate::outside::{Effect, Outside, Shared};

/// How long a zombie keeps its lock, at most, before its server notices that nobody is there.
const ZOMBIE_MAX: u64 = 3 * SECOND;

/// A connection of a process.
#[derive(Debug)]
pub struct SimulatedStore {
    shared: Shared,
    process: usize,
    session: u64,
}

impl SimulatedStore {
    /// Opens one. Fails while the server is away.
    pub fn open(shared: &Shared, process: usize) -> Result<Self, DatabaseError> {
        let mut outside = shared.lock();
        let is_away = outside.now < outside.database.away_until;
        if is_away || outside.effect(process) != Effect::Happens {
            return Err(silent());
        }
        let session = outside.database.open();
        drop(outside);
        Ok(Self { shared: shared.clone(), process, session })
    }

    /// Who leads the book.
    pub fn look(&self) -> Result<Leader, DatabaseError> {
        self.ask(Fault::LeadersFail, |outside| outside.database.look())
    }

    /// Says that a writer lives, or, without an address, that it has put the book down.
    pub fn say(
        &self,
        writer: WriterId,
        address: Option<&str>,
    ) -> Result<Option<Epoch>, DatabaseError> {
        self.ask(Fault::LeadersFail, |outside| match outside.database.is_cut_off {
            true => Err(silent()),
            false => Ok(outside.database.say(writer, address)),
        })?
    }

    /// Does something, unless the server is away, the fault hits or the process dies. A connection that was lost is replaced,
    /// as those of PostgreSQL are; only who appends by one has lost it.
    fn ask<T>(
        &self,
        fault: Fault,
        does: impl FnOnce(&mut Outside) -> T,
    ) -> Result<T, DatabaseError> {
        let outside = &mut *self.shared.lock();
        if outside.now < outside.database.away_until || outside.hits(fault) {
            return Err(silent());
        }
        match outside.effect(self.process) {
            Effect::Never => Err(silent()),
            Effect::HappensUnheard => {
                does(outside);
                Err(silent())
            }
            Effect::Happens => Ok(does(outside)),
        }
    }

    fn read_with<T>(
        &self,
        does: impl FnOnce(&mut Outside) -> Result<T, ReadError>,
    ) -> Result<T, ReadError> {
        self.ask(Fault::ReadFails, does)?
    }

    fn claim_if(
        &mut self,
        writer: WriterId,
        may: impl FnOnce(&Outside) -> bool,
    ) -> Result<Epoch, Failure> {
        self.ask(Fault::ClaimFails, |outside| {
            if outside.now < outside.database.locked_until && outside.random.below(4) != 0 {
                outside.counters.add(Path::ClaimLocked);
                return Err(silent().into());
            }
            if outside.database.is_cut_off {
                return Err(silent().into());
            }
            if !may(outside) {
                outside.counters.add(Path::ClaimLost);
                return Err(Failure::Fenced);
            }
            let epoch = outside.claim(writer);
            if outside.hits(Fault::ClaimFails) {
                outside.counters.add(Path::ClaimUnsure);
                return Err(silent().into());
            }
            Ok(epoch)
        })?
    }
}

impl Reader for SimulatedStore {
    fn book(&self) -> BookId {
        BOOK
    }

    fn head(&mut self) -> Result<Head, ReadError> {
        self.read_with(|outside| Ok(outside.database.head()))
    }

    fn read(&mut self, from: Position, limit: usize) -> Result<Vec<Stored>, ReadError> {
        self.read_with(|outside| {
            let before = usize::try_from(from.0.saturating_sub(1)).unwrap_or(usize::MAX);
            Ok(outside.database.rows.iter().skip(before).take(limit).cloned().collect())
        })
    }

    fn find(&mut self, reference: Reference) -> Result<Option<Stored>, ReadError> {
        let found =
            self.read_with(|outside| Ok(outside.database.references.get(&reference).copied()))?;
        found.map(|position| chain::verify_found(self, reference, position)).transpose()
    }

    fn tree(&mut self) -> Result<Tree, ReadError> {
        Err(ReadError::NoTree)
    }

    fn checkpoints(&mut self, _each: &mut dyn FnMut(u64, &str)) -> Result<(), ReadError> {
        Ok(())
    }

    fn last_checkpoint(&mut self) -> Result<Option<String>, ReadError> {
        Ok(None)
    }

    fn references(&mut self, each: &mut dyn FnMut(Reference, Position)) -> Result<(), ReadError> {
        self.read_with(|outside| {
            let references = &outside.database.references;
            references.iter().for_each(|(reference, position)| each(*reference, *position));
            Ok(())
        })
    }
}

impl Store for SimulatedStore {
    fn claim(&mut self, writer: WriterId) -> Result<Epoch, Failure> {
        self.claim_if(writer, |_| true)
    }

    fn reclaim(&mut self, writer: WriterId) -> Result<Epoch, Failure> {
        self.claim_if(writer, |outside| outside.database.writer == Some(writer))
    }

    fn succeed(&mut self, writer: WriterId, epoch: Epoch) -> Result<Epoch, Failure> {
        self.claim_if(writer, |outside| outside.database.epoch == epoch.0)
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn confirm(&mut self, epoch: Epoch) -> Result<(), Failure> {
        let session = self.session;
        self.ask(Fault::ReadFails, |outside| {
            if outside.database.is_lost(session, outside.now) {
                return Err(silent().into());
            }
            if outside.database.epoch == epoch.0 {
                return Ok(());
            }
            outside.counters.add(Path::ConfirmFenced);
            Err(Failure::Fenced)
        })?
    }

    fn append(&mut self, batch: &[Stored], expected: Head, epoch: Epoch) -> Outcome {
        chain::assert_follows(batch, expected);
        let outside = &mut *self.shared.lock();
        if outside.database.is_lost(self.session, outside.now) {
            return Outcome::Failed(silent().into());
        }
        let effect = outside.effect(self.process);
        if effect == Effect::Never {
            return Outcome::Unknown(silent().into());
        }
        if let Err(failure) = outside.database.fits(expected, epoch.0) {
            if matches!(failure, Failure::Fenced) {
                outside.counters.add(Path::AppendFenced);
            }
            return Outcome::Failed(failure);
        }
        let references = chain::references(batch);
        let is_taken = |(reference, _): &_| outside.database.references.contains_key(reference);
        let is_repeated = references.windows(2).any(|pair| pair[0].0 == pair[1].0);
        if is_repeated || references.iter().any(is_taken) {
            return Outcome::Failed(Failure::ReferenceTaken);
        }
        if outside.hits(Fault::AppendFails) {
            outside.counters.add(Path::AppendFailed);
            return Outcome::Failed(silent().into());
        }
        if outside.hits(Fault::UnknownLost) {
            outside.counters.add(Path::UnknownLost);
            return Outcome::Unknown(silent().into());
        }
        if outside.hits(Fault::UnknownLater) {
            let (batch, epoch) = (batch.to_vec(), epoch.0);
            outside.database.pending = Some(Pending { batch, expected, epoch });
            let wait = outside.random.between(MS, ZOMBIE_MAX);
            outside.database.locked_until = outside.now + wait;
            return Outcome::Unknown(silent().into());
        }
        outside.database.commit(batch, references);
        if outside.hits(Fault::Failover) {
            outside.database.is_cut_off = true;
            return Outcome::Unknown(silent().into());
        }
        if outside.hits(Fault::UnknownThere) {
            outside.counters.add(Path::UnknownThere);
            return Outcome::Unknown(silent().into());
        }
        match effect {
            Effect::Happens => Outcome::Committed,
            Effect::HappensUnheard | Effect::Never => Outcome::Unknown(silent().into()),
        }
    }

    fn begin_incarnation(
        &mut self,
        _incarnation: [u8; 16],
        _entry: &Stored,
        _expected: Head,
        _epoch: Epoch,
    ) -> Outcome {
        // Losses are refused here, and never accepted.
        Outcome::Failed(silent().into())
    }

    fn reader(&self) -> Result<Box<dyn Reader>, ReadError> {
        Ok(Box::new(Self::open(&self.shared, self.process)?))
    }
}
