//! The way from the stream to a read model: what `bus::follower` does, cut where it waits.

use std::sync::Arc;

use bus::follower::machine::{Brought, runs};
use journal::{Reader, Stored};
use ledger::{Entry, Position};

use crate::counters::Path;
use crate::database::SimulatedStore;
use crate::options::Fault;
use crate::outside::{Outside, Shared};

/// Messages that are asked for at once.
const BATCH_MAX: usize = 512;
/// How many messages are brought again.
const REPEATED: usize = 8;

/// Brings what the stream has to one projector.
pub(crate) struct Follower {
    shared: Shared,
    projector: usize,
    generation: u64,
    /// Up to where the stream was brought.
    place: usize,
    brought: Brought<usize>,
}

impl Follower {
    pub(crate) fn new(shared: Shared, projector: usize) -> Self {
        Self { shared, projector, generation: u64::MAX, place: 0, brought: Brought::new() }
    }

    /// The entries that the stream has and the journal, too. All up to `done` is done: of what is on its way from there to the read
    /// model, nothing is known here, and it may be brought again.
    pub(crate) fn bring(&mut self, done: Position, reader: &mut SimulatedStore) -> Vec<Stored> {
        let runs = runs(self.take(done)).into_iter();
        let are_in_journal = |run: &Vec<Stored>| {
            let last = run.last().expect("a run has an entry");
            let there = reader.read(last.entry.position, 1);
            there.is_ok_and(|there| there.first().is_some_and(|there| there.hash == last.hash))
        };
        runs.filter(are_in_journal).flatten().collect()
    }

    /// All up to there is done.
    pub(crate) fn done(&mut self, up_to: Position) {
        if let Some(place) = self.brought.done(up_to) {
            self.shared.lock().stream.acknowledge(self.projector, place);
        }
    }

    fn take(&mut self, done: Position) -> Vec<Stored> {
        let outside = &mut *self.shared.lock();
        if outside.stream.is_away(outside.now) {
            return Vec::new();
        }
        if self.generation != outside.stream.generation() {
            self.generation = outside.stream.generation();
            self.place = outside.stream.done(self.projector);
            self.brought = Brought::new();
        }
        if outside.hits(Fault::BusRepeats) {
            self.place = self.place.saturating_sub(REPEATED);
            outside.counters.add(Path::BusRepeated);
        }
        let mut entries = Vec::new();
        let now = outside.now;
        let ready = outside.stream.from(self.place).iter();
        for message in ready.take(BATCH_MAX).take_while(|message| message.at <= now) {
            self.place += 1;
            let position = message.stored.entry.position;
            let is_new = done < position;
            self.brought.push(is_new.then_some(position), self.place);
            if is_new {
                entries.push(message.stored.clone());
            }
        }
        disturb(&mut entries, outside);
        entries
    }
}

/// What a bus, or a stranger on it, may do to what it brings.
fn disturb(entries: &mut [Stored], outside: &mut Outside) {
    if 1 < entries.len() && outside.hits(Fault::BusReorders) {
        let (one, other) =
            (outside.random.index(entries.len()), outside.random.index(entries.len()));
        entries.swap(one, other);
        outside.counters.add(Path::BusReordered);
    }
    if !entries.is_empty() && outside.hits(Fault::BusForges) {
        let forged = outside.random.index(entries.len());
        entries[forged] = forge(&entries[forged]);
        outside.counters.add(Path::BusForged);
    }
}

/// Another entry in the place of one, at a later time. It follows the same entry, and its hash is its own.
fn forge(stored: &Stored) -> Stored {
    let entry = Entry { at: stored.entry.at.plus_ms(1), ..Entry::clone(&stored.entry) };
    journal::encode(Arc::new(entry), stored.previous)
}
