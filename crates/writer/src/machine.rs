//! What the writer does, without IO.

use std::collections::VecDeque;
use std::sync::Arc;

use journal::{Head, Stored};
use ledger::{Book, Command, Entry, Position, Reference, Rejection, Request, Timestamp};
use rpc::{Answer, Refusal};
use rustc_hash::FxHashMap;

use crate::seen::{Filed, Seen};

/// How a book decides.
type Decide = fn(&Book, &Request, Timestamp) -> Result<Entry, Rejection>;

/// The most entries in one append: 8,192 of them are about 2 MiB, and more does not make the store any faster.
pub const BATCH_MAX: usize = 8_192;

/// Decides commands on a state that runs ahead of the journal, and holds answers back until the journal has caught up.
///
/// Where another writer may have claimed the book, no answer goes before a batch is durable that was handed out after the
/// question had come: an empty one, where there is nothing to write.
///
/// `T` stands for whoever waits for an answer.
#[derive(Debug)]
pub struct Machine<T> {
    /// The book after every entry that was decided, durable or not.
    book: Book,
    /// The end that the journal will have.
    head: Head,
    /// The end that the journal has.
    durable: Head,
    seen: Seen,
    /// Where to find entries that are not durable yet.
    recent: FxHashMap<Reference, Arc<Entry>>,
    /// Decided and not handed out.
    decided: VecDeque<Stored>,
    /// In the order of what they rest on.
    waiting: VecDeque<Waiting<T>>,
    /// Who has moved the clock, until all that is due by it is decided.
    moved: Option<Reply<T>>,
    /// Whether another writer may have claimed the book.
    is_shared: bool,
    /// How many batches were handed out.
    handed_out: u64,
    /// How many of them are durable.
    confirmed: u64,
}

/// Entries to append.
#[derive(Debug, Clone)]
pub struct Batch {
    /// In order. None, where only the claim is to be confirmed.
    pub entries: Arc<[Stored]>,
    /// Where the journal must end.
    pub expected: Head,
}

/// An answer that can be sent.
pub type Reply<T> = (T, Result<Answer, Refusal>);

#[derive(Debug)]
struct Waiting<T> {
    rests_on: Position,
    /// How many batches had been handed out when it was asked.
    asked_after: u64,
    reply: Reply<T>,
}

/// Whether an id that counts once was seen before.
#[derive(Debug)]
pub enum Prior {
    /// It was not.
    New,
    /// It was, in this entry.
    Entry(Arc<Entry>),
    /// It was, in the entry of the journal in which this one stands.
    LookUp(Reference),
}

impl<T> Machine<T> {
    /// A machine that goes on from `book`, which is the state at the journal's end `head`; `seen` knows every id that
    /// counts once in that journal.
    ///
    /// # Panics
    ///
    /// When the two are at different positions.
    pub fn new(book: Book, head: Head, seen: Seen) -> Self {
        assert_eq!(book.position(), head.position, "the book is the journal's");
        Self {
            book,
            head,
            durable: head,
            seen,
            recent: FxHashMap::default(),
            decided: VecDeque::new(),
            waiting: VecDeque::new(),
            moved: None,
            is_shared: false,
            handed_out: 0,
            confirmed: 0,
        }
    }

    /// The same on a journal that [others may claim](journal::Store::is_shared), if it is one.
    pub fn shared(self, is_shared: bool) -> Self {
        Self { is_shared, ..self }
    }

    /// The book, which may be ahead of the journal.
    pub fn book(&self) -> &Book {
        &self.book
    }

    /// The end that the journal has.
    pub fn durable(&self) -> Head {
        self.durable
    }

    /// The sum over all ids of the book's entries.
    pub fn filed(&self) -> Filed {
        self.seen.filed()
    }

    /// How many entries wait to be handed out.
    pub fn backlog(&self) -> usize {
        self.decided.len()
    }

