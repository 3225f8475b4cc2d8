//! Processes that can be the writer, and what the writer of one does.
//!
//! It is the loop of `writer::driver`, cut where that waits: each cut is an event, at which a process can die or stand still.

use std::collections::VecDeque;
use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use journal::anchor::{Anchor, Mismatch};
use journal::{Epoch, Failure, OpenError, Reader, Store, WriterId};
use ledger::{Position, Request, Timestamp};
use rpc::{Answer, Refusal};
use testkit::books::verdict::Asked;
use writer::append::{self, Appended};
use writer::driver::{self, DOUBT_MAX, REOPEN_AFTER};
use writer::machine::{BATCH_MAX, Prior};
use writer::prior::prior;
use writer::seat::machine as seat;
use writer::start::{self, Loaded, Started};
use writer::{Batch, Home, Machine, StartError, Witness, snapshot};

use crate::anchor_file::AnchorFile;
use crate::auditor::{Made, Ticket};
use crate::counters::Path;
use crate::database::SimulatedStore;
use crate::heap::{MS, SECOND, Time};
use crate::options::Fault;
use crate::relays::Relay;
use crate::world::{Event, INCARNATION, World};

/// A process that can be the writer.
pub(crate) struct Process {
    /// How often it was started.
    pub(crate) life: u64,
    pub(crate) is_down: bool,
    /// Whether it has given the book up until somebody looks.
    pub(crate) is_given_up: bool,
    pub(crate) paused_until: Option<Time>,
    /// What has happened to it since it stands still.
    pub(crate) deferred: Vec<Event>,
    /// How far its clock on the wall is off.
    pub(crate) wall_offset_ms: i64,
    pub(crate) drift_ppm: i64,
    /// How far its anchor knows the journal, at least.
    pub(crate) anchored: Position,
    pub(crate) address: String,
    pub(crate) snapshot: PathBuf,
    pub(crate) seat: seat::Machine,
    pub(crate) seated_at: Time,
    /// Which step of the seat is the next one.
    pub(crate) seat_number: u64,
    pub(crate) relay: Option<Relay>,
    pub(crate) leaders: Option<SimulatedStore>,
    pub(crate) standby: Option<(Home, Loaded)>,
    pub(crate) tenure: Option<Tenure>,
    /// The writer that it had.
    pub(crate) ended: Option<WriterId>,
    tenures: u64,
}

/// A command in the queue of a writer.
pub(crate) struct Waiting {
    pub(crate) ticket: Ticket,
    pub(crate) request: Arc<Request>,
    /// How long somebody waits for its answer.
    pub(crate) answer_by: Time,
}

/// A writer.
pub(crate) struct Tenure {
    number: u64,
    pub(crate) writer: WriterId,
    pub(crate) epoch: Epoch,
    incarnation: [u8; 16],
    inbox: VecDeque<Waiting>,
    pub(crate) turns: u64,
    /// Which turn is the next one, and when it is.
    turn: (u64, Time),
    /// Whether no more commands come in.
    pub(crate) is_closed: bool,
    state: State,
}

enum State {
    Writing(Box<Writing>),
    /// It has lost sight of its journal.
    Reopening {
        machine: Option<Box<Machine<Ticket>>>,
        batch: Batch,
        doubt_until: Time,
    },
}

struct Writing {
    store: Box<dyn Store>,
    anchor: Option<Anchor>,
    reader: Box<dyn Reader>,
    machine: Machine<Ticket>,
    /// What is being stored, and what became of it.
    batch: Option<(Batch, Option<Appended>)>,
    /// Whether that is in the journal and the anchor does not know.
    is_between: bool,
}

impl Process {
    pub(crate) fn new(number: usize, folder: &FilePath) -> Self {
        let address = format!("writer {number}");
        Self {
            life: 0,
            is_down: true,
            is_given_up: false,
            paused_until: None,
            deferred: Vec::new(),
            wall_offset_ms: 0,
            drift_ppm: 0,
            anchored: Position::START,
            seat: seat::Machine::new(address.clone()),
            address,
            snapshot: folder.join(format!("snapshot-{number}")),
            seated_at: 0,
            seat_number: 0,
            relay: None,
            leaders: None,
            standby: None,
            tenure: None,
            ended: None,
            tenures: 0,
        }
    }

