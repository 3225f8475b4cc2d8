//! Runs the machine: one thread decides, another stores.

use std::error::Error;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime};

use journal::{Anchor, Epoch, Failure, Head, Outcome, ReadError, Reader, Store, WriterId};
use ledger::{Entry, Position, Request, Timestamp};
use rpc::{Answer, Commands, Publisher, Refusal, Submission};
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;
use tracing::{error, warn};

use crate::machine::{BATCH_MAX, Batch, Machine, Prior};
use crate::start::{self, Home, StartError, Started};

/// How many commands may wait before new ones are refused: as many as one append takes.
pub const QUEUE_MAX: usize = BATCH_MAX;
/// How long to wait before a journal that failed is opened again. Commands are refused meanwhile.
const REOPEN_AFTER: Duration = Duration::from_millis(200);
/// How long who waits for an answer is left in doubt: longer than a database takes to come back after a crash, shorter than
/// people wait.
const DOUBT_MAX: Duration = Duration::from_secs(2);
/// The longest sleep: deadlines are on the wall clock, which may jump.
const SLEEP_MAX: Duration = Duration::from_secs(1);

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
        let started = start::start(home()?)?;
        let (commands, queue) = Commands::channel(QUEUE_MAX);
        let publisher = Publisher::new(started.head.position);
        let feed = publisher.clone();
        let erased_subjects = started.book.erased_subjects().collect();
        let thread = thread::Builder::new()
            .name("writer".to_owned())
            .spawn(move || run(started, &mut home, queue, &feed))
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