    /// Whether as much waits as an append takes, to be handed out or to be answered: what was said before, or is refused, writes
    /// nothing and waits, too.
    pub fn is_full(&self) -> bool {
        BATCH_MAX <= self.decided.len().max(self.waiting.len())
    }

    /// Whether everything that was decided is durable.
    pub fn is_idle(&self) -> bool {
        self.durable == self.head
    }

    /// Whether one of the request's ids was seen before; the first that was decides.
    pub fn prior(&self, request: &Request) -> Prior {
        for reference in request.references() {
            if let Some(entry) = self.recent.get(&reference) {
                return Prior::Entry(entry.clone());
            }
            if self.seen.contains(reference) {
                return Prior::LookUp(reference);
            }
        }
        Prior::New
    }

    /// Takes a request for which [`Machine::prior`] has found `prior`, if anything. Its answer comes from
    /// [`Machine::replies`], once all that it rests on is durable.
    pub fn submit(
        &mut self,
        from: T,
        request: &Request,
        prior: Option<Arc<Entry>>,
        wall: Timestamp,
    ) {
        self.take(from, request, prior, wall, Book::decide);
    }

    /// The same for a request whose answer nobody waits for any more; see [`Book::decide_late`].
    pub fn submit_late(
        &mut self,
        from: T,
        request: &Request,
        prior: Option<Arc<Entry>>,
        wall: Timestamp,
    ) {
        self.take(from, request, prior, wall, Book::decide_late);
    }

    fn take(
        &mut self,
        from: T,
        request: &Request,
        prior: Option<Arc<Entry>>,
        wall: Timestamp,
        decide: Decide,
    ) {
        self.expire_all(wall);
        let result = match prior {
            Some(entry) => replay(request, entry),
            None => self.write(decide(&self.book, request, self.book.now(wall))),
        };
        if let (Command::AdvanceClock(_), Ok(_)) = (&request.command, &result) {
            self.moved = Some((from, result));
            self.expire(wall);
        } else {
            self.hold((from, result));
        }
    }

    /// Decides a request without writing it, whether its ids were seen before or not. Its answer, too, comes from
    /// [`Machine::replies`], once all that it rests on is durable.
    pub fn try_out(&mut self, from: T, request: &Request, wall: Timestamp) {
        self.expire_all(wall);
        let decided = self.book.decide(request, self.book.now(wall));
        let result = decided.map_err(Refusal::from);
        let result = result.map(|entry| Answer { entry: Arc::new(entry), is_replay: false });
        self.hold((from, result));
    }

    fn hold(&mut self, reply: Reply<T>) {
        let (rests_on, asked_after) = (self.book.position(), self.handed_out);
        self.waiting.push_back(Waiting { rests_on, asked_after, reply });
    }

    /// Writes an entry for what has fallen due, the oldest first, [`BATCH_MAX`] of them at most: after an outage there may be
    /// millions. Says whether more is due. No command is decided before that is written, and who has moved the clock is answered
    /// after it: whoever has other things to do in between asks until no more is due.
    pub fn expire(&mut self, wall: Timestamp) -> bool {
        for _ in 0..BATCH_MAX {
            let Some(request) = self.book.due(self.book.now(wall)) else { break };
            let decided = self.book.decide(&request, self.book.now(wall));
            self.write(decided).expect("what falls due can be done");
        }
        let is_more_due = self.book.due(self.book.now(wall)).is_some();
        if !is_more_due && let Some(moved) = self.moved.take() {
            self.hold(moved);
        }
        is_more_due
    }

    fn expire_all(&mut self, wall: Timestamp) {
        while self.expire(wall) {}
    }

    fn write(&mut self, decided: Result<Entry, Rejection>) -> Result<Answer, Refusal> {
        let entry = Arc::new(decided?);
        self.book.apply(&entry);
        self.seen.insert_all_of(&entry);
        for reference in entry.references() {
            self.recent.insert(reference, entry.clone());
        }
        let stored = journal::encode(entry.clone(), self.head.hash);
        self.head = Head { position: entry.position, hash: stored.hash };
        self.decided.push_back(stored);
        Ok(Answer { entry, is_replay: false })
    }