    /// Whether it is between a commit and its anchor.
    pub(crate) fn is_between(&self) -> bool {
        let state = self.tenure.as_ref().map(|tenure| &tenure.state);
        matches!(state, Some(State::Writing(writing)) if writing.is_between)
    }

    /// Whether it has lost sight of its journal.
    pub(crate) fn is_reopening(&self) -> bool {
        let state = self.tenure.as_ref().map(|tenure| &tenure.state);
        matches!(state, Some(State::Reopening { .. }))
    }

    /// Whether nothing is on its way to the journal.
    pub(crate) fn is_idle(&self) -> bool {
        let state = self.tenure.as_ref().map(|tenure| &tenure.state);
        matches!(state, Some(State::Writing(writing)) if writing.machine.is_idle())
    }
}

impl World {
    /// What a process's clock on the wall shows.
    fn wall(&self, process: usize) -> Timestamp {
        let Process { wall_offset_ms, drift_ppm, .. } = self.processes[process];
        let drift_ms = (self.now / MS) as i64 * drift_ppm / 1_000_000;
        let wall = self.true_wall().as_millis().saturating_add_signed(wall_offset_ms + drift_ms);
        Timestamp::from_millis(wall)
    }

    /// Opens the book as a process does.
    pub(crate) fn open_home(&self, process: usize) -> Result<Home, StartError> {
        let store = SimulatedStore::open(&self.shared, process).map_err(OpenError::Database)?;
        let file = AnchorFile { shared: self.shared.clone(), process };
        Ok(Home {
            store: Box::new(store),
            anchor: Some(Anchor::resume(Box::new(file))?),
            incarnation: INCARNATION,
            snapshot: Some(self.processes[process].snapshot.clone()),
            witnesses: self.witness().into_iter().collect(),
        })
    }

    /// What the bus has seen of the book, if it says so.
    fn witness(&self) -> Option<Witness> {
        let outside = self.shared.lock();
        let head = outside.stream.last().filter(|_| !outside.stream.is_away(outside.now))?;
        Some(Witness { name: "the bus".to_owned(), head })
    }

    /// Counts what a start will do with the snapshot that lies there.
    pub(crate) fn count_snapshot(&self, process: usize) {
        let path = &self.processes[process].snapshot;
        if !path.exists() {
            return;
        }
        let outside = &mut *self.shared.lock();
        let found = snapshot::read(path, INCARNATION).filter(|(_, head, _)| {
            let before = (head.position.0 as usize).wrapping_sub(1);
            let row = outside.database.rows().get(before);
            row.is_some_and(|row| row.hash == head.hash)
        });
        let path = if found.is_some() { Path::SnapshotUsed } else { Path::SnapshotRejected };
        outside.counters.add(path);
    }

    /// A start has read the journal and told the anchor.
    pub(crate) fn anchored(&mut self, process: usize, position: Position) {
        if self.shared.lock().is_dead(process) {
            return;
        }
        let anchored = &mut self.processes[process].anchored;
        *anchored = position.max(*anchored);
        self.follow(position);
    }

    /// Says why a book is not served, if that stays so.
    pub(crate) fn count_refused(&self, error: &StartError) {
        let is_behind = |mismatch: &Mismatch| !matches!(mismatch, Mismatch::Unreadable(_));
        if let StartError::Mismatch(mismatch) | StartError::Witness { source: mismatch, .. } = error
            && is_behind(mismatch)
        {
            let is_witness = matches!(error, StartError::Witness { .. });
            self.count(if is_witness { Path::WitnessRefused } else { Path::RestoreRefused });
        }
    }

