//! The way from a writer to the stream: what `bus::relay` does, cut where it waits.

use std::collections::VecDeque;

use bus::relay::machine::{Ends, Found, Machine, Step, WINDOW};
use journal::{Hash, Reader, Stored};
use ledger::Position;

use crate::counters::Path;
use crate::database::SimulatedStore;
use crate::heap::{MS, SECOND, Time};
use crate::options::Fault;
use crate::world::{Event, World};

/// How long to wait after a failure.
const PAUSE: Time = 200 * MS;

/// A relay that runs.
pub(crate) struct Relay {
    machine: Machine,
    reader: SimulatedStore,
    /// What the stream has said to each message on the way: its place, and whether it was there. Nothing, of one that is
    /// lost.
    acks: VecDeque<Option<(u64, bool)>>,
    generation: u64,
    number: u64,
    /// A failure was told of: not before.
    paused_until: Time,
}

impl World {
    /// Starts a relay beside a writer.
    pub(crate) fn relay(&mut self, process: usize) {
        if !self.shared.lock().options.has_bus || self.processes[process].relay.is_some() {
            return;
        }
        let Ok(reader) = SimulatedStore::open(&self.shared, process) else { return };
        self.processes[process].relay = Some(Relay {
            machine: Machine::new(),
            reader,
            acks: VecDeque::new(),
            generation: 0,
            number: 0,
            paused_until: 0,
        });
        self.relay_after(process, 0);
    }

    fn relay_after(&mut self, process: usize, wait: Time) {
        let life = self.processes[process].life;
        let Some(relay) = &mut self.processes[process].relay else { return };
        relay.number += 1;
        let number = relay.number;
        self.after(wait, Event::Relay { process, life, number });
    }

    /// A batch is durable.
    pub(crate) fn relay_told(&mut self, process: usize, batch: &[Stored]) {
        let Some(relay) = &mut self.processes[process].relay else { return };
        relay.machine.told(batch);
        if relay.paused_until <= self.now {
            self.relay_after(process, 0);
        }
    }

    /// Something may have been committed that nobody was told of.
    pub(crate) fn relay_missed(&mut self, process: usize, head: Position) {
        let Some(relay) = &mut self.processes[process].relay else { return };
        relay.machine.missed(head);
        self.relay_after(process, 0);
    }

    /// The relay does what there is to be done.
    pub(crate) fn relay_steps(&mut self, process: usize, number: u64) {
        let Some(mut relay) = self.processes[process].relay.take_if(|it| it.number == number)
        else {
            return;
        };
        let now = self.now;
        let went_on = self.relay_goes_on(&mut relay);
        if !went_on {
            relay.machine.lost();
            relay.acks.clear();
            relay.paused_until = now + PAUSE;
        }
        let is_waiting = !relay.acks.is_empty();
        // A connection that was lost takes what it was to read by with it.
        if !went_on && let Ok(reader) = SimulatedStore::open(&self.shared, process) {
            relay.reader = reader;
        }
        self.processes[process].relay = Some(relay);
        if !went_on {
            self.relay_after(process, PAUSE);
        } else if is_waiting {
            let wait = self.delay() / 2;
            self.relay_after(process, wait);
        }
    }

    /// Takes an acknowledgement, and then does whatever need not wait. False after a failure.
    fn relay_goes_on(&mut self, relay: &mut Relay) -> bool {
        let now = self.now;
        match relay.acks.front() {
            Some(None) => return false,
            Some(Some(_)) => {
                while let Some(Some((place, is_repeated))) = relay.acks.front().copied() {
                    relay.acks.pop_front();
                    relay.machine.acknowledged(place, is_repeated);
                }
            }
            None => {}
        }
        loop {
            match relay.machine.step() {
                Step::Look => {
                    relay.acks.clear();
                    let outside = self.shared.lock();
                    if outside.stream.is_away(now) {
                        return false;
                    }
                    relay.generation = outside.stream.generation();
                    let (stream, is_wiped) = (outside.stream.last(), outside.stream.is_wiped());
                    drop(outside);
                    let Ok(ends) = ends(&mut relay.reader, stream) else { return false };
                    if is_wiped && ends.journal != Position::START {
                        self.count(Path::Refilled);
                    }
                    if relay.machine.found(ends) == Found::OtherHistory {
                        self.count(Path::NotBuried);
                        return false;
                    }
                }
                Step::Read(from) => match relay.reader.read(from, WINDOW) {
                    Ok(entries) => relay.machine.read(entries),
                    Err(_) => return false,
                },
                Step::Send(stored) => {
                    let outside = &mut *self.shared.lock();
                    if outside.stream.is_away(now) {
                        return false;
                    }
                    // The connection was replaced.
                    if outside.stream.generation() != relay.generation {
                        return false;
                    }
                    if outside.hits(Fault::BusLoses) {
                        outside.counters.add(Path::BusLost);
                        relay.acks.push_back(None);
                        continue;
                    }
                    let is_late = outside.hits(Fault::BusDelays);
                    let late = if is_late { 2 * SECOND } else { 2 * MS };
                    let at = now + outside.random.below(late);
                    relay.acks.push_back(Some(outside.stream.publish(stored, at)));
                    (0..outside.options.models.len()).for_each(|projector| {
                        self.heap.push(at + 5 * MS, Event::Projector { projector });
                    });
                }
                Step::Wait => return true,
            }
        }
    }
}

fn ends(
    reader: &mut SimulatedStore,
    stream: Option<journal::Head>,
) -> Result<Ends, journal::ReadError> {
    let there: Option<Hash> = match stream {
        Some(end) => reader.read(end.position, 1)?.first().map(|stored| stored.hash),
        None => None,
    };
    Ok(Ends { stream, there, journal: reader.head()?.position })
}