fn run(
    mut started: Started,
    home: &mut dyn FnMut() -> Result<Home, StartError>,
    mut queue: mpsc::Receiver<Submission>,
    publisher: &Publisher,
) -> Result<(), WriterStopped> {
    // It only waits: journals are read and opened outside of it, and may have runtimes of their own.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime with a timer needs no resource but memory");
    let writer = started.writer;
    loop {
        let (machine, batch) = match write(started, &runtime, &mut queue, publisher) {
            Ended::Drained => return Ok(()),
            Ended::Fenced(machine) => {
                machine.abandon(None).for_each(|(reply, result)| send(reply, result));
                return Err(WriterStopped::Fenced);
            }
            Ended::InDoubt(machine, batch) => (machine, batch),
        };
        // Who waits for an answer when it is dropped hears that nobody knows.
        let mut machine = Some(machine);
        let reopened =
            reopen(home, writer, (&mut machine, &batch), publisher, &runtime, &mut queue);
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
        abandoned.into_iter().flatten().for_each(|(reply, result)| send(reply, result));
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

/// Whether a batch stands in the journal: all of it does, or nothing.
fn is_there(batch: &Batch, reader: &mut dyn Reader) -> Result<bool, ReadError> {
    let last = batch.entries.last().expect("a batch has an entry");
    let found = reader.read(last.entry.position, 1)?;
    Ok(found.first().is_some_and(|found| found.hash == last.hash))
}

/// Followers have missed what turned out to be committed: one entry is enough to make them look.
fn publish_missed(started: &mut Started, publisher: &Publisher) -> Result<(), StartError> {
    if started.head.position != Position::START {
        publisher.publish(started.reader.read(started.head.position, 1)?.into());
    }
    Ok(())
}

/// Opens the journal again, as often as it takes, and refuses commands meanwhile. Says whether the batch is in it. `None`
/// when no more commands will come. A journal that is not what was acknowledged is not tried again. Whom the machine owes
/// an answer waits no longer than [`DOUBT_MAX`].
fn reopen(
    home: &mut dyn FnMut() -> Result<Home, StartError>,
    writer: WriterId,
    (machine, batch): (&mut Option<Machine<Reply>>, &Batch),
    publisher: &Publisher,
    runtime: &Runtime,
    queue: &mut mpsc::Receiver<Submission>,
) -> Result<Option<(Started, bool)>, StartError> {
    let in_doubt_until = Instant::now() + DOUBT_MAX;
    loop {
        let reopened = home().and_then(|home| {
            let mut started = start::start_again(home, writer)?;
            let is_stored = is_there(batch, started.reader.as_mut())?;
            publish_missed(&mut started, publisher)?;
            Ok((started, is_stored))
        });
        match reopened {
            Ok(reopened) => return Ok(Some(reopened)),
            Err(error) if !error.is_passing() => return Err(error),
            Err(error) => {
                warn!(error = &error as &dyn Error, "the journal does not open");
            }
        }
        if in_doubt_until <= Instant::now() {
            drop(machine.take());
        }
        let is_over = runtime.block_on(async {
            let again_at = Instant::now() + REOPEN_AFTER;
            loop {
                match tokio::time::timeout_at(again_at, queue.recv()).await {
                    Ok(Some(submission)) => send(submission.reply, Err(Refusal::Unavailable)),
                    Ok(None) => return true,
                    Err(_) => return false,
                }
            }
        });
        if is_over {
            return Ok(None);
        }
    }
}

/// Writes until the queue is closed, or an append does not certainly succeed.
fn write(
    started: Started,
    runtime: &Runtime,
    queue: &mut mpsc::Receiver<Submission>,
    publisher: &Publisher,
) -> Ended {
    let Started { home, epoch, book, head, seen, mut reader, .. } = started;
    let Home { store, anchor, incarnation, snapshot } = home;
    let mut machine = Machine::new(book, head, seen);
    let mut appender = Appender::start(store, anchor.map(|(anchor, _)| anchor), epoch);
    let mut received = Vec::with_capacity(BATCH_MAX);
    let mut is_open = true;

    loop {
        if appender.is_free() {
            match machine.next_batch() {
                Some(batch) => appender.append(batch),
                None if !is_open => break,
                None => {}
            }
        }
        let may_receive = is_open && machine.backlog() < BATCH_MAX;
        let wake_at = wake_at(&machine);
        let woken_by = runtime.block_on(async {
            tokio::select! {
                biased;
                (batch, appended) = appender.done() => WokenBy::Appended(batch, appended),
                count = queue.recv_many(&mut received, BATCH_MAX), if may_receive => {
                    WokenBy::Commands { count }
                }
                () = tokio::time::sleep_until(wake_at), if is_open => WokenBy::Clock,
            }
        });
        match woken_by {
            WokenBy::Appended(batch, Appended::Durable) => {
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
                for Submission { request, is_trial, reply } in received.drain(..) {
                    if is_trial {
                        machine.try_out(reply, &request, wall_clock());
                        continue;
                    }
                    match prior(&machine, &request, reader.as_mut()) {
                        Ok(prior) => machine.submit(reply, &request, prior, wall_clock()),
                        Err(()) => send(reply, Err(Refusal::Unavailable)),
                    }
                }
            }
            WokenBy::Clock => machine.expire(wall_clock()),
        }
        machine.replies().for_each(|(reply, result)| send(reply, result));
    }

    // The store's connection closes last: SQLite then folds its log into the file.
    drop(reader);
    appender.stop();
    let (book, filed) = (machine.book(), machine.filed());
    start::save(snapshot.as_deref(), incarnation, book, machine.durable(), filed);
    Ended::Drained
}

/// The entry that one of the request's ids stands in.
fn prior(
    machine: &Machine<Reply>,
    request: &Request,
    reader: &mut dyn Reader,
) -> Result<Option<Arc<Entry>>, ()> {
    let reference = match machine.prior(request) {
        Prior::New => return Ok(None),
        Prior::Entry(entry) => return Ok(Some(entry)),
        Prior::LookUp(reference) => reference,
    };
    let found = match reader.find(reference) {
        Ok(Some(position)) => reader.read(position, 1),
        Ok(None) => {
            // To decide it would be to do it twice.
            error!("the journal's index has lost an id that counts once");
            return Err(());
        }
        Err(error) => Err(error),
    };
    match found {
        Ok(found) => Ok(found.into_iter().next().map(|stored| stored.entry)),
        Err(error) => {
            let error = &error as &dyn Error;
            error!(error, "an earlier entry can't be read");
            Err(())
        }
    }
}

fn wake_at(machine: &Machine<Reply>) -> Instant {
    let book = machine.book();
    let until_due = book.next_deadline().map(|deadline| {
        let wall = wall_clock().as_millis() + book.clock_offset_ms();
        Duration::from_millis(deadline.as_millis().saturating_sub(wall))
    });
    Instant::now() + until_due.map_or(SLEEP_MAX, |due| due.min(SLEEP_MAX))
}

/// An answer that nobody waits for any more is dropped: its effect is in the journal, and the same id asks again.
fn send(reply: Reply, result: Result<Answer, Refusal>) {
    let _ = reply.send(result);
}

pub(crate) fn wall_clock() -> Timestamp {
    let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(since_1970.as_millis().try_into().unwrap_or(u64::MAX))
}

/// The thread that stores one batch at a time.
struct Appender {
    batches: mpsc::Sender<Batch>,
    results: mpsc::Receiver<Appended>,
    thread: JoinHandle<()>,
    /// What it is at.
    batch: Option<Batch>,
}

/// What became of a batch.
enum Appended {
    /// It is in the journal, and the anchor knows.
    Durable,
    /// It may be or not.
    InDoubt,
    /// It is not: another writer has claimed the book.
    Fenced,
}

impl Appender {
    fn start(mut store: Box<dyn Store>, mut anchor: Option<Anchor>, epoch: Epoch) -> Self {
        let (batches, mut next) = mpsc::channel::<Batch>(1);
        let (finished, results) = mpsc::channel(1);
        let thread = thread::spawn(move || {
            while let Some(batch) = next.blocking_recv() {
                let appended = append(store.as_mut(), anchor.as_mut(), &batch, epoch);
                let goes_on = matches!(appended, Appended::Durable);
                if finished.blocking_send(appended).is_err() || !goes_on {
                    break;
                }
            }
        });
        Self { batches, results, thread, batch: None }
    }

    fn is_free(&self) -> bool {
        self.batch.is_none()
    }

    /// A thread that has died is noticed when the result does not come.
    fn append(&mut self, batch: Batch) {
        let _ = self.batches.try_send(batch.clone());
        self.batch = Some(batch);
    }

    /// Waits for the batch that is being stored; for ever, when there is none.
    async fn done(&mut self) -> (Batch, Appended) {
        if self.batch.is_none() {
            std::future::pending::<()>().await;
        }
        let appended = self.results.recv().await.unwrap_or(Appended::InDoubt);
        (self.batch.take().expect("it was waited for"), appended)
    }

    /// Waits until the store and the anchor are closed.
    fn stop(self) {
        drop(self.batches);
        if self.thread.join().is_err() {
            error!("the thread that stores has panicked");
        }
    }
}

fn append(
    store: &mut dyn Store,
    anchor: Option<&mut Anchor>,
    batch: &Batch,
    epoch: Epoch,
) -> Appended {
    match store.append(&batch.entries, batch.expected, epoch) {
        Outcome::Committed => {}
        Outcome::Failed(Failure::Fenced) => return Appended::Fenced,
        Outcome::Failed(failure) => {
            error!(error = &failure as &dyn Error, "a batch was not stored");
            return Appended::InDoubt;
        }
        Outcome::Unknown(failure) => {
            error!(error = &failure as &dyn Error, "nobody knows whether a batch was stored");
            return Appended::InDoubt;
        }
    }
    let last = batch.entries.last().expect("a batch has an entry");
    let head = Head { position: last.entry.position, hash: last.hash };
    match anchor.map_or(Ok(()), |anchor| anchor.advance(head)) {
        Ok(()) => Appended::Durable,
        Err(error) => {
            error!(error = &error as &dyn Error, "the anchor was not written");
            Appended::InDoubt
        }
    }
}
