//! A process's seat: what `writer::seat::driver` does, cut where it waits; and how processes begin, stop and end.

use std::fs;
use std::time::Duration;

use journal::{DatabaseError, Failure, OpenError, WriterId};
use writer::StartError;
use writer::seat::machine::{Effect, Happened, Machine};
use writer::start::{self, Loaded};

use crate::counters::Path;
use crate::database::SimulatedStore;
use crate::heap::{MS, SECOND, Time};
use crate::options::Fault;
use crate::world::{Event, World};

/// The most that a clock goes too fast or too slow, in a million.
const DRIFT_MAX_PPM: u64 = 20_000;

impl World {
    /// A process is started.
    pub(crate) fn begin(&mut self, process: usize) {
        let drift = self.random_below(2 * DRIFT_MAX_PPM) as i64 - DRIFT_MAX_PPM as i64;
        let drifts = self.hits(Fault::ClockDrift);
        self.shared.lock().revive(process);
        let now = self.now;
        let found = &mut self.processes[process];
        found.is_down = false;
        found.is_given_up = false;
        found.drift_ppm = if drifts { drift } else { 0 };
        found.seat = Machine::new(found.address.clone());
        found.seated_at = now;
        self.seat_soon(process, 0);
    }

    /// A process is gone, with all that it had in memory, and is started again later.
    pub(crate) fn kill(&mut self, process: usize) {
        if self.processes[process].is_down {
            return;
        }
        if self.processes[process].is_between() {
            self.count(Path::DiedUnanchored);
        }
        let is_torn = self.hits(Fault::AnchorTorn);
        let outside = &mut *self.shared.lock();
        if is_torn && outside.disks[process].is_dirty() {
            outside.counters.add(Path::AnchorTorn);
            let mut random = outside.random.clone();
            outside.disks[process].tear(&mut random);
            outside.random = random;
        }
        let wait = outside.random.between(10 * MS, 2 * SECOND);
        let spoils = outside.hits(Fault::Snapshot);
        let found = &mut self.processes[process];
        found.life += 1;
        found.is_down = true;
        found.paused_until = None;
        found.deferred.clear();
        (found.leaders, found.standby, found.tenure, found.ended) = (None, None, None, None);
        found.relay = None;
        let life = found.life;
        if spoils && let Ok(mut bytes) = fs::read(&found.snapshot) {
            let index = outside.random.index(bytes.len().max(1));
            if let Some(byte) = bytes.get_mut(index) {
                *byte ^= 1 << outside.random.below(8);
            }
            // One that is not written is not there.
            let _ = fs::write(&found.snapshot, bytes);
        }
        self.heap.push(self.now + wait, Event::Start { process, life });
    }

    /// A process goes on as if no time had passed.
    pub(crate) fn resume(&mut self, process: usize, life: u64) {
        let found = &mut self.processes[process];
        if found.life == life && found.paused_until.is_some_and(|until| until <= self.now) {
            self.count(Path::Resumed);
            self.go_on_again(process);
        }
    }

    /// What it has missed happens to it now.
    pub(crate) fn go_on_again(&mut self, process: usize) {
        let found = &mut self.processes[process];
        found.paused_until = None;
        for event in std::mem::take(&mut found.deferred) {
            self.heap.push(self.now, event);
        }
    }

    /// A process gives the book up until somebody looks.
    pub(crate) fn give_up(&mut self, process: usize) {
        let found = &mut self.processes[process];
        found.is_given_up = true;
        (found.tenure, found.standby, found.relay) = (None, None, None);
        // Somebody looks after a while, whatever it was.
        let wait = self.random_between(SECOND, 5 * SECOND);
        let life = self.processes[process].life;
        self.after(wait, Event::Looked { process, life });
    }

    /// A process is asked to stop: it writes what it has accepted, puts the book down and ends.
    pub(crate) fn stop(&mut self, process: usize) {
        let found = &self.processes[process];
        if !found.is_down && !found.is_given_up && found.paused_until.is_none() {
            self.seat_happened(process, Happened::StopAsked);
        }
    }

