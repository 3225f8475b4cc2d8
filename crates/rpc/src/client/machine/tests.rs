use std::sync::Arc;

use ledger::book::{BookOpened, Environment};
use ledger::holders::StartVerification;
use ledger::{
    BookId, Command, CommandId, Entry, Event, HolderId, Origin, Position, Postings, Rejection,
    Timestamp,
};

use super::*;
use crate::PATIENCE;

const FIRST: Epoch = Epoch(1);
const SECOND: Epoch = Epoch(2);

fn request(id: u8) -> Request {
    let origin = Origin { route: 1, fingerprint: [id; 16], request: [id; 16], actor: None };
    let command = Command::StartVerification(StartVerification { holder: HolderId([id; 16]) });
    Request { id: CommandId([id; 16]), origin, command }
}

/// The entry that a request has written.
fn written(by: &Request, is_replay: bool) -> Result<Answer, Refusal> {
    let opened = BookOpened { book: BookId([1; 16]), environment: Environment::Sandbox };
    let entry = Entry {
        position: Position(1),
        at: Timestamp::from_millis(1),
        command: by.id,
        origin: by.origin,
        events: vec![Event::BookOpened(opened)],
        postings: Postings::new(Vec::new()).unwrap(),
    };
    Ok(Answer { entry: Arc::new(entry), is_replay })
}

fn rejected() -> Result<Answer, Refusal> {
    Err(Refusal::Rejected(Rejection::NotDue))
}

struct Test {
    machine: Machine<u8>,
    now: Instant,
}

impl Test {
    fn new() -> Self {
        Self { machine: Machine::new(), now: Instant::now() }
    }

    fn submit(&mut self, id: u8) {
        self.machine.submit(id, request(id), false, self.now + PATIENCE);
    }

    /// The numbers of what is sent now.
    fn sent(&mut self) -> Vec<u64> {
        assert_eq!(self.machine.has_unsent(self.now), !self.machine.unsent.is_empty());
        self.machine.batch(self.now).iter().map(|message| message.number).collect()
    }

    /// What whoever waits is told, when a leader says this.
    fn told(
        &mut self,
        number: u64,
        epoch: Epoch,
        result: Result<Answer, Refusal>,
    ) -> Option<String> {
        let told = self.machine.answered(number, epoch, result, self.now);
        told.map(|(_, result)| match result {
            Ok(Answer { is_replay, .. }) => format!("done, replay {is_replay}"),
            Err(refusal) => format!("{refusal:?}"),
        })
    }

    fn pass(&mut self, duration: Duration) -> Vec<(u8, String)> {
        self.now += duration;
        let given_up = self.machine.expire(self.now);
        given_up.map(|(from, refusal)| (from, format!("{refusal:?}"))).collect()
    }
}

#[test]
fn what_comes_is_sent_in_order_and_answered_in_any() {
    let mut test = Test::new();
    (0..3).for_each(|id| test.submit(id));
    assert_eq!(test.sent(), [0, 1, 2]);
    assert_eq!(test.sent(), Vec::<u64>::new());
    assert_eq!(test.told(2, FIRST, written(&request(2), false)).unwrap(), "done, replay false");
    assert_eq!(test.told(0, FIRST, rejected()).unwrap(), "Rejected(NotDue)");
    assert_eq!(test.told(0, FIRST, rejected()), None, "it was answered before");
    assert_eq!(test.told(1, FIRST, written(&request(1), true)).unwrap(), "done, replay true");
    assert!(test.machine.is_empty());
}

#[test]
fn what_a_stream_has_lost_is_sent_again_before_what_came_later() {
    let mut test = Test::new();
    (0..3).for_each(|id| test.submit(id));
    test.sent();
    test.told(1, FIRST, rejected());
    test.submit(3);
    test.machine.lost(FIRST);
    assert_eq!(test.sent(), [0, 2, 3]);
}

#[test]
fn an_answer_of_a_stream_that_has_ended_says_nothing() {
    let mut test = Test::new();
    test.submit(0);
    test.sent();
    test.machine.lost(FIRST);
    assert_eq!(test.told(0, FIRST, rejected()), None);
    assert_eq!(test.sent(), [0]);
}

#[test]
fn a_replay_of_its_own_entry_is_none_to_whoever_asked() {
    let mut test = Test::new();
    test.submit(0);
    test.sent();
    test.machine.lost(FIRST);
    test.sent();
    assert_eq!(test.told(0, SECOND, written(&request(0), true)).unwrap(), "done, replay false");

    test.submit(1);
    test.sent();
    test.machine.lost(FIRST);
    test.sent();
    let other = Request { origin: request(9).origin, ..request(1) };
    assert_eq!(test.told(1, SECOND, written(&other, true)).unwrap(), "done, replay true");
}