    /// A process begins to write.
    pub(crate) fn lead(&mut self, process: usize, started: Started) {
        if self.shared.lock().database.is_restored() {
            self.fail(format!("process {process} writes to a restored journal"));
        }
        self.anchored(process, started.head.position);
        let Started { home, writer, epoch, book, head, seen, reader } = started;
        let found = &mut self.processes[process];
        found.tenures += 1;
        let machine = Machine::new(book, head, seen).shared(home.store.is_shared());
        let writing = Writing {
            store: home.store,
            anchor: home.anchor.map(|(anchor, _)| anchor),
            reader,
            machine,
            batch: None,
            is_between: false,
        };
        found.tenure = Some(Tenure {
            number: found.tenures,
            writer,
            epoch,
            incarnation: home.incarnation,
            inbox: VecDeque::new(),
            turns: 0,
            turn: (0, Time::MAX),
            is_closed: false,
            state: State::Writing(Box::new(writing)),
        });
        self.turn_soon(process, 0);
        self.relay(process);
    }

    /// A command reaches a process.
    pub(crate) fn arrive(&mut self, process: usize, waiting: Waiting) {
        let ticket = waiting.ticket;
        let queue_max = self.shared.lock().options.queue_max;
        match &mut self.processes[process].tenure {
            Some(tenure) if !tenure.is_closed => {
                if queue_max <= tenure.inbox.len() {
                    return self.answer(process, ticket, Err(Refusal::Busy));
                }
                tenure.inbox.push_back(waiting);
                let is_slow = self.hits(Fault::SlowWriter);
                let longest = if is_slow { SECOND / 2 } else { MS / 10 };
                let wait = self.random_below(longest);
                self.turn_soon(process, wait);
            }
            Some(_) | None => self.answer(process, ticket, Err(Refusal::Unavailable)),
        }
    }

    /// Lets the writer go round after so long, or before.
    pub(crate) fn turn_soon(&mut self, process: usize, wait: Time) {
        let at = self.now + wait;
        let found = &mut self.processes[process];
        let Some(tenure) = &mut found.tenure else { return };
        let (number, planned) = &mut tenure.turn;
        if *planned <= at {
            return;
        }
        (*number, *planned) = (*number + 1, at);
        let (life, number, tenure) = (found.life, *number, tenure.number);
        self.heap.push(at, Event::Turn { process, life, tenure, number });
    }

    /// The writer, if it is the one that is meant.
    fn tenure(&mut self, process: usize, number: u64) -> Option<&mut Tenure> {
        self.processes[process].tenure.as_mut().filter(|tenure| tenure.number == number)
    }

    /// The writer goes round.
    pub(crate) fn turn(&mut self, process: usize, tenure: u64, number: u64) {
        let (clock, wall) = (self.now, self.wall(process));
        let Some(found) = self.tenure(process, tenure) else { return };
        if found.turn.0 != number {
            return;
        }
        found.turn.1 = Time::MAX;
        found.turns += 1;
        let mut answers: Vec<(Ticket, Result<Answer, Refusal>)> = Vec::new();
        let mut decisions = Vec::new();
        let mut sleep = Duration::ZERO;
        match &mut found.state {
            State::Reopening { .. } => {
                let refused = found.inbox.drain(..);
                answers.extend(refused.map(|one| (one.ticket, Err(Refusal::Unavailable))));
                sleep = REOPEN_AFTER;
            }
            State::Writing(writing) => {
                let Writing { reader, machine, .. } = writing.as_mut();
                if found.inbox.is_empty() {
                    machine.expire(wall);
                }
                let room = if machine.is_full() { 0 } else { BATCH_MAX };
                let count = found.inbox.len().min(room);
                for Waiting { ticket, request, answer_by } in found.inbox.drain(..count) {
                    match prior(machine, &request, reader.as_mut()) {
                        Ok(prior) => {
                            let is_late = answer_by <= clock;
                            let was_done = prior.is_some();
                            if is_late {
                                machine.submit_late(ticket, &request, prior, wall);
                            } else {
                                machine.submit(ticket, &request, prior, wall);
                            }
                            let book = machine.book();
                            let asked = Asked { now: book.now(wall), is_late };
                            let made = match machine.prior(&request) {
                                Prior::New => Made::Refusal,
                                _ if was_done => Made::Replay,
                                _ => Made::Entry,
                            };
                            decisions.push((ticket, book.position(), asked, made));
                        }
                        Err(_) => answers.push((ticket, Err(Refusal::Unknown))),
                    }
                }
                answers.extend(machine.replies());
                sleep = sleep.max(driver::sleep(machine, wall));
            }
        }
        for (ticket, rests_on, asked, made) in decisions {
            self.auditor.decided(ticket, rests_on, asked, made);
        }
        for (ticket, result) in answers {
            self.answer(process, ticket, result);
        }
        self.turn_soon(process, sleep.as_micros() as Time + 1);
        self.hand_out(process);
    }

