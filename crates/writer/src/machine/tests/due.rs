//! What has fallen due, more than one append takes included.

use super::*;
use crate::machine::BATCH_MAX;

/// As many as one card may have.
const INTENTS_OF_A_CARD: u32 = 100;
const CARDS: u8 = 82;
const INTENTS: usize = CARDS as usize * INTENTS_OF_A_CARD as usize + 1;

/// A machine in which nothing is decided but not durable, with more intents than fit into an append, and when they lapse.
pub(crate) fn machine_with_many_intents() -> (Machine<u32>, Timestamp) {
    let (mut machine, lapse) = machine_with_an_intent();
    let agent = AgentId::derive(noon(), CommandId([3; 16]), 0);
    for card in 100..100 + CARDS {
        submit(&mut machine, 0, &create_card(card, agent));
        let card = CardId::derive(noon(), CommandId([card; 16]), 0);
        for number in 0..INTENTS_OF_A_CARD {
            let mut id = card.0;
            id[8..12].copy_from_slice(&number.to_be_bytes());
            submit(&mut machine, 0, &Request { id: CommandId(id), ..declare_intent(5, card) });
        }
    }
    commit(&mut machine);
    assert!(machine.replies().all(|(_, result)| result.is_ok()));
    const { assert!(BATCH_MAX < INTENTS) };
    (machine, lapse)
}

fn advance(from: Timestamp, to: Timestamp) -> Request {
    let by_ms = to.as_millis() - from.as_millis();
    request(50, Command::AdvanceClock(AdvanceClock { by_ms }))
}

#[test]
fn more_than_one_append_takes_is_written_in_portions() {
    let (mut machine, lapse) = machine_with_many_intents();
    assert!(machine.expire(lapse));
    assert_eq!(machine.backlog(), BATCH_MAX);
    assert!(!machine.expire(lapse));
    assert_eq!(machine.backlog(), INTENTS);
}

#[test]
fn no_command_is_decided_between_portions() {
    let (mut machine, lapse) = machine_with_many_intents();
    assert!(machine.expire(lapse));
    machine.submit(51, &create_holder(51), None, lapse);
    assert_eq!(machine.backlog(), INTENTS + 1);
    let last = commit(&mut machine).pop().unwrap();
    let last = last.entries.last().unwrap().entry.clone();
    assert!(matches!(last.events[..], [Event::HolderCreated(_)]), "{last:?}");
}

#[test]
fn who_moves_the_clock_is_answered_after_every_portion() {
    let (mut machine, lapse) = machine_with_many_intents();
    submit(&mut machine, 50, &advance(noon(), lapse));
    commit(&mut machine);
    assert_eq!(answered(&mut machine), [], "more is due");
    assert!(!machine.expire(noon()));
    assert_eq!(answered(&mut machine), [], "it is not durable");
    commit(&mut machine);
    assert_eq!(answered(&mut machine).len(), 1);
}

#[test]
fn who_has_moved_the_clock_is_not_told_that_nothing_was_done() {
    let unknown = || Err(Refusal::Unknown.to_string());
    for is_fenced in [false, true] {
        let end = |machine: Machine<u32>| -> Vec<(u32, Told)> {
            let told: Vec<_> = match is_fenced {
                false => machine.abandon(None).collect(),
                true => machine.fenced().collect(),
            };
            told.into_iter().map(|(from, result)| (from, summary(result))).collect()
        };
        let (mut machine, lapse) = machine_with_an_intent();
        submit(&mut machine, 50, &advance(noon(), lapse));
        submit(&mut machine, 51, &create_holder(51));
        let batch = machine.next_batch().unwrap();
        machine.committed(&Batch { entries: batch.entries[..1].into(), ..batch });
        let unavailable = Err(Refusal::Unavailable.to_string());
        assert_eq!(end(machine), [(50, unknown()), (51, unavailable)]);

        let (mut machine, lapse) = machine_with_many_intents();
        submit(&mut machine, 50, &advance(noon(), lapse));
        let batch = machine.next_batch().unwrap();
        machine.committed(&batch);
        assert_eq!(end(machine), [(50, unknown())], "while more is due");
    }
}
