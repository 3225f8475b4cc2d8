use super::*;

fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis)
}

/// What is remembered at a time, of the keys 1 to 3.
fn remembered(recent: &Recent<u8, char>, now: u64) -> String {
    (1..=3).filter_map(|key| recent.get(key, at(now))).collect()
}

#[test]
fn what_is_over_leaves_when_something_new_comes_and_all_else_stays() {
    let mut recent = Recent::default();
    recent.insert(1, 'a', at(10), at(0));
    recent.insert(2, 'b', at(20), at(0));
    assert_eq!((remembered(&recent, 9), remembered(&recent, 10)), ("ab".into(), "b".into()));
    recent.insert(3, 'c', at(30), at(9));
    assert_eq!((recent.values.len(), recent.ends.len()), (3, 3));
    recent.insert(1, 'd', at(30), at(20));
    assert_eq!((recent.values.len(), recent.ends.len()), (2, 2));
    assert_eq!(remembered(&recent, 20), "dc");
}

#[test]
fn what_came_anew_stays_until_its_own_time() {
    let mut recent = Recent::default();
    recent.insert(1, 'a', at(10), at(0));
    recent.insert(1, 'b', at(20), at(5));
    recent.insert(2, 'c', at(30), at(15));
    assert_eq!(remembered(&recent, 15), "bc");
    assert_eq!(recent.remove(1), Some('b'));
    assert_eq!(remembered(&recent, 15), "c");
}
