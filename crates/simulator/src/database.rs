//! A database with one journal, and a table of leaders, as a server may keep it.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use journal::postgres::{Leader, Standing};
use journal::{DatabaseError, Epoch, Failure, Hash, Head, Stored, WriterId, decode};
use ledger::{Position, Reference};

use crate::counters::Path;
use crate::heap::Time;
use crate::outside::Outside;

mod store;

pub use store::SimulatedStore;

/// What stands in the database.
#[derive(Debug, Default)]
pub struct Database {
    /// Entries as they are read back: each has been through its stored form, once.
    rows: Vec<Stored>,
    /// The last entry of each transaction.
    ends: BTreeSet<Position>,
    head: Option<Hash>,
    references: BTreeMap<Reference, Position>,
    epoch: u64,
    writer: Option<WriterId>,
    leader: LeaderRow,
    /// A transaction of which nobody knows how it will end.
    pending: Option<Pending>,
    /// A zombie has the book's row locked until then.
    locked_until: Time,
    /// The server is away until then.
    away_until: Time,
    /// Whether the copy is out of its sight that must have all that it writes: it writes no more.
    is_cut_off: bool,
    /// Connections before this one are lost.
    first_session: u64,
    next_session: u64,
    /// What a restore has taken away.
    kept: Option<Kept>,
}

#[derive(Debug, Clone, Default)]
struct LeaderRow {
    epoch: u64,
    beat: u64,
    address: Option<String>,
}

#[derive(Debug)]
struct Pending {
    batch: Vec<Stored>,
    expected: Head,
    epoch: u64,
}

#[derive(Debug)]
struct Kept {
    position: Position,
    rows: Vec<Stored>,
    ends: BTreeSet<Position>,
    references: BTreeMap<Reference, Position>,
    head: Option<Hash>,
    epoch: u64,
    writer: Option<WriterId>,
    leader: LeaderRow,
}

/// Why nothing was done.
pub(crate) fn silent() -> DatabaseError {
    DatabaseError::Silent(io::Error::other("simulated"))
}

impl Database {
    /// The end of the journal.
    pub fn head(&self) -> Head {
        match self.head {
            Some(hash) => Head { position: Position(self.rows.len() as u64), hash },
            None => Head::EMPTY,
        }
    }

    /// The entries.
    pub fn rows(&self) -> &[Stored] {
        &self.rows
    }

    /// The bytes of an entry, whether a restore has taken it away or not.
    pub fn true_row(&self, position: Position) -> Option<&[u8]> {
        let before = (position.0 as usize).checked_sub(1)?;
        let row = match &self.kept {
            Some(kept) if kept.position < position => {
                kept.rows.get(before - kept.position.0 as usize)
            }
            Some(_) | None => self.rows.get(before),
        };
        row.map(|row| row.bytes.as_slice())
    }

    /// The last entry of the last transaction of which nothing comes after `position`: a copy has all of one, or nothing.
    pub fn last_end(&self, position: Position) -> Position {
        self.ends.range(..=position).next_back().copied().unwrap_or(Position::START)
    }

    /// The last claim.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Whether what was acknowledged is missing.
    pub fn is_restored(&self) -> bool {
        self.kept.is_some()
    }

    /// Whether a transaction is still to end.
    pub fn is_pending(&self) -> bool {
        self.pending.is_some()
    }

    fn open(&mut self) -> u64 {
        self.next_session += 1;
        self.next_session
    }

    fn is_lost(&self, session: u64, now: Time) -> bool {
        session < self.first_session || now < self.away_until
    }

    fn commit(&mut self, batch: &[Stored], references: Vec<(Reference, Position)>) {
        let read =
            |stored: &Stored| decode(stored.bytes.clone()).expect("what was encoded is read");
        self.rows.extend(batch.iter().map(read));
        self.ends.insert(Position(self.rows.len() as u64));
        self.head = batch.last().map(|stored| stored.hash);
        self.references.extend(references);
    }

