//! What goes wrong by itself, and how it is over again.

use journal::anchor;
use journal::{Hash, Head};
use ledger::Position;

use crate::anchor_file::AnchorFile;
use crate::counters::Path;
use crate::heap::{MS, SECOND, Time};
use crate::options::Fault;
use crate::world::{Event, World};

/// How often something may happen.
const EVERY: u64 = 200 * MS;

impl World {
    /// Perhaps something goes wrong.
    pub(crate) fn disaster(&mut self) {
        if self.shared.lock().is_calm {
            return;
        }
        self.after(EVERY, Event::Disaster);
        let process = self.random_below(self.processes.len() as u64) as usize;
        if self.hits(Fault::Crash) {
            self.kill(process);
        }
        if self.hits(Fault::CrashAtEffect) {
            let effects = self.random_below(12) as u32;
            self.shared.lock().doom(process, effects);
        }
        if self.hits(Fault::Pause) {
            let longest = if self.random_below(4) == 0 { 60 * SECOND } else { 4 * SECOND };
            let until = self.now + self.random_between(MS, longest);
            self.pause(process, until);
        }
        if self.hits(Fault::Stop) {
            self.stop(process);
        }
        if self.hits(Fault::Usurp) {
            self.usurp(process);
        }
        if self.hits(Fault::ClockJump) {
            let hour = 3_600_000;
            let jump = self.random_below(2 * hour + 1) as i64 - hour as i64;
            if jump < 0 {
                self.count(Path::ClockBack);
            }
            self.processes[process].wall_offset_ms = jump;
        }
        if self.hits(Fault::Restart) {
            let away = self.now + self.random_between(MS, 3 * SECOND);
            self.shared.lock().database.restart(away);
        }
        let is_whole = {
            let outside = self.shared.lock();
            !outside.database.is_restored() && !outside.database.is_cut_off()
        };
        // One loss at a time; and while the bus is the only witness, it is there.
        if is_whole {
            self.bus_disaster();
        }
        if is_whole && self.hits(Fault::Restore) {
            self.restore();
        }
    }

    fn pause(&mut self, process: usize, until: Time) {
        let found = &mut self.processes[process];
        if found.paused_until.is_none() {
            found.paused_until = Some(until);
            let life = found.life;
            self.heap.push(until, Event::Resume { process, life });
        }
    }

    fn bus_disaster(&mut self) {
        if self.hits(Fault::BusAway) {
            let until = self.now + self.random_between(MS, 10 * SECOND);
            self.shared.lock().stream.go_away(until);
        }
        if self.hits(Fault::BusWiped) {
            self.shared.lock().stream.wipe();
        }
        if self.hits(Fault::BusOld) {
            let went_back = self.shared.lock().stream.copy_or_go_back();
            if went_back {
                self.count(Path::WentBack);
            }
        }
    }

    /// What every anchor says, the earliest and the latest. Nobody asks a process.
    fn anchors(&self) -> Option<(Position, Position)> {
        let anchors = (0..self.processes.len()).map(|process| {
            let file = AnchorFile { shared: self.shared.clone(), process };
            anchor::look(&file).ok().map(|mark| mark.head.position)
        });
        let anchors: Option<Vec<_>> = anchors.collect();
        let anchors = anchors?;
        Some((anchors.iter().min().copied()?, anchors.iter().max().copied()?))
    }

    /// The database is put back to a point before what every anchor knows, or before what the bus has seen. All starts must
    /// be refused until the true one is there again.
    fn restore(&mut self) {
        for process in 0..self.processes.len() {
            if self.hits(Fault::AnchorLost) {
                self.lose_anchor(process);
            }
        }
        let Some((earliest, _)) = self.anchors() else { return };
        let seen = {
            let outside = self.shared.lock();
            let last = outside.stream.last().filter(|_| !outside.stream.is_away(outside.now));
            last.map_or(Position::START, |last| last.position)
        };
        let known = earliest.max(seen);
        if known.0 < 2 {
            return;
        }
        let first = earliest.0.saturating_sub(50).max(1).min(known.0 - 1);
        let position = Position(self.random_between(first, known.0 - 1));
        let position = self.shared.lock().database.last_end(position);
        let hash = self.hash_of(position);
        let away = self.now + self.random_between(MS, SECOND);
        let epochs = self.random_below(3);
        let outside = &mut *self.shared.lock();
        outside.database.restart(away);
        outside.database.restore(position, hash, epochs);
        let wait = outside.random.between(2 * SECOND, 8 * SECOND);
        self.heap.push(self.now + wait, Event::BringBack);
    }

