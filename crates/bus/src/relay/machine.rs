//! What a relay does next, without IO.

use std::collections::VecDeque;

use journal::{Hash, Head, Stored};
use ledger::Position;

/// Messages that were sent and not acknowledged: at a millisecond's way, a hundred thousand a second.
pub const WINDOW: usize = 256;

/// How far back the journal is sent again to a stream that has less. Who follows and lacks more is quicker with the journal;
/// and it is less than the stream keeps.
pub const REFILL_MAX: u64 = 65_536;

/// The cursor of a relay, and what it has on the way.
#[derive(Debug)]
pub struct Machine {
    /// Whether the stream may be another than it was.
    is_lost: bool,
    /// The first entry that is neither waiting nor sent.
    next: Position,
    /// The end of the journal, as far as it is known.
    head: Position,
    /// Read, and not sent.
    waiting: VecDeque<Stored>,
    /// Sent, and not acknowledged.
    sent: VecDeque<Position>,
    /// The place in the stream of the last that was acknowledged.
    sequence: u64,
}

/// What to do.
#[derive(Debug)]
pub enum Step {
    /// Look at the end of the stream and of the journal.
    Look,
    /// Read the journal from here on.
    Read(Position),
    /// Send an entry.
    Send(Stored),
    /// Wait for an acknowledgement, or for what the feed tells.
    Wait,
}

/// What the stream and the journal end with.
#[derive(Debug, Clone, Copy)]
pub struct Ends {
    /// The entry of the stream's last message of this journal.
    pub stream: Option<Head>,
    /// The journal's hash of that entry, if it has one there.
    pub there: Option<Hash>,
    /// The journal's end.
    pub journal: Position,
}

/// Whether the stream follows the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// What it ends with is in the journal, or it has nothing.
    SameHistory,
    /// It ends with an entry that is not in the journal, which was put back to an older copy, unless somebody else has sent it.
    OtherHistory,
}

impl Machine {
    /// One that has not looked yet.
    #[expect(clippy::new_without_default, reason = "it begins, it is not empty")]
    pub fn new() -> Self {
        Self {
            is_lost: true,
            next: Position::START.next(),
            head: Position::START,
            waiting: VecDeque::new(),
            sent: VecDeque::new(),
            sequence: 0,
        }
    }

    /// What to do next. An entry to be sent counts as sent.
    pub fn step(&mut self) -> Step {
        if self.is_lost {
            return Step::Look;
        }
        if self.sent.len() < WINDOW
            && let Some(stored) = self.waiting.pop_front()
        {
            self.sent.push_back(stored.entry.position);
            return Step::Send(stored);
        }
        if self.waiting.is_empty() && self.next <= self.head {
            return Step::Read(self.next);
        }
        Step::Wait
    }

    /// Goes on from where the stream ends. What it lacks before that, those who follow find in the journal: sent now, it would
    /// stand at the end, and the stream would say that the journal had come no further. A stream that has nothing of this journal
    /// is filled. One that has what the journal lacks is sent nothing: it may be all that tells of it.
    pub fn found(&mut self, ends: Ends) -> Found {
        let Ends { stream, there, journal } = ends;
        self.head = self.head.max(journal);
        let last = match stream {
            None => Position::START,
            Some(end) if there == Some(end.hash) => end.position,
            Some(_) => return Found::OtherHistory,
        };
        let oldest = Position(journal.0.saturating_sub(REFILL_MAX));
        self.next = last.max(oldest).next();
        self.sequence = 0;
        self.is_lost = false;
        Found::SameHistory
    }

    /// Takes what was read. Nothing, where the journal has no more than that.
    pub fn read(&mut self, entries: Vec<Stored>) {
        match entries.last() {
            Some(last) => self.next = last.entry.position.next(),
            None => self.head = Position(self.next.0 - 1),
        }
        self.waiting.extend(entries);
    }

    /// Takes what the feed has told, as far as it comes next. The journal has the rest.
    pub fn told(&mut self, batch: &[Stored]) {
        let Some(last) = batch.last() else { return };
        self.head = self.head.max(last.entry.position);
        if self.is_lost {
            return;
        }
        for stored in batch {
            if stored.entry.position == self.next && self.waiting.len() < WINDOW {
                self.waiting.push_back(stored.clone());
                self.next = self.next.next();
            }
        }
    }

    /// The feed has lost something: the journal has it, up to here at least.
    pub fn missed(&mut self, head: Position) {
        self.head = self.head.max(head);
    }

    /// The first message on the way is in the stream. One that stands before what was acknowledged already is in another
    /// stream than that.
    pub fn acknowledged(&mut self, sequence: u64, is_repeated: bool) {
        self.sent.pop_front();
        if is_repeated {
            return;
        }
        if sequence <= self.sequence {
            self.lost();
        }
        self.sequence = self.sequence.max(sequence);
    }

    /// The last message was not sent, and never will be.
    pub fn skipped(&mut self) {
        self.sent.pop_back();
    }

    /// Nobody knows what the stream has. What was waiting or sent, it may lack.
    pub fn lost(&mut self) {
        self.is_lost = true;
        self.next = self.first();
        self.waiting.clear();
        self.sent.clear();
    }

    /// How many entries of the journal the stream may lack.
    pub fn lag_entries(&self) -> u64 {
        (self.head.0 + 1).saturating_sub(self.first().0)
    }

    /// The first entry that the stream may lack.
    fn first(&self) -> Position {
        let first = self.sent.front().copied();
        let first = first.or(self.waiting.front().map(|stored| stored.entry.position));
        first.unwrap_or(self.next)
    }
}

#[cfg(test)]
mod tests;