    /// Whether a batch can be stored.
    fn fits(&self, expected: Head, epoch: u64) -> Result<(), Failure> {
        if epoch != self.epoch {
            return Err(Failure::Fenced);
        }
        let found = self.head();
        if found == expected { Ok(()) } else { Err(Failure::HeadMoved { expected, found }) }
    }

    /// Lets the transaction end of which nobody knew how it would. Says whether it has stored something.
    pub fn settle(&mut self) -> Option<bool> {
        let Pending { batch, expected, epoch } = self.pending.take()?;
        let fits = self.fits(expected, epoch).is_ok();
        if fits {
            let references = journal::chain::references(&batch);
            self.commit(&batch, references);
        }
        Some(fits)
    }

    /// Ends every connection, and keeps the server away for a while.
    pub fn restart(&mut self, away_until: Time) {
        self.first_session = self.next_session + 1;
        self.away_until = away_until;
        self.pending = None;
        self.locked_until = 0;
    }

    /// Whether it has lost its copy.
    pub fn is_cut_off(&self) -> bool {
        self.is_cut_off
    }

    /// It has its copy again, or is the copy. Says whether it had lost it.
    pub fn rejoin(&mut self) -> bool {
        std::mem::take(&mut self.is_cut_off)
    }

    /// Forgets what came after `position`, and with it who has claimed the book since, maybe.
    pub fn fall_back(&mut self, position: Position, hash: Option<Hash>, epochs: u64) {
        self.rows.truncate(position.0 as usize);
        self.ends.retain(|end| *end <= position);
        self.references.retain(|_, at| *at <= position);
        self.head = hash;
        self.epoch = self.epoch.saturating_sub(epochs);
        if 0 < epochs {
            self.writer = None;
        }
    }

    /// Puts the database back to an older copy, and keeps the true one.
    pub fn restore(&mut self, position: Position, hash: Option<Hash>, epochs: u64) {
        let rows = self.rows[position.0 as usize..].to_vec();
        let late = self.references.iter().filter(|(_, at)| position < **at);
        let references = late.map(|(reference, at)| (*reference, *at)).collect();
        let (head, epoch, writer) = (self.head, self.epoch, self.writer);
        let (ends, leader) = (self.ends.clone(), self.leader.clone());
        self.kept = Some(Kept { position, rows, ends, references, head, epoch, writer, leader });
        self.fall_back(position, hash, epochs);
    }

    /// Brings the true one back. What was written to the other is lost.
    pub fn bring_back(&mut self) {
        let Some(kept) = self.kept.take() else { return };
        self.rows.truncate(kept.position.0 as usize);
        self.references.retain(|_, at| *at <= kept.position);
        self.rows.extend(kept.rows);
        self.ends = kept.ends;
        self.references.extend(kept.references);
        (self.head, self.epoch) = (kept.head, kept.epoch);
        (self.writer, self.leader) = (kept.writer, kept.leader);
    }

    fn look(&self) -> Leader {
        let LeaderRow { epoch, beat, address } = &self.leader;
        let standing = match address {
            _ if *epoch != self.epoch => Standing::Silent,
            Some(address) => Standing::Leads { address: address.clone() },
            None => Standing::Vacant,
        };
        Leader { epoch: Epoch(self.epoch), beat: *beat, standing }
    }

    fn say(&mut self, writer: WriterId, address: Option<&str>) -> Option<Epoch> {
        if self.writer != Some(writer) {
            return None;
        }
        let address = address.map(str::to_owned);
        self.leader = LeaderRow { epoch: self.epoch, beat: self.leader.beat + 1, address };
        Some(Epoch(self.epoch))
    }
}

impl Outside {
    /// Makes a claim, which ends what its predecessor had under way: that was stored before, or it never will be.
    fn claim(&mut self, writer: WriterId) -> Epoch {
        if self.database.is_pending() {
            let came_first = self.random.below(2) == 0;
            if !came_first {
                self.database.pending = None;
                self.counters.add(Path::LaterFenced);
            } else if self.database.settle() == Some(true) {
                self.counters.add(Path::LaterThere);
            }
        }
        let database = &mut self.database;
        database.epoch += 1;
        database.writer = Some(writer);
        database.locked_until = 0;
        Epoch(database.epoch)
    }
}
