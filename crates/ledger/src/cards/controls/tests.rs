use super::*;

#[test]
fn hours_are_minutes_of_a_day_and_not_none() {
    let last = 24 * 60 - 1;
    let hours = ActiveHours::new(0, last).unwrap();
    assert_eq!((hours.from_minute(), hours.until_minute()), (0, last));
    assert!(ActiveHours::new(last, 0).is_some());
    for (from, until) in [(0, last + 1), (last + 1, 0), (u16::MAX, 0), (60, 60)] {
        assert_eq!(ActiveHours::new(from, until), None, "{from} to {until}");
    }
}
