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
