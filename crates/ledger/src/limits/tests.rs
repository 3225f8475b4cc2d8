use super::*;

fn left(spending: &Spending, window: Window, now: Timestamp) -> u128 {
    left_for_more(spending, (now, Amount::ZERO), window, now)
}

/// For an authorization that counts for `before` already.
fn left_for_more(
    spending: &Spending,
    before: (Timestamp, Amount),
    window: Window,
    now: Timestamp,
) -> u128 {
    let limit = Limit { window, amount: Amount(100) };
    let exceeded = spending.exceeded([limit], before, Amount(101), now);
    exceeded.expect("101 exceed a limit of 100").left.0
}

#[test]
fn what_an_authorization_counts_for_counts_once_wherever_its_window_begins() {
    let noon = Timestamp::of_month(2024, 3).plus_ms(DAY_MS / 2);
    let mut spending = Spending::default();
    spending.add(noon, Amount(30));
    let windows = [Window::Authorization, Window::Day, Window::Month, Window::Total];
    for pass_ms in [0, DAY_MS - 1, DAY_MS, 31 * DAY_MS] {
        let now = noon.plus_ms(pass_ms);
        for window in windows {
            let left = left_for_more(&spending, (noon, Amount(30)), window, now);
            assert_eq!(left, 70, "{window:?} after {pass_ms} ms");
        }
    }
}

#[test]
fn a_day_ends_exactly_24_hours_later() {
    let noon = Timestamp::of_month(2024, 3).plus_ms(DAY_MS / 2);
    let mut spending = Spending::default();
    spending.add(noon, Amount(30));
    assert_eq!(left(&spending, Window::Day, noon.plus_ms(DAY_MS - 1)), 70);
    assert_eq!(left(&spending, Window::Day, noon.plus_ms(DAY_MS)), 100);
}

#[test]
fn what_was_spent_in_24_hours_is_kept_and_no_more() {
    let noon = Timestamp::of_month(2024, 3).plus_ms(DAY_MS / 2);
    let last = noon.plus_ms(DAY_MS - 1);
    let mut spending = Spending::default();
    spending.add(noon, Amount(30));
    spending.add(last, Amount(20));
    assert_eq!(left(&spending, Window::Day, last), 50);
    spending.add(last.plus_ms(DAY_MS), Amount(10));
    assert_eq!(spending.day.len(), 1);
}

#[test]
fn a_calendar_window_ends_with_its_last_millisecond() {
    let february = Timestamp::of_month(2024, 2);
    let march = Timestamp::of_month(2024, 3);
    let mut spending = Spending::default();
    spending.add(february, Amount(30));
    assert_eq!(left(&spending, Window::Month, march.minus_ms(1)), 70);
    assert_eq!(left(&spending, Window::Month, march), 100);
    assert_eq!(left(&spending, Window::Year, march), 70);
    assert_eq!(left(&spending, Window::Total, march), 70);
    assert_eq!(left(&spending, Window::Authorization, march), 100);
}

#[test]
fn what_is_given_back_counts_at_the_time_of_its_authorization() {
    let february = Timestamp::of_month(2024, 2);
    let march = Timestamp::of_month(2024, 3);
    let mut spending = Spending::default();
    spending.add(february, Amount(30));
    spending.add(march, Amount(20));
    spending.give_back(february, Amount(30));
    assert_eq!(left(&spending, Window::Month, march), 80);
    assert_eq!(left(&spending, Window::Year, march), 80);
    assert_eq!(left(&spending, Window::Total, march), 80);
}

#[test]
fn a_later_count_of_an_old_authorization_stays_out_of_the_new_window() {
    let february = Timestamp::of_month(2024, 2);
    let march = Timestamp::of_month(2024, 3);
    let mut spending = Spending::default();
    spending.add(march, Amount(20));
    spending.add(february, Amount(30));
    assert_eq!(left(&spending, Window::Month, march), 80);
    assert_eq!(left(&spending, Window::Day, march), 80);
    assert_eq!(left(&spending, Window::Year, march), 50);
}

#[test]
fn a_limit_may_be_reached_but_not_exceeded() {
    let now = Timestamp::of_month(2024, 3);
    let limit = Limit { window: Window::Total, amount: Amount(100) };
    let mut spending = Spending::default();
    assert_eq!(spending.exceeded([limit], (now, Amount::ZERO), Amount(100), now), None);
    spending.add(now, Amount(1));
    let exceeded = ExceededLimit { limit, left: Amount(99) };
    assert_eq!(spending.exceeded([limit], (now, Amount::ZERO), Amount(100), now), Some(exceeded));
}