    /// A writer's machine is lost. The next one begins with what the book was made with.
    fn lose_anchor(&mut self, process: usize) {
        self.count(Path::AnchorLost);
        self.kill(process);
        self.processes[process].anchored = Position::START;
        self.shared.lock().disks[process].replace();
    }

    /// The database has lost its copy, and restarts: what waited for the copy is there to read, and nobody was told of it. Perhaps
    /// every writer stands still meanwhile, and only read models look.
    pub(crate) fn cut_off(&mut self) {
        let away = self.now + self.random_between(MS, SECOND);
        self.shared.lock().database.restart(away);
        let longest = if self.random_below(4) == 0 { MS } else { 4 * SECOND };
        let wait = self.random_below(longest);
        if self.random_below(2) == 0 {
            let until = self.now + wait;
            (0..self.processes.len()).for_each(|process| self.pause(process, until));
        }
        self.after(wait, Event::Failover);
    }

    /// The copy takes the database's place, unless it lacks what anybody was told: then the two are together again.
    pub(crate) fn fail_over(&mut self) {
        if !self.shared.lock().database.rejoin() {
            return;
        }
        let Some((_, latest)) = self.anchors() else { return };
        if self.processes.iter().any(|found| found.is_between()) {
            // Its entry was stored, and it is about to say so.
            return;
        }
        let away = self.now + self.random_between(MS, SECOND);
        let loaded = self.processes.iter().filter_map(|found| found.standby.as_ref());
        // An anchor that could not be written has not kept a process from going on.
        let loaded = loaded.map(|(_, loaded)| loaded.head.position).max();
        let outside = self.shared.lock();
        // What was sent from the journal before its anchor knew is a witness all the same, and what is told stays told when its
        // anchor is lost.
        let latest = latest.max(outside.stream.furthest()).max(loaded.unwrap_or_default());
        let latest = latest.max(self.auditor.books().position);
        let head = outside.database.head();
        drop(outside);
        if head.position <= latest {
            return;
        }
        let position = Position(self.random_between(latest.0, head.position.0));
        let position = self.shared.lock().database.last_end(position);
        if position < latest {
            return;
        }
        let hash = self.hash_of(position);
        let outside = &mut *self.shared.lock();
        outside.database.restart(away);
        if position < head.position {
            outside.counters.add(Path::FailedOver);
            outside.database.fall_back(position, hash, 0);
        }
    }

    fn hash_of(&self, position: Position) -> Option<Hash> {
        let outside = self.shared.lock();
        let before = position.0.checked_sub(1)? as usize;
        Some(outside.database.rows()[before].hash)
    }

    /// The true database is there again, and whoever has given up is started again.
    pub(crate) fn bring_back(&mut self) {
        let now = self.now;
        {
            let outside = &mut *self.shared.lock();
            if !outside.database.is_restored() {
                return;
            }
            outside.database.restart(now);
            outside.database.bring_back();
        }
        for process in 0..self.processes.len() {
            if self.processes[process].is_given_up {
                self.kill(process);
            }
        }
    }

    /// From now on nothing goes wrong.
    pub(crate) fn calm_down(&mut self) {
        self.bring_back();
        {
            let outside = &mut *self.shared.lock();
            outside.database.rejoin();
            outside.is_calm = true;
        }
        for process in 0..self.processes.len() {
            self.go_on_again(process);
            self.processes[process].wall_offset_ms = 0;
            let is_doomed = self.shared.lock().is_doomed(process);
            if is_doomed || self.processes[process].is_given_up {
                self.kill(process);
            }
        }
    }

    /// Whether all is answered, somebody leads, and everything that was decided is durable.
    pub(crate) fn is_settled(&self) -> bool {
        let (head, is_pending) = {
            let outside = self.shared.lock();
            (outside.database.head().position, outside.database.is_pending())
        };
        let is_over = self.clients.are_done() && self.is_led() && !is_pending;
        is_over && self.are_projected(head)
    }

    /// What is not.
    pub(crate) fn unsettled(&self) -> String {
        let are_done = self.clients.are_done();
        let head: Head = self.shared.lock().database.head();
        format!(
            "clients are done: {are_done}; {}; the journal ends at `{}`",
            self.roles(),
            head.position
        )
    }

    /// A transaction ends of which nobody knew how it would.
    pub(crate) fn settle(&mut self) {
        let outside = &mut *self.shared.lock();
        match outside.database.settle() {
            Some(true) => outside.counters.add(Path::LaterThere),
            Some(false) => outside.counters.add(Path::LaterFenced),
            None => {}
        }
    }
}
