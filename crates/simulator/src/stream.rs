//! A stream of committed entries, as a server may keep it.

use std::collections::BTreeSet;

use journal::{Hash, Head, Stored};
use ledger::Position;

use crate::heap::Time;

/// What a server of a bus has of a book.
#[derive(Debug, Default)]
pub struct Stream {
    kept: Kept,
    /// An older copy.
    copy: Option<Kept>,
    /// Another number whenever it is not what it was.
    generation: u64,
    away_until: Time,
    /// The furthest that it has ever had.
    furthest: Position,
    /// Whether it was wiped and has nothing since.
    is_wiped: bool,
}

#[derive(Debug, Clone, Default)]
struct Kept {
    messages: Vec<Message>,
    /// By which a repeated message is known.
    ids: BTreeSet<(Position, Hash)>,
    /// The place up to which each follower has done all.
    done: Vec<usize>,
}

/// An entry, and from when on it is brought.
#[derive(Debug, Clone)]
pub struct Message {
    /// The entry.
    pub stored: Stored,
    /// Not before.
    pub at: Time,
}

impl Stream {
    /// Takes a message, unless it has it. Its place, counted from one, and whether it was there.
    pub fn publish(&mut self, stored: Stored, at: Time) -> (u64, bool) {
        let Kept { messages, ids, .. } = &mut self.kept;
        let position = stored.entry.position;
        let is_new = ids.insert((position, stored.hash));
        if is_new {
            messages.push(Message { stored, at });
            self.furthest = self.furthest.max(position);
            self.is_wiped = false;
        }
        (messages.len() as u64, !is_new)
    }

    /// The last message.
    pub fn last(&self) -> Option<Head> {
        let stored = &self.kept.messages.last()?.stored;
        Some(Head { position: stored.entry.position, hash: stored.hash })
    }

    /// The messages from a place on.
    pub fn from(&self, place: usize) -> &[Message] {
        self.kept.messages.get(place..).unwrap_or_default()
    }

    /// Up to where a follower has done all.
    pub fn done(&self, follower: usize) -> usize {
        self.kept.done.get(follower).copied().unwrap_or(0)
    }

    /// A follower has done all up to there.
    pub fn acknowledge(&mut self, follower: usize, place: usize) {
        let done = &mut self.kept.done;
        if done.len() <= follower {
            done.resize(follower + 1, 0);
        }
        done[follower] = place.max(done[follower]);
    }

    /// Whether its server is away.
    pub fn is_away(&self, now: Time) -> bool {
        now < self.away_until
    }

    /// Lets its server be away.
    pub fn go_away(&mut self, until: Time) {
        self.away_until = until;
        self.generation += 1;
    }

    /// Another number whenever it is not what it was.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// The furthest that it has ever had.
    pub fn furthest(&self) -> Position {
        self.furthest
    }

    /// Whether it was wiped and has nothing since.
    pub fn is_wiped(&self) -> bool {
        self.is_wiped
    }

    /// Forgets everything.
    pub fn wipe(&mut self) {
        self.is_wiped = !self.kept.messages.is_empty();
        self.kept = Kept::default();
        self.generation += 1;
    }

    /// Keeps a copy, or goes back to the one that was kept. Says whether it went back.
    pub fn copy_or_go_back(&mut self) -> bool {
        self.generation += 1;
        match self.copy.take() {
            None => {
                self.copy = Some(self.kept.clone());
                false
            }
            Some(copy) => {
                self.kept = copy;
                true
            }
        }
    }
}