    /// Gives the store what there is, if it is free; ends the writer when no more will come.
    fn hand_out(&mut self, process: usize) {
        let found = &mut self.processes[process];
        let (life, snapshot) = (found.life, found.snapshot.clone());
        let Some(tenure) = &mut found.tenure else { return };
        let number = tenure.number;
        let State::Writing(writing) = &mut tenure.state else { return };
        if writing.batch.is_some() {
            return;
        }
        match writing.machine.next_batch() {
            Some(batch) => {
                writing.batch = Some((batch, None));
                let is_slow = self.hits(Fault::SlowDatabase);
                let wait = self.random_between(200, if is_slow { 3 * SECOND } else { 2 * MS });
                self.after(wait, Event::Commit { process, life, tenure: number });
            }
            None if tenure.is_closed && tenure.inbox.is_empty() => {
                let machine = &writing.machine;
                let (book, filed) = (machine.book(), machine.filed());
                let head = machine.durable();
                start::save(Some(&snapshot), tenure.incarnation, book, head, filed);
                self.writer_ended(process);
            }
            None => {}
        }
    }

    /// The batch is at the database.
    pub(crate) fn commit(&mut self, process: usize, tenure: u64) {
        let was_cut_off = self.shared.lock().database.is_cut_off();
        let Some(found) = self.tenure(process, tenure) else { return };
        let epoch = found.epoch;
        let State::Writing(writing) = &mut found.state else { return };
        let Writing { store, batch: Some((batch, _)), .. } = writing.as_mut() else { return };
        let committed = append::commit(store.as_mut(), batch, epoch);
        writing.is_between = committed == Appended::Durable && !batch.entries.is_empty();
        let is_between = writing.is_between;
        if !was_cut_off && self.shared.lock().database.is_cut_off() {
            self.cut_off();
        }
        if self.shared.lock().database.is_pending() {
            let wait = self.random_between(MS, 2 * SECOND);
            self.after(wait, Event::Settle);
        }
        if is_between {
            let is_late = self.hits(Fault::AnchorLate);
            let wait = if is_late { self.random_below(50 * MS) } else { 0 };
            let life = self.processes[process].life;
            self.after(wait, Event::Anchor { process, life, tenure });
        } else {
            self.report(process, tenure, committed);
        }
    }

    /// The anchor is to know.
    pub(crate) fn anchor(&mut self, process: usize, tenure: u64) {
        let Some(found) = self.tenure(process, tenure) else { return };
        let State::Writing(writing) = &mut found.state else { return };
        let Writing { anchor, batch: Some((batch, _)), .. } = writing.as_mut() else { return };
        let appended = append::anchor_to(anchor.as_mut(), batch);
        let end = batch.entries.last().map(|last| last.entry.position);
        if appended == Appended::Durable {
            writing.is_between = false;
            if let Some(end) = end {
                self.anchored(process, end);
            }
        }
        self.report(process, tenure, appended);
    }

    fn report(&mut self, process: usize, tenure: u64, appended: Appended) {
        let Some(found) = self.tenure(process, tenure) else { return };
        let State::Writing(writing) = &mut found.state else { return };
        if let Some((_, result)) = &mut writing.batch {
            *result = Some(appended);
        }
        let (life, wait) = (self.processes[process].life, self.delay() / 4);
        self.after(wait, Event::Appended { process, life, tenure });
    }

