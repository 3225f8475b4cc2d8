//! The life of card transactions.

use ledger::Command;
use ledger::authorizations::{Authorize, DeclineReason, Mode, Terms};
use ledger::presentments::{AssignPresentment, WriteOffPresentment};
use ledger::refunds::ReleaseRefund;
use ledger::time::DAY_MS;

use super::*;
use crate::testing::{foreign, question};

on_each_store! {
    a_purchase_is_pending_then_settled_then_refunded
    several_clearings_settle_it_with_the_last
    what_is_given_back_in_full_is_voided_unless_a_part_has_cleared
    nobody_clears_it_and_it_expires_but_a_late_clearing_settles_it
    a_decline_says_why_and_at_which_limit
    the_history_has_the_postings_of_each_step
    what_cleared_is_compared_with_the_intent_again
    a_part_is_approved_where_the_merchant_takes_one
    what_the_network_approves_on_our_behalf_is_held_although_it_is_not_there
    a_purchase_in_a_single_message_is_settled_and_compared
    a_check_holds_nothing_and_is_voided
    a_hold_grows_and_shrinks_until_it_ends
    a_clearing_that_came_early_is_linked_and_stays_settled
    a_foreign_purchase_says_what_the_merchant_said_and_what_it_costs
    a_correction_of_all_voids_it
    an_open_purchase_stays_pending_whatever_is_corrected_or_refunded
    a_refund_that_was_taken_back_leaves_the_purchase_settled
    an_unlinked_refund_waits_then_is_refunded_and_voided_when_nothing_is_left_of_it
    a_clearing_that_nobody_can_place_is_a_transaction_once_its_card_is_found
}

fn a_purchase_is_pending_then_settled_then_refunded(store: Store) {
    let (mut play, card) = spender(store);
    let id = play.authorize(card, 100_00, "Bistro");
    assert_eq!(stand(&play, id), (State::Pending, [100_00, 0, 0]));
    play.clear(id, 100_00, true);
    assert_eq!(stand(&play, id), (State::Settled, [0, 100_00, 0]));
    play.refund(id, 30_00);
    assert_eq!(stand(&play, id), (State::Refunded, [0, 100_00, 30_00]));
}

fn several_clearings_settle_it_with_the_last(store: Store) {
    let (mut play, card) = spender(store);
    let id = play.authorize(card, 100_00, "Bistro");
    play.clear(id, 40_00, false);
    assert_eq!(stand(&play, id), (State::Pending, [60_00, 40_00, 0]));
    play.refund(id, 10_00);
    assert_eq!(stand(&play, id), (State::Pending, [60_00, 40_00, 10_00]));
    play.clear(id, 50_00, true);
    assert_eq!(stand(&play, id), (State::Refunded, [0, 90_00, 10_00]));
}

fn what_is_given_back_in_full_is_voided_unless_a_part_has_cleared(store: Store) {
    let (mut play, card) = spender(store);
    let id = play.authorize(card, 100_00, "Bistro");
    play.reverse(id, 20_00);
    assert_eq!(stand(&play, id), (State::Pending, [80_00, 0, 0]));
    play.reverse(id, 80_00);
    assert_eq!(stand(&play, id), (State::Voided, [0, 0, 0]));

    let id = play.authorize(card, 100_00, "Bistro");
    play.clear(id, 40_00, false);
    play.reverse(id, 60_00);
    assert_eq!(stand(&play, id), (State::Settled, [0, 40_00, 0]));
}

fn nobody_clears_it_and_it_expires_but_a_late_clearing_settles_it(store: Store) {
    let (mut play, card) = spender(store);
    let id = play.authorize(card, 100_00, "Bistro");
    play.pass(7 * DAY_MS);
    assert_eq!(stand(&play, id), (State::Expired, [0, 0, 0]));
    play.clear(id, 100_00, true);
    assert_eq!(stand(&play, id), (State::Settled, [0, 100_00, 0]));
    let (_, steps) = find(&play, id);
    let late: Vec<_> = steps.iter().map(|step| (step.kind, step.ends_hold, step.is_late)).collect();
    assert_eq!(
        late,
        [
            (StepKind::Authorization, false, false),
            (StepKind::Expiry, true, false),
            (StepKind::Clearing, false, true),
        ]
    );
}

