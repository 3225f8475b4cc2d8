//! Runs the machine: one thread decides, another stores.

use std::collections::VecDeque;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use journal::{Failure, Reader};
use ledger::Timestamp;
use rpc::{Answer, Commands, Publisher, Refusal, Submission};
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::append::Appended;
use crate::machine::{BATCH_MAX, Batch, Machine};
use crate::measures::{Measures, Outcomes};
use crate::prior::{Untold, prior};
use crate::start::{self, Home, StartError, Started};
use crate::wall_clock::WallClock;

use appender::Appender;
pub(crate) use inbox::{Inbox, Turns};
pub use reopen::{DOUBT_MAX, REOPEN_AFTER};

/// How many commands may wait before new ones are refused: as many as one append takes.
pub const QUEUE_MAX: usize = BATCH_MAX;
/// The longest sleep: deadlines are on the wall clock, which may jump.
pub const SLEEP_MAX: Duration = Duration::from_secs(1);

type Reply = oneshot::Sender<Result<Answer, Refusal>>;

/// A running writer. It drains when every [`Commands`] of it is dropped.
#[derive(Debug)]
pub struct Writer {
    erased_subjects: Vec<[u8; 16]>,
    thread: JoinHandle<Result<(), WriterStopped>>,
}

/// Why a writer has stopped before it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum WriterStopped {
    /// The book can't be opened again after a failure, and trying again does not help.
    #[error("the book can't be opened again")]
    Start(#[from] StartError),
    /// Another writer has claimed the book.
    #[error("another writer has claimed the book")]
    Fenced,
    /// A rule failed: the book must not be written until somebody has looked.
    #[error("a rule of the ledger failed")]
    Panicked,
}

impl Writer {
    /// Opens the book and starts to write it. `home` is asked again after a failure of the journal.
    pub fn start(
        mut home: impl FnMut() -> Result<Home, StartError> + Send + 'static,
    ) -> Result<(Self, Commands, Publisher), StartError> {
        let started = start::start(home()?, start::new_writer()?)?;
        let (commands, queue) = Commands::channel(QUEUE_MAX);
        let publisher = Publisher::new(started.head.position);
        let feed = publisher.clone();
        let erased_subjects = started.book.erased_subjects().collect();
        let thread = thread::Builder::new()
            .name("writer".to_owned())
            .spawn(move || run(started, &mut home, Inbox::new(queue), &feed))
            .map_err(StartError::Thread)?;
        Ok((Self { erased_subjects, thread }, commands, publisher))
    }

    /// The vault's subjects of all who were erased before it started.
    pub fn erased_subjects(&self) -> &[[u8; 16]] {
        &self.erased_subjects
    }

    /// Waits until the writer has drained or stopped.
    pub fn join(self) -> Result<(), WriterStopped> {
        self.thread.join().unwrap_or(Err(WriterStopped::Panicked))
    }
}

/// Writes the book until no more commands will come. `home` is asked again after a failure of the journal.
pub(crate) fn run(
    mut started: Started,
    home: &mut dyn FnMut() -> Result<Home, StartError>,
    mut inbox: Inbox,
    publisher: &Publisher,
) -> Result<(), WriterStopped> {
    // It only waits: journals are read and opened outside of it, and may have runtimes of their own.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime with a timer needs no resource but memory");
    let writer = started.writer;
    let outcomes = Outcomes::new();
    loop {
        let (machine, batch) = match write(started, &runtime, &mut inbox, publisher, &outcomes) {
            Ended::Drained => return Ok(()),
            Ended::Fenced(machine) => {
                machine.fenced().for_each(|(reply, result)| send(&outcomes, reply, result));
                return Err(WriterStopped::Fenced);
            }
            Ended::InDoubt(machine, batch) => (machine, batch),
        };
        // Who waits for an answer when it is dropped hears that nobody knows.
        let mut machine = Some(machine);
        let in_doubt = (&mut machine, &batch);
        let reopened =
            reopen::reopen(home, writer, in_doubt, publisher, &runtime, &mut inbox, &outcomes);
        let is_stored = match reopened {
            Ok(Some((next, is_stored))) => {
                started = next;
                is_stored
            }
            Ok(None) => return Ok(()),
            Err(StartError::Claim(Failure::Fenced)) => return Err(WriterStopped::Fenced),
            Err(error) => return Err(error.into()),
        };
        let abandoned = machine.map(|machine| machine.abandon(is_stored.then_some(&batch)));
        let abandoned = abandoned.into_iter().flatten();
        abandoned.for_each(|(reply, result)| send(&outcomes, reply, result));
    }
}

/// Why no more is written.
enum Ended {
    /// The queue is closed, and all of it is durable.
    Drained,
    /// Another writer has claimed the book.
    Fenced(Machine<Reply>),
    /// This batch did not certainly succeed.
    InDoubt(Machine<Reply>, Batch),
}

/// What the writer waits for.
enum WokenBy {
    /// The end of an append.
    Appended(Batch, Appended),
    /// So many commands; none, when no more will come.
    Commands { count: usize },
    /// A deadline, or the longest sleep.
    Clock,
}

