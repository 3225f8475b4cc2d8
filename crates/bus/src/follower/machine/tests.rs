use super::*;

#[test]
fn the_last_of_what_is_done_is_acknowledged() {
    let mut brought = Brought::new();
    for position in [1, 2, 5, 6] {
        brought.push(Some(Position(position)), position);
    }
    assert_eq!(brought.done(Position(0)), None);
    assert_eq!(brought.done(Position(5)), Some(5));
    assert_eq!(brought.done(Position(5)), None);
    assert_eq!(brought.done(Position(9)), Some(6));
}

#[test]
fn what_carries_no_entry_is_done_when_all_before_it_is() {
    let mut brought = Brought::new();
    brought.push(Some(Position(1)), 1);
    brought.push(None, 2);
    brought.push(Some(Position(2)), 3);
    assert_eq!(brought.done(Position(0)), None);
    assert_eq!(brought.done(Position(1)), Some(2));
}

#[test]
fn one_that_is_never_done_holds_up_no_more_than_the_server_brings() {
    let mut brought = Brought::new();
    brought.push(Some(Position(u64::MAX)), 0);
    for position in 1..PENDING_MAX as u64 {
        assert_eq!(brought.done(Position(position)), None);
        brought.push(Some(Position(position)), position);
    }
    let last = PENDING_MAX as u64 - 1;
    assert_eq!(brought.done(Position(last)), Some(last));
}

#[test]
fn however_often_a_message_is_brought_again_fewer_are_kept_than_the_server_brings() {
    let mut brought = Brought::new();
    for repeat in 0..3 {
        for position in 1..=PENDING_MAX as u64 {
            brought.push(Some(Position(position)), repeat);
        }
        assert_eq!(brought.0.len(), PENDING_MAX - 1);
    }
}