#[test]
fn a_replay_of_what_was_sent_once_is_one() {
    let mut test = Test::new();
    test.submit(0);
    test.sent();
    assert_eq!(test.told(0, FIRST, written(&request(0), true)).unwrap(), "done, replay true");
}

#[test]
fn a_rejection_is_certain_only_once_the_lost_message_can_not_be_done() {
    let mut test = Test::new();
    (0..2).for_each(|id| test.submit(id));
    test.sent();
    test.machine.lost(SECOND);
    test.sent();
    assert_eq!(test.told(0, SECOND, rejected()).unwrap(), "Unknown");
    assert_eq!(test.told(1, Epoch(3), rejected()).unwrap(), "Rejected(NotDue)");
}

#[test]
fn what_was_not_done_is_sent_again_after_a_while() {
    let mut test = Test::new();
    test.submit(0);
    test.sent();
    assert_eq!(test.told(0, FIRST, Err(Refusal::Unavailable)), None);
    assert!(!test.machine.has_unsent(test.now));
    assert_eq!(test.machine.wake(), Some(test.now + HOLD));
    assert_eq!(test.pass(HOLD), []);
    assert_eq!(test.sent(), [0]);
    assert_eq!(test.told(0, FIRST, rejected()).unwrap(), "Rejected(NotDue)", "it is certain");
}

#[test]
fn a_full_queue_is_told_unless_the_command_may_have_been_done() {
    let mut test = Test::new();
    (0..2).for_each(|id| test.submit(id));
    test.sent();
    assert_eq!(test.told(0, FIRST, Err(Refusal::Busy)).unwrap(), "Busy");
    test.machine.lost(FIRST);
    test.sent();
    assert_eq!(test.told(1, FIRST, Err(Refusal::Busy)), None);
    assert_eq!(test.pass(PATIENCE), [(1, "Unknown".to_owned())]);
}

#[test]
fn who_waits_for_too_long_is_told_what_is_certain() {
    let mut test = Test::new();
    (0..5).for_each(|id| test.submit(id));
    test.machine.submit(5, request(5), true, test.now + PATIENCE);
    test.sent();
    // The writer says of 0 that it was not done, of 1 that it does not know.
    test.told(0, FIRST, Err(Refusal::Unavailable));
    test.told(1, FIRST, Err(Refusal::Unknown));
    test.submit(6);
    assert_eq!(test.pass(PATIENCE - Duration::from_millis(1)), []);
    let told: Vec<_> = test.pass(Duration::from_millis(1));
    let told: Vec<_> = told.iter().map(|(from, refusal)| (*from, refusal.as_str())).collect();
    assert_eq!(
        told,
        [
            (0, "Unavailable"),
            (1, "Unknown"),
            (2, "Unknown"),
            (3, "Unknown"),
            (4, "Unknown"),
            (5, "Unavailable"),
            (6, "Unavailable"),
        ]
    );
    assert!(test.machine.is_empty());
    assert_eq!(test.sent(), Vec::<u64>::new());
    assert_eq!(test.machine.wake(), None);
}

#[test]
fn a_leader_is_told_how_long_somebody_still_waits() {
    let mut test = Test::new();
    test.submit(0);
    let told = |test: &mut Test| test.machine.batch(test.now)[0].patience_ms;
    assert_eq!(told(&mut test), Some(8_000));
    test.pass(Duration::from_millis(1_500));
    test.machine.lost(FIRST);
    assert_eq!(told(&mut test), Some(6_500));
}

#[test]
fn a_trial_is_never_in_doubt() {
    let mut test = Test::new();
    test.machine.submit(0, request(0), true, test.now + PATIENCE);
    test.sent();
    test.machine.lost(FIRST);
    assert!(test.machine.batch(test.now)[0].trial);
    assert_eq!(test.told(0, FIRST, Err(Refusal::Unknown)), None);
    test.pass(HOLD);
    test.sent();
    assert_eq!(test.told(0, FIRST, rejected()).unwrap(), "Rejected(NotDue)");
}

#[test]
fn a_message_has_so_many_commands_and_so_many_wait() {
    let mut test = Test::new();
    for _ in 0..WAITING_MAX {
        test.submit(1);
    }
    assert_eq!(test.machine.room(), 0);
    assert_eq!(test.sent().len(), BATCH_MAX);
    assert!(test.machine.has_unsent(test.now));
}
