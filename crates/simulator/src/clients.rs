//! Those who ask, and ask again until they are answered.

use std::collections::BTreeMap;
use std::sync::Arc;

use ledger::Request;
use rpc::{Answer, Refusal};

use crate::auditor::Ticket;
use crate::counters::Path;
use crate::heap::{MS, SECOND};
use crate::options::Fault;
use crate::workload::{self, Workload};
use crate::world::{Event, World};

/// How many of a million requests are sent once more after their answer.
const REPEATED: u32 = 10_000;
/// How many of a million are sent with another body under the key of one that was done.
const MISUSED: u32 = 1_000;
/// How long a client waits for an answer.
const PATIENCE: u64 = 3 * SECOND;

/// All clients of a world.
#[derive(Debug)]
pub(crate) struct Clients {
    pub(crate) workload: Workload,
    clients: Vec<Client>,
    tickets: BTreeMap<Ticket, Sent>,
    next_ticket: Ticket,
    /// What was answered, to be sent again.
    answered: Vec<Arc<Request>>,
    /// What somebody gave up and wants to know all the same.
    again: Vec<Arc<Request>>,
    /// How many requests were begun.
    pub(crate) begun: usize,
}

#[derive(Debug, Default)]
struct Client {
    /// What it waits for.
    job: Option<Arc<Request>>,
    /// Which job: what was sent for another one is nothing to it.
    number: u64,
}

#[derive(Debug)]
struct Sent {
    client: usize,
    job: u64,
    request: Arc<Request>,
}

impl Clients {
    pub(crate) fn new(workload: Workload, count: usize) -> Self {
        Self {
            workload,
            clients: (0..count).map(|_| Client::default()).collect(),
            tickets: BTreeMap::new(),
            next_ticket: 0,
            answered: Vec::new(),
            again: Vec::new(),
            begun: 0,
        }
    }

    /// Whether nobody asks or waits for anything.
    pub(crate) fn are_done(&self) -> bool {
        self.workload.is_over()
            && self.again.is_empty()
            && self.clients.iter().all(|client| client.job.is_none())
    }

    pub(crate) fn count(&self) -> usize {
        self.clients.len()
    }
}

impl World {
    /// A client begins something, if it has nothing to wait for.
    pub(crate) fn client_acts(&mut self, client: usize) {
        if self.clients.clients[client].job.is_some() {
            return;
        }
        let Some(request) = self.choose(client) else {
            // Somebody may give something up later.
            if !self.clients.are_done() {
                self.after(SECOND / 4, Event::Client { client });
            }
            return;
        };
        self.clients.begun += 1;
        let job = &mut self.clients.clients[client];
        job.number += 1;
        job.job = Some(request);
        if self.hits(Fault::Twice) {
            self.send(client);
        }
        self.send(client);
        // The books that foretell verdicts begin with a book that is opened.
        if self.clients.workload.has_begun() && self.hits(Fault::Cancel) {
            self.count(Path::Cancelled);
            let request = self.clients.clients[client].job.take();
            if self.random_below(2) == 0 {
                self.clients.again.extend(request);
            }
            self.think(client);
        }
    }

    fn think(&mut self, client: usize) {
        let think = self.shared.lock().options.think_us;
        let wait = self.random_below(think) + 1;
        self.after(wait, Event::Client { client });
    }

    /// What a client asks for next.
    fn choose(&mut self, client: usize) -> Option<Arc<Request>> {
        if !self.clients.workload.has_begun() {
            // One step rests on the last: one client takes them all.
            return if client == 0 { self.next_of_workload() } else { None };
        }
        let answered = self.clients.answered.len();
        if self.clients.workload.is_over() {
            return self.clients.again.pop();
        }
        if 0 < answered && self.random_hits(REPEATED) {
            let index = self.random_below(answered as u64) as usize;
            return Some(self.clients.answered[index].clone());
        }
        if 0 < answered && self.random_hits(MISUSED) {
            let index = self.random_below(answered as u64) as usize;
            let first = self.clients.answered[index].clone();
            if self.auditor.is_written(first.id) {
                let other = self.next_of_workload()?;
                return Some(workload::misuse(&first, &other));
            }
        }
        if !self.clients.again.is_empty() && self.random_below(4) == 0 {
            return self.clients.again.pop();
        }
        self.next_of_workload()
    }

