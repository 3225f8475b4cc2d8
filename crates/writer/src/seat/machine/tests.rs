use super::*;

const HERE: &str = "here:1";

/// A seat over time, and what it was told of the leader.
struct World {
    machine: Machine,
    now: Duration,
    led: usize,
    /// `None`: nobody says.
    leader: Option<Leader>,
    done: Vec<Effect>,
}

fn leader(epoch: u64, beat: u64, standing: Standing) -> Leader {
    Leader { epoch: Epoch(epoch), beat, standing }
}

fn there() -> Standing {
    Standing::Leads { address: "there:1".to_owned() }
}

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

impl World {
    fn new(led: usize, leader: Leader) -> Self {
        let machine = Machine::new(HERE.to_owned());
        Self { machine, now: Duration::ZERO, led, leader: Some(leader), done: Vec::new() }
    }

    fn leading() -> Self {
        let mut world = Self::new(0, leader(0, 0, Standing::Vacant));
        world.until(&Effect::TakeOver { orphaned: Epoch(0) }, ms(0));
        world.happened(Happened::TakenOver);
        world
    }

    fn happened(&mut self, happened: Happened) {
        self.machine.happened(self.now, happened);
    }

    /// Does what the machine says until it says this, and says when that was.
    fn until(&mut self, wanted: &Effect, at_most: Duration) -> Option<Duration> {
        while self.now <= at_most {
            let effect = self.machine.next(self.now, self.led);
            self.done.push(effect.clone());
            if effect == *wanted {
                return Some(self.now);
            }
            match effect {
                Effect::Look => {
                    let looked = self.leader.clone().map_or(Happened::Unseen, Happened::Looked);
                    self.happened(looked);
                }
                Effect::Load => self.happened(Happened::Loaded),
                Effect::Wait { until } => self.now = until,
                Effect::Resign => self.happened(Happened::Resigned),
                Effect::End => return None,
                Effect::Beat if self.leader.is_some() => self.happened(Happened::BeatAnswered),
                Effect::Follow | Effect::Beat | Effect::CloseWriter => {}
                Effect::TakeOver { .. } => panic!("it takes a book over at {:?}", self.now),
            }
        }
        None
    }

    fn run(&mut self, until: Duration) -> Vec<Effect> {
        self.done.clear();
        self.until(&Effect::TakeOver { orphaned: Epoch(u64::MAX) }, until);
        self.done.retain(|effect| !matches!(effect, Effect::Wait { .. }));
        std::mem::take(&mut self.done)
    }

    /// The writer goes round all the time.
    fn run_well(&mut self, until: Duration) -> Vec<Effect> {
        let mut done = Vec::new();
        while self.now <= until {
            let turns = self.now.as_millis() as u64 + 1;
            self.happened(Happened::Turned(turns));
            done.extend(self.run(self.now));
        }
        done
    }
}

#[test]
fn a_leader_that_beats_is_followed() {
    let mut world = World::new(0, leader(7, 0, there()));
    for beat in 0..100 {
        world.leader = Some(leader(7, beat, there()));
        let done = world.run(world.now + BEAT_EVERY);
        assert!(done.contains(&Effect::Look), "{done:?}");
    }
    assert!(ms(25_000) < world.now);
}

#[test]
fn a_silent_leader_is_replaced_after_two_seconds() {
    for standing in [there(), Standing::Silent] {
        let mut world = World::new(0, leader(7, 3, standing));
        let at = world.until(&Effect::TakeOver { orphaned: Epoch(7) }, ms(60_000)).unwrap();
        assert!((SILENCE_MAX..=SILENCE_MAX + 2 * LOOK_EVERY).contains(&at), "{at:?}");
    }
}

#[test]
fn what_was_not_looked_at_was_not_silent() {
    let mut world = World::new(0, leader(7, 3, there()));
    world.run(ms(1_500));
    world.leader = None;
    world.run(ms(10_000));
    world.leader = Some(leader(7, 3, there()));
    let again = world.now;
    let at = world.until(&Effect::TakeOver { orphaned: Epoch(7) }, ms(60_000)).unwrap();
    assert!(again + SILENCE_MAX <= at, "{at:?}");
}

#[test]
fn a_vacant_book_is_taken_at_once_by_who_leads_none_and_later_by_others() {
    let mut last = None;
    for led in [0, 1, 2, 4] {
        let mut world = World::new(led, leader(7, 3, Standing::Vacant));
        let at = world.until(&Effect::TakeOver { orphaned: Epoch(7) }, ms(60_000)).unwrap();
        assert!(at < LOOK_EVERY * 2 + SPREAD * led as u32, "{led}: {at:?}");
        assert!(last < Some(at), "{led}: {at:?}");
        last = Some(at);
    }
}

#[test]
fn a_process_that_leads_many_books_still_replaces_a_leader_within_five_seconds() {
    let mut world = World::new(1_000, leader(7, 3, there()));
    let at = world.until(&Effect::TakeOver { orphaned: Epoch(7) }, ms(60_000)).unwrap();
    assert!(at < ms(4_500), "{at:?}");
}

