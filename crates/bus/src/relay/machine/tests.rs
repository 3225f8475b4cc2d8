use std::sync::Arc;

use ledger::holders::HolderCreated;
use ledger::{CommandId, Entry, Event, HolderId, Origin, Postings, Sealed, Timestamp};

use super::*;

/// So many entries that follow each other.
fn journal(count: u64) -> Vec<Stored> {
    let mut entries: Vec<Stored> = Vec::new();
    for position in 1..=count {
        let profile = Sealed { subject: [1; 16], reference: [2; 16], commitment: [3; 32] };
        let created = HolderCreated { holder: HolderId([4; 16]), profile };
        let entry = Entry {
            position: Position(position),
            at: Timestamp::from_millis(position),
            command: CommandId([5; 16]),
            origin: Origin::LEDGER,
            events: vec![Event::HolderCreated(created)],
            postings: Postings::new(Vec::new()).unwrap(),
        };
        let previous = entries.last().map_or(Head::EMPTY.hash, |last| last.hash);
        entries.push(journal::encode(Arc::new(entry), previous));
    }
    entries
}

fn head(stored: &Stored) -> Head {
    Head { position: stored.entry.position, hash: stored.hash }
}

/// A stream and a journal that the machine is played against, with everything done at once.
struct World {
    machine: Machine,
    journal: Vec<Stored>,
    stream: Vec<Position>,
    acknowledged: u64,
    looks: usize,
    reads: usize,
}

impl World {
    fn new(journal: Vec<Stored>) -> Self {
        let (machine, stream) = (Machine::new(), Vec::new());
        Self { machine, journal, stream, acknowledged: 0, looks: 0, reads: 0 }
    }

    /// What the stream and the journal end with, where both tell the truth.
    fn ends(&self) -> Ends {
        let end = self.stream.last().map(|last| head(&self.journal[last.0 as usize - 1]));
        Ends {
            stream: end,
            there: end.map(|end| end.hash),
            journal: Position(self.journal.len() as u64),
        }
    }

    /// Does what the machine wants until it waits. What it sends is in the stream, and not acknowledged.
    fn until_it_waits(&mut self) {
        loop {
            match self.machine.step() {
                Step::Look => {
                    self.looks += 1;
                    assert_eq!(self.machine.found(self.ends()), Found::SameHistory);
                }
                Step::Read(from) => {
                    self.reads += 1;
                    let from = (from.0 as usize - 1).min(self.journal.len());
                    let entries = self.journal[from..].iter().take(WINDOW).cloned().collect();
                    self.machine.read(entries);
                }
                Step::Send(stored) => self.stream.push(stored.entry.position),
                Step::Wait => return,
            }
        }
    }

    fn acknowledge(&mut self, count: usize) {
        for _ in 0..count {
            self.acknowledged += 1;
            self.machine.acknowledged(self.acknowledged, false);
        }
    }
}

fn positions(range: std::ops::RangeInclusive<u64>) -> Vec<Position> {
    range.map(Position).collect()
}

#[test]
fn what_the_stream_lacks_is_sent_in_order_a_window_at_a_time() {
    let count = 2 * WINDOW as u64 + 7;
    let mut world = World::new(journal(count));
    world.until_it_waits();
    assert_eq!(world.stream, positions(1..=WINDOW as u64));
    assert_eq!(world.machine.lag_entries(), count);
    while world.machine.lag_entries() != 0 {
        world.acknowledge(1);
        world.until_it_waits();
    }
    assert_eq!(world.stream, positions(1..=count));
    assert_eq!(world.looks, 1);
}

#[test]
fn what_the_feed_tells_is_sent_without_a_look_at_the_journal() {
    let all = journal(10);
    let mut world = World::new(all[..4].to_vec());
    world.until_it_waits();
    let reads = world.reads;
    world.journal = all.clone();
    world.machine.told(&all[4..7]);
    world.machine.told(&all[5..10]);
    world.until_it_waits();
    assert_eq!(world.stream, positions(1..=10));
    assert_eq!(world.reads, reads);
}

#[test]
fn what_the_feed_has_lost_is_read() {
    let all = journal(10);
    let mut world = World::new(all[..2].to_vec());
    world.until_it_waits();
    world.journal = all.clone();
    world.machine.told(&all[6..7]);
    world.until_it_waits();
    assert_eq!(world.stream, positions(1..=10));

    let all = journal(20);
    world.journal = all;
    world.machine.missed(Position(20));
    world.until_it_waits();
    assert_eq!(world.stream, positions(1..=20));
}