fn a_decline_says_why_and_at_which_limit(store: Store) {
    let (mut play, card) = spender(store);
    let id = play.authorize(card, 600_00, "Bistro");
    let (row, _) = find(&play, id);
    assert_eq!((row.state, row.reason), (State::Declined, Some(DeclineReason::InsufficientFunds)));

    let id = play.authorize(card, 1_000_01, "Bistro");
    let (row, steps) = find(&play, id);
    assert_eq!(row.reason, Some(DeclineReason::LimitPerAuthorization));
    assert_eq!(row.exceeded.unwrap().left, Amount(1_000_00));
    assert_eq!((row.held, row.expires_at), (Amount::ZERO, None));
    assert_eq!((steps.len(), steps[0].kind), (1, StepKind::Decline));
    assert!(steps[0].postings.is_empty());
}

fn the_history_has_the_postings_of_each_step(store: Store) {
    let (mut play, card) = spender(store);
    let id = play.authorize(card, 100_00, "Bistro");
    play.clear(id, 120_00, true);
    let (row, steps) = find(&play, id);
    assert_eq!((row.merchant.as_str(), row.mcc.unwrap().code()), ("Bistro", 5732));
    let lines = |step: &Step| -> Vec<_> {
        let lines = step.postings.iter();
        lines.map(|line| (line.side, line.account, line.amount.0)).collect()
    };
    use ledger::Account::{Available, Held, NetworkPayable};
    use ledger::Side::{Credit, Debit};
    let holder = row.holder;
    assert_eq!(
        lines(&steps[0]),
        [(Debit, Available(holder), 100_00), (Credit, Held(holder, id), 100_00)]
    );
    assert_eq!(
        lines(&steps[1]),
        [
            (Debit, Held(holder, id), 100_00),
            (Debit, Available(holder), 20_00),
            (Credit, NetworkPayable(ledger::Scheme::Visa), 120_00),
        ]
    );
}

fn what_cleared_is_compared_with_the_intent_again(store: Store) {
    let (mut play, card) = spender(store);
    let intent = play.intent(card, 100_00, "Bistro");
    let id = play.authorize(card, 100_00, "Bistro");
    let (row, _) = find(&play, id);
    assert_eq!((row.intent, row.comparison.unwrap().is_match()), (Some(intent), true));
    play.clear(id, 150_00, true);
    assert!(!find(&play, id).0.comparison.unwrap().amount);
}

fn a_part_is_approved_where_the_merchant_takes_one(store: Store) {
    let (mut play, card) = spender(store);
    let id = play.ask(Authorize { accepts_part: true, ..question(card, 600_00, "Bistro") });
    let (row, steps) = find(&play, id);
    assert_eq!((row.amount, row.approved), (Amount(600_00), Amount(500_00)));
    assert_eq!((row.kind, row.held, row.is_advice), (Kind::Authorization, Amount(500_00), false));
    assert_eq!(steps[0].amount, Amount(500_00));
}

fn what_the_network_approves_on_our_behalf_is_held_although_it_is_not_there(store: Store) {
    let (mut play, card) = spender(store);
    let id = play.ask(Authorize { mode: Mode::Advice, ..question(card, 600_00, "Bistro") });
    let (row, _) = find(&play, id);
    assert_eq!((row.held, row.is_advice), (Amount(600_00), true));
}

fn a_purchase_in_a_single_message_is_settled_and_compared(store: Store) {
    let (mut play, card) = spender(store);
    let intent = play.intent(card, 100_00, "Bistro");
    let id = play.ask(Authorize { mode: Mode::Purchase, ..question(card, 150_00, "Bistro") });
    assert_eq!(stand(&play, id), (State::Settled, [0, 150_00, 0]));
    let (row, steps) = find(&play, id);
    assert_eq!((row.kind, row.intent, row.expires_at), (Kind::Purchase, Some(intent), None));
    assert!(!row.comparison.unwrap().amount);
    assert_eq!((steps.len(), steps[0].kind), (1, StepKind::Purchase));
}

