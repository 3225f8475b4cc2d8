//! A book that another writer may have claimed.

use super::*;

/// A machine with an open book in which everything is durable and answered.
fn shared() -> Machine<u32> {
    let mut machine = machine().shared(true);
    commit(&mut machine);
    assert_eq!(machine.replies().count(), 1);
    machine
}

fn confirm(machine: &mut Machine<u32>) {
    let batch = machine.next_batch().unwrap();
    assert_eq!(batch.entries.len(), 0);
    machine.committed(&batch);
}

#[test]
fn a_refusal_a_replay_and_a_trial_wait_for_a_confirmation_that_begins_after_them() {
    let mut machine = shared();
    submit(&mut machine, 1, &create_holder(1));
    let stored = commit(&mut machine).remove(0).entries[0].entry.clone();
    assert_eq!(machine.replies().count(), 1);
    machine.submit(2, &create_holder(1), Some(stored), noon());
    machine.submit(3, &refusable(3), None, noon());
    machine.try_out(4, &create_holder(4), noon());
    assert_eq!(
        answered(&mut machine),
        [],
        "nobody has asked whether the book is still this writer's"
    );
    confirm(&mut machine);
    let told: Vec<_> = answered(&mut machine).into_iter().map(|(from, _)| from).collect();
    assert_eq!(told, [2, 3, 4]);
    assert!(machine.next_batch().is_none(), "nobody asks for more");
}

#[test]
fn a_question_that_comes_while_a_batch_is_stored_waits_for_the_next_one() {
    let mut machine = shared();
    submit(&mut machine, 1, &create_holder(1));
    let first = machine.next_batch().unwrap();
    submit(&mut machine, 2, &refusable(2));
    machine.committed(&first);
    let told: Vec<_> = answered(&mut machine).into_iter().map(|(from, _)| from).collect();
    assert_eq!(told, [1], "the batch may have been stored before the second one was asked");
    submit(&mut machine, 3, &create_holder(3));
    let second = machine.next_batch().unwrap();
    assert_eq!(second.entries.len(), 1, "a commit confirms as well");
    machine.committed(&second);
    let told: Vec<_> = answered(&mut machine).into_iter().map(|(from, _)| from).collect();
    assert_eq!(told, [2, 3]);
}

#[test]
fn a_command_that_is_written_waits_for_nothing_but_its_own_batch() {
    let mut machine = shared();
    submit(&mut machine, 1, &create_holder(1));
    let batch = machine.next_batch().unwrap();
    assert!(machine.next_batch().is_none());
    machine.committed(&batch);
    assert_eq!(answered(&mut machine), [(1, Ok((2, false)))]);
    assert!(machine.next_batch().is_none());
}

#[test]
fn an_empty_batch_names_the_end_that_the_journal_will_have() {
    let mut machine = shared();
    submit(&mut machine, 1, &create_holder(1));
    let batch = machine.next_batch().unwrap();
    let end = Head { position: Position(2), hash: batch.entries[0].hash };
    submit(&mut machine, 2, &refusable(2));
    assert_eq!(machine.next_batch().unwrap().expected, end);
}

#[test]
fn a_writer_that_was_replaced_answers_nothing() {
    let mut machine = shared();
    submit(&mut machine, 1, &refusable(1));
    submit(&mut machine, 2, &create_holder(2));
    machine.try_out(3, &create_holder(3), noon());
    let batch = machine.next_batch().unwrap();
    submit(&mut machine, 4, &refusable(4));
    drop(batch);
    let told: Vec<_> = machine.fenced().map(|(from, result)| (from, summary(result))).collect();
    let unavailable = || Err(Refusal::Unavailable.to_string());
    assert_eq!(told, [1, 2, 3, 4].map(|from| (from, unavailable())));
}

#[test]
fn a_book_that_nobody_else_can_claim_is_answered_for_at_once() {
    let mut machine = machine();
    commit(&mut machine);
    assert_eq!(machine.replies().count(), 1);
    submit(&mut machine, 1, &refusable(1));
    assert_eq!(answered(&mut machine).len(), 1);
    assert!(machine.next_batch().is_none());
}