/// Writes until the queue is closed, or an append does not certainly succeed.
fn write(
    started: Started,
    runtime: &Runtime,
    inbox: &mut Inbox,
    publisher: &Publisher,
    outcomes: &Outcomes,
) -> Ended {
    let Started { home, epoch, book, head, seen, mut reader, .. } = started;
    let Home { store, anchor, incarnation, snapshot, .. } = home;
    let mut machine = Machine::new(book, head, seen).shared(store.is_shared());
    let mut measures = Measures::of(reader.book(), machine.durable().position);
    let mut clock = WallClock::begin(reader.book(), machine.book());
    let mut appender = Appender::start(store, anchor.map(|(anchor, _)| anchor), epoch);
    let mut received = Vec::with_capacity(BATCH_MAX);
    let mut undecided = VecDeque::new();
    // Whether there may be something to decide already.
    let mut has_more = true;
    let mut is_open = true;

    loop {
        inbox.turn();
        measures.waiting(inbox.waiting());
        if appender.is_free() {
            match machine.next_batch() {
                Some(batch) => {
                    measures.append(&batch);
                    appender.append(batch);
                }
                None if !is_open => break,
                None => {}
            }
        }
        let is_full = machine.is_full();
        let may_receive = is_open && !is_full && !has_more;
        let wait = match (is_full, has_more) {
            (true, _) => SLEEP_MAX,
            (false, true) => Duration::ZERO,
            (false, false) => sleep(&machine, clock.now()),
        };
        let woken_by = runtime.block_on(async {
            tokio::select! {
                biased;
                (batch, appended) = appender.done() => WokenBy::Appended(batch, appended),
                count = inbox.recv_many(&mut received, BATCH_MAX), if may_receive => {
                    WokenBy::Commands { count }
                }
                () = tokio::time::sleep(wait), if is_open => WokenBy::Clock,
            }
        });
        match woken_by {
            WokenBy::Appended(batch, Appended::Durable) => {
                measures.committed(&batch);
                machine.committed(&batch);
                publisher.publish(batch.entries);
            }
            WokenBy::Appended(_, Appended::Fenced) => return Ended::Fenced(machine),
            WokenBy::Appended(batch, Appended::InDoubt) => {
                appender.stop();
                return Ended::InDoubt(machine, batch);
            }
            WokenBy::Commands { count } => {
                is_open = 0 < count;
                undecided.extend(received.drain(..));
            }
            WokenBy::Clock => {}
        }
        let reader = reader.as_mut();
        has_more = decide(&mut machine, &mut undecided, reader, &mut clock, inbox, outcomes);
        machine.replies().for_each(|(reply, result)| send(outcomes, reply, result));
    }

    // The store's connection closes last: SQLite then folds its log into the file.
    drop(reader);
    appender.stop();
    let (book, filed) = (machine.book(), machine.filed());
    start::save(snapshot.as_deref(), incarnation, book, machine.durable(), filed);
    Ended::Drained
}

/// Decides what has fallen due, and then what was received, until that is more than an append takes: after an outage there may
/// be millions. Says whether there may be more.
fn decide(
    machine: &mut Machine<Reply>,
    undecided: &mut VecDeque<Submission>,
    reader: &mut dyn Reader,
    clock: &mut WallClock,
    inbox: &Inbox,
    outcomes: &Outcomes,
) -> bool {
    while !machine.is_full() {
        // To look up what thousands of commands repeat may take longer than a writer may stand still.
        inbox.turn();
        let now = clock.now();
        if machine.expire(now) {
            break;
        }
        let Some(Submission { request, is_trial, answer_by, reply }) = undecided.pop_front() else {
            return false;
        };
        if is_trial {
            machine.try_out(reply, &request, now);
            continue;
        }
        match prior(machine, &request, reader) {
            // It was done, as good as certainly: who takes another key does it twice.
            Err(Untold) => send(outcomes, reply, Err(Refusal::Unknown)),
            Ok(prior) if Instant::now().into_std() < answer_by => {
                machine.submit(reply, &request, prior, now);
            }
            Ok(prior) => machine.submit_late(reply, &request, prior, now),
        }
    }
    true
}

/// How long a writer may sleep at this time: until a deadline passes, and not for long.
pub fn sleep<T>(machine: &Machine<T>, wall: Timestamp) -> Duration {
    let book = machine.book();
    let until_due = book.next_deadline().map(|deadline| {
        let wall = wall.as_millis() + book.clock_offset_ms();
        Duration::from_millis(deadline.as_millis().saturating_sub(wall))
    });
    until_due.map_or(SLEEP_MAX, |due| due.min(SLEEP_MAX))
}

/// An answer that nobody waits for any more is dropped: its effect is in the journal, and the same id asks again.
fn send(outcomes: &Outcomes, reply: Reply, result: Result<Answer, Refusal>) {
    outcomes.count(&result);
    let _ = reply.send(result);
}

mod appender;
mod inbox;
mod reopen;
#[cfg(test)]
mod tests;