#[test]
fn another_claim_is_another_leader() {
    let mut world = World::new(0, leader(7, 3, there()));
    world.run(ms(1_900));
    world.leader = Some(leader(8, 3, Standing::Silent));
    let at = world.until(&Effect::TakeOver { orphaned: Epoch(8) }, ms(60_000)).unwrap();
    assert!(ms(1_900) + SILENCE_MAX <= at, "{at:?}");
}

#[test]
fn a_book_that_does_not_load_is_not_taken_and_tried_again_after_a_while() {
    let mut world = World::new(0, leader(7, 3, Standing::Vacant));
    for _ in 0..5 {
        let before = world.now;
        let at = world.until(&Effect::Load, ms(60_000)).unwrap();
        assert!(before.is_zero() || before + RETRY_AFTER <= at, "{at:?}");
        world.happened(Happened::NotLoaded);
    }
}

#[test]
fn a_leader_beats_as_long_as_its_writer_is_well() {
    let mut world = World::leading();
    let done = world.run_well(ms(10_000));
    assert!(done.iter().all(|effect| *effect == Effect::Beat));
    assert!((30..=34).contains(&done.len()), "{}", done.len());
    assert!(!world.machine.is_unfit(world.now));

    let stuck_at = world.now;
    world.leader = Some(leader(1, 9, Standing::Leads { address: HERE.to_owned() }));
    let done = world.run(stuck_at + ms(10_000));
    let beats = done.iter().filter(|effect| **effect == Effect::Beat).count();
    assert!(beats <= 7, "{beats}");
    assert_eq!(done.last(), Some(&Effect::Look));
    assert!(world.machine.is_unfit(world.now), "it gets no commands");
    assert!(!done.contains(&Effect::CloseWriter));

    world.leader = Some(leader(2, 10, there()));
    assert!(world.run(world.now + ms(1_000)).contains(&Effect::CloseWriter));
}

#[test]
fn a_leader_whose_beats_nobody_answers_is_unfit_until_one_is_answered() {
    let mut world = World::leading();
    world.run_well(ms(1_000));
    world.leader = None;
    let answered_at = world.now - BEAT_EVERY;
    world.run_well(answered_at + SILENCE_MAX - BEAT_EVERY - ms(1));
    assert!(!world.machine.is_unfit(world.now));
    let done = world.run_well(answered_at + SILENCE_MAX);
    assert!(world.machine.is_unfit(world.now));
    assert!(done.iter().all(|effect| *effect == Effect::Beat), "it goes on: {done:?}");

    world.leader = Some(leader(1, 9, Standing::Leads { address: HERE.to_owned() }));
    world.run_well(world.now + BEAT_EVERY);
    assert!(!world.machine.is_unfit(world.now));
}

#[test]
fn an_answer_that_comes_late_counts_from_its_beat() {
    let mut world = World::leading();
    world.leader = None;
    let beaten_at = world.until(&Effect::Beat, ms(1_000)).unwrap();
    world.now += ms(900);
    world.happened(Happened::BeatAnswered);
    world.now = beaten_at + SILENCE_MAX - ms(1);
    world.happened(Happened::Turned(1));
    assert!(!world.machine.is_unfit(world.now));
    world.now += ms(1);
    assert!(world.machine.is_unfit(world.now));
}

#[test]
fn a_replaced_leader_closes_its_writer_and_stands_by_once_that_has_ended() {
    let mut world = World::leading();
    world.happened(Happened::Replaced);
    world.leader = Some(leader(2, 1, there()));
    assert!(world.machine.is_unfit(world.now));
    let done = world.run(world.now + ms(1_000));
    assert_eq!(done[0], Effect::CloseWriter);
    assert!(done[1..].iter().all(|effect| *effect == Effect::Look), "{done:?}");
    world.happened(Happened::WriterEnded);
    let done = world.run(world.now + ms(1_000));
    assert_eq!(done[..2], [Effect::Look, Effect::Load], "what it knew is of no use");
    assert!(done.contains(&Effect::Follow));
}

#[test]
fn a_leader_that_is_asked_to_stop_beats_until_its_writer_has_ended_and_puts_the_book_down() {
    let mut world = World::leading();
    world.happened(Happened::StopAsked);
    let done = world.run_well(world.now + ms(3_000));
    assert_eq!(done[0], Effect::CloseWriter);
    assert!(done[1..].iter().all(|effect| *effect == Effect::Beat), "{done:?}");
    world.happened(Happened::WriterEnded);
    assert_eq!(world.run(world.now), [Effect::Resign, Effect::End]);
}

#[test]
fn who_stands_by_or_was_replaced_ends_without_a_word() {
    let mut world = World::new(0, leader(7, 3, there()));
    world.run(ms(500));
    world.happened(Happened::StopAsked);
    assert_eq!(world.run(ms(5_000)), [Effect::End]);

    let mut world = World::leading();
    world.happened(Happened::Replaced);
    world.happened(Happened::StopAsked);
    world.happened(Happened::WriterEnded);
    assert_eq!(world.run(ms(5_000)), [Effect::End]);
}