    /// A process claims the book without having looked whether somebody has it: `serve`, in place of the services.
    pub(crate) fn usurp(&mut self, process: usize) {
        let found = &self.processes[process];
        if found.is_down || found.is_given_up || found.tenure.is_some() {
            return;
        }
        if found.paused_until.is_some() {
            return;
        }
        let writer = WriterId(self.shared.lock().random.id());
        let started = self.open_home(process).and_then(|home| start::start(home, writer));
        match started {
            Ok(started) => {
                self.processes[process].standby = None;
                self.lead(process, started);
                self.seat_happened(process, Happened::Loaded);
                self.seat_happened(process, Happened::TakenOver);
            }
            Err(error) => self.passing(process, &error),
        }
        if self.shared.lock().is_dead(process) {
            self.kill(process);
        }
    }

    fn seat_now(&self, process: usize) -> Duration {
        Duration::from_micros(self.now - self.processes[process].seated_at)
    }

    /// Lets the seat's machine know, and look at once what is to be done.
    pub(crate) fn seat_happened(&mut self, process: usize, happened: Happened) {
        let now = self.seat_now(process);
        self.processes[process].seat.happened(now, happened);
        self.seat_soon(process, 0);
    }

    fn seat_soon(&mut self, process: usize, wait: Time) {
        let found = &mut self.processes[process];
        found.seat_number += 1;
        let (life, number) = (found.life, found.seat_number);
        self.after(wait, Event::Seat { process, life, number });
    }

    /// The seat does the next thing.
    pub(crate) fn sit(&mut self, process: usize, number: u64) {
        let now = self.seat_now(process);
        let found = &mut self.processes[process];
        if found.seat_number != number || found.is_given_up {
            return;
        }
        if let Some(tenure) = &found.tenure {
            found.seat.happened(now, Happened::Turned(tenure.turns));
        }
        let led = usize::from(found.tenure.is_some());
        let effect = found.seat.next(now, led);
        let mut wait = self.random_between(10, MS / 2);
        let happened = match effect {
            Effect::Look => Some(match self.ask(process, SimulatedStore::look) {
                Ok(leader) => Happened::Looked(leader),
                Err(_) => Happened::Unseen,
            }),
            Effect::Load => Some(self.load(process)),
            Effect::Follow => {
                self.follow_journal(process);
                None
            }
            Effect::TakeOver { orphaned } => self.take_over(process, orphaned),
            Effect::Beat => self.beat(process),
            Effect::CloseWriter => {
                if let Some(tenure) = &mut self.processes[process].tenure {
                    tenure.is_closed = true;
                }
                self.turn_soon(process, 0);
                None
            }
            Effect::Resign => {
                if let Some(writer) = self.processes[process].ended.take() {
                    let _ = self.ask(process, |leaders| leaders.say(writer, None));
                }
                Some(Happened::Resigned)
            }
            Effect::Wait { until } => {
                wait = until.saturating_sub(now).as_micros() as Time + 1;
                None
            }
            Effect::End => return self.end(process),
        };
        let now = self.seat_now(process);
        let found = &mut self.processes[process];
        if let Some(happened) = happened {
            found.seat.happened(now, happened);
        }
        if found.seat_number == number && !found.is_given_up {
            self.seat_soon(process, wait);
        }
    }

    /// A seat has ended in order. What stands by keeps what it has read.
    fn end(&mut self, process: usize) {
        let found = &self.processes[process];
        if let Some((home, Loaded { book, head, seen })) = &found.standby {
            start::save(home.snapshot.as_deref(), home.incarnation, book, *head, seen.filed());
        }
        self.kill(process);
    }

    /// Asks the table of leaders.
    fn ask<T>(
        &mut self,
        process: usize,
        question: impl FnOnce(&SimulatedStore) -> Result<T, DatabaseError>,
    ) -> Result<T, DatabaseError> {
        if self.processes[process].leaders.is_none() {
            let opened = SimulatedStore::open(&self.shared, process)?;
            self.processes[process].leaders = Some(opened);
        }
        let leaders = &mut self.processes[process].leaders;
        let answer = leaders.as_ref().map(question).expect("it was opened");
        if answer.is_err() {
            *leaders = None;
        }
        answer
    }

    fn beat(&mut self, process: usize) -> Option<Happened> {
        let writer = self.processes[process].tenure.as_ref().map(|tenure| tenure.writer)?;
        let address = self.processes[process].address.clone();
        match self.ask(process, |leaders| leaders.say(writer, Some(&address))) {
            Ok(None) => Some(Happened::Replaced),
            Ok(Some(_)) => Some(Happened::BeatAnswered),
            Err(_) => None,
        }
    }