#[test]
fn after_a_doubt_it_goes_on_from_where_the_stream_ends() {
    for kept in 0..=10 {
        let mut world = World::new(journal(10));
        world.until_it_waits();
        world.acknowledge(10);
        world.machine.lost();
        world.stream.truncate(kept);
        world.until_it_waits();
        assert_eq!(world.stream, positions(1..=10), "{kept}");
        assert_eq!(world.looks, 2);
    }
}

#[test]
fn nothing_is_sent_behind_what_came_after_it() {
    let mut world = World::new(journal(10));
    world.until_it_waits();
    world.acknowledge(4);
    world.stream.drain(5..8);
    world.machine.lost();
    world.journal = journal(12);
    world.until_it_waits();
    assert_eq!(world.stream, [positions(1..=5), positions(9..=12)].concat());
}

#[test]
fn a_message_that_stands_before_what_was_acknowledged_is_in_another_stream() {
    let mut world = World::new(journal(3));
    world.until_it_waits();
    for sequence in 7..=9 {
        world.machine.acknowledged(sequence, false);
    }
    let all = journal(5);
    world.journal = all.clone();
    world.machine.told(&all[3..]);
    world.until_it_waits();
    world.machine.acknowledged(4, true);
    assert!(matches!(world.machine.step(), Step::Wait), "a repeated one is where it was");
    world.machine.acknowledged(9, false);
    assert!(matches!(world.machine.step(), Step::Look));
}

#[test]
fn a_stream_that_has_what_the_journal_lacks_is_sent_nothing() {
    let all = journal(9);
    let mut machine = Machine::new();
    let stream = Some(head(&all[6]));
    for there in [None, Some(all[5].hash)] {
        let ends = Ends { stream, there, journal: Position(5) };
        assert_eq!(machine.found(ends), Found::OtherHistory);
        machine.told(&all[4..6]);
        assert!(matches!(machine.step(), Step::Look));
    }
    let ends = Ends { stream, there: Some(all[6].hash), journal: Position(9) };
    assert_eq!(machine.found(ends), Found::SameHistory);
    assert!(matches!(machine.step(), Step::Read(Position(8))));
}

#[test]
fn no_more_is_sent_again_than_followers_would_take_from_there() {
    let mut machine = Machine::new();
    let journal = Position(3 * REFILL_MAX);
    machine.found(Ends { stream: None, there: None, journal });
    assert!(matches!(machine.step(), Step::Read(from) if from == Position(2 * REFILL_MAX + 1)));
}

#[test]
fn a_journal_that_ends_before_what_was_told_is_not_read_for_ever() {
    let mut world = World::new(journal(3));
    world.until_it_waits();
    world.machine.missed(Position(100));
    world.until_it_waits();
    assert_eq!(world.stream, positions(1..=3));
}

#[test]
fn what_can_not_be_sent_is_not_waited_for() {
    let mut world = World::new(journal(2));
    let Step::Look = world.machine.step() else { panic!("it begins with a look") };
    world.machine.found(world.ends());
    world.machine.read(world.journal.clone());
    let Step::Send(first) = world.machine.step() else { panic!("it was read") };
    assert_eq!(first.entry.position, Position(1));
    world.machine.skipped();
    world.until_it_waits();
    world.machine.acknowledged(1, false);
    assert_eq!((world.stream, world.machine.lag_entries()), (positions(2..=2), 0));
}

#[test]
fn in_doubt_all_that_was_not_acknowledged_is_missed() {
    let count = 2 * WINDOW as u64;
    let mut world = World::new(journal(count));
    world.machine.missed(Position(count));
    assert_eq!(world.machine.lag_entries(), count, "nothing is known yet");
    world.until_it_waits();
    world.acknowledge(10);
    for _ in 0..2 {
        world.machine.lost();
        assert_eq!(world.machine.lag_entries(), count - 10);
    }
    world.machine.told(&journal(count + 5)[count as usize..]);
    assert_eq!(world.machine.lag_entries(), count - 5);
    world.machine.missed(Position(count + 7));
    assert_eq!(world.machine.lag_entries(), count - 3);
}