    /// The writer hears what became of its batch.
    pub(crate) fn appended(&mut self, process: usize, tenure: u64) {
        let now = self.now;
        let Some(found) = self.tenure(process, tenure) else { return };
        let State::Writing(writing) = &mut found.state else { return };
        let Some((batch, Some(appended))) = writing.batch.take() else { return };
        match appended {
            Appended::Durable => {
                writing.machine.committed(&batch);
                self.relay_told(process, &batch.entries);
                let Some(found) = self.tenure(process, tenure) else { return };
                let State::Writing(writing) = &mut found.state else { return };
                let answers: Vec<_> = writing.machine.replies().collect();
                for (ticket, result) in answers {
                    self.answer(process, ticket, result);
                }
                self.hand_out(process);
            }
            Appended::Fenced => {
                let Some(tenure) = self.processes[process].tenure.take() else { return };
                self.processes[process].relay = None;
                let State::Writing(writing) = tenure.state else { return };
                for (ticket, result) in writing.machine.fenced() {
                    self.answer(process, ticket, result);
                }
                for Waiting { ticket, .. } in tenure.inbox {
                    self.answer(process, ticket, Err(Refusal::Unknown));
                }
                self.processes[process].ended = Some(tenure.writer);
                self.seat_happened(process, seat::Happened::WriterEnded);
            }
            Appended::InDoubt => {
                let doubt_until = now + DOUBT_MAX.as_micros() as Time;
                let taken = std::mem::replace(
                    &mut found.state,
                    State::Reopening { machine: None, batch, doubt_until },
                );
                if let (State::Writing(writing), State::Reopening { machine, .. }) =
                    (taken, &mut found.state)
                {
                    *machine = Some(Box::new(writing.machine));
                }
                self.reopen(process, tenure);
            }
        }
    }

    /// The writer opens its journal again.
    pub(crate) fn reopen(&mut self, process: usize, tenure: u64) {
        let now = self.now;
        self.count_snapshot(process);
        let home = self.open_home(process);
        let life = self.processes[process].life;
        let Some(found) = self.tenure(process, tenure) else { return };
        found.turns += 1;
        let State::Reopening { machine, batch, doubt_until } = &mut found.state else { return };
        match home.and_then(|home| start::start_again(home, found.writer, batch)) {
            Ok((started, is_stored)) => {
                let machine = machine.take();
                let stored = is_stored.then(|| batch.clone());
                let (inbox, turns, is_closed) =
                    (std::mem::take(&mut found.inbox), found.turns, found.is_closed);
                self.count(Path::Reopened);
                let head = started.head.position;
                self.lead(process, started);
                self.relay_missed(process, head);
                if let Some(tenure) = &mut self.processes[process].tenure {
                    (tenure.inbox, tenure.turns, tenure.is_closed) = (inbox, turns, is_closed);
                }
                if self.shared.lock().is_dead(process) {
                    return;
                }
                let abandoned = machine.map(|machine| machine.abandon(stored.as_ref()));
                for (ticket, result) in abandoned.into_iter().flatten() {
                    self.answer(process, ticket, result);
                }
            }
            Err(StartError::Claim(Failure::Fenced)) => self.writer_ended(process),
            Err(error) if !error.is_passing() => {
                self.count_refused(&error);
                self.give_up(process);
            }
            Err(_) => {
                if *doubt_until <= now
                    && let Some(machine) = machine.take()
                {
                    // Whoever waits hears that nobody knows.
                    let tickets: Vec<_> = machine.fenced().map(|(ticket, _)| ticket).collect();
                    for ticket in tickets {
                        self.answer(process, ticket, Err(Refusal::Unknown));
                    }
                }
                let wait = REOPEN_AFTER.as_micros() as Time;
                self.after(wait, Event::Reopen { process, life, tenure });
                self.turn_soon(process, wait);
            }
        }
    }

    /// The writer is gone; the process has its seat still.
    fn writer_ended(&mut self, process: usize) {
        let Some(tenure) = self.processes[process].tenure.take() else { return };
        self.processes[process].relay = None;
        let waiting = match tenure.state {
            State::Writing(writing) => Some(writing.machine),
            State::Reopening { machine, .. } => machine.map(|machine| *machine),
        };
        let waiting = waiting.into_iter().flat_map(|machine| machine.fenced().collect::<Vec<_>>());
        let tickets: Vec<_> = waiting.map(|(ticket, _)| ticket).collect();
        for ticket in tickets.into_iter().chain(tenure.inbox.into_iter().map(|one| one.ticket)) {
            self.answer(process, ticket, Err(Refusal::Unknown));
        }
        self.processes[process].ended = Some(tenure.writer);
        self.seat_happened(process, seat::Happened::WriterEnded);
    }
}
