//! Commands that are only tried out.

use super::*;

#[test]
fn what_is_tried_out_is_decided_and_leaves_nothing() {
    let mut machine = machine();
    commit(&mut machine);
    assert_eq!(machine.replies().count(), 1);
    let (book, filed) = (machine.book().clone(), machine.filed());
    machine.try_out(1, &create_holder(1), noon());
    machine.try_out(2, &refusable(2), noon());
    assert_eq!((machine.book(), machine.filed(), machine.backlog()), (&book, filed, 0));
    assert!(matches!(machine.prior(&create_holder(1)), Prior::New));
    let replies: Vec<_> = machine.replies().collect();
    let [(1, Ok(answer)), (2, Err(Refusal::Rejected(Rejection::UnknownHolder(_))))] = &replies[..]
    else {
        panic!("{replies:?}")
    };
    assert_eq!((answer.entry.position, answer.is_replay), (book.position().next(), false));

    submit(&mut machine, 3, &create_holder(1));
    let written = machine.next_batch().unwrap();
    assert_eq!(written.entries[0].entry, answer.entry, "it does what was foretold");
}

#[test]
fn a_trial_under_an_id_that_was_used_is_decided_anew() {
    let mut machine = machine();
    submit(&mut machine, 1, &create_holder(1));
    commit(&mut machine);
    assert_eq!(machine.replies().count(), 2);
    machine.try_out(2, &refusable(1), noon());
    let refused = machine.replies().next().unwrap().1;
    assert!(matches!(refused, Err(Refusal::Rejected(Rejection::UnknownHolder(_)))), "{refused:?}");
}

#[test]
fn a_trial_waits_for_what_it_rests_on_and_writes_first_what_has_fallen_due() {
    let (mut machine, lapses) = machine_with_an_intent();
    machine.try_out(1, &create_holder(9), lapses);
    assert_eq!(machine.replies().count(), 0, "the expiry is not durable");
    let expiry = machine.next_batch().unwrap();
    assert_eq!(expiry.entries.len(), 1);
    machine.committed(&expiry);
    let answer = machine.replies().next().unwrap().1.unwrap();
    assert_eq!(answer.entry.position, expiry.entries[0].entry.position.next());
    assert!(machine.is_idle());
}

#[test]
fn a_trial_that_rests_on_what_was_lost_is_not_answered() {
    let mut machine = machine();
    machine.try_out(1, &create_holder(1), noon());
    let mut replies = machine.abandon(None);
    assert!(replies.all(|(_, result)| matches!(result, Err(Refusal::Unavailable))));
}