    /// The next entries to append. None of them, where somebody waits for nothing but a confirmation of the claim.
    pub fn next_batch(&mut self) -> Option<Batch> {
        let count = self.decided.len().min(BATCH_MAX);
        let entries: Arc<[Stored]> = self.decided.drain(..count).collect();
        let expected = match entries.first() {
            Some(first) => {
                let position = Position(first.entry.position.0 - 1);
                Head { position, hash: first.previous }
            }
            None if self.is_question_open() => self.head,
            None => return None,
        };
        self.handed_out += 1;
        Some(Batch { entries, expected })
    }

    /// Whether somebody has asked after the last batch was handed out.
    fn is_question_open(&self) -> bool {
        let last = self.waiting.back();
        self.is_shared && last.is_some_and(|waiting| waiting.asked_after == self.handed_out)
    }

    /// Takes note that a batch is durable, and that the claim held when it was made so.
    pub fn committed(&mut self, batch: &Batch) {
        self.confirmed += 1;
        for stored in batch.entries.iter() {
            let entry = &stored.entry;
            entry.references().for_each(|reference| drop(self.recent.remove(&reference)));
            self.durable = Head { position: entry.position, hash: stored.hash };
        }
    }

    /// The answers that rest on nothing but durable entries, under a claim that held when they were asked for.
    pub fn replies(&mut self) -> impl Iterator<Item = Reply<T>> {
        let (durable, confirmed) = (self.durable.position, self.confirmed);
        let ready = self.waiting.partition_point(|waiting| {
            waiting.rests_on <= durable && (!self.is_shared || waiting.asked_after < confirmed)
        });
        self.waiting.drain(..ready).map(|waiting| waiting.reply)
    }

    /// Gives the machine up, because an append did not certainly succeed; the book was claimed again for the same writer.
    /// `stored` is the batch in question, if it was found in the journal afterwards: answers that rest on it hold. What was
    /// done, and not all that its answer rests on, is not known; every other command has not been done.
    pub fn abandon(self, stored: Option<&Batch>) -> impl Iterator<Item = Reply<T>> {
        let last = stored.and_then(|batch| batch.entries.last());
        let end = last.map_or(self.durable.position, |last| last.entry.position);
        let moved = self.moved.map(move |(from, result)| (from, unanswered(result, end)));
        let waiting = self.waiting.into_iter();
        let told = waiting.map(move |Waiting { rests_on, reply: (from, result), .. }| {
            (from, if rests_on <= end { result } else { unanswered(result, end) })
        });
        told.chain(moved)
    }

    /// Gives the machine up, because another writer has claimed the book: what is known here may be old. Nothing that
    /// waits has been done, but for what waits for more than its own entry.
    pub fn fenced(self) -> impl Iterator<Item = Reply<T>> {
        let end = self.durable.position;
        let waiting = self.waiting.into_iter().map(|waiting| waiting.reply).chain(self.moved);
        waiting.map(move |(from, result)| (from, unanswered(result, end)))
    }
}

/// What whoever does not get an answer is to know, when the journal ends there.
fn unanswered(result: Result<Answer, Refusal>, end: Position) -> Result<Answer, Refusal> {
    let is_done = |answer: Answer| !answer.is_replay && answer.entry.position <= end;
    Err(if result.is_ok_and(is_done) { Refusal::Unknown } else { Refusal::Unavailable })
}

/// The first answer again, if the request is the first one again.
fn replay(request: &Request, entry: Arc<Entry>) -> Result<Answer, Refusal> {
    let (now, then) = (&request.origin, &entry.origin);
    let is_same = (now.route, now.fingerprint) == (then.route, then.fingerprint);
    if entry.command == request.id && !is_same {
        return Err(Refusal::Reused { route: then.route });
    }
    Ok(Answer { entry, is_replay: true })
}

#[cfg(test)]
pub(crate) mod tests;