fn a_check_holds_nothing_and_is_voided(store: Store) {
    let (mut play, card) = spender(store);
    let id = play.authorize(card, 0, "Bistro");
    assert_eq!(stand(&play, id), (State::Voided, [0, 0, 0]));
    let (row, steps) = find(&play, id);
    assert_eq!((row.kind, row.is_counted), (Kind::Check, false));
    assert_eq!((steps.len(), steps[0].kind), (1, StepKind::Check));
}

fn a_hold_grows_and_shrinks_until_it_ends(store: Store) {
    let (mut play, card) = spender(store);
    let id = play.authorize(card, 100_00, "Fuel");
    play.increment(id, 50_00);
    assert_eq!(stand(&play, id), (State::Pending, [150_00, 0, 0]));
    play.increment(id, 900_00);
    play.reverse(id, 160_00);
    assert_eq!(stand(&play, id), (State::Pending, [150_00, 0, 0]));
    play.confirm(id, 45_30);
    assert_eq!(stand(&play, id), (State::Pending, [45_30, 0, 0]));
    play.clear(id, 45_30, true);
    assert_eq!(stand(&play, id), (State::Settled, [0, 45_30, 0]));
    let (row, steps) = find(&play, id);
    assert_eq!((row.amount, row.approved), (Amount(100_00), Amount(100_00)));
    let steps: Vec<_> = steps.iter().map(|step| (step.kind, step.amount.0)).collect();
    assert_eq!(
        steps,
        [
            (StepKind::Authorization, 100_00),
            (StepKind::Increment, 50_00),
            (StepKind::IncrementDecline, 900_00),
            (StepKind::UnusableReversal, 160_00),
            (StepKind::Confirmation, 45_30),
            (StepKind::Clearing, 45_30),
        ]
    );
}

fn a_clearing_that_came_early_is_linked_and_stays_settled(store: Store) {
    let (mut play, card) = spender(store);
    let network_id = Some([9; 16]);
    let terms = Terms { network_id, ..question(card, 55_00, "Kiosk").terms };
    let id = play.force_clear(card, terms.clone());
    assert_eq!(stand(&play, id), (State::Settled, [0, 55_00, 0]));
    assert_eq!(play.ask(Authorize { terms, ..question(card, 0, "Kiosk") }), id);
    assert_eq!(stand(&play, id), (State::Settled, [0, 55_00, 0]));
    let (row, steps) = find(&play, id);
    assert_eq!((row.kind, row.approved, row.is_counted), (Kind::ForcePost, Amount::ZERO, false));
    let kinds: Vec<_> = steps.iter().map(|step| step.kind).collect();
    assert_eq!(kinds, [StepKind::ForcePost, StepKind::Link]);
}

fn a_foreign_purchase_says_what_the_merchant_said_and_what_it_costs(store: Store) {
    let (mut play, card) = spender(store);
    let terms = foreign(100_00, "Café");
    let original = terms.original.clone();
    let id = play.ask(Authorize { terms, ..question(card, 0, "Café") });
    play.clear(id, 60_00, false);
    play.clear(id, 49_10, true);
    let (row, _) = find(&play, id);
    assert_eq!((row.amount, row.original), (Amount(108_00), original));
    assert_eq!((row.cleared, row.fee), (Amount(109_10), Amount(60 + 49)));
}

fn a_correction_of_all_voids_it(store: Store) {
    let (mut play, card) = spender(store);
    let id = play.authorize(card, 100_00, "Bistro");
    play.clear(id, 100_00, true);
    play.correct(id, 30_00);
    assert_eq!(stand(&play, id), (State::Settled, [0, 70_00, 0]));
    play.refund(id, 20_00);
    play.correct(id, 50_00);
    assert_eq!(stand(&play, id), (State::Refunded, [0, 20_00, 20_00]));
    play.take_refund_back(id, 20_00);
    assert_eq!(stand(&play, id), (State::Settled, [0, 20_00, 0]));
    play.correct(id, 20_00);
    assert_eq!(stand(&play, id), (State::Voided, [0, 0, 0]));
    let (row, steps) = find(&play, id);
    assert!(!row.is_counted, "it is no purchase any more");
    assert_eq!(steps.last().unwrap().kind, StepKind::Correction);
    play.clear(id, 10_00, true);
    assert!(find(&play, id).0.is_counted, "it is one after all");
}

