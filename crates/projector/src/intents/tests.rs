use ledger::Command;
use ledger::authorizations::{Authorize, Mode};
use ledger::cards::{CardControls, CardKind};
use ledger::intents::{ApproveIntent, CancelIntent, DeclareIntent, RejectIntent};
use ledger::time::{DAY_MS, HOUR_MS};

use super::*;
use crate::testing::{Home, Play, Store, declaration, on_each_store, question};

on_each_store! {
    an_intent_is_pending_then_revealed_then_matched
    a_purchase_that_differs_is_a_mismatch_that_says_what
    a_purchase_that_was_not_made_gives_the_intent_back
    an_intent_without_a_purchase_expires_or_is_taken_back
    an_intent_waits_for_approval_where_the_card_says_so
    an_intent_says_what_it_reserves_enforces_and_when_it_lapses
    a_purchase_in_a_single_message_takes_its_intent
    an_intent_above_a_limit_is_warned_of
    the_intents_of_a_card_come_newest_first
    every_access_to_details_is_kept
}

fn project(play: &Play) -> (Home, Intents) {
    let home = play.home();
    play.project::<IntentsModel>(&home);
    let intents = Intents::open(home.place()).unwrap();
    (home, intents)
}

fn find(play: &Play, id: IntentId) -> Intent {
    let (_home, intents) = project(play);
    let At { position, value } = intents.intent(id).unwrap();
    assert_eq!(position, play.book().position());
    value.unwrap()
}

fn spender(store: Store) -> (Play, CardId) {
    let mut play = Play::new(store);
    let (_, _, card) = play.spender(500_00, CardKind::Multi);
    (play, card)
}

fn an_intent_is_pending_then_revealed_then_matched(store: Store) {
    let (mut play, card) = spender(store);
    let id = play.intent(card, 349_99, "Amazon");
    let declared = play.now;
    let row = find(&play, id);
    assert_eq!((row.status, row.expires_at), (IntentStatus::Pending, declared.plus_ms(HOUR_MS)));
    assert_eq!((row.amount, row.merchant.as_str()), (Amount(349_99), "Amazon"));

    play.pass(1_000);
    play.attest(card, 349_99, "Amazon");
    let row = find(&play, id);
    assert_eq!((row.status, row.expires_at), (IntentStatus::Revealed, play.now.plus_ms(DAY_MS)));
    let first = row.attestation;
    assert!(first.is_some());

    play.attest(card, 349_99, "Amazon");
    assert_eq!(find(&play, id).attestation, first, "the first access counts");

    let transaction = play.authorize(card, 340_00, "AMAZON.COM");
    let row = find(&play, id);
    assert_eq!((row.status, row.transaction), (IntentStatus::Matched, Some(transaction)));
    play.clear(transaction, 340_00, true);
    assert_eq!(find(&play, id), row);
}

fn a_purchase_that_differs_is_a_mismatch_that_says_what(store: Store) {
    let (mut play, card) = spender(store);
    let id = play.intent(card, 349_99, "Amazon");
    play.authorize(card, 100_00, "Amazon");
    let row = find(&play, id);
    assert_eq!(row.status, IntentStatus::Mismatched);
    let comparison = Comparison { amount: false, merchant: true, mcc: true };
    assert_eq!(row.comparison, Some(comparison));
}

fn a_purchase_that_was_not_made_gives_the_intent_back(store: Store) {
    let (mut play, card) = spender(store);
    let pending = play.intent(card, 100_00, "Bistro");
    let purchase = play.authorize(card, 100_00, "Bistro");
    play.reverse(purchase, 100_00);
    let row = find(&play, pending);
    assert_eq!(row.status, IntentStatus::Pending);
    assert_eq!((row.transaction, row.comparison), (None, None));

    play.attest(card, 100_00, "Bistro");
    let purchase = play.authorize(card, 100_00, "Bistro");
    play.reverse(purchase, 100_00);
    assert_eq!(find(&play, pending).status, IntentStatus::Revealed);
}

fn an_intent_without_a_purchase_expires_or_is_taken_back(store: Store) {
    let (mut play, card) = spender(store);
    let expires = play.intent(card, 100_00, "Bistro");
    let canceled = play.intent(card, 100_00, "Bistro");
    play.act(Command::CancelIntent(CancelIntent { intent: canceled }));
    play.pass(HOUR_MS);
    assert_eq!(find(&play, expires).status, IntentStatus::Expired);
    assert_eq!(find(&play, canceled).status, IntentStatus::Canceled);
}