    fn next_of_workload(&mut self) -> Option<Arc<Request>> {
        let wall = self.true_wall();
        let mut outside = self.shared.lock();
        loop {
            let books = self.auditor.books();
            if self.clients.workload.is_over() {
                return None;
            }
            let request = self.clients.workload.next(books, wall, &mut outside.random);
            if let Some(request) = request {
                return Some(Arc::new(request));
            }
        }
    }

    /// Sends what a client waits for.
    pub(crate) fn send(&mut self, client: usize) {
        let Client { job: Some(request), number } = &self.clients.clients[client] else { return };
        let (request, job) = (request.clone(), *number);
        let ticket = self.clients.next_ticket;
        self.clients.next_ticket += 1;
        self.auditor.sent(ticket, &request);
        self.clients.tickets.insert(ticket, Sent { client, job, request: request.clone() });
        self.after(PATIENCE, Event::Timeout { ticket });
        let process = self.address_for_client();
        if !self.hits(Fault::MessageLost) {
            let delay = self.delay();
            let life = self.processes[process].life;
            let answer_by = self.now + PATIENCE;
            self.after(delay, Event::Arrive { process, life, ticket, request, answer_by });
        }
    }

    /// A client has waited long enough.
    pub(crate) fn timed_out(&mut self, ticket: Ticket) {
        let Some(Sent { client, job, .. }) = self.clients.tickets.remove(&ticket) else { return };
        let waiting = &self.clients.clients[client];
        if waiting.number == job && waiting.job.is_some() {
            self.count(Path::TimedOut);
            self.send(client);
        }
    }

    /// An answer reaches a client.
    pub(crate) fn hears(&mut self, ticket: Ticket, is_told: bool) {
        let Some(Sent { client, job, request }) = self.clients.tickets.remove(&ticket) else {
            return;
        };
        let waiting = &mut self.clients.clients[client];
        if waiting.number != job || waiting.job.is_none() {
            return;
        }
        if is_told {
            waiting.job = None;
            self.clients.answered.push(request);
            self.think(client);
        } else {
            let wait = self.random_between(20 * MS, 400 * MS);
            self.after(wait, Event::Again { client, job });
        }
    }

    /// A client asks again, if it still waits.
    pub(crate) fn asks_again(&mut self, client: usize, job: u64) {
        let waiting = &self.clients.clients[client];
        if waiting.number == job && waiting.job.is_some() {
            self.send(client);
        }
    }

    /// A process answers: it is held against the journal at once, and reaches the client later, or never.
    pub(crate) fn answer(
        &mut self,
        process: usize,
        ticket: Ticket,
        result: Result<Answer, Refusal>,
    ) {
        let is_told =
            !matches!(result, Err(Refusal::Busy | Refusal::Unavailable | Refusal::Unknown));
        let position = result.as_ref().map_or(0, |answer| answer.entry.position.0);
        self.trace(ticket, position << 1 | u64::from(is_told));
        let anchored = self.processes[process].anchored;
        let mut outside = self.shared.lock();
        match &result {
            Err(Refusal::Busy) => outside.counters.add(Path::QueueFull),
            Err(Refusal::Unknown) => outside.counters.add(Path::Doubt),
            _ => {}
        }
        let judged = self.auditor.answered(ticket, &result, anchored, &mut outside.counters);
        drop(outside);
        if let Err(breach) = judged {
            self.fail(format!("an answer to {result:?}: {breach}"));
        }
        if !self.hits(Fault::MessageLost) {
            let delay = self.delay();
            self.after(delay, Event::Hear { ticket, is_told });
        }
    }
}