fn an_open_purchase_stays_pending_whatever_is_corrected_or_refunded(store: Store) {
    let (mut play, card) = spender(store);
    let id = play.authorize(card, 100_00, "Bistro");
    play.clear(id, 40_00, false);
    play.refund(id, 10_00);
    play.take_refund_back(id, 10_00);
    play.correct(id, 40_00);
    assert_eq!(stand(&play, id), (State::Pending, [60_00, 0, 0]));
    play.reverse(id, 60_00);
    assert_eq!(stand(&play, id), (State::Voided, [0, 0, 0]));
    assert!(!find(&play, id).0.is_counted);
}

fn a_refund_that_was_taken_back_leaves_the_purchase_settled(store: Store) {
    let (mut play, card) = spender(store);
    let id = play.authorize(card, 100_00, "Bistro");
    play.clear(id, 100_00, true);
    play.refund(id, 30_00);
    play.take_refund_back(id, 10_00);
    assert_eq!(stand(&play, id), (State::Refunded, [0, 100_00, 20_00]));
    play.take_refund_back(id, 20_00);
    assert_eq!(stand(&play, id), (State::Settled, [0, 100_00, 0]));
}

fn an_unlinked_refund_waits_then_is_refunded_and_voided_when_nothing_is_left_of_it(store: Store) {
    let (mut play, card) = spender(store);
    let id = play.unlinked_refund(card, 30_00);
    assert_eq!(stand(&play, id), (State::Pending, [0, 0, 30_00]));
    play.take_refund_back(id, 10_00);
    assert_eq!(stand(&play, id), (State::Pending, [0, 0, 20_00]));
    play.act(Command::ReleaseRefund(ReleaseRefund { transaction: id }));
    assert_eq!(stand(&play, id), (State::Refunded, [0, 0, 20_00]));
    play.take_refund_back(id, 20_00);
    assert_eq!(stand(&play, id), (State::Voided, [0, 0, 0]));
    let (row, steps) = find(&play, id);
    assert_eq!(row.kind, Kind::UnlinkedRefund);
    let kinds: Vec<_> = steps.iter().map(|step| (step.kind, step.amount.0)).collect();
    assert_eq!(
        kinds,
        [
            (StepKind::UnlinkedRefund, 30_00),
            (StepKind::RefundReversal, 10_00),
            (StepKind::Release, 20_00),
            (StepKind::RefundReversal, 20_00),
        ]
    );

    let id = play.unlinked_refund(card, 30_00);
    play.take_refund_back(id, 30_00);
    assert_eq!(stand(&play, id), (State::Voided, [0, 0, 0]));
}

fn a_clearing_that_nobody_can_place_is_a_transaction_once_its_card_is_found(store: Store) {
    let (mut play, card) = spender(store);
    let id = play.presentment(55_00);
    assert_eq!(project(&play).1.transaction(id).unwrap().value, None);
    play.pass(1_000);
    play.act(Command::AssignPresentment(AssignPresentment { transaction: id, card }));
    assert_eq!(stand(&play, id), (State::Settled, [0, 55_00, 0]));
    let (row, steps) = find(&play, id);
    assert_eq!((row.kind, row.at, row.approved), (Kind::Presentment, play.now, Amount::ZERO));
    let kinds: Vec<_> = steps.iter().map(|step| step.kind).collect();
    assert_eq!(kinds, [StepKind::Presentment, StepKind::Assignment]);

    let lost = play.presentment(7_00);
    play.act(Command::WriteOffPresentment(WriteOffPresentment { transaction: lost }));
    let (home, transactions) = project(&play);
    assert_eq!(transactions.transaction(lost).unwrap().value, None);
    let mut kinds = Vec::new();
    crate::read(ReadModel::Transactions, home.place(), |snapshot| {
        snapshot.each(|step: Step| kinds.extend((step.transaction == lost).then_some(step.kind)))
    })
    .unwrap();
    assert_eq!(kinds, [StepKind::Presentment, StepKind::WriteOff]);
}