fn an_intent_waits_for_approval_where_the_card_says_so(store: Store) {
    let mut play = Play::new(store);
    let (_, agent, _) = play.spender(500_00, CardKind::Multi);
    let controls = CardControls { approval_above: Some(Amount(50_00)), ..CardControls::default() };
    let card = play.controlled_card(agent, CardKind::Multi, controls);
    let [approved, rejected] = [(); 2].map(|()| play.intent(card, 50_01, "Bistro"));
    assert_eq!(find(&play, approved).status, IntentStatus::PendingApproval);
    play.act(Command::ApproveIntent(ApproveIntent { intent: approved }));
    play.act(Command::RejectIntent(RejectIntent { intent: rejected }));
    assert_eq!(find(&play, approved).status, IntentStatus::Pending);
    assert_eq!(find(&play, rejected).status, IntentStatus::Rejected);
    let small = play.intent(card, 50_00, "Bistro");
    assert_eq!(find(&play, small).status, IntentStatus::Pending);
}

fn an_intent_says_what_it_reserves_enforces_and_when_it_lapses(store: Store) {
    let (mut play, card) = spender(store);
    let plain = play.intent(card, 100_00, "Bistro");
    let row = find(&play, plain);
    assert_eq!((row.reserves, row.enforcement, row.expires_anyway), (false, None, false));

    let strict = play.declare(DeclareIntent {
        reserves: true,
        enforcement: Some(Enforcement::Decline),
        ttl_minutes: Some(30),
        ..declaration(card, 90_00, "Bistro")
    });
    let (row, ends) = (find(&play, strict), play.now.plus_ms(HOUR_MS / 2));
    assert_eq!((row.reserves, row.enforcement), (true, Some(Enforcement::Decline)));
    assert_eq!((row.expires_anyway, row.expires_at), (true, ends));
    play.attest(card, 90_00, "Bistro");
    let row = find(&play, strict);
    assert_eq!((row.status, row.expires_at), (IntentStatus::Revealed, ends));
}

fn a_purchase_in_a_single_message_takes_its_intent(store: Store) {
    let (mut play, card) = spender(store);
    let id = play.intent(card, 100_00, "Bistro");
    let question = Authorize { mode: Mode::Purchase, ..question(card, 100_00, "Bistro") };
    let transaction = play.ask(question);
    let row = find(&play, id);
    assert_eq!((row.status, row.transaction), (IntentStatus::Matched, Some(transaction)));
}

fn an_intent_above_a_limit_is_warned_of(store: Store) {
    let (mut play, card) = spender(store);
    let id = play.intent(card, 1_000_01, "Bistro");
    assert_eq!(find(&play, id).warnings, [Window::Authorization]);
}

fn the_intents_of_a_card_come_newest_first(store: Store) {
    let (mut play, card) = spender(store);
    let (_, _, other) = play.spender(500_00, CardKind::Multi);
    let mut ids: Vec<_> = (1..=5).map(|amount| play.intent(card, amount, "Bistro")).collect();
    play.intent(other, 1, "Bistro");
    ids.reverse();
    let (_home, intents) = project(&play);
    let page = |from| intents.of_card(card, Page { from, limit: 3 }).unwrap().value;
    let first = page(None);
    let second = page(first.next);
    let found: Vec<_> = first.rows.iter().chain(&second.rows).map(|intent| intent.id).collect();
    assert_eq!(found, ids);
    assert_eq!((first.rows.len(), second.next), (3, None));
}

fn every_access_to_details_is_kept(store: Store) {
    let (mut play, card) = spender(store);
    let id = play.intent(card, 100_00, "Bistro");
    play.attest(card, 100_00, "Bistro");
    play.attest(card, 99_00, "The Bistro");
    let (_home, intents) = project(&play);
    let accesses = intents.attestations(id).unwrap().value;
    let said: Vec<_> = accesses
        .iter()
        .map(|access| (access.card, access.amount.0, access.merchant.as_str()))
        .collect();
    assert_eq!(said, [(card, 100_00, "Bistro"), (card, 99_00, "The Bistro")]);
}
