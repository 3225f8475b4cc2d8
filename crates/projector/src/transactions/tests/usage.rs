//! What counts towards the limits of cards.

use std::collections::BTreeMap;

use ledger::authorizations::{Authorize, Mode};
use ledger::limits::Window;
use ledger::time::DAY_MS;

use super::*;
use crate::database::QUERIES;
use crate::testing::question;

on_each_store! {
    what_counts_towards_limits_is_held_or_cleared_in_the_window
    purchases_count_unless_they_end_before_anything_has_cleared
    purchases_count_however_many_there_are
    few_purchases_are_found_by_one_query
}

fn what_counts_towards_limits_is_held_or_cleared_in_the_window(store: Store) {
    let (mut play, card) = spender(store);
    let used = |play: &Play| -> BTreeMap<_, _> {
        let (_home, transactions) = project(play);
        let windows = [Window::Authorization, Window::Day, Window::Month, Window::Total];
        let Usage { spent, .. } = transactions.used(card, windows, play.now).unwrap().value;
        spent.into_iter().map(|(window, amount)| (window, amount.0)).collect()
    };
    let expected = |day, month, total| {
        BTreeMap::from([
            (Window::Authorization, 0),
            (Window::Day, day),
            (Window::Month, month),
            (Window::Total, total),
        ])
    };
    assert_eq!(used(&play), expected(0, 0, 0));
    let first = play.authorize(card, 100_00, "Bistro");
    play.authorize(card, 9_999_00, "Bistro");
    assert_eq!(used(&play), expected(100_00, 100_00, 100_00));
    play.clear(first, 110_00, true);
    play.refund(first, 50_00);
    assert_eq!(used(&play), expected(110_00, 110_00, 110_00));

    play.pass(DAY_MS - 1);
    let second = play.authorize(card, 10_00, "Bistro");
    assert_eq!(used(&play), expected(120_00, 120_00, 120_00));
    play.pass(1);
    assert_eq!(used(&play), expected(10_00, 120_00, 120_00));
    play.reverse(second, 4_00);
    assert_eq!(used(&play), expected(6_00, 116_00, 116_00));
    play.pass(31 * DAY_MS);
    assert_eq!(used(&play), expected(0, 0, 110_00));
}

fn purchases_count_however_many_there_are(store: Store) {
    let (mut play, card) = spender(store);
    for number in 0..2_200 {
        play.authorize(card, if number % 10 == 0 { 9_999_00 } else { 1 }, "Bistro");
    }
    let (_home, transactions) = project(&play);
    let usage = transactions.used(card, [Window::Total], play.now).unwrap().value;
    let spent: Vec<_> = usage.spent.into_values().collect();
    assert_eq!((usage.authorizations, spent), (1_980, vec![Amount(1_980)]));
}

fn few_purchases_are_found_by_one_query(store: Store) {
    let (mut play, card) = spender(store);
    play.authorize(card, 10_00, "Bistro");
    let (_home, transactions) = project(&play);
    let before = QUERIES.get();
    transactions.used(card, [], play.now).unwrap();
    assert_eq!(QUERIES.get() - before, 2, "one is for what is shown");
}

fn purchases_count_unless_they_end_before_anything_has_cleared(store: Store) {
    let (mut play, card) = spender(store);
    let count = |play: &Play| {
        let (_home, transactions) = project(play);
        transactions.used(card, [], play.now).unwrap().value.authorizations
    };
    let voided = play.authorize(card, 10_00, "Bistro");
    play.authorize(card, 10_00, "Bistro");
    play.ask(Authorize { mode: Mode::Purchase, ..question(card, 10_00, "Bistro") });
    play.authorize(card, 9_999_00, "Bistro");
    play.authorize(card, 0, "Bistro");
    play.unlinked_refund(card, 10_00);
    play.force_clear(card, question(card, 10_00, "Bistro").terms);
    assert_eq!(count(&play), 3);
    play.reverse(voided, 10_00);
    assert_eq!(count(&play), 2);
    play.clear(voided, 10_00, true);
    assert_eq!(count(&play), 3, "it was one after all");
    play.pass(7 * DAY_MS);
    assert_eq!(count(&play), 2);
}