    fn load(&mut self, process: usize) -> Happened {
        self.processes[process].standby = None;
        self.count_snapshot(process);
        let loaded = self.open_home(process).and_then(|mut home| {
            let loaded = start::load_beside(&mut home)?;
            Ok((home, loaded))
        });
        match loaded {
            Ok(standby) => {
                let position = standby.1.head.position;
                self.processes[process].standby = Some(standby);
                self.anchored(process, position);
                Happened::Loaded
            }
            Err(error) => {
                self.passing(process, &error);
                Happened::NotLoaded
            }
        }
    }

    fn follow_journal(&mut self, process: usize) {
        let Some((home, loaded)) = &mut self.processes[process].standby else { return };
        let before = loaded.head;
        let followed = start::follow(home, loaded);
        let after = loaded.head;
        match followed {
            Ok(()) if before == after => {}
            Ok(()) => self.anchored(process, after.position),
            Err(error) => self.passing(process, &error),
        }
    }

    fn take_over(&mut self, process: usize, orphaned: journal::Epoch) -> Option<Happened> {
        let writer = WriterId(self.shared.lock().random.id());
        let home = self.open_home(process);
        let standby = &mut self.processes[process].standby;
        let started = home.and_then(|home| start::take_over(home, standby, writer, orphaned));
        match started {
            Ok(None) => Some(Happened::NotLoaded),
            Ok(Some(started)) => {
                let address = self.processes[process].address.clone();
                let said = self.ask(process, |leaders| leaders.say(writer, Some(&address)));
                if !matches!(said, Ok(Some(_))) {
                    return Some(Happened::NotLoaded);
                }
                self.count(Path::TakenOver);
                self.lead(process, started);
                Some(Happened::TakenOver)
            }
            // Whoever it was is seen at the next look.
            Err(StartError::Claim(Failure::Fenced)) => None,
            Err(error) => {
                self.passing(process, &error);
                let is_loaded = self.processes[process].standby.is_some();
                Some(if is_loaded { Happened::NotTakenOver } else { Happened::NotLoaded })
            }
        }
    }

    /// A failure that stays ends the seat.
    fn passing(&mut self, process: usize, error: &StartError) {
        if error.is_passing() {
            return;
        }
        let is_dead = self.shared.lock().is_dead(process);
        let is_restored = self.shared.lock().database.is_restored();
        let is_unusable = matches!(error, StartError::Open(OpenError::Database(_)));
        self.count_refused(error);
        let is_refused = matches!(error, StartError::Mismatch(_) | StartError::Witness { .. });
        let is_expected = is_dead || is_unusable || (is_refused && is_restored);
        if !is_expected {
            self.fail(format!("process {process} can't start: {error:?}"));
        }
        self.give_up(process);
    }

    /// Where clients send what they have.
    pub(crate) fn address_for_client(&self) -> usize {
        let random = self.random_below(self.processes.len() as u64) as usize;
        if self.hits(Fault::WrongProcess) {
            return random;
        }
        let leads = |process: &usize| {
            let found = &self.processes[*process];
            found.tenure.is_some() && !found.seat.is_unfit(self.seat_now(*process))
        };
        (0..self.processes.len()).find(leads).unwrap_or(random)
    }

    /// Whether somebody leads and has nothing to write, and everybody else stands by.
    pub(crate) fn is_led(&self) -> bool {
        let are_up = self.processes.iter().all(|found| !found.is_down && !found.is_given_up);
        let leading = self.processes.iter().filter(|found| found.tenure.is_some()).count();
        let is_idle = self.processes.iter().any(|found| found.is_idle());
        are_up && leading == 1 && is_idle
    }

    /// Who is what, in words.
    pub(crate) fn roles(&self) -> String {
        let mut roles = Vec::new();
        for (number, found) in self.processes.iter().enumerate() {
            let role = match found {
                found if found.is_down => "is down",
                found if found.is_given_up => "has given up",
                found if found.paused_until.is_some() => "stands still",
                found if found.is_idle() => "leads",
                found if found.is_reopening() => "has lost sight of its journal",
                found if found.tenure.is_some() => "leads, busy",
                found if found.standby.is_some() => "stands by",
                _ => "loads",
            };
            roles.push(format!("writer {number} {role}"));
        }
        roles.join(", ")
    }
}
